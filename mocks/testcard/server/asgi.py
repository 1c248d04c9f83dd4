"""The ASGI face: what `testcard serve` runs.

Light answers are made on the event loop, where nothing waits for a thread; heavy ones in a pool of threads, so that a
slow answer holds up nobody. A large body goes to a file as it arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

from testcard.exchange import Pieces, Reply, Request, Wire
from testcard.server.protocol import CONNECTION, Connection
from testcard.server.switchboard import Switchboard

__all__ = ["REPLY", "AsgiFace"]

REPLY = "testcard.reply"  # where a request's scope has an answer that was made before

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_IN_MEMORY = 1 << 20  # bytes of a body that stay in memory
_AT_ONCE = 512 << 10  # bytes to write at once: asyncio copies what the system does not take


class AsgiFace:
    """An ASGI application over a `Switchboard`."""

    def __init__(self, switchboard: Switchboard, *, threads: int = 64) -> None:
        self.switchboard = switchboard
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="testcard")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"testcard speaks HTTP, not {scope['type']}")
        ready = scope.get(REPLY)
        if ready is not None:
            await receive()  # the request is over; what comes next is that its client goes
            await self._deliver(ready, scope, send)
            return
        request = _request(scope)
        try:
            body = await _body(receive, lambda: self.switchboard.body_limit(request))
        except _TooLarge:
            await self._send(self.switchboard.too_large(self.switchboard.plan(request)), scope, send)
            return
        if body is None:
            return  # the client went before its request was complete: nothing may come of it
        request.body = body
        plan = self.switchboard.plan(request)
        if plan.heavy:
            reply = await asyncio.get_running_loop().run_in_executor(self._pool, self.switchboard.carry_out, plan)
        else:
            reply = self.switchboard.carry_out(plan)
        await self._deliver(reply, scope, send)
        if not isinstance(request.body, bytes):
            request.body.close()

    def at_once(self, scope: Scope) -> Reply | None:
        """Answer a request without a body when that is light work; None when it is not."""
        plan = self.switchboard.plan(_request(scope))
        return None if plan.heavy else self.switchboard.carry_out(plan)

    async def _deliver(self, reply: Reply, scope: Scope, send: Send) -> None:
        if reply.wire is None:
            await self._send(reply, scope, send)
        else:
            await self._send_badly(reply, reply.wire, scope[CONNECTION], send)

    async def _send(self, reply: Reply, scope: Scope, send: Send) -> None:
        if isinstance(reply.body, bytes):
            connection = scope.get(CONNECTION)  # there is none on another server, or on no socket at all
            with connection.one_write() if connection else contextlib.nullcontext():
                await send(_start(reply))
                await send({"type": "http.response.body", "body": reply.body})
            return
        await send(_start(reply))
        async for chunk in self._chunks(reply):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    async def _send_badly(self, reply: Reply, wire: Wire, connection: Connection, send: Send) -> None:
        """Send an answer as a fault wants it: late, slowly, in part, or not at all."""
        if wire.delay_s != 0:
            await connection.gone(wire.delay_s)
        if wire.delay_s is None or wire.stop_at == -1:
            return await _end(wire, connection)
        await send(_start(reply))
        left = wire.stop_at
        async for chunk in self._chunks(reply):
            piece = chunk if left is None else chunk[:left]
            await _drip(piece, wire.bytes_per_s, connection, send)
            if left is not None and (left := left - len(piece)) <= 0:
                return await _end(wire, connection)
        await send({"type": "http.response.body"})
        return None

    async def _chunks(self, reply: Reply) -> AsyncIterator[bytes | memoryview]:
        """The body in pieces; where they are still to be made, a thread does it."""
        if isinstance(reply.body, bytes | Pieces):
            buffers = (reply.body,) if isinstance(reply.body, bytes) else reply.body.buffers
            for buffer in buffers:
                for at in range(0, max(1, len(buffer)), _AT_ONCE):
                    yield buffer[at : at + _AT_ONCE]
            return
        chunks, loop = reply.chunks(), asyncio.get_running_loop()
        while (chunk := await loop.run_in_executor(self._pool, _next, chunks)) is not None:
            yield chunk


def _start(reply: Reply) -> dict[str, Any]:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _drip(piece: bytes | memoryview, bytes_per_s: int | None, connection: Connection, send: Send) -> None:
    """Send a piece at a pace, ten times a second; at once to a client that has gone."""
    step = max(1, bytes_per_s // 10) if bytes_per_s else max(1, len(piece))
    for at in range(0, len(piece), step):
        await send({"type": "http.response.body", "body": piece[at : at + step], "more_body": True})
        if bytes_per_s:
            await connection.gone(step / bytes_per_s)


async def _end(wire: Wire, connection: Connection) -> None:
    await connection.flushed()
    if wire.ending == "stall":
        await connection.gone(wire.stall_s)
    if wire.ending == "reset":
        connection.reset()
    else:
        connection.close()
    await connection.gone(1.0)  # until the closed connection is known to be closed


def _next(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)


def _request(scope: Scope) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raw_path = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], path, query, headers, scheme=scope.get("scheme", "http"))


class _TooLarge(Exception):
    """A body is over its limit."""


async def _body(receive: Receive, limit: Callable[[], int]) -> bytes | BinaryIO | None:
    """The whole body, in memory or in a file; None when it never came whole."""
    message = await receive()
    if message["type"] == "http.disconnect":
        return None
    if not message.get("more_body"):
        return cast("bytes", message.get("body", b""))
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the request is answered
    spool.write(message.get("body", b""))
    most = limit()
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            spool.close()
            return None
        spool.write(message.get("body", b""))
        if spool.tell() > most:
            spool.close()
            raise _TooLarge
    if spool.tell() <= _IN_MEMORY:
        spool.seek(0)
        with spool:
            return spool.read()
    return cast("BinaryIO", spool)
