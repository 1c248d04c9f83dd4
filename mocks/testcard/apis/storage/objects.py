"""What lies in the storage: buckets that vendors register, and the objects they find in them.

A bucket makes its objects when they are asked for; what a client uploads, the vendor keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from testcard.apis.storage.errors import no_such_upload
from testcard.world.world import World

__all__ = ["Bucket", "StoredObject", "bucket_of", "register"]


@dataclass(frozen=True)
class StoredObject:
    """One object. *read* yields the bytes from a first position up to, not including, a last one."""

    size: int
    etag: str
    modified: datetime
    read: Callable[[int, int], Iterable[bytes]]
    media: str = "binary/octet-stream"

    @classmethod
    def of(cls, body: bytes, media: str, modified: datetime) -> StoredObject:
        """An object that fits into memory."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return cls(len(body), etag, modified, lambda first, end: [body[first:end]], media)


class Bucket:
    """A vendor's bucket; *region* stands in its hosts and signatures."""

    region = "us-east-1"

    def find(self, world: World, key: str) -> StoredObject | None:
        """The object under *key* at the world's now, or None. Called in a thread, without the world's lock."""
        return None

    def put_part(self, world: World, key: str, upload_id: str, number: int, body: BinaryIO, etag: str) -> None:
        """Keep one part of an upload; *etag* is the hex MD5 of *body*. Raises `no_such_upload`."""
        raise no_such_upload(upload_id)


_buckets: dict[str, Bucket] = {}


def register(name: str, bucket: Bucket) -> None:
    """Serve *bucket* under *name*, in every world of the process."""
    _buckets[name] = bucket


def bucket_of(name: str) -> Bucket | None:
    """The bucket of that name."""
    return _buckets.get(name)
