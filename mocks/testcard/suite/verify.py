"""Judge a client: the named scenarios, drawn ones, both dialects and every reading its operations touch.

Deterministic unless a seed says otherwise: the same client gets the same verdict.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from testcard.contract import Reading, open_ledger
from testcard.suite.budget import BUDGETS, Budget, Progress
from testcard.suite.coverage import Coverage
from testcard.suite.drivers import Driver
from testcard.suite.rules import CHANNELS, Violation, judge
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play, Stage
from testcard.suite.subject import Subject
from testcard.suite.subjects import open_subject
from testcard.suite.verdict import Verdict

__all__ = ["verify"]


def verify(
    driver: Driver,
    api: str,
    budget: Budget = BUDGETS["default"],
    *,
    channels: Iterable[str] = CHANNELS,
    progress: Progress = lambda _phase, _done, _all: None,
) -> Verdict:
    """Return the verdict on a driver's client. Raises `DriverError` when the driver cannot be understood."""
    subject = open_subject(api)
    began = time.monotonic()
    with Stage(api) as stage, driver:
        verdict = Verdict(api, driver.client)
        run = _Run(stage, driver, subject, budget, tuple(channels), verdict, began, progress)
        run.everything()
    verdict.seconds = time.monotonic() - began
    return verdict


@dataclass
class _Run:
    """One client being judged."""

    stage: Stage
    driver: Driver
    subject: Subject
    budget: Budget
    channels: Sequence[str]
    verdict: Verdict
    began: float
    progress: Progress

    def everything(self) -> None:
        """Named scenarios under both dialects, drawn ones, then the readings one by one."""
        self._list_unchecked()
        scenarios = self._playable(self.subject.named())
        self.coverage = Coverage(self.stage.exchange, self.subject)
        found = list(self._judged("named scenarios", scenarios))
        self._keep(found)
        self._draw({violation.rule for violation in found})
        if self.budget.matrix:
            self._try_readings(scenarios)
        self.verdict.coverage = self.coverage.as_counts()

    def _list_unchecked(self) -> None:
        for name in self.subject.judged:
            if name not in self.driver.operations:
                self.verdict.not_checked[name] = "the client does not have it"
        for name in self.driver.operations - set(self.subject.judged):
            self.verdict.not_checked[name] = "the suite does not judge it"

    def _playable(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Those whose every step the client has."""
        return [each for each in scenarios if all(step.operation in self.driver.operations for step in each.steps)]

    def _judged(self, phase: str, scenarios: Sequence[Scenario]) -> Iterator[Violation]:
        for number, scenario in enumerate(scenarios):
            self.progress(phase, number, len(scenarios))
            if self._out_of_time():
                self.verdict.not_checked[phase] = f"{len(scenarios) - number} of {len(scenarios)}: out of time"
                return
            yield from self._violations(scenario)
        self.progress(phase, len(scenarios), len(scenarios))

    def _violations(self, scenario: Scenario) -> list[Violation]:
        play = self.stage.play(scenario, self.driver, timeout_s=self.budget.call_s)
        self._count(play)
        return list(judge(play, self.subject, self.stage.exchange, channels=self.channels, limit_s=self.budget.call_s))

    def _count(self, play: Play) -> None:
        for take in play.takes:
            if take.outcome.kind in ("skipped", "errored"):
                self.verdict.not_checked[take.step.operation] = take.outcome.message
            else:
                self.verdict.checked[take.step.operation] += 1
        self.coverage.add(play)

    def _keep(self, found: Iterable[Violation]) -> None:
        """Blame the client for what it breaks under both dialects; what only one shows is the document's doubt."""
        for violation in found:
            again = self._violations(replace(violation.scenario, dialect="observed"))
            if any(each.rule == violation.rule for each in again):
                self.verdict.violations.append(violation)
            else:
                self.verdict.matrix.setdefault("dialect=documented", violation.rule)

    def _draw(self, known: set[str]) -> None:
        """Look for further rules that break, and shrink what breaks them."""
        from testcard.suite.drawing import draw

        operations = self.driver.operations & set(self.subject.judged)
        if not operations or not self.budget.examples:
            return
        strategy = self.subject.scenarios(operations, self.coverage.page_size or 10)
        self._keep(draw(strategy, self._violations, known, self.budget, self._out_of_time, self.progress))
        if self._out_of_time():
            self.verdict.not_checked["drawn scenarios"] = "not all of them: out of time"

    def _try_readings(self, scenarios: Sequence[Scenario]) -> None:
        plain = [scenario for scenario in scenarios if not scenario.faults]
        broken = {(each.rule, each.operation) for each in self.verdict.violations}
        tries = [(entry, name) for entry in self._touched() for name in entry.readings if name != entry.documented]
        for number, (entry, name) in enumerate(tries):
            self.progress("readings", number, len(tries))
            if self._out_of_time():
                self.verdict.not_checked["readings"] = f"{len(tries) - number} of {len(tries)}: out of time"
                return
            self.verdict.matrix[f"{entry.id}={name}"] = self._under(plain, entry.id, name, broken)
        self.progress("readings", len(tries), len(tries))

    def _under(self, scenarios: Sequence[Scenario], entry: str, name: str, broken: set[tuple[str, str]]) -> str:
        for scenario in scenarios:
            for violation in self._violations(replace(scenario, readings={entry: name})):
                if violation.severity == "must" and (violation.rule, violation.operation) not in broken:
                    return violation.rule
        return "robust"

    def _touched(self) -> list[Reading]:
        """The switchable entries that name an operation which the client used, or name none."""
        used = self.coverage.used_operations
        named = set(self.stage.exchange.operations)
        return [
            entry
            for entry in open_ledger((self.subject.api,))
            if entry.switchable
            and (not (places := {place.partition(".")[0] for place in entry.where} & named) or places & used)
        ]

    def _out_of_time(self) -> bool:
        return time.monotonic() - self.began > self.budget.seconds
