"""How the sessions of a day come about: counters, look-up tables and integers, nothing else.

A day is a function of (seed, profile, platform, day) alone, and the bytes are the same on every machine.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.data import load
from testcard.seed import mix, mix_array, scramble_array, unscramble
from testcard.world.audience import audience_of, table
from testcard.world.columns import LONGEST_MS, Viewing, empty, field, frozen
from testcard.world.content import Profile, content
from testcard.world.days import day_ms
from testcard.world.premise import Premise
from testcard.world.programme import HALF_HOUR_MS, choices, grid, rhythm

__all__ = ["count", "make_day", "origin"]

_Ints = npt.NDArray[np.integer[Any]]


def count(story: Premise, platform: str, day: date) -> int:
    """Return how many sessions start on *day*."""
    profile = story.profile
    if profile.first and profile.last:
        inside = profile.first <= day <= profile.last
        return _shares(profile)[(day - profile.first).days] if inside else 0
    beat = rhythm()
    slowest, fastest = beat["growth_range"]
    growth = 1000 + beat["growth_permille"] * (day.year - beat["base_year"])
    noise = mix(story.seed, platform, "noise", day.toordinal()) % (2 * beat["noise_permille"] + 1)
    shape = max(slowest, min(fastest, growth)) * beat["weekdays"][day.weekday()]
    sessions: int = profile.sessions * shape * (1000 - beat["noise_permille"] + noise) // 1000**3
    return sessions


def make_day(story: Premise, platform: str, day: date) -> Viewing:
    """Make the sessions of a day: starts are drawn and sorted, everything else belongs to the rank."""
    rows = count(story, platform, day)
    if rows == 0:
        return frozen(empty(0).columns)
    ordinal = day.toordinal()
    base = mix(story.seed, story.profile_name, platform, ordinal)
    rank = np.arange(rows, dtype=np.uint64)
    offset = _starts(mix_array(base, "start", counters=rank))
    what, who = mix_array(base, "what", counters=rank), mix_array(base, "who", counters=rank)
    offered = choices(day)
    choice = offered.draw[field(what, 48, 16)]
    channel, title = offered.channel[choice], offered.title[choice]
    live = title < 0
    title[live] = grid(story.seed, day)[channel[live], offset[live] // HALF_HOUR_MS]
    key = scramble_array((rank | np.uint64(ordinal << 32)) ^ np.uint64(_key_mask(story, platform)))
    duration = _durations(what, title, live)
    viewer = _viewers(who, offset // 3_600_000, len(audience_of(story.seed, story.profile.viewers)))
    return frozen((key, offset.astype(np.int64) + day_ms(day), duration, viewer, channel, title, live))


def _starts(draw: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Milliseconds since midnight, sorted."""
    minute = _minutes()[field(draw, 48, 16)].astype(np.int32)
    offset: npt.NDArray[np.int32] = minute * np.int32(60_000) + (field(draw, 0, 32) * 60_000 >> 32).astype(np.int32)
    offset.sort()
    return offset


def _durations(draw: npt.NDArray[np.uint64], title: _Ints, live: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Milliseconds; on demand nobody watches longer than the title lasts."""
    drawn = _seconds()[field(draw, 32, 16)] * np.int32(1000) + (field(draw, 0, 16) * 1000 >> 16).astype(np.int32)
    longest = _lengths()[title]
    longest[live] = LONGEST_MS
    shorter: npt.NDArray[np.int32] = np.minimum(drawn, longest)
    return shorter


def _viewers(draw: npt.NDArray[np.uint64], hour: _Ints, viewers: int) -> npt.NDArray[np.int32]:
    """Viewers whose habit fits the hour; low codes watch most (a square law)."""
    habits = _habits()
    level = field(draw, 40, 24)
    group = (level * level >> 24) * (viewers // habits.shape[1]) >> 24
    habit = _habit_draw()[hour, field(draw, 0, 8)]
    viewer: npt.NDArray[np.int32] = (group * habits.shape[1] + habit).astype(np.int32)
    return viewer


def origin(story: Premise, platform: str, key: int) -> tuple[int, int]:
    """Return the day (a proleptic Gregorian ordinal) and the row that a session's key was made of."""
    return divmod(unscramble(key) ^ _key_mask(story, platform), 1 << 32)


@lru_cache(maxsize=1)
def _minutes() -> npt.NDArray[np.int16]:
    """Draws a minute of the day, by the hours' weights and evenly changing between them."""
    hours = rhythm()["hours"]
    return table([hours[at // 60] * (60 - at % 60) + hours[(at // 60 + 1) % 24] * (at % 60) for at in range(24 * 60)])


@lru_cache(maxsize=1)
def _seconds() -> npt.NDArray[np.int32]:
    """Draws a duration in seconds, by straight lines between the given points of its distribution."""
    slots = np.arange(1 << 16) * 1000
    seconds = np.empty(len(slots), np.int32)
    for (low, first), (high, last) in pairwise(rhythm()["durations_s"]):
        within = (slots >= low << 16) & (slots < high << 16)
        seconds[within] = first + (slots[within] - (low << 16)) * (last - first) // ((high - low) << 16)
    return seconds


@lru_cache(maxsize=1)
def _lengths() -> npt.NDArray[np.int32]:
    return np.array([title.duration_s * 1000 for title in content().titles], np.int32)


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
    weekdays = rhythm()["weekdays"]
    days = (profile.last - profile.first).days + 1
    sums = list(accumulate((weekdays[(profile.first.weekday() + day) % 7] for day in range(days)), initial=0))
    bounds = [profile.total * value // sums[-1] for value in sums]
    return tuple(end - start for start, end in pairwise(bounds))


def _key_mask(story: Premise, platform: str) -> int:
    return mix(story.seed, story.profile_name, platform, "key")
