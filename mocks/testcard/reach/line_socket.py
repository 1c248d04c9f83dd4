"""A line as much like a socket as `http.client` asks, and with it urllib, urllib3 and requests."""

from __future__ import annotations

import io
from typing import Any

from testcard.reach.line import Line

__all__ = ["LineSocket"]


class LineSocket:
    """As much of a socket as `http.client` asks for."""

    def __init__(self, line: Line, timeout_s: float | None) -> None:
        self.line = line
        self._timeout_s = timeout_s

    def settimeout(self, timeout_s: float | None) -> None:
        """Wait no longer than this for a read."""
        self._timeout_s = timeout_s

    def sendall(self, data: Any) -> None:
        """Send."""
        self.line.send(bytes(data))

    def makefile(self, mode: str, *_args: Any, **_options: Any) -> io.BufferedReader:
        """Open the reading side."""
        return io.BufferedReader(_Reading(self), 65536)

    def read(self, number: int) -> bytes:
        """Receive."""
        return self.line.read(number, self._timeout_s)

    def shutdown(self, _how: int) -> None:
        """Nobody else holds the line."""

    def close(self) -> None:
        """What was opened by `makefile` stays readable, as with a socket."""


class _Reading(io.RawIOBase):
    def __init__(self, source: LineSocket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
