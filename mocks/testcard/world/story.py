"""The story: who broadcasts what to whom. A pure function of seed and profile, and no vendor in it.

Channels, titles, places and devices are the same in every story; the seed decides who watches and what they watch, the
profile how many. A `Story` costs nothing until asked: the audience and the viewing are made on demand, as numpy columns
(`testcard.world.audience`, `testcard.world.viewing`), and shared by all worlds of the process. Importing this module
does not import numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from testcard.world.content import (
    Airing,
    Broadcaster,
    Channel,
    Device,
    Place,
    Profile,
    Title,
    Viewer,
    content,
    profile_named,
    profile_names,
)
from testcard.world.days import DAY_MS, day_ms, day_of, now_ms
from testcard.world.premise import Premise

if TYPE_CHECKING:
    from testcard.world.audience import Audience
    from testcard.world.viewing import Session, Viewing

__all__ = [
    "DAY_MS",
    "Airing",
    "Broadcaster",
    "Channel",
    "Device",
    "Place",
    "Profile",
    "Story",
    "Title",
    "Viewer",
    "day_ms",
    "day_of",
    "now_ms",
    "open_story",
    "profile_names",
]


@dataclass(frozen=True)
class Story(Premise):
    """Everything that is and happens in worlds of this seed and profile. Make one with `open_story`."""

    @property
    def broadcaster(self) -> Broadcaster:
        """Whose story it is."""
        return content().broadcaster

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels, linear ones first, by code."""
        return content().channels

    @property
    def titles(self) -> tuple[Title, ...]:
        """All titles, live ones first, by code."""
        return content().titles

    @property
    def places(self) -> tuple[Place, ...]:
        """All cities, by code."""
        return content().places

    @property
    def devices(self) -> tuple[Device, ...]:
        """All kinds of device, by code."""
        return content().devices

    def channel(self, slug: str) -> Channel | None:
        """Return the channel of that slug, if there is one."""
        return content().channel_of.get(slug)

    def title(self, key: int | str) -> Title | None:
        """Return the title whose id (integer), catalogue code or slug is *key*, if there is one."""
        return content().title_of.get(key)

    @property
    def audience(self) -> Audience:
        """All viewers, as columns indexed by viewer code."""
        from testcard.world.audience import audience_of

        return audience_of(self.seed, self.profile.viewers)

    def viewer(self, code: int) -> Viewer:
        """Return one viewer, spelled out. IndexError beyond the audience."""
        return self.audience.viewer(code)

    def schedule(self, channel: Channel, day: date) -> list[Airing]:
        """What a linear *channel* airs on *day* (UTC), in order and without a gap; on-demand channels air nothing."""
        from testcard.world.programme import schedule

        return schedule(self, channel, day)

    def count(self, platform: str, day: date) -> int:
        """Return how many sessions start on *day*, without making them."""
        from testcard.world.sessions import count

        return count(self, platform, day)

    def viewing(self, platform: str, day: date) -> Viewing:
        """Return the sessions on *platform* that start on *day* (UTC), sorted by start."""
        from testcard.world.viewing import viewing

        return viewing(self, platform, day)

    def viewing_range(
        self,
        platform: str,
        first: date,
        last: date,
        *,
        look_back: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Viewing:
        """Return the sessions that start from *first* to *last* (both inclusive), sorted by start.

        With *look_back*, those of the day before that still run when *first* begins come first. *progress* is told
        (sessions made, sessions in all) after each day, and is not called when the range is already there.
        """
        from testcard.world.viewing import viewing_range

        return viewing_range(self, platform, first, last, look_back=look_back, progress=progress)

    def locate(self, platform: str, key: int) -> Session | None:
        """Return the session with that key, at the cost of one day's viewing; None when there is none."""
        from testcard.world.viewing import locate

        return locate(self, platform, key)


@lru_cache(maxsize=256)
def open_story(seed: int, profile: str = "default") -> Story:
    """Return the one story of that seed and profile. Raises `UserError` when no profile has that name."""
    profile_named(profile)
    return Story(seed, profile)
