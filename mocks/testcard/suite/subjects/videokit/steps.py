"""How scenarios of the kit are written down: a step in one line, a scenario in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.videokit.worlds import NOW, Row

__all__ = ["later", "one", "result", "step"]

API = "videokit"


def step(operation: str, **arguments: Any) -> Step:
    """A call with these arguments."""
    return Step(operation, arguments)


def later(seconds: float, operation: str, **arguments: Any) -> Step:
    """A call after so much time."""
    return Step(operation, arguments, advance_s=seconds)


def result(number: int) -> Row:
    """What a step of the scenario returned."""
    return {"$result": number}


def one(
    name: str,
    tables: Mapping[str, Sequence[Row]],
    *steps: Step,
    faults: Sequence[Row] = (),
    now: str = NOW,
    readings: Mapping[str, str] | None = None,
    grants: Mapping[str, Any] | None = None,
) -> Scenario:
    """A scenario of the kit."""
    return Scenario(name, API, steps, tables, faults, now, readings=readings or {}, grants=grants or {})
