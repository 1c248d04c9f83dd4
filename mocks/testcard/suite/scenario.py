"""A case: a world, what is wrong with it, and what a client is asked to do there.

Plain data, so that it can be printed, shrunk, kept as a file and played again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Scenario", "Step"]

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """One thing that happens: the client carries out *operation*, after the clock has moved on by *advance_s*.

    An argument may stand for what an earlier step returned or for a variable (`stage.resolved`).
    *fresh* asks for a client made anew; with *token* False it gets no ready token. *rows* replace tables before it.
    """

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fresh: bool = False
    token: bool = True
    advance_s: float = 0
    rows: Mapping[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """A world with explicit rows and faults, and the steps a client takes in it. *name* says what it is about.

    The clock stands still at *now*; where that is empty, it is the real one. With *grants* the client gets credentials
    of its own, of those rights; without, it is the API's first user.
    """

    name: str
    api: str
    steps: Sequence[Step]
    rows: Mapping[str, Rows] = field(default_factory=dict)
    faults: Sequence[Mapping[str, Any]] = ()
    now: str = "2026-03-02T12:00:00Z"
    seed: int = 1729
    profile: str = "empty"
    dialect: str = "documented"
    readings: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The scenario as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Scenario:
        """Read back what `as_json` wrote."""
        steps = [Step(**step) for step in content["steps"]]
        return cls(**{**content, "steps": steps})

    @property
    def recoverable(self) -> bool:
        """Whether the faults end by themselves soon enough for a client that tries again a few times."""
        return all(_passes(fault) for fault in self.faults)


def _passes(fault: Mapping[str, Any]) -> bool:
    when = fault.get("when", {})
    last = when.get("first") or (when.get("calls") or [99, 99])[1] - (when.get("calls") or [0, 0])[0] + 1
    return fault["kind"] in _HARMLESS or last <= 2


# Kinds that a client which does as the documents say need not even notice.
_HARMLESS = frozenset(
    {
        "latency",
        "drip",
        "unknown-field",
        "short-page",
        "empty-page",
        "capped-limit",
        "null-field",
        "refresh-token-revoked",
    }
)
