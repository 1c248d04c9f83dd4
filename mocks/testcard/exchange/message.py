"""A request's parts in; status, headers and bytes out.

These two values are all that a face (ASGI, Flask, an in-process transport) exchanges with the core.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from testcard.exchange.wire import Wire

__all__ = ["NOTHING", "Pieces", "Reply", "Request"]


class _Nothing:
    """Marks a reply without JSON data, since None is data."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()


@dataclass(slots=True)
class Request:
    """One HTTP request as it arrived.

    *path* and *query* are raw, still percent-encoded; header names are lower case, repeated ones joined by a comma.
    *body* is bytes, or an open file where it was too large to keep in memory.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | BinaryIO = b""
    scheme: str = "http"

    def header(self, name: str) -> str:
        """The value of a header, by its lower-case name, or an empty string."""
        return self.headers.get(name, "")

    def content(self) -> bytes:
        """The whole body."""
        if isinstance(self.body, bytes):
            return self.body
        self.body.seek(0)
        return self.body.read()

    def stream(self) -> BinaryIO:
        """The body as a file at its beginning."""
        if isinstance(self.body, bytes):
            return io.BytesIO(self.body)
        self.body.seek(0)
        return self.body


class Pieces:
    """Bytes that are too many to be joined, in pieces; *size* is how many they are.

    *buffers* are the same, for whoever takes memory that is another's as well as bytes of his own.
    """

    def __init__(self, buffers: Iterable[bytes | memoryview]) -> None:
        self.buffers = tuple(buffers)
        self.size = sum(map(len, self.buffers))

    def __iter__(self) -> Iterator[bytes]:
        return map(bytes, self.buffers)

    def between(self, head: bytes, tail: bytes) -> Pieces:
        """The same with something before and behind."""
        return Pieces((head, *self.buffers, tail))

    def beginning(self, most: int) -> bytes:
        """The first bytes."""
        first, size = [], 0
        for piece in self.buffers:
            first.append(piece[: most - size])
            size += len(first[-1])
            if size == most:
                break
        return b"".join(first)


@dataclass(slots=True)
class Reply:
    """One answer. A handler may return plain data instead, which is `Reply.json` with the operation's success.

    *data* is JSON still to be rendered and checked; otherwise *body* is bytes, or `Pieces`, or another iterable of
    bytes that is sent as it comes. *rows* are JSON texts that were checked when they were rendered, with the commas
    between them: they stand in *data* under its last key, *rows_key*, where *data* has an empty list. *wire* says how
    it is to travel, when not well.
    """

    status: int | None = None
    data: Any = NOTHING
    body: bytes | Iterable[bytes] = b""
    media: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    rows: Pieces | None = None
    rows_key: str | None = None
    wire: Wire | None = None

    @classmethod
    def json(cls, data: Any, status: int | None = None, *, media: str = "application/json", **headers: str) -> Reply:
        """Answer with data; header names are given with underscores."""
        return cls(status, data, media=media, headers=_header_names(headers))

    @classmethod
    def raw(cls, body: bytes | Iterable[bytes], media: str | None, status: int | None = None, **headers: str) -> Reply:
        """Answer with bytes of a media type of their own."""
        return cls(status, body=body, media=media, headers=_header_names(headers))

    @classmethod
    def page(cls, envelope: Mapping[str, Any], key: str, rows: bytes | Pieces, **headers: str) -> Reply:
        """Answer with rows that are JSON texts already, behind an envelope, which alone is checked again."""
        pieces = Pieces((rows,)) if isinstance(rows, bytes) else rows
        data = dict(envelope)
        data.pop(key, None)
        data[key] = []
        return cls(
            None,
            data,
            media="application/json",
            headers=_header_names(headers),
            rows=pieces if pieces.size else None,
            rows_key=key,
        )

    def unfold(self) -> None:
        """Turn ready rows back into data, where something is to be done to them."""
        if self.rows is not None and self.rows_key is not None:
            self.data = {**self.data, self.rows_key: orjson.loads(b"".join((b"[", *self.rows, b"]")))}
            self.rows = None

    @property
    def size(self) -> int | None:
        """The bytes of the body; None where nobody knows yet."""
        if isinstance(self.body, bytes):
            return len(self.body)
        return self.body.size if isinstance(self.body, Pieces) else None

    def beginning(self, most: int) -> bytes | None:
        """The first bytes of the body; None where nobody knows them yet."""
        if isinstance(self.body, bytes):
            return self.body[:most]
        return self.body.beginning(most) if isinstance(self.body, Pieces) else None

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces."""
        return iter((self.body,)) if isinstance(self.body, bytes) else iter(self.body)

    def content(self) -> bytes:
        """The whole body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"".join(self.body.buffers if isinstance(self.body, Pieces) else self.body)


def _header_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()} if headers else {}
