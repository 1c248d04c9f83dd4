"""The verdicts as JSON, of the form ``contracts/schemas/verdict.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from testcard import __version__
from testcard.suite.reports.evidence import clause, evidence, redaction_of, sentence
from testcard.suite.verdict import Verdict

__all__ = ["content", "render"]


def content(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Everything that is known, redacted."""
    return {"testcard": __version__, "verdicts": [_verdict(verdict) for verdict in verdicts]}


def render(verdicts: Sequence[Verdict]) -> str:
    """The report as text."""
    return json.dumps(content(verdicts), indent=2, ensure_ascii=False) + "\n"


def _verdict(verdict: Verdict) -> dict[str, Any]:
    whole = verdict.as_json()
    whole["violations"] = [
        {
            **each.as_json(),
            "message": redaction_of(each).text(each.message),
            "sentence": sentence(each),
            "clause": clause(each),
            "evidence": evidence(each),
        }
        for each in verdict.violations
    ]
    return whole
