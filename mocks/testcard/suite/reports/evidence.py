"""The evidence for a violation, redacted: what was asked, what came back, what was sent, and how to see it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testcard.control.journal_views import as_curl, as_json
from testcard.control.redaction import Redaction
from testcard.suite.rules import RULES, Violation
from testcard.suite.subject import Truth
from testcard.suite.subjects import open_subject

__all__ = ["clause", "evidence", "redaction_of", "sentence", "truths"]

_SECRETS = ("TOKEN", "SECRET", "KEY")
_BODY = 2000  # characters


def redaction_of(violation: Violation) -> Redaction:
    """What must not be shown of the client's environment."""
    env = violation.take.asked.env
    return Redaction(value for name, value in env.items() if name.endswith(_SECRETS))


def evidence(violation: Violation) -> dict[str, Any]:
    """Traffic, intent and outcome side by side."""
    redaction = redaction_of(violation)
    outcome = violation.take.outcome
    return {
        "asked": {"operation": violation.operation, "arguments": dict(violation.take.step.arguments)},
        "outcome": {
            "kind": outcome.kind,
            "class": outcome.failure,
            "status": outcome.status,
            "message": redaction.text(outcome.message),
            "result": _shortened(outcome.result),
        },
        "traffic": [_brief(as_json(entry, redaction)) for entry in violation.take.traffic],
        "curl": [as_curl(entry, redaction) for entry in violation.take.traffic],
    }


def sentence(violation: Violation) -> str:
    """The rule, as a sentence."""
    return RULES[violation.rule].sentence


def clause(violation: Violation) -> str:
    """What the rule rests on."""
    return RULES[violation.rule].clause


def truths(violation: Violation) -> list[Truth]:
    """What the step should have come to; nothing where nobody knows, as of a command that was watched."""
    if violation.take.outcome.kind == "watched":
        return []
    subject = open_subject(violation.scenario.api)
    found = [subject.truth(take) for take in violation.take.moments]
    return [truth for each in found for truth in ([each] if isinstance(each, Truth) else each)]


def _brief(entry: dict[str, Any]) -> dict[str, Any]:
    """An exchange with as much of its bodies as a reader wants to see."""
    for side in ("request", "response"):
        text = entry[side]["body"]
        if len(text) > _BODY:
            entry[side] = {**entry[side], "body": f"{text[:_BODY]}… {len(text) - _BODY} more characters"}
    return entry


def _shortened(result: Any) -> Any:
    if isinstance(result, list) and len(result) > 5:
        return [*result[:5], f"… {len(result) - 5} more"]
    if isinstance(result, Mapping):
        return {name: _shortened(value) for name, value in result.items()}
    return result
