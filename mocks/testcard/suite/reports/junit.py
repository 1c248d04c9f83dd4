"""JUnit XML: a suite per API, a case per operation and rule, failures where a must is broken."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from testcard.suite.reports.evidence import evidence, redaction_of, sentence
from testcard.suite.rules import RULES, Violation
from testcard.suite.verdict import Verdict

__all__ = ["render"]

_NOT_XML = "\ufffe\uffff"


def render(verdicts: Sequence[Verdict]) -> str:
    """The report as text."""
    root = ET.Element("testsuites", name="testcard verify")
    for verdict in verdicts:
        root.append(_suite(verdict))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(verdict: Verdict) -> ET.Element:
    broken: dict[tuple[str, str], list[Violation]] = {}
    for violation in verdict.violations:
        broken.setdefault((violation.operation, violation.rule), []).append(violation)
    cases = [_case(verdict.api, name, rule, broken.get((name, rule), [])) for name in verdict.checked for rule in RULES]
    cases += [_skipped(verdict.api, name, reason) for name, reason in verdict.not_checked.items()]
    failures = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    suite = ET.Element(
        "testsuite",
        name=f"{verdict.api}: {verdict.client}",
        tests=str(len(cases)),
        failures=str(failures),
        errors="0",
        skipped=str(skipped),
        time=f"{verdict.seconds:.3f}",
    )
    suite.extend(cases)
    return suite


def _case(api: str, operation: str, rule: str, violations: Sequence[Violation]) -> ET.Element:
    case = ET.Element("testcase", classname=f"{api}.{operation}", name=f"{rule} {RULES[rule].sentence}", time="0")
    musts = [violation for violation in violations if violation.severity == "must"]
    if musts:
        failure = ET.SubElement(
            case, "failure", message=_clean(redaction_of(musts[0]).text(musts[0].message)), type=rule
        )
        failure.text = "\n\n".join(_clean(_details(violation)) for violation in musts)
    elif violations:
        ET.SubElement(case, "system-out").text = "\n\n".join(_clean(_details(violation)) for violation in violations)
    return case


def _skipped(api: str, operation: str, reason: str) -> ET.Element:
    case = ET.Element("testcase", classname=f"{api}.{operation}", name="not checked", time="0")
    ET.SubElement(case, "skipped", message=reason)
    return case


def _details(violation: Violation) -> str:
    lines = [
        sentence(violation),
        redaction_of(violation).text(violation.message),
        f"scenario: {violation.scenario.name}",
    ]
    return "\n".join([*lines, *evidence(violation)["curl"]])


def _clean(text: str) -> str:
    """XML has no control characters."""
    return "".join(
        char if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff") else "\ufffd" for char in text
    )
