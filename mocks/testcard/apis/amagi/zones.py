"""Local days and hours: a range of dates in a zone, cut into buckets of UTC hours.

The zones asked for keep whole hours from UTC, so a UTC hour belongs to one local hour, one day, one bucket. Days on
which the clocks change have 23 or 25 hours. Local times are naive, as in the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from testcard.world.story import day_ms

__all__ = ["HOUR_MS", "Ints", "Span", "Window", "local_midnight_ms", "open_span"]

HOUR_MS = 3_600_000
Ints = npt.NDArray[np.integer[Any]]
_DAY_HOURS = 24


@dataclass(frozen=True)
class Window:
    """Which hours of a range count: *first* to before *end*, in one stretch or on each day (ledger AM-30 to AM-33)."""

    first: int = 0
    end: int = 24
    each_day: bool = False


@dataclass(frozen=True, eq=False)
class Span:
    """Buckets of a range: *bucket* is the bucket of each UTC hour from *first_hour* on, -1 where none counts it.

    *start* is the naive local hour (hours since 1970) at which each bucket begins; *unit* is ``hour`` or longer.
    """

    first_hour: int
    bucket: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    unit: str
    _labels: dict[str, list[str]] = field(default_factory=dict, repr=False)

    @property
    def from_ms(self) -> int:
        """Where the range begins, in UTC milliseconds."""
        return self.first_hour * HOUR_MS

    @property
    def to_ms(self) -> int:
        """Where the range ends, exclusive."""
        return (self.first_hour + len(self.bucket)) * HOUR_MS

    def __len__(self) -> int:
        return len(self.start)

    def times(self) -> list[str]:
        """``YYYY-MM-DD HH:MM:SS`` of each bucket."""
        if "time" not in self._labels:
            seconds = (self.start * 3600).astype("datetime64[s]")
            self._labels["time"] = [text.replace("T", " ") for text in np.datetime_as_string(seconds).tolist()]
        return self._labels["time"]

    def dates(self) -> list[str]:
        """``YYYY-MM-DD`` of each bucket, with the time of day where buckets are hours."""
        return self.times() if self.unit == "hour" else [text[:10] for text in self.times()]


@lru_cache(maxsize=64)
def open_span(
    zone: str, first: date, last: date, unit: str, window: Window = Window(), *, repeated_hours: bool = True
) -> Span:
    """Cut the days from *first* to *last* into buckets of an ``hour``, ``day``, ``week`` (from Sunday) or ``month``.

    Without *repeated_hours* an hour that the clocks repeat is one bucket.
    """
    begin, end = _local_day(first) * _DAY_HOURS, (_local_day(last) + 1) * _DAY_HOURS
    hours = np.arange(begin - _offset_at_midnight(zone, first), end - _offset_at_end(zone, last), dtype=np.int64)
    local = hours + _offsets(zone, hours)
    counts = _counted(local, begin, end, window)
    number = hours if unit == "hour" and repeated_hours else _number(local, unit)
    kept, where = np.unique(number[counts], return_index=True)
    bucket = np.full(len(hours), -1, np.int32)
    bucket[counts] = np.searchsorted(kept, number[counts])
    start = local[counts][where]
    if unit != "hour":
        start = start // _DAY_HOURS * _DAY_HOURS
    first_hour = int(hours[0]) if len(hours) else begin
    return Span(first_hour, bucket, start, unit)


def local_midnight_ms(zone: str, day: date) -> int:
    """UTC milliseconds at which *day* begins in *zone*."""
    return day_ms(day) - _offset_at_midnight(zone, day) * HOUR_MS


def _counted(local: npt.NDArray[np.int64], begin: int, end: int, window: Window) -> npt.NDArray[np.bool_]:
    if window.each_day:
        of_day = local % _DAY_HOURS
        return (of_day >= window.first) & (of_day < window.end)
    return (local >= begin + window.first) & (local < end - _DAY_HOURS + window.end)


def _number(local: npt.NDArray[np.int64], unit: str) -> npt.NDArray[np.int64]:
    """Number hours so that those of one bucket are equal, and later ones higher."""
    if unit == "hour":
        return local
    days = local // _DAY_HOURS
    if unit == "day":
        return days
    if unit == "week":
        return (days + 4) // 7  # the first of January 1970 was a Thursday
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _local_day(day: date) -> int:
    return day_ms(day) // (_DAY_HOURS * HOUR_MS)


def _offset_at_midnight(zone: str, day: date) -> int:
    return _offset(datetime.combine(day, time(0), ZoneInfo(zone)))


def _offset_at_end(zone: str, day: date) -> int:
    if day == date.max:
        return _offset(datetime.combine(day, time(23), ZoneInfo(zone)))
    return _offset_at_midnight(zone, day + timedelta(days=1))


def _offset(local: datetime) -> int:
    """Hours to add to UTC; the odd minutes and seconds of the nineteenth century are rounded away."""
    away = local.utcoffset() or timedelta()
    return round(away / timedelta(hours=1))


def _offsets(zone: str, hours: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The offset in force at each UTC hour: looked up once a day, and hour by hour where it changes."""
    offsets = np.empty(len(hours), np.int64)
    for at in range(0, len(hours), _DAY_HOURS):
        end = min(at + _DAY_HOURS, len(hours))
        first, last = _offset_of(zone, int(hours[at])), _offset_of(zone, int(hours[end - 1]))
        offsets[at:end] = (
            first
            if first == last
            else [_offset_of(zone, hour) for hour in range(int(hours[at]), int(hours[at]) + end - at)]
        )
    return offsets


def _offset_of(zone: str, hour: int) -> int:
    lowest, highest = 16 - 719162 * 24, 2932896 * 24 - 16  # half a day inside the calendar
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=max(lowest, min(highest, hour)))
    return _offset(moment.astimezone(ZoneInfo(zone)))
