"""GitHub workflow commands: an annotation per rule that was broken."""

from __future__ import annotations

from collections.abc import Sequence

from testcard.suite.reports.evidence import redaction_of, sentence
from testcard.suite.verdict import Verdict

__all__ = ["render"]

_COMMANDS = {"must": "error", "should": "warning", "note": "notice"}


def render(verdicts: Sequence[Verdict]) -> str:
    """The annotations, a line each."""
    lines = []
    for verdict in verdicts:
        for rule, violations in verdict.by_rule.items():
            first = violations[0]
            title = _property(f"{rule} {verdict.api} {first.operation}")
            text = f"{sentence(first)}\n{redaction_of(first).text(first.message)}\nscenario: {first.scenario.name}"
            lines.append(f"::{_COMMANDS[first.severity]} title={title}::{_data(text)}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
