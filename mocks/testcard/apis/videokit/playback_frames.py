"""Sessions and ad impressions of a world as columns: the story's of some days, and explicit ones.

Each table is replaced or added to by itself: explicit ads need no explicit sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import numpy as np

from testcard.apis.videokit.ads import Ads
from testcard.apis.videokit.columns import Frame, Given, Joined
from testcard.apis.videokit.playback import TIMES, Playback, bucket_starts, is_number
from testcard.apis.videokit.records import Row
from testcard.apis.videokit.searches import row_ms
from testcard.world.world import World

__all__ = ["frame_of", "given_frame", "story_frame"]


def frame_of(world: World, first: date, last: date, *, ads: bool) -> Frame:
    """What has begun by now: the story's from *first* to *last* (both in it), and all explicit rows."""
    table, length = ("adPlayback", "TIME_PLAYED") if ads else ("playback", "PLAYED")
    given = _given(world, table, length)
    explicit = given.first(int(np.searchsorted(given.time, world.clock.now_ms(), side="right")))
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


def _given(world: World, table: str, length: str) -> Given:
    """All explicit rows as columns: found once for each set of them, since one query after the other asks."""
    version = world.rows.version
    kept: tuple[int, Given] | None = world.shelf.get(f"videokit {table}")
    if kept is None or kept[0] != version:
        kept = world.shelf[f"videokit {table}"] = version, given_frame(world.rows.given("videokit", table), length)
    return kept[1]


def given_frame(rows: Sequence[Row], length: str) -> Given:
    """Explicit rows as columns; *length* is the attribute that says how long a row lasts."""
    begun = np.array([row_ms(row) for row in rows], np.int64)
    order = np.argsort(begun, kind="stable")
    time, rows = begun[order], [rows[at] for at in order.tolist()]
    end = time + np.array([int(row.get(length) or 0) for row in rows], np.int64)
    return Given(rows, time, end, numeric=is_number, derived=_BUCKETS)


_BUCKETS = {name: partial(bucket_starts, interval=name) for name in (*TIMES, "MONTH")}
