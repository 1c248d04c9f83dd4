"""Judge exchanges that somebody else makes: a request by its operation's parameters, an answer by its schemas."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

import orjson

from testcard.apis import open_exchange
from testcard.exchange.message import Request
from testcard.exchange.parameters import read_body, read_parameters, unknown_parameters
from testcard.exchange.refusal import Refused
from testcard.exchange.routing import Route
from testcard.live.judging import Finding, judge_answer
from testcard.live.report import Report
from testcard.live.subject import Answer, operations_of
from testcard.world.journal import Entry

__all__ = ["Judge"]


class Judge:
    """Collects what the exchanges of one API break; *heard* is told of every answer that has an operation."""

    def __init__(self, api: str, source: str) -> None:
        self.report = Report(api, source)
        self.answers: list[Answer] = []
        self._exchange = open_exchange(api)
        self._token_operations = {name for part in self._exchange.parts for name in part.token_operations}

    def exchange(self, entry: Entry, headers: Mapping[str, str], body: bytes | None) -> list[Finding]:
        """Judge one exchange; *body* is None where the answer is not known whole."""
        parts = urlsplit(entry.url)
        self.report.requests += 1
        route = self._exchange.route(entry.method, parts.path, parts.query)
        if route.bound is None:
            reason = str(route.refused) if route.refused else "no such operation"
            return self._found(entry, [Finding("request", f"{entry.method} {parts.path}", "", reason)])
        entry.api, entry.operation = self.report.api, route.operation
        found = self._request(route, entry)
        if body is not None and entry.method != "HEAD":
            found += self._answer(route, entry, headers, _decoded(headers, body))
        return self._found(entry, found)

    def _found(self, entry: Entry, found: list[Finding]) -> list[Finding]:
        entry.notes += tuple(f"{each.rule}: {each}" for each in found)
        self.report.findings += found
        return found

    def _request(self, route: Route, entry: Entry) -> list[Finding]:
        bound = route.bound
        if bound is None:
            return []
        operation, fold = bound.operation, bound.fold_case
        formats = route.api.formats
        _, problems = read_parameters(
            operation, route.path, route.query, entry.request_headers, formats, fold_case=fold
        )
        found = [Finding("request", operation.id, "", str(problem)) for problem in problems]
        unknown = unknown_parameters(operation, route.query, fold_case=fold)
        found += [Finding("request", operation.id, "", text.partition(": ")[2]) for text in unknown]
        if operation.body is not None:
            request = Request(entry.method, "", "", entry.request_headers, entry.request_body)
            try:
                _, problems = read_body(operation.body, request)
            except Refused as refused:
                return [*found, Finding("request", operation.id, "", str(refused))]
            secret = operation.id in self._token_operations
            texts = ["the body is not what it should be" if secret else str(problem) for problem in problems]
            found += [Finding("request", operation.id, "", text) for text in texts]
        return found

    def _answer(self, route: Route, entry: Entry, headers: Mapping[str, str], body: bytes) -> list[Finding]:
        contract, operation = operations_of(self.report.api)[route.operation]
        secret = operation.id in self._token_operations
        data = _data(body)
        status = entry.status or 0
        self.report.answers += 1
        if not secret:
            query = {name: ",".join(values) for name, values in route.query.items()}
            kept = {name: value for name, value in headers.items() if name == "content-type"}
            at = entry.world_time.isoformat()
            self.answers.append(Answer("", operation.id, dict(route.path), query, status, kept, data, at))
        return judge_answer(contract, operation, status, headers.get("content-type", ""), data, quiet=secret)


def _decoded(headers: Mapping[str, str], body: bytes) -> bytes:
    """The copy of a body without its compression; what cannot be undone is judged as it is."""
    try:
        if headers.get("content-encoding") == "gzip":
            return gzip.decompress(body)
        if headers.get("content-encoding") == "deflate":
            return zlib.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body
    return body


def _data(body: bytes) -> object:
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return None
