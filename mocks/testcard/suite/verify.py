"""Judge a client: the named scenarios, drawn ones, both dialects and every reading its operations touch.

Deterministic unless a seed says otherwise: the same client gets the same verdict.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from testcard.suite.budget import BUDGETS, Budget, Progress
from testcard.suite.coverage import Coverage
from testcard.suite.doubts import Choices, choices
from testcard.suite.drivers import Driver
from testcard.suite.matrix import Matrix
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
        self.coverage = Coverage(self.stage.exchange, self.subject)
        self.matrix = Matrix(choices(self.subject.api) if self.budget.matrix else {}, self.budget.telling)
        found = list(self._named(self._playable(self.subject.named())))
        self._keep(found)
        self._draw({violation.rule for violation in found})
        self._try_readings()
        self.coverage.add_readings(self.matrix.touched)
        self.verdict.coverage = self.coverage.as_counts()

    def _list_unchecked(self) -> None:
        for name in self.subject.judged:
            if name not in self.driver.operations:
                self.verdict.not_checked[name] = "the client does not have it"
        for name in self.driver.operations - set(self.subject.judged):
            self.verdict.not_checked[name] = self.subject.unjudged.get(name, "the suite does not judge it")

    def _playable(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Those whose every step the client has."""
        return [each for each in scenarios if all(step.operation in self.driver.operations for step in each.steps)]

    def _named(self, scenarios: Sequence[Scenario]) -> Iterator[Violation]:
        phase = "named scenarios"
        for number, scenario in enumerate(scenarios):
            self.progress(phase, number, len(scenarios))
            if self._out_of_time(phase):
                self.verdict.not_checked[phase] = f"{len(scenarios) - number} of {len(scenarios)}: out of time"
                return
            play = self._play(scenario, {} if scenario.faults else self.matrix.open_to(scenario))
            self.matrix.add(play)
            yield from self._judged(play)
        self.progress(phase, len(scenarios), len(scenarios))

    def _violations(self, scenario: Scenario) -> list[Violation]:
        return self._judged(self._play(scenario))

    def _play(self, scenario: Scenario, others: Choices = MappingProxyType({})) -> Play:
        play = self.stage.play(scenario, self.driver, timeout_s=self.budget.call_s, choices=others)
        for take in play.takes:
            if take.outcome.kind in ("skipped", "errored"):
                self.verdict.not_checked[take.step.operation] = take.outcome.message
            else:
                self.verdict.checked[take.step.operation] += 1
        self.coverage.add(play)
        return play

    def _judged(self, play: Play) -> list[Violation]:
        return list(judge(play, self.subject, self.stage.exchange, channels=self.channels, limit_s=self.budget.call_s))

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
        phase = "drawn scenarios"
        strategy = self.subject.scenarios(operations, self.coverage.page_size or 10)
        late = partial(self._out_of_time, phase)
        self._keep(draw(strategy, self._violations, known, self.budget, late, self.progress))
        if late():
            self.verdict.not_checked[phase] = "not all of them: out of time"

    def _try_readings(self) -> None:
        """What breaks under a choice of readings alone is the document's doubt, too."""
        phase, total = "readings", self.matrix.left
        broken = {(each.rule, each.operation) for each in self.verdict.violations}
        for name, scenario in self.matrix.rounds():
            self.progress(phase, total - self.matrix.left, total)
            if self._out_of_time(phase):
                self.verdict.not_checked[phase] = f"{self.matrix.left} of {total} scenarios: out of time"
                return
            found = [each for each in self._violations(scenario) if each.severity == "must"]
            rules = [each.rule for each in found if (each.rule, each.operation) not in broken]
            self.verdict.matrix[name] = rules[0] if rules else "robust"
            if rules:
                self.matrix.settle(name)
        self.progress(phase, total, total)

    def _out_of_time(self, phase: str) -> bool:
        return time.monotonic() - self.began > self.budget.until(phase)
