"""Millions of sessions, arranged once by who watched, so that any filter is counted without sorting.

Viewers are put in the order of their place and device: a filter by those is then a few stretches of rows, and within
each viewer's rows time ascends, as `testcard.apis.amagi.counting` wants it. Only for the story's own past: explicit
rows and sessions that still run are counted the plain way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.amagi.catalogue import Catalogue
from testcard.apis.amagi.counting import Counts, count_arranged
from testcard.apis.amagi.customers import API
from testcard.apis.amagi.questions import Filters
from testcard.apis.amagi.sessions import masks
from testcard.apis.amagi.zones import HOUR_MS, Ints, Span
from testcard.world.columns import LONGEST_MS
from testcard.world.story import DAY_MS, Story, day_ms, day_of, now_ms
from testcard.world.world import World

__all__ = ["Arranged", "arrange", "count_past"]

_WORTH_IT = 300_000  # sessions in a range from which on it is arranged
_KEEP = 2


@dataclass(frozen=True, eq=False)
class Arranged:
    """Sessions from *first_hour* (UTC hours since 1970) on, *hours* of them.

    *cells* says at which row each (place, device) of the story begins, and in the end how many rows there are.
    """

    first_hour: int
    hours: int
    devices: int
    cells: npt.NDArray[np.int64]
    hour: Ints
    visitor: npt.NDArray[np.int32]
    minutes: npt.NDArray[np.uint8]
    channel: npt.NDArray[np.int8]
    content: npt.NDArray[np.int16]

    def count(self, catalogue: Catalogue, filters: Filters, span: Span) -> Counts:
        """Count the sessions that pass the filters."""
        passes = masks(catalogue, filters, ads=False)
        stretches = list(self._stretches(catalogue, passes))
        columns = [self.hour, self.visitor, self.minutes]
        columns += [getattr(self, name) for name in ("channel", "content") if name in passes]
        hour, visitor, minutes, *codes = (_picked(column, stretches) for column in columns)
        chosen = [_passing(code, passes[name]) for name, code in zip(_filtered(passes), codes, strict=True)]
        if chosen:
            kept = np.flatnonzero(np.logical_and.reduce(chosen))
            hour, visitor, minutes = hour[kept], visitor[kept], minutes[kept]
        bucket = np.take(self._buckets(span), hour, mode="clip")  # quicker than indexing; no hour is out of range
        return count_arranged(bucket, visitor, minutes, len(span))

    def _stretches(self, catalogue: Catalogue, passes: dict[str, npt.NDArray[np.bool_]]) -> Iterator[slice]:
        """The rows of the places and devices that pass, adjacent ones joined."""
        places = len(self.cells) // self.devices
        place = passes["place"][catalogue.place_of_story] if "place" in passes else np.ones(places, bool)
        device = passes["device"][: self.devices] if "device" in passes else np.ones(self.devices, bool)
        chosen = np.concatenate([[False], np.logical_and.outer(place, device).ravel(), [False]])
        edges = np.flatnonzero(chosen[1:] != chosen[:-1])
        for first, end in edges.reshape(-1, 2).tolist():
            yield slice(int(self.cells[first]), int(self.cells[end]))

    def _buckets(self, span: Span) -> Ints:
        """The span's bucket for each hour of ours."""
        table: Ints = _small(np.full(self.hours, -1, np.int32), len(span))
        shift = span.first_hour - self.first_hour
        first, end = max(0, shift), min(self.hours, shift + len(span.bucket))
        if first < end:
            table[first:end] = span.bucket[first - shift : end - shift]
        return table


def count_past(world: World, catalogue: Catalogue, filters: Filters, span: Span) -> Counts | None:
    """Count a range that is over and large; None where the plain way is due."""
    story = world.story
    first, last = day_of(span.from_ms), day_of(span.to_ms - 1)
    profile = story.profile
    expected = profile.total or profile.sessions * ((last - first).days + 1)
    plain = world.rows.given(API, "sessions") or world.rows.replaced(API, "sessions")
    if plain or expected < _WORTH_IT or span.to_ms + LONGEST_MS > now_ms(world.now()):
        return None
    if profile.first and profile.last:
        first, last = profile.first, profile.last
    return _arranged(story, first, last).count(catalogue, filters, span)


def arrange(story: Story, first: date, last: date) -> Arranged:
    """Arrange the sessions that start on the days from *first* to *last*."""
    seen = story.viewing_range(API, first, last)
    audience = story.audience
    of_visitor = np.unique(audience.visitor, return_index=True)[1]
    devices = len(audience.devices)
    cell = audience.place[of_visitor].astype(np.int64) * devices + audience.device[of_visitor]
    by_cell = np.argsort(cell, kind="stable")
    rank = np.empty(len(by_cell), np.int32)
    rank[by_cell] = np.arange(len(by_cell), dtype=np.int32)
    visitor = rank[audience.visitor][seen.viewer]
    order = np.argsort(visitor, kind="stable")
    visitor = visitor[order]
    last_visitor = np.searchsorted(cell[by_cell], np.arange(len(audience.places) * devices + 1))
    first_hour = day_ms(first) // HOUR_MS
    hours = (day_ms(last) + DAY_MS) // HOUR_MS - first_hour
    hour = seen.start_ms // HOUR_MS - first_hour
    return Arranged(
        first_hour,
        hours,
        devices,
        np.searchsorted(visitor, last_visitor),
        _small(hour, hours)[order],
        visitor,
        ((seen.duration_ms + 30_000) // 60_000).astype(np.uint8)[order],
        seen.channel.astype(np.int8)[order],
        seen.title[order],
    )


_kept: OrderedDict[tuple[Any, ...], Arranged] = OrderedDict()
_lock = threading.Lock()


def _arranged(story: Story, first: date, last: date) -> Arranged:
    """The arrangement of a range, made once and kept while it is among the last used."""
    key = (story.seed, story.profile_name, first, last)
    with _lock:
        found = _kept.get(key)
        if found is None:
            found = _kept[key] = arrange(story, first, last)
        _kept.move_to_end(key)
        while len(_kept) > _KEEP:
            _kept.popitem(last=False)
    return found


def _small(column: Ints, count: int) -> Ints:
    """The column in the smallest type for numbers below *count*."""
    return column.astype(np.int16) if count < 1 << 15 else column.astype(np.int32)


def _filtered(passes: dict[str, npt.NDArray[np.bool_]]) -> list[str]:
    return [name for name in ("channel", "content") if name in passes]


def _passing(column: Ints, passes: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark the rows whose code passes; a few codes are compared, which is quicker than looking each up."""
    codes = np.flatnonzero(passes)
    if len(codes) > 3:
        return np.take(passes, column, mode="clip")
    found = np.zeros(len(column), bool)
    for code in codes.tolist():
        if code <= np.iinfo(column.dtype).max:
            found |= column == code
    return found


def _picked(column: npt.NDArray[Any], stretches: list[slice]) -> npt.NDArray[Any]:
    if len(stretches) == 1:
        return column[stretches[0]]
    return np.concatenate([column[each] for each in stretches]) if stretches else column[:0]
