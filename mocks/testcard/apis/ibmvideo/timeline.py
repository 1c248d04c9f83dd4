"""A timeline: the segments of a stretch of days with all that is worked out from them, kept within bounds.

The story's timelines are shared by all worlds of a process; a world with explicit rows has its own, with these merged
in. What a filter leaves is an array of row numbers, called *positions*; None stands for all rows.
"""

from __future__ import annotations

import itertools
import logging
import sys
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.cast import Cast, story_cast
from testcard.apis.ibmvideo.contents import Content, Filter, story_contents
from testcard.apis.ibmvideo.segments import Segments, make_days
from testcard.exchange import Refused
from testcard.world.story import Story
from testcard.world.viewing import LONGEST_MS

__all__ = ["EARLIEST", "PLATFORM", "Positions", "Timeline", "history", "stable_order", "story_timeline"]

PLATFORM = "ibmvideo"
EARLIEST = date(2017, 1, 1)  # nothing older is kept; the document's own samples are of 2018
_HISTORY_DAYS = 90
_MOST_SESSIONS = 40_000_000
_LARGE = 1_000_000  # sessions from which on making them takes long enough to say so
_LIMIT = 256 << 20
_FEWEST, _MOST = 2, 64  # timelines that are kept whatever their size, and however small they are
_KEPT_VIEWS = 8

Positions = npt.NDArray[np.int32] | None
Numbers = npt.NDArray[np.integer[Any]]
_Name = tuple[Story, date, date]
T = TypeVar("T")

_log = logging.getLogger("testcard.ibmvideo")
_serials = itertools.count()


class Timeline:
    """Segments in order, who watched them and what; *explicit* holds the rows that were put in, by their number."""

    def __init__(
        self,
        segments: Segments,
        cast: Cast,
        contents: Sequence[Content],
        longest_ms: int = LONGEST_MS,
        explicit: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.serial = next(_serials)
        self.segments = segments
        self.cast = cast
        self.contents = contents
        self.longest_ms = longest_ms
        self.explicit = explicit
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.RLock()

    def positions(self, wanted: Filter) -> Positions:
        """The rows of the contents asked for; None for all."""
        return self.keep(("positions", wanted), lambda: self._positions(wanted)) if wanted else None

    def rows(self, positions: Positions, numbers: Numbers) -> Numbers:
        """Row numbers of the timeline, from numbers into *positions*."""
        return numbers if positions is None else positions[numbers]

    def bisect(self, positions: Positions, ms: int) -> int:
        """How many rows begin before *ms*."""
        row = int(np.searchsorted(self.segments.start_ms, ms))
        return row if positions is None else int(np.searchsorted(positions, row))

    def keep(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what was worked out under *name*, or work it out; the least recently used goes first."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                found: T = self._kept[name]
                return found
            made = self._kept[name] = make()
            while len(self._kept) > _KEPT_VIEWS:
                self._kept.popitem(last=False)
            return made

    def _positions(self, wanted: Filter) -> npt.NDArray[np.int32]:
        accepted = np.array([wanted.accepts(content) for content in self.contents])
        return np.flatnonzero(accepted[self.segments.content]).astype(np.int32)


def stable_order(codes: Numbers) -> npt.NDArray[np.int32]:
    """Positions of small non-negative *codes* in ascending order, equal ones as they stand; 16 bits at a time."""
    low = np.argsort((codes & 0xFFFF).astype(np.uint16), kind="stable").astype(np.int32)
    high = (codes >> 16).astype(np.uint16)
    if not high.any():
        return low
    return low[np.argsort(high[low], kind="stable")]


def history(story: Story, today: date) -> tuple[date, date]:
    """The days that the viewers' lists look back on: the profile's own, or the last ninety.

    Source: our choice, ledger IB-45.
    """
    return story.profile.first or max(EARLIEST, today - timedelta(days=_HISTORY_DAYS - 1)), today


def story_timeline(story: Story, first: date, last: date, *, exact: bool = False) -> Timeline:
    """The story's segments that begin from *first* to *last*; more of them unless *exact*. Made once while kept."""
    return _timelines.find(story, *_clipped(story, first, last), exact=exact)


def _clipped(story: Story, first: date, last: date) -> tuple[date, date]:
    """Leave out days on which nothing can begin."""
    first, last = max(first, EARLIEST), max(last, EARLIEST)
    if story.profile.first and story.profile.last:
        bounds = story.profile.first, story.profile.last + timedelta(days=1)
        first, last = max(first, bounds[0]), min(last, bounds[1])
    return first, max(first, last)


class _Timelines:
    """Timelines of stories, the least recently used leaving first when they are more than *limit* bytes.

    While one story's is made, the others' are at hand.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._making: defaultdict[Story, threading.Lock] = defaultdict(threading.Lock)
        self._kept: OrderedDict[_Name, Timeline] = OrderedDict()

    def find(self, story: Story, first: date, last: date, *, exact: bool) -> Timeline:
        with self._lock:
            making = self._making[story]
        with making:
            found = self._kept_one(story, first, last, exact=exact)
            return found or self._keep((story, first, last), _make(story, first, last))

    def _kept_one(self, story: Story, first: date, last: date, *, exact: bool) -> Timeline | None:
        with self._lock:
            for name, timeline in self._kept.items():
                covers = (first, last) == name[1:] if exact else name[1] <= first and last <= name[2]
                if covers and name[0] == story:
                    self._kept.move_to_end(name)
                    return timeline
        return None

    def _keep(self, name: _Name, made: Timeline) -> Timeline:
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > _MOST or (len(self._kept) > _FEWEST and self._nbytes() > self._limit):
                self._kept.popitem(last=False)
            for story in {*self._making} - {kept[0] for kept in self._kept}:
                if not self._making[story].locked():
                    del self._making[story]
        return made

    def _nbytes(self) -> int:
        return sum(each.segments.nbytes for each in self._kept.values())


_timelines = _Timelines()


def _make(story: Story, first: date, last: date) -> Timeline:
    days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]
    if not (story.profile.sessions or story.profile.total):
        days = []
    sessions = sum(story.count(PLATFORM, day) for day in days)
    if sessions > _MOST_SESSIONS:
        raise Refused(
            503,
            "too-much",
            f"{sessions} sessions lie between {first} and {last}; this mock holds {_MOST_SESSIONS}: shorten the period",
        )
    progress = _Progress(sessions) if sessions >= _LARGE else None
    return Timeline(make_days(story, PLATFORM, days, progress), story_cast(story), story_contents(story))


class _Progress:
    """Says on the terminal, if there is one, and in the log how far the making of a large world is."""

    def __init__(self, sessions: int) -> None:
        self._what = f"making the segments of {sessions:,} sessions"
        self._told = -1
        _log.info("%s", self._what)

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent != self._told and sys.stderr.isatty():
            self._told = percent
            sys.stderr.write(f"\rtestcard: {self._what}: {percent:3d} %" + ("\n" if done == total else ""))
            sys.stderr.flush()
