"""Sessions and ad events of a world as numpy columns: the story's, and those a test put there.

Columns of codes point into the world's `Catalogue`. Every answer is counted from these, whatever its kind.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from testcard.apis.amagi.catalogue import Catalogue, channel_id
from testcard.apis.amagi.columns import AdEvents, Sessions, joined, take
from testcard.apis.amagi.customers import API, fixture
from testcard.apis.amagi.explicit import explicit_ad_events, explicit_sessions
from testcard.apis.amagi.questions import Filters
from testcard.seed import mix, mix_array, scramble_array
from testcard.world.columns import LONGEST_MS, Viewing, field
from testcard.world.story import Story, day_of, now_ms
from testcard.world.world import World

__all__ = [
    "BREAK_MS",
    "ad_events",
    "masks",
    "running",
    "sessions",
    "sessions_of",
    "story_ad_events",
]

BREAK_MS = 8 * 60_000  # an advertising break every eight minutes of a session
C = TypeVar("C", bound="Sessions | AdEvents")


def sessions(world: World, catalogue: Catalogue, filters: Filters, from_ms: int, to_ms: int) -> Sessions:
    """The sessions that start in [from_ms, to_ms) and pass the filters; those still running end now."""
    now = now_ms(world.now())
    to_ms = min(to_ms, now + 1)
    parts = []
    if not world.rows.replaced(API, "sessions") and from_ms < to_ms:
        story = world.story
        seen = story.viewing_range(API, day_of(from_ms), day_of(to_ms - 1)).started(from_ms, to_ms)
        parts.append(sessions_of(story, catalogue, seen))
    given = explicit_sessions(world, catalogue)
    if given is not None:
        parts.append(take(given, (given.start >= from_ms) & (given.start < to_ms)))
    return _until(_narrow(joined(Sessions, parts), catalogue, filters), now)


def running(world: World, catalogue: Catalogue, filters: Filters, from_ms: int, to_ms: int) -> Sessions:
    """The sessions that run at some time in [from_ms, to_ms), which is past, and pass the filters."""
    parts = []
    if not world.rows.replaced(API, "sessions"):
        story = world.story
        near = story.viewing_range(API, day_of(from_ms - LONGEST_MS), day_of(to_ms))
        parts.append(sessions_of(story, catalogue, near.overlapping(from_ms, to_ms)))
    given = explicit_sessions(world, catalogue)
    if given is not None:
        parts.append(take(given, (given.start < to_ms) & (given.end > from_ms)))
    return _narrow(joined(Sessions, parts), catalogue, filters)


def ad_events(world: World, catalogue: Catalogue, filters: Filters, from_ms: int, to_ms: int) -> AdEvents:
    """The ad events in [from_ms, to_ms), none after now, that pass the filters."""
    to_ms = min(to_ms, now_ms(world.now()) + 1)
    parts = []
    if not world.rows.replaced(API, "adEvents") and not world.rows.replaced(API, "sessions") and from_ms < to_ms:
        parts.append(story_ad_events(world, catalogue, from_ms, to_ms))
    given = explicit_ad_events(world, catalogue)
    if given is not None:
        parts.append(take(given, (given.start >= from_ms) & (given.start < to_ms)))
    return _narrow(joined(AdEvents, parts), catalogue, filters)


def story_ad_events(world: World, catalogue: Catalogue, from_ms: int, to_ms: int) -> AdEvents:
    """The story's ad events in [from_ms, to_ms)."""
    story = world.story
    seen = story.viewing_range(API, day_of(from_ms - LONGEST_MS), day_of(to_ms - 1))
    made = ad_events_of(story, catalogue, seen.started(from_ms - LONGEST_MS, to_ms))
    return take(made, (made.start >= from_ms) & (made.start < to_ms))


def sessions_of(story: Story, catalogue: Catalogue, seen: Viewing) -> Sessions:
    """The story's viewing in the codes of the catalogue."""
    audience = story.audience
    viewer = seen.viewer
    places = np.array(catalogue.place_of_story, np.int32)
    return Sessions(
        seen.start_ms,
        seen.end_ms,
        audience.visitor[viewer],
        places[audience.place[viewer]],
        audience.device[viewer],
        seen.channel,
        seen.title,
    )


def ad_events_of(story: Story, catalogue: Catalogue, seen: Viewing) -> AdEvents:
    """The breaks of the story's sessions on channels with advertising: one every eight minutes.

    Of a hundred opportunities about 94 are requested and 88 answered; an answer has up to three assets, and most of
    them are seen. Each is a function of the session and the break alone.
    """
    advertised = np.array([catalogue.channels[channel_id(each.slug)].ads for each in story.channels])
    breaks = np.where(advertised[seen.channel], (seen.duration_ms - 1) // BREAK_MS, 0)
    row = np.repeat(np.arange(len(seen)), breaks)
    number = np.arange(len(row)) - np.repeat(np.cumsum(breaks) - breaks, breaks) + 1
    draw = mix_array(mix(API, "break"), counters=scramble_array(seen.key[row] + number.astype(np.uint64)))
    requests = field(draw, 0, 8) < 241
    responses = requests & (field(draw, 8, 8) < 240)
    assets = np.where(responses, field(draw, 16, 16) * 3 // 65536 + 1, 0)
    missed = (field(draw, 32, 8) < 40).astype(np.int64) + (field(draw, 40, 8) < 12)
    tags = field(draw, 48, 8) % len(fixture()["adTags"])
    whole = sessions_of(story, catalogue, seen)
    made = AdEvents(
        seen.start_ms[row] + number * BREAK_MS,
        whole.place[row],
        whole.device[row],
        whole.channel[row],
        whole.content[row],
        tags,
        np.ones(len(row), np.int64),
        requests.astype(np.int64),
        responses.astype(np.int64),
        assets,
        np.maximum(assets - missed, 0),
    )
    return take(made, np.argsort(made.start, kind="stable"))


def _narrow(rows: C, catalogue: Catalogue, filters: Filters) -> C:
    """Keep the rows that pass every filter."""
    mask = np.ones(len(rows), bool)
    for column, passes in masks(catalogue, filters, ads=isinstance(rows, AdEvents)).items():
        mask &= passes[getattr(rows, column)]
    return rows if mask.all() else take(rows, mask)


def masks(catalogue: Catalogue, filters: Filters, *, ads: bool) -> dict[str, npt.NDArray[np.bool_]]:
    """For each column of codes that is narrowed: which codes pass."""
    takes = filters.takes
    listed = [identity in filters.channels for identity in catalogue.channel_codes.keys]
    wanted: dict[str, list[bool]] = {}
    if not all(listed):
        wanted["channel"] = listed
    narrowed = filters.narrowed.keys()
    if narrowed & {"city", "country"}:
        wanted["place"] = [takes("city", city) and takes("country", land) for city, land in catalogue.places.keys]
    if narrowed & {"deviceName", "deviceType"}:
        wanted["device"] = [
            takes("deviceName", name) and takes("deviceType", kind) for name, kind in catalogue.devices.keys
        ]
    if narrowed & {"contentId", "studioName"}:
        contents = [catalogue.content(identity) for identity in catalogue.content_codes.keys]
        wanted["content"] = [takes("contentId", each.id) and takes("studioName", each.studio) for each in contents]
    if ads and "adTag" in narrowed:
        wanted["tag"] = [takes("adTag", tag) for tag in catalogue.tags.keys]
    return {column: np.array(passes, bool) for column, passes in wanted.items()}


def _until(rows: Sessions, now: int) -> Sessions:
    if len(rows) and int(rows.end.max()) > now:
        return Sessions(rows.start, np.minimum(rows.end, now), *(getattr(rows, f.name) for f in fields(rows)[2:]))
    return rows
