"""The intent: what was asked for is in the requests, on every page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from testcard.contract import Operation, Parameter
from testcard.exchange.binding import Bound
from testcard.exchange.parameters import read_value
from testcard.exchange.routing import Route
from testcard.suite.rules.evidence import data_calls, routed
from testcard.suite.rules.registry import Case, rule
from testcard.world.journal import Entry

__all__: list[str] = []


@rule(
    "INT-01",
    "Each request carries the ids, filters, ranges and dates that were asked for, in the documented form.",
    clause="the operation's parameters",
    severity="must",
    channel="intent",
)
def _expressed(case: Case) -> Iterator[str]:
    operation = case.take.step.operation
    for name, value in case.take.step.arguments.items():
        sent, asked = _sent(case, name), _asked(case, name, value)
        if sent and not case.subject.same_argument(operation, name, asked, [each.value for each in sent]):
            entry, _, found = next((each for each in sent if each.value != asked), sent[0])
            line = f"{entry.method} {_path(entry)}"
            yield f"asked for {name}={value!r}, and request {entry.id} has {found!r}: {line}"


@rule(
    "INT-02",
    "The filters of the first page are on every page.",
    clause="the list operation's parameters; its next link keeps them",
    severity="must",
    channel="intent",
)
def _kept(case: Case) -> Iterator[str]:
    walks: dict[str, list[tuple[Entry, int, dict[str, list[str]]]]] = {}
    for entry in data_calls(case):
        page = case.subject.page(entry)
        if page is not None:
            query = {key: each for key, each in routed(case, entry).query.items() if key not in case.subject.paging}
            walks.setdefault(f"{entry.operation} {_path(entry)}", []).append((entry, page.start, query))
    for pages in walks.values():
        firsts = [(entry, query) for entry, start, query in pages if start == 0]
        for entry, start, query in pages:
            if start and firsts and not any(_has(query, first) for _, first in firsts):
                yield f"request {entry.id}, a later page, {_lost(query, *firsts[-1])}"
                return


@rule(
    "INT-03",
    "A request's body carries what was asked for.",
    clause="the operation's request body",
    severity="must",
    channel="intent",
)
def _said(case: Case) -> Iterator[str]:
    step = case.take.step
    if "body" not in step.arguments:
        return
    for entry in data_calls(case):
        if entry.operation != step.operation or not entry.request_body:
            continue
        try:
            sent = orjson.loads(entry.request_body)
        except ValueError:
            sent = entry.request_body
        if not case.subject.same_body(step.operation, step.arguments["body"], sent):
            yield f"asked for {step.arguments['body']!r}, and request {entry.id} has {sent!r}"
            return


def _has(query: dict[str, list[str]], first: dict[str, list[str]]) -> bool:
    return all(query.get(name) == values for name, values in first.items())


def _lost(query: dict[str, list[str]], first: Entry, wanted: dict[str, list[str]]) -> str:
    name = next(name for name, values in wanted.items() if query.get(name) != values)
    has = f"has {name}={query[name][0]!r}" if name in query else f"has no {name}"
    return f"{has}; request {first.id}, the first page, has {name}={wanted[name][0]!r}"


class _Sent(NamedTuple):
    """What a request sent for a parameter: as the contract types it, and as it stood there; None where it has none."""

    entry: Entry
    value: Any
    text: str | None


def _sent(case: Case, name: str) -> list[_Sent]:
    """What each request of the judged operation sent for a parameter."""
    values = []
    for entry in data_calls(case):
        route = routed(case, entry)
        if route.bound is None or entry.operation not in case.subject.judged[case.take.step.operation].calls:
            continue
        parameter = _parameter(route.bound.operation, name)
        if parameter is not None:
            texts = _texts_of(route, route.bound, parameter)
            typed = _read(route.bound, parameter, texts) if texts else None
            values.append(_Sent(entry, typed, ",".join(texts) if texts else None))
    return values


def _asked(case: Case, name: str, value: Any) -> Any:
    """What was asked for, typed as the contract types it."""
    for identity in case.subject.judged[case.take.step.operation].calls:
        bound = case.exchange.operations[identity]
        parameter = _parameter(bound.operation, name)
        if parameter is not None:
            return _read(bound, parameter, _texts(value))
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _parameter(operation: Operation, name: str) -> Parameter | None:
    return next((each for each in operation.parameters if each.name == name), None)


def _texts_of(route: Route, bound: Bound, parameter: Parameter) -> list[str]:
    if parameter.location == "path":
        return [route.path[parameter.name]]
    return route.query.get(parameter.name.lower() if bound.fold_case else parameter.name, [])


def _read(bound: Bound, parameter: Parameter, texts: Sequence[str]) -> Any:
    """The value as a handler would get it; the text where it is none."""
    joined = [",".join(texts)] if parameter.array in ("comma", "either") else list(texts)
    try:
        return read_value(parameter, joined, bound.api.formats, fold_case=bound.fold_case)
    except ValueError:
        return ",".join(texts)


def _path(entry: Entry) -> str:
    path = urlsplit(entry.url).path
    return "/" + path.split("/", 2)[2] if path.startswith("/~") else path
