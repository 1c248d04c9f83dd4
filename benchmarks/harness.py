"""Measure things side by side, and say whether they are as fast as they should be.

The machine is never quiet, so times alone mean little: what is compared is measured in turn (ours, theirs, ours,
theirs, ...) in one run, and medians are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

__all__ = ["Against", "Measured", "Settings", "run", "timed"]

Measure = Callable[[], float]


@dataclass(frozen=True)
class Settings:
    """How to measure: *rounds* of each, at least five for a verdict; *peers* are installed and measured too."""

    rounds: int = 5
    peers: bool = False


@dataclass(frozen=True)
class Against:
    """Something to be compared with: the ratio ours / theirs is to be at most, or at least, a number."""

    name: str
    measure: Measure
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Measured:
    """One line of the table. *value* and *theirs* are medians in *unit*; *samples* are ours, in order."""

    what: str
    unit: str
    value: float
    against: str = ""
    theirs: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    samples: Sequence[float] = field(default_factory=tuple)

    @property
    def ratio(self) -> float | None:
        """Ours over theirs."""
        return self.value / self.theirs if self.theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        found = self.value if self.theirs is None else self.value / self.theirs
        return (self.at_most is None or found <= self.at_most) and (self.at_least is None or found >= self.at_least)


def timed(action: Callable[[], object], *, number: int = 1) -> Measure:
    """Return a measure of milliseconds per call of *action*, over *number* calls in a row."""

    def measure() -> float:
        start = time.perf_counter()
        for _ in range(number):
            action()
        return (time.perf_counter() - start) * 1000 / number

    return measure


def run(
    settings: Settings,
    what: str,
    ours: Measure,
    *,
    unit: str = "ms",
    against: Sequence[Against] = (),
    at_most: float | None = None,
    at_least: float | None = None,
    warm: bool = True,
) -> Iterator[Measured]:
    """Measure *ours*, in turn with everything it stands *against*; yields a line each.

    *at_most* and *at_least* are limits of ours alone, in *unit*; there is a line for it where nothing is compared.
    """
    measures = [ours, *(each.measure for each in against)]
    samples = _in_turn(measures, settings.rounds, warm=warm)
    own = median(samples[0])
    if not against or at_most is not None or at_least is not None:
        yield Measured(what, unit, own, at_most=at_most, at_least=at_least, samples=samples[0])
    for each, theirs in zip(against, samples[1:], strict=True):
        yield Measured(what, unit, own, each.name, median(theirs), each.at_most, each.at_least, samples[0])


def _in_turn(measures: Sequence[Measure], rounds: int, *, warm: bool) -> list[list[float]]:
    if warm:
        for measure in measures:
            measure()
    samples: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for measure, values in zip(measures, samples, strict=True):
            values.append(measure())
    return samples
