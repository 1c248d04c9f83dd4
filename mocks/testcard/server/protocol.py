"""The HTTP protocol of a connection that can also misbehave: it owns the transport, so a fault can break it truly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

__all__ = ["CONNECTION", "Connection"]

CONNECTION = "testcard.connection"  # where a request's scope names its connection
_MAX_HEAD = 64 * 1024  # bytes of request line and headers


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with limits on a request's head, and reachable from the request."""

    _head = 0

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
        self._head += len(data)
        super().data_received(data)
        if self._reading_head and self._head > _MAX_HEAD:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """The head is read: start the request."""
        self._reading_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is read: the next bytes are another head."""
        self._reading_head, self._head = True, 0
        super().on_message_complete()

    _reading_head = True

    def _refuse_head(self) -> None:
        text = f"request line and headers are longer than {_MAX_HEAD} bytes\n".encode()
        head = b"content-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(text)
        self.transport.write(STATUS_LINE[431] + head + text)
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
