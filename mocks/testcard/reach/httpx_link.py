"""httpx over a line that is only memory.

httpcore takes a network backend; connections, streaming, decoding and exceptions stay the library's own. Imported
only by those who have httpx.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
import httpcore
import httpx

from testcard.reach.line import Line, Switch, look_up

__all__ = ["AsyncSwitchTransport", "SwitchTransport"]


@contextmanager
def _as_httpcore(timeout_error: type[Exception], other_error: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise timeout_error(*error.args) from error
    except OSError as error:
        raise other_error(*error.args) from error


class _Stream(httpcore.NetworkStream):
    def __init__(self, switch: Switch, scheme: str) -> None:
        self._switch = switch
        self._line = Line(switch, scheme)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _as_httpcore(httpcore.ReadTimeout, httpcore.ReadError):
            return self._line.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _as_httpcore(httpcore.WriteTimeout, httpcore.WriteError):
            self._line.send(buffer)

    def close(self) -> None:
        self._line.ended = True

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._switch, "https")

    def get_extra_info(self, info: str) -> Any:
        """Whether a pooled line has ended is asked as whether it can be read."""
        return self._line.ended if info == "is_readable" else None


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, switch: Switch, scheme: str) -> None:
        self._switch = switch
        self._line = Line(switch, scheme)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._line.heavy:
            await anyio.to_thread.run_sync(self._line.answer)
        with _as_httpcore(httpcore.ReadTimeout, httpcore.ReadError):
            return self._line.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _as_httpcore(httpcore.WriteTimeout, httpcore.WriteError):
            self._line.send(buffer)

    async def aclose(self) -> None:
        self._line.ended = True

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(self._switch, "https")

    def get_extra_info(self, info: str) -> Any:
        return self._line.ended if info == "is_readable" else None


class _Backend(httpcore.NetworkBackend):
    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
            look_up(host)
        return _Stream(self._switch, "http")


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
            look_up(host)
        return _AsyncStream(self._switch, "http")


def _no_tls() -> ssl.SSLContext:
    """A context that is never used: the default one reads all the authorities of the machine."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class SwitchTransport(httpx.HTTPTransport):
    """A transport of httpx whose every request goes to the mocks: ``httpx.Client(transport=SwitchTransport(…))``."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(verify=_no_tls())
        self._pool = httpcore.ConnectionPool(ssl_context=_no_tls(), network_backend=_Backend(switch))


class AsyncSwitchTransport(httpx.AsyncHTTPTransport):
    """The same for ``httpx.AsyncClient``."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(verify=_no_tls())
        self._pool = httpcore.AsyncConnectionPool(ssl_context=_no_tls(), network_backend=_AsyncBackend(switch))
