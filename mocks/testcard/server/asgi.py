"""The ASGI face: what `testcard serve` runs.

Light answers are made on the event loop, where nothing waits for a thread; heavy ones in a pool of threads, so that a
slow answer holds up nobody. A large body goes to a file as it arrives.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

from testcard.exchange import Reply, Request
from testcard.server.switchboard import Switchboard

__all__ = ["AsgiFace"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_IN_MEMORY = 1 << 20  # bytes of a body that stay in memory


class AsgiFace:
    """An ASGI application over a `Switchboard`."""

    def __init__(self, switchboard: Switchboard, *, threads: int = 64) -> None:
        self.switchboard = switchboard
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="testcard")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"testcard speaks HTTP, not {scope['type']}")
        request = _request(scope, await _body(receive))
        plan = self.switchboard.plan(request)
        if plan.heavy:
            reply = await asyncio.get_running_loop().run_in_executor(self._pool, self.switchboard.carry_out, plan)
        else:
            reply = self.switchboard.carry_out(plan)
        await self._send(reply, send)
        if not isinstance(request.body, bytes):
            request.body.close()

    async def _send(self, reply: Reply, send: Send) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if isinstance(reply.body, bytes):
            await send({"type": "http.response.body", "body": reply.body})
            return
        chunks = iter(reply.body)
        loop = asyncio.get_running_loop()
        while (chunk := await loop.run_in_executor(self._pool, _next, chunks)) is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})


def _next(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)


def _request(scope: Scope, body: bytes | BinaryIO) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raw_path = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.decode("latin-1").partition("?")[0]
    return Request(
        scope["method"], path, scope["query_string"].decode("latin-1"), headers, body, scope.get("scheme", "http")
    )


async def _body(receive: Receive) -> bytes | BinaryIO:
    message = await receive()
    if not message.get("more_body"):
        return cast("bytes", message.get("body", b""))
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the request is answered
    spool.write(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        spool.write(message.get("body", b""))
    if spool.tell() <= _IN_MEMORY:
        spool.seek(0)
        with spool:
            return spool.read()
    return cast("BinaryIO", spool)
