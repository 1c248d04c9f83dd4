"""Who watches at the same time: sessions, or their viewers, open in each minute of a window before now."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from testcard.apis.amagi.columns import Sessions
from testcard.apis.amagi.zones import Ints

__all__ = ["MINUTE_MS", "open_per_minute", "window"]

MINUTE_MS = 60_000


def window(now: int, hours: int, *, lagging: bool) -> tuple[int, int]:
    """First minute and end (exclusive), in minutes since 1970, of the last *hours*: ledger AM-51."""
    end = now // MINUTE_MS
    if lagging:
        end = end // 15 * 15
    return end - hours * 60, end


def open_per_minute(rows: Sessions, first: int, end: int, *, viewers: bool) -> list[int]:
    """Count the sessions open at some time within each minute; with *viewers* each viewer once."""
    opened = rows.start // MINUTE_MS
    closed = (rows.end - 1) // MINUTE_MS + 1
    if viewers:
        opened, closed = _merged(rows.visitor, opened, closed)
    changes = np.zeros(end - first + 1, np.int64)
    np.add.at(changes, np.clip(opened - first, 0, end - first), 1)
    np.add.at(changes, np.clip(closed - first, 0, end - first), -1)
    counts: list[int] = np.cumsum(changes)[:-1].tolist()
    return counts


def _merged(
    visitor: Ints, opened: npt.NDArray[np.int64], closed: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Join the stretches of one viewer that touch or overlap."""
    order = np.lexsort((opened, visitor))
    stretches: list[tuple[int, int, int]] = []
    for who, begin, end in zip(visitor[order].tolist(), opened[order].tolist(), closed[order].tolist(), strict=True):
        if stretches and stretches[-1][0] == who and begin <= stretches[-1][2]:
            stretches[-1] = (who, stretches[-1][1], max(end, stretches[-1][2]))
        else:
            stretches.append((who, begin, end))
    merged = np.array(stretches, np.int64).reshape(-1, 3)
    return merged[:, 1], merged[:, 2]
