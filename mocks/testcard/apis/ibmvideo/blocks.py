"""Blocks of rendered rows, kept within bounds and joined into pages.

A block shows its rows as finished segments; what still runs by a world's clock, and what a test put in, is left to the
caller (`rendering`). Blocks that lack are made some together, since numpy's cost is by the call, but not more than the
processor's own memory holds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.fixed import Rows
from testcard.apis.ibmvideo.pieces import PIECES, pieces_of
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Positions, Timeline

__all__ = ["Blocks"]

_ROWS = 128  # 85 kB, which the C library still recycles
_BATCH = 80  # blocks made at once
_LIMIT = 64 << 20

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(slots=True)
class _Block:
    """Rows, a comma behind each; an explicit row is empty here. *begins* says where each begins, once it was asked."""

    text: bytes
    begins: list[int] = field(default_factory=list)

    @property
    def nbytes(self) -> int:
        return len(self.text) + 40 * _ROWS


class _Cache:
    """Blocks by what made them; the least recently used leave first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[Any, _Block] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Any, blocks: Iterable[int]) -> dict[int, _Block]:
        """Those of the numbered blocks that are kept."""
        with self._lock:
            found = {block: self._kept[name, block] for block in blocks if (name, block) in self._kept}
            for block in found:
                self._kept.move_to_end((name, block))
            return found

    def keep(self, name: Any, blocks: dict[int, _Block]) -> None:
        with self._lock:
            for number, block in blocks.items():
                if (name, number) not in self._kept:
                    self._nbytes += block.nbytes
                self._kept[name, number] = block
            while self._nbytes > self._limit:
                self._nbytes -= self._kept.popitem(last=False)[1].nbytes


_cache = _Cache()


class Blocks:
    """The blocks of one timeline, filter and style, for one page."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._name = (timeline.serial, view_of, style)
        self._pieces = pieces_of(timeline, style)
        self._size = len(timeline.segments) if positions is None else len(positions)
        self._held: dict[int, _Block] = {}

    def stretches(self, numbers: Numbers) -> Iterator[bytes]:
        """The rows of ascending *numbers*, a comma behind each but the last, in as few pieces as can be."""
        self.hold(numbers)
        breaks = np.flatnonzero((np.diff(numbers) != 1) | (numbers[1:] % _ROWS == 0)) + 1
        firsts = [0, *breaks.tolist()]
        for first, end in zip(firsts, [*firsts[1:], len(numbers)], strict=True):
            text = self._stretch(int(numbers[first]), end - first)
            yield text if end < len(numbers) else text[:-1]

    def row(self, number: int) -> bytes:
        """One row that is held, with its comma."""
        return self._stretch(number, 1)

    def hold(self, numbers: Numbers) -> None:
        """Fetch or make the blocks of these rows."""
        wanted = np.unique(numbers // _ROWS).tolist()
        self._held |= _cache.get(self._name, wanted)
        missing = [block for block in wanted if block not in self._held]
        for first, end in _runs(missing):
            self._make(first, end)

    def _stretch(self, number: int, rows: int) -> bytes:
        """So many rows of one block."""
        number, first = divmod(number, _ROWS)
        block = self._held[number]
        if rows == self._end(number) - number * _ROWS:
            return block.text
        if not block.begins:
            block.begins = list(accumulate(self._lengths(number), initial=0))
        return block.text[block.begins[first] : block.begins[first + rows]]

    def _end(self, block: int) -> int:
        return min((block + 1) * _ROWS, self._size)

    def _lengths(self, block: int) -> list[int]:
        """The bytes of each row of a block."""
        rows, usual = self._rows(block, block + 1)
        lengths = np.zeros(len(usual), np.int32)
        lengths[usual] = self._pieces.lengths(self._timeline, rows)
        listed: list[int] = lengths.tolist()
        return listed

    def _make(self, first: int, end: int) -> None:
        """Make the blocks from *first* to before *end*."""
        rows, usual = self._rows(first, end)
        ends = np.cumsum(usual)
        pieces = self._pieces.of(self._timeline, rows) if ends[-1] else []
        cuts = [0, *(ends[min(row, len(ends)) - 1] * PIECES for row in range(_ROWS, len(ends) + _ROWS, _ROWS))]
        texts = [b"".join(pieces[begin:end]) for begin, end in pairwise(cuts)]
        made = dict(zip(range(first, end), map(_Block, texts), strict=True))
        self._held |= made
        _cache.keep(self._name, made)

    def _rows(self, first: int, end: int) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """The story's rows in the blocks from *first* to before *end*, and which rows of the blocks those are."""
        span = slice(first * _ROWS, self._end(end - 1))
        rows: Rows = span if self._positions is None else self._positions[span]
        usual = self._timeline.segments.part[rows] >= 0
        if not usual.all():
            rows = self._timeline.rows(self._positions, np.arange(span.start, span.stop))[usual]
        return rows, usual


def _runs(blocks: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches (first, end) of ascending blocks that follow each other, none longer than a batch."""
    first = 0
    for at in range(1, len(blocks) + 1):
        if at == len(blocks) or blocks[at] != blocks[at - 1] + 1 or at - first == _BATCH:
            yield blocks[first], blocks[at - 1] + 1
            first = at
