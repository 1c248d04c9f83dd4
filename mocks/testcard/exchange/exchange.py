"""One API of one or more contracts: from a request to a reply that fits its contract.

The order is the usual one: path and method, who calls, parameters, body, handler, answer. Whatever is refused on the
way is put into words by the vendor module, and checked like any other answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from testcard.contract import Contract, Response
from testcard.errors import MockError, near_miss
from testcard.exchange.address import Address
from testcard.exchange.api import Api, Call
from testcard.exchange.binding import Bound, bind
from testcard.exchange.checking import render
from testcard.exchange.message import NOTHING, Reply, Request
from testcard.exchange.parameters import read_body, read_parameters, split_query, unknown_parameters
from testcard.exchange.refusal import Problem, Refused
from testcard.exchange.router import Found, Router
from testcard.world.world import World

__all__ = ["Exchange", "Route"]

_log = logging.getLogger("testcard.exchange")

# Statuses that HTTP itself may bring to any path; a contract need not list them for each operation.
_TRANSPORT = frozenset({400, 401, 403, 404, 405, 406, 413, 414, 415, 431})
_REFUSED_RANGE = re.compile(r";\s*q=0(\.0*)?\s*$")


@dataclass
class Route:
    """Where a request leads: an operation with its path's arguments, or why there is none."""

    api: Api
    bound: Bound | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    refused: Refused | None = None
    allowed: tuple[str, ...] = ()

    @property
    def heavy(self) -> bool:
        """Whether answering may take long."""
        return self.bound is not None and self.bound.heavy


class Exchange:
    """Answers the requests to one API. `BindError` when a part and its contract do not fit."""

    def __init__(self, parts: Sequence[Api], *, extensions: bool = True) -> None:
        self.parts = parts
        self.name = parts[0].name
        self.operations: dict[str, Bound] = {}
        self._router: Router[Bound] = Router()
        for part in parts:
            for bound in bind(part):
                if extensions or not bound.operation.extension:
                    self._add(bound)

    def open(self, world: World) -> None:
        """Issue this API's first credentials in *world*, once."""

        def open_parts() -> None:
            for part in self.parts:
                part.open(world)

        world.open_once(self.name, open_parts)

    def secrets(self, request: Request) -> Iterable[str]:
        """The credentials a request carries."""
        return self.parts[0].identify(request)

    def route(self, method: str, path: str, query: str) -> Route:
        """Find the operation for a method and a raw path below the API's mount."""
        found = self._find("GET" if method == "HEAD" else method, path)
        if found is None:
            hint = near_miss(path, self._router.paths)
            refused = Refused(404, "no-such-path", f"no operation has the path {path}{hint}")
            return Route(self._nearest_part(path), refused=refused)
        allowed = _allowed(found)
        if not found.targets:
            listed = ", ".join(allowed)
            refused = Refused(405, "method-not-allowed", f"{method} is not one of {listed}", headers={"Allow": listed})
            return Route(self._nearest_part(path), refused=refused, allowed=allowed)
        return self._pick(found, query, allowed)

    def answer(self, route: Route, request: Request, world: World, address: Address) -> tuple[Reply, Call]:
        """Carry out what a route leads to. The reply is rendered, and fits the contract."""
        self.open(world)
        call = Call(world, address, method=request.method, headers=request.headers)
        if request.method == "OPTIONS" and route.allowed:
            return Reply(204, headers={"Allow": ", ".join(route.allowed)}), call
        try:
            if route.bound is None:
                raise route.refused or MockError(f"{self.name}: a route without an operation or a refusal")
            reply = self._carry_out(route, route.bound, request, call)
        except Refused as refused:
            reply = route.api.refuse(refused, call)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is our bug, and is said aloud
            _log.exception("%s %s", request.method, request.path)
            return _our_fault(self._where(route), error), call
        return self._finish(route, reply), call

    def _add(self, bound: Bound) -> None:
        operation = bound.operation
        if operation.id in self.operations:
            raise MockError(f"{self.name}: two operations are called {operation.id}")
        self.operations[operation.id] = bound
        rest = [parameter.name for parameter in operation.parameters if parameter.multi_segment]
        for base in self._bases(bound):
            self._router.add(operation.method, base + operation.path, bound, rest=rest)

    def _bases(self, bound: Bound) -> list[str]:
        bases = [server.base for server in bound.operation.servers]
        if bound.contract.options.get("versionless") == "accepted":
            bases += [re.sub(r"/v[0-9]+$", "", base) for base in bases]
        return list(dict.fromkeys(bases))

    def _find(self, method: str, path: str) -> Found[Bound] | None:
        found = self._router.find(method, path)
        if found is None and path.endswith("/") and path != "/":
            part = self._nearest_part(path)
            if self._options(part).get("trailing-slash") == "accepted":
                return self._router.find(method, path.rstrip("/"))
        return found

    def _options(self, part: Api) -> Mapping[str, Any]:
        return next(bound.contract.options for bound in self.operations.values() if bound.api is part)

    def _nearest_part(self, path: str) -> Api:
        """The product module whose paths begin as this one does, to refuse it in its words."""

        def shared(part: Api) -> int:
            bases = {base for bound in self.operations.values() if bound.api is part for base in self._bases(bound)}
            return max((len(base) for base in bases if path.startswith(base)), default=-1)

        return self.parts[0] if len(self.parts) == 1 else max(self.parts, key=shared)

    def _pick(self, found: Found[Bound], query: str, allowed: tuple[str, ...]) -> Route:
        """Choose among operations that share method and path by their constant query parameter."""
        path, bound = found.targets[0]
        values = split_query(query, fold_case=bound.fold_case)
        if bound.operation.variant is None:
            return Route(bound.api, bound, path, values, allowed=allowed)
        for path, bound in found.targets:
            name, constant = bound.operation.variant or ("", "")
            if values.get(name) == [constant]:
                return Route(bound.api, bound, path, values, allowed=allowed)
        return Route(bound.api, query=values, refused=_no_variant(found, values), allowed=allowed)

    def _carry_out(self, route: Route, bound: Bound, request: Request, call: Call) -> Reply:
        call.operation = operation = bound.operation
        call.notes += unknown_parameters(operation, route.query, fold_case=bound.fold_case)
        if operation.secured:
            call.holder = bound.api.authenticate(call)
        _check_accept(bound, request.header("accept"))
        arguments, problems = read_parameters(
            operation, route.path, route.query, request.headers, bound.api.formats, fold_case=bound.fold_case
        )
        if operation.body is not None:
            arguments["body"], found = read_body(operation.body, request)
            problems += found
        if problems:
            raise Refused(400, "invalid-request", "; ".join(map(str, problems)), problems)
        if bound.heavy:
            return _as_reply(bound.handler(call, **arguments), bound)
        with call.world.lock:
            return _as_reply(bound.handler(call, **arguments), bound)

    def _finish(self, route: Route, reply: Reply) -> Reply:
        where = self._where(route)
        if reply.status is None:
            return _our_fault(where, MockError(f"{where}: a refusal without a status"))
        if reply.data is not NOTHING and reply.media is None:
            reply.media = "application/json"
        try:
            render(where, reply, self._response(route, reply))
        except MockError as error:
            _log.error("%s", error)
            return _our_fault(where, error)
        return reply

    def _response(self, route: Route, reply: Reply) -> Response | None:
        status = reply.status or 0
        documented = route.bound.operation.response(status) if route.bound else None
        if documented is None:
            contract = self._contract_of(route.api)
            documented = contract.unrouted.get(str(status))
        if documented is None and status in _TRANSPORT:
            return Response(str(status), {(reply.media or "").partition(";")[0]: None} if reply.media else {}, (), {})
        return documented

    def _contract_of(self, api: Api) -> Contract:
        return next(bound.contract for bound in self.operations.values() if bound.api is api)

    def _where(self, route: Route) -> str:
        return f"{self.name}: {route.bound.operation.id}" if route.bound else self.name


def _allowed(found: Found[Bound]) -> tuple[str, ...]:
    methods = [*found.allowed, *(["HEAD"] if "GET" in found.allowed else []), "OPTIONS"]
    return tuple(dict.fromkeys(methods))


def _no_variant(found: Found[Bound], values: Mapping[str, list[str]]) -> Refused:
    variants = [bound.operation.variant or ("", "") for _, bound in found.targets]
    name = variants[0][0]
    choices = tuple(constant for _, constant in variants)
    sent = values.get(name)
    if sent is None:
        problem = Problem("query", name, None, "is required, and was not sent", missing=True, choices=choices)
    elif len(sent) > 1:
        problem = Problem("query", name, ",".join(sent), f"was sent {len(sent)} times, expected once", choices=choices)
    else:
        message = f"{sent[0]!r} is not one of {', '.join(choices)}{near_miss(sent[0], choices)}"
        problem = Problem("query", name, sent[0], message, choices=choices)
    return Refused(400, "invalid-request", str(problem), [problem])


def _check_accept(bound: Bound, accept: str) -> None:
    """406 when the caller takes none of the media types of a successful answer."""
    if not accept or "*/*" in accept:
        return
    response = bound.operation.responses[str(bound.operation.success)]
    wanted = {
        each.partition(";")[0].strip().lower()
        for each in accept.split(",")
        if not re.search(r";\s*q=0(\.0*)?\s*$", each)
    }
    for media in response.content:
        if media == "*/*" or media in wanted or f"{media.partition('/')[0]}/*" in wanted:
            return
    if response.content:
        offered = ", ".join(response.content)
        raise Refused(406, "not-acceptable", f"the answer is {offered}, and Accept is {accept}")


def _as_reply(result: Any, bound: Bound) -> Reply:
    reply = result if isinstance(result, Reply) else Reply.json(result) if result is not None else Reply()
    if reply.status is None:
        reply.status = bound.operation.success
    return reply


def _our_fault(where: str, error: Exception) -> Reply:
    """The one answer no vendor words: the mock itself is wrong, and says so."""
    text = f"testcard: {where}: {type(error).__name__}: {error}\nThis is a bug of the mock, not of your client.\n"
    return Reply(500, body=text.encode(), media="text/plain; charset=utf-8", headers={"X-Testcard-Error": "mock"})
