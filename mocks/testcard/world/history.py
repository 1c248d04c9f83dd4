"""Tables of things that happen: read back over any stretch of time, a page at a time.

A history comes in pieces that say how many rows they have before any is made, so a page far behind costs no more than
the first. The story has no beginning where its profile has none; a stretch without a beginning then starts a year back,
with the first of a month, so that pages do not shift from day to day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from testcard.world.days import DAY_MS, day_ms, day_of, now_ms

if TYPE_CHECKING:
    from testcard.world.world import World

__all__ = ["DayPart", "History", "Piece", "Stretch", "given_piece", "page", "story_days"]


class Stretch(NamedTuple):
    """From one moment to before another, in epoch milliseconds; None where it is open."""

    from_ms: int | None = None
    to_ms: int | None = None

    def holds(self, ms: int) -> bool:
        """Whether a moment lies in it."""
        return (self.from_ms is None or self.from_ms <= ms) and (self.to_ms is None or ms < self.to_ms)


class Piece(NamedTuple):
    """Rows in their order: how many there are, and what makes those of a slice."""

    size: int
    rows: Callable[[slice], Iterable[dict[str, Any]]]


class History(NamedTuple):
    """How a table of things that happen is read: explicit rows first, then the story's by time."""

    pieces: Callable[[World, Stretch], Iterable[Piece]]


class DayPart(NamedTuple):
    """What a stretch has of one UTC day: from one moment to before another, in epoch milliseconds."""

    day: date
    from_ms: int
    to_ms: int

    @property
    def whole(self) -> bool:
        """Whether it is the whole day."""
        return self.to_ms - self.from_ms == DAY_MS


def page(pieces: Iterable[Piece], offset: int, limit: int) -> Iterator[dict[str, Any]]:
    """At most *limit* rows from number *offset* on; pieces outside are not made."""
    first, left = offset, limit
    for piece in pieces:
        taken = max(0, min(piece.size - first, left))
        if taken:
            yield from piece.rows(slice(first, first + taken))
        first, left = max(0, first - piece.size), left - taken
        if not left:
            return


def given_piece(rows: Sequence[dict[str, Any]], moment: Callable[[dict[str, Any]], int], stretch: Stretch) -> Piece:
    """The explicit rows of a stretch, as they were put; *moment* dates a row, in epoch milliseconds."""
    if stretch != Stretch():
        rows = [row for row in rows if stretch.holds(moment(row))]
    return Piece(len(rows), rows.__getitem__)


def story_days(world: World, stretch: Stretch) -> Iterator[DayPart]:
    """The days of a stretch on which the story has anything, in order, as far as the world's now (included)."""
    end = now_ms(world.now()) + 1
    first_ms, to_ms = _first_ms(world, stretch), end if stretch.to_ms is None else min(stretch.to_ms, end)
    first, last = day_of(first_ms), day_of(to_ms - 1)
    profile = world.story.profile
    if profile.first and profile.last:
        first, last = max(first, profile.first), min(last, profile.last)
    elif not profile.sessions:
        return
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        begin = day_ms(day)
        yield DayPart(day, max(begin, first_ms), min(begin + DAY_MS, to_ms))


def _first_ms(world: World, stretch: Stretch) -> int:
    if stretch.from_ms is not None:
        return stretch.from_ms
    now = world.now()
    first = world.story.profile.first or date(max(1, now.year - 1), now.month, 1)
    return now_ms(datetime.combine(first, time(0), UTC))
