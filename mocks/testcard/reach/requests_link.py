"""requests and urllib3 over a line that is only memory.

Only connecting is replaced: pools, redirects, cookies, decoding and exceptions are the libraries' own.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError

from testcard.reach.line import Line, Switch, look_up
from testcard.reach.line_socket import LineSocket

__all__ = ["SwitchAdapter", "is_line_pool", "open_pool", "requests_session"]


def _read_timeout(timeout: Any) -> float | None:
    return timeout if isinstance(timeout, int | float) else None


def _resolve(connection: HTTPConnection) -> None:
    try:
        look_up(connection.host)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error


def _connections(switch: Switch) -> tuple[type[HTTPConnection], type[HTTPSConnection]]:
    """urllib3's connection classes, connecting to *switch*."""

    class LineConnection(HTTPConnection):
        def connect(self) -> None:
            _resolve(self)
            self.sock: Any = LineSocket(Line(switch, "http"), _read_timeout(self.timeout))

        @property
        def is_connected(self) -> bool:
            return isinstance(self.sock, LineSocket) and not self.sock.line.ended

    class SecureLineConnection(HTTPSConnection):
        def connect(self) -> None:
            _resolve(self)
            self.sock: Any = LineSocket(Line(switch, "https"), _read_timeout(self.timeout))
            self.is_verified = True

        @property
        def is_connected(self) -> bool:
            return isinstance(self.sock, LineSocket) and not self.sock.line.ended

    return LineConnection, SecureLineConnection


class _LinePool:
    """Marks the pools whose connections are lines."""


def is_line_pool(pool: object) -> bool:
    """Whether a pool's connections are lines already."""
    return isinstance(pool, _LinePool)


def _pools(switch: Switch) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pool classes by scheme, whose connections lead to *switch*."""
    plain, secure = _connections(switch)
    http = type("LinePool", (_LinePool, HTTPConnectionPool), {"ConnectionCls": plain})
    https = type("SecureLinePool", (_LinePool, HTTPSConnectionPool), {"ConnectionCls": secure})
    return {"http": http, "https": https}


def open_pool(switch: Switch, scheme: str, host: str, port: int | None, like: HTTPConnectionPool) -> HTTPConnectionPool:
    """A pool of lines to one host, with the settings of another pool."""
    return _pools(switch)[scheme](
        host, port, timeout=like.timeout, retries=like.retries, headers=like.headers, maxsize=8
    )


class SwitchAdapter(HTTPAdapter):
    """A transport of requests that leads to the mocks: ``session.mount("https://", SwitchAdapter(…))``."""

    def __init__(self, switch: Switch, **options: Any) -> None:
        self._switch = switch
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make pools of lines."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._switch)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send without a proxy and without certificates, whatever the environment says."""
        return super().send(request, stream, timeout, verify=False, cert=None, proxies=None)


def requests_session(switch: Switch, **options: Any) -> requests.Session:
    """A session whose every request goes to the mocks."""
    session = requests.Session()
    adapter = SwitchAdapter(switch, **options)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
