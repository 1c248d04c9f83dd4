"""Sessions and ad impressions of a world as columns: the story's of some days, and explicit ones.

Each table is replaced or added to by itself: explicit ads need no explicit sessions.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from testcard.apis.videokit.ads import Ads
from testcard.apis.videokit.columns import Frame, Given, Joined
from testcard.apis.videokit.playback import TIMES, Playback, bucket_starts, is_number
from testcard.apis.videokit.playback_back import row_ms
from testcard.apis.videokit.records import Row
from testcard.world.world import World

__all__ = ["frame_of", "story_frame"]


def frame_of(world: World, first: date, last: date, *, ads: bool) -> Frame:
    """What has begun by now: the story's from *first* to *last* (both in it), and all explicit rows."""
    table, length = ("adPlayback", "TIME_PLAYED") if ads else ("playback", "PLAYED")
    now = world.clock.now_ms()
    given = [_timed(row, length) for row in world.rows.given("videokit", table)]
    explicit = Given([row for row in given if row["_time"] <= now], is_number)
    if world.rows.replaced("videokit", table):
        return explicit
    story = story_frame(world, first, last, ads=ads)
    return Joined(story, explicit) if len(explicit.time) else story


def story_frame(world: World, first: date, last: date, *, ads: bool) -> Frame:
    """The story's sessions of some days, with those of the day before that still run; or the ads in all of these."""
    now = world.clock.now_ms()
    watched = world.story.viewing_range("videokit", first, last, look_back=True)
    playback = Playback(world.story, watched.visible(now), now)
    return Ads(playback) if ads else playback


def _timed(row: Row, length: str) -> Row:
    """An explicit row with its moments in milliseconds."""
    time = row_ms(row)
    at = np.array([time])
    buckets = {name: int(bucket_starts(at, name)[0]) for name in (*TIMES, "MONTH")}
    return {**row, **buckets, "_time": time, "_end": time + int(row.get(length) or 0)}
