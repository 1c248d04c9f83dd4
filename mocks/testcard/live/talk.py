"""A walk's calls: from a step to an answer that has been judged.

Every query parameter is one that the step declares, every path argument was learned from an earlier answer or is one
of the contract's choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from testcard.contract import Operation, Server
from testcard.errors import MockError, NotReady, UserError
from testcard.live.judging import Finding, judge_answer
from testcard.live.subject import Answer, Seen, Subject, operations_of
from testcard.live.wire import Received, Wire

__all__ = ["Addresses", "Talk", "parse_json"]


class Addresses:
    """Where operations are: at their documented hosts, or all below *base_url*; the token call may be elsewhere."""

    def __init__(self, subject: Subject, variables: Mapping[str, str], base_url: str = "", token_url: str = "") -> None:
        self._subject = subject
        self._variables = variables
        self._base_url = base_url.rstrip("/")
        self._token_url = token_url

    def of(self, operation: Operation) -> str:
        """The address of an operation, its path still a template."""
        if operation.id == self._subject.token_operation and self._token_url:
            return self._token_url
        server = operation.servers[0]
        origin = self._base_url or f"{server.scheme}://{self._host(server)}"
        return origin + server.base + operation.path

    def _host(self, server: Server) -> str:
        host = server.host
        for name, value in self._variables.items():
            host = host.replace(f"{{{name.lower()}}}", value)
        if "{" in host:
            raise UserError(
                f"{host}: set TESTCARD_{self._subject.api.upper()}_{host.split('{')[1].split('}')[0].upper()}"
            )
        return host


class Talk:
    """Makes the calls of one walk and keeps every answer. *now* is when the walk began, UTC."""

    def __init__(
        self,
        subject: Subject,
        wire: Wire,
        addresses: Addresses,
        credentials: Mapping[str, str],
        now: datetime,
        heard: Callable[[Answer], None] | None = None,
    ) -> None:
        self.now = now
        self.seen = Seen()
        self.findings: list[Finding] = []
        self._subject = subject
        self._wire = wire
        self._addresses = addresses
        self._credentials = dict(credentials)
        self._operations = operations_of(subject.api)
        self._counts: Counter[str] = Counter()
        self._heard = heard

    def log_in(self) -> None:
        """Fetch a token where one is needed. Its answer is judged and never shown or kept."""
        make = self._subject.token_form
        if make is None or "TOKEN" in self._credentials:
            return
        contract, operation = self._operations[self._subject.token_operation]
        form = make(self._credentials)
        received = self._wire.send("POST", self._addresses.of(operation), {"Accept": "application/json"}, form=form)
        data = parse_json(received)
        media = received.headers.get("content-type", "")
        if received.status != 200 or not isinstance(data, dict) or not data.get("access_token"):
            reason = data.get("error", "") if isinstance(data, dict) else ""
            raise NotReady(f"{operation.id}: refused with {received.status} {str(reason)[:60]}".rstrip())
        self.findings += judge_answer(contract, operation, received.status, media, data, quiet=True)
        self._credentials["TOKEN"] = str(data["access_token"])
        spent = {"refreshed": data.get("refresh_token") == form.get("refresh_token", "")}
        kept = {"expires_in": data.get("expires_in"), "token_type": data.get("token_type"), **spent}
        self._keep(Answer("token", operation.id, {}, {}, received.status, {}, kept, self._stamp()))

    def ask(
        self,
        step_name: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> Answer:
        """Make the call of a step. `NotReady` when the service does not let us in."""
        step = self._subject.step(step_name)
        texts = {name: str(value) for name, value in (query or {}).items()}
        self._counts[step_name] += 1
        if self._counts[step_name] > step.at_most or not set(texts) <= set(step.query):
            raise MockError(f"{self._subject.api}: the walk left its step {step_name!r}")
        contract, operation = self._operations[step.operation]
        if operation.variant:
            texts = {operation.variant[0]: operation.variant[1], **texts}
        received = self._wire.send(
            operation.method, self._url(operation, path or {}, texts), self._headers(), json=body
        )
        self._let_in(operation, received)
        data, media = parse_json(received), received.headers.get("content-type", "")
        self.findings += judge_answer(contract, operation, received.status, media, data)
        headers = {"content-type": media} if media else {}
        answer = Answer(step_name, operation.id, path or {}, texts, received.status, headers, data, self._stamp())
        self._keep(answer)
        return answer

    def left(self, step_name: str) -> int:
        """How often a step may still be made."""
        return self._subject.step(step_name).at_most - self._counts[step_name]

    def _keep(self, answer: Answer) -> None:
        self.seen.answers.append(answer)
        if self._heard:
            self._heard(answer)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", **self._subject.headers(self._credentials)}

    def _url(self, operation: Operation, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        url = self._addresses.of(operation)
        for name, value in path.items():
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        return f"{url}?{urlencode(query)}" if query else url

    def _let_in(self, operation: Operation, received: Received) -> None:
        """Refusals of credentials end the walk at once: nobody asks again with the same ones."""
        first = not any(answer.status == 200 for answer in self.seen.answers if answer.step != "token")
        if received.status == 401 or (received.status == 403 and first):
            raise NotReady(f"{operation.id}: refused with {received.status}; nothing more was asked")
        if received.status >= 500 and first:
            raise NotReady(f"{operation.id}: answered {received.status}; nothing more was asked")

    def _stamp(self) -> str:
        return self.now.isoformat().replace("+00:00", "Z")


def parse_json(received: Received) -> Any:
    """The body as data, or None."""
    try:
        return orjson.loads(received.body) if received.body else None
    except ValueError:
        return None
