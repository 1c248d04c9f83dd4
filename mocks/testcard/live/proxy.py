"""A proxy that judges both sides and changes nothing.

What the client sends goes to the upstream as it is, and what comes back is passed on while it comes, whatever its
status. A copy is judged afterwards: requests by the contract's parameters and bodies, answers by its schemas. No answer
is ever made up: where there is none, the connection is closed, or 502 says so with a header of our own.
"""

from __future__ import annotations

import http.client
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from io import BufferedIOBase
from urllib.parse import urlsplit

from testcard.errors import NotReady, UserError
from testcard.live.judging import Finding
from testcard.live.traffic import Judge
from testcard.world.journal import Entry, Journal

__all__ = ["Proxy"]

# These are about one connection, not about the message (RFC 9110, 7.6.1); Host names the upstream.
_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "host",
})  # fmt: skip
_KEPT = 16 * 1024 * 1024
_PIECE = 64 * 1024
_TIMEOUT_S = 120


@dataclass
class Proxy:
    """Serves on 127.0.0.1 while in use; *said* gets every entry of the journal with what was found."""

    upstream: str
    judge: Judge
    port: int = 0
    ca_file: str | None = None
    said: Callable[[Entry, list[Finding]], None] = lambda *_: None
    journal: Journal = field(default_factory=lambda: Journal(body=_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        parts = urlsplit(self.upstream)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise UserError(f"--upstream {self.upstream!r}: expected scheme and host, for example https://api.example")
        self._parts = parts
        self._context = ssl.create_default_context(cafile=self.ca_file) if parts.scheme == "https" else None

    def open(self) -> http.server.ThreadingHTTPServer:
        """The server, not yet serving. `NotReady` for a busy port."""
        handler = type("Handler", (_Handler,), {"proxy": self})
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        except OSError as error:
            raise NotReady(f"--port {self.port}: {error.strerror}") from None
        server.daemon_threads = True
        return server

    def connect(self) -> http.client.HTTPConnection:
        """A new connection to the upstream."""
        host, port = self._parts.hostname or "", self._parts.port
        if self._context:
            return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)

    @property
    def host(self) -> str:
        """What the Host header is to be."""
        return self._parts.netloc.rpartition("@")[2]

    def arrived(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Entry:
        """Write a request down."""
        return self.journal.arrive(datetime.now(UTC), method, target, headers, body)

    def done(self, entry: Entry, status: int, headers: Mapping[str, str], body: bytes, *, whole: bool) -> None:
        """Write down the answer, and judge both sides."""
        with self._lock:
            self.journal.complete(entry, status, headers, body)
            findings = self.judge.exchange(entry, headers, body if whole else None)
            self.said(entry, findings)


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection of the client."""

    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = b"".join(_body(self.rfile, self.headers))
        headers = {name.lower(): value for name, value in self.headers.items()}
        entry = self.proxy.arrived(self.command, self.path, headers, body)
        upstream = self.proxy.connect()
        try:
            self._send_upstream(upstream, body)
            answer = upstream.getresponse()
        except (OSError, http.client.HTTPException) as error:
            upstream.close()
            self._no_answer(entry, error)
            return
        try:
            self._send_back(entry, answer)
        finally:
            upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815 - http.server's names

    def _send_upstream(self, upstream: http.client.HTTPConnection, body: bytes) -> None:
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        upstream.putheader("Host", self.proxy.host)
        length = False
        for name, value in self.headers.items():
            if name.lower() not in _HOP and not (
                name.lower() == "content-length" and "Transfer-Encoding" in self.headers
            ):
                upstream.putheader(name, value)
                length = length or name.lower() == "content-length"
        if body and not length:
            upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body or None)

    def _send_back(self, entry: Entry, answer: http.client.HTTPResponse) -> None:
        """Pass status, headers and body on piece by piece, and keep a copy."""
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        chunked = answer.getheader("Content-Length") is None and not bodiless
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        kept, whole = self._copy(answer, chunked=chunked)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        self.proxy.done(entry, answer.status, headers, kept, whole=whole)

    def _copy(self, answer: http.client.HTTPResponse, *, chunked: bool) -> tuple[bytes, bool]:
        """Pass the body on; the copy, and whether it is all of it. A body cut short is passed on cut short."""
        kept, whole = bytearray(), True
        try:
            while piece := answer.read1(_PIECE):
                whole = whole and len(kept) + len(piece) <= _KEPT
                kept += piece if whole else b""
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                self.wfile.flush()
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
            elif answer.length:
                raise http.client.IncompleteRead(bytes(kept))
        except (OSError, http.client.HTTPException):
            whole, self.close_connection = False, True
        return bytes(kept), whole

    def _no_answer(self, entry: Entry, error: Exception) -> None:
        self.send_response_only(502, "Bad Gateway")
        self.send_header("X-Testcard-Proxy", f"no answer: {type(error).__name__}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        entry.notes += (f"the upstream gave no answer: {type(error).__name__}",)
        self.proxy.done(entry, 502, {}, b"", whole=False)

    def log_message(self, *_: object) -> None:
        """The journal says it."""


def _body(file: BufferedIOBase, headers: Message) -> Iterator[bytes]:
    """The client's body, whichever way it is framed."""
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        while size := int(file.readline(100).split(b";")[0], 16):
            yield file.read(size)
            file.readline(100)
        while file.readline(1000).strip():
            pass
    else:
        yield file.read(int(headers.get("Content-Length") or 0))
