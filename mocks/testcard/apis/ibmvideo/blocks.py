"""Pages out of blocks of rendered rows.

A block shows its rows as finished segments; what still runs by a world's clock, and what a test put in, is left to the
caller (`rendering`). Blocks that lack are made together, since numpy's cost is by the call. A large page that nobody
has read before is made for this once, in memory that the next can have: fresh memory costs a third of the making.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.ahead import Ahead
from testcard.apis.ibmvideo.memory import share_of_memory
from testcard.apis.ibmvideo.segments import Segments
from testcard.apis.ibmvideo.sheets import ROWS_OF_BLOCK, Sheet, Sheets
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Positions, Timeline
from testcard.apis.ibmvideo.writer import writer_of
from testcard.exchange import Pieces

__all__ = ["Blocks"]

_BATCH = 20  # blocks made at once: a page of 10,000
_LIMIT = 768 << 20  # a million rows and more: tests walk through the same ones again and again
_LARGE = 2500  # rows of a page whose next one is worth making ahead

Numbers = npt.NDArray[np.integer[Any]]

_sheets = Sheets(share_of_memory(_LIMIT))
_ahead: Ahead[tuple[memoryview, ...]] = Ahead()
_series = itertools.count()


class Blocks:
    """The blocks of one timeline, filter and style, for one page."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._view_of = view_of
        self._style = style
        self._series = timeline.keep(("series", view_of, style), lambda: next(_series))
        self._writer = writer_of(timeline, style)
        self._size = len(timeline.segments) if positions is None else len(positions)
        self._held: dict[int, Sheet] = {}

    def pieces(self, numbers: Numbers) -> Pieces:
        """The rows of ascending *numbers* with commas between them."""
        if len(numbers) > _LARGE and _follow(numbers):
            rows = range(int(numbers[0]), int(numbers[-1]) + 1)
            return Pieces(_ahead.page(self._series, rows, self._size, self._page))
        self.hold(numbers)
        return Pieces(_without_end(self._stretches(numbers)))

    def _page(self, rows: range) -> tuple[memoryview, ...]:
        """Rows of the same series, perhaps in another thread: what is held here is not its."""
        numbers = np.arange(rows.start, rows.stop)
        if not self._timeline.explicit and not _sheets.known(self._series, _blocks_of(numbers)):
            text, _ = self._writer.write(self._segments(rows.start, rows.stop))
            return (text[:-1],)
        blocks = Blocks(self._timeline, self._positions, self._view_of, self._style)
        blocks.hold(numbers)
        return tuple(_without_end(blocks._stretch(rows.start, rows.stop)))

    def _stretches(self, numbers: Numbers) -> Iterator[memoryview]:
        """Rows that are held, in as few pieces as can be."""
        breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
        for some in np.split(numbers, breaks):
            yield from self._stretch(int(some[0]), int(some[-1]) + 1)

    def _stretch(self, first: int, end: int) -> Iterator[memoryview]:
        """The rows from *first* to before *end*, a sheet at a time."""
        while first < end:
            sheet = self._held[first // ROWS_OF_BLOCK]
            until = min(end, sheet.end)
            yield sheet.rows(first, until)
            first = until

    def row(self, number: int) -> memoryview:
        """One row that is held, with its comma."""
        return self._held[number // ROWS_OF_BLOCK].rows(number, number + 1)

    def hold(self, numbers: Numbers) -> None:
        """Fetch or make the blocks of these rows."""
        blocks = _blocks_of(numbers) if len(numbers) else []
        self._held |= _sheets.get(self._series, blocks)
        for some in _runs([block for block in blocks if block not in self._held]):
            sheet = self._made(some.start * ROWS_OF_BLOCK, min(some.stop * ROWS_OF_BLOCK, self._size))
            self._held |= dict.fromkeys(some, sheet)
            _sheets.keep(self._series, sheet)

    def _made(self, first: int, end: int) -> Sheet:
        """A sheet of the rows from *first* to before *end*."""
        segments = self._segments(first, end)
        usual = segments.part >= 0
        text, begins = self._writer.write(segments if usual.all() else segments.take(np.flatnonzero(usual)))
        return Sheet(first, text, begins[np.concatenate([[0], np.cumsum(usual)])].astype(np.int32))

    def _segments(self, first: int, end: int) -> Segments:
        if self._positions is None:
            return self._timeline.segments.stretch(slice(first, end))
        return self._timeline.segments.take(self._positions[first:end])


def _without_end(texts: Iterator[memoryview]) -> Iterator[memoryview]:
    """Rows without the comma behind the last."""
    last = next(texts)
    for text in texts:
        yield last
        last = text
    yield last[:-1]


def _follow(numbers: Numbers) -> bool:
    """Whether ascending numbers leave none out."""
    return int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1


def _blocks_of(numbers: Numbers) -> list[int]:
    """The blocks that rows stand in, in order."""
    if _follow(numbers):
        return list(range(int(numbers[0]) // ROWS_OF_BLOCK, int(numbers[-1]) // ROWS_OF_BLOCK + 1))
    return sorted(set((numbers // ROWS_OF_BLOCK).tolist()))


def _runs(blocks: Sequence[int]) -> Iterator[range]:
    """Stretches of ascending blocks that follow each other, none longer than a batch."""
    first = 0
    for at in range(1, len(blocks) + 1):
        if at == len(blocks) or blocks[at] != blocks[at - 1] + 1 or at - first == _BATCH:
            yield range(blocks[first], blocks[at - 1] + 1)
            first = at
