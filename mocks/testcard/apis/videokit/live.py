"""Live: channels that are started and stopped, and the events that are scheduled on them.

Document 002, Live. Rows and states are in `channels` and `events`, measurements in `channel_stats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from testcard.apis.videokit.channel_views import channel_view, configuration_view, status_view
from testcard.apis.videokit.channels import (
    CHANNELS,
    live_fixture,
    new_channel_id,
    new_channel_row,
    on_spans,
    settle,
    settle_all,
    status_of,
)
from testcard.apis.videokit.common import (
    Videokit,
    conflict,
    not_found,
    refuse,
    rows_of,
    service_response,
    tenant_of,
)
from testcard.apis.videokit.edits import apply_labels, created
from testcard.apis.videokit.events import EVENTS, event_status, event_view
from testcard.apis.videokit.lists import (
    among,
    attributes_in,
    ordered,
    page_of,
    plain_attribute,
    tags_in,
    text_in,
)
from testcard.apis.videokit.live_tables import live_tables
from testcard.apis.videokit.records import Row, millis, new_id
from testcard.apis.videokit.searches import either_or_both, moment, overlapping, settle_referred, written_dates
from testcard.exchange import Call, Reply, heavy
from testcard.world.rows import Table

__all__ = ["Live"]

_MOST_MINUTES = 200_000
_SUCCESS = {"ok": 200, "accepted": 202, "no-content": 204}


class Live(Videokit):
    """The 18 operations of live."""

    contract: ClassVar[str] = "videokit/live"

    @property
    def tables(self) -> Mapping[str, Table]:  # type: ignore[override]
        """Explicit channels and events, in the fields of their details."""
        return live_tables()

    def list_channels(
        self,
        call: Call,
        *,
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
        include_aws_data: bool,
    ) -> dict[str, Any]:
        """One page of channels."""
        settle_all(call.world, tenant_of(call))
        conditions = [
            *among("id", ids, lambda row, _: row["id"]),
            *text_in(call, query, CHANNELS),
            *written_dates(
                call,
                create_date_start,
                create_date_end,
                last_modification_date_start,
                last_modification_date_end,
            ),
        ]
        rows = ordered(call, rows_of(call, CHANNELS), conditions, sort, desc)
        made = page_of(call, rows, limit, page, lambda row: channel_view(call, row, aws=include_aws_data))
        if call.reading("VK-103") == "without":
            del made["pageNumber"], made["hasMore"]
        return made

    def create_channel(self, call: Call, *, body: Row) -> Reply:
        """Make a channel; it is Processing at first."""
        channels, now = rows_of(call, CHANNELS), call.world.clock.now_ms()
        taken = [row["id"] for row in channels.rows()]
        if len(taken) >= live_fixture()["limit"]:
            status = 403 if call.reading("VK-118") == "forbidden" else 409
            refuse(status, f"the tenant has {len(taken)} channels, and may have {live_fixture()['limit']}")
        wait = 0 if call.reading("VK-125") == "instant" else live_fixture()["seconds"]["processing"] * 1000
        settings = {name: value for name, value in body.items() if name in _SETTINGS}
        row = new_channel_row(new_channel_id(call.world, body["name"], taken), body["name"], settings, now, now + wait)
        channels.put(row)
        return created(call, {"id": row["id"]})

    def get_channel(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 - the parameter's name
        """One channel."""
        return channel_view(call, _channel(call, id))

    def update_channel(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change the fields that are sent; a list takes the place of the old one."""
        row = _channel(call, id)
        settings = dict(row["settings"])
        settings |= {name: body[name] for name in ("endpoints", "qualities") if name in body}
        if "input" in body:
            settings["input"] = _merged_input(settings.get("input", {}), body["input"])
        if "restreams" in body:
            settings["restreams"] = _restreams(call, settings.get("restreams", []), body["restreams"])
        changed: Row = {name: body[name] for name in ("name", "automationDisabled") if name in body}
        row = {**row, **changed, "settings": settings, "modified": call.world.clock.now_ms()}
        rows_of(call, CHANNELS).put(row)
        settled = settle(call.world, tenant_of(call), id) or row
        return channel_view(call, settled) if call.reading("VK-106") == "channel" else {"id": id}

    def delete_channel(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """Delete a channel that is off, and its events with it."""
        row = _channel(call, id)
        status = status_of(call.world, row)
        if status not in ("Off", "Error") and call.reading("VK-121") == "refused":
            conflict(f"the channel is {status}; it can be deleted when it is Off")
        events, now = rows_of(call, EVENTS), call.world.clock.now_ms()
        own = [event for event in events.rows() if event["channel"] == id]
        if call.reading("VK-126") == "refused" and any(event_status(event, now) != "Finished" for event in own):
            conflict("the channel has events that are not over")
        for event in own:
            events.delete(event["id"])
        rows_of(call, CHANNELS).delete(id)
        return service_response(call, "Channel deleted successfully", shown="message")

    def start_channel(self, call: Call, *, id: str) -> Reply:  # noqa: A002
        """Start a channel that is off."""
        row = _channel(call, id)
        if row["settings"].get("activationMode") == "EventBased" and call.reading("VK-123") == "refused":
            conflict("the channel is started by its events only")
        return _switch(call, row, "start", wanted="Off", there=("Starting", "On"))

    def stop_channel(self, call: Call, *, id: str) -> Reply:  # noqa: A002
        """Stop a channel that is on."""
        return _switch(call, _channel(call, id), "stop", wanted="On", there=("Stopping", "Off"))

    def get_channel_status(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The state of one channel."""
        return status_view(call, _channel(call, id))

    @heavy
    def get_channel_stats(
        self,
        call: Call,
        *,
        id: str,  # noqa: A002
        start: datetime | None,
        end: datetime | None,
        period_seconds: int,
        aggregation_function: str,
    ) -> dict[str, Any]:
        """Measurements in periods; a period in which the channel was never on has none (ledger VK-107 to VK-111)."""
        from testcard.apis.videokit.channel_stats import MINUTE_MS, Series, series

        with call.world.lock:
            row, now = _channel(call, id), call.world.clock.now_ms()
            spans = on_spans(call.world, row, now + 1)
        default = {"last-hour": 3_600_000, "last-day": 86_400_000}[call.reading("VK-108")]
        until = millis(end) if end else max(now, millis(start) if start else now)
        since = millis(start) if start else until - default
        if since > until:
            refuse(400, "query 'start': lies after 'end'")
        period = period_seconds * 1000
        origin = since if call.reading("VK-110") == "from-start" else since // period * period
        if call.reading("VK-111") == "left-out":  # nothing outside the channel's life can be in the answer
            origin += max(row["created"] - origin, 0) // period * period
        until = min(until, now + 1)
        if until - origin > _MOST_MINUTES * MINUTE_MS:
            refuse(400, f"query 'start': the series has more than {_MOST_MINUTES} minutes; ask for less")
        zeros = call.reading("VK-111") == "zero"
        asked = Series(since, until, period, origin, average=aggregation_function == "Avg", zeros=zeros)
        made = series(call.world, id, spans, asked)
        return {"metrics": list(made.values()) if call.reading("VK-107") == "array" else made}

    def list_channel_statuses(self, call: Call, *, ids: Sequence[str] | None) -> list[dict[str, Any]]:
        """The states of the channels that are asked about (ledger VK-113, VK-114)."""
        settle_all(call.world, tenant_of(call))
        channels = rows_of(call, CHANNELS)
        if ids is None:
            rule = call.reading("VK-113")
            if rule == "refused":
                refuse(400, "query 'ids' is required, and was not sent")
            now = call.world.clock.now_ms()
            return [status_view(call, row) for row in channels.rows() if rule == "all" and row["created"] <= now]
        found = [(each, channels.get(each)) for each in dict.fromkeys(ids)]
        for each, row in found:
            if row is None and call.reading("VK-114") == "refused":
                not_found("channel", each)
        return [status_view(call, row) for _, row in found if row is not None]

    def get_channel_configuration(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The AWS side of a channel."""
        return configuration_view(call, _channel(call, id))

    def get_channel_limit(self, call: Call) -> Any:
        """How many channels the tenant may have (ledger VK-117)."""
        limit = live_fixture()["limit"]
        return {"limit": limit} if call.reading("VK-117") == "object" else limit

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


_SETTINGS = frozenset(
    (
        "redundancy",
        "latency",
        "input",
        "endpoints",
        "qualities",
        "restreams",
        "activationMode",
        "transmissionType",
        "environment",
        "mediaPackageVersion",
    )
)


def _channel(call: Call, key: str) -> Row:
    return settle(call.world, tenant_of(call), key) or not_found("channel", key)


def _event(call: Call, key: str) -> Row:
    return rows_of(call, EVENTS).get(key) or not_found("event", key)


def _merged_input(old: Row, sent: Row) -> Row:
    """An input after an update: what is not sent stays, in the input's loss too."""
    loss = old.get("inputLoss", {}) | sent.get("inputLoss", {})
    return old | sent | ({"inputLoss": loss} if loss else {})


def _restreams(call: Call, old: list[Row], sent: list[Row]) -> list[Row]:
    """The restreams after an update (ledger VK-120)."""
    if call.reading("VK-120") == "replace":
        return sent
    merged = {each.get("id", f"#{at}"): each for at, each in enumerate(old)}
    merged.update({each.get("id", f"#{len(old) + at}"): each for at, each in enumerate(sent)})
    if len(merged) > 10:
        refuse(400, f"body '/restreams': {len(merged)} restreams together, expected at most 10")
    return list(merged.values())


def _switch(call: Call, row: Row, what: str, *, wanted: str, there: tuple[str, ...]) -> Reply:
    """Start or stop, from the one state that allows it (ledger VK-105, VK-122)."""
    status = status_of(call.world, row)
    success = Reply(_SUCCESS[call.reading("VK-105")])
    if status in there and call.reading("VK-122") == "ignored":
        return success
    if status != wanted:
        conflict(f"the channel is {status}; {what} needs it to be {wanted}")
    log = [*row["log"], [call.world.clock.now_ms(), what]]
    rows_of(call, CHANNELS).put({**row, "log": log})
    return success


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
