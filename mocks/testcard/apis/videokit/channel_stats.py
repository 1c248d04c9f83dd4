"""Measurements of a channel: viewers from the story, the bitrate of its input, minute by minute while it was on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.videokit.columns import Floats, Longs
from testcard.apis.videokit.naming import channel_id
from testcard.apis.videokit.records import stamp
from testcard.seed import mix_array
from testcard.world.story import day_of
from testcard.world.world import World

__all__ = ["MINUTE_MS", "Series", "series"]

MINUTE_MS = 60_000
_METRICS = {
    "viewers": ("Sessions that watch at the minute's beginning", "Viewers", "viewers"),
    "inputBitrate": ("What the encoder is sent", "Bits per second", "bit/s"),
}


@dataclass(frozen=True)
class Series:
    """What is asked: points of *period* milliseconds counted from *origin*, of the minutes in [start, end)."""

    start: int
    end: int
    period: int
    origin: int
    average: bool
    zeros: bool


def series(world: World, channel: str, spans: Sequence[tuple[int, int]], asked: Series) -> dict[str, dict[str, Any]]:
    """Each metric with its points, by name."""
    minutes = np.arange(asked.origin, asked.end, MINUTE_MS, dtype=np.int64)
    minutes = minutes[(minutes >= asked.start) & (minutes <= world.clock.now_ms())]
    on = _within(minutes, spans)
    values = {"viewers": _viewers(world, channel, minutes), "inputBitrate": _bitrate(world, channel, minutes)}
    return {
        name: {
            "id": name,
            "description": description,
            "unitName": unit,
            "unitSymbol": symbol,
            "data": _points(world, minutes, np.where(on, values[name], 0.0), on, asked),
        }
        for name, (description, unit, symbol) in _METRICS.items()
    }


def _within(minutes: Longs, spans: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(minutes), np.bool_)
    for first, last in spans:
        inside |= (minutes >= first) & (minutes < last)
    return inside


def _viewers(world: World, channel: str, minutes: Longs) -> Floats:
    """Sessions of the story that run at each moment; none on a channel that is not the story's."""
    code = next((each.code for each in world.story.channels if channel_id(world.seed, each) == channel), None)
    if code is None or not len(minutes):
        return np.zeros(len(minutes))
    first, last = day_of(int(minutes[0])), day_of(int(minutes[-1]))
    watched = world.story.viewing_range("videokit", first, last, look_back=True)
    watched = watched.take(watched.live & (watched.channel == code))
    came = np.searchsorted(watched.start_ms, minutes, side="right")
    left = np.searchsorted(np.sort(watched.end_ms), minutes, side="right")
    return (came - left).astype(np.float64)


def _bitrate(world: World, channel: str, minutes: Longs) -> Floats:
    words = mix_array(world.seed, "input bitrate", channel, counters=(minutes // MINUTE_MS).astype(np.uint64))
    return (4_500_000 + (words >> np.uint64(44)).astype(np.int64)).astype(np.float64)


def _points(
    world: World, minutes: Longs, values: Floats, on: npt.NDArray[np.bool_], asked: Series
) -> list[dict[str, Any]]:
    if not len(minutes):
        return []
    slots = (minutes - asked.origin) // asked.period
    counts, sums = np.bincount(slots, on), np.bincount(slots, values)
    wanted = np.unique(slots if asked.zeros else slots[on])
    return [
        {
            "time": stamp(world, asked.origin + slot * asked.period),
            "value": float(sums[slot] / max(counts[slot], 1)) if asked.average else float(sums[slot]),
        }
        for slot in wanted.tolist()
    ]
