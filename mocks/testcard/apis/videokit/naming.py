"""The ids that the story's channels and titles have in the kit, in every module the same."""

from __future__ import annotations

from testcard.seed import uuid_from
from testcard.world.story import Channel, Title

__all__ = ["channel_id", "vod_asset_id"]


def channel_id(seed: int, channel: Channel) -> str:
    """The id of a channel of the story."""
    return uuid_from(seed, "videokit channel", channel.slug)


def vod_asset_id(seed: int, title: Title) -> str:
    """The id of the VOD asset that a title of the story is."""
    return uuid_from(seed, "videokit asset", title.slug)
