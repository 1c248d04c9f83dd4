"""The list of all rules, and how a take is held against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play, Take
from testcard.suite.subject import Subject, Truth

if TYPE_CHECKING:
    from testcard.exchange import Exchange

__all__ = ["CHANNELS", "RULES", "Case", "Rule", "Violation", "judge", "rule"]

CHANNELS = ("traffic", "intent", "outcome", "resources")


@dataclass(frozen=True)
class Case:
    """A take with all that a rule may look at."""

    take: Take
    scenario: Scenario
    subject: Subject
    exchange: Exchange
    limit_s: float

    @cached_property
    def truths(self) -> Sequence[Truth]:
        """What may come out; where rows changed under way, by their set at the start and by their set at the end."""
        truths: list[Truth] = []
        for take in self.take.moments:
            found = self.subject.truth(take)
            truths += [found] if isinstance(found, Truth) else found
        return truths


Check = Callable[[Case], Iterable[str]]


@dataclass(frozen=True)
class Rule:
    """One thing that a client must (or should) do. *clause* is what it rests on."""

    id: str
    sentence: str
    clause: str
    severity: str
    channel: str
    check: Check


@dataclass(frozen=True)
class Violation:
    """A rule that a client broke, where, and how it showed."""

    rule: str
    severity: str
    channel: str
    message: str
    scenario: Scenario
    step: int
    take: Take

    @property
    def operation(self) -> str:
        """What the client was asked to do."""
        return self.take.step.operation

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "channel": self.channel,
            "operation": self.operation,
            "message": self.message,
            "scenario": self.scenario.as_json(),
            "step": self.step,
        }


RULES: dict[str, Rule] = {}


def rule(identity: str, sentence: str, *, clause: str, severity: str, channel: str) -> Callable[[Check], Check]:
    """Register a check: it yields a message for each way in which a case breaks the rule."""

    def register(check: Check) -> Check:
        if identity in RULES:
            raise ValueError(f"two rules are called {identity}")
        RULES[identity] = Rule(identity, sentence, clause, severity, channel, check)
        return check

    return register


def judge(
    play: Play, subject: Subject, exchange: Exchange, *, channels: Iterable[str] = CHANNELS, limit_s: float = 20
) -> Iterator[Violation]:
    """Hold every take of a play against the rules of the channels."""
    wanted = set(channels)
    for number, take in enumerate(play.takes):
        if take.outcome.kind in ("skipped", "errored"):
            continue
        case = Case(take, play.scenario, subject, exchange, limit_s)
        for each in _rules(wanted):
            for message in each.check(case):
                yield Violation(each.id, each.severity, each.channel, message, play.scenario, number, take)


def _rules(channels: set[str]) -> list[Rule]:
    return [each for each in RULES.values() if each.channel in channels]
