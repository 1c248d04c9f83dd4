"""The readings matrix: how a client fares under each reading that would have changed what it saw."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from testcard.suite.doubts import Choices
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play

__all__ = ["Matrix"]


class Matrix:
    """What is still to be played under each choice of readings: *most* scenarios of each operation it touches."""

    def __init__(self, choices: Choices, most: int = sys.maxsize) -> None:
        self._choices = choices
        self._most = most
        self._found: dict[str, list[tuple[int, Scenario]]] = {name: [] for name in choices}
        self._seen: dict[str, Counter[str]] = {name: Counter() for name in choices}

    def open_to(self, scenario: Scenario) -> Choices:
        """The choices that want one more scenario of these operations, should it touch them."""
        operations = {step.operation for step in scenario.steps}
        return {
            name: readings
            for name, readings in self._choices.items()
            if any(self._seen[name][each] < self._most for each in operations)
        }

    def add(self, play: Play) -> None:
        """Take a scenario up for the choices that would have changed what the client saw in it; before any round."""
        for name in play.swayed:
            operations = [take.step.operation for take in play.takes if name in take.swayed]
            seen = self._seen[name]
            rank = min(seen[each] for each in operations)
            if rank < self._most:
                self._found[name].append((rank, play.scenario))
                seen.update(set(operations))

    @property
    def touched(self) -> dict[str, int]:
        """How many scenarios each choice is tried with."""
        return {name: len(found) for name, found in self._found.items()}

    @cached_property
    def _queues(self) -> dict[str, deque[Scenario]]:
        """What each choice still has to be played with: the first of each operation before the second of any."""
        return {name: deque(each for _, each in sorted(found, key=_rank)) for name, found in self._found.items()}

    @property
    def left(self) -> int:
        """How many scenarios are still to be played."""
        return sum(map(len, self._queues.values()))

    def settle(self, name: str) -> None:
        """A choice broke the client: nothing more is to be learned of it."""
        self._queues[name].clear()

    def rounds(self) -> Iterator[tuple[str, Scenario]]:
        """The scenarios to play: the most telling of every choice, then the next of each, and so on."""
        while self.left:
            for name, queue in self._queues.items():
                if queue:
                    yield name, replace(queue.popleft(), readings=self._choices[name])


def _rank(found: tuple[int, Scenario]) -> int:
    return found[0]
