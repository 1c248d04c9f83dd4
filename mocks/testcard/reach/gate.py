"""The one port that a command's traffic meets: a proxy, the documented hosts behind TLS, and the mocks themselves.

What a connection is shows in its first bytes: ``CONNECT`` opens a tunnel, a TLS greeting names the host it is for, and
anything else is plain HTTP, to a proxy or to us. From there on the server's own protocol answers, so that faults
misbehave truly. Whatever is neither documented nor allowed is refused and counted; nothing of it leaves.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.server import ServerState

from testcard.reach.authority import Authority
from testcard.reach.hosts import Hosts
from testcard.reach.peeking import Head, peek, read_head
from testcard.reach.tunnel import relay
from testcard.server.asgi import AsgiFace, Receive, Scope, Send
from testcard.server.protocol import Connection
from testcard.server.switchboard import Switchboard

__all__ = ["Gate"]

_TLS_HANDSHAKE = 0x16  # the first byte of a TLS connection (RFC 8446, 5.1)
_HANDSHAKE_S = 30.0


class Gate:
    """Listens on a free port of 127.0.0.1. *refused* counts requests by host; *say* is told what goes wrong."""

    def __init__(
        self, switchboard: Switchboard, hosts: Hosts, authority: Authority, say: Callable[[str], None]
    ) -> None:
        self.refused: Counter[str] = Counter()
        self.answered = 0
        self._hosts = hosts
        self._authority = authority
        self._say = say
        self._face = AsgiFace(switchboard)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = _config(self._guard)
        self._state = ServerState()
        self._tasks: set[asyncio.Task[None]] = set()
        self._distrusted: set[str] = set()

    async def run(self) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(self._listening)
                except OSError:  # the client is gone already, or there are no more files to open just now
                    await asyncio.sleep(0.01)
                    continue
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                task = loop.create_task(self._take(connection))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._listening.close()
            for task in self._tasks:
                task.cancel()
            for protocol in list(self._state.connections):
                protocol.transport.abort()

    async def _take(self, connection: socket.socket) -> None:
        try:
            await self._look(connection, "")
        except (OSError, ValueError, asyncio.CancelledError):  # gone, no address, or the end of the run
            connection.close()

    async def _look(self, connection: socket.socket, tunnel_host: str) -> None:
        """See what a connection begins with, and hand it on."""
        start = await peek(connection, 1)
        if start[:1] == bytes((_TLS_HANDSHAKE,)):
            await self._serve(connection, self._authority.context(tunnel_host or "localhost"), tunnel_host)
            return
        head = await read_head(connection) if start else None
        if head is None:
            connection.close()
        elif head.method == "CONNECT" and not tunnel_host:
            await self._open_tunnel(connection, head)
        elif head.absolute and self._passed(head.target):
            await self._forward(connection, head)
        else:
            await self._serve(connection, None, tunnel_host)

    def _passed(self, target: str) -> bool:
        """Whether a proxy's request is for a host that is left alone, and not for this very port."""
        parts = urlsplit(target)
        return self._hosts.passed(parts.hostname or "") and parts.port != self.port

    async def _open_tunnel(self, connection: socket.socket, head: Head) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_recv(connection, head.size)
        parts = urlsplit(f"//{head.target}")
        host, port = parts.hostname or "", parts.port or 443
        if self._hosts.mocked(host):
            await loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._look(connection, host)
        elif self._hosts.passed(host):
            await relay(connection, host, port, greeting=b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            text = f"{self._refuse(host)}\n".encode()
            reason = f"testcard run refuses {host}: neither documented nor allowed".encode("ascii", "replace")
            lines = b"HTTP/1.1 502 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
            await loop.sock_sendall(connection, lines % (reason, len(text), text))
            connection.close()

    async def _forward(self, connection: socket.socket, head: Head) -> None:
        """Pass on one plain request that a proxy was given, to a host that is left alone."""
        await asyncio.get_running_loop().sock_recv(connection, head.size)
        parts = urlsplit(head.target)
        await relay(connection, parts.hostname or "", parts.port or 80, first=head.for_origin())

    async def _serve(self, connection: socket.socket, context: ssl.SSLContext | None, host: str) -> None:
        """Let the server's own protocol answer what comes along a connection, perhaps after a TLS handshake."""
        protocol = _GateConnection(self._config, self._state, {})
        protocol.told = lambda error: self._untrusted(host, error)
        loop = asyncio.get_running_loop()
        try:
            timeout = {"ssl_handshake_timeout": _HANDSHAKE_S} if context else {}
            await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context, **timeout)
        except ssl.SSLError as error:
            self._untrusted(host, error)

    def _untrusted(self, host: str, error: ssl.SSLError) -> None:
        """A client that does not trust the run's authority sends an alert, and cannot be answered."""
        name = host or "a client"
        if name not in self._distrusted and "ALERT" in (error.reason or ""):
            self._distrusted.add(name)
            self._say(
                f"{name}: the client broke off the TLS handshake ({error.reason}); if it does not trust the"
                " run's certificate, point it at the file that $SSL_CERT_FILE names"
            )

    def _refuse(self, host: str) -> str:
        self.refused[host] += 1
        refusal = str(self._hosts.refusal(host))
        if self.refused[host] == 1:
            self._say(refusal)
        return refusal

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the documented hosts, and for our own address; refuse all others."""
        receive, send = _patient(receive, send)
        host, port = _address(scope)
        if self._hosts.mocked(host):
            self.answered += 1
            await self._face(scope, receive, _closing(send) if scope["scheme"] == "http" else send)
        elif host in ("127.0.0.1", "localhost") and port == self.port:
            await self._face(scope, receive, send)
        else:
            text = f"{self._refuse(host)}\n".encode()
            headers = [
                (b"content-type", b"text/plain"),
                (b"content-length", b"%d" % len(text)),
                (b"connection", b"close"),
            ]
            await send({"type": "http.response.start", "status": 502, "headers": headers})
            await send({"type": "http.response.body", "body": text})


class _GateConnection(Connection):
    """The server's connection, which also tells when TLS broke."""

    told: Callable[[ssl.SSLError], None]

    def connection_lost(self, exc: Exception | None) -> None:
        """Under TLS 1.3 a client's distrust arrives after the handshake."""
        if isinstance(exc, ssl.SSLError):
            self.told(exc)
        super().connection_lost(exc)


def _config(app: Any) -> uvicorn.Config:
    config = uvicorn.Config(
        app, http=Connection, ws="none", loop="asyncio", lifespan="off", interface="asgi3", access_log=False,
        log_config=None, date_header=False, server_header=False, proxy_headers=False, timeout_keep_alive=75,
    )  # fmt: skip
    config.load()
    return config


def _address(scope: Scope) -> tuple[str, int | None]:
    """The host a request is for, and the port where one is named."""
    value = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    try:
        parts = urlsplit(f"//{value}")
        return parts.hostname or "", parts.port
    except ValueError:
        return value, None


def _patient(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Take the whole request before an early answer: under TLS, a client that is still sending would never see it."""
    more = True

    async def receiving() -> Any:
        nonlocal more
        message = await receive()
        more = bool(message.get("more_body"))
        return message

    async def sending(message: Any) -> None:
        while more and message["type"] == "http.response.start":
            await receiving()
        await send(message)

    return receiving, sending


def _closing(send: Send) -> Send:
    """End the connection with this answer: a proxy's next plain request may be for another host."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return sending
