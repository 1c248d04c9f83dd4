"""How far a run looks, and how it shares out its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["BUDGETS", "Budget", "Progress"]

Progress = Callable[[str, int, int], None]
"""Told of a phase, what is done of it, and what there is of it."""


@dataclass(frozen=True)
class Budget:
    """How far to look: drawn examples, whether every reading is tried, and seconds for the whole and for one call.

    *telling* is how many scenarios of each operation a reading is tried with, the most telling first.
    """

    examples: int = 60
    matrix: bool = True
    telling: int = 2
    seconds: float = 60.0
    call_s: float = 10.0
    seed: int | None = None

    def until(self, phase: str) -> float:
        """Seconds after the begin at which a phase leaves the rest to those behind it; what it saves is theirs too."""
        return self.seconds * (_SHARES[phase] if self.matrix else _SHARES_WITHOUT_READINGS[phase])


_SHARES = {"named scenarios": 0.5, "drawn scenarios": 0.65, "readings": 1.0}
_SHARES_WITHOUT_READINGS = {"named scenarios": 0.9, "drawn scenarios": 1.0, "readings": 1.0}


BUDGETS = {
    "quick": Budget(examples=10, matrix=False, seconds=8.5),  # within ten, with what it takes to start and report
    "default": Budget(),
    "deep": Budget(examples=1000, telling=1000, seconds=1800.0),
}
