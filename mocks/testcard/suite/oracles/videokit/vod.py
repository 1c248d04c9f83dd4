"""VOD's assets and files as rows, and as answers show them. Document 002, VOD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from testcard.data import load
from testcard.suite.oracles.videokit.lists import Kind, plain_attribute, shown_attributes
from testcard.suite.oracles.videokit.moments import Reads, Row, millis, written
from testcard.suite.subject import ANY

__all__ = [
    "ASSETS",
    "FILES",
    "asset",
    "asset_status",
    "file",
    "length",
    "modified",
    "new_asset",
    "new_file",
    "offered",
    "preset",
    "shown_asset",
    "shown_file",
    "updated_asset",
]

TRANSCODING_MS = 30_000  # what inputs of up to five minutes take (ledger VK-037)


@cache
def offered() -> Any:
    """What the kit offers its tenants: presets, file types, roles, keys."""
    return load("fixtures/videokit/world.yaml")


def preset(name: str) -> Mapping[str, Any] | None:
    """The preset of that name, in any case."""
    found: Sequence[Mapping[str, Any]] = offered()["presets"]
    return next((each for each in found if each["name"] == name.lower()), None)


def asset(given: Row) -> Row:
    """An explicit asset."""
    created = millis(given["createDate"])
    return {
        **_labels(given),
        "title": given.get("title"),
        "preset": given["preset"],
        "job": given.get("transcodedJobId", ANY),
        "created": created,
        "modified": millis(given["lastModificationDate"]),
        "ready": created,
        "duration": given["durationMilliseconds"],
        "sources": given.get("sources", []),
        "outputs": [_output(each, created, given["preset"]) for each in given.get("outputs", [{"id": "main"}])],
        "state": None if given["status"] == "Available" else given["status"],
    }


def new_asset(identity: Any, body: Mapping[str, Any], now: int, reads: Reads) -> Row:
    """An asset that was made now of complete files."""
    name = (preset(body["preset"]) or {"name": body["preset"]})["name"]
    ready = now + (0 if reads["VK-037"] == "instant" else TRANSCODING_MS)
    made = {"preset": name, "ready": ready, "state": None}
    sources = [{"transcodingTracks": ANY, "fileTypesFlag": ANY, **each} for each in body["transcodedSources"]]
    return {
        **made,
        "id": identity,
        "title": body.get("title"),
        "metadata": body.get("metadata") or {},
        "tags": [],
        "attributes": [],
        "job": ANY,
        "created": now,
        "modified": now,
        "duration": ANY,
        "sources": sources,
        "outputs": [{**made, "id": ANY, "expires": None, "endpoints": None}],
    }


def _labels(given: Row) -> Row:
    return {
        "id": given["id"],
        "metadata": given.get("metadata") or {},
        "tags": given.get("tags") or [],
        "attributes": [plain_attribute(each) for each in given.get("attributes") or ()],
    }


def _output(given: Row, created: int, of: str) -> Row:
    expires, state = given.get("expirationDate"), given.get("status", "Available")
    return {
        "id": given.get("id", "main"),
        "preset": given.get("preset", of),
        "ready": created,
        "expires": millis(expires) if expires else None,
        "endpoints": given.get("endpoints"),
        "state": None if state == "Available" else state,
    }


def asset_status(row: Row, now: int) -> str:
    """Of an asset or an output: Processing until it is ready."""
    return row["state"] or ("Available" if row["ready"] <= now else "Processing")


def modified(row: Row, now: int) -> int:
    """When it was last written, or something of it became ready."""
    ready = [each["ready"] for each in (row, *row["outputs"]) if each["ready"] <= now]
    return int(max([row["modified"], *ready]))


def length(row: Row, now: int) -> Any:
    """The duration of an asset that is Available."""
    return row["duration"] if asset_status(row, now) == "Available" else None


ASSETS = Kind(
    sorts={
        "id": lambda row, _: row["id"],
        "title": lambda row, _: row["title"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": modified,
        "preset": lambda row, _: row["preset"],
        "status": asset_status,
        "durationmilliseconds": length,
    },
    filters={
        "ids": lambda row, _: row["id"],
        "statuses": asset_status,
        "presets": lambda row, _: row["preset"],
        "fileId": lambda row, _: [each["fileId"] for each in row["sources"]],
    },
    texts=lambda row: [row["title"]],
)


def _short(row: Row, reads: Reads, now: int) -> Row:
    return {
        "id": row["id"],
        "title": row["title"],
        "status": asset_status(row, now),
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(modified(row, now), reads),
    }


def updated_asset(row: Row, reads: Reads, now: int) -> Row:
    """What an update answers (ledger VK-041)."""
    labels = {"metadata": row["metadata"], "tags": row["tags"]}
    return {**_short(row, reads, now), **labels, "attributes": shown_attributes(row["attributes"], reads)}


def shown_asset(row: Row, reads: Reads, now: int, *, part: str) -> Row:
    """In a list or in details (ledger VK-033, VK-034)."""
    shown = {**_short(row, reads, now), "preset": row["preset"]}
    if part == "list" and reads["VK-033"] == "summary":
        return shown
    outputs = _shown_outputs(row, reads, now)
    shown |= {
        "transcodedJobId": row["job"],
        "metadata": row["metadata"],
        "tenantId": ANY,
        "fileIds": {each["fileId"]: each.get("fileTypesFlag") or "Video" for each in row["sources"]},
        "sources": row["sources"],
        "endpoints": [endpoint for output in outputs for endpoint in output["endpoints"]],
        "outputs": outputs,
        "durationMilliseconds": length(row, now),
    }
    if row["state"] == "Error":
        shown["errorMessage"] = ANY
    if reads["VK-034"] == "shown":
        shown |= {"tags": row["tags"], "attributes": shown_attributes(row["attributes"], reads)}
    return shown


def _shown_outputs(row: Row, reads: Reads, now: int) -> list[Row]:
    """The outputs that are there; an expired one is not, or has nothing to play (ledger VK-055)."""
    outputs = []
    for output in row["outputs"]:
        over = output["expires"] is not None and output["expires"] <= now
        if over and reads["VK-055"] != "kept":
            continue
        status = asset_status(output, now)
        shown = {"id": output["id"], "status": status, "preset": output["preset"], "endpoints": []}
        if output["expires"] is not None:
            shown["expirationDate"] = written(output["expires"], reads)
        if status == "Available" and not over:
            shown["completionDate"] = written(output["ready"], reads)
            shown["endpoints"] = output["endpoints"] if output["endpoints"] is not None else _places(row, output)
        outputs.append(shown)
    return outputs


def _places(row: Row, output: Row) -> list[Row]:
    """Where an output can be played: as a stream in both forms, or as one file."""
    forms = ("MP4",) if (preset(output["preset"]) or {}).get("createsDownload") else ("HLS", "DASH")
    known = {"accessType": "Http", "url": ANY, "preset": output["preset"], "protection": "None", "id": ANY}
    return [{**known, "format": form, "durationMilliseconds": row["duration"]} for form in forms]


def file(given: Row) -> Row:
    """An explicit file."""
    return {
        **_labels(given),
        "key": given.get("fileKey", ANY),
        "name": given["name"],
        "friendlyName": given["friendlyName"],
        "original": given.get("orginalFileName", given["name"]),
        "size": given["fileSize"],
        "status": given["status"],
        "type": given.get("fileTypes", _type(given["name"])),
        "tracks": given.get("tracks", ANY),
        "assets": list(given.get("vodAssets", ())),
        "created": millis(given["createDate"]),
        "modified": millis(given["lastModificationDate"]),
    }


def new_file(identity: str, body: Mapping[str, Any], now: int) -> Row:
    """A file whose upload has begun now."""
    name = body["name"]
    return {
        **_labels({"id": identity, "metadata": body.get("metadata")}),
        "key": ANY,
        "name": name,
        "friendlyName": body["friendlyName"],
        "original": name,
        "size": body["fileSize"],
        "status": "Uploading",
        "type": _type(name),
        "tracks": ANY,
        "assets": [],
        "created": now,
        "modified": now,
    }


def _type(name: str) -> str:
    """By its extension; what is not listed is Video (ledger VK-043)."""
    extension = PurePosixPath(name.lower()).suffix
    return next((kind for kind, known in offered()["file_types"].items() if extension in known), "Video")


FILES = Kind(
    sorts={
        "id": lambda row, _: row["id"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
        "filesize": lambda row, _: row["size"],
        "name": lambda row, _: row["name"],
        "friendlyname": lambda row, _: row["friendlyName"],
        "status": lambda row, _: row["status"],
    },
    filters={
        "ids": lambda row, _: row["id"],
        "status": lambda row, _: row["status"],
        "statuses": lambda row, _: row["status"],
        "fileType": lambda row, _: [row["type"], "Captions"] if row["type"] == "Caption" else row["type"],
    },
    texts=lambda row: [row["name"], row["friendlyName"], row["original"]],
)


def shown_file(row: Row, reads: Reads, *, part: str) -> Row:
    """In a list, after an update, or in details (ledger VK-042, VK-058, VK-059, VK-061)."""
    shown = {
        "id": row["id"],
        "fileKey": row["key"],
        "status": row["status"],
        "fileSize": row["size"],
        "name": row["name"],
        "friendlyName": row["friendlyName"],
        "tags": row["tags"],
        "attributes": shown_attributes(row["attributes"], reads),
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(row["modified"], reads),
    }
    if part == "update" or (part == "list" and reads["VK-058"] == "summary"):
        return shown
    original = "originalFileName" if reads["VK-059"] == "original" else "orginalFileName"
    return shown | {
        "tenantId": ANY,
        "metadata": row["metadata"],
        "vodAssets": row["assets"],
        "fileTypes": row["type"],
        "s3Uri": ANY,
        "location": row["key"] if reads["VK-061"] == "key" else ANY,
        "bucket": ANY,
        original: row["original"],
        "tracks": [_track(each, reads) for each in row["tracks"]] if row["tracks"] is not ANY else ANY,
    }


def _track(track: Row, reads: Reads) -> Row:
    if track["type"] == "Captions" and reads["VK-038"] == "caption":
        return {**track, "type": "Caption"}
    return track
