"""A connection that is only memory: the bytes of a client library in, the bytes of the mocks out.

The libraries' own HTTP code runs on top, so that streaming, compression, redirects, cookies and, above all, exceptions
are theirs. Faults that take time take none: a pause longer than the client would wait is a timeout at once, a shorter
one is over at once. Knows HTTP/1.1 and no client library.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from testcard.errors import TestcardError
from testcard.exchange import Reply, Request, Wire
from testcard.reach.reading import RequestReader
from testcard.server.switchboard import Plan

__all__ = ["Ended", "Event", "Line", "Pause", "Switch", "WouldHang", "look_up"]


class WouldHang(TestcardError):
    """The client waits without a timeout for what never comes: over a socket it would hang here for ever."""

    def __init__(self) -> None:
        super().__init__(
            "the answer never comes (a fault of this world stalls it), and the client has no timeout: over a socket"
            " it would wait here for ever; give the client a timeout, or the fault a number of seconds"
        )


class Switch(Protocol):
    """What answers: a switchboard, or something before it."""

    def plan(self, request: Request) -> Plan:
        """Find what will answer."""

    def carry_out(self, plan: Plan) -> Reply:
        """Answer as planned."""

    def body_limit(self, request: Request) -> int:
        """How many bytes a request's body may have."""

    def too_large(self, plan: Plan) -> Reply:
        """Refuse a request whose body has more."""


def look_up(host: str) -> None:
    """Every host is the mocks', but for those of which the net has none (RFC 2606): a fault redirects to one."""
    if host.lower().endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@dataclass(frozen=True)
class Pause:
    """Nothing comes for that long; None is for ever."""

    seconds: float | None


@dataclass(frozen=True)
class Ended:
    """The server ends the connection; *error* is what the client's reads raise then, None at a plain end."""

    error: OSError | None = None


Event = bytes | Pause | Ended


class Line:
    """One connection to the mocks, from the client's side."""

    def __init__(self, switch: Switch, scheme: str) -> None:
        self.ended = False
        self.elapsed_s = 0.0  # what the pauses of the present answer would have taken
        self._switch = switch
        self._reader = RequestReader(scheme)
        self._plan: Plan | None = None
        self._events: Iterator[Event] = iter(())
        self._next: Event | None = None
        self._held = b""

    def send(self, data: bytes) -> None:
        """Take bytes of a request; a whole one waits to be answered by `answer` or the next read."""
        if self.ended:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        reader = self._reader
        reader.feed(data)
        if reader.broken:
            self._events = iter((_plain(*reader.broken), Ended()))
        elif reader.complete is not None:
            self._plan = self._switch.plan(reader.complete)
            reader.complete = None
        elif reader.continues:
            reader.continues = False
            self._events = iter((b"HTTP/1.1 100 Continue\r\n\r\n",))

    @property
    def heavy(self) -> bool:
        """Whether `answer` may take long, and is better called in a thread."""
        return self._plan is not None and self._plan.heavy

    def answer(self) -> None:
        """Answer the request that was sent, if it was not yet."""
        plan, self._plan = self._plan, None
        if plan is None:
            return
        request = plan.request
        fits = self._reader.size <= self._switch.body_limit(request)
        reply = self._switch.carry_out(plan) if fits else self._switch.too_large(plan)
        self.elapsed_s = 0.0
        if not isinstance(request.body, bytes):
            request.body.close()
        closes = reply.headers.get("Connection", "").lower() == "close"
        self._events = _events(reply, request.method, self._reader.keep_alive and not closes)

    def event(self) -> Event | None:
        """The next thing that happens, or None when nothing does before the client sends more."""
        self.answer()
        found = self._next or next(self._events, None)
        self._next = None
        if isinstance(found, Ended):
            self.ended, self._next = True, found
        return found

    def read(self, number: int, timeout_s: float | None) -> bytes:
        """Up to *number* bytes, nothing at the end; raises as a socket does. `WouldHang` where none would ever come."""
        while not self._held:
            match self.event():
                case bytes(data):
                    self._held = data
                case Ended(error):
                    if error is not None:
                        raise error
                    return b""
                case Pause(seconds):
                    self._wait(seconds, timeout_s)
                case _:
                    self._wait(None, timeout_s)
        data, self._held = self._held[:number], self._held[number:]
        return data

    def _wait(self, seconds: float | None, timeout_s: float | None) -> None:
        if seconds is not None and (timeout_s is None or seconds < timeout_s):
            self.elapsed_s += seconds
            return
        if timeout_s is None:
            raise WouldHang
        self.elapsed_s += timeout_s
        self._next = Pause(None if seconds is None else seconds - timeout_s)
        raise TimeoutError("timed out")


def _plain(status: int, text: bytes) -> bytes:
    head = b"HTTP/1.1 %d \r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n" % status
    return head + b"content-length: %d\r\n\r\n" % len(text) + text


def _events(reply: Reply, method: str, keep_alive: bool) -> Iterator[Event]:
    """Everything a server with a socket would do to send *reply*."""
    wire = reply.wire or Wire()
    if wire.delay_s != 0:
        yield Pause(wire.delay_s)
    if wire.delay_s is None or wire.stop_at == -1:
        yield from _end(wire)
        return
    head, chunked = _head(reply, method, keep_alive)
    yield head
    left = wire.stop_at
    for chunk in _chunks(reply, method):
        piece = chunk if left is None else chunk[:left]
        yield from _drip(piece, wire.bytes_per_s, chunked)
        if left is not None and (left := left - len(piece)) <= 0:
            yield from _end(wire)
            return
    if chunked:
        yield b"0\r\n\r\n"
    if not keep_alive:
        yield Ended()


def _chunks(reply: Reply, method: str) -> Iterator[bytes]:
    return iter((b"",)) if method == "HEAD" else reply.chunks()


def _head(reply: Reply, method: str, keep_alive: bool) -> tuple[bytes, bool]:
    """Status line and headers, and whether the body is sent in chunks: exactly as the server with a socket does it."""
    status = reply.status or 0
    names = {name.lower() for name in reply.headers}
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    lines += [f"{name.lower()}: {value}" for name, value in reply.headers.items()]
    if not keep_alive and "connection" not in names:
        lines.append("connection: close")
    chunked = "content-length" not in names and method != "HEAD" and status not in (204, 304)
    if chunked and "transfer-encoding" not in names:
        lines.append("transfer-encoding: chunked")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), chunked


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _drip(piece: bytes, bytes_per_s: int | None, chunked: bool) -> Iterator[Event]:
    """A piece at a pace, ten times a second."""
    step = max(1, bytes_per_s // 10) if bytes_per_s else max(1, len(piece))
    for at in range(0, len(piece), step):
        part = piece[at : at + step]
        yield b"%x\r\n%b\r\n" % (len(part), part) if chunked else part
        if bytes_per_s:
            yield Pause(step / bytes_per_s)


def _end(wire: Wire) -> Iterator[Event]:
    if wire.ending == "stall":
        yield Pause(wire.stall_s)
    if wire.ending == "reset":
        yield Ended(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
    else:
        yield Ended()
