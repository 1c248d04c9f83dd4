"""The readings matrix: how a client fares under each reading that would have changed what it saw."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from testcard.suite.doubts import Choices
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play

__all__ = ["Matrix"]


class Matrix:
    """What is still to be played under each choice of readings."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
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

    @property
    def left(self) -> int:
        """How many scenarios are still to be played."""
        waiting = {name: count for name, count in self.touched.items() if name not in self._settled}
        return sum(count - self._done[name] for name, count in waiting.items())

    def settle(self, name: str) -> None:
        """A choice broke the client: nothing more is to be learned of it."""
        self._settled.add(name)

    def rounds(self) -> Iterator[tuple[str, Scenario]]:
        """The scenarios to play: the most telling of every choice, then the next of each, and so on."""
        queues = {name: deque(_varied(scenarios)) for name, scenarios in self._found.items() if scenarios}
        while queues:
            for name in list(queues):
                if name in self._settled or not queues[name]:
                    del queues[name]
                    continue
                self._done[name] += 1
                yield name, replace(queues[name].popleft(), readings=self.choices[name])


def _varied(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The first scenario of each operation before the second of any."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for scenario in scenarios:
        operations = tuple(step.operation for step in scenario.steps)
        ranked.append((seen[operations], scenario))
        seen[operations] += 1
    return [scenario for _, scenario in sorted(ranked, key=lambda each: each[0])]
