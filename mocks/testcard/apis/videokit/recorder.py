"""Recorder: recordings of live channels, their catch-up, archive and outputs.

Document 002, Recorder. Rows, states and views are in `recordings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from testcard.apis.videokit.assets import preset_named
from testcard.apis.videokit.channels import CHANNELS, settle_all
from testcard.apis.videokit.common import Videokit, conflict, not_found, refuse, rows_of, service_response, tenant_of
from testcard.apis.videokit.edits import apply_labels, created
from testcard.apis.videokit.lists import among, ordered, page_of, text_in
from testcard.apis.videokit.live_tables import explicit_table
from testcard.apis.videokit.recordings import (
    RECORDINGS,
    Recorded,
    is_gone,
    live_outputs,
    new_recording_row,
    recording_modified,
    recording_status,
    recording_view,
)
from testcard.apis.videokit.records import Row, collection, new_id, stamp, tenant_ids
from testcard.apis.videokit.searches import either_or_both, moment, overlapping, settle_referred, written_dates
from testcard.exchange import Call, Reply
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Recorder"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOUR_MS = 3_600_000


class Recorder(Videokit):
    """The 8 operations of recorder."""

    contract: ClassVar[str] = "videokit/recorder"

    @property
    def tables(self) -> Mapping[str, Table]:
        """Explicit recordings, in the fields of their details."""
        table = explicit_table("videokit/recorder", "Recording", RECORDINGS, _fill, _show)
        return {"recordings": table}

    def create_recording(self, call: Call, *, body: Row) -> Reply:
        """Record a time span of a channel."""
        now, source = call.world.clock.now_ms(), body["source"]["liveChannelDetails"]
        settle_referred(call, source["channelId"])
        start, end = _span(call, source, now)
        row = new_recording_row(new_id(call.world), source["channelId"], start, end, now)
        row["catchUp"] = body.get("catchup", {}).get("enabled", False)
        row["archive"] = _archive(row["archive"], {"public": body.get("public", False), **body.get("archive", {})})
        row["metadata"] = _metadata(call, body.get("metadata", {}))
        row["title"] = row["metadata"].get("title")
        for each in body.get("outputs", ()):
            _add_output(call, row, each)
        rows_of(call, RECORDINGS).put(row)
        return created(call, {"id": row["id"]})

    def list_recordings(
        self,
        call: Call,
        *,
        limit: int,
        page: int,
        search_start: datetime | None,
        search_end: datetime | None,
        channel_id: str | None,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: Sequence[str] | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_start: datetime | None,
        last_modification_date_end: datetime | None,
        statuses: Sequence[str] | None,
        channels: Sequence[str] | None,
    ) -> dict[str, Any]:
        """One page of recordings."""
        world = call.world
        settle_all(world, tenant_of(call))
        searched = call.reading("VK-156")
        by_source = searched == "source-time"
        conditions = [
            *overlapping(
                searched,
                search_start,
                search_end,
                lambda row: (row["start"], row["end"]) if by_source else (row["created"], row["created"]),
            ),
            *either_or_both(call, "channel", channel_id, channels, lambda row, _: row["channel"]),
            *text_in(call, query, RECORDINGS),
            *among("id", ids, lambda row, _: row["id"]),
            *among("status", statuses, lambda row, now: recording_status(world, row, now)),
            *written_dates(
                call,
                create_date_start,
                create_date_end,
                last_modification_date_start,
                last_modification_date_end,
                modified=recording_modified,
            ),
        ]
        rows = ordered(call, Recorded(world, tenant_of(call)), conditions, sort, desc)
        full = call.reading("VK-144") == "full"
        return page_of(call, rows, limit, page, lambda row: recording_view(call, row, full=full))

    def get_recording(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 - the parameter's name
        """One recording."""
        return recording_view(call, _recording(call, id), full=True)

    def update_recording(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change the fields that are sent; the source only while the recording is Pending."""
        row, now = dict(_recording(call, id)), call.world.clock.now_ms()
        if "source" in body:
            _move(call, row, body["source"]["liveChannelDetails"], now)
        if "catchup" in body:
            row["catchUp"] = body["catchup"].get("enabled", row["catchUp"])
        row["archive"] = _archive(row["archive"], body.get("archive", {}))
        labels: Row = {name: body[name] for name in ("metadata", "tags", "attributes") if name in body}
        if labels.get("metadata"):
            labels["metadata"] = _metadata(call, labels["metadata"])
        apply_labels(call, row, labels)
        if "title" in body:
            row["title"] = body["title"]
            if call.reading("VK-163") == "both":
                row["metadata"] = {**row["metadata"], "title": body["title"]}
        row["modified"] = now
        rows_of(call, RECORDINGS).put(row)
        return recording_view(call, row, full=call.reading("VK-145") == "full")

    def delete_recording(self, call: Call, *, id: str) -> Reply:  # noqa: A002
        """Delete a recording."""
        row = _recording(call, id)
        if _held(call, row):
            conflict("the recording is being made")
        rows_of(call, RECORDINGS).delete(row["id"])
        return Reply(200)

    def delete_recordings(self, call: Call, *, body: Sequence[str]) -> dict[str, Any]:
        """Delete several recordings, each with its own result."""
        answers: dict[str, Any] = {}
        for each in dict.fromkeys(body):
            row = _found(call, each)
            if row is None:
                answers[each] = service_response(call, "Recording not found", failed=404, shown="both")
            elif _held(call, row):
                answers[each] = service_response(call, "Recording is being made", failed=409, shown="both")
            else:
                rows_of(call, RECORDINGS).delete(each)
                answers[each] = service_response(call, "Recording deleted successfully", shown="both")
        return answers

    def delete_recording_output(self, call: Call, *, recording_id: str, id: str) -> Reply:  # noqa: A002
        """Take one output off a recording."""
        row, now = dict(_recording(call, recording_id)), call.world.clock.now_ms()
        if id not in (each["id"] for each in live_outputs(row, now)):
            not_found("output", id)
        row["outputs"] = [each for each in row["outputs"] if each["id"] != id]
        row["modified"] = now
        rows_of(call, RECORDINGS).put(row)
        return Reply(200)

    def add_recording_output(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Add an output, made once the recording has been recorded (ledger VK-151)."""
        row = dict(_recording(call, id))
        row["outputs"] = live_outputs(row, call.world.clock.now_ms())
        identity = _add_output(call, row, body)
        row["modified"] = call.world.clock.now_ms()
        rows_of(call, RECORDINGS).put(row)
        if call.reading("VK-151") == "output-id":
            return {"outputId": identity}
        return page_of(call, [{"id": identity}], 1, 1, lambda each: each)


def _found(call: Call, key: str) -> Row | None:
    settle_all(call.world, tenant_of(call))
    row = rows_of(call, RECORDINGS).get(key)
    return None if row is None or is_gone(call.world, row, call.world.clock.now_ms()) else row


def _recording(call: Call, key: str) -> Row:
    if call.reading("VK-155") == "bad-request" and not _UUID.fullmatch(key):
        refuse(400, f"path 'id': {key!r} is no UUID")
    return _found(call, key) or not_found("recording", key)


def _held(call: Call, row: Row) -> bool:
    """Whether a recording may not be deleted (ledger VK-165)."""
    status = recording_status(call.world, row, call.world.clock.now_ms())
    return status == "Processing" and call.reading("VK-165") == "refused"


def _span(call: Call, source: Row, now: int) -> tuple[int, int]:
    """Start and end of a source (ledger VK-150)."""
    if call.reading("VK-150") == "refused" and not {"start", "end"} <= source.keys():
        refuse(400, "body '/source/liveChannelDetails': start and end are required")
    pointer = "/source/liveChannelDetails"
    start = moment(source["start"], f"{pointer}/start") if "start" in source else now
    end = moment(source["end"], f"{pointer}/end") if "end" in source else start + _HOUR_MS
    if end <= start:
        refuse(400, f"body '{pointer}/end': must be after the start")
    return start, end


def _move(call: Call, row: Row, source: Row, now: int) -> None:
    """Give a recording another source, if it is still Pending (ledger VK-149)."""
    status = recording_status(call.world, row, now)
    if status != "Pending":
        code = 400 if call.reading("VK-149") == "bad-request" else 409
        refuse(code, f"the recording is {status}; its source can be changed while it is Pending")
    settle_referred(call, source["channelId"])
    old = {"start": stamp(call.world, row["start"]), "end": stamp(call.world, row["end"])}
    row["start"], row["end"] = _span(call, {**old, **source}, now)
    row["channel"] = source["channelId"]


def _archive(old: Row, sent: Row) -> Row:
    return {
        "enabled": sent.get("enabled", old["enabled"]),
        "public": sent.get("public", old["public"]),
        "delay": sent.get("delaySeconds", old["delay"]),
    }


def _metadata(call: Call, sent: Row) -> Row:
    """Metadata as it is kept: pairs of attributes become members, under one reading (ledger VK-143)."""
    if call.reading("VK-143") == "nested" or "attributes" not in sent:
        return sent
    pairs = sent["attributes"]
    members = pairs if isinstance(pairs, dict) else {pair["key"]: pair["value"] for pair in pairs}
    return {**{name: value for name, value in sent.items() if name != "attributes"}, **members}


def _add_output(call: Call, row: Row, sent: Row) -> str:
    """Add an output to a row; its id is unique in the recording (ledger VK-152)."""
    taken = {each["id"] for each in row["outputs"]}
    preset = sent.get("preset", "mp4")
    if preset_named(preset) is None:
        refuse(400 if call.reading("VK-136") == "bad-request" else 404, f"body '/preset': no preset {preset!r}")
    identity = sent.get("id") or _output_id(call, preset, taken)
    if identity in taken:
        conflict(f"the recording has an output {identity!r}")
    expires = moment(sent["expirationDate"], "/expirationDate") if sent.get("expirationDate") else None
    fresh = {"id": identity, "preset": preset, "created": call.world.clock.now_ms(), "expires": expires}
    row["outputs"] = [*row["outputs"], fresh]
    return str(identity)


def _output_id(call: Call, preset: str, taken: set[str]) -> str:
    if call.reading("VK-152") == "uuid":
        return new_id(call.world)
    numbered = (f"{preset}-{number}" if number > 1 else preset for number in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)


def _fill(world: World, row: Row, position: int) -> Row:
    """Complete an explicit row."""
    now = world.clock.now_ms()
    channel = next(collection(world, tenant_ids(world)[0], CHANNELS).rows(), None)
    written = stamp(world, now)
    given = row.get("source", {}).get("liveChannelDetails", {})
    span = {"start": stamp(world, now - _HOUR_MS), "end": written}
    details = {"channelId": channel["id"] if channel else new_id(world), **span, **given}
    made: Row = {"id": new_id(world), "createDate": written, "title": f"Recording {position + 1}"}
    made["lastModificationDate"] = row.get("createDate", written)
    return {**made, **row, "source": {"type": "LiveChannel", "liveChannelDetails": details}}


def _show(world: World, row: Row) -> Row:
    details = {"channelId": row["channel"], "start": stamp(world, row["start"]), "end": stamp(world, row["end"])}
    return {
        "id": row["id"],
        "source": {"type": "LiveChannel", "liveChannelDetails": details},
        "status": recording_status(world, row, world.clock.now_ms()),
        "title": row["title"],
        "metadata": row["metadata"],
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, row["modified"]),
    }
