"""Blocks of rendered rows, kept within bounds and joined into pages.

A block shows its rows as finished segments; what still runs by a world's clock, and what a test put in, is left to the
caller (`rendering`). Blocks that lack are made together, since numpy's cost is by the call.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.fixed import Rows
from testcard.apis.ibmvideo.pieces import PIECES, pieces_of
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Positions, Timeline

__all__ = ["Blocks"]

_ROWS = 512  # 340 kB: few pieces to send, and little to make for a small page
_BATCH = 20  # blocks made at once: a page of 10,000
_LIMIT = 64 << 20
_REMEMBERED = 200

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
    """Blocks by series and number; the least recently used leave first.

    A block is kept when it is made for the second time: who walks through millions of rows does not come back.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[tuple[int, int], _Block] = OrderedDict()
        self._made: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, series: int, numbers: Iterable[int]) -> dict[int, _Block]:
        """Those of the numbered blocks that are kept."""
        with self._lock:
            found = {number: self._kept[series, number] for number in numbers if (series, number) in self._kept}
            for number in found:
                self._kept.move_to_end((series, number))
            return found

    def keep(self, series: int, blocks: dict[int, _Block]) -> None:
        """Take in those that were made before, not long ago."""
        with self._lock:
            for number, block in blocks.items():
                name = (series, number)
                if name in self._kept or name not in self._made:
                    self._made[name] = None
                    continue
                self._kept[name] = block
                self._nbytes += block.nbytes
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
            while self._nbytes > self._limit:
                self._nbytes -= self._kept.popitem(last=False)[1].nbytes


_cache = _Cache()
_series = itertools.count()


class Blocks:
    """The blocks of one timeline, filter and style, for one page."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._series = timeline.keep(("series", view_of, style), lambda: next(_series))
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
        if not len(numbers):
            return
        blocks = numbers // _ROWS
        first = int(blocks.min())
        wanted: list[int] = (np.flatnonzero(np.bincount(blocks - first)) + first).tolist()
        self._held |= _cache.get(self._series, wanted)
        missing = [block for block in wanted if block not in self._held]
        for begin, end in _runs(missing):
            self._make(begin, end)

    def _stretch(self, number: int, rows: int) -> bytes:
        """So many rows of one block."""
        number, first = divmod(number, _ROWS)
        block = self._held[number]
        if rows == self._end(number) - number * _ROWS:
            return block.text
        if not block.begins:
            block.begins = list(itertools.accumulate(self._lengths(number), initial=0))
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
        texts = [b"".join(pieces[begin:end]) for begin, end in itertools.pairwise(cuts)]
        made = dict(zip(range(first, end), map(_Block, texts), strict=True))
        self._held |= made
        _cache.keep(self._series, made)

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
