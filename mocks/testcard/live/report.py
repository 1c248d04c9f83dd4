"""What a walk, a recording or the proxy found, for people and for programs (``contracts/schemas/live.json``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from testcard.contract import open_ledger
from testcard.live.judging import Finding
from testcard.live.seen import Seen
from testcard.live.subject import Subject

__all__ = ["Report", "judge_together", "judge_walk"]


@dataclass
class Report:
    """*answers* are those of the API itself; a token alone says nothing of it. *relations* maps each to whether it held
    (None: could not be told); *first_seen* dates drift by its text."""

    api: str
    source: str
    requests: int = 0
    answers: int = 0
    findings: list[Finding] = field(default_factory=list)
    relations: dict[str, bool | None] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)
    first_seen: dict[str, str] = field(default_factory=dict)
    ended_early: str = ""
    not_checked: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()

    @property
    def violations(self) -> list[Finding]:
        """What breaks the contract, each once."""
        return sorted({each for each in self.findings if not each.is_drift})

    @property
    def drift(self) -> list[Finding]:
        """What has moved on, each once."""
        return sorted({each for each in self.findings if each.is_drift})

    def exit_code(self, *, fail_on_drift: bool = False) -> int:
        """0 good, 1 violations (or drift, if asked, or something left behind), 4 nothing was checked."""
        if self.violations or self.left_behind or (fail_on_drift and self.drift):
            return 1
        return 0 if self.answers else 4

    def as_json(self) -> dict[str, Any]:
        """The report for another program."""
        return {
            "api": self.api,
            "source": self.source,
            "requests": self.requests,
            "answers": self.answers,
            "violations": [_finding(each) for each in self.violations],
            "drift": [
                {
                    **_finding(each),
                    **({"firstSeen": self.first_seen[str(each)]} if str(each) in self.first_seen else {}),
                }
                for each in self.drift
            ],
            "relations": self.relations,
            "readings": self.readings,
            "endedEarly": self.ended_early,
            "notChecked": list(self.not_checked),
            "leftBehind": list(self.left_behind),
        }

    def lines(self) -> Iterable[str]:
        """The report for people."""
        told = [held for held in self.relations.values() if held is not None]
        yield f"{self.api}: {self.answers} answers judged, {len(told)} of {len(self.relations)} relations told"
        for each in self.violations:
            yield f"  violation  {each.rule}  {each}"
        for each in self.drift:
            since = self.first_seen.get(str(each), "")
            yield f"  drift  {each.rule}  {each}{since and f'  (first seen {since})'}"
        ledger = open_ledger((self.api,)).entries
        for identity, name in sorted(self.readings.items()):
            entry = ledger[identity]
            usual = "" if name == entry.documented else f"  (documented: {entry.documented})"
            yield f"  this service answers {identity}={name}{usual}"
        if self.ended_early:
            yield f"  ended early: {self.ended_early}"
        for text in self.not_checked:
            yield f"  not checked: {text}"
        for text in self.left_behind:
            yield f"  LEFT BEHIND: {text}"


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "operation": finding.operation,
        "place": finding.place,
        "message": finding.message,
    }


def judge_walk(subject: Subject, seen: Seen, report: Report) -> None:
    """Add to *report* what the answers say together: relations that need no truth, and readings."""
    report.answers = sum(answer.operation != subject.token_operation for answer in seen.answers)
    report.not_checked = subject.not_checked
    judge_together(subject, seen, report)


def judge_together(subject: Subject, seen: Seen, report: Report) -> None:
    """The same for any answers; a relation holds where it held in every sitting that told."""
    sittings = list(seen.sittings(subject.writes))
    entries = open_ledger((subject.api,)).entries
    for relation in subject.relations:
        told = [complaints for each in sittings if (complaints := _tried(relation.holds, each)) is not None]
        found = [complaint for complaints in told for complaint in complaints]
        report.relations[relation.name] = not found if told else None
        report.findings += [Finding(relation.name, subject.api, "", each) for each in found[:5]]
    for detector in subject.detectors:
        names = {name for each in sittings if (name := _tried(detector.tells, each)) is not None}
        if len(names) == 1 and names <= set(entries[detector.id].readings):
            report.readings[detector.id] = names.pop()


def _tried(function: Any, seen: Seen) -> Any:
    """Answers that broke their schema may lack anything: what cannot be read cannot be told."""
    try:
        return function(seen)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError, StopIteration):
        return None
