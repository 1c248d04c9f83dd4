"""Events: a time span on a channel, Scheduled before it, Live in it, Finished after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from testcard.apis.videokit.links import endpoint
from testcard.apis.videokit.lists import write_attributes
from testcard.apis.videokit.live_fixture import live_fixture
from testcard.apis.videokit.naming import channel_id
from testcard.apis.videokit.records import Kind, Row, millis, stamp
from testcard.exchange import Call
from testcard.seed import uuid_from
from testcard.world.clock import parse_instant
from testcard.world.story import Airing
from testcard.world.world import World

__all__ = ["CATCH_UP_MS", "EVENTS", "event_fields", "event_status", "event_view", "has_catch_up", "story_events"]

CATCH_UP_MS = 14 * 86_400_000


def story_events(world: World) -> Iterator[tuple[Row, Airing]]:
    """The broadcaster's regular events, with what was on."""
    rule = live_fixture()["event"]
    channel = world.story.channel(rule["channel"])
    if channel is None or world.profile == "empty":
        return
    first = date.fromisoformat(str(rule["first"]))
    for month in range(rule["months"]):
        start = date(first.year + (first.month - 1 + month) // 12, (first.month - 1 + month) % 12 + 1, 1)
        day = start + timedelta(days=(first.weekday() - start.weekday()) % 7)
        airing = next(each for each in world.story.schedule(channel, day) if _hour(each) >= rule["hour"])
        created = airing.start_ms - rule["announced_days"] * 86_400_000
        yield (
            {
                "id": uuid_from(world.seed, "videokit event", airing.start_ms),
                "channel": channel_id(world.seed, channel),
                "start": airing.start_ms,
                "end": airing.end_ms,
                "title": airing.title.name,
                "ensure": False,
                "metadata": {"Title": airing.title.name, "Series": airing.title.series},
                "tags": list(rule["tags"]),
                "attributes": list(rule["attributes"]),
                "created": created,
                "modified": created,
            },
            airing,
        )


def _hour(airing: Airing) -> int:
    return airing.start_ms // 3_600_000 % 24


def _take(_world: World, given: Row) -> Row:
    return {
        "id": given["id"],
        "channel": given["channelId"],
        "start": millis(parse_instant(given["start"])),
        "end": millis(parse_instant(given["end"])),
        "title": given.get("title"),
        "ensure": given.get("ensureChannel", False),
        "metadata": given.get("metadata", {}),
        "tags": given.get("tags", []),
        "attributes": given.get("attributes", []),
        "created": millis(parse_instant(given["createDate"])),
        "modified": millis(parse_instant(given["lastModificationDate"])),
    }


def event_status(row: Row, now: int) -> str:
    """The state of an event."""
    return "Scheduled" if now < row["start"] else "Live" if now < row["end"] else "Finished"


def _sorts() -> dict[str, Any]:
    return {
        "id": lambda row, _: row["id"],
        "channelid": lambda row, _: row["channel"],
        "start": lambda row, _: row["start"],
        "end": lambda row, _: row["end"],
        "title": lambda row, _: row["title"],
        "status": event_status,
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
    }


EVENTS = Kind(
    "events",
    _sorts(),
    lambda row: (row["title"],),
    lambda row: (row["created"], row["start"], row["end"]),
    story=lambda world, _tenant: (row for row, _ in story_events(world)),
    take=_take,
)


def has_catch_up(row: Row, now: int) -> bool:
    """Whether an event can be watched from its beginning: while it runs, and for 14 days after."""
    return bool(row["start"] <= now < row["end"] + CATCH_UP_MS)


def event_fields(world: World, row: Row) -> dict[str, Any]:
    """What is stored of an event, in the API's fields."""
    return {
        "id": row["id"],
        "channelId": row["channel"],
        "start": stamp(world, row["start"]),
        "end": stamp(world, row["end"]),
        "title": row["title"],
        "ensureChannel": row["ensure"],
        "metadata": row["metadata"],
        "tags": row["tags"],
        "attributes": row["attributes"],
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, row["modified"]),
    }


def event_view(call: Call, row: Row, *, part: str) -> dict[str, Any]:
    """An event as answers show it; *part* is ``list``, ``details`` or ``update`` (ledger VK-104, VK-135)."""
    now = call.world.clock.now_ms()
    shown = event_fields(call.world, row)
    shown |= {"attributes": write_attributes(call, row["attributes"]), "status": event_status(row, now)}
    if part != "list" or call.reading("VK-135") == "everywhere":
        there = has_catch_up(row, now)
        catch_up = [endpoint(call, ("event", row["id"], "catchup"), "HLS", identity="catchup")] if there else []
        shown["catchup"] = {"endpoints": catch_up}
    if part == "details" and call.reading("VK-104") == "table":
        for name in ("status", "tags", "attributes"):
            del shown[name]
    return shown
