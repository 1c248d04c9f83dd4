"""The tables that take explicit rows, and what a row may say.

Rows use the vendor's field names. Instants are ISO 8601 with an offset; an open end is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testcard.apis.amagi.filling import (
    COUNTERS,
    REPORTS,
    fill_ad_event,
    fill_channel,
    fill_content,
    fill_schedule,
    fill_session,
    given_schedules,
)
from testcard.apis.amagi.reading_back import ad_event_pieces, read_channels, read_contents, session_pieces
from testcard.world.history import History
from testcard.world.rows import Table

__all__ = ["TABLES"]

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_FREE: Mapping[str, Any] = {"type": "string"}
_INSTANT: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_WHO: Mapping[str, Any] = {
    "channelId": _TEXT,
    "contentId": _TEXT,
    "country": _TEXT,
    "city": _TEXT,
    "deviceType": _TEXT,
    "deviceName": _TEXT,
    "ipAddress": _TEXT,
    "userAgent": _TEXT,
}


def _object(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }


_FILTERS = {
    name: {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
    for name in ("channelId", "city", "country", "deviceName", "deviceType", "studioName", "contentId", "adTag")
}
_CHANNEL = _object(
    {"channelId": _TEXT, "channelName": _FREE, "customerId": _TEXT, "adAnalytics": {"type": "boolean"}}, "channelId"
)
_CONTENT = _object({"contentId": _TEXT, "contentName": _FREE, "studioName": _FREE, "seriesName": _FREE}, "contentId")
_SESSION = _object({**_WHO, "start": _INSTANT, "end": {"type": ["string", "null"], "format": "date-time"}}, "start")
_AD_EVENT = _object(
    {**_WHO, "time": _INSTANT, "adTag": _TEXT, **{name: {"type": "integer", "minimum": 0} for name in COUNTERS}}, "time"
)
_SCHEDULE = _object({
    "scheduleId": _TEXT,
    "report": {"enum": list(REPORTS)},
    "interval": {"enum": ["DAILY", "WEEKLY", "MONTHLY"]},
    "filters": _object({**_FILTERS, "timezone": {"enum": ["US/Pacific", "US/Eastern", "Universal"]}}),
    "createdAt": _INSTANT,
    "customerId": _TEXT,
})  # fmt: skip

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("channels", _CHANNEL, fill_channel, read_channels),
        Table("contents", _CONTENT, fill_content, read_contents),
        Table("sessions", _SESSION, fill_session, History(session_pieces)),
        Table("adEvents", _AD_EVENT, fill_ad_event, History(ad_event_pieces)),
        Table("schedules", _SCHEDULE, fill_schedule, given_schedules),
    )
}
