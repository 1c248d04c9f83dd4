"""Recorder's recordings as rows, and as answers show them. Document 002, Recorder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testcard.suite.oracles.videokit.lists import Kind, shown_attributes
from testcard.suite.oracles.videokit.live import CATCH_UP_MS
from testcard.suite.oracles.videokit.moments import Reads, Row, millis, written
from testcard.suite.subject import ANY

__all__ = [
    "changed",
    "flattened",
    "is_gone",
    "kind",
    "length",
    "new_recording",
    "recording",
    "shown_recording",
    "status",
]

MAKING_MS = 120_000  # what an archive or an output takes to be made; nothing is published

Spans = Sequence[tuple[int, int]]
"""When the channel of a recording was on."""


def recording(given: Row) -> Row:
    """An explicit recording."""
    source, archive = given["source"]["liveChannelDetails"], given.get("archive", {})
    created = millis(given["createDate"])
    failed = "errorMessage" in given or given.get("status") == "Error"
    return {
        "id": given["id"],
        "channel": source["channelId"],
        "start": millis(source["start"]),
        "end": millis(source["end"]),
        "catchup": given.get("catchup", {}).get("enabled", False),
        "archive": {"enabled": False, "public": False, "delaySeconds": 0, **archive},
        "outputs": [_output(each, created) for each in given.get("outputs", ())],
        "title": given.get("title"),
        "metadata": given.get("metadata", {}),
        "tags": given.get("tags", []),
        "attributes": given.get("attributes", []),
        "failed": failed,
        "created": created,
        "modified": millis(given["lastModificationDate"]),
    }


def new_recording(identity: Any, body: Mapping[str, Any], now: int, reads: Reads) -> Row:
    """A recording that was asked for now (ledger VK-143)."""
    given = {**body, "id": identity, "metadata": flattened(body.get("metadata", {}), reads)}
    stamps = dict.fromkeys(("createDate", "lastModificationDate"), "1970-01-01T00:00:00Z")
    archive = {"public": body.get("public", False), **body.get("archive", {})}
    row = recording({**given, **stamps, "archive": archive, "title": given["metadata"].get("title")})
    for each in row["outputs"]:
        each["created"] = now
    return {**row, "created": now, "modified": now}


def flattened(metadata: Mapping[str, Any], reads: Reads) -> Row:
    """Attributes of metadata as members of it."""
    if reads["VK-143"] == "nested" or "attributes" not in metadata:
        return dict(metadata)
    pairs = metadata["attributes"]
    members = pairs if isinstance(pairs, Mapping) else {each["key"]: each["value"] for each in pairs}
    return {**{key: value for key, value in metadata.items() if key != "attributes"}, **members}


def _output(given: Row, created: int) -> Row:
    expires = given.get("expirationDate")
    identity, preset = given.get("id", ANY), given.get("preset", "mp4")
    return {"id": identity, "preset": preset, "created": created, "expires": millis(expires) if expires else None}


def _archived(row: Row) -> int:
    """From when there is something to make an archive of."""
    return int(row["end"] + (row["archive"]["delaySeconds"] * 1000 if row["archive"]["enabled"] else 0))


def _made(row: Row) -> int:
    return _archived(row) + (MAKING_MS if row["archive"]["enabled"] or row["outputs"] else 0)


def status(row: Row, reads: Reads, now: int, spans: Spans) -> str:
    """Pending, Processing, Available or Error (ledger VK-148, VK-160)."""
    never_on = not any(first < row["end"] and row["start"] < last for first, last in spans)
    if row["failed"] or (reads["VK-160"] == "error" and now >= row["end"] and never_on):
        return "Error"
    if now < row["start"]:
        return "Pending"
    if now < _archived(row):
        return "Pending" if reads["VK-148"] == "pending" else "Processing"
    return "Processing" if now < _made(row) else "Available"


def changed(row: Row, now: int) -> int:
    return int(max([row["modified"], *(at for at in (row["end"], _made(row)) if at <= now)]))


def length(row: Row, now: int) -> int | None:
    """How long it is, once it has ended."""
    return row["end"] - row["start"] if now >= row["end"] and not row["failed"] else None


def _catch_up_until(row: Row, reads: Reads) -> int:
    return int((row["end"] if reads["VK-146"] == "end" else row["created"]) + CATCH_UP_MS)


def is_gone(row: Row, reads: Reads, now: int) -> bool:
    """Whether it is kept nowhere any more and therefore not there (ledger VK-153)."""
    kept = row["archive"]["enabled"] or any(each["expires"] is None or now < each["expires"] for each in row["outputs"])
    over = row["catchup"] and now >= _catch_up_until(row, reads)
    return bool(reads["VK-153"] == "deleted" and over and not kept)


def _span(row: Row, reads: Reads) -> tuple[int, int]:
    by_source = reads["VK-156"] == "source-time"
    return (row["start"], row["end"]) if by_source else (row["created"], row["created"])


def kind(reads: Reads, spans: Mapping[str, Spans]) -> Kind:
    """What the list looks at; a state may depend on when channels were on."""

    def state(row: Row, now: int) -> str:
        return status(row, reads, now, spans.get(row["channel"], ()))

    return Kind(
        sorts={
            "id": lambda row, _: row["id"],
            "title": lambda row, _: row["title"],
            "source.livechanneldetails.start": lambda row, _: row["start"],
            "source.livechanneldetails.end": lambda row, _: row["end"],
            "source.livechanneldetails.channelid": lambda row, _: row["channel"],
            "durationmilliseconds": length,
            "createdate": lambda row, _: row["created"],
            "lastmodificationdate": changed,
        },
        filters={
            "ids": lambda row, _: row["id"],
            "channelId": lambda row, _: row["channel"],
            "channels": lambda row, _: row["channel"],
            "statuses": state,
        },
        texts=lambda row: [row["title"]],
        span=_span,
        pairs=True,
    )


def shown_recording(row: Row, reads: Reads, now: int, spans: Spans, *, full: bool) -> Row:
    """In full, or the seven fields of the short form (ledger VK-144, VK-145, VK-157, VK-159)."""
    state = status(row, reads, now, spans)
    shown = {
        "id": row["id"],
        "title": row["title"],
        "status": state,
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(changed(row, now), reads),
        "metadata": row["metadata"],
    }
    long = row["end"] - row["start"] if reads["VK-157"] == "planned" else length(row, now)
    if long is not None:
        shown["durationMilliseconds"] = long
    if not full:
        return shown
    start, end = written(row["start"], reads), written(row["end"], reads)
    details = {"channelId": row["channel"], "start": start, "end": end}
    shown |= {
        "source": {"type": "LiveChannel", "liveChannelDetails": details},
        "catchup": _shown_catch_up(row, reads, now, state),
        "archive": _shown_archive(row, reads, state),
        "outputs": _shown_outputs(row, reads, now, spans),
    }
    if state == "Error":
        shown["errorMessage"] = ANY
    if reads["VK-159"] == "shown":
        shown |= {"tags": row["tags"], "attributes": shown_attributes(row["attributes"], reads)}
    return shown


def _shown_catch_up(row: Row, reads: Reads, now: int, state: str) -> Row:
    shown: Row = {"enabled": row["catchup"], "endpoints": []}
    if row["catchup"]:
        until = _catch_up_until(row, reads)
        there = state != "Error" and row["start"] <= now < until
        kept = reads["VK-147"] == "kept" and now >= until
        shown |= {"expirationTime": written(until, reads), "endpoints": [ANY] if there or kept else []}
    return shown


def _shown_archive(row: Row, reads: Reads, state: str) -> Row:
    shown = {**row["archive"], "endpoints": []}
    if row["archive"]["enabled"]:
        shown["status"] = state
        if state == "Available":
            shown |= {"endpoints": [ANY, ANY], "archivisationCompletedDate": written(_made(row), reads)}
    return shown


def _shown_outputs(row: Row, reads: Reads, now: int, spans: Spans) -> list[Row]:
    """The outputs that have not expired."""
    state, outputs = status(row, reads, now, spans), []
    for output in row["outputs"]:
        if output["expires"] is not None and output["expires"] <= now:
            continue
        begins = max(_archived(row), output["created"])
        own = "Pending" if now < begins else "Processing" if now < begins + MAKING_MS else "Available"
        own = "Error" if state == "Error" else own
        shown = {"id": output["id"], "status": own, "preset": output["preset"], "endpoints": []}
        if output["expires"] is not None:
            shown["expirationDate"] = written(output["expires"], reads)
        if own == "Available":
            shown |= {"endpoints": [ANY], "completionDate": written(begins + MAKING_MS, reads)}
        outputs.append(shown)
    return outputs
