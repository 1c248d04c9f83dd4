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
from testcard.exchange import Pieces

__all__ = ["Blocks"]

_ROWS = 512  # 340 kB: few pieces to send, and little to make for a small page
_BATCH = 20  # blocks made at once: a page of 10,000
_LIMIT = 64 << 20
_REMEMBERED = 200  # blocks: who walks through millions of rows does not come back, and nothing is kept for him
_PART = 2500  # rows made together for a walk, by the quarter of a page of 10,000

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
    """Blocks by series and number; the least recently used leave first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[tuple[int, int], _Block] = OrderedDict()
        self._asked: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, series: int, numbers: Iterable[int]) -> dict[int, _Block]:
        """Those of the numbered blocks that are kept."""
        with self._lock:
            found = {number: self._kept[series, number] for number in numbers if (series, number) in self._kept}
            for number in found:
                self._kept.move_to_end((series, number))
            return found

    def known(self, series: int, numbers: Iterable[int]) -> bool:
        """Whether all these blocks are kept, or were asked for before, not long ago."""
        names = [(series, number) for number in numbers]
        with self._lock:
            known = all(name in self._kept or name in self._asked for name in names)
            self._asked.update(dict.fromkeys(names))
            while len(self._asked) > _REMEMBERED:
                self._asked.popitem(last=False)
        return known

    def keep(self, series: int, blocks: dict[int, _Block]) -> None:
        """Take blocks in."""
        with self._lock:
            for number, block in blocks.items():
                if (series, number) not in self._kept:
                    self._nbytes += block.nbytes
                self._kept[series, number] = block
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

    def pieces(self, numbers: Numbers) -> Pieces:
        """The rows of ascending *numbers* with commas between them.

        Where many are still to be made, that is done while the first are on their way.
        """
        wanted = _blocks_of(numbers)
        self._held = _cache.get(self._series, wanted)
        if len(self._held) == len(wanted) or len(numbers) <= _PART:
            ready = tuple(self._texts(numbers, last=True))
            return Pieces(sum(map(len, ready)), ready)
        parts = [numbers[at : at + _PART] for at in range(0, len(numbers), _PART)]
        size = int(self._pieces.lengths(self._timeline, self._rows_of(numbers)).sum()) - 1
        texts = (piece for part in parts for piece in self._texts(part, last=part is parts[-1]))
        return Pieces(size, itertools.chain([next(texts)], texts))

    def _texts(self, numbers: Numbers, *, last: bool) -> Iterator[bytes]:
        """Rows out of blocks that are worth keeping, or made for this once; without the comma behind the last."""
        wanted = _blocks_of(numbers)
        if self._held.keys() >= set(wanted) or _cache.known(self._series, wanted):
            yield from self._stretches(numbers, last=last)
            return
        pieces = self._pieces.of(self._timeline, self._rows_of(numbers))
        if last:
            pieces[-1] = pieces[-1][:-1]
        yield b"".join(pieces)

    def _stretches(self, numbers: Numbers, *, last: bool) -> Iterator[bytes]:
        """Rows out of their blocks, in as few pieces as can be."""
        self.hold(numbers)
        breaks = np.flatnonzero((np.diff(numbers) != 1) | (numbers[1:] % _ROWS == 0)) + 1
        firsts = [0, *breaks.tolist()]
        for first, end in zip(firsts, [*firsts[1:], len(numbers)], strict=True):
            text = self._stretch(int(numbers[first]), end - first)
            yield text[:-1] if last and end == len(numbers) else text

    def row(self, number: int) -> bytes:
        """One row that is held, with its comma."""
        return self._stretch(number, 1)

    def hold(self, numbers: Numbers) -> None:
        """Fetch or make the blocks of these rows."""
        if not len(numbers):
            return
        lacking = [block for block in _blocks_of(numbers) if block not in self._held]
        self._held |= _cache.get(self._series, lacking)
        missing = [block for block in lacking if block not in self._held]
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

    def _rows_of(self, numbers: Numbers) -> Rows:
        first, last = int(numbers[0]), int(numbers[-1])
        if self._positions is None and last - first == len(numbers) - 1:
            return slice(first, last + 1)
        return self._timeline.rows(self._positions, numbers)

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


def _blocks_of(numbers: Numbers) -> list[int]:
    """The blocks that rows stand in, in order."""
    blocks = numbers // _ROWS
    first = int(blocks.min())
    wanted: list[int] = (np.flatnonzero(np.bincount(blocks - first)) + first).tolist()
    return wanted


def _runs(blocks: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches (first, end) of ascending blocks that follow each other, none longer than a batch."""
    first = 0
    for at in range(1, len(blocks) + 1):
        if at == len(blocks) or blocks[at] != blocks[at - 1] + 1 or at - first == _BATCH:
            yield blocks[first], blocks[at - 1] + 1
            first = at
