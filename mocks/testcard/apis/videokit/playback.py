"""The story's sessions as the player's analytics sees them: one row a session, attributes as columns (fact C35).

What a session watched, and for how long, is the story's; what only a player knows (buffering, start-up, bitrates) is
drawn from the session's key. A session that still runs has played as long as it has run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.videokit.columns import FLAGS, Column, Floats, Lazy, Longs, Numbers, Text, coded
from testcard.apis.videokit.naming import channel_id, vod_asset_id
from testcard.data import load
from testcard.seed import mix_array, uuid_from
from testcard.world.columns import field
from testcard.world.story import Story, open_story
from testcard.world.viewing import Viewing

__all__ = ["TIMES", "Playback", "bucket_starts", "is_number", "playback_rules", "viewer_words"]

TIMES = {"TIME": 1, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


def is_number(name: str) -> bool:
    """Whether an attribute's value is a number."""
    return name in _numbers()


def bucket_starts(time: Longs, interval: str) -> Longs:
    """Where the bucket of each moment begins, in UTC."""
    if interval == "MONTH":
        months = time.astype("datetime64[ms]").astype("datetime64[M]")
        return months.astype("datetime64[ms]").astype(np.int64)
    size = TIMES[interval]
    return time // size * size


@lru_cache(maxsize=1)
def _numbers() -> frozenset[str]:
    return frozenset(playback_rules()["numbers"])


@lru_cache(maxsize=1)
def playback_rules() -> Any:
    """How sessions look to the player, and which ads there are."""
    return load("fixtures/videokit/playback.yaml")


def _first_fit(rules: list[list[str]], agent: str) -> str:
    return next(name for needle, name in rules if needle in agent)


@lru_cache(maxsize=64)
def viewer_words(name: str) -> tuple[str | None, ...]:
    """What an attribute says for each of the audience's agents or places."""
    story, rules = open_story(0), playback_rules()
    if name in ("COUNTRY", "REGION", "CITY"):
        part = {"COUNTRY": "country_code", "REGION": "region", "CITY": "city"}[name]
        return tuple(getattr(place, part) for place in story.places)
    makers: dict[str, Callable[[Any, str, str], str]] = {
        "BROWSER": lambda _device, _player, agent: _first_fit(rules["browsers"], agent),
        "OPERATINGSYSTEM": lambda _device, _player, agent: _first_fit(rules["systems"], agent),
        "PLATFORM": lambda _device, player, _agent: str(rules["platforms"][player]),
        "PLAYER_TECH": lambda _device, player, _agent: str(rules["techniques"][player]),
        "STREAM_FORMAT": lambda _device, player, _agent: str(rules["formats"][player]),
        "DEVICE_TYPE": lambda device, _player, _agent: str(device.name),
        "DEVICE_CLASS": lambda device, _player, _agent: str(rules["classes"].get(device.type, "Other")),
    }
    return tuple(makers[name](device, player, agent) for device in story.devices for player, agent in device.agents)


_BY_AGENT = frozenset(
    ("BROWSER", "OPERATINGSYSTEM", "PLATFORM", "PLAYER_TECH", "STREAM_FORMAT", "DEVICE_TYPE", "DEVICE_CLASS")
)
_BY_PLACE = frozenset(("COUNTRY", "REGION", "CITY"))


class Playback:
    """The sessions of *viewing* as they look at *now*, in epoch milliseconds."""

    def __init__(self, story: Story, viewing: Viewing, now: int) -> None:
        self.story, self.viewing, self.now = story, viewing, now
        self._columns: dict[str, Column] = {}

    @property
    def time(self) -> Longs:
        """When each session started."""
        return self.viewing.start_ms

    @cached_property
    def end(self) -> Longs:
        """When each session was over, or is as far as it has come; a failed one at once."""
        return self.time + self._played.astype(np.int64)

    def column(self, name: str) -> Column:
        """The column of an attribute."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = Numbers(self._number(name)) if is_number(name) else self._text(name)
        return found

    def draw(self, label: str) -> npt.NDArray[np.uint64]:
        """64 bits for each session and purpose."""
        return mix_array(self.story.seed, "playback", label, counters=self.viewing.key)

    def _share(self, label: str, limit: int) -> Longs:
        """A number below *limit* for each session."""
        return field(self.draw(label), 32, 31) * limit >> 31

    @cached_property
    def _failed(self) -> npt.NDArray[np.bool_]:
        return self._share("failed", 1000) < 15

    @cached_property
    def _played(self) -> Floats:
        length = np.minimum(self.viewing.duration_ms.astype(np.int64), np.maximum(self.now - self.time, 0))
        return np.where(self._failed, 0, length).astype(np.float64)

    def _text(self, name: str) -> Text:
        viewing, audience = self.viewing, self.story.audience
        if name in _BY_AGENT:
            return coded(viewer_words(name), audience.agent[viewing.viewer].astype(np.int64))
        if name in _BY_PLACE:
            return coded(viewer_words(name), audience.place[viewing.viewer].astype(np.int64))
        if name in ("IS_LIVE", "IS_CASTING", "VIDEOSTART_FAILED"):
            flag = {"IS_LIVE": viewing.live, "VIDEOSTART_FAILED": self._failed}.get(name)
            flag = self._share("casting", 100) < 2 if flag is None else flag
            return Text(flag.astype(np.int64), FLAGS)
        return self._watched(name) if name in _WATCHED else self._person(name)

    def _person(self, name: str) -> Text:
        seed, viewer, rules = self.story.seed, self.viewing.viewer, playback_rules()
        if name == "IMPRESSION_ID":
            keys = self.viewing.key
            return Text(
                np.arange(len(keys), dtype=np.int64),
                Lazy(len(keys), lambda at: uuid_from(seed, "impression", int(keys[at]))),
            )
        if name == "USER_ID":
            people = Lazy(len(self.story.audience), lambda at: uuid_from(seed, "analytics user", at))
            return Text(viewer.astype(np.int64), people)
        if name == "CUSTOM_USER_ID":
            person = self.story.audience.person[viewer].astype(np.int64)
            return Text(np.where(person % 4 == 3, -1, person), self.story.audience.identifiers)
        if name == "ISP":
            household = self.story.audience.household[viewer].astype(np.int64)
            return coded(rules["providers"], household % len(rules["providers"]))
        if name == "EXPERIMENT_NAME":
            return coded(rules["experiments"], self._share("experiment", len(rules["experiments"])))
        constant = {"PLAYER": "bitmovin", "DOMAIN": self.story.broadcaster.domain}.get(name)
        return coded([constant], np.zeros(len(viewer), np.int64))

    def _watched(self, name: str) -> Text:
        channels, titles, viewing = self.story.channels, self.story.titles, self.viewing
        if name == "CUSTOM_DATA_1":
            return coded((channel.slug for channel in channels), viewing.channel.astype(np.int64))
        if name == "CUSTOM_DATA_2":
            return coded((title.series or None for title in titles), viewing.title.astype(np.int64))
        if name == "VIDEO_TITLE":
            return coded((title.name for title in titles), viewing.title.astype(np.int64))
        assets = [channel_id(self.story.seed, channel) for channel in channels]
        paths = [f"/live/{channel.slug}" for channel in channels]
        assets += [vod_asset_id(self.story.seed, title) for title in titles]
        paths += [f"/watch/{title.slug}" for title in titles]
        at = np.where(viewing.live, viewing.channel, len(channels) + viewing.title).astype(np.int64)
        return coded(assets if name == "VIDEO_ID" else paths, at)

    def _number(self, name: str) -> Floats:
        if name in TIMES or name == "MONTH":
            return bucket_starts(self.time, name).astype(np.float64)
        if name == "PLAYED":
            return self._played
        if name == "VIEWTIME":
            return self._played + self._number("BUFFERED") + self._number("PAUSED")
        if name == "REBUFFER_PERCENTAGE":  # in parts of 1,024, so that sums are exact
            share = self._number("BUFFERED") * 1024 // np.maximum(self._number("VIEWTIME"), 1)
            return share / 1024
        if name == "STARTUPTIME":
            return self._number("PLAYER_STARTUPTIME") + self._number("VIDEO_STARTUPTIME")
        return self._drawn(name).astype(np.float64)

    def _drawn(self, name: str) -> npt.NDArray[Any]:
        failed, rules = self._failed, playback_rules()
        if name == "ERROR_CODE":
            codes = np.array(rules["error_codes"], np.float64)
            return np.where(failed, codes[self._share("error", len(codes))], np.nan)
        if name == "ERROR_RATE":
            return failed.astype(np.float64)
        if name == "PLAY_ATTEMPTS":
            return np.where(failed, 2 + self._share("attempts", 3), 1)
        if name in ("VIDEO_BITRATE", "AUDIO_BITRATE"):
            rates = np.array(rules[f"{name.lower()}s"], np.int64)
            return np.where(failed, 0, rates[self._share(name, len(rates))])
        if name == "PAGE_LOAD_TIME":
            return 150 + self._share(name, 4000)
        if name == "PLAYER_STARTUPTIME":
            return 80 + self._share(name, 900)
        often, most = _DRAWN.get(name, (0, 1))
        happened = (self._share(f"{name} at all", 1000) < often) & ~failed
        return np.where(happened, 1 + self._share(name, most), 0)


_WATCHED = frozenset(("CUSTOM_DATA_1", "CUSTOM_DATA_2", "VIDEO_TITLE", "VIDEO_ID", "PATH"))
# of a thousand sessions, how many have any; and the most (milliseconds, but for frames)
_DRAWN = {
    "VIDEO_STARTUPTIME": (1000, 2500),
    "BUFFERED": (300, 20_000),
    "PAUSED": (200, 600_000),
    "SEEKED": (150, 90_000),
    "DROPPED_FRAMES": (250, 400),
}
