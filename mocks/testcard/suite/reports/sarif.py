"""SARIF 2.1.0, for code scanning: a rule per rule, a result per violation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from testcard import __version__
from testcard.suite.reports.evidence import redaction_of
from testcard.suite.rules import RULES, Rule, Violation
from testcard.suite.verdict import Verdict

__all__ = ["content", "render"]

_LEVELS = {"must": "error", "should": "warning", "note": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def content(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """One run per API."""
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(verdict) for verdict in verdicts]}


def render(verdicts: Sequence[Verdict]) -> str:
    """The report as text."""
    return json.dumps(content(verdicts), indent=2, ensure_ascii=False) + "\n"


def _run(verdict: Verdict) -> dict[str, Any]:
    driver = {"name": "testcard", "version": __version__, "rules": [_rule(rule) for rule in RULES.values()]}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"testcard/{verdict.api}/"},
        "results": [_result(verdict.api, violation) for violation in verdict.violations],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.sentence},
        "fullDescription": {"text": f"{rule.sentence} Rests on: {rule.clause}."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"channel": rule.channel},
    }


def _result(api: str, violation: Violation) -> dict[str, Any]:
    place = f"{api}/{violation.operation}"
    fingerprint = hashlib.sha256(f"{place} {violation.rule}".encode()).hexdigest()
    return {
        "ruleId": violation.rule,
        "level": _LEVELS[violation.severity],
        "message": {"text": f"{redaction_of(violation).text(violation.message)} (scenario: {violation.scenario.name})"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}},
                "logicalLocations": [{"name": violation.operation, "fullyQualifiedName": place, "kind": "function"}],
            }
        ],
        "partialFingerprints": {"testcard/v1": fingerprint},
    }
