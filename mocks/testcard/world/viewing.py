"""Viewing: every session of a platform and day, as numpy columns sorted by start.

A day is a function of (seed, profile, platform, day) alone: made from counters (`testcard.seed`), from look-up tables
and integers only, so the bytes are the same on every machine. Days and ranges are kept in one cache for the process,
bounded by bytes. No vendor here.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from testcard.data import load
from testcard.seed import below_array, mix, mix_array, scramble_array, unscramble
from testcard.world.audience import Ints, field, freeze, table
from testcard.world.story import DAY_MS, Airing, Channel, Profile, Story, Title, day_ms, open_story

__all__ = [
    "LONGEST_MS",
    "Session",
    "Viewing",
    "ViewingCache",
    "cache",
    "count",
    "locate",
    "schedule",
    "viewing",
    "viewing_range",
]

LONGEST_MS = 4 * 3_600_000  # no session is longer
_HALF_HOURS = 48
_KEEP_DAYS_BELOW = 1_000_000  # sessions in a range, above which its days are not kept one by one as well


class Session(NamedTuple):
    """One session, as plain integers; the columns of `Viewing` say what they mean."""

    key: int
    start_ms: int
    duration_ms: int
    viewer: int
    channel: int
    title: int
    live: bool

    @property
    def end_ms(self) -> int:
        """Epoch milliseconds at which it ends."""
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, slots=True, eq=False)
class Viewing:
    """Sessions sorted by start; columns of equal length, read-only.

    *key* is unique and stable on its platform; *start_ms* is UTC epoch milliseconds; *duration_ms* is from 1,000 to
    `LONGEST_MS`, and for a title on demand at most its length; *viewer*, *channel* and *title* are codes into the
    story's audience, channels and titles; *live* says whether a linear channel was watched.
    """

    key: npt.NDArray[np.uint64]
    start_ms: npt.NDArray[np.int64]
    duration_ms: npt.NDArray[np.int32]
    viewer: npt.NDArray[np.int32]
    channel: npt.NDArray[np.int16]
    title: npt.NDArray[np.int16]
    live: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.key)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """All columns, in the order of their declaration."""
        return (self.key, self.start_ms, self.duration_ms, self.viewer, self.channel, self.title, self.live)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(column.nbytes for column in self.columns)

    @property
    def end_ms(self) -> npt.NDArray[np.int64]:
        """Epoch milliseconds at which each session ends (a new column)."""
        return self.start_ms + self.duration_ms

    def session(self, row: int) -> Session:
        """Return one row as plain integers."""
        key, start, duration, viewer, channel, title, live = (column[row].item() for column in self.columns)
        return Session(key, start, duration, viewer, channel, title, live)

    def take(self, rows: slice | npt.NDArray[Any]) -> Viewing:
        """Return some rows: a slice (without copying), a mask or an array of positions in ascending order."""
        return _frozen(column[rows] for column in self.columns)

    def started(self, from_ms: int, to_ms: int) -> Viewing:
        """Return the sessions that start in [from_ms, to_ms), without copying."""
        first, end = np.searchsorted(self.start_ms, [from_ms, to_ms])
        return self.take(slice(int(first), int(end)))

    def visible(self, now_ms: int) -> Viewing:
        """Return the sessions that have started by *now_ms* (start <= now), without copying."""
        return self.take(slice(0, int(np.searchsorted(self.start_ms, now_ms, side="right"))))

    def running(self, now_ms: int) -> npt.NDArray[np.bool_]:
        """Mark the sessions that run at *now_ms*: start <= now < end."""
        return (self.start_ms <= now_ms) & (now_ms < self.end_ms)

    def overlapping(self, from_ms: int, to_ms: int) -> Viewing:
        """Return the sessions that run at some time within [from_ms, to_ms): start < to and end > from."""
        near = self.started(from_ms - LONGEST_MS, to_ms)
        return near.take(near.end_ms > from_ms)


class ViewingCache:
    """Viewing by what made it; the least recently used goes first when *limit* bytes are exceeded."""

    def __init__(self, limit: int = 512 << 20) -> None:
        self.limit = limit
        self.nbytes = 0
        self._kept: OrderedDict[Hashable, Viewing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> Viewing | None:
        """Return what is kept under *name*."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Hashable, made: Viewing) -> Viewing:
        """Keep *made* and return it; what is larger than the limit is not kept."""
        with self._lock:
            if name not in self._kept and made.nbytes <= self.limit:
                self._kept[name] = made
                self.nbytes += made.nbytes
            while self.nbytes > self.limit:
                self.nbytes -= self._kept.popitem(last=False)[1].nbytes
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.nbytes = 0


cache = ViewingCache()


def viewing(story: Story, platform: str, day: date) -> Viewing:
    """Return the sessions that start on *day*, made once."""
    name = (story.seed, story.profile_name, platform, day)
    found = cache.get(name)
    return cache.keep(name, _make_day(story, platform, day)) if found is None else found


def viewing_range(
    story: Story,
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
    make = viewing if sum(counts) < _KEEP_DAYS_BELOW else _make_day
    early = _still_running(story, platform, first) if look_back else _empty(0)
    joined, filled = _empty(len(early) + sum(counts)), len(early)
    _fill(joined, 0, early)
    for day, rows in zip(days, counts, strict=True):
        _fill(joined, filled, make(story, platform, day))
        filled += rows
        if progress:
            progress(filled - len(early), len(joined) - len(early))
    freeze(*joined.columns)
    return cache.keep(name, joined)


def locate(story: Story, platform: str, key: int) -> Session | None:
    """Return the session with that key; see `Story.locate`."""
    ordinal, row = divmod(unscramble(key) ^ _key_mask(story, platform), 1 << 32)
    if not 1 <= ordinal <= date.max.toordinal():
        return None
    day = date.fromordinal(ordinal)
    return viewing(story, platform, day).session(row) if row < count(story, platform, day) else None


def count(story: Story, platform: str, day: date) -> int:
    """Return how many sessions start on *day*."""
    profile = story.profile
    if profile.first and profile.last:
        inside = profile.first <= day <= profile.last
        return _shares(profile)[(day - profile.first).days] if inside else 0
    rhythm = _rhythm()
    slowest, fastest = rhythm["growth_range"]
    growth = 1000 + rhythm["growth_permille"] * (day.year - rhythm["base_year"])
    noise = mix(story.seed, platform, "noise", day.toordinal()) % (2 * rhythm["noise_permille"] + 1)
    shape = max(slowest, min(fastest, growth)) * rhythm["weekdays"][day.weekday()]
    sessions: int = profile.sessions * shape * (1000 - rhythm["noise_permille"] + noise) // 1000**3
    return sessions


def schedule(story: Story, channel: Channel, day: date) -> list[Airing]:
    """Return what a linear channel airs on *day*; see `Story.schedule`."""
    if channel.kind != "linear":
        return []
    midnight, slot_ms = day_ms(day), channel.slot_minutes * 60_000
    grid = _grid(story.seed, day)[channel.code]
    return [
        Airing(start, start + slot_ms, channel, story.titles[grid[(start - midnight) // 1_800_000]])
        for start in range(midnight, midnight + DAY_MS, slot_ms)
    ]


def _make_day(story: Story, platform: str, day: date) -> Viewing:
    """Make the sessions of a day: starts are drawn and sorted, everything else belongs to the rank."""
    rows = count(story, platform, day)
    if rows == 0:
        return _frozen(_empty(0).columns)
    ordinal = day.toordinal()
    base = mix(story.seed, story.profile_name, platform, ordinal)
    rank = np.arange(rows, dtype=np.uint64)
    offset = _starts(mix_array(base, "start", counters=rank))
    what, who = mix_array(base, "what", counters=rank), mix_array(base, "who", counters=rank)
    choices = _choices(_period(day))
    choice = choices.draw[field(what, 48, 16)]
    channel, title = choices.channel[choice], choices.title[choice]
    live = title < 0
    title[live] = _grid(story.seed, day)[channel[live], offset[live] // 1_800_000]
    key = scramble_array((rank | np.uint64(ordinal << 32)) ^ np.uint64(_key_mask(story, platform)))
    duration = _durations(what, title, live)
    viewer = _viewers(who, offset // 3_600_000, len(story.audience))
    return _frozen((key, offset.astype(np.int64) + day_ms(day), duration, viewer, channel, title, live))


def _starts(draw: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Milliseconds since midnight, sorted."""
    minute = _minutes()[field(draw, 48, 16)].astype(np.int32)
    offset: npt.NDArray[np.int32] = minute * np.int32(60_000) + (field(draw, 0, 32) * 60_000 >> 32).astype(np.int32)
    offset.sort()
    return offset


def _durations(draw: npt.NDArray[np.uint64], title: Ints, live: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Milliseconds; on demand nobody watches longer than the title lasts."""
    drawn = _seconds()[field(draw, 32, 16)] * np.int32(1000) + (field(draw, 0, 16) * 1000 >> 16).astype(np.int32)
    longest = _lengths()[title]
    longest[live] = LONGEST_MS
    shorter: npt.NDArray[np.int32] = np.minimum(drawn, longest)
    return shorter


def _viewers(draw: npt.NDArray[np.uint64], hour: Ints, viewers: int) -> npt.NDArray[np.int32]:
    """Viewers whose habit fits the hour; low codes watch most (a square law)."""
    habits = _habits()
    level = field(draw, 40, 24)
    group = (level * level >> 24) * (viewers // habits.shape[1]) >> 24
    habit = _habit_draw()[hour, field(draw, 0, 8)]
    return (group * habits.shape[1] + habit).astype(np.int32)


class _Choices(NamedTuple):
    """What a session can be: a linear channel (title -1: whatever is on) or a title of an on-demand channel."""

    draw: npt.NDArray[np.int16]
    channel: npt.NDArray[np.int16]
    title: npt.NDArray[np.int16]


@lru_cache(maxsize=1)
def _changes() -> list[int]:
    """The days (ordinals) on which the set of licensed titles changes."""
    titles = open_story(0).titles
    starts = {title.licensed_from.toordinal() for title in titles if title.licensed_from}
    return sorted(starts | {title.licensed_to.toordinal() + 1 for title in titles if title.licensed_to})


def _period(day: date) -> int:
    """Number the stretches of days with the same licensed titles."""
    return bisect_right(_changes(), day.toordinal())


@lru_cache(maxsize=64)
def _licensed(period: int, kind: str) -> tuple[Title, ...]:
    day = date.fromordinal(_changes()[period] - 1) if period < len(_changes()) else date.max
    return tuple(title for title in open_story(0).titles if title.kind == kind and title.licensed_on(day))


@lru_cache(maxsize=64)
def _choices(period: int) -> _Choices:
    linear = [channel for channel, _ in _programmes(period)]
    on_demand = [(title, channel) for title in _licensed(period, "vod") for channel in title.channels]
    parts = [title.weight * 12 // len(title.channels) for title, _ in on_demand]
    permille = _rhythm()["linear_permille"]
    weights = [channel.weight * permille * sum(parts) for channel in linear]
    weights += [part * (1000 - permille) * sum(channel.weight for channel in linear) for part in parts]
    return _Choices(
        table(weights),
        np.array([channel.code for channel in (*linear, *(channel for _, channel in on_demand))], np.int16),
        np.array([-1] * len(linear) + [title.code for title, _ in on_demand], np.int16),
    )


@lru_cache(maxsize=1024)
def _grid(seed: int, day: date) -> npt.NDArray[np.int16]:
    """The title on each linear channel in each half-hour of *day*."""
    programmes = _programmes(_period(day))
    grid = np.empty((len(programmes), _HALF_HOURS), np.int16)
    half_hours = np.arange(_HALF_HOURS, dtype=np.uint64)
    for row, (channel, shown) in enumerate(programmes):
        slot = half_hours // np.uint64(channel.slot_minutes // 30)
        grid[row] = shown[below_array(len(shown), seed, "schedule", channel.slug, day.toordinal(), counters=slot)]
    return grid


@lru_cache(maxsize=64)
def _programmes(period: int) -> list[tuple[Channel, npt.NDArray[np.int16]]]:
    """Each linear channel, by code, with the codes of its licensed titles, each as often as it weighs."""
    live = _licensed(period, "live")
    return [
        (channel, np.array([t.code for t in live if channel in t.channels for _ in range(t.weight)], np.int16))
        for channel in open_story(0).channels
        if channel.kind == "linear"
    ]


@lru_cache(maxsize=1)
def _rhythm() -> dict[str, Any]:
    rhythm: dict[str, Any] = load("fixtures/story/broadcaster.yaml")["rhythm"]
    return rhythm


@lru_cache(maxsize=1)
def _minutes() -> npt.NDArray[np.int16]:
    """Draws a minute of the day, by the hours' weights and evenly changing between them."""
    hours = _rhythm()["hours"]
    return table([hours[at // 60] * (60 - at % 60) + hours[(at // 60 + 1) % 24] * (at % 60) for at in range(24 * 60)])


@lru_cache(maxsize=1)
def _seconds() -> npt.NDArray[np.int32]:
    """Draws a duration in seconds, by straight lines between the given points of its distribution."""
    slots = np.arange(1 << 16) * 1000
    seconds = np.empty(len(slots), np.int32)
    for (low, first), (high, last) in pairwise(_rhythm()["durations_s"]):
        within = (slots >= low << 16) & (slots < high << 16)
        seconds[within] = first + (slots[within] - (low << 16)) * (last - first) // ((high - low) << 16)
    return seconds


@lru_cache(maxsize=1)
def _lengths() -> npt.NDArray[np.int32]:
    return np.array([title.duration_s * 1000 for title in open_story(0).titles], np.int32)


@lru_cache(maxsize=1)
def _habits() -> npt.NDArray[np.int32]:
    """Weights by hour and position in the pattern of habits."""
    habits = load("fixtures/story/broadcaster.yaml")["habits"]
    return np.array([habits["weights"][name] for name in habits["pattern"]], np.int32).T


@lru_cache(maxsize=1)
def _habit_draw() -> npt.NDArray[np.int32]:
    return np.stack([table(weights.tolist(), 256).astype(np.int32) for weights in _habits()])


@lru_cache(maxsize=16)
def _shares(profile: Profile) -> tuple[int, ...]:
    """Sessions a day that add up to the profile's total, in the weekly rhythm."""
    if profile.first is None or profile.last is None:
        return ()
    weekdays = _rhythm()["weekdays"]
    days = (profile.last - profile.first).days + 1
    sums = list(accumulate((weekdays[(profile.first.weekday() + day) % 7] for day in range(days)), initial=0))
    bounds = [profile.total * value // sums[-1] for value in sums]
    return tuple(end - start for start, end in pairwise(bounds))


def _key_mask(story: Story, platform: str) -> int:
    return mix(story.seed, story.profile_name, platform, "key")


def _days(profile: Profile, first: date, last: date) -> list[date]:
    """The days of a range on which anything can start."""
    if profile.first and profile.last:
        first, last = max(first, profile.first), min(last, profile.last)
    elif not profile.sessions:
        return []
    return [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]


def _still_running(story: Story, platform: str, day: date) -> Viewing:
    """The sessions of the day before that still run when *day* begins."""
    if day == date.min:
        return _empty(0)
    before = viewing(story, platform, day - timedelta(days=1))
    return before.overlapping(day_ms(day), day_ms(day) + 1)


def _empty(rows: int) -> Viewing:
    return Viewing(
        np.empty(rows, np.uint64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int32),
        np.empty(rows, np.int32),
        np.empty(rows, np.int16),
        np.empty(rows, np.int16),
        np.empty(rows, np.bool_),
    )


def _frozen(columns: Iterable[Any]) -> Viewing:
    made = Viewing(*columns)
    freeze(*made.columns)
    return made


def _fill(into: Viewing, at: int, source: Viewing) -> None:
    for column, values in zip(into.columns, source.columns, strict=True):
        column[at : at + len(values)] = values
