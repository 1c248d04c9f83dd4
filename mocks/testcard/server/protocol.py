"""The HTTP protocol of a connection that can also misbehave: it owns the transport, so a fault can break it truly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from testcard.server.head import MAX_HEAD, TOO_LONG, head_size

__all__ = ["CONNECTION", "Connection"]

CONNECTION = "testcard.connection"  # where a request's scope names its connection


class _HeadTooLong(Exception):
    """Stops the parser where the head ends."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with limits on a request's head, and reachable from the request.

    *_head* counts the bytes read since the read in which the present request begins, so *_before* of them, at the
    most, are of the requests before: long heads are measured exactly, all others cost nothing.
    """

    _head = _before = _read = 0
    _reading_head = True
    _too_long = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take up a new connection."""
        self._joining = _Joining(transport)
        super().connection_made(cast("asyncio.Transport", self._joining))

    @contextlib.contextmanager
    def one_write(self) -> Iterator[None]:
        """Send what is written meanwhile as one piece."""
        self._joining.held = []
        try:
            yield
        finally:
            self._joining.release()

    def on_message_begin(self) -> None:
        """Name the connection in the scope of the request that begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[CONNECTION] = self

    def data_received(self, data: bytes) -> None:
        """Refuse a head that does not end."""
        self._read = len(data)
        self._head += self._read
        super().data_received(data)
        if self._reading_head and self._head - self._before > MAX_HEAD:
            self._refuse_head()

    def head_read(self) -> None:
        """The head is read: stop here when it was too long."""
        self._reading_head = False
        if self._head > MAX_HEAD and head_size(self.parser.get_method(), self.url, self.headers) > MAX_HEAD:
            self._too_long = True
            raise _HeadTooLong

    def on_headers_complete(self) -> None:
        """Start the request."""
        self.head_read()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser does not take: nonsense, or a head that was too long for us."""
        if self._too_long:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def on_message_complete(self) -> None:
        """The request is read: the next bytes are another head."""
        self.head_complete()
        super().on_message_complete()

    def head_complete(self) -> None:
        """A request is over: what comes is another head."""
        self._reading_head = True
        self._head = self._before = self._read

    def _refuse_head(self) -> None:
        head = b"content-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(TOO_LONG)
        self.transport.write(STATUS_LINE[431] + head + TOO_LONG)
        self.transport.close()

    async def flushed(self) -> None:
        """Wait until everything written has left this process, or nobody takes it."""
        while self.transport.get_write_buffer_size() and not self.transport.is_closing():
            await asyncio.sleep(0.001)

    async def gone(self, seconds: float | None) -> None:
        """Wait until the client goes, or for that long."""
        waiting = self.cycle.message_event.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiting, seconds)

    def close(self) -> None:
        """End the connection with what has been written."""
        self.transport.close()

    def reset(self) -> None:
        """Break the connection so that the client sees a reset."""
        raw = cast("Any", self.transport.get_extra_info("socket"))
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _Joining:
    """A transport that can hold what is written: head and body leave in one system call, and wake the client once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.held: list[bytes] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send *data*, or hold it."""
        if self.held is None:
            self._transport.write(data)
        else:
            self.held.append(data)

    def release(self) -> None:
        """Send what was held."""
        held, self.held = self.held, None
        if held:
            self._transport.writelines(held)

    def close(self) -> None:
        """Close when everything is sent."""
        self.release()
        self._transport.close()
