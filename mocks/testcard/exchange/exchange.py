"""One API of one or more contracts: from a request to a reply that fits its contract.

The order is the usual one: path and method, who calls, parameters, body, handler, answer. Whatever is refused on the
way is put into words by the vendor module, and checked like any other answer. A world's faults come before and after.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from testcard.contract import Contract, Response
from testcard.errors import MockError
from testcard.exchange.address import Address
from testcard.exchange.api import Api, Call
from testcard.exchange.binding import Bound
from testcard.exchange.checking import check, write
from testcard.exchange.disturbance import disturb_answer, disturb_bytes, disturb_request
from testcard.exchange.message import NOTHING, Reply, Request
from testcard.exchange.parameters import read_body, read_parameters
from testcard.exchange.refusal import Problem, Refused
from testcard.exchange.routing import Directory, Route
from testcard.world.faults import Occasion
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Exchange"]

_log = logging.getLogger("testcard.exchange")

# Statuses that HTTP itself may bring to any path; a contract need not list them for each operation.
_TRANSPORT = frozenset({400, 401, 403, 404, 405, 406, 413, 414, 415, 431})
_REFUSED_RANGE = re.compile(r";\s*q=0(\.0*)?\s*$")


class Exchange:
    """Answers the requests to one API. `BindError` when a part and its contract do not fit."""

    def __init__(self, parts: Sequence[Api], *, extensions: bool = True) -> None:
        self.parts = parts
        self.name = parts[0].name
        self._directory = Directory(parts, extensions=extensions)
        self._contracts: dict[Api, Contract] = {bound.api: bound.contract for bound in self.operations.values()}
        self._own = all(contract.options.get("own") for contract in self._contracts.values())
        self._token_operations = frozenset(name for part in parts for name in part.token_operations)

    @property
    def operations(self) -> Mapping[str, Bound]:
        """The operations by id."""
        return self._directory.operations

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that take explicit rows, by name."""
        return {name: table for part in self.parts for name, table in part.tables.items()}

    def open(self, world: World) -> None:
        """Issue this API's first credentials in *world*, once."""
        if not world.is_open(self.name):
            world.open_once(self.name, lambda: self._open_parts(world))

    def _open_parts(self, world: World) -> None:
        for part in self.parts:
            part.open(world)

    def secrets(self, request: Request) -> Iterable[str]:
        """The credentials a request carries."""
        return self.parts[0].identify(request)

    def route(self, method: str, path: str, query: str) -> Route:
        """Find the operation for a method and a raw path below the API's mount."""
        return self._directory.route(method, path, query)

    def answer(self, route: Route, request: Request, world: World, address: Address) -> tuple[Reply, Call]:
        """Carry out what a route leads to. The reply is rendered, and fits the contract."""
        self.open(world)
        call = Call(world, address, method=request.method, headers=request.headers, api_name=self.name)
        if request.method == "OPTIONS" and route.allowed:
            return Reply(204, headers={"Allow": ", ".join(route.allowed)}), call
        where = f"{self.name}: {route.operation}" if route.bound else self.name
        try:
            reply = self._replied(route, request, call)
            self._finish(where, route, reply, call)
        except MockError as error:
            _log.error("%s", error)
            reply = _our_fault(where, error)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is our bug, and is said aloud
            _log.exception("%s %s", request.method, request.path)
            reply = _our_fault(where, error)
        return reply, call

    def _replied(self, route: Route, request: Request, call: Call) -> Reply:
        try:
            if route.bound is None:
                raise route.refused or MockError(f"{self.name}: a route without an operation or a refusal")
            call.operation = route.bound.operation
            if call.world.faults and not self._own:
                self._take_faults(route, call)
                if (reply := disturb_request(call, route.api)) is not None:
                    return reply
            return self._carry_out(route, route.bound, request, call)
        except Refused as refused:
            call.refused = refused
            return route.api.refuse(refused, call)

    def _take_faults(self, route: Route, call: Call) -> None:
        token = route.operation in self._token_operations
        call.page = route.api.page_of(route.query)
        occasion = Occasion(self.name, route.operation, call.address.path, call.page, token)
        call.faults = call.world.faults.take(occasion)

    def _carry_out(self, route: Route, bound: Bound, request: Request, call: Call) -> Reply:
        operation = bound.operation
        call.notes += route.notes
        if operation.secured:
            call.holder = bound.api.authenticate(call)
        _check_accept(bound, request.header("accept"))
        arguments, problems = _arguments(route, bound, request)
        if operation.body is not None:
            arguments["body"], found = read_body(operation.body, request)
            problems += found
        problems += bound.api.objections(call, arguments)
        if problems:
            raise Refused(400, "invalid-request", "; ".join(map(str, problems)), problems)
        if bound.heavy:
            return _as_reply(bound.handler(call, **arguments), bound)
        with call.world.lock:
            return _as_reply(bound.handler(call, **arguments), bound)

    def _finish(self, where: str, route: Route, reply: Reply, call: Call) -> None:
        if reply.data is not NOTHING and reply.media is None:
            reply.media = "application/json"
        faulty = any(fault.kind in ("status", "redirect") for fault in call.faults)
        response = self._response(route, reply)
        if not faulty:
            check(where, reply, response)
        if not call.faults:
            write(reply)
            return
        reply.unfold()
        disturb_answer(call, route.api, reply, response.content.get(reply.media or "") if response else None)
        write(reply)
        disturb_bytes(call, reply, self.tables)

    def _response(self, route: Route, reply: Reply) -> Response | None:
        """What the contract has for a reply's status, for its operation or for the whole API."""
        status = reply.status or 0
        documented = route.bound.operation.response(status) if route.bound else None
        if documented is None:
            documented = self._contracts[route.api].unrouted.get(str(status))
        if documented is None and status in _TRANSPORT:
            return Response(str(status), {(reply.media or "").partition(";")[0]: None} if reply.media else {}, (), {})
        return documented


def _arguments(route: Route, bound: Bound, request: Request) -> tuple[dict[str, Any], list[Problem]]:
    """The handler's arguments, and what is wrong with them; good ones of an address are read only once."""
    if route.arguments is not None:
        return dict(route.arguments), []
    arguments, problems = read_parameters(
        bound.operation, route.path, route.query, request.headers, bound.api.formats, fold_case=bound.fold_case
    )
    if bound.addressed and not problems:
        route.arguments = dict(arguments)
    return arguments, problems


def _check_accept(bound: Bound, accept: str) -> None:
    """406 when the caller takes none of the media types of a successful answer."""
    if not accept or "*/*" in accept:
        return
    response = bound.operation.responses[str(bound.success)]
    ranges = [each for each in accept.split(",") if not _REFUSED_RANGE.search(each)]
    wanted = {each.partition(";")[0].strip().lower() for each in ranges}
    for media in response.content:
        if media == "*/*" or media in wanted or f"{media.partition('/')[0]}/*" in wanted:
            return
    if response.content:
        offered = ", ".join(response.content)
        raise Refused(406, "not-acceptable", f"the answer is {offered}, and Accept is {accept}")


def _as_reply(result: Any, bound: Bound) -> Reply:
    reply = result if isinstance(result, Reply) else Reply.json(result) if result is not None else Reply()
    if reply.status is None:
        reply.status = bound.success
    return reply


def _our_fault(where: str, error: Exception) -> Reply:
    """The one answer no vendor words: the mock itself is wrong, and says so."""
    text = f"testcard: {where}: {type(error).__name__}: {error}\nThis is a bug of the mock, not of your client.\n"
    return Reply(500, body=text.encode(), media="text/plain; charset=utf-8", headers={"X-Testcard-Error": "mock"})
