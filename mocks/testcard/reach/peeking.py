"""Look at the beginning of a connection without taking it from whoever will read it."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Head", "peek", "read_head"]

_MOST = 65536
_HOP_BY_HOP = re.compile(rb"(?im)^(proxy-[a-z-]+|connection|keep-alive):[^\n]*\n")


@dataclass(frozen=True)
class Head:
    """The head of a request: its bytes, method and target."""

    raw: bytes
    method: str
    target: str

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.raw)

    @property
    def absolute(self) -> bool:
        """Whether the target is a whole address, as a proxy is given it."""
        return self.target.lower().startswith("http://")

    def for_origin(self) -> bytes:
        """The head as the host itself wants it, for one request."""
        target = urlsplit(self.target)._replace(scheme="", netloc="").geturl() or "/"
        line, _, rest = self.raw.partition(b"\r\n")
        line = line.replace(self.target.encode("latin-1"), target.encode("latin-1"), 1)
        return line + b"\r\nConnection: close\r\n" + _HOP_BY_HOP.sub(b"", rest)


async def peek(connection: socket.socket, least: int) -> bytes:
    """At least so many of the first bytes, or fewer where the connection ends."""
    while True:
        try:
            data = connection.recv(_MOST, socket.MSG_PEEK)
        except BlockingIOError:
            await _readable(connection)
            continue
        if len(data) >= least or not data:
            return data
        await asyncio.sleep(0.005)  # it is readable already: only time brings more


async def read_head(connection: socket.socket) -> Head | None:
    """The first request's head; None where there is none."""
    data, least = b"", 1
    while b"\r\n\r\n" not in data:
        data = await peek(connection, least)
        if len(data) < least or len(data) == _MOST:
            break
        least = len(data) + 1
    raw, blank, _ = data.partition(b"\r\n\r\n")
    words = raw.partition(b"\r\n")[0].decode("latin-1").split(" ")
    return Head(raw + blank, words[0], words[1]) if len(words) == 3 else None


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
