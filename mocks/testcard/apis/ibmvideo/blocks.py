"""Blocks of rendered rows, kept within bounds and joined into pages.

A block shows its rows as finished segments; what still runs by a world's clock, and what a test put in, is left to the
caller (`rendering`). Blocks that lack are made together, since numpy's cost is by the call.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.pieces import pieces_of
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Positions, Timeline

__all__ = ["Blocks"]

_ROWS = 128  # 85 kB, which the C library still recycles
_BATCH = 80  # blocks made at once: a page of 10,000
_LIMIT = 64 << 20

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class _Block:
    """Rows, a comma behind each, and how long each is; an explicit row is empty here."""

    text: bytes
    lengths: npt.NDArray[np.int32]

    @cached_property
    def begins(self) -> list[int]:
        return list(accumulate(self.lengths.tolist(), initial=0))

    @property
    def nbytes(self) -> int:
        return len(self.text) + 44 * len(self.lengths)

    def stretch(self, first: int, end: int) -> bytes:
        """Rows from *first* to before *end*."""
        if end - first == len(self.lengths):
            return self.text
        return self.text[self.begins[first] : self.begins[end]]


class _Cache:
    """Blocks by what made them; the least recently used leave first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[Any, _Block] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Any) -> _Block | None:
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Any, block: _Block) -> None:
        with self._lock:
            if name not in self._kept:
                self._nbytes += block.nbytes
            self._kept[name] = block
            while self._nbytes > self._limit:
                self._nbytes -= self._kept.popitem(last=False)[1].nbytes


_cache = _Cache()


class Blocks:
    """The blocks of one timeline, filter and style, for one page."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._name = (timeline.serial, view_of, style)
        self._style = style
        self._size = len(timeline.segments) if positions is None else len(positions)
        self._held: dict[int, _Block] = {}

    def stretches(self, numbers: Numbers) -> Iterator[bytes]:
        """The rows of ascending *numbers*, a comma behind each but the last, in as few pieces as can be."""
        self.hold(numbers)
        breaks = np.flatnonzero((np.diff(numbers) != 1) | (numbers[1:] % _ROWS == 0)) + 1
        firsts = [0, *breaks.tolist()]
        for first, end in zip(firsts, [*firsts[1:], len(numbers)], strict=True):
            number, at = divmod(int(numbers[first]), _ROWS)
            text = self._held[number].stretch(at, at + end - first)
            yield text if end < len(numbers) else text[:-1]

    def row(self, number: int) -> bytes:
        """One row that is held, with its comma."""
        block, at = divmod(number, _ROWS)
        return self._held[block].stretch(at, at + 1)

    def hold(self, numbers: Numbers) -> None:
        """Fetch or make the blocks of these rows."""
        missing: list[int] = []
        for block in np.unique(numbers // _ROWS).tolist():
            found = _cache.get((*self._name, block))
            if found is None:
                missing.append(block)
            else:
                self._held[block] = found
        for at in range(0, len(missing), _BATCH):
            self._make(missing[at : at + _BATCH])

    def _make(self, blocks: list[int]) -> None:
        spans = [np.arange(block * _ROWS, min((block + 1) * _ROWS, self._size)) for block in blocks]
        rows = self._timeline.rows(self._positions, np.concatenate(spans))
        usual = self._timeline.segments.part[rows] >= 0
        lengths = np.zeros(len(rows), np.int32)
        table: npt.NDArray[np.object_] = np.empty((0, 0), np.object_)
        if usual.any():
            table, lengths[usual] = pieces_of(self._timeline, self._style).of(self._timeline, rows[usual])
        ends = np.cumsum(usual).tolist()
        begin = row = 0
        for block, span in zip(blocks, spans, strict=True):
            end = ends[row + len(span) - 1]
            made = _Block(b"".join(table[begin:end].ravel().tolist()), lengths[row : row + len(span)])
            self._held[block] = made
            _cache.keep((*self._name, block), made)
            begin, row = end, row + len(span)
