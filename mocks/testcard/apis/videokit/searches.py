"""Filters and references that live, recorder and streaming share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from testcard.apis.videokit.channels import settle
from testcard.apis.videokit.common import refuse, tenant_of
from testcard.apis.videokit.lists import Condition, among, date_range
from testcard.apis.videokit.records import Row, millis
from testcard.exchange import Call

__all__ = ["either_or_both", "moment", "overlapping", "row_ms", "settle_referred", "written_dates"]


def moment(text: str, pointer: str) -> int:
    """A date-time of a body in milliseconds since 1970; a leap second is the one before it."""
    try:
        return millis(datetime.fromisoformat(text.upper().replace(":60", ":59")).astimezone(UTC))
    except (ValueError, OverflowError):
        refuse(400, f"body {pointer!r}: {text!r} is no date-time of the years 1 to 9999")


def row_ms(row: Row) -> int:
    """When an explicit row of playback began, in epoch milliseconds."""
    return row["TIME"] if isinstance(row["TIME"], int) else moment(row["TIME"], "/TIME")


def written_dates(
    call: Call,
    made_from: datetime | None,
    made_to: datetime | None,
    changed_from: datetime | None,
    changed_to: datetime | None,
    *,
    modified: Callable[[Row, int], int] = lambda row, _: int(row["modified"]),
) -> list[Condition]:
    """The four filters on when a row was created and last changed."""
    return [
        *date_range(call, "created", made_from, made_to, lambda row, _: row["created"]),
        *date_range(call, "modified", changed_from, changed_to, modified),
    ]


def overlapping(
    what: str, start: datetime | None, end: datetime | None, span: Callable[[Row], tuple[int, int]]
) -> list[Condition]:
    """Rows whose span (first and last moment) has anything in common with the range; *what* tells spans apart."""
    conditions = []
    if start is not None:
        first = millis(start)
        conditions.append(Condition((what, "from", first), lambda row, _: span(row)[1] >= first))
    if end is not None:
        last = millis(end)
        conditions.append(Condition((what, "to", last), lambda row, _: span(row)[0] <= last))
    return conditions


def either_or_both(
    call: Call, name: str, one: str | None, several: Sequence[str] | None, value: Callable[[Row, int], Any]
) -> list[Condition]:
    """A filter that exists in the singular and in the plural (ledger VK-138)."""
    if one is not None and several is not None and call.reading("VK-138") == "either":
        return among(name, [one, *several], value)
    return [*among(name, None if one is None else [one], value), *among(f"{name}s", several, value)]


def settle_referred(call: Call, channel: str) -> Row:
    """The channel that a body refers to, up to date (ledger VK-136)."""
    row = settle(call.world, tenant_of(call), channel)
    if row is None:
        status = 400 if call.reading("VK-136") == "bad-request" else 404
        refuse(status, f"body '/channelId': no channel {channel!r}")
    return row
