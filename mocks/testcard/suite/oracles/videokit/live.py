"""Live's channels and events as rows, and as answers show them. Document 002, Live."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from testcard.data import load
from testcard.suite.oracles.videokit.lists import Kind, shown_attributes
from testcard.suite.oracles.videokit.moments import Reads, Row, millis, written
from testcard.suite.subject import ANY

__all__ = [
    "CHANNELS",
    "EVENTS",
    "channel",
    "channel_status",
    "event",
    "event_status",
    "new_event",
    "on_spans",
    "shown_channel",
    "shown_event",
    "shown_status",
]

CATCH_UP_MS = 14 * 86_400_000
_INTERNAL = {
    "Processing": "CREATING",
    "Off": "IDLE",
    "Starting": "STARTING",
    "On": "RUNNING",
    "Stopping": "STOPPING",
    "Error": "CREATE_FAILED",
}


@cache
def _given() -> Any:
    return load("fixtures/videokit/live.yaml")


def _seconds(reads: Reads) -> Mapping[str, int]:
    """How long each change takes, in milliseconds (ledger VK-125)."""
    factor = 0 if reads["VK-125"] == "instant" else 1000
    return {name: seconds * factor for name, seconds in _given()["seconds"].items()}


def channel(given: Row) -> Row:
    """An explicit channel; one that is On was started when it was made."""
    created, status = millis(given["createDate"]), given.get("status", "Off")
    return {
        "id": given["id"],
        "name": given["name"],
        "metadata": given.get("metadata", {}),
        "automationDisabled": given.get("automationDisabled", False),
        "created": created,
        "modified": millis(given["lastModificationDate"]),
        "broken": status == "Error",
        "log": [(created, "start")] if status == "On" else [],
    }


def channel_status(row: Row, reads: Reads, now: int) -> str:
    """By what was last done to it, and when."""
    if row["broken"]:
        return "Error"
    if not row["log"]:
        return "Off"
    (at, what), times = row["log"][-1], _seconds(reads)
    if what == "start":
        return "Starting" if now < at + times["starting"] else "On"
    return "Stopping" if now < at + times["stopping"] else "Off"


def on_spans(row: Row, reads: Reads, now: int) -> list[tuple[int, int]]:
    """When the channel was on."""
    begun = [at + _seconds(reads)["starting"] for at, what in row["log"] if what == "start"]
    ended = [at for at, what in row["log"] if what == "stop"]
    spans = zip(begun, [*ended, now], strict=False)
    return [(first, min(last, now)) for first, last in spans if first < min(last, now)]


def shown_status(row: Row, reads: Reads, now: int) -> Row:
    """The state of a channel (ledger VK-124)."""
    status = channel_status(row, reads, now)
    return {
        "id": row["id"],
        "status": status,
        "internalStatus": _INTERNAL[status] if reads["VK-124"] == "aws" else status,
    }


def shown_channel(row: Row, reads: Reads, now: int, *, aws: bool = True) -> Row:
    """A channel (ledger VK-102, VK-119); what it was set up with is not in its row."""
    made = ("endpoints", "archiveEndpointIds", "transcodeEndpointId", "cdn", "inputs", "encoding")
    shown = {
        **dict.fromkeys(made, ANY),
        **shown_status(row, reads, now),
        "metadata": row["metadata"],
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(row["modified"], reads),
        "automationDisabled": row["automationDisabled"],
        "name": row["name"],
    }
    if not aws and reads["VK-102"] == "aws-parts":
        for name in ("inputs", "encoding", "internalStatus"):
            del shown[name]
    if reads["VK-119"] == "with-settings":
        shown |= dict.fromkeys(_given()["settings"], ANY)
    return shown


CHANNELS = Kind(
    sorts={
        "id": lambda row, _: row["id"],
        "name": lambda row, _: row["name"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
        "automationdisabled": lambda row, _: int(row["automationDisabled"]),
    },
    filters={"ids": lambda row, _: row["id"]},
    texts=lambda row: [row["name"]],
)


def event(given: Row) -> Row:
    """An explicit event."""
    return {
        "id": given["id"],
        "channel": given["channelId"],
        "start": millis(given["start"]),
        "end": millis(given["end"]),
        "title": given.get("title"),
        "ensure": given.get("ensureChannel", False),
        "metadata": given.get("metadata", {}),
        "tags": given.get("tags", []),
        "attributes": given.get("attributes", []),
        "created": millis(given["createDate"]),
        "modified": millis(given["lastModificationDate"]),
    }


def new_event(identity: Any, channel: str, now: int) -> Row:
    """An event before anything is written to it."""
    return {
        "id": identity,
        "channel": channel,
        "title": None,
        "ensure": False,
        "metadata": {},
        "tags": [],
        "attributes": [],
        "created": now,
    }


def event_status(row: Row, now: int) -> str:
    """The start belongs to it, the end does not."""
    return "Scheduled" if now < row["start"] else "Live" if now < row["end"] else "Finished"


EVENTS = Kind(
    sorts={
        "id": lambda row, _: row["id"],
        "channelid": lambda row, _: row["channel"],
        "start": lambda row, _: row["start"],
        "end": lambda row, _: row["end"],
        "title": lambda row, _: row["title"],
        "status": event_status,
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
    },
    filters={
        "ids": lambda row, _: row["id"],
        "channelId": lambda row, _: row["channel"],
        "channels": lambda row, _: row["channel"],
        "statuses": event_status,
    },
    texts=lambda row: [row["title"]],
    span=lambda row, reads: (row["start"], row["start"] if reads["VK-129"] == "starts-within" else row["end"]),
    pairs=True,
)


def shown_event(row: Row, reads: Reads, now: int, *, part: str) -> Row:
    """In a list, in details or after an update (ledger VK-104, VK-135)."""
    shown = {
        "id": row["id"],
        "channelId": row["channel"],
        "start": written(row["start"], reads),
        "end": written(row["end"], reads),
        "title": row["title"],
        "ensureChannel": row["ensure"],
        "metadata": row["metadata"],
        "tags": row["tags"],
        "attributes": shown_attributes(row["attributes"], reads),
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(row["modified"], reads),
        "status": event_status(row, now),
    }
    if part != "list" or reads["VK-135"] == "everywhere":
        there = row["start"] <= now < row["end"] + CATCH_UP_MS
        shown["catchup"] = {"endpoints": [ANY] if there else []}
    if part == "details" and reads["VK-104"] == "table":
        for name in ("status", "tags", "attributes"):
            del shown[name]
    return shown
