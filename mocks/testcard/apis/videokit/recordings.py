"""Recordings: what a row holds, which state it is in, how answers show it.

A recording is Pending until its source is over and its archive's delay has passed, Processing while the archive and the
outputs are made, and then Available (ledger VK-148). How long the making takes is our choice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from testcard.apis.videokit.assets import preset_named
from testcard.apis.videokit.channels import CHANNELS, on_spans
from testcard.apis.videokit.events import CATCH_UP_MS, story_events
from testcard.apis.videokit.links import endpoint
from testcard.apis.videokit.lists import write_attributes
from testcard.apis.videokit.records import Kind, Row, collection, millis, stamp, tenant_ids
from testcard.exchange import Call
from testcard.seed import uuid_from
from testcard.world.clock import parse_instant
from testcard.world.world import World

__all__ = [
    "RECORDINGS",
    "Recorded",
    "catch_up_until",
    "duration_of",
    "is_gone",
    "live_outputs",
    "new_recording_row",
    "output_status",
    "outputs_view",
    "playable_recording",
    "readings_of",
    "recording_modified",
    "recording_status",
    "recording_view",
]

MAKING_MS = 120_000
"""How long an archive or an output takes to be made."""


def new_recording_row(identity: str, channel: str, start: int, end: int, created: int) -> Row:
    """A recording with nothing switched on."""
    return {
        "id": identity,
        "channel": channel,
        "start": start,
        "end": end,
        "catchUp": False,
        "archive": {"enabled": False, "public": False, "delay": 0},
        "outputs": [],
        "title": None,
        "metadata": {},
        "tags": [],
        "attributes": [],
        "failed": None,
        "created": created,
        "modified": created,
    }


def _story(world: World, _tenant: str) -> Iterator[Row]:
    for event, _ in story_events(world):
        identity = uuid_from(world.seed, "videokit recording", event["start"])
        row = new_recording_row(identity, event["channel"], event["start"], event["end"], event["created"])
        row |= {name: event[name] for name in ("title", "metadata", "tags", "attributes")}
        row |= {"catchUp": True, "archive": {"enabled": True, "public": True, "delay": 0}}
        row["outputs"] = [{"id": "download", "preset": "mp4", "created": event["created"], "expires": None}]
        yield row


def _take(_world: World, given: Row) -> Row:
    source, archive = given["source"]["liveChannelDetails"], given.get("archive", {})
    created = _moment(given["createDate"])
    row = new_recording_row(given["id"], source["channelId"], _moment(source["start"]), _moment(source["end"]), created)
    row["modified"] = _moment(given["lastModificationDate"])
    row["catchUp"] = given.get("catchup", {}).get("enabled", False)
    row["archive"] = {
        "enabled": archive.get("enabled", False),
        "public": archive.get("public", False),
        "delay": archive.get("delaySeconds", 0),
    }
    row["outputs"] = [
        {
            "id": each["id"],
            "preset": each.get("preset", "mp4"),
            "created": created,
            "expires": _moment(each["expirationDate"]) if each.get("expirationDate") else None,
        }
        for each in given.get("outputs", ())
    ]
    row |= {name: given[name] for name in ("title", "metadata", "tags", "attributes") if name in given}
    row["failed"] = given.get("errorMessage") or ("recording failed" if given.get("status") == "Error" else None)
    return row


def _moment(text: str) -> int:
    return millis(parse_instant(text))


def _archived_at(row: Row) -> int:
    """When there is an archive to be made: after its source and its delay."""
    archive = row["archive"]
    return int(row["end"] + (archive["delay"] * 1000 if archive["enabled"] else 0))


def _made_at(row: Row) -> int:
    """When archive and the first outputs are ready."""
    return _archived_at(row) + (MAKING_MS if row["archive"]["enabled"] or row["outputs"] else 0)


def recording_status(world: World, row: Row, now: int) -> str:
    """The state of a recording (ledger VK-148, VK-160)."""
    if row["failed"] or _never_on(world, row, now):
        return "Error"
    if now < row["start"]:
        return "Pending"
    if now < _archived_at(row):
        return "Pending" if world.reading("VK-148") == "pending" else "Processing"
    return "Processing" if now < _made_at(row) else "Available"


def _never_on(world: World, row: Row, now: int) -> bool:
    """Whether the channel was off for all of the recording, where that counts (ledger VK-160)."""
    if now < row["end"] or world.reading("VK-160") == "available":
        return False
    for tenant in tenant_ids(world):
        channel = collection(world, tenant, CHANNELS).get(row["channel"])
        if channel is not None:
            return not any(first < row["end"] and row["start"] < last for first, last in on_spans(world, channel, now))
    return True


def output_status(world: World, row: Row, output: Row, now: int) -> str:
    """The state of an output: made after the recording, or after it was added."""
    if recording_status(world, row, now) == "Error":
        return "Error"
    begins = max(_archived_at(row), output["created"])
    return "Pending" if now < begins else "Processing" if now < begins + MAKING_MS else "Available"


def live_outputs(row: Row, now: int) -> list[Row]:
    """The outputs that have not expired; an expired one is deleted for good."""
    return [each for each in row["outputs"] if each["expires"] is None or now < each["expires"]]


def catch_up_until(world: World, row: Row) -> int:
    """When a recording's catch-up ends (ledger VK-146)."""
    return int((row["end"] if world.reading("VK-146") == "end" else row["created"]) + CATCH_UP_MS)


def is_gone(world: World, row: Row, now: int) -> bool:
    """Whether a recording is kept nowhere any more and therefore no longer there (ledger VK-153)."""
    if world.reading("VK-153") == "kept" or not row["catchUp"]:
        return False
    return not row["archive"]["enabled"] and not live_outputs(row, now) and now >= catch_up_until(world, row)


def duration_of(row: Row, now: int) -> int | None:
    """How long a recording is, once it has ended."""
    return row["end"] - row["start"] if now >= row["end"] and not row["failed"] else None


def recording_modified(row: Row, now: int) -> int:
    """When a recording last changed: by a write, or because it was made."""
    made = [at for at in (row["end"], _made_at(row)) if at <= now]
    return max(int(row["modified"]), *made, 0)


def playable_recording(world: World, row: Row, part: str, now: int) -> int | None:
    """The duration of what can be played of a recording now: its ``catchup``, ``archive`` or an output's id."""
    length = int(row["end"] - row["start"])
    if recording_status(world, row, now) == "Error":
        return None
    if part == "catchup":
        return length if row["catchUp"] and row["start"] <= now < catch_up_until(world, row) else None
    if part == "archive":
        return length if row["archive"]["enabled"] and now >= _made_at(row) else None
    found = next((each for each in live_outputs(row, now) if each["id"] == part), None)
    return length if found and output_status(world, row, found, now) == "Available" else None


def _moments(row: Row) -> Iterator[int]:
    yield from (row["created"], row["start"], row["end"], _archived_at(row), _made_at(row))
    yield from (row["end"] + CATCH_UP_MS, row["created"] + CATCH_UP_MS)
    yield from (each["expires"] for each in row["outputs"] if each["expires"] is not None)


def _sorts() -> dict[str, Any]:
    return {
        "id": lambda row, _: row["id"],
        "title": lambda row, _: row["title"],
        "channelid": lambda row, _: row["channel"],
        "source.livechanneldetails.channelid": lambda row, _: row["channel"],
        "source.livechanneldetails.start": lambda row, _: row["start"],
        "source.livechanneldetails.end": lambda row, _: row["end"],
        "durationmilliseconds": duration_of,
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": recording_modified,
    }


RECORDINGS = Kind("recordings", _sorts(), lambda row: (row["title"],), _moments, story=_story, take=_take)


class Recorded:
    """The recordings of a tenant as a list sees them: without those that are gone, which readings decide."""

    kind = RECORDINGS

    def __init__(self, world: World, tenant: str) -> None:
        self._world = world
        self._own, self._channels = collection(world, tenant, RECORDINGS), collection(world, tenant, CHANNELS)

    def state(self, now: int) -> Hashable:
        """What any list depends on: a state may depend on when the channel was on."""
        return self._own.state(now), self._channels.version, readings_of(self._world)

    def rows(self) -> Iterator[Row]:
        """Every recording that is not gone."""
        now = self._world.clock.now_ms()
        return (row for row in self._own.rows() if not is_gone(self._world, row, now))


def readings_of(world: World) -> tuple[str, ...]:
    """The readings that decide in which state a recording is, and whether it is there."""
    return tuple(world.reading(f"VK-{number}") for number in (125, 131, 132, 133, 146, 148, 153, 160))


def recording_view(call: Call, row: Row, *, full: bool) -> dict[str, Any]:
    """A recording as answers show it (ledger VK-144, VK-145, VK-157, VK-159)."""
    world, now = call.world, call.world.clock.now_ms()
    shown: dict[str, Any] = {
        "id": row["id"],
        "title": row["title"],
        "status": recording_status(world, row, now),
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, recording_modified(row, now)),
        "metadata": row["metadata"],
    }
    length = row["end"] - row["start"] if call.reading("VK-157") == "planned" else duration_of(row, now)
    if length is not None:
        shown["durationMilliseconds"] = length
    if not full:
        return shown
    details = {"channelId": row["channel"], "start": stamp(world, row["start"]), "end": stamp(world, row["end"])}
    shown["source"] = {"type": "LiveChannel", "liveChannelDetails": details}
    shown["catchup"] = _catch_up_view(call, row, now)
    shown["archive"] = _archive_view(call, row, now)
    shown["outputs"] = outputs_view(call, row)
    if shown["status"] == "Error":
        shown["errorMessage"] = row["failed"] or "The channel was not on."
    if call.reading("VK-159") == "shown":
        shown |= {"tags": row["tags"], "attributes": write_attributes(call, row["attributes"])}
    return shown


def outputs_view(call: Call, row: Row) -> list[dict[str, Any]]:
    """The outputs of a recording that are there."""
    now = call.world.clock.now_ms()
    return [_output_view(call, row, each, now) for each in live_outputs(row, now)]


def _catch_up_view(call: Call, row: Row, now: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"enabled": row["catchUp"], "endpoints": []}
    if row["catchUp"]:
        shown["expirationTime"] = stamp(call.world, catch_up_until(call.world, row))
        there = playable_recording(call.world, row, "catchup", now) is not None
        kept = call.reading("VK-147") == "kept" and now >= catch_up_until(call.world, row)
        if there or kept:
            shown["endpoints"] = [_place(call, row, "catchup", "HLS")]
    return shown


def _archive_view(call: Call, row: Row, now: int) -> dict[str, Any]:
    archive = row["archive"]
    shown: dict[str, Any] = {
        "enabled": archive["enabled"],
        "delaySeconds": archive["delay"],
        "public": archive["public"],
        "endpoints": [],
    }
    if archive["enabled"]:
        status = recording_status(call.world, row, now)
        shown["status"] = status
        if status == "Available":
            shown["endpoints"] = [_place(call, row, "archive", form) for form in ("HLS", "MP4")]
            shown["archivisationCompletedDate"] = stamp(call.world, _made_at(row))
    return shown


def _output_view(call: Call, row: Row, output: Row, now: int) -> dict[str, Any]:
    status, preset = output_status(call.world, row, output, now), preset_named(output["preset"])
    form = "MP4" if preset is None or preset["createsDownload"] else "HLS"
    shown: dict[str, Any] = {"id": output["id"], "status": status, "preset": output["preset"], "endpoints": []}
    if output["expires"] is not None:
        shown["expirationDate"] = stamp(call.world, output["expires"])
    if status == "Available":
        shown["endpoints"] = [_place(call, row, output["id"], form, preset=output["preset"])]
        shown["completionDate"] = stamp(call.world, max(_archived_at(row), output["created"]) + MAKING_MS)
    return shown


def _place(call: Call, row: Row, part: str, form: str, *, preset: str | None = None) -> dict[str, Any]:
    protection = "None" if call.reading("VK-158") == "present" else None
    segments = ("recording", row["id"], part)
    identity = f"{part}-{form.lower()}"
    return endpoint(call, segments, form, identity=identity, preset=preset, protection=protection)
