"""Explicit channels, events and recordings: what a test may put, in the API's own fields, and how it is completed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from testcard.apis.videokit.channels import CHANNELS, status_of
from testcard.apis.videokit.events import EVENTS, event_fields
from testcard.apis.videokit.records import Kind, Row, collection, new_id, stamp, tenant_ids
from testcard.contract import open_contract
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["explicit_table", "live_tables"]

Fill = Callable[[World, Row, int], Row]
Show = Callable[[World, Row], Row]


@lru_cache(maxsize=1)
def live_tables() -> dict[str, Table]:
    """The tables of live."""
    return {
        "channels": explicit_table("videokit/live", "Channel", CHANNELS, _fill_channel, _show_channel),
        "events": explicit_table("videokit/live", "Event", EVENTS, _fill_event, event_fields),
    }


def explicit_table(contract: str, schema: str, kind: Kind, fill: Fill, show: Show) -> Table:
    """A table whose rows look like a schema of the contract, with nothing required and nothing else allowed."""
    schemas = open_contract(contract).document["components"]["schemas"]
    loose = {key: value for key, value in schemas[schema].items() if key != "required"}
    form = {**loose, "additionalProperties": False, "components": {"schemas": schemas}}

    def read(world: World) -> Iterable[Row]:
        tenant = tenant_ids(world)[0]
        return (show(world, row) for row in collection(world, tenant, kind).rows())

    return Table(kind.name, form, fill, read)


def _common(world: World, row: Row) -> Row:
    now = stamp(world, world.clock.now_ms())
    return {"id": new_id(world), "createDate": now, "lastModificationDate": row.get("createDate", now)}


def _fill_channel(world: World, row: Row, position: int) -> Row:
    return {**_common(world, row), "name": f"Channel {position + 1}", "status": "Off", **row}


def _fill_event(world: World, row: Row, position: int) -> Row:
    first = next(collection(world, tenant_ids(world)[0], CHANNELS).rows(), None)
    now = world.clock.now_ms()
    made: dict[str, Any] = {"channelId": first["id"] if first else new_id(world), "title": f"Event {position + 1}"}
    made |= {"start": stamp(world, now), "end": stamp(world, now + 3_600_000)}
    return {**_common(world, row), **made, **row}


def _show_channel(world: World, row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "status": status_of(world, row),
        "metadata": row["metadata"],
        "automationDisabled": row["automationDisabled"],
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, row["modified"]),
    }
