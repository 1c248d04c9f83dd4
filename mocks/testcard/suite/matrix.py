"""The readings matrix: how a client fares under each reading that would have changed what it saw."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from testcard.suite.doubts import Choices
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play

__all__ = ["Matrix"]


class _Touched(NamedTuple):
    """A scenario that a choice would have changed, and in which of its operations."""

    scenario: Scenario
    operations: frozenset[str]


class Matrix:
    """What is still to be played under each choice of readings: *most* scenarios of each operation it touches."""

    def __init__(self, choices: Choices, most: int = sys.maxsize) -> None:
        self.choices = choices
        self._most = most
        self._found: dict[str, list[_Touched]] = {name: [] for name in choices}

    def add(self, play: Play) -> None:
        """Take a scenario up for the choices that would have changed what the client saw in it; before any round."""
        for name in play.swayed:
            operations = frozenset(take.step.operation for take in play.takes if name in take.swayed)
            self._found[name].append(_Touched(play.scenario, operations))

    @property
    def touched(self) -> dict[str, int]:
        """How many scenarios each choice would have changed."""
        return {name: len(found) for name, found in self._found.items()}

    @cached_property
    def _queues(self) -> dict[str, deque[Scenario]]:
        """What each choice still has to be played with."""
        return {name: deque(_varied(found, self._most)) for name, found in self._found.items()}

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
                    yield name, replace(queue.popleft(), readings=self.choices[name])


def _varied(found: Iterable[_Touched], most: int) -> list[Scenario]:
    """The first scenario of each operation before the second of any, and none that is one too many for all its own."""
    seen: Counter[str] = Counter()
    ranked = []
    for scenario, operations in found:
        ranked.append((min(seen[each] for each in operations), scenario))
        if ranked[-1][0] < most:
            seen.update(operations)
    return [scenario for rank, scenario in sorted(ranked, key=lambda each: each[0]) if rank < most]
