"""Reading ahead: the next page of a walk is made while this one is on its way, as file systems do.

Who has read two pages that follow each other is taken to go on. One page is made ahead at a time and few are kept, so
whoever does not go on has cost one page's making.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Ahead"]

_PAGES = 2  # made and not yet asked for: a page of 10,000 rows has 6.6 MB
_WALKS = 32  # whose places are remembered

T = TypeVar("T")


class Ahead(Generic[T]):
    """Pages of numbered series of rows. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="testcard-ahead")
        self._ends: OrderedDict[int, int] = OrderedDict()
        self._begun: OrderedDict[tuple[int, range], Future[T]] = OrderedDict()

    def page(self, series: int, rows: range, size: int, make: Callable[[range], T]) -> T:
        """These *rows* of a series that has *size* of them: what was made ahead, or what *make* makes now."""
        with self._lock:
            walking = self._ends.get(series) == rows.start
            self._remember(series, rows.stop)
            begun = self._begun.pop((series, rows), None)
        page = make(rows) if begun is None else begun.result()
        following = range(rows.stop, min(rows.stop + len(rows), size))
        if walking and following:
            self._begin(series, following, make)
        return page

    def _remember(self, series: int, end: int) -> None:
        self._ends[series] = end
        self._ends.move_to_end(series)
        if len(self._ends) > _WALKS:
            self._ends.popitem(last=False)

    def _begin(self, series: int, rows: range, make: Callable[[range], T]) -> None:
        """Make a page in the thread, unless that is busy: then the processors are, too."""
        with self._lock:
            if (series, rows) in self._begun or not all(page.done() for page in self._begun.values()):
                return
            self._begun[series, rows] = self._thread.submit(make, rows)
            if len(self._begun) > _PAGES:
                self._begun.popitem(last=False)
