"""The story's reports of one type: numbers on a calendar, made one by one as a page asks for them.

They depend on seed and type alone, so worlds share them; only what is visible, and in which generation, is the
clock's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import overload

from testcard.apis.videocentral.figures import count_rows
from testcard.apis.videocentral.periods import Calendar
from testcard.apis.videocentral.reports import Filters, Report
from testcard.apis.videocentral.tree import API, Kind, Path, Source
from testcard.seed import mix

__all__ = ["StoryReports", "story_reports"]

_KEPT_REPORTS = 512


class StoryReports:
    """All reports of one type that the story will ever have."""

    def __init__(self, seed: int, path: Path, cadence: str, source: Source, kind: Kind) -> None:
        self.calendar = Calendar(cadence, kind.ready_h, mix(seed, API, *path))
        self._path, self._cadence, self._source, self._kind = path, cadence, source, kind
        self._made: dict[int, tuple[Report, Report | None]] = {}
        self._last_seen = (0, 0, 0)

    def select(self, filters: Filters, now_ms: int) -> Sequence[Report]:
        """Those visible at *now_ms* that pass, by rising begin."""
        return _Selection(self, self._numbers(filters, now_ms), now_ms)

    def reports(self, numbers: Iterable[int], now_ms: int) -> list[Report]:
        """Several; most were made before, and once for all."""
        made = self._made.get
        return [
            pair[0] if (pair := made(number)) and pair[1] is None else self.report(number, now_ms) for number in numbers
        ]

    def report(self, number: int, now_ms: int) -> Report:
        """One report in the generation of *now_ms*."""
        made = self._made.get(number)
        if made is None:
            if len(self._made) >= _KEPT_REPORTS:
                self._made.clear()
            made = self._made[number] = self._make(number)
        first, again = made
        return first if again is None or again.modified_ms > now_ms else again

    def _make(self, number: int) -> tuple[Report, Report | None]:
        """A report as it was generated first, and again: what is generated again was preliminary."""
        begin, end = self.calendar.begin(number), self.calendar.begin(number + 1) - timedelta(days=1)
        rows = count_rows(self._source, self._kind.rows, begin, end)
        generated_ms, again_ms = self.calendar.generated_ms(number), self.calendar.again_ms(number)
        first = Report(self._path, begin, end, generated_ms, rows, self._kind.name, self._cadence)
        if again_ms is None:
            return first, None
        return replace(first, preliminary=True), replace(first, modified_ms=again_ms, texts={}, shown={})

    def _visible(self, now_ms: int) -> int:
        """How many are visible; remembered until the next one comes."""
        since, until, count = self._last_seen
        if not since <= now_ms < until:
            count = self.calendar.visible(now_ms)
            since = self.calendar.generated_ms(count - 1) if count else now_ms
            until = self.calendar.generated_ms(count)
            self._last_seen = (since, until, count)
        return count

    def _numbers(self, filters: Filters, now_ms: int) -> Sequence[int]:
        """The numbers of those that pass; a range wherever possible."""
        calendar = self.calendar
        low = 0 if filters.begin_from is None else calendar.number(filters.begin_from)
        high = self._visible(now_ms)
        if filters.begin_before is not None:
            high = min(high, calendar.number(filters.begin_before))
        if filters.modified_from is None:
            return range(low, max(low, high))
        single, sure = calendar.modified_since(filters.modified_from, now_ms)
        rest = range(max(low, sure), max(low, sure, high))
        near = [number for number in single if low <= number < high]
        return [*near, *rest] if near else rest


@lru_cache(maxsize=64)
def story_reports(seed: int, path: Path, cadence: str, source: Source, kind: Kind) -> StoryReports:
    """The story's reports of a type, for all worlds of that seed."""
    return StoryReports(seed, path, cadence, source, kind)


class _Selection(Sequence[Report]):
    """Reports made as they are looked at."""

    def __init__(self, reports: StoryReports, numbers: Sequence[int], now_ms: int) -> None:
        self._reports, self._numbers, self._now_ms = reports, numbers, now_ms

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Report]:
        return iter(self._reports.reports(self._numbers, self._now_ms))

    @overload
    def __getitem__(self, index: int) -> Report: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Report]: ...

    def __getitem__(self, index: int | slice) -> Report | Sequence[Report]:
        if isinstance(index, slice):
            return _Selection(self._reports, self._numbers[index], self._now_ms)
        return self._reports.report(self._numbers[index], self._now_ms)
