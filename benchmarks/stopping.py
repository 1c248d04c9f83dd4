"""From SIGTERM to the end of the process, with 32 idle keep-alive connections that have been used."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from benchmarks.harness import Measured, Settings, run
from benchmarks.load import wire_request
from benchmarks.processes import serving

__all__ = ["measure"]


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the line of the table."""
    yield from run(settings, "stop after SIGTERM, 32 idle connections", _stop, at_most=50.0, warm=False)


def _stop() -> float:
    with serving() as server, ExitStack() as stack:
        parts = urlsplit(server.url)
        for _ in range(32):
            idle = stack.enter_context(socket.create_connection((parts.hostname, parts.port)))
            idle.sendall(wire_request(parts.netloc, "/_testcard/health", {}))
            idle.recv(65536)
        return server.stop_ms()
