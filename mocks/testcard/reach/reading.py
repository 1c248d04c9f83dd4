"""Read the requests that come along one connection, as the server with a socket reads them."""

from __future__ import annotations

import contextlib
import tempfile
from typing import BinaryIO, cast

import httptools

from testcard.exchange import Request
from testcard.server.head import MAX_HEAD, TOO_LONG, head_size

__all__ = ["RequestReader"]

_IN_MEMORY = 1 << 20  # bytes of a request's body that stay in memory


class RequestReader:
    """A parser with what it has found: *complete* is a request that has arrived as a whole, *size* the
    bytes of its body, *broken* an answer to what is none (status and text), *continues* is set when the client wants
    to hear ``100 Continue`` first.
    """

    def __init__(self, scheme: str) -> None:
        self.complete: Request | None = None
        self.broken: tuple[int, bytes] | None = None
        self.continues = False
        self.keep_alive = True
        self._scheme = scheme
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def feed(self, data: bytes) -> None:
        """Take bytes as they come."""
        try:
            with contextlib.suppress(httptools.HttpParserUpgrade):
                self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.broken = self.broken or (400, b"Invalid HTTP request received.")

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._url = b""
        self._headers: dict[str, str] = {}
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._body: bytes | BinaryIO = b""
        self.size = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._url += url

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        """Take a header; repeated ones are joined."""
        self._raw_headers.append((raw_name, raw_value))
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value

    def on_headers_complete(self) -> None:
        """The head is read."""
        if head_size(self._parser.get_method(), self._url, self._raw_headers) > MAX_HEAD:
            self.broken = 431, TOO_LONG
        self.keep_alive = self._parser.get_http_version() != "1.0" and self._parser.should_keep_alive()
        self.continues = self._headers.get("expect", "").lower() == "100-continue"

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body; a large one goes to a file."""
        self.size += len(piece)
        if isinstance(self._body, bytes):
            if len(self._body) + len(piece) <= _IN_MEMORY:
                self._body += piece
                return
            spool = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed when the request is answered
            spool.write(self._body)
            self._body = spool
        self._body.write(piece)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self.continues = False
        parts = httptools.parse_url(self._url)
        path, query = (parts.path or b"/").decode("latin-1"), (parts.query or b"").decode("latin-1")
        method = self._parser.get_method().decode("ascii")
        self.complete = Request(method, path, query, self._headers, self._body, self._scheme)
