"""The ads in the story's sessions: one row an ad impression, attributes as columns (fact C36).

An ad plays before some sessions, and in breaks at fixed distances for as long as the session has been played.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.videokit.columns import Column, Floats, Lazy, Longs, Numbers, Text, coded
from testcard.apis.videokit.playback import TIMES, Playback, bucket_starts, is_number, playback_rules
from testcard.seed import mix_array, uuid_from

__all__ = ["Ads"]

_STRIDE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that the ads of all sessions have counters of their own
_QUARTILES = {"QUARTILE_1": 25, "MIDPOINT": 50, "QUARTILE_3": 75, "COMPLETED": 100}


class Ads:
    """The ad impressions of some sessions."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        rules = playback_rules()
        self._ads: list[dict[str, Any]] = rules["ads"]
        self._numbers = frozenset(rules["ad_numbers"])
        before = (playback.draw("ad before") >> np.uint64(32)) % np.uint64(10) < np.uint64(6)
        played = playback.end - playback.time
        pause = np.where(playback.viewing.live, rules["breaks"]["live_s"], rules["breaks"]["demand_s"]) * 1000
        counts = np.where(played > 0, before + (played - 1) // pause, 0).astype(np.int64)
        session = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts) + ~before[session]
        time = playback.time[session] + place * pause[session]
        order = np.argsort(time, kind="stable")
        self.time: Longs = time[order]
        self._session, self._place = session[order], place[order]
        self._counter = playback.viewing.key[self._session] + self._place.astype(np.uint64) * _STRIDE

    @cached_property
    def end(self) -> Longs:
        """When each ad was over."""
        return self.time + self._number("TIME_PLAYED").astype(np.int64)

    def column(self, name: str) -> Column:
        """The column of an attribute; what is not an ad's own is its session's."""
        if name in TIMES or name == "MONTH":
            return Numbers(bucket_starts(self.time, name).astype(np.float64))
        if name in self._numbers:
            return Numbers(self._number(name).astype(np.float64))
        if name == "AD_IMPRESSION_ID":
            seed, counters = self._playback.story.seed, self._counter
            words = Lazy(len(counters), lambda at: uuid_from(seed, "ad impression", int(counters[at])))
            return Text(np.arange(len(counters), dtype=np.int64), words)
        if name == "AD_POSITION":
            return Text((self._place > 0).astype(np.int64), ("pre", "mid"))
        if name in _OF_AD:
            return coded((ad[_OF_AD[name]] for ad in self._ads), self._which)
        session = self._playback.column("IMPRESSION_ID" if name == "VIDEO_IMPRESSION_ID" else name)
        if isinstance(session, Numbers) != is_number(name):
            raise TypeError(f"{name} is not of the kind it is said to be")
        if isinstance(session, Numbers):
            return Numbers(session.values[self._session])
        return Text(session.codes[self._session], session.words)

    def _share(self, label: str, limit: int) -> Longs:
        words = mix_array(self._playback.story.seed, "ad", label, counters=self._counter)
        return ((words >> np.uint64(33)).astype(np.int64) * limit) >> 31

    @cached_property
    def _which(self) -> Longs:
        return self._share("which", len(self._ads))

    @cached_property
    def _started(self) -> npt.NDArray[np.bool_]:
        return self._share("started", 100) < 97

    @cached_property
    def _percent(self) -> Longs:
        """How much of it was played."""
        whole = self._share("whole", 100) < 70
        return np.where(self._started, np.where(whole, 100, self._share("percent", 100)), 0)

    @cached_property
    def _length(self) -> Longs:
        return np.array([ad["seconds"] * 1000 for ad in self._ads], np.int64)[self._which]

    @cached_property
    def _part(self) -> npt.NDArray[np.bool_]:
        """Whether it began and did not come to its end."""
        return self._started & (self._percent < 100)

    @cached_property
    def _skipped(self) -> npt.NDArray[np.bool_]:
        return self._part & (self._share("skipped", 100) < 60)

    def _number(self, name: str) -> Longs | Floats:
        if name in _QUARTILES:
            return (self._started & (self._percent >= _QUARTILES[name])).astype(np.int64)
        if name == "ERROR_CODE":
            return np.where(self._started, np.nan, 400.0 + self._share("error", 4))
        makers: dict[str, Callable[[], npt.NDArray[Any]]] = {
            "STARTED": lambda: self._started,
            "SKIPPED": lambda: self._skipped,
            "CLOSED": lambda: self._part & ~self._skipped,
            "CLICKED": lambda: self._started & (self._share("clicked", 1000) < 15),
            "PLAY_PERCENTAGE": lambda: self._percent,
            "AD_DURATION": lambda: self._length,
            "TIME_PLAYED": lambda: self._length * self._percent // 100,
            "TIME_IN_VIEWPORT": lambda: self._length * self._percent * (50 + self._share("seen", 51)) // 10_000,
            "AD_STARTUP_TIME": lambda: np.where(self._started, 40 + self._share("start-up", 1500), 0),
        }
        return makers[name]().astype(np.int64)


_OF_AD = {"AD_ID": "id", "AD_TITLE": "title", "AD_SYSTEM": "system", "ADVERTISER_NAME": "advertiser"}
