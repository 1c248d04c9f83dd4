"""Which API, which world: from any request to the exchange that answers it.

The API is found by the documented host or by the first segment of the path; the world by a leading ``/~name``, by a
credential the request carries, or it is ``default``. Knows no vendor: the table of APIs does.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from testcard.contract import documented_servers
from testcard.errors import near_miss
from testcard.exchange import Address, Call, Exchange, Refused, Reply, Request, Route
from testcard.server.dressing import dress, is_preflight, preflight
from testcard.world.journal import Entry
from testcard.world.world import World
from testcard.world.worlds import NoSuchWorld, Worlds

__all__ = ["Plan", "Switchboard"]

_STORAGE = "storage"
_MAX_BODY = 16 * 1024 * 1024  # bytes of an ordinary request
_MAX_FILE = 5 * 1024**3  # bytes of a file: what S3 takes in one part
_FORWARDED = frozenset({"x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix", "x-forwarded-port"})
_LOCAL = re.compile(r"(localhost|\[?[0-9a-f:.]+\]?)(:\d+)?", re.IGNORECASE)


@dataclass
class Plan:
    """A request with the way it will be answered; *heavy* answers belong in a thread.

    A *reply* that is there already is our own: *explanation* says why no API answers. Where that is no fault of the
    caller's, nothing is written down.
    """

    request: Request
    exchange: Exchange | None = None
    route: Route | None = None
    world: World | None = None
    address: Address | None = None
    reply: Reply | None = None
    explanation: str = ""

    @property
    def unwritten(self) -> bool:
        """Whether it is about the server itself, and no exchange with a mock."""
        return self.reply is not None and not self.explanation

    @property
    def heavy(self) -> bool:
        """Whether answering may take long."""
        return self.route is not None and self.route.heavy


class Switchboard:
    """All APIs of a server behind one address.

    *documented* APIs are found by their documented hosts too, *own* ones by prefix alone; *open_api* binds one when it
    is first asked for. *home* is the API that answers without its prefix too, where there is one. *watchers* see every
    exchange as it arrives, and again once it is complete.
    """

    def __init__(
        self,
        worlds: Worlds,
        documented: Sequence[str],
        own: Sequence[str],
        open_api: Callable[[str], Exchange],
        *,
        home: str | None = None,
    ) -> None:
        self.worlds = worlds
        self.names = (*documented, *own)
        self.home = home
        self._documented = documented
        self._own = frozenset(own)
        self._open_api = open_api
        self._lock = threading.RLock()
        self._exchanges: dict[str, Exchange] = {}
        self._hosts: list[tuple[re.Pattern[str], str]] | None = None
        self.watchers: list[Callable[[World, Entry], None]] = []
        self.metrics: Callable[[], bytes] | None = None

    def exchange(self, name: str) -> Exchange:
        """The exchange of an API, bound at its first use."""
        found = self._exchanges.get(name)
        if found is None:
            with self._lock:
                found = self._exchanges.setdefault(name, self._exchanges.get(name) or self._open_api(name))
        return found

    def open(self, world: World) -> None:
        """Issue every API's first credentials in *world*: from now on they lead to it."""
        for name in self._documented:
            self.exchange(name).open(world)

    def body_limit(self, request: Request) -> int:
        """How many bytes a request's body may have: files go to storage and to the control interface."""
        path = request.path
        if path.startswith("/~"):
            path = "/" + path[2:].partition("/")[2]
        mount = path[1:].partition("/")[0]
        name = mount if mount in self.names else self._by_host(request)[0]
        return _MAX_FILE if name == _STORAGE or name in self._own else _MAX_BODY

    def too_large(self, plan: Plan) -> Reply:
        """Refuse a request whose body is over the limit, in its vendor's words."""
        message = f"the body is larger than {self.body_limit(plan.request)} bytes"
        if plan.route is None:
            plan.reply, plan.explanation = _own_words(413, error=message), message
        else:
            plan.route = Route(plan.route.api, refused=Refused(413, "body-too-large", message))
        reply = self.carry_out(plan)
        reply.headers["Connection"] = "close"
        return reply

    def answer(self, request: Request) -> Reply:
        """Answer a request: plan it and carry it out."""
        return self.carry_out(self.plan(request))

    def plan(self, request: Request) -> Plan:
        """Find API, world and operation; quick, and without side effects."""
        root, path, identity = _root(request), request.path, None
        if path.startswith("/~"):
            identity, slash, rest = path[2:].partition("/")
            root, path = f"{root}/~{identity}", slash + rest or "/"
        mount = path[1:].partition("/")[0]
        name, hosted = (None, {}) if mount in self._own else self._by_host(request)
        if name is not None:
            return self._plan(request, name, Address(root, "", path, request.query, True, hosted), identity)
        if mount not in self.names and self.home is not None and path != "/":
            return self._plan(request, self.home, Address(root, "", path, request.query), identity)
        if mount not in self.names:
            return self._no_api(request, path, root, identity)
        if mount in self._own:
            root = _root(request)  # it speaks of all worlds, whichever it was reached through
        address = Address(root, f"/{mount}", path[len(mount) + 1 :] or "/", request.query)
        return self._plan(request, mount, address, identity)

    def carry_out(self, plan: Plan) -> Reply:
        """Answer as planned, with everything HTTP asks for beside the operation's own answer."""
        request, world = plan.request, plan.world or self.worlds.default
        if plan.unwritten or (plan.exchange is not None and plan.exchange.name in self._own):
            reply, call = self._replied(plan)
            return dress(reply, request, call.notes if call else (), world)
        entry = self._written_down(request, world)
        reply, call = self._replied(plan)
        size, beginning = reply.size, reply.beginning(world.journal.body_limit)
        dress(reply, request, call.notes if call else (), world)
        _judge(entry, plan, reply, call)
        world.journal.complete(entry, reply.status or 0, reply.headers, beginning, size)
        for watcher in self.watchers:
            watcher(world, entry)
        return reply

    def _written_down(self, request: Request, world: World) -> Entry:
        body = request.body if isinstance(request.body, bytes) else b""
        size = None if isinstance(request.body, bytes) else request.body.seek(0, io.SEEK_END)
        entry = world.journal.arrive(world.now(), request.method, _url(request), request.headers, body, size)
        for watcher in self.watchers:
            watcher(world, entry)
        return entry

    def _replied(self, plan: Plan) -> tuple[Reply, Call | None]:
        if is_preflight(plan.request):
            return preflight(plan.request), None
        if plan.reply is not None:
            return plan.reply, None
        if plan.exchange is None or plan.route is None or plan.world is None or plan.address is None:
            raise RuntimeError("a plan has a reply, or all of exchange, route, world and address")
        return plan.exchange.answer(plan.route, plan.request, plan.world, plan.address)

    def _plan(self, request: Request, name: str, address: Address, identity: str | None) -> Plan:
        exchange = self.exchange(name)
        try:
            world = self._world(exchange, request, identity)
        except NoSuchWorld as error:
            return _no_world(request, error)
        return Plan(request, exchange, exchange.route(request.method, address.path, request.query), world, address)

    def _world(self, exchange: Exchange, request: Request, identity: str | None) -> World:
        if identity is not None:
            return self.worlds.get(identity)
        exchange.open(self.worlds.default)
        for secret in exchange.secrets(request):
            owner = self.worlds.owner(exchange.name, secret)
            if owner is not None:
                return self.worlds.get(owner.id)
        self.worlds.check_lost(exchange.name, exchange.secrets(request))
        return self.worlds.default

    def _by_host(self, request: Request) -> tuple[str | None, Mapping[str, str]]:
        host = request.header("host").lower()
        if _is_local(host):
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

    def _no_api(self, request: Request, path: str, root: str, identity: str | None) -> Plan:
        """Answer what is no API's: the list of them, or what the path probably meant."""
        try:
            world = self.worlds.get(identity) if identity else self.worlds.default
        except NoSuchWorld as error:
            return _no_world(request, error)
        if path == "/metrics" and self.metrics is not None:
            page = Reply(200, body=self.metrics(), media="text/plain; version=0.0.4; charset=utf-8")
            return Plan(request, world=world, reply=page)
        bases = {name: f"{root}/{name}" for name in self.names}
        if path == "/":
            return Plan(request, world=world, reply=_own_words(200, testcard="the mocks are running", apis=bases))
        hint = near_miss(path[1:].partition("/")[0], self.names) or self._elsewhere(request, path)
        explanation = f"nothing answers under {path}{hint}"
        reply = _own_words(404, error=explanation, apis=bases)
        return Plan(request, world=world, reply=reply, explanation=explanation)

    def _elsewhere(self, request: Request, path: str) -> str:
        """Under which prefixes the path would be an operation's."""
        if path == "/metrics":
            return "; serve with --metrics to have them"
        names = (name for name in self._documented if name != _STORAGE)
        found = [name for name in names if self.exchange(name).route(request.method, path, "").operation]
        return f"; did you mean {' or '.join(repr(f'/{name}{path}') for name in found)}?" if found else ""


@lru_cache(maxsize=256)
def _is_local(host: str) -> bool:
    """Whether a request names no host of anybody's."""
    return not host or _LOCAL.fullmatch(host) is not None


def _root(request: Request) -> str:
    """Scheme, host, port and proxy prefix as the caller sees them."""
    headers = request.headers
    if _FORWARDED.isdisjoint(headers):
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


def _url(request: Request) -> str:
    return f"{_root(request)}{request.path}" + (f"?{request.query}" if request.query else "")


def _judge(entry: Entry, plan: Plan, reply: Reply, call: Call | None) -> None:
    """What the exchange turned out to be."""
    if plan.exchange is not None and plan.route is not None:
        entry.api, entry.operation = plan.exchange.name, plan.route.operation
        if plan.route.refused is not None:
            entry.refusal, entry.explanation = plan.route.refused.code, plan.route.refused.message
    else:
        entry.explanation = plan.explanation
    if call is not None:
        entry.notes, entry.faults = tuple(call.notes), tuple(call.struck)
        entry.holder = call.holder.name if call.holder else ""
        if call.refused is not None:
            entry.refusal, entry.explanation = call.refused.code, call.refused.message
    entry.mock_error = "X-Testcard-Error" in reply.headers


def _no_world(request: Request, error: NoSuchWorld) -> Plan:
    reply = _own_words(410 if error.evicted else 404, error=str(error))
    return Plan(request, reply=reply, explanation=str(error))


def _own_words(status: int, **content: Any) -> Reply:
    """Our own words, where no API is concerned."""
    return Reply(status, body=orjson.dumps(content), media="application/json")
