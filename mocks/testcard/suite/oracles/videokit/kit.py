"""One tenant's kit: what each operation answers, and what it is after a write."""

from __future__ import annotations

from testcard.suite.oracles.videokit.answers import Answers
from testcard.suite.oracles.videokit.writes import Writes

__all__ = ["READS", "WRITES", "Kit"]


class Kit(Answers, Writes):
    """The first tenant of a world at any instant, with a method for each operation."""


READS = frozenset(name for name in vars(Answers) if not name.startswith("_"))
"""The operations that change nothing."""
WRITES = frozenset(name for name in vars(Writes) if not name.startswith("_"))
"""Those that do."""
