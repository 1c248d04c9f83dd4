"""A stand-alone pytest file per violation: it plays the scenario again, and fails while the client does as it did.

It needs testcard to serve the mocks, and nothing of the suite: the expectation is written out.
"""

from __future__ import annotations

import pprint
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from testcard.suite.reports.evidence import redaction_of, sentence, truths
from testcard.suite.rules import Violation
from testcard.suite.rules.evidence import asked_to_wait, credentials_of
from testcard.suite.subject import ANY
from testcard.suite.verdict import Verdict

__all__ = ["render_file", "write_files"]

_TEMPLATE = (Path(__file__).parent / "pytest_file.txt").read_text(encoding="utf-8")


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
    parts = {
        "RULE": violation.rule,
        "SENTENCE": sentence(violation),
        "MESSAGE": redaction_of(violation).text(violation.message).replace("\\", "\\\\").replace('"""', "'''"),
        "NAME": name,
        "SCENARIO": _written(violation.scenario.as_json()),
        "SLUG": _slug(violation),
        "STEPS": str(violation.step + 1),
        "RETURNS": "the totals" if violation.rule == "OUT-05" else "what it returns",
        "CHECK": _check(violation).replace("\n", "\n    "),
    }
    return re.sub(r"<([A-Z]+)>", lambda found: parts[found[1]], _TEMPLATE)


def _slug(violation: Violation) -> str:
    return re.sub(r"\W+", "_", f"{violation.rule}_{violation.operation}".lower())


def _check(violation: Violation) -> str:
    """The end of the test: what a right client passes, and one that does as this one did does not."""
    match violation.rule:
        case "SEC-01":
            return "play(world)\nsaid = capfd.readouterr()\nassert [s for s in secrets(world) if s in str(said)] == []"
        case "TRA-07":
            wait = max(filter(None, map(asked_to_wait, violation.take.traffic)), default=0)
            return f"began = time.monotonic()\ntried(world)\nassert time.monotonic() - began >= {wait:g}"
        case "RES-01" | "RES-02":
            return f"play(world)  # {sentence(violation)}"
    if violation.channel == "outcome" and violation.rule != "OUT-08":
        return _outcome_check(violation)
    return f"tried(world)\nassert sent(world) != {_written(_sent(violation))}"


def _outcome_check(violation: Violation) -> str:
    results = [truth for truth in truths(violation) if not truth.fails]
    if not results or violation.rule == "OUT-04":
        return "with pytest.raises(Exception) as failure:\n    play(world)\nprint(failure.value)  # does it say so?"
    if violation.rule == "OUT-05":
        return f"assert play(world) in {_written([dict(truth.totals) for truth in results])}"
    helper = "play(world)" if all(truth.ordered for truth in results) else "ordered(play(world))"
    wanted = [truth.result if truth.ordered else sorted(truth.result, key=repr) for truth in results]
    return f"assert {helper} in {_written(wanted)}"


def _sent(violation: Violation) -> list[list[str]]:
    """The requests as the file's own ``sent`` tells them."""
    told = []
    for entry in violation.take.traffic:
        parts = urlsplit(_plain(violation, entry.url))
        path = re.sub(r"^/~[^/]+", "", parts.path) if entry.api == violation.scenario.api else entry.api
        query = parts.query if entry.api == violation.scenario.api else ""
        told.append([entry.method, path, query, *sorted(credentials_of(entry))])
    return told


def _plain(violation: Violation, url: str) -> str:
    """A URL without what is another in each world."""
    for name, text in violation.take.asked.env.items():
        if not name.endswith("URL"):
            url = url.replace(text, "…")
    return redaction_of(violation).text(url).replace("[redacted]", "…")


def _written(value: Any) -> str:
    """Data as Python writes it; what the server makes up equals everything."""
    # A row stays in its line: what differs between rows is then seen at a glance.
    text = pprint.pformat(value, width=1000, sort_dicts=False)
    return re.sub(rf"\b{ANY!r}\b", "ANY", text)
