"""One file to read and seek in, over an object that lies in pieces."""

from __future__ import annotations

import io

from testcard.apis.storage import StoredObject

__all__ = ["ObjectFile"]


class ObjectFile(io.RawIOBase):
    """A stored object as a file; reads go to the object's own bytes."""

    def __init__(self, found: StoredObject) -> None:
        self._object = found
        self._at = 0

    @property
    def digest(self) -> tuple[str, int]:
        """What no other bytes have: their entity tag, and how many they are."""
        return self._object.etag, self._object.size

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._object.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to *size* bytes, or all that are left."""
        end = self._object.size if size is None or size < 0 else min(self._object.size, self._at + size)
        data = b"".join(self._object.read(self._at, end)) if end > self._at else b""
        self._at += len(data)
        return data
