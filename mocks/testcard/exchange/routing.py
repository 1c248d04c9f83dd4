"""From a request line to an operation of one API, or to the refusal that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from testcard.errors import BindError, near_miss
from testcard.exchange.api import Api
from testcard.exchange.binding import Bound, bind
from testcard.exchange.nearest import nearest
from testcard.exchange.parameters import split_query, unknown_parameters
from testcard.exchange.refusal import Problem, Refused
from testcard.exchange.router import Found, Router

__all__ = ["Directory", "Route"]

_KEPT_ROUTES = 1024


@dataclass
class Route:
    """Where a request leads: an operation with its path's arguments, or why there is none.

    One to an operation serves every request for that address, so nobody changes it. *notes* are remarks on the query;
    *arguments* keeps what was read of the address.
    """

    api: Api
    bound: Bound | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    refused: Refused | None = None
    allowed: tuple[str, ...] = ()
    notes: Sequence[str] = ()
    arguments: Mapping[str, Any] | None = None

    @property
    def heavy(self) -> bool:
        """Whether answering may take long."""
        return self.bound is not None and self.bound.heavy

    @property
    def operation(self) -> str:
        """The operationId, or nothing."""
        return self.bound.operation.id if self.bound else ""


class Directory:
    """The operations of an API by path and by id; *extensions* are operations that no document has."""

    def __init__(self, parts: Sequence[Api], *, extensions: bool) -> None:
        self._parts = parts
        self._router: Router[Bound] = Router()
        self._bases: dict[Api, set[str]] = {part: set() for part in parts}
        self.operations: dict[str, Bound] = {}
        self._templates: list[tuple[str, str, str]] = []
        self._known: dict[tuple[str, str, str], Route] = {}
        for part in parts:
            for bound in bind(part):
                if extensions or not bound.operation.extension:
                    self._add(bound)

    def route(self, method: str, path: str, query: str) -> Route:
        """Find the operation for a method and a raw path below the API's mount; the same ones come again and again."""
        address = (method, path, query)
        route = self._known.get(address)
        if route is None:
            route = self._look_up(method, path, query)
            if route.refused is None:
                if len(self._known) >= _KEPT_ROUTES:
                    self._known.clear()
                self._known[address] = route
        return route

    def _look_up(self, method: str, path: str, query: str) -> Route:
        found = self._find("GET" if method == "HEAD" else method, path)
        if found is None:
            hint = nearest(method, path, self._templates) or ""
            refused = Refused(404, "no-such-path", f"no operation has the path {path}{hint}")
            return Route(self._nearest_part(path), refused=refused)
        allowed = _allowed(found.allowed)
        if not found.targets:
            listed = ", ".join(allowed)
            refused = Refused(405, "method-not-allowed", f"{method} is not one of {listed}", headers={"Allow": listed})
            return Route(self._nearest_part(path), refused=refused, allowed=allowed)
        return _pick(found, query, allowed)

    def _add(self, bound: Bound) -> None:
        operation = bound.operation
        if operation.id in self.operations:
            raise BindError(f"{bound.api.name}: two operations are called {operation.id}")
        self.operations[operation.id] = bound
        rest = [parameter.name for parameter in operation.parameters if parameter.multi_segment]
        for base in _bases(bound):
            self._bases[bound.api].add(base)
            self._router.add(operation.method, base + operation.path, bound, rest=rest)
            self._templates.append((operation.method, base + operation.path, operation.id))

    def _find(self, method: str, path: str) -> Found[Bound] | None:
        found = self._router.find(method, path)
        if found is None and path.endswith("/") and path != "/" and self._slash_accepted(path):
            return self._router.find(method, path.rstrip("/"))
        return found

    def _slash_accepted(self, path: str) -> bool:
        part = self._nearest_part(path)
        bound = next(bound for bound in self.operations.values() if bound.api is part)
        return bound.contract.options.get("trailing-slash") == "accepted"

    def _nearest_part(self, path: str) -> Api:
        """The product module whose paths begin as this one does, to refuse it in its words."""

        def shared(part: Api) -> int:
            return max((len(base) for base in self._bases[part] if path.startswith(base)), default=-1)

        return max(self._parts, key=shared)


def _bases(bound: Bound) -> list[str]:
    """The paths an operation stands under: the documented ones, and without their version where that is accepted."""
    bases = [server.base for server in bound.operation.servers]
    if bound.contract.options.get("versionless") == "accepted":
        bases += [re.sub(r"/v[0-9]+$", "", base) for base in bases]
    return list(dict.fromkeys(bases))


@lru_cache(maxsize=64)
def _allowed(methods: tuple[str, ...]) -> tuple[str, ...]:
    """The methods a path has, with those that come with them."""
    return tuple(dict.fromkeys([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]))


def _pick(found: Found[Bound], query: str, allowed: tuple[str, ...]) -> Route:
    """Choose among operations that share method and path by their constant query parameter."""
    path, bound = found.targets[0]
    values = split_query(query, fold_case=bound.fold_case)
    if bound.operation.variant is None:
        return _route(bound, path, values, allowed)
    for path, bound in found.targets:
        name, constant = bound.operation.variant or ("", "")
        if values.get(name) == [constant]:
            return _route(bound, path, values, allowed)
    return Route(bound.api, query=values, refused=_no_variant(found, values), allowed=allowed)


def _route(bound: Bound, path: Mapping[str, str], query: Mapping[str, list[str]], allowed: tuple[str, ...]) -> Route:
    notes = unknown_parameters(bound.operation, query, fold_case=bound.fold_case)
    return Route(bound.api, bound, path, query, allowed=allowed, notes=notes)


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
