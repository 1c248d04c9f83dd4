"""Loaded by Python before a command's own code: connections to the web meet the gate of `testcard run`.

For libraries that ask no environment for a proxy (aiohttp and urllib3 by default, `http.client`). TLS still checks the
name that was asked for. Imports nothing of testcard: the command may run in another environment.
"""

from __future__ import annotations

import fnmatch
import importlib
import os
import re
import socket
import sys
from typing import Any

_LOCAL = re.compile(r"(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|0\.0\.0\.0)$", re.IGNORECASE)
_WEB = {80: 80, 443: 443, "80": 80, "443": 443, "http": 80, "https": 443}


def _redirect(port: int, allowed: list[str]) -> None:
    plug: Any = socket.socket
    resolve, connect, connect_ex = socket.getaddrinfo, plug.connect, plug.connect_ex

    def is_web(host: Any, service: Any) -> bool:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if not isinstance(name, str) or not name or service not in _WEB or _LOCAL.match(name):
            return False
        return not any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in allowed)

    def getaddrinfo(host: Any, service: Any, *args: Any, **options: Any) -> Any:
        if is_web(host, service):
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]
        return resolve(host, service, *args, **options)

    def gate(sock: socket.socket, address: Any) -> Any:
        if sock.family == socket.AF_INET and isinstance(address, tuple) and is_web(*address[:2]):
            return ("127.0.0.1", port)
        return address

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]
    plug.connect = lambda self, address: connect(self, gate(self, address))
    plug.connect_ex = lambda self, address: connect_ex(self, gate(self, address))


def _load_the_next_one() -> None:
    """Let the machine's own ``sitecustomize`` run, which this file stands before."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as little as can be is imported here
    kept = sys.path[:]
    sys.path[:] = [path for path in kept if os.path.abspath(path) != here]  # noqa: PTH100
    mine = sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        if mine is not None:
            sys.modules["sitecustomize"] = mine


if os.environ.get("TESTCARD_REACH_PORT"):
    _redirect(
        int(os.environ["TESTCARD_REACH_PORT"]),
        [host.lower() for host in os.environ.get("TESTCARD_REACH_ALLOW", "").split(",") if host],
    )
_load_the_next_one()
