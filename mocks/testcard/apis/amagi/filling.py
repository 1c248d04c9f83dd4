"""Complete the rows that a test wrote: what a row leaves out comes from the story, deterministically."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from testcard.apis.amagi.catalogue import device_types, open_catalogue
from testcard.apis.amagi.customers import API, fixture, main_customer
from testcard.errors import RowError
from testcard.seed import below, mix
from testcard.world.clock import write_instant
from testcard.world.rows import Row
from testcard.world.story import Viewer
from testcard.world.world import World

__all__ = [
    "COUNTERS",
    "REPORTS",
    "fill_ad_event",
    "fill_channel",
    "fill_content",
    "fill_schedule",
    "fill_session",
    "given_schedules",
    "viewer_fields",
]

COUNTERS = (
    "adOpportunitiesDetected",
    "adRequestsSent",
    "adResponsesReceived",
    "adAssetsReceived",
    "impressionsRecorded",
)
REPORTS = ("viewershipAnalytics", "contentAnalytics", "adAnalytics", "adContentAnalytics", "uniqueViewersAnalytics")
_VIEWER = ("ipAddress", "userAgent")  # an ad event needs none


def fill_channel(_world: World, row: Row, _index: int) -> Row:
    """A channel of the main customer, with advertising."""
    defaults = {"channelName": row["channelId"], "customerId": main_customer()["id"], "adAnalytics": True}
    return {**defaults, **row}


def fill_content(_world: World, row: Row, _index: int) -> Row:
    """A content named by its id, without studio and series."""
    return {"contentName": row["contentId"], "studioName": "", "seriesName": "", **row}


def fill_session(world: World, row: Row, index: int) -> Row:
    """A session of a viewer of the story, up to ninety minutes long."""
    filled = {**_who(world, "sessions", row, index), **row}
    start = datetime.fromisoformat(row["start"])
    if "end" not in row:
        minutes = 1 + below(90, world.seed, API, "sessions", index, "minutes")
        filled["end"] = write_instant(start + timedelta(minutes=minutes))
    elif row["end"] is not None and datetime.fromisoformat(row["end"]) < start:
        raise RowError(f"sessions: row {index}: end: {row['end']} is before start, {row['start']}")
    return filled


def fill_ad_event(world: World, row: Row, index: int) -> Row:
    """A break of which everything came: one of each counter."""
    tags = fixture()["adTags"]
    tag = tags[below(len(tags), world.seed, API, "adEvents", index, "tag")]
    where = {name: value for name, value in _who(world, "adEvents", row, index).items() if name not in _VIEWER}
    return {**where, "adTag": tag, **dict.fromkeys(COUNTERS, 1), **row}


def fill_schedule(_world: World, row: Row, index: int) -> Row:
    """A daily report on everything, saved long ago."""
    defaults = {
        "scheduleId": str(30_001 + index),
        "report": REPORTS[0],
        "interval": "DAILY",
        "filters": {},
        "createdAt": fixture()["schedules"][0]["createdAt"],
        "customerId": main_customer()["id"],
    }
    return {**defaults, **row}


def _who(world: World, table: str, row: Row, index: int) -> Row:
    """A viewer of the story at a channel and content of the world; a device brings its type, a city its country."""
    catalogue = open_catalogue(world)
    draw = mix(world.seed, API, table, index)
    viewer = world.story.viewer(draw % len(world.story.audience))
    channels = [channel.id for channel in catalogue.channels.values() if channel.listed] or [main_customer()["name"]]
    contents = list(catalogue.contents)
    filled = {
        "channelId": channels[below(len(channels), draw, "channel")],
        "contentId": contents[below(len(contents), draw, "content")],
        **viewer_fields(viewer),
    }
    if "deviceName" in row or "deviceType" in row:
        filled.update(_device(row))
    if "city" in row or "country" in row:
        filled.update(_place(world, row))
    return filled


def _device(row: Row) -> Row:
    for kind, names in device_types().items():
        if row.get("deviceName") in names or ("deviceName" not in row and row["deviceType"] == kind):
            return {"deviceType": kind, "deviceName": row.get("deviceName", names[0])}
    return {"deviceType": "Others", "deviceName": "Others"}


def _place(world: World, row: Row) -> Row:
    for place in world.story.places:
        if row.get("city", place.city) == place.city and row.get("country", place.country) == place.country:
            return {"country": place.country, "city": place.city}
    return {"country": row.get("country", "United States"), "city": row.get("city", row.get("country"))}


def viewer_fields(viewer: Viewer) -> Row:
    return {
        "country": viewer.place.country,
        "city": viewer.place.city,
        "deviceType": viewer.device.type,
        "deviceName": viewer.device.name,
        "ipAddress": viewer.ip_address,
        "userAgent": viewer.user_agent,
    }


def given_schedules(world: World) -> Iterable[Row]:
    """All schedules of a world; an explicit one takes the place of a shipped one with its id."""
    shipped = [] if world.rows.replaced(API, "schedules") else fixture()["schedules"]
    filled = [fill_schedule(world, row, index) for index, row in enumerate(shipped)]
    return {row["scheduleId"]: row for row in [*filled, *world.rows.given(API, "schedules")]}.values()
