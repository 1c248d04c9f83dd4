"""Channels: what a row holds, and which state it is in. A state is never kept, only what led to it.

``log`` holds the starts and stops there have been, as [milliseconds, "start" or "stop"]; everything between is counted
from there (ledger VK-125). What events do to their channel is worked out up to now before anybody looks (`settle`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from testcard.apis.videokit.events import EVENTS
from testcard.apis.videokit.live_fixture import live_fixture
from testcard.apis.videokit.naming import channel_id
from testcard.apis.videokit.records import Kind, Row, collection, millis, new_id
from testcard.world.clock import parse_instant
from testcard.world.world import World

__all__ = [
    "CHANNELS",
    "new_channel_id",
    "new_channel_row",
    "on_spans",
    "settle",
    "settle_all",
    "status_of",
]

_API_NAMES = {"On": "start", "Starting": "start", "Stopping": "stop"}


def _times(world: World) -> dict[str, int]:
    """How long each transition takes, in milliseconds (ledger VK-125)."""
    factor = 0 if world.reading("VK-125") == "instant" else 1000
    return {name: seconds * factor for name, seconds in live_fixture()["seconds"].items()}


def new_channel_row(identity: str, name: str, settings: dict[str, Any], created: int, ready: int) -> Row:
    """A channel as it is made."""
    return {
        "id": identity,
        "name": name,
        "settings": settings,
        "metadata": {},
        "automationDisabled": False,
        "created": created,
        "modified": created,
        "ready": ready,
        "log": [],
    }


def new_channel_id(world: World, name: str, taken: Iterable[str]) -> str:
    """The id of a new channel (ledger VK-101)."""
    if world.reading("VK-101") == "uuid":
        return new_id(world)
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100] or "channel"
    known = set(taken)
    return next(each for n in range(1, len(known) + 2) if (each := f"{stem}-{n}" if n > 1 else stem) not in known)


def _story(world: World, _tenant: str) -> Iterator[Row]:
    given = live_fixture()
    since = millis(parse_instant(given["channels_since"]))
    for channel in world.story.channels:
        if channel.kind != "linear":
            continue
        row = new_channel_row(channel_id(world.seed, channel), channel.name, given["settings"], since, since)
        row["metadata"] = {"Title": channel.name, "Territory": channel.territory}
        row["log"] = [[since, "start"]]
        yield row


def _take(_world: World, given: Row) -> Row:
    """An explicit row, in the names of the API."""
    created = millis(parse_instant(given["createDate"]))
    row = new_channel_row(given["id"], given["name"], dict(live_fixture()["settings"]), created, created)
    row["metadata"] = given.get("metadata", {})
    row["automationDisabled"] = given.get("automationDisabled", False)
    row["modified"] = millis(parse_instant(given["lastModificationDate"]))
    status = given.get("status", "Off")
    if status == "Error":
        row["broken"] = True
    elif status == "Processing":
        row["ready"] = created + live_fixture()["seconds"]["processing"] * 1000
    elif status != "Off":
        row["log"] = [[created, _API_NAMES[status]]]
    return row


def _sorts() -> dict[str, Any]:
    return {
        "id": lambda row, _: row["id"],
        "name": lambda row, _: row["name"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
        "automationdisabled": lambda row, _: int(row["automationDisabled"]),
    }


CHANNELS = Kind("channels", _sorts(), lambda row: (row["name"],), story=_story, take=_take)


def status_of(world: World, row: Row, now: int | None = None) -> str:
    """The state of a settled channel."""
    now = world.clock.now_ms() if now is None else now
    if row.get("broken"):
        return "Error"
    if now < row["ready"]:
        return "Processing"
    last = next((entry for entry in reversed(row["log"]) if entry[0] <= now), None)
    if last is None:
        return "Off"
    since, what = last
    times = _times(world)
    if what == "start":
        return "Starting" if now < since + times["starting"] else "On"
    return "Stopping" if now < since + times["stopping"] else "Off"


def on_spans(world: World, row: Row, until: int) -> list[tuple[int, int]]:
    """The times in which a channel was on, up to *until*, oldest first."""
    times, spans, since = _times(world), [], None
    for at, what in row["log"]:
        if what == "start" and since is None:
            since = at + times["starting"]
        elif what == "stop" and since is not None:
            spans.append((since, at))
            since = None
    if since is not None:
        spans.append((since, until))
    return [(first, min(last, until)) for first, last in spans if first < min(last, until)]


def settle_all(world: World, tenant: str) -> None:
    """Bring all channels of a tenant up to now."""
    for row in list(collection(world, tenant, CHANNELS).rows()):
        settle(world, tenant, row["id"])


def settle(world: World, tenant: str, key: str) -> Row | None:
    """Let a channel's events have started and stopped it up to now. Call it before looking, and before and after
    changing an event; under the world's lock."""
    channels = collection(world, tenant, CHANNELS)
    row = channels.get(key)
    if row is None:
        return None
    now, memory = world.clock.now_ms(), f"videokit/{tenant}/automation"
    known = world.store.get(memory, key) or {"settled": row["created"], "wanted": False, "auto": False}
    edges = sorted(_edges(world, tenant, row, known, now))
    log, auto = list(row["log"]), known["auto"]
    for at, wanted in edges:
        auto = _follow(world, row, log, at, wanted=wanted, auto=auto)
    if log != row["log"]:
        row = channels.put({**row, "log": log})
    wanted = edges[-1][1] if edges else known["wanted"]
    world.store.put(memory, key, {"settled": now, "wanted": wanted, "auto": auto})
    return row


def _edges(world: World, tenant: str, row: Row, known: Row, now: int) -> Iterator[tuple[int, bool]]:
    """When the wish that a channel be on changed, since it was last settled."""
    if row["automationDisabled"] and world.reading("VK-133") == "blocks-events":
        return
    lead = _times(world)["lead"] if world.reading("VK-132") == "before-start" else 0
    spans = [(max(each["start"] - lead, each["created"]), each["end"]) for each in _ensured(world, tenant, row["id"])]
    if not spans and not known["wanted"]:
        return
    since, wanted = known["settled"], known["wanted"]
    moments = {since, *(at for span in spans for at in span if since < at <= now)}
    for at in sorted(moments):
        now_wanted = any(first <= at < last for first, last in spans)
        if now_wanted != wanted:
            yield at, now_wanted
            wanted = now_wanted


def _ensured(world: World, tenant: str, channel: str) -> list[Row]:
    """The events that ask for their channel to be on, found again only after an event was written."""
    events, key = collection(world, tenant, EVENTS), f"videokit/{tenant}/ensured"
    version, found = world.shelf.get(key, (None, {}))
    if version != events.version:
        found = {}
        for event in events.rows():
            if event["ensure"]:
                found.setdefault(event["channel"], []).append(event)
        world.shelf[key] = (events.version, found)
    by_channel: dict[str, list[Row]] = found
    return by_channel.get(channel, [])


def _follow(world: World, row: Row, log: list[list[Any]], at: int, *, wanted: bool, auto: bool) -> bool:
    """Start or stop a channel because of its events, as soon as its state allows it; whether they hold it on."""
    times = _times(world)
    last_at, last = log[-1] if log else (row["ready"], "stop")
    if wanted and last == "stop":
        rest = times["stopping"] if log else 0
        log.append([max(at, last_at + rest), "start"])
        return True
    if not wanted and last == "start" and auto and world.reading("VK-131") == "start-and-stop":
        log.append([max(at, last_at + times["starting"]), "stop"])
    return auto and wanted
