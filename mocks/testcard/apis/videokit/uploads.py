"""Multipart uploads into the kit's bucket, as S3 does them: real bytes, kept in the world's own temporary folder.

A part is a file on disk and stays one when the upload is completed, so memory is flat and completion costs nothing.
Parts arrive through `testcard.apis.storage`; this module knows nothing of files
or images, which say what an upload is for.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from testcard.apis.storage import Bucket, StoredObject, no_such_upload, register, signer
from testcard.apis.videokit.common import refuse
from testcard.apis.videokit.pieces import ObjectFile
from testcard.apis.videokit.records import Row, fixture
from testcard.exchange import Call
from testcard.seed import hexadecimal
from testcard.world.world import World

__all__ = [
    "LINK_S",
    "MAKERS",
    "begin_upload",
    "complete_upload",
    "drop_object",
    "drop_upload",
    "object_file",
    "object_link",
    "part_url",
    "part_urls",
    "stored_object",
    "upload_of",
]

LINK_S = 86_400  # ledger VK-073
_SMALLEST_PART = 5 << 20  # S3's, for all parts but the last
_GROUP = 2  # ledger VK-068
_BLOCK = 1 << 20
_UPLOADS = "videokit/uploads"
_OBJECTS = "videokit/objects"

MAKERS: list[Callable[[World, str], StoredObject | None]] = []
"""Who can make the object under a key that nobody uploaded: the story's files."""


def begin_upload(world: World, key: str, size: int, part_size: int) -> Row:
    """Begin an upload of *size* bytes to *key*, in parts of *part_size*."""
    identity = hexadecimal(32, world.mint("videokit upload"))
    parts = -(-size // part_size)
    last = size - part_size * (parts - 1)
    row: Row = {"id": identity, "key": key, "size": size, "partSize": part_size, "lastPartSize": last}
    row |= {"partsCount": parts, "parts": {}}
    world.store.put(_UPLOADS, identity, row)
    return row


def upload_of(world: World, identity: str) -> Row | None:
    """The upload of that id, while it is open."""
    row: Row | None = world.store.get(_UPLOADS, identity)
    return row


def part_url(call: Call, upload: Row, number: int) -> str:
    """Where the part of that number is put."""
    if number > upload["partsCount"]:
        refuse(404, f"part {number}: the upload has {upload['partsCount']} parts")
    query = {"partNumber": str(number), "uploadId": upload["id"]}
    return _link(call, upload["key"], "PUT", LINK_S, query)


def part_urls(call: Call, upload: Row) -> list[str]:
    """The links that the start of an upload gives (ledger VK-068)."""
    count = upload["partsCount"] if call.reading("VK-068") == "all" else min(_GROUP, upload["partsCount"])
    return [part_url(call, upload, number) for number in range(1, count + 1)]


def complete_upload(call: Call, upload: Row, parts: Sequence[Mapping[str, Any]]) -> Row:
    """Make the object of the parts named, each ``{"partNumber", "eTag"}``; a refusal leaves the upload open."""
    chosen = [_chosen(call, upload, part) for part in parts]
    numbers = [part["partNumber"] for part in parts]
    if numbers != sorted(set(numbers)):
        message = "The list of parts was not in ascending order. Parts must be ordered by part number."
        refuse(400, message, "InvalidPartOrder")
    smallest = min(_SMALLEST_PART, upload["partSize"])
    if any(part["size"] < smallest for part in chosen[:-1]):
        message = "Your proposed upload is smaller than the minimum allowed size"
        refuse(400, f"{message}: only the last part may have less than {smallest} bytes", "EntityTooSmall")
    size = sum(part["size"] for part in chosen)
    if size != upload["size"]:
        refuse(400, f"the parts have {size} bytes together, the upload was started with {upload['size']}")
    digests = b"".join(bytes.fromhex(part["etag"]) for part in chosen)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(chosen)}"
    kept = {part["file"] for part in chosen}
    for part in upload["parts"].values():
        if part["file"] not in kept:
            _unlink(call.world, part["file"])
    made: Row = {"size": size, "etag": etag, "modified": call.world.clock.now_ms()}
    made["parts"] = [[part["file"], part["size"]] for part in chosen]
    call.world.store.delete(_UPLOADS, upload["id"])
    call.world.store.put(_OBJECTS, upload["key"], made)
    return made


def drop_upload(world: World, identity: str) -> None:
    """Give an upload up; its parts are gone."""
    upload = upload_of(world, identity)
    world.store.delete(_UPLOADS, identity)
    for part in upload["parts"].values() if upload else ():
        _unlink(world, part["file"])


def drop_object(world: World, key: str) -> None:
    """Delete an object and its bytes."""
    found = world.store.get(_OBJECTS, key)
    world.store.delete(_OBJECTS, key)
    for name, _ in found["parts"] if found else ():
        _unlink(world, name)


def object_link(call: Call, key: str, expires_s: int) -> str:
    """A link to an object's bytes that expires."""
    return _link(call, key, "GET", expires_s, {})


def stored_object(world: World, key: str) -> StoredObject | None:
    """The object under a key: uploaded, or made from the story."""
    row = world.store.get(_OBJECTS, key)
    if row is None:
        made = (maker(world, key) for maker in MAKERS)
        return next((each for each in made if each is not None), None)
    pieces = [(world.folder() / name, size) for name, size in row["parts"]]
    if not all(path.exists() for path, _ in pieces):
        return None
    modified = datetime.fromtimestamp(row["modified"] // 1000, UTC)
    return StoredObject(row["size"], row["etag"], modified, lambda first, end: _read(pieces, first, end))


def object_file(world: World, key: str) -> ObjectFile | None:
    """The bytes of an object as one file to read and seek in, or None."""
    found = stored_object(world, key)
    return ObjectFile(found) if found else None


class _Uploads(Bucket):
    """The kit's bucket."""

    region = "eu-west-1"

    def find(self, world: World, key: str) -> StoredObject | None:
        """The object under *key*."""
        with world.lock:
            return stored_object(world, key)

    def put_part(self, world: World, key: str, upload_id: str, number: int, body: BinaryIO, etag: str) -> None:
        """Keep one part, in place of an earlier one of its number."""
        _open_upload(world, key, upload_id)
        with world.lock:
            name = f"{upload_id}.{number}.{world.mint('videokit part'):x}"
            path = world.folder() / name
        size = _write(path, body)
        with world.lock:
            try:
                upload = _open_upload(world, key, upload_id)
            except Exception:
                path.unlink()
                raise
            earlier = upload["parts"].get(str(number))
            upload["parts"][str(number)] = {"etag": etag, "size": size, "file": name}
            if earlier:
                _unlink(world, earlier["file"])


def _open_upload(world: World, key: str, upload_id: str) -> Row:
    upload = upload_of(world, upload_id)
    if upload is None or upload["key"] != key:
        raise no_such_upload(upload_id)
    return upload


def _chosen(call: Call, upload: Row, named: Mapping[str, Any]) -> Mapping[str, Any]:
    """The uploaded part that is named; its entity tag may come with quotes, or as null (ledger VK-071)."""
    number, etag = int(named["partNumber"]), named["eTag"]
    found: Mapping[str, Any] | None = upload["parts"].get(str(number))
    if etag is None and call.reading("VK-071") == "refused":
        refuse(400, f"part {number}: the eTag is null")
    if found is None or (etag is not None and etag.strip('"').lower() != found["etag"]):
        message = "One or more of the specified parts could not be found."
        detail = "its entity tag is another one" if found else "it was not uploaded"
        refuse(400, f"{message} Part {number}: {detail}.", "InvalidPart")
    return found


def _link(call: Call, key: str, method: str, expires_s: int, query: Mapping[str, str]) -> str:
    bucket, region = fixture()["bucket"], _Uploads.region
    links = signer(call.world, call.address, bucket, region=region, method=method, expires_s=expires_s)
    return links.link(key, query)


def _write(path: Path, body: BinaryIO) -> int:
    """Copy a part to disk, without its bytes passing through us where the system can do that."""
    with path.open("wb") as file:
        try:
            source, size, at = body.fileno(), body.seek(0, os.SEEK_END), 0
            while at < size and (done := os.copy_file_range(source, file.fileno(), size - at, at, at)):
                at += done
        except (AttributeError, OSError):  # io.UnsupportedOperation is one: the part is in memory
            body.seek(0)
            file.seek(0)
            file.truncate()
            shutil.copyfileobj(body, file, _BLOCK)
        return file.seek(0, os.SEEK_END)


def _unlink(world: World, name: str) -> None:
    with suppress(FileNotFoundError):
        (world.folder() / name).unlink()


def _read(pieces: Sequence[tuple[Path, int]], first: int, end: int) -> Iterator[bytes]:
    """The bytes from *first* up to *end* of files laid end to end."""
    start = 0
    for path, size in pieces:
        low, high = max(first, start), min(end, start + size)
        if low < high:
            with path.open("rb") as file:
                file.seek(low - start)
                left = high - low
                while left and (block := file.read(min(_BLOCK, left))):
                    left -= len(block)
                    yield block
        start += size


register(fixture()["bucket"], _Uploads())
