"""Live: channels that are started and stopped, and the events that are scheduled on them.

Document 002, Live. Events are in `event_operations`, rows and states in `channels` and `events`, measurements in
`channel_stats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from testcard.apis.videokit.channel_views import channel_view, configuration_view, status_view
from testcard.apis.videokit.channels import (
    CHANNELS,
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
from testcard.apis.videokit.edits import created
from testcard.apis.videokit.event_operations import EventOperations
from testcard.apis.videokit.events import EVENTS, event_status
from testcard.apis.videokit.lists import (
    among,
    ordered,
    page_of,
    text_in,
)
from testcard.apis.videokit.live_fixture import live_fixture
from testcard.apis.videokit.live_tables import live_tables
from testcard.apis.videokit.records import Row, millis
from testcard.apis.videokit.searches import written_dates
from testcard.exchange import Call, Reply, heavy
from testcard.world.rows import Table

__all__ = ["Live"]

_MOST_MINUTES = 200_000
_SUCCESS = {"ok": 200, "accepted": 202, "no-content": 204}


class Live(EventOperations, Videokit):
    """The 18 operations of live."""

    contract: ClassVar[str] = "videokit/live"

    @property
    def tables(self) -> Mapping[str, Table]:
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
