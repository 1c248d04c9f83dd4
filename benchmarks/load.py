"""A load generator: keep-alive connections over raw sockets, one process, no waiting but for the server.

Each connection sends its next request when the last answer is complete. Anything but the expected status is an error:
a fast refusal is no throughput. `python -m benchmarks --only ceiling` measures the generator itself.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Load", "load", "wire_request"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Load:
    """What came back: answers per second, and how long they took in milliseconds."""

    answers: int
    seconds: float
    latencies_ms: list[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        """Throughput."""
        return self.answers / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that *share* of the answers kept to."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load(
    url: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    connections: int = 32,
    seconds: float = 1.0,
    answers: int | None = None,
    status: int = 200,
) -> Load:
    """Ask *url* for *path* again and again, for some *seconds* or until there are so many *answers*."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    request = wire_request(parts.netloc, path, headers or {})
    with selectors.DefaultSelector() as ready:
        open_ones = [_Connection(address, request, status, ready) for _ in range(connections)]
        try:
            return _drive(ready, open_ones, seconds if answers is None else float("inf"), answers)
        finally:
            for each in open_ones:
                each.socket.close()


def wire_request(host: str, path: str, headers: Mapping[str, str]) -> bytes:
    """A GET request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _drive(ready: selectors.BaseSelector, open_ones: list[_Connection], seconds: float, answers: int | None) -> Load:
    latencies: list[float] = []
    start = time.perf_counter()
    for each in open_ones:
        each.send()
    while time.perf_counter() - start < seconds and (answers is None or len(latencies) < answers):
        events = ready.select(_PATIENCE_S)
        if not events:
            raise RuntimeError(f"no answer within {_PATIENCE_S} s")
        for key, _ in events:
            taken = key.data.receive()
            if taken is not None:
                latencies.append(taken)
                key.data.send()
    return Load(len(latencies), time.perf_counter() - start, latencies)


class _Connection:
    """One connection: it knows how much of the answer is still to come."""

    def __init__(self, address: tuple[str, int], request: bytes, status: int, ready: selectors.BaseSelector) -> None:
        self._address = address
        self._request = request
        self._expected = f" {status} ".encode()
        self._ready = ready
        self._sent_at = 0.0
        self._left: int | None = None
        self._closes = False
        self._begun = b""
        self._connect()

    def send(self) -> None:
        """Send the request; the answer is awaited from now."""
        if self._closes:
            self._reconnect()
        self._left, self._begun = None, b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> float | None:
        """Take what has come; milliseconds since the request when the answer is whole."""
        piece = self.socket.recv(1 << 18)
        if self._left is None:
            self._begin(piece)
        else:
            self._left -= len(piece)
        if not piece and self._left:
            raise RuntimeError(f"{self._address}: the connection ended before the answer did")
        return None if self._left != 0 else (time.perf_counter() - self._sent_at) * 1000

    def _begin(self, piece: bytes) -> None:
        self._begun += piece
        end = self._begun.find(b"\r\n\r\n")
        if end < 0 and piece:
            return
        head = self._begun[: end + 4]
        if self._expected not in head[:16]:
            raise RuntimeError(f"{self._address}: expected{self._expected.decode()}, found {self._begun[:300]!r}")
        length = _LENGTH.search(head)
        if length is None:
            raise RuntimeError(f"{self._address}: an answer without Content-Length: {head!r}")
        self._closes = head.startswith(b"HTTP/1.0") or _CLOSES.search(head) is not None
        self._left = int(length[1]) - (len(self._begun) - end - 4)

    def _connect(self) -> None:
        self.socket = socket.create_connection(self._address, timeout=_PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ready.register(self.socket, selectors.EVENT_READ, self)

    def _reconnect(self) -> None:
        self._ready.unregister(self.socket)
        self.socket.close()
        self._connect()
