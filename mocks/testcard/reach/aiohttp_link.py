"""aiohttp over a line that is only memory: a connector whose transports are no sockets.

aiohttp's own protocol parses, streams, decodes and raises. Where a fault takes longer than the request may, the
timeout is brought about at once: that of reading by the protocol, the total one by the request's timer. Imported only
by those who have aiohttp.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler

from testcard.reach.line import Ended, Line, Pause, Switch, WouldHang, look_up

__all__ = ["SwitchConnector"]


class _Transport(asyncio.Transport):
    """The client's end of a line, as an event loop would show it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: ResponseHandler, line: Line) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._line = line
        self._paused = self._closing = self._due = False
        self._total_s = math.inf
        self._timer: Any = None

    def limit(self, total_s: float | None, timer: Any) -> None:
        """How long the request that comes now may take, and what ends it."""
        self._total_s = total_s or math.inf
        self._timer = timer

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send."""
        if self._closing:
            return
        self._line.send(bytes(data))
        self._wake()

    def can_write_eof(self) -> bool:
        """A line is closed as a whole."""
        return False

    def is_closing(self) -> bool:
        """Whether the line is closed."""
        return self._closing

    def close(self) -> None:
        """Close the line from this side."""
        self._lose(None)

    abort = close

    def is_reading(self) -> bool:
        """Whether the protocol takes more."""
        return not self._paused

    def pause_reading(self) -> None:
        """Give the protocol time."""
        self._paused = True

    def resume_reading(self) -> None:
        """Go on."""
        self._paused = False
        self._wake()

    def _wake(self) -> None:
        if not (self._due or self._paused or self._closing):
            self._due = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Let one thing happen."""
        self._due = False
        if self._paused or self._closing:
            return
        if self._line.heavy:
            self._due = True
            self._loop.run_in_executor(None, self._line.answer).add_done_callback(self._answered)
            return
        match self._line.event():
            case bytes(data):
                self._protocol.data_received(data)
                self._wake()
            case Pause(seconds):
                self._wait(math.inf if seconds is None else seconds)
            case Ended(error):
                self._lose(error)

    def _answered(self, future: asyncio.Future[None]) -> None:
        self._due = False
        if (error := future.exception()) is not None:
            self._fail(error)
        else:
            self._wake()

    def _wait(self, seconds: float) -> None:
        """Pass over a pause, unless the request has less time than that."""
        read_s = self._protocol.read_timeout or math.inf
        left_s = self._total_s - self._line.elapsed_s
        if seconds < min(read_s, left_s):
            self._line.elapsed_s += seconds
            self._wake()
        elif read_s <= left_s < math.inf or read_s < left_s:
            self._protocol._on_read_timeout()  # noqa: SLF001 - as the loop would call it, later
        elif left_s < math.inf:
            self._timer.timeout()
        else:
            self._fail(WouldHang())

    def _fail(self, error: BaseException) -> None:
        payload = self._protocol._payload  # noqa: SLF001 - as the protocol itself does in a timeout
        self._protocol.set_exception(error)
        if payload is not None:
            payload.set_exception(error)

    def _lose(self, error: OSError | None) -> None:
        if not self._closing:
            self._closing = self._line.ended = True
            self._loop.call_soon(self._protocol.connection_lost, error)


class SwitchConnector(aiohttp.BaseConnector):
    """A connector whose every request goes to the mocks: ``aiohttp.ClientSession(connector=SwitchConnector(…))``."""

    def __init__(self, switch: Switch, **options: Any) -> None:
        super().__init__(**options)
        self._switch = switch

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
        """A line for one request."""
        connection = await super().connect(req, traces, timeout)
        cast("_Transport", connection.transport).limit(timeout.total, req._timer)  # noqa: SLF001 - told to nobody else
        return connection

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> ResponseHandler:
        try:
            look_up(req.url.host)
        except OSError as error:
            raise aiohttp.ClientConnectorDNSError(req.connection_key, error) from error
        protocol = self._factory()
        protocol.connection_made(_Transport(self._loop, protocol, Line(self._switch, req.url.scheme)))
        return protocol
