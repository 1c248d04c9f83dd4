"""A stand-alone pytest file per violation: it plays the scenario again and shows what the client gets.

It needs testcard to serve the mocks, and nothing of the suite: the expectation is written out.
"""

from __future__ import annotations

import pprint
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testcard.suite.reports.evidence import redaction_of, sentence
from testcard.suite.rules import Violation
from testcard.suite.verdict import Verdict

__all__ = ["render_file", "write_files"]

_TEMPLATE = '''"""{rule}: {sentence}

{message}

Run `testcard serve`, then `pytest {name}`. The client stands where `client_under_test` is: fill it in.
"""

import json
import os
import urllib.request

import pytest

URL = os.environ.get("TESTCARD_URL", "http://127.0.0.1:8900")
SCENARIO = {scenario}


def control(method, path, body=None):
    request = urllib.request.Request(
        f"{{URL}}/_testcard{{path}}", method=method,
        data=None if body is None else json.dumps(body).encode(), headers={{"Content-Type": "application/json"}},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


@pytest.fixture
def world():
    recipe = {{name: SCENARIO[name] for name in ("seed", "profile", "now", "dialect", "readings")}}
    world = control("POST", "/worlds", recipe)
    for table, rows in SCENARIO["rows"].items():
        control("PUT", f"/worlds/{{world['id']}}/rows/{{SCENARIO['api']}}/{{table}}", {{"rows": rows}})
    for fault in SCENARIO["faults"]:
        control("POST", f"/worlds/{{world['id']}}/faults", fault)
    yield world
    control("DELETE", f"/worlds/{{world['id']}}")


def client_under_test(operation, arguments, env):
    """Carry out one operation with your client; `env` has its addresses and credentials."""
    pytest.skip("fill in your client")


def test_{slug}(world):
    steps = SCENARIO["steps"][: {steps}]
    for step in steps:
        if step["advance_s"]:
            control("POST", f"/worlds/{{world['id']}}/clock/advance", {{"seconds": step["advance_s"]}})
        result = client_under_test(step["operation"], step["arguments"], world["env"])
    {check}
'''


def write_files(verdicts: Sequence[Verdict], folder: Path | None) -> None:
    """Write a file for the first violation of each rule into *folder*."""
    target = folder or Path("testcard-violations")
    target.mkdir(parents=True, exist_ok=True)
    for verdict in verdicts:
        for violations in verdict.by_rule.values():
            name = f"test_{_slug(violations[0])}.py"
            (target / name).write_text(render_file(violations[0], name), encoding="utf-8")


def render_file(violation: Violation, name: str) -> str:
    """The file as text."""
    return _TEMPLATE.format(
        rule=violation.rule,
        sentence=sentence(violation),
        message=redaction_of(violation).text(violation.message).replace("\\", "\\\\").replace('"""', "'''"),
        name=name,
        scenario=pprint.pformat(violation.scenario.as_json(), width=110, sort_dicts=False),
        slug=_slug(violation),
        steps=violation.step + 1,
        check=_check(violation),
    )


def _slug(violation: Violation) -> str:
    return re.sub(r"\W+", "_", f"{violation.rule}_{violation.operation}".lower())


def _check(violation: Violation) -> str:
    outcome: Any = violation.take.outcome
    if outcome.kind == "ok" and violation.rule.startswith("OUT"):
        wrong = pprint.pformat(outcome.result, width=100, sort_dicts=False, compact=True)
        return f"assert result != {wrong}".replace("\n", "\n    ")
    journal = 'control("GET", f"/worlds/{world[\'id\']}/journal")'
    return f"print(json.dumps({journal}, indent=1), result)\n    # {violation.rule} looks at this traffic"
