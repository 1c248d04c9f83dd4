"""Blocks of rendered rows, kept within bounds and joined into pages.

A block shows its rows as finished segments; what still runs by a world's clock, and what a test put in, is left to the
caller (`rendering`). Blocks that lack are made together, since numpy's cost is by the call.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.ahead import Ahead
from testcard.apis.ibmvideo.laying import Layout
from testcard.apis.ibmvideo.memory import share_of_memory
from testcard.apis.ibmvideo.pieces import pieces_of
from testcard.apis.ibmvideo.segments import Segments
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Positions, Timeline
from testcard.exchange import Pieces

__all__ = ["Blocks"]

_ROWS = 512  # 340 kB: few pieces to send, and little to make for a small page
_BATCH = 20  # blocks made at once: a page of 10,000
_LIMIT = 768 << 20  # a million rows and more: tests walk through the same ones again and again
_REMEMBERED = 4000  # blocks that were asked for once: what is read a second time will be kept
_PART = 2500  # rows made together for this once

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows, a comma behind each, and where each begins and the last ends; an explicit row is empty here."""

    text: bytes
    begins: npt.NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        return len(self.text) + self.begins.nbytes


class _Cache:
    """Blocks by series and number; the least recently used leave first."""

    def __init__(self) -> None:
        self._limit = share_of_memory(_LIMIT)
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
_ahead: Ahead[tuple[bytes, ...]] = Ahead()
_series = itertools.count()


class Blocks:
    """The blocks of one timeline, filter and style, for one page."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._view_of = view_of
        self._style = style
        self._series = timeline.keep(("series", view_of, style), lambda: next(_series))
        self._pieces = pieces_of(timeline, style)
        self._size = len(timeline.segments) if positions is None else len(positions)
        self._held: dict[int, _Block] = {}

    def pieces(self, numbers: Numbers) -> Pieces:
        """The rows of ascending *numbers* with commas between them.

        All are made before the first is sent: what making them takes stays at hand for the processor, which sending
        a part of them would drive out.
        """
        wanted = _blocks_of(numbers)
        self._held = _cache.get(self._series, wanted)
        if len(self._held) == len(wanted):
            ready = tuple(self._stretches(numbers, last=True))
        elif len(numbers) > _PART and _follow(numbers) and not self._timeline.explicit:
            rows = range(int(numbers[0]), int(numbers[-1]) + 1)
            ready = _ahead.page(self._series, rows, self._size, self._made)
        else:
            ready = tuple(self.texts(numbers))
        return Pieces(ready)

    def _made(self, rows: range) -> tuple[bytes, ...]:
        """A page of the same series, perhaps in another thread: what is held here is not its."""
        blocks = Blocks(self._timeline, self._positions, self._view_of, self._style)
        return tuple(blocks.texts(np.arange(rows.start, rows.stop)))

    def texts(self, numbers: Numbers) -> Iterator[bytes]:
        """Rows part by part: out of blocks that are worth keeping, or made for this once."""
        layout = self._pieces.lay_out(self._segments(numbers))
        for first in range(0, len(numbers), _PART):
            part = numbers[first : first + _PART]
            end, wanted = first + len(part), _blocks_of(part)
            last = end == len(numbers)
            if self._held.keys() >= set(wanted) or _cache.known(self._series, wanted):
                yield from self._stretches(part, last=last)
            else:
                yield layout.text(first, end, less=int(last))

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
        return block.text[block.begins[first] : block.begins[first + rows]]

    def _segments(self, numbers: Numbers) -> Segments:
        if self._positions is None and _follow(numbers):
            return self._timeline.segments.stretch(slice(int(numbers[0]), int(numbers[-1]) + 1))
        return self._timeline.segments.take(self._timeline.rows(self._positions, numbers))

    def _end(self, block: int) -> int:
        return min((block + 1) * _ROWS, self._size)

    def _make(self, first: int, end: int) -> None:
        """Make the blocks from *first* to before *end*."""
        segments = self._segments(np.arange(first * _ROWS, self._end(end - 1)))
        usual = segments.part >= 0
        layout = self._pieces.lay_out(segments if usual.all() else segments.take(np.flatnonzero(usual)))
        before = np.concatenate([[0], np.cumsum(usual)])
        made = {first + at: _block(layout, before[at * _ROWS : (at + 1) * _ROWS + 1]) for at in range(end - first)}
        self._held |= made
        _cache.keep(self._series, made)


def _block(layout: Layout, rows: Numbers) -> _Block:
    """A block of some rows, each named by where the layout has it or the row behind, and of where the last ends."""
    begins = layout.begins[rows]
    return _Block(layout.text(rows[0], rows[-1]), (begins - begins[0]).astype(np.int32))


def _follow(numbers: Numbers) -> bool:
    """Whether ascending numbers leave none out."""
    return int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1


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
