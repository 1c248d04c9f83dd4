"""One self-contained HTML page: the summary, then each broken rule with intent, traffic and outcome side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from testcard import __version__
from testcard.suite.reports.evidence import clause, evidence, redaction_of, sentence
from testcard.suite.rules import Violation
from testcard.suite.verdict import Verdict

__all__ = ["render"]

_SEVERITIES = ("must", "should", "note")
_SHOWN = 40  # requests of one call


def render(verdicts: Sequence[Verdict]) -> str:
    """The page."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    body = "".join(_section(verdict) for verdict in verdicts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>testcard verdict</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f'<body><div class="bars">{"<i></i>" * 7}</div><main>{body}'
        f"<p><small>testcard {escape(__version__)}</small></p></main></body></html>\n"
    )


def _section(verdict: Verdict) -> str:
    rules = [_rule(verdict.api, violations) for violations in _gravest_first(verdict)]
    return (
        f"<h1>{escape(verdict.client)} <small>against {escape(verdict.api)}</small></h1>{_headline(verdict)}"
        f"{_tiles(verdict)}"
        f"<h2>Broken rules</h2>{_overview(verdict) + ''.join(rules) if rules else '<p class=good>None.</p>'}"
        f"<h2>Readings</h2>{_readings(verdict)}"
        f"<h2>Not checked</h2>{_table(('what', 'why'), verdict.not_checked.items())}"
        f"<h2>Coverage</h2>{_coverage(verdict)}"
    )


def _headline(verdict: Verdict) -> str:
    match verdict.exit_code:
        case 0:
            return "<p class='headline good'>Good: nothing that a client must do was left undone.</p>"
        case 4:
            return "<p class='headline should'>Nothing was checked.</p>"
    musts = sum(violations[0].severity == "must" for violations in verdict.by_rule.values())
    return f"<p class='headline bad'>{musts} rules broken that a client must keep.</p>"


def _tiles(verdict: Verdict) -> str:
    tiles = {
        "rules broken": str(len(verdict.by_rule)),
        "calls judged": str(sum(verdict.checked.values())),
        "operations judged": str(len(verdict.checked)),
        "left unchecked": str(len(verdict.not_checked)),
        "readings robust": f"{len(verdict.matrix) - len(verdict.only_under())} of {len(verdict.matrix)}",
        "seconds": f"{verdict.seconds:.1f}",
    }
    shown = "".join(f"<div class='tile'><b>{escape(value)}</b>{escape(name)}</div>" for name, value in tiles.items())
    return f"<div class='tiles'>{shown}</div>"


def _gravest_first(verdict: Verdict) -> list[list[Violation]]:
    return sorted(verdict.by_rule.values(), key=lambda each: _SEVERITIES.index(each[0].severity))


def _overview(verdict: Verdict) -> str:
    lines = "".join(_line(verdict.api, violations) for violations in _gravest_first(verdict))
    head = "".join(f"<th>{name}</th>" for name in ("rule", "severity", "shown by", "what a client owes", "times"))
    return f"<table><tr>{head}</tr>{lines}</table>"


def _line(api: str, violations: Sequence[Violation]) -> str:
    first = violations[0]
    cells = (
        f"<a href='#{_anchor(api, first)}'>{first.rule}</a>",
        f"<span class={first.severity}>{first.severity}</span>",
        first.channel,
        escape(sentence(first)),
        str(len(violations)),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _rule(api: str, violations: Sequence[Violation]) -> str:
    first, *others = violations
    named = [f"{escape(each.operation)}, {escape(each.scenario.name)}: {_message(each)}" for each in others]
    more = "".join(f"<li>{each}</li>" for each in named)
    also = f"<details><summary>{len(others)} more</summary><ul>{more}</ul></details>" if others else ""
    return (
        f"<article class={first.severity} id='{_anchor(api, first)}'><header><h3>{first.rule}</h3>"
        f"<span class='badge {first.severity}'>{first.severity}</span><span>{escape(sentence(first))}</span></header>"
        f"<p><small>Rests on: {escape(clause(first))}. Shown by the {first.channel}.</small></p>"
        f"<div class='finding'><b>{escape(first.operation)}</b>: {_message(first)}</div>"
        f"<p>Scenario: {escape(first.scenario.name)}</p>{_sides(first)}{_again(first)}{also}</article>"
    )


def _sides(violation: Violation) -> str:
    facts = evidence(violation)
    sides = {
        "What was asked": _pairs({"operation": facts["asked"]["operation"], **facts["asked"]["arguments"]}),
        "What was sent": _traffic(facts["traffic"], violation.message),
        "What came out": _outcome(facts["outcome"]),
    }
    return (
        "<div class='sides'>" + "".join(f"<div><h4>{name}</h4>{text}</div>" for name, text in sides.items()) + "</div>"
    )


def _again(violation: Violation) -> str:
    curls = "\n".join(evidence(violation)["curl"])
    scenario = json.dumps(violation.scenario.as_json(), ensure_ascii=False, indent=1)
    return (
        f"<details><summary>Again, with curl</summary><pre>{escape(curls)}</pre></details>"
        f"<details><summary>The scenario, to play it again</summary><pre>{escape(scenario)}</pre></details>"
    )


def _traffic(entries: Sequence[Mapping[str, Any]], message: str) -> str:
    """The requests; those that the message speaks of stand out."""
    meant = {int(each) for each in re.findall(r"request (\d+)", message)}
    lines = "".join(_request(entry, hit=entry["id"] in meant) for entry in entries[:_SHOWN])
    more = f"<li><span></span>… {len(entries) - _SHOWN} more</li>" if len(entries) > _SHOWN else ""
    return f"<ol class='traffic'>{lines}{more}</ol>" if entries else "<p class='soft'>Nothing.</p>"


def _request(entry: Mapping[str, Any], *, hit: bool) -> str:
    path, _, query = re.sub(r"^\w+://[^/]*(/~[^/]+)?", "", entry["url"]).partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    shown = " ".join(f"<b>{escape(name)}</b>{equals}{escape(value)}" for name, equals, value in pairs)
    beside = [entry["verdict"], *entry["notes"], *([entry["explanation"]] if entry["explanation"] else [])]
    grade = "good" if (entry["status"] or 500) < 400 else "bad"
    return (
        f"<li class='{'hit' if hit else ''}'><small>{entry['id']}</small><code>{entry['method']} {escape(path)}</code>"
        f"<b class={grade}>{entry['status']}</b>"
        + (f"<code class='more query'>{shown}</code>" if shown else "")
        + f"<small class='more'>{escape('; '.join(beside))}</small></li>"
    )


def _outcome(outcome: Mapping[str, Any]) -> str:
    facts = {name: outcome[name] for name in ("kind", "class", "status", "message") if outcome[name]}
    result = outcome["result"]
    shown = f"<pre>{escape(json.dumps(result, indent=1, ensure_ascii=False))}</pre>" if result is not None else ""
    return _pairs(facts) + shown


def _pairs(pairs: Mapping[str, Any]) -> str:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in pairs.items()}
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in texts.items()) + "</dl>"


def _readings(verdict: Verdict) -> str:
    """Those that break the client first."""
    lines = sorted(verdict.matrix.items(), key=lambda each: each[1] == "robust")
    chips = "".join(
        f"<span class={'good' if result == 'robust' else 'bad'}>{escape(name)}"
        + ("" if result == "robust" else f" breaks it: {escape(result)}")
        + "</span>"
        for name, result in lines
    )
    return f"<div class='chips'>{chips}</div>" if chips else "<p class='soft'>None was tried.</p>"


def _coverage(verdict: Verdict) -> str:
    lines = ""
    for kind, counts in verdict.coverage.items():
        never = [name for name, count in counts.items() if not count]
        done = len(counts) - len(never)
        listed = f"<details><summary>{len(never)} never</summary>{escape(', '.join(never))}</details>" if never else ""
        meter = f"<meter max={len(counts) or 1} value={done}></meter> {done} of {len(counts)}"
        lines += f"<tr><td>{escape(kind)}</td><td>{meter}</td><td>{listed}</td></tr>"
    return f"<table>{lines}</table>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in header)
    return f"<table><tr>{head}</tr>{lines}</table>" if lines else "<p class='soft'>Nothing.</p>"


def _message(violation: Violation) -> str:
    return escape(redaction_of(violation).text(violation.message))


def _anchor(api: str, violation: Violation) -> str:
    return f"{api}-{violation.rule}"
