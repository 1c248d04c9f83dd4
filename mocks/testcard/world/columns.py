"""Sessions as numpy columns, and a bounded place to keep them. Knows neither how they are made nor any vendor."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["LONGEST_MS", "Session", "Viewing", "ViewingCache", "empty", "field", "freeze", "frozen"]

LONGEST_MS = 4 * 3_600_000  # no session is longer


class Session(NamedTuple):
    """One session, as plain integers; the columns of `Viewing` say what they mean."""

    key: int
    start_ms: int
    duration_ms: int
    viewer: int
    channel: int
    title: int
    live: bool

    @property
    def end_ms(self) -> int:
        """Epoch milliseconds at which it ends."""
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, slots=True, eq=False)
class Viewing:
    """Sessions sorted by start; columns of equal length, read-only.

    *key* is unique and stable on its platform; *start_ms* is UTC epoch milliseconds; *duration_ms* is from 1,000 to
    `LONGEST_MS`, and for a title on demand at most its length; *viewer*, *channel* and *title* are codes into the
    story's audience, channels and titles; *live* says whether a linear channel was watched.
    """

    key: npt.NDArray[np.uint64]
    start_ms: npt.NDArray[np.int64]
    duration_ms: npt.NDArray[np.int32]
    viewer: npt.NDArray[np.int32]
    channel: npt.NDArray[np.int16]
    title: npt.NDArray[np.int16]
    live: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.key)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """All columns, in the order of their declaration."""
        return (self.key, self.start_ms, self.duration_ms, self.viewer, self.channel, self.title, self.live)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(column.nbytes for column in self.columns)

    @property
    def end_ms(self) -> npt.NDArray[np.int64]:
        """Epoch milliseconds at which each session ends (a new column)."""
        return self.start_ms + self.duration_ms

    def session(self, row: int) -> Session:
        """Return one row as plain integers."""
        key, start, duration, viewer, channel, title, live = (column[row].item() for column in self.columns)
        return Session(key, start, duration, viewer, channel, title, live)

    def take(self, rows: slice | npt.NDArray[Any]) -> Viewing:
        """Return some rows: a slice (without copying), a mask or an array of positions in ascending order."""
        return frozen(column[rows] for column in self.columns)

    def started(self, from_ms: int, to_ms: int) -> Viewing:
        """Return the sessions that start in [from_ms, to_ms), without copying."""
        first, end = np.searchsorted(self.start_ms, [from_ms, to_ms])
        return self.take(slice(int(first), int(end)))

    def visible(self, now_ms: int) -> Viewing:
        """Return the sessions that have started by *now_ms* (start <= now), without copying."""
        return self.take(slice(0, int(np.searchsorted(self.start_ms, now_ms, side="right"))))

    def running(self, now_ms: int) -> npt.NDArray[np.bool_]:
        """Mark the sessions that run at *now_ms*: start <= now < end."""
        return (self.start_ms <= now_ms) & (now_ms < self.end_ms)

    def overlapping(self, from_ms: int, to_ms: int) -> Viewing:
        """Return the sessions that run at some time within [from_ms, to_ms): start < to and end > from."""
        near = self.started(from_ms - LONGEST_MS, to_ms)
        return near.take(near.end_ms > from_ms)


class ViewingCache:
    """Viewing by what made it; the least recently used goes first when *limit* bytes are exceeded."""

    def __init__(self, limit: int = 512 << 20) -> None:
        self.limit = limit
        self.nbytes = 0
        self._kept: OrderedDict[Hashable, Viewing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> Viewing | None:
        """Return what is kept under *name*."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Hashable, made: Viewing) -> Viewing:
        """Keep *made* and return it; what is larger than the limit is not kept."""
        with self._lock:
            if name not in self._kept and made.nbytes <= self.limit:
                self._kept[name] = made
                self.nbytes += made.nbytes
            while self.nbytes > self.limit:
                self.nbytes -= self._kept.popitem(last=False)[1].nbytes
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.nbytes = 0


def empty(rows: int) -> Viewing:
    return Viewing(
        np.empty(rows, np.uint64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int32),
        np.empty(rows, np.int32),
        np.empty(rows, np.int16),
        np.empty(rows, np.int16),
        np.empty(rows, np.bool_),
    )


def frozen(columns: Iterable[Any]) -> Viewing:
    made = Viewing(*columns)
    freeze(*made.columns)
    return made


def field(words: npt.NDArray[np.uint64], shift: int, bits: int) -> npt.NDArray[np.int64]:
    """Return *bits* of each word, from bit *shift* up, as numbers that can index and count (at most 63 bits)."""
    return ((words >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).astype(np.int64)


def freeze(*columns: npt.NDArray[Any]) -> None:
    """Make the columns read-only: they are shared by everybody."""
    for column in columns:
        column.setflags(write=False)
