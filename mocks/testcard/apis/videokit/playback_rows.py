"""Explicit sessions and ad impressions: any attributes, and for what is left out plain values of the story."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from testcard.apis.videokit.naming import channel_id
from testcard.apis.videokit.playback_back import ad_pieces, session_pieces
from testcard.apis.videokit.records import Row
from testcard.contract import open_contract
from testcard.data import load
from testcard.seed import below, uuid_from
from testcard.world.history import History
from testcard.world.rows import Table
from testcard.world.story import Story
from testcard.world.world import World

__all__ = ["playback_tables"]

_FLAGS = ("IS_LIVE", "IS_CASTING", "VIDEOSTART_FAILED")


@lru_cache(maxsize=1)
def playback_tables() -> dict[str, Table]:
    """The tables ``playback`` and ``adPlayback``: a row's members are attributes; TIME is required."""
    return {
        "playback": Table("playback", _schema("Attribute"), _fill_session, History(session_pieces)),
        "adPlayback": Table("adPlayback", _schema("AdAttribute"), _fill_ad, History(ad_pieces)),
    }


@cache
def _playback_fixture() -> Any:
    """How sessions look to the player."""
    return load("fixtures/videokit/playback.yaml")


def _schema(attributes: str) -> dict[str, Any]:
    """A row's schema: text, flags and numbers by the contract's lists of attributes."""
    numbers = _playback_fixture()["numbers"]
    shapes: dict[str, Any] = {name: {"type": ["number", "null"]} for name in numbers}
    shapes |= {name: {"type": ["boolean", "null"]} for name in _FLAGS}
    moment = {"anyOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}]}
    schemas = open_contract("videokit/streaming").document["components"]["schemas"]
    return {
        "type": "object",
        "required": ["TIME"],
        "properties": {**shapes, "TIME": moment},
        "propertyNames": {"$ref": f"#/components/schemas/{attributes}"},
        "additionalProperties": {"type": ["string", "null"]},
        "components": {"schemas": schemas},
    }


@lru_cache(maxsize=4096)  # one world after the other is given rows
def _viewer(story: Story, position: int) -> Mapping[str, Any]:
    """Who watched at a position, and what."""
    viewer = story.viewer(below(len(story.audience), story.seed, "explicit viewer", position))
    channel = story.channels[position % 4]
    return {
        "USER_ID": uuid_from(story.seed, "analytics user", viewer.code),
        "CUSTOM_USER_ID": viewer.identifier,
        "VIDEO_ID": channel_id(story.seed, channel),
        "VIDEO_TITLE": channel.name,
        "COUNTRY": viewer.place.country_code,
        "REGION": viewer.place.region,
        "CITY": viewer.place.city,
        "DEVICE_TYPE": viewer.device.name,
        "PLAYER": "bitmovin",
        "DOMAIN": story.broadcaster.domain,
        "IS_LIVE": True,
        "IS_CASTING": False,
        "PAGE_LOAD_TIME": 1000,
        "VIDEO_BITRATE": 2_800_000,
    }


def _fill_session(world: World, row: Row, position: int) -> Row:
    """Complete an explicit session: a minute without any trouble."""
    quiet = dict.fromkeys(("BUFFERED", "PAUSED", "SEEKED", "REBUFFER_PERCENTAGE", "ERROR_RATE", "DROPPED_FRAMES"), 0)
    made = {"IMPRESSION_ID": uuid_from(world.seed, "explicit session", position), "PLAYED": 60_000, "PLAY_ATTEMPTS": 1}
    made |= {"VIDEO_STARTUPTIME": 500, "PLAYER_STARTUPTIME": 500, "STARTUPTIME": 1000, "VIDEOSTART_FAILED": False}
    made |= {"AUDIO_BITRATE": 128_000, "VIEWTIME": row.get("PLAYED", 60_000)}
    return {**_viewer(world.story, position), **quiet, **made, **row}


def _fill_ad(world: World, row: Row, position: int) -> Row:
    """Complete an explicit ad impression: one that played to its end."""
    ad = _playback_fixture()["ads"][0]
    played = dict.fromkeys(("STARTED", "QUARTILE_1", "MIDPOINT", "QUARTILE_3", "COMPLETED"), 1)
    missed = dict.fromkeys(("SKIPPED", "CLICKED", "CLOSED"), 0)
    length = ad["seconds"] * 1000
    made = {
        "AD_IMPRESSION_ID": uuid_from(world.seed, "explicit ad", position),
        "VIDEO_IMPRESSION_ID": uuid_from(world.seed, "explicit session", position),
        "AD_ID": ad["id"],
        "AD_TITLE": ad["title"],
        "AD_SYSTEM": ad["system"],
        "ADVERTISER_NAME": ad["advertiser"],
        "AD_POSITION": "pre",
        "AD_DURATION": length,
        "AD_STARTUP_TIME": 300,
        "TIME_PLAYED": length,
        "TIME_IN_VIEWPORT": length,
        "PLAY_PERCENTAGE": 100,
    }
    return {**_viewer(world.story, position), **played, **missed, **made, **row}
