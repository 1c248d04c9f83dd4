"""One self-contained HTML page: the summary, then each violation with traffic, intent and outcome side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from testcard import __version__
from testcard.suite.reports.evidence import clause, evidence, redaction_of, sentence
from testcard.suite.rules import Violation
from testcard.suite.verdict import Verdict

__all__ = ["render"]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --warn: #b26a00; --good: #2e7d32; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 2rem 1rem; }
h1 { margin-bottom: 0 } h1 small { font-weight: 400; opacity: .7; font-size: 1rem }
.bars { display: flex; height: 1.2rem; margin: 1rem 0 2rem }
.bars i { flex: 1 } .bars i:nth-child(1){background:#ddd} .bars i:nth-child(2){background:#dd0}
.bars i:nth-child(3){background:#0dd} .bars i:nth-child(4){background:#0d0} .bars i:nth-child(5){background:#d0d}
.bars i:nth-child(6){background:#d00} .bars i:nth-child(7){background:#00d}
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1rem }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
.tile b { font-size: 1.6rem; display: block }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0; padding: .5rem 1rem }
summary { cursor: pointer } .must { color: var(--bad) } .should { color: var(--warn) } .good { color: var(--good) }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem }
pre { background: #8881; border-radius: .4rem; font-size: .8rem; max-height: 24rem; overflow: auto; padding: .75rem }
pre { white-space: pre-wrap; word-break: break-word }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left }
"""


def render(verdicts: Sequence[Verdict]) -> str:
    """The page."""
    body = "".join(_section(verdict) for verdict in verdicts)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>testcard verdict</title><style>{_STYLE}</style>'
        f'<meta name="viewport" content="width=device-width"><body><h1>testcard <small>{__version__}</small></h1>'
        f'<div class="bars">{"<i></i>" * 7}</div>{body}</body></html>\n'
    )


def _section(verdict: Verdict) -> str:
    verdict_word = {0: "good", 4: "nothing checked"}.get(verdict.exit_code, f"{len(verdict.by_rule)} rules broken")
    tiles = {
        "verdict": verdict_word,
        "calls": str(sum(verdict.checked.values())),
        "operations checked": str(len(verdict.checked)),
        "not checked": str(len(verdict.not_checked)),
        "readings": f"{len(verdict.matrix) - len(verdict.only_under())} of {len(verdict.matrix)} robust",
        "seconds": f"{verdict.seconds:.1f}",
    }
    shown = "".join(f'<div class="tile"><b>{escape(value)}</b>{escape(name)}</div>' for name, value in tiles.items())
    violations = "".join(_violation(each) for group in verdict.by_rule.values() for each in group[:3])
    return (
        f"<h2>{escape(verdict.client)} against {escape(verdict.api)}</h2><div class='tiles'>{shown}</div>"
        f"<h3>Violations</h3>{violations or '<p class=good>None.</p>'}"
        f"<h3>Readings</h3>{_table(('reading', 'result'), verdict.matrix.items())}"
        f"<h3>Not checked</h3>{_table(('what', 'why'), verdict.not_checked.items())}"
        f"<h3>Coverage</h3>{_coverage(verdict)}"
    )


def _violation(violation: Violation) -> str:
    facts = evidence(violation)
    message = redaction_of(violation).text(violation.message)
    traffic = "\n\n".join(_exchange(each) for each in facts["traffic"])
    sides = {
        "What was asked": json.dumps(facts["asked"], indent=1, ensure_ascii=False),
        "What was sent": traffic or "nothing",
        "What came out": json.dumps(facts["outcome"], indent=1, ensure_ascii=False),
    }
    columns = "".join(f"<div><h4>{name}</h4><pre>{escape(text)}</pre></div>" for name, text in sides.items())
    scenario = json.dumps(violation.scenario.as_json(), ensure_ascii=False, indent=1)
    return (
        f"<details><summary><b class={violation.severity}>{violation.rule}</b> {escape(violation.operation)}: "
        f"{escape(message)}</summary><p>{escape(sentence(violation))} <i>{escape(clause(violation))}</i></p>"
        f"<p>Scenario: {escape(violation.scenario.name)}</p><div class='sides'>{columns}</div>"
        f"<h4>Again, with curl</h4><pre>{escape(chr(10).join(facts['curl']))}</pre>"
        f"<details><summary>The scenario</summary><pre>{escape(scenario)}</pre></details></details>"
    )


def _exchange(entry: dict[str, Any]) -> str:
    faults = f"  (fault {', '.join(entry['faults'])})" if entry["faults"] else ""
    return f"{entry['id']}. {entry['method']} {entry['url']}\n   {entry['status']} {entry['verdict']}{faults}"


def _coverage(verdict: Verdict) -> str:
    rows = []
    for kind, counts in verdict.coverage.items():
        never = [name for name, count in counts.items() if not count]
        rows.append((kind, f"{len(counts) - len(never)} of {len(counts)}", ", ".join(never)))
    return _table(("kind", "exercised", "never"), rows)


def _table(header: Sequence[str], rows: Any) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    return f"<table><tr>{head}</tr>{lines}</table>" if lines else "<p>None.</p>"
