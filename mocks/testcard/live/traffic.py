"""Judge exchanges that somebody else makes: requests by their operations' parameters, answers by their schemas.

What the answers to one caller say together is judged by the same relations and detectors as a walk.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from testcard.apis import open_exchange
from testcard.exchange.message import Request
from testcard.exchange.parameters import read_body, read_parameters, unknown_parameters
from testcard.exchange.refusal import Problem, Refused
from testcard.exchange.routing import Route
from testcard.live.judging import Finding, data_of, judge_answer
from testcard.live.report import Report, judge_together
from testcard.live.seen import Answer, Seen
from testcard.live.subject import open_subject, operations_of
from testcard.live.talk import harmless
from testcard.world.journal import Entry

__all__ = ["Judge"]

_CREDENTIALS = ("authorization", "x-access-token", "x-api-key", "x-tenant-id")


class Judge:
    """Collects what the exchanges of one API break; *heard* is told of every answer that has an operation."""

    def __init__(self, api: str, source: str, heard: Callable[[Answer], None] | None = None) -> None:
        self.report = Report(api, source)
        self.heard = heard
        self._answers: list[Answer] = []
        self._subject = open_subject(api)
        self._exchange = open_exchange(api)
        self._token_operations = {name for part in self._exchange.parts for name in part.token_operations}
        self._callers: dict[tuple[str, ...], str] = {}

    def exchange(self, entry: Entry, headers: Mapping[str, str], body: bytes | None) -> list[Finding]:
        """Judge one exchange; *body* is None where the answer is not known whole."""
        parts = urlsplit(entry.url)
        self.report.requests += 1
        route = self._exchange.route(entry.method, parts.path, parts.query)
        if route.bound is None:
            reason = str(route.refused) if route.refused else "no such operation"
            return self._found(entry, [Finding("request", f"{entry.method} {parts.path}", "", reason)])
        entry.api, entry.operation = self.report.api, route.operation
        wrong = self._request(route, entry)
        found = [Finding("request", route.operation, "", text) for text in wrong.values()]
        plain = _decoded(headers, body)
        if plain is not None and entry.method != "HEAD":
            found += self._answer(route, entry, headers, plain, tuple(wrong))
        return self._found(entry, found)

    def finish(self) -> Report:
        """The report, with what all answers say together."""
        judge_together(self._subject, Seen(self._answers), self.report)
        return self.report

    def _found(self, entry: Entry, found: list[Finding]) -> list[Finding]:
        entry.notes += tuple(f"{each.rule}: {each}" for each in found)
        self.report.findings += found
        return found

    def _request(self, route: Route, entry: Entry) -> dict[str, str]:
        """What is wrong with a request: where, without what was sent, and in so many words."""
        bound = route.bound
        if bound is None:
            return {}
        operation, fold = bound.operation, bound.fold_case
        formats = route.api.formats
        _, problems = read_parameters(
            operation, route.path, route.query, entry.request_headers, formats, fold_case=fold
        )
        wrong = {_where(problem): str(problem) for problem in problems}
        unknown = unknown_parameters(operation, route.query, fold_case=fold)
        if unknown:
            wrong["query, where a name is no parameter's"] = "; ".join(text.partition(": ")[2] for text in unknown)
        return wrong | (self._body(route, entry) if operation.body is not None else {})

    def _body(self, route: Route, entry: Entry) -> dict[str, str]:
        body = route.bound.operation.body if route.bound else None
        if body is None:
            return {}
        try:
            _, problems = read_body(body, Request(entry.method, "", "", entry.request_headers, entry.request_body))
        except Refused as refused:
            return {"body": str(refused)}
        secret = route.operation in self._token_operations
        texts = ["the body is not what it should be" if secret else str(problem) for problem in problems]
        return {_where(problem): text for problem, text in zip(problems, texts, strict=True)}

    def _answer(
        self, route: Route, entry: Entry, headers: Mapping[str, str], body: bytes, wrong: tuple[str, ...]
    ) -> list[Finding]:
        contract, operation = operations_of(self.report.api)[route.operation]
        secret = operation.id in self._token_operations
        media = headers.get("content-type", "")
        data, status = data_of(media, body), entry.status or 0
        self.report.answers += not secret
        answer = Answer(
            step="",
            operation=operation.id,
            path=dict(route.path),
            query=_query(route),
            status=status,
            headers={"content-type": media} if media else {},
            data=self._subject.looked_at(operation.id, status, data, body),
            at=entry.world_time.isoformat(),
            asked=_asked(entry) if operation.id in self._subject.queries else None,
            caller=self._caller(entry),
            wrong=wrong,
        )
        self._keep(_without_secrets(answer, entry) if secret else answer)
        return judge_answer(contract, operation, status, media, data, quiet=secret)

    def _keep(self, answer: Answer) -> None:
        self._answers.append(answer)
        if self.heard:
            self.heard(answer)

    def _caller(self, entry: Entry) -> str:
        """A number for each set of credentials, which are not kept."""
        lower = {name.lower(): value for name, value in entry.request_headers.items()}
        credentials = tuple(lower.get(name, "") for name in _CREDENTIALS)
        return self._callers.setdefault(credentials, str(len(self._callers) + 1))


def _query(route: Route) -> dict[str, str]:
    """The query's arguments by the names that the contract has for them, where letters' case does not matter."""
    parameters = route.bound.operation.parameters if route.bound else ()
    names = {
        each.name.lower() if route.bound and route.bound.fold_case else each.name: each.name for each in parameters
    }
    return {names.get(name, name): ",".join(values) for name, values in route.query.items()}


def _where(problem: Problem) -> str:
    return f"{problem.location} {problem.name!r}" if problem.name else problem.location


def _asked(entry: Entry) -> Any:
    try:
        return orjson.loads(entry.request_body)
    except ValueError:
        return None


def _without_secrets(answer: Answer, entry: Entry) -> Answer:
    """Of a token call only what is harmless."""
    form = dict(parse_qsl(entry.request_body.decode(errors="replace")))
    data = harmless(form, answer.data) if answer.ok and isinstance(answer.data, dict) else None
    return Answer("", answer.operation, {}, {}, answer.status, {}, data, answer.at, None, answer.caller, answer.wrong)


def _decoded(headers: Mapping[str, str], body: bytes | None) -> bytes | None:
    """The copy of a body without its compression; None for one that we cannot undo, which is not judged."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if body is None or coding not in ("identity", "gzip", "deflate"):
        return None
    try:
        if coding == "gzip":
            return gzip.decompress(body)
        return zlib.decompress(body) if coding == "deflate" else body
    except (OSError, EOFError, zlib.error):
        return body
