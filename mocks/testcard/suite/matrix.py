"""The readings matrix: how a client fares under each reading that would have changed what it saw."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from testcard.suite.doubts import Choices
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play

__all__ = ["Matrix"]


class Matrix:
    """What is still to be played under each choice of readings: *most* scenarios of each operation."""

    def __init__(self, choices: Choices, most: int = sys.maxsize) -> None:
        self.choices = choices
        self._most = most
        self._found: dict[str, list[Scenario]] = {name: [] for name in choices}
        self._done: Counter[str] = Counter()
        self._settled: set[str] = set()

    def add(self, play: Play) -> None:
        """Take a scenario up for the choices that would have changed what the client saw in it."""
        for name in play.swayed:
            self._found[name].append(play.scenario)

    @property
    def touched(self) -> dict[str, int]:
        """How many scenarios each choice would have changed."""
        return {name: len(scenarios) for name, scenarios in self._found.items()}

    def _queue(self, name: str) -> list[Scenario]:
        return _varied(self._found[name], self._most)

    @property
    def left(self) -> int:
        """How many scenarios are still to be played."""
        waiting = [name for name in self._found if name not in self._settled]
        return sum(len(self._queue(name)) - self._done[name] for name in waiting)

    def settle(self, name: str) -> None:
        """A choice broke the client: nothing more is to be learned of it."""
        self._settled.add(name)

    def rounds(self) -> Iterator[tuple[str, Scenario]]:
        """The scenarios to play: the most telling of every choice, then the next of each, and so on."""
        queues = {name: deque(self._queue(name)) for name in self._found}
        while queues:
            for name in list(queues):
                if name in self._settled or not queues[name]:
                    del queues[name]
                    continue
                self._done[name] += 1
                yield name, replace(queues[name].popleft(), readings=self.choices[name])


def _varied(scenarios: Iterable[Scenario], most: int) -> list[Scenario]:
    """The first scenario of each operation before the second of any, and at most so many of each."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for scenario in scenarios:
        operations = tuple(step.operation for step in scenario.steps)
        ranked.append((seen[operations], scenario))
        seen[operations] += 1
    return [scenario for rank, scenario in sorted(ranked, key=lambda each: each[0]) if rank < most]
