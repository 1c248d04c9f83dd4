"""Carry bytes between a client and a host that is left alone."""

from __future__ import annotations

import asyncio
import contextlib
import socket

__all__ = ["relay"]


async def relay(client: socket.socket, host: str, port: int, *, first: bytes = b"", greeting: bytes = b"") -> None:
    """Connect to a host, send it *first* and the client *greeting*, and pass everything on until both have ended.

    502 to the client where the host cannot be reached.
    """
    reader, writer = await asyncio.open_connection(sock=client)
    try:
        there, here = await asyncio.open_connection(host, port)
    except OSError as error:
        writer.write(f"HTTP/1.1 502 {host} cannot be reached: {error.strerror}\r\nContent-Length: 0\r\n\r\n".encode())
        await _close(writer)
        return
    here.write(first)
    writer.write(greeting)
    try:
        await asyncio.gather(_pass_on(reader, here), _pass_on(there, writer))
    finally:
        await _close(here)
        await _close(writer)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
