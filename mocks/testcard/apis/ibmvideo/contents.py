"""Contents: what can be watched, under this vendor's numbers.

A live content is a channel and has the channel's number; a recording has its title's. The numbers are two series: an id
means something only beside its content type (document 003, Terminology; ledger IB-63).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from testcard.apis.ibmvideo.segments import contents_of
from testcard.data import load
from testcard.world.story import Story

__all__ = ["Content", "Filter", "channel_ids", "story_contents"]


@dataclass(frozen=True, slots=True)
class Content:
    """One content on one channel; *type* is ``live`` or ``recorded``."""

    type: str
    id: int
    channel: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which contents are asked for; None asks for all. *allowed* are the channels a customer may see."""

    type: str | None = None
    ids: frozenset[int] | None = None
    channels: frozenset[int] | None = None
    allowed: frozenset[int] | None = None

    def __bool__(self) -> bool:
        return self != Filter()

    def accepts(self, content: Content) -> bool:
        """Whether a content is asked for."""
        return (
            self.type in (None, content.type)
            and (self.ids is None or content.id in self.ids)
            and (self.channels is None or content.channel in self.channels)
            and (self.allowed is None or content.channel in self.allowed)
        )


@lru_cache(maxsize=1)
def channel_ids() -> Mapping[str, int]:
    """The vendor's number of each channel, by the story's slug."""
    channels: Mapping[str, int] = load("fixtures/ibmvideo/contents.yaml")["channels"]
    return channels


@lru_cache(maxsize=64)
def story_contents(story: Story) -> tuple[Content, ...]:
    """The story's contents, by content code."""
    numbers = [channel_ids()[channel.slug] for channel in story.channels]
    return tuple(
        Content(kind, numbers[item] if kind == "live" else story.titles[item].id, numbers[channel])
        for kind, item, channel in contents_of(story)
    )
