"""Steps of time: the months, days, hours or minutes (of UTC) that a period touches.

Source: document 003, Parameter definitions, granularity and dimension; the zone is our choice, ledger IB-73.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.exchange import Refused

__all__ = ["edges", "step_of"]

_MOST_STEPS = 20_000_000  # nearly forty years of minutes
_MS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000}

Times = npt.NDArray[np.integer[Any]]


def edges(name: str, first_ms: int, end_ms: int) -> Times:
    """The beginnings of the steps that [first_ms, end_ms) touches, and the end of the last."""
    end_ms = max(end_ms, first_ms + 1)
    if name in _MS:
        size = _MS[name]
        if (end_ms - first_ms) // size > _MOST_STEPS:
            raise Refused(503, "too-much", f"the period has more than {_MOST_STEPS} steps of a {name}: shorten it")
        return np.arange(first_ms // size, (end_ms - 1) // size + 2, dtype=np.int64) * size
    first, last = (datetime.fromtimestamp(ms // 1000, UTC) for ms in (first_ms, end_ms - 1))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1)
    begins = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp() for month in months]
    return np.array(begins, np.int64) * 1000


def step_of(bounds: Times, times: Times) -> Times:
    """The number of the step that each time lies in."""
    return np.searchsorted(bounds, times, side="right") - 1
