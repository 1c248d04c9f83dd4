"""Where a client library sends a request, ask first who answers it; and put it all back.

One class attribute is replaced per library, so it does not matter how a program imported its names, nor whether a
session is older than the interception. Each pool, transport or connector gets a twin without a socket for as long as
the interception lasts, so no connection of one kind is ever reused as one of the other.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from testcard.reach.line import Line, Switch

__all__ = ["Patching"]


class Answering(Switch, Protocol):
    """What a library's requests are taken to."""

    twins: WeakKeyDictionary[object, Any]

    def answers(self, host: str) -> bool:
        """Whether it answers for a host; raises for one that nobody may ask."""


Who = Callable[[], Answering | None]


class Patching:
    """Patches what is imported already, and the rest when it is imported."""

    def __init__(self, who: Who) -> None:
        self._who = who
        self._undo: list[tuple[type, str, Any]] = []
        self._finder = _Finder(self._patch)

    def begin(self) -> None:
        """Patch every library that is there."""
        sys.meta_path.insert(0, self._finder)
        for name in _PATCHES:
            module = sys.modules.get(name)
            if module is not None and not _importing(module):
                self._patch(name, module)

    def end(self) -> None:
        """Put back what was there before."""
        sys.meta_path.remove(self._finder)
        while self._undo:
            owner, name, before = self._undo.pop()
            setattr(owner, name, before)

    def _patch(self, library: str, module: ModuleType) -> None:
        for class_name, name, patch in _PATCHES[library]:
            owner = getattr(module, class_name)
            before = getattr(owner, name)
            self._undo.append((owner, name, before))
            setattr(owner, name, patch(before, self._who))


def _importing(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))


class _Finder(importlib.abc.MetaPathFinder):
    """Notices when a library is imported, and lets the ordinary finders find it."""

    def __init__(self, notify: Callable[[str, ModuleType], None]) -> None:
        self._notify = notify

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _PATCHES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None) if finder is not self else None
            spec: importlib.machinery.ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, lambda module: self._notify(name, module))
                return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads as another loader does, and then says so."""

    def __init__(self, loader: Any, then: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then(module)


def _twin(answering: Answering, original: object, make: Callable[[Switch], Any]) -> Any:
    """What stands in for a pool, transport or connector; made at its first use."""
    twin = answering.twins.get(original)
    if twin is None:
        answering.twins[original] = twin = make(answering)
    return twin


def _patch_urlopen(before: Any, who: Who) -> Any:
    """urllib3, and requests on top of it."""

    def urlopen(pool: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        from testcard.reach.requests_link import is_line_pool, open_pool

        answering = who()
        if answering is None or is_line_pool(pool):
            return before(pool, method, url, *args, **options)
        parts = urlsplit(url)  # absolute where a proxy would forward it
        host = parts.hostname or pool.host
        if not answering.answers(host):
            return before(pool, method, url, *args, **options)
        key = (parts.scheme or pool.scheme, host, parts.port or pool.port)
        twins = _twin(answering, pool, lambda _switch: {})
        if key not in twins:
            twins[key] = open_pool(answering, *key, like=pool)
        path = parts._replace(scheme="", netloc="").geturl() if parts.netloc else url
        return twins[key].urlopen(method, path, *args, **options)

    return urlopen


def _patch_handle_request(before: Any, who: Who) -> Any:
    """httpx."""

    def handle_request(transport: Any, request: Any) -> Any:
        from testcard.reach.httpx_link import SwitchTransport

        answering = who()
        if answering is None or isinstance(transport, SwitchTransport) or not answering.answers(request.url.host):
            return before(transport, request)
        return _twin(answering, transport, SwitchTransport).handle_request(request)

    return handle_request


def _patch_handle_async_request(before: Any, who: Who) -> Any:
    """httpx, asynchronously."""

    async def handle_async_request(transport: Any, request: Any) -> Any:
        from testcard.reach.httpx_link import AsyncSwitchTransport

        answering = who()
        if answering is None or isinstance(transport, AsyncSwitchTransport) or not answering.answers(request.url.host):
            return await before(transport, request)
        return await _twin(answering, transport, AsyncSwitchTransport).handle_async_request(request)

    return handle_async_request


def _patch_connect(before: Any, who: Who) -> Any:
    """aiohttp."""

    async def connect(connector: Any, req: Any, *args: Any, **options: Any) -> Any:
        from testcard.reach.aiohttp_link import SwitchConnector

        answering = who()
        if answering is None or isinstance(connector, SwitchConnector) or not answering.answers(req.url.host):
            return await before(connector, req, *args, **options)
        twin = _twin(answering, connector, lambda switch: SwitchConnector(switch, force_close=True))
        return await twin.connect(req, *args, **options)

    return connect


def _patch_open(before: Any, who: Who) -> Any:
    """`http.client`, and urllib on top of it."""

    def connect(connection: Any) -> Any:
        from http.client import HTTPSConnection

        from testcard.reach.line_socket import LineSocket

        answering = who()
        if answering is None or not answering.answers(connection._tunnel_host or connection.host):  # noqa: SLF001
            return before(connection)
        scheme = "https" if isinstance(connection, HTTPSConnection) else "http"
        timeout_s = connection.timeout if isinstance(connection.timeout, int | float) else socket.getdefaulttimeout()
        connection.sock = LineSocket(Line(answering, scheme), timeout_s)
        return None

    return connect


_PATCHES: Mapping[str, Sequence[tuple[str, str, Callable[[Any, Who], Any]]]] = {
    "http.client": [("HTTPConnection", "connect", _patch_open), ("HTTPSConnection", "connect", _patch_open)],
    "urllib3": [("HTTPConnectionPool", "urlopen", _patch_urlopen)],
    "httpx": [
        ("HTTPTransport", "handle_request", _patch_handle_request),
        ("AsyncHTTPTransport", "handle_async_request", _patch_handle_async_request),
    ],
    "aiohttp": [("BaseConnector", "connect", _patch_connect)],
}
