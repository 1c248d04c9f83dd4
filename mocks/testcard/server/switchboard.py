"""Which API, which world: from any request to the exchange that answers it.

The API is found by the documented host or by the first segment of the path; the world by a leading ``/~name``, by a
credential the request carries, or it is ``default``. Knows no vendor: the table of APIs does.
"""

from __future__ import annotations

import gzip
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import orjson

from testcard.contract import documented_servers
from testcard.exchange import NOTHING, Address, Call, Exchange, Reply, Request, Route
from testcard.world.world import World
from testcard.world.worlds import NoSuchWorld, Worlds

__all__ = ["Plan", "Switchboard"]

_log = logging.getLogger("testcard.switchboard")
_LOCAL = re.compile(r"(localhost|\[?[0-9a-f:.]+\]?)(:\d+)?", re.IGNORECASE)
_COMPRESSIBLE = re.compile(r"application/(json|xml)|text/|application/.*\+json|application/vnd\.apple")
_GZIP_FROM = 860  # bytes; below that a packed answer is hardly smaller, and costs time


@dataclass
class Plan:
    """A request with the way it will be answered; *heavy* answers belong in a thread."""

    request: Request
    exchange: Exchange | None = None
    route: Route | None = None
    world: World | None = None
    address: Address | None = None
    reply: Reply | None = None

    @property
    def heavy(self) -> bool:
        """Whether answering may take long."""
        return self.route is not None and self.route.heavy


class Switchboard:
    """All APIs of a server behind one address.

    *documented* ones are found by their documented hosts too, *own* ones by prefix alone. *open_api* binds one when it
    is first asked for.
    """

    def __init__(
        self, worlds: Worlds, documented: Sequence[str], own: Sequence[str], open_api: Callable[[str], Exchange]
    ) -> None:
        self.worlds = worlds
        self.names = (*documented, *own)
        self._documented = documented
        self._open_api = open_api
        self._lock = threading.RLock()
        self._exchanges: dict[str, Exchange] = {}
        self._hosts: list[tuple[re.Pattern[str], str]] | None = None

    def exchange(self, name: str) -> Exchange:
        """The exchange of an API, bound at its first use."""
        found = self._exchanges.get(name)
        if found is None:
            with self._lock:
                found = self._exchanges.setdefault(name, self._exchanges.get(name) or self._open_api(name))
        return found

    def answer(self, request: Request) -> Reply:
        """Answer a request: plan it and carry it out."""
        return self.carry_out(self.plan(request))

    def plan(self, request: Request) -> Plan:
        """Find API, world and operation; quick, and without side effects."""
        root = _root(request)
        name, hosted = self._by_host(request)
        if name is not None:
            return self._plan(request, name, Address(root, "", request.path, request.query, True, hosted), None)
        path, identity = request.path, None
        if path.startswith("/~"):
            identity, slash, rest = path[2:].partition("/")
            root, path = f"{root}/~{identity}", slash + rest or "/"
        mount = path[1:].partition("/")[0]
        if mount not in self.names:
            return Plan(request, reply=self._no_api(path, root))
        address = Address(root, f"/{mount}", path[len(mount) + 1 :] or "/", request.query)
        return self._plan(request, mount, address, identity)

    def carry_out(self, plan: Plan) -> Reply:
        """Answer as planned, with everything HTTP asks for beside the operation's own answer."""
        request, reply, notes = plan.request, plan.reply, []
        if _is_preflight(request):
            reply = _preflight(request)
        elif reply is None:
            reply, call = self._exchanged(plan)
            notes = call.notes
        return _dress(reply, request, notes, plan.world or self.worlds.default)

    def _exchanged(self, plan: Plan) -> tuple[Reply, Call]:
        if plan.exchange is None or plan.route is None or plan.world is None or plan.address is None:
            raise RuntimeError("a plan has a reply, or all of exchange, route, world and address")
        return plan.exchange.answer(plan.route, plan.request, plan.world, plan.address)

    def _plan(self, request: Request, name: str, address: Address, identity: str | None) -> Plan:
        exchange = self.exchange(name)
        try:
            world = self._world(exchange, request, identity)
        except NoSuchWorld as error:
            return Plan(request, reply=_problem(410 if error.evicted else 404, str(error)))
        return Plan(request, exchange, exchange.route(request.method, address.path, request.query), world, address)

    def _world(self, exchange: Exchange, request: Request, identity: str | None) -> World:
        if identity is not None:
            return self.worlds.get(identity)
        exchange.open(self.worlds.default)
        for secret in exchange.secrets(request):
            owner = self.worlds.owner(exchange.name, secret)
            if owner is not None:
                return self.worlds.get(owner.id)
        return self.worlds.default

    def _by_host(self, request: Request) -> tuple[str | None, Mapping[str, str]]:
        host = request.header("host").lower()
        if not host or _LOCAL.fullmatch(host):
            return None, {}
        bare = host.partition(":")[0]
        for pattern, name in self._documented_hosts():
            match = pattern.fullmatch(bare)
            if match:
                return name, match.groupdict()
        return None, {}

    def _documented_hosts(self) -> list[tuple[re.Pattern[str], str]]:
        if self._hosts is None:
            servers = (
                (server, name) for name in self._documented for server in documented_servers(name) if server.host
            )
            self._hosts = [(server.pattern, name) for server, name in dict.fromkeys(servers)]
        return self._hosts

    def _no_api(self, path: str, root: str) -> Reply:
        bases = {name: f"{root}/{name}" for name in self.names}
        if path == "/":
            return Reply.json({"testcard": "the mocks are running", "apis": bases}, 200)
        return _problem(404, f"nothing answers under {path}", apis=bases)


def _root(request: Request) -> str:
    """Scheme, host, port and proxy prefix as the caller sees them."""
    headers = request.headers
    if "x-forwarded-host" not in headers and "x-forwarded-proto" not in headers and "x-forwarded-prefix" not in headers:
        return f"{request.scheme}://{headers.get('host', 'localhost')}"
    scheme = _first(headers.get("x-forwarded-proto", request.scheme))
    host = _first(headers.get("x-forwarded-host", headers.get("host", "localhost")))
    port = _first(headers.get("x-forwarded-port", ""))
    if port and ":" not in host.rpartition("]")[2] and port != {"http": "80", "https": "443"}.get(scheme):
        host = f"{host}:{port}"
    prefix = _first(headers.get("x-forwarded-prefix", "")).strip("/")
    return f"{scheme}://{host}" + (f"/{prefix}" if prefix else "")


def _first(value: str) -> str:
    return value.partition(",")[0].strip()


def _problem(status: int, message: str, **more: Any) -> Reply:
    """Our own words, where no API is concerned."""
    return Reply(status, body=orjson.dumps({"error": message, **more}), media="application/json")


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _preflight(request: Request) -> Reply:
    """Browsers may do what any client may."""
    allowed = {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Max-Age": "600",
    }
    wanted = request.header("access-control-request-headers")
    return Reply(204, headers={**allowed, **({"Access-Control-Allow-Headers": wanted} if wanted else {})})


def _dress(reply: Reply, request: Request, notes: Sequence[str], world: World) -> Reply:
    headers = reply.headers
    if reply.media and "Content-Type" not in headers:
        headers["Content-Type"] = reply.media
    headers["Date"] = _http_date(int(world.now().timestamp()))
    if notes:
        headers["X-Testcard-Note"] = "; ".join(notes).encode("ascii", "backslashreplace").decode()
    if "origin" in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = ", ".join(["ETag", *headers])
    _pack(reply, request)
    if isinstance(reply.body, bytes) and reply.status not in (204, 304) and "Content-Length" not in headers:
        headers["Content-Length"] = str(len(reply.body))
    if request.method == "HEAD":
        reply.body = b""
    reply.data = NOTHING
    return reply


def _pack(reply: Reply, request: Request) -> None:
    """Compress when the caller asked for it and it pays; a part of a file is left as it is."""
    body = reply.body
    if not isinstance(body, bytes) or len(body) < _GZIP_FROM or reply.status == 206 or not reply.media:
        return
    if "Content-Encoding" in reply.headers or not _COMPRESSIBLE.match(reply.media):
        return
    reply.headers["Vary"] = "Accept-Encoding"
    if "gzip" in request.header("accept-encoding"):
        reply.body = gzip.compress(body, compresslevel=1, mtime=0)
        reply.headers["Content-Encoding"] = "gzip"


@lru_cache(maxsize=64)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
