"""What there is to watch on a day: licensed titles, what linear channels air, and how likely each choice is."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from testcard.data import load
from testcard.seed import below_array
from testcard.world.audience import table
from testcard.world.content import Airing, Channel, Title, content
from testcard.world.days import DAY_MS, day_ms
from testcard.world.premise import Premise

__all__ = ["HALF_HOUR_MS", "Choices", "choices", "grid", "rhythm", "schedule"]

HALF_HOUR_MS = 1_800_000


def schedule(story: Premise, channel: Channel, day: date) -> list[Airing]:
    """Return what a linear channel airs on *day*; see `Story.schedule`."""
    if channel.kind != "linear":
        return []
    midnight, slot_ms = day_ms(day), channel.slot_minutes * 60_000
    titles = grid(story.seed, day)[channel.code]
    return [
        Airing(start, start + slot_ms, channel, content().titles[titles[(start - midnight) // HALF_HOUR_MS]])
        for start in range(midnight, midnight + DAY_MS, slot_ms)
    ]


class Choices(NamedTuple):
    """What a session can be: a linear channel (title -1: whatever is on) or a title of an on-demand channel."""

    draw: npt.NDArray[np.int16]
    channel: npt.NDArray[np.int16]
    title: npt.NDArray[np.int16]


@lru_cache(maxsize=1)
def _changes() -> list[int]:
    """The days (ordinals) on which the set of licensed titles changes."""
    titles = content().titles
    starts = {title.licensed_from.toordinal() for title in titles if title.licensed_from}
    return sorted(starts | {title.licensed_to.toordinal() + 1 for title in titles if title.licensed_to})


def _period(day: date) -> int:
    """Number the stretches of days with the same licensed titles."""
    return bisect_right(_changes(), day.toordinal())


@lru_cache(maxsize=64)
def _licensed(period: int, kind: str) -> tuple[Title, ...]:
    day = date.fromordinal(_changes()[period] - 1) if period < len(_changes()) else date.max
    return tuple(title for title in content().titles if title.kind == kind and title.licensed_on(day))


@lru_cache(maxsize=64)
def _choices_in(period: int) -> Choices:
    linear = [channel for channel, _ in _programmes(period)]
    on_demand = [(title, channel) for title in _licensed(period, "vod") for channel in title.channels]
    parts = [title.weight * 12 // len(title.channels) for title, _ in on_demand]
    permille = rhythm()["linear_permille"]
    weights = [channel.weight * permille * sum(parts) for channel in linear]
    weights += [part * (1000 - permille) * sum(channel.weight for channel in linear) for part in parts]
    return Choices(
        table(weights),
        np.array([channel.code for channel in (*linear, *(channel for _, channel in on_demand))], np.int16),
        np.array([-1] * len(linear) + [title.code for title, _ in on_demand], np.int16),
    )


def choices(day: date) -> Choices:
    """Return what a session that starts on *day* can be, by weight; made once for days with the same licences."""
    return _choices_in(_period(day))


@lru_cache(maxsize=1024)
def grid(seed: int, day: date) -> npt.NDArray[np.int16]:
    """The title on each linear channel in each half-hour of *day*."""
    programmes = _programmes(_period(day))
    half_hours = np.arange(DAY_MS // HALF_HOUR_MS, dtype=np.uint64)
    aired = np.empty((len(programmes), len(half_hours)), np.int16)
    for row, (channel, shown) in enumerate(programmes):
        slot = half_hours // np.uint64(channel.slot_minutes // 30)
        aired[row] = shown[below_array(len(shown), seed, "schedule", channel.slug, day.toordinal(), counters=slot)]
    return aired


@lru_cache(maxsize=64)
def _programmes(period: int) -> list[tuple[Channel, npt.NDArray[np.int16]]]:
    """Each linear channel, by code, with the codes of its licensed titles, each as often as it weighs."""
    live = _licensed(period, "live")
    return [
        (channel, np.array([t.code for t in live if channel in t.channels for _ in range(t.weight)], np.int16))
        for channel in content().channels
        if channel.kind == "linear"
    ]


@lru_cache(maxsize=1)
def rhythm() -> dict[str, Any]:
    """How viewers spend their days; the fixture says what its keys mean."""
    read: dict[str, Any] = load("fixtures/story/broadcaster.yaml")["rhythm"]
    return read
