"""Run a switchboard on a real socket, until told to stop.

uvicorn with httptools was chosen by measurement: with light answers made on its event loop it serves three times what
a threaded WSGI server does, a stalled answer costs no thread, and its protocol object owns the transport, so that
faults can break a socket truly. Stopping closes idle connections at once and lets answers under way finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator

import uvicorn

from testcard.errors import NotReady
from testcard.server.asgi import AsgiFace
from testcard.server.direct import DirectConnection
from testcard.server.switchboard import Switchboard

__all__ = ["Serving"]

_GRACE_S = 30.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Serving:
    """A server with its socket already bound, so that its port is known before it runs.

    A connection on which nothing comes for *idle_s* seconds is closed. Raises `NotReady` when the port is taken.
    """

    def __init__(self, switchboard: Switchboard, *, host: str, port: int, idle_s: float = 75) -> None:
        self._switchboard = switchboard
        self._socket = _bind(host, port)
        bound_host, self.port = self._socket.getsockname()[:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        self.url = f"http://{shown}:{self.port}"
        config = uvicorn.Config(
            AsgiFace(switchboard),
            http=DirectConnection,
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=idle_s,  # type: ignore[arg-type]  # it is a delay, and may be a fraction
            backlog=2048,
        )
        self._server = _Server(config)

    def run(self, announce: Callable[[], None] = lambda: None) -> None:
        """Serve until stopped by a signal or by `stop`; *announce* is called once both would work."""
        self._server.announce = announce
        try:
            asyncio.run(self._server.serve([self._socket]))
        finally:
            self._socket.close()
            self._switchboard.worlds.close()

    def stop(self) -> None:
        """Stop from another thread."""
        self._server.ask_to_stop()

    def wait_until_ready(self, seconds: float) -> str:
        """Wait until requests are answered, and return the address."""
        if not self._server.ready.wait(seconds):
            raise NotReady(f"{self.url}: the server did not come up within {seconds} s")
        return self.url


class _Server(uvicorn.Server):
    """uvicorn's server without its polling: it stops when asked, not at the next tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.announce: Callable[[], None] = lambda: None
        self._asked = asyncio.Event()
        self._running: asyncio.AbstractEventLoop | None = None

    def ask_to_stop(self) -> None:
        """Stop; safe from any thread, before the start too."""
        self.should_exit = True
        if self._running is not None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended just now
                self._running.call_soon_threadsafe(self._asked.set)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop cleanly on SIGTERM and SIGINT, with exit code 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, lambda *_: self.ask_to_stop()) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def main_loop(self) -> None:
        """Serve until asked to stop."""
        self._running = asyncio.get_running_loop()
        self.ready.set()
        self.announce()
        if not self.should_exit:
            await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, and wait for the answers under way."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        loop = asyncio.get_running_loop()
        end = loop.time() + _GRACE_S
        while (self.server_state.tasks or self.server_state.connections) and loop.time() < end:
            await asyncio.sleep(0.002)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise NotReady(
            f"{host}:{port}: {error.strerror}; another server may run there: stop it, or choose another port with"
            " --port N (0 takes any free one)"
        ) from None
    return listening
