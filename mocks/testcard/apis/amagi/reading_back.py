"""Read the tables back, explicit rows and story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from testcard.apis.amagi.catalogue import Catalogue, open_catalogue
from testcard.apis.amagi.customers import API
from testcard.apis.amagi.filling import COUNTERS, viewer_fields
from testcard.world.clock import write_instant
from testcard.world.history import DayPart, Piece, Stretch, given_piece, story_days
from testcard.world.rows import Row
from testcard.world.story import now_ms
from testcard.world.world import World

if TYPE_CHECKING:
    from testcard.apis.amagi.columns import AdEvents
    from testcard.world.columns import Viewing

__all__ = ["ad_event_pieces", "read_channels", "read_contents", "session_pieces"]


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


def session_pieces(world: World, stretch: Stretch) -> Iterator[Piece]:
    """The sessions that have started in a stretch, a piece a day; the end of one that still runs is null."""
    yield given_piece(world.rows.given(API, "sessions"), partial(_row_ms, "start"), stretch)
    if not world.rows.replaced(API, "sessions"):
        for part in story_days(world, stretch):
            count = world.story.count(API, part.day) if part.whole else len(_seen(world, part))
            yield Piece(count, partial(_session_rows, world, part))


def ad_event_pieces(world: World, stretch: Stretch) -> Iterator[Piece]:
    """The ad events of a stretch, none after now, a piece a day."""
    yield given_piece(world.rows.given(API, "adEvents"), partial(_row_ms, "time"), stretch)
    if not world.rows.replaced(API, "adEvents") and not world.rows.replaced(API, "sessions"):
        for part in story_days(world, stretch):
            yield Piece(_ad_event_count(world, part), partial(_ad_event_rows, world, part))


def _row_ms(field: str, row: Row) -> int:
    return now_ms(datetime.fromisoformat(row[field]))


def _seen(world: World, part: DayPart) -> Viewing:
    return world.story.viewing(API, part.day).started(part.from_ms, part.to_ms)


def _session_rows(world: World, part: DayPart, some: slice) -> Iterator[Row]:
    now, catalogue = now_ms(world.now()), open_catalogue(world)
    seen = _seen(world, part).take(some)
    for number in range(len(seen)):
        session = seen.session(number)
        yield {
            "channelId": catalogue.channel_codes.keys[session.channel],
            "contentId": catalogue.content_codes.keys[session.title],
            **viewer_fields(world.story.viewer(session.viewer)),
            "start": _instant(session.start_ms),
            "end": _instant(session.end_ms) if session.end_ms <= now else None,
        }


def _ad_event_count(world: World, part: DayPart) -> int:
    """How many there are; for a whole day found once, since a page far behind asks for every day before it."""
    if not part.whole:
        return len(_ad_events(world, part))
    version, kept = world.shelf.get("amagi ad events a day", (None, {}))
    if version != world.rows.version:
        version, kept = world.shelf["amagi ad events a day"] = (world.rows.version, {})
    if part.day not in kept:
        kept[part.day] = len(_ad_events(world, part))
    count: int = kept[part.day]
    return count


def _ad_events(world: World, part: DayPart) -> AdEvents:
    from testcard.apis.amagi.sessions import story_ad_events

    return story_ad_events(world, open_catalogue(world), part.from_ms, part.to_ms)


def _ad_event_rows(world: World, part: DayPart, some: slice) -> Iterator[Row]:
    from testcard.apis.amagi.columns import take

    for row in _spelled(open_catalogue(world), take(_ad_events(world, part), some)):
        yield {**row, "time": _instant(row["time"])}


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


def _instant(ms: int) -> str:
    return write_instant(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
