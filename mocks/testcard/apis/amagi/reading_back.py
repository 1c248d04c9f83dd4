"""Read the tables back, explicit rows and story.

The story's sessions and ad events are those of the last 31 days before the world's now, or of all days of a profile
that has an end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from testcard.apis.amagi.catalogue import Catalogue, open_catalogue
from testcard.apis.amagi.customers import API
from testcard.apis.amagi.filling import COUNTERS, viewer_fields
from testcard.world.clock import write_instant
from testcard.world.rows import Row
from testcard.world.story import now_ms
from testcard.world.world import World

if TYPE_CHECKING:
    from testcard.apis.amagi.columns import AdEvents

__all__ = ["read_ad_events", "read_channels", "read_contents", "read_sessions"]

_DAYS_BACK = 31
_KEEP_DAYS = 64


def read_channels(world: World) -> Iterable[Row]:
    """The channels."""
    for channel in open_catalogue(world).channels.values():
        if channel.listed:
            yield {
                "channelId": channel.id,
                "channelName": channel.name,
                "customerId": channel.customer,
                "adAnalytics": channel.ads,
            }


def read_contents(world: World) -> Iterable[Row]:
    """The contents."""
    if world.rows.replaced(API, "contents"):
        yield from world.rows.given(API, "contents")
        return
    for content in open_catalogue(world).contents.values():
        yield {
            "contentId": content.id,
            "contentName": content.name,
            "studioName": content.studio,
            "seriesName": content.series,
        }


def read_sessions(world: World) -> Iterator[Row]:
    """The sessions that have started; the end of one that still runs is null."""
    yield from world.rows.given(API, "sessions")
    if world.rows.replaced(API, "sessions"):
        return
    for day in _days(world):
        yield from _kept(world, "sessions", day, _sessions_of_day)


def read_ad_events(world: World) -> Iterator[Row]:
    """The ad events up to now."""
    yield from world.rows.given(API, "adEvents")
    if world.rows.replaced(API, "adEvents") or world.rows.replaced(API, "sessions"):
        return
    for day in _days(world):
        yield from _kept(world, "adEvents", day, _ad_events_of_day)


def _sessions_of_day(world: World, day: date) -> Iterator[Row]:
    now = now_ms(world.now())
    seen = world.story.viewing(API, day).visible(now)
    for row in range(len(seen)):
        session = seen.session(row)
        yield {
            **_story_fields(world, session.channel, session.title, session.viewer),
            "start": _instant(session.start_ms),
            "end": _instant(session.end_ms) if session.end_ms <= now else None,
        }


def _ad_events_of_day(world: World, day: date) -> Iterator[Row]:
    """The events of the sessions that start on *day*."""
    from testcard.apis.amagi.sessions import ad_events_of

    now, catalogue = now_ms(world.now()), open_catalogue(world)
    for row in _spelled(catalogue, ad_events_of(world.story, catalogue, world.story.viewing(API, day))):
        if row["time"] <= now:
            yield {**row, "time": _instant(row["time"])}


def _kept(world: World, table: str, day: date, make: Callable[[World, date], Iterator[Row]]) -> list[Row]:
    """The rows of a day; those of the last few days read are kept, since tables are read page by page."""
    if day >= world.now().date() - timedelta(days=1):
        return list(make(world, day))  # what still runs may change
    kept: OrderedDict[Any, list[Row]] = world.shelf.setdefault("amagi read back", OrderedDict())
    key = (table, day, world.rows.version)
    if key not in kept:
        kept[key] = list(make(world, day))
        while len(kept) > _KEEP_DAYS:
            kept.popitem(last=False)
    return kept[key]


def _spelled(catalogue: Catalogue, events: AdEvents) -> Iterator[Row]:
    """Each event with the names its codes stand for; *time* still in milliseconds."""
    codes = (events.start, events.place, events.device, events.channel, events.content, events.tag)
    counters = zip(*(column.tolist() for column in events.counters), strict=True)
    for (time, place, device, channel, content, tag), counted in zip(
        zip(*(column.tolist() for column in codes), strict=True), counters, strict=True
    ):
        city, country = catalogue.places.keys[place]
        name, kind = catalogue.devices.keys[device]
        yield {
            "channelId": catalogue.channel_codes.keys[channel],
            "contentId": catalogue.content_codes.keys[content],
            "country": country,
            "city": city,
            "deviceType": kind,
            "deviceName": name,
            "time": time,
            "adTag": catalogue.tags.keys[tag],
            **dict(zip(COUNTERS, counted, strict=True)),
        }


def _days(world: World) -> Iterator[date]:
    """The days that are read back, the last one today."""
    profile, today = world.story.profile, world.now().date()
    first = profile.first or date.fromordinal(max(1, today.toordinal() - _DAYS_BACK))
    last = min(profile.last or today, today)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _story_fields(world: World, channel: int, title: int, viewer: int) -> Row:
    catalogue = open_catalogue(world)
    return {
        "channelId": catalogue.channel_codes.keys[channel],
        "contentId": catalogue.content_codes.keys[title],
        **viewer_fields(world.story.viewer(viewer)),
    }


def _instant(ms: int) -> str:
    return write_instant(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
