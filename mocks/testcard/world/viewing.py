"""Viewing: every session of a platform, by day and by range of days, made on demand and kept while there is room.

Days and ranges are kept in one cache for the process, bounded by bytes. No vendor here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from testcard.world.columns import LONGEST_MS, Session, Viewing, ViewingCache, empty, freeze
from testcard.world.content import Profile
from testcard.world.days import day_ms
from testcard.world.premise import Premise
from testcard.world.sessions import count, make_day, origin

__all__ = [
    "LONGEST_MS",
    "Session",
    "Viewing",
    "ViewingCache",
    "cache",
    "locate",
    "viewing",
    "viewing_range",
]

_KEEP_DAYS_BELOW = 1_000_000  # sessions in a range, above which its days are not kept one by one as well

cache = ViewingCache()


def viewing(story: Premise, platform: str, day: date) -> Viewing:
    """Return the sessions that start on *day*, made once."""
    name = (story.seed, story.profile_name, platform, day)
    found = cache.get(name)
    return cache.keep(name, make_day(story, platform, day)) if found is None else found


def viewing_range(
    story: Premise,
    platform: str,
    first: date,
    last: date,
    *,
    look_back: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Viewing:
    """Return the sessions of all days from *first* to *last*; see `Story.viewing_range`."""
    name = (story.seed, story.profile_name, platform, first, last, look_back)
    found = cache.get(name)
    if found is not None:
        return found
    days = _days(story.profile, first, last)
    counts = [count(story, platform, day) for day in days]
    make = viewing if sum(counts) < _KEEP_DAYS_BELOW else make_day
    early = _still_running(story, platform, first) if look_back else empty(0)
    joined, filled = empty(len(early) + sum(counts)), len(early)
    _fill(joined, 0, early)
    for day, rows in zip(days, counts, strict=True):
        _fill(joined, filled, make(story, platform, day))
        filled += rows
        if progress:
            progress(filled - len(early), len(joined) - len(early))
    freeze(*joined.columns)
    return cache.keep(name, joined)


def locate(story: Premise, platform: str, key: int) -> Session | None:
    """Return the session with that key; see `Story.locate`."""
    ordinal, row = origin(story, platform, key)
    if not 1 <= ordinal <= date.max.toordinal():
        return None
    day = date.fromordinal(ordinal)
    return viewing(story, platform, day).session(row) if row < count(story, platform, day) else None


def _days(profile: Profile, first: date, last: date) -> list[date]:
    """The days of a range on which anything can start."""
    if profile.first and profile.last:
        first, last = max(first, profile.first), min(last, profile.last)
    elif not profile.sessions:
        return []
    return [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]


def _still_running(story: Premise, platform: str, day: date) -> Viewing:
    """The sessions of the day before that still run when *day* begins."""
    if day == date.min:
        return empty(0)
    before = viewing(story, platform, day - timedelta(days=1))
    return before.overlapping(day_ms(day), day_ms(day) + 1)


def _fill(into: Viewing, at: int, source: Viewing) -> None:
    for column, values in zip(into.columns, source.columns, strict=True):
        column[at : at + len(values)] = values
