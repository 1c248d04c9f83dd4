"""The operations on events: scheduled on a channel, which they may start and stop.

Document 002, Live, from Create Event to Delete Multiple Events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from testcard.apis.videokit.channels import settle
from testcard.apis.videokit.common import conflict, not_found, refuse, rows_of, service_response, tenant_of
from testcard.apis.videokit.edits import apply_labels, created
from testcard.apis.videokit.events import EVENTS, event_status, event_view
from testcard.apis.videokit.lists import among, attributes_in, ordered, page_of, plain_attribute, tags_in, text_in
from testcard.apis.videokit.records import Row, new_id
from testcard.apis.videokit.searches import either_or_both, moment, overlapping, settle_referred, written_dates
from testcard.exchange import Call, Reply

__all__ = ["EventOperations"]


class EventOperations:
    """The operations on events, for `Live`."""

    def create_event(self, call: Call, *, body: Row) -> Reply:
        """Schedule an event."""
        row: Row = {"id": "", "channel": body["channelId"], "title": None, "metadata": {}, "tags": [], "attributes": []}
        row["ensure"] = body.get("ensureChannel", False)
        settle_referred(call, body["channelId"])
        row["created"] = call.world.clock.now_ms()
        _write_event(call, row, body)
        row["id"] = ("event-" if call.reading("VK-127") == "prefixed" else "") + new_id(call.world)
        rows_of(call, EVENTS).put(row)
        settle(call.world, tenant_of(call), row["channel"])
        return created(call, {"id": row["id"]})

    def list_events(
        self,
        call: Call,
        *,
        channel_id: str | None,
        search_start: datetime | None,
        search_end: datetime | None,
        limit: int,
        page: int,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: Sequence[str] | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_start: datetime | None,
        last_modification_date_end: datetime | None,
        channels: Sequence[str] | None,
        statuses: Sequence[str] | None,
        tags: Sequence[str] | None,
        attributes: Sequence[str] | None,
    ) -> dict[str, Any]:
        """One page of events."""
        searched = call.reading("VK-129")
        within = searched == "starts-within"
        conditions = [
            *either_or_both(call, "channel", channel_id, channels, lambda row, _: row["channel"]),
            *overlapping(
                searched, search_start, search_end, lambda row: (row["start"], row["start"] if within else row["end"])
            ),
            *text_in(call, query, EVENTS),
            *among("id", ids, lambda row, _: row["id"]),
            *among("status", statuses, event_status),
            *tags_in(call, tags),
            *attributes_in(call, attributes),
            *written_dates(
                call,
                create_date_start,
                create_date_end,
                last_modification_date_start,
                last_modification_date_end,
            ),
        ]
        rows = ordered(call, rows_of(call, EVENTS), conditions, sort, desc)
        return page_of(call, rows, limit, page, lambda row: event_view(call, row, part="list"))

    def get_event(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """One event."""
        return event_view(call, _event(call, id), part="details")

    def update_event(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change the fields that are sent."""
        row = dict(_event(call, id))
        settle(call.world, tenant_of(call), row["channel"])
        row["ensure"] = body.get("ensureChannel", row["ensure"])
        _write_event(call, row, body)
        rows_of(call, EVENTS).put(row)
        settle(call.world, tenant_of(call), row["channel"])
        return event_view(call, row, part="update")

    def delete_event(self, call: Call, *, id: str) -> Reply:  # noqa: A002
        """Delete an event."""
        _delete_event(call, _event(call, id))
        return Reply(200)

    def delete_events(self, call: Call, *, body: Sequence[str]) -> dict[str, Any]:
        """Delete several events, each with its own result."""
        answers: dict[str, Any] = {}
        for each in dict.fromkeys(body):
            row = rows_of(call, EVENTS).get(each)
            if row is None:
                answers[each] = service_response(call, "Event not found", failed=404, shown="message")
            elif _holds(call, row):
                answers[each] = service_response(call, "Event is live", failed=409, shown="message")
            else:
                _delete_event(call, row)
                answers[each] = service_response(call, "Event deleted successfully", shown="message")
        return answers


def _event(call: Call, key: str) -> Row:
    return rows_of(call, EVENTS).get(key) or not_found("event", key)


def _write_event(call: Call, row: Row, body: Row) -> None:
    """Take what a body says of an event, or refuse it."""
    for name in ("start", "end"):
        if name in body:
            row[name] = moment(body[name], f"/{name}")
    if row["end"] <= row["start"]:
        refuse(400, "body '/end': must be after the start")
    if call.reading("VK-128") == "refused":
        _refuse_overlap(call, row)
    if "title" in body:
        row["title"] = body["title"]
    apply_labels(call, row, body)
    if call.reading("VK-130") == "mirrored":
        _mirror(row, body)
    row["attributes"] = [plain_attribute(each) for each in row["attributes"]]
    row["modified"] = call.world.clock.now_ms()


def _refuse_overlap(call: Call, row: Row) -> None:
    for other in rows_of(call, EVENTS).rows():
        same = other["channel"] == row["channel"] and other["id"] != row["id"]
        if same and other["start"] < row["end"] and row["start"] < other["end"]:
            conflict(f"event {other['id']} of this channel overlaps")


def _mirror(row: Row, body: Row) -> None:
    """Title and the metadata's Title as one thing; the title wins where both are sent."""
    if "title" in body:
        row["metadata"] = {**row["metadata"], "Title": body["title"]}
    elif "Title" in (body.get("metadata") or {}):
        row["title"] = row["metadata"].get("Title")


def _holds(call: Call, row: Row) -> bool:
    """Whether an event may not be deleted (ledger VK-134)."""
    live = event_status(row, call.world.clock.now_ms()) == "Live"
    return live and call.reading("VK-134") == "refused"


def _delete_event(call: Call, row: Row) -> None:
    if _holds(call, row):
        conflict("the event is live")
    settle(call.world, tenant_of(call), row["channel"])
    rows_of(call, EVENTS).delete(row["id"])
    settle(call.world, tenant_of(call), row["channel"])
