"""Sheets: rows that were made together and are kept together, within bounds, to be found by the blocks they have."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ROWS_OF_BLOCK", "Sheet", "Sheets"]

ROWS_OF_BLOCK = 512  # 340 kB: little to make for a small page
_REMEMBERED = 4000  # blocks that were asked for once: what is read a second time will be kept


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that were made together, a comma behind each, and where each begins and the last ends.

    *first* is the number of the first; an explicit row is empty here.
    """

    first: int
    text: memoryview
    begins: npt.NDArray[np.int32]

    @property
    def end(self) -> int:
        """The number behind the last row's."""
        return self.first + len(self.begins) - 1

    @property
    def nbytes(self) -> int:
        """What it takes."""
        return self.text.nbytes + self.begins.nbytes

    @property
    def blocks(self) -> range:
        """The blocks it has."""
        return range(self.first // ROWS_OF_BLOCK, -(-self.end // ROWS_OF_BLOCK))

    def rows(self, first: int, end: int) -> memoryview:
        """The rows from *first* to before *end*."""
        return self.text[self.begins.item(first - self.first) : self.begins.item(end - self.first)]


class Sheets:
    """Sheets by series and block, *limit* bytes of them; the least recently used leave first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[tuple[int, int], Sheet] = OrderedDict()
        self._of: dict[tuple[int, int], Sheet] = {}
        self._asked: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, series: int, blocks: Iterable[int]) -> dict[int, Sheet]:
        """The sheets of those of the blocks that are kept."""
        with self._lock:
            found = {block: self._of[series, block] for block in blocks if (series, block) in self._of}
            for sheet in found.values():
                self._kept.move_to_end((series, sheet.first))
        return found

    def known(self, series: int, blocks: Iterable[int]) -> bool:
        """Whether all these blocks are kept, or were asked for before, not long ago."""
        names = [(series, block) for block in blocks]
        with self._lock:
            known = all(name in self._of or name in self._asked for name in names)
            self._asked.update(dict.fromkeys(names))
            while len(self._asked) > _REMEMBERED:
                self._asked.popitem(last=False)
        return known

    def keep(self, series: int, sheet: Sheet) -> None:
        """Take a sheet in."""
        with self._lock:
            self._leave(series, self._kept.pop((series, sheet.first), None))
            self._kept[series, sheet.first] = sheet
            self._of.update(((series, block), sheet) for block in sheet.blocks)
            self._nbytes += sheet.nbytes
            while self._nbytes > self._limit:
                (other, _), oldest = self._kept.popitem(last=False)
                self._leave(other, oldest)

    def _leave(self, series: int, sheet: Sheet | None) -> None:
        if sheet is None:
            return
        self._nbytes -= sheet.nbytes
        for block in sheet.blocks:
            if self._of.get((series, block)) is sheet:
                del self._of[series, block]
