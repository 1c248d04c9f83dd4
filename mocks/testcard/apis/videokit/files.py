"""Files: rows of what was uploaded, and how answers show them.

A row: id, key, name, friendlyName, original, metadata, tags, attributes, size, status, type, tracks, duration (ms),
created, modified, upload (while it is open), assets (the ids of those made from it, as keys).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from testcard.apis.storage import StoredObject
from testcard.apis.videokit import media
from testcard.apis.videokit.lists import plain_attribute
from testcard.apis.videokit.naming import vod_asset_id
from testcard.apis.videokit.records import Kind, Row, collection, fixture, millis, new_id, stamp, tenant_ids
from testcard.apis.videokit.tracks import file_type, plausible
from testcard.apis.videokit.uploads import MAKERS
from testcard.seed import below, uuid_from
from testcard.world.clock import parse_instant
from testcard.world.story import Title
from testcard.world.world import World

__all__ = [
    "FILES",
    "file_id_of",
    "file_row",
    "file_types",
    "file_view",
    "fill_file",
    "short_file_view",
    "story_made",
    "vod_titles",
]


def vod_titles(world: World) -> Iterator[Title]:
    """The titles of the story that lie in the kit as files and assets."""
    return (title for title in world.story.titles if title.kind == "vod")


def file_id_of(world: World, title: Title) -> str:
    """The id of the file of a title."""
    return uuid_from(world.seed, "videokit file", title.id)


def story_made(title: Title) -> int:
    """When the story's file of a title was uploaded: the morning of its release."""
    return millis(datetime.combine(title.released, time(5), UTC)) + title.code * 60_000


def file_row(identity: str, tenant: str, name: str, size: int, created: int) -> Row:
    """A new file, its upload not finished."""
    extension = PurePosixPath(name).suffix[:32]
    kind = file_type(name)
    return {
        "id": identity,
        "key": f"{tenant}/sources/{kind.lower()}/uploaded/{identity}{extension}",
        "name": name,
        "friendlyName": name,
        "original": name,
        "metadata": {},
        "tags": [],
        "attributes": [],
        "size": size,
        "status": "Uploading",
        "type": kind,
        "tracks": [],
        "duration": 0,
        "created": created,
        "modified": created,
        "upload": None,
        "assets": {},
    }


def _story(world: World, tenant: str) -> Iterator[Row]:
    for title in vod_titles(world):
        row = file_row(file_id_of(world, title), tenant, f"{title.slug}.mp4", 0, story_made(title))
        tracks, _ = plausible("Video", 0)
        yield row | {
            "friendlyName": title.name,
            "metadata": {"Title": title.name, "Studio": title.studio},
            "tags": ["master"],
            "attributes": [f"catalogue={title.catalogue}"],
            "size": len(_story_bytes(title)),
            "status": "Completed",
            "tracks": tracks,
            "duration": title.duration_s * 1000,
            "assets": {vod_asset_id(world.seed, title): 1},
        }


@lru_cache(maxsize=256)
def _story_bytes(title: Title) -> bytes:
    """A small MP4 file of the title's true length in time; the padding makes sizes differ."""
    return media.mp4(title.duration_s * 1000, padding=1024 + below(60_000, "videokit file size", title.id))


def _story_object(world: World, key: str) -> StoredObject | None:
    """The bytes of a story's file, as long as the file is there."""
    tenant, identity = tenant_ids(world)[0], PurePosixPath(key).stem
    row = collection(world, tenant, FILES).get(identity)
    title = next((title for title in vod_titles(world) if file_id_of(world, title) == identity), None)
    if row is None or title is None or row["key"] != key:
        return None
    return StoredObject.of(_story_bytes(title), "video/mp4", datetime.fromtimestamp(row["created"] // 1000, UTC))


def file_types(row: Row) -> list[str]:
    """The words by which a filter finds the file's type: Caption and Captions are one."""
    return [row["type"], "Captions"] if row["type"] == "Caption" else [row["type"]]


def _take(world: World, given: Row) -> Row:
    row = file_row(given["id"], tenant_ids(world)[0], given["name"], given["fileSize"], _moment(given["createDate"]))
    tracks, duration = plausible(row["type"], given["fileSize"])
    row |= {
        "key": given.get("fileKey", row["key"]),
        "friendlyName": given["friendlyName"],
        "original": given.get("orginalFileName", given["name"]),
        "metadata": given.get("metadata") or {},
        "tags": given.get("tags") or [],
        "attributes": [plain_attribute(text) for text in given.get("attributes") or []],
        "status": given["status"],
        "type": given.get("fileTypes", row["type"]),
        "tracks": given.get("tracks", tracks),
        "duration": duration,
        "modified": _moment(given["lastModificationDate"]),
        "assets": dict.fromkeys(given.get("vodAssets", []), 1),
    }
    return row


def _moment(text: str) -> int:
    return millis(parse_instant(text))


def fill_file(world: World, row: Row, position: int) -> Row:
    """Complete an explicit row."""
    name = row.get("name") or f"file-{position + 1}.mp4"
    now = world.now().isoformat()
    made: Row = {"id": new_id(world), "name": name, "friendlyName": name, "status": "Completed"}
    made |= {"fileSize": 1_000_000, "createDate": now}
    made["lastModificationDate"] = row.get("createDate", now)
    return made | row


def short_file_view(world: World, row: Row, attributes: list[str]) -> dict[str, Any]:
    """The ten fields of lists and of updates (ledger VK-041, VK-058)."""
    return {
        "id": row["id"],
        "fileKey": row["key"],
        "status": row["status"],
        "fileSize": row["size"],
        "name": row["name"],
        "friendlyName": row["friendlyName"],
        "tags": row["tags"],
        "attributes": attributes,
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, row["modified"]),
    }


def file_view(world: World, tenant: str, row: Row, attributes: list[str]) -> dict[str, Any]:
    """The whole file."""
    bucket = fixture()["bucket"]
    uri = f"s3://{bucket}/{row['key']}"
    address = f"https://{bucket}.s3.eu-west-1.amazonaws.com/{row['key']}"
    original = "originalFileName" if world.reading("VK-059") == "original" else "orginalFileName"
    return short_file_view(world, row, attributes) | {
        "tenantId": tenant,
        "metadata": row["metadata"],
        "vodAssets": list(row["assets"]),
        "fileTypes": row["type"],
        "s3Uri": uri,
        "location": address if world.reading("VK-061") == "url" else row["key"],
        "bucket": bucket,
        original: row["original"],
        "tracks": [_shown_track(world, track) for track in row["tracks"]],
    }


def _shown_track(world: World, track: dict[str, Any]) -> dict[str, Any]:
    """A track with the word for subtitles that is in force (ledger VK-038)."""
    if track["type"] == "Captions" and world.reading("VK-038") == "caption":
        return track | {"type": "Caption"}
    return track


FILES = Kind(
    "files",
    sorts={
        "id": lambda row, _: row["id"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
        "filesize": lambda row, _: row["size"],
        "name": lambda row, _: row["name"],
        "friendlyname": lambda row, _: row["friendlyName"],
        "metadata.friendlyname": lambda row, _: _friendly(row),
        "status": lambda row, _: row["status"],
        "filekey": lambda row, _: row["key"],
        "filetypes": lambda row, _: row["type"],
    },
    names=lambda row: (row["name"], row["friendlyName"], row["original"]),
    story=_story,
    take=_take,
)


def _friendly(row: Row) -> str:
    """The friendly name in metadata, or the file's own (ledger VK-065)."""
    inside = (value for key, value in row["metadata"].items() if key.lower() == "friendlyname")
    return str(next(inside, row["friendlyName"]))


MAKERS.append(_story_object)
