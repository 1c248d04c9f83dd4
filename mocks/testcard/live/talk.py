"""A walk's calls: from a step to an answer that has been judged.

Every query parameter is one that the step declares, every path argument was learned from an earlier answer or is one
of the contract's choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from testcard.contract import Operation
from testcard.errors import MockError, NotReady
from testcard.live.addresses import Addresses
from testcard.live.judging import Finding, data_of, judge_answer
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Step, Subject, operations_of
from testcard.live.wire import LARGEST_FILE, Received, TooLarge, Wire

__all__ = ["Talk", "harmless"]


class Talk:
    """Makes the calls of one walk and keeps every answer. *now* is when the walk began, UTC.

    *given* are the variables that only the user can know; *left_behind* says what was made and could not be removed.
    """

    def __init__(
        self,
        subject: Subject,
        wire: Wire,
        addresses: Addresses,
        credentials: Mapping[str, str],
        now: datetime,
        heard: Callable[[Answer], None] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.now = now
        self.given = given or {}
        self.seen = Seen()
        self.findings: list[Finding] = []
        self.not_checked: list[str] = []
        self.left_behind: list[str] = []
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
        media = received.headers.get("content-type", "")
        data = data_of(media, received.body)
        if received.status != 200 or not isinstance(data, dict) or not data.get("access_token"):
            reason = data.get("error", "") if isinstance(data, dict) else ""
            raise NotReady(f"{operation.id}: refused with {received.status} {str(reason)[:60]}".rstrip())
        self.findings += judge_answer(contract, operation, received.status, media, data, quiet=True)
        self._credentials["TOKEN"] = str(data["access_token"])
        kept = harmless(form, data)
        self._keep(Answer("token", operation.id, {}, {}, received.status, {}, kept, self._stamp()))

    def ask(
        self,
        step_name: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> Answer:
        """Make the call of a step. `NotReady` when the service does not let us in."""
        texts = {name: str(value) for name, value in (query or {}).items()}
        contract, operation = self._operations[self._take(step_name, texts).operation]
        if operation.variant:
            texts = {operation.variant[0]: operation.variant[1], **texts}
        received = self._wire.send(
            operation.method, self._url(operation, path or {}, texts), self._headers(operation), json=body
        )
        self._let_in(operation, received)
        media = received.headers.get("content-type", "")
        data = data_of(media, received.body)
        self.findings += judge_answer(contract, operation, received.status, media, data)
        data = self._subject.looked_at(operation.id, received.status, data, received.body)
        headers = {"content-type": media} if media else {}
        answer = Answer(step_name, operation.id, path or {}, texts, received.status, headers, data, self._stamp(), body)
        self._keep(answer)
        return answer

    def fetch(self, step_name: str, link: str, look: Callable[[bytes], Any], **path: str) -> Answer | None:
        """Read the file behind a link, without credentials; what *look* makes of it is the answer's data.

        None where the link leads elsewhere, or to more than we read: that is not checked, and said so.
        """
        self._take(step_name, {})
        if not self._wire.stores(link):
            self.not_checked.append(
                f"{step_name}: its link leads to {urlsplit(link).netloc}, no storage host that is known"
            )
            return None
        try:
            received = self._wire.fetch(link)
        except TooLarge:
            self.not_checked.append(f"{step_name}: longer than {LARGEST_FILE >> 20} MiB")
            return None
        data = look(received.body) if received.status == 200 else None
        answer = Answer(step_name, "", path, {}, received.status, {}, data, self._stamp())
        self._keep(answer)
        return answer

    def left(self, step_name: str) -> int:
        """How often a step may still be made."""
        return self._subject.step(step_name).at_most - self._counts[step_name]

    def reserve(self, requests: int) -> bool:
        """Keep the budget's last requests for what must not be left out; False where they are used up already."""
        self._wire.reserved = 0
        enough = self._wire.left > requests
        self._wire.reserved = requests if enough else 0
        return enough

    def wait(self, seconds: float) -> None:
        """Wait before the next call, longer than between others."""
        if seconds:
            self._wire.sleep(seconds)

    def _take(self, step_name: str, query: Mapping[str, str]) -> Step:
        """Use a step once: nothing leaves the listing of a dry run."""
        step = self._subject.step(step_name)
        self._counts[step_name] += 1
        if self._counts[step_name] > step.at_most or not set(query) <= set(step.query):
            raise MockError(f"{self._subject.api}: the walk left its step {step_name!r}")
        return step

    def _keep(self, answer: Answer) -> None:
        self.seen.answers.append(answer)
        if self._heard:
            self._heard(answer)

    def _headers(self, operation: Operation) -> dict[str, str]:
        success = operation.response(200)
        kinds = ", ".join(dict.fromkeys(["application/json", *(success.content if success else ())]))
        return {"Accept": kinds, **self._subject.headers(self._credentials)}

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


def harmless(form: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a token call may be kept: no token, but whether a refresh gave the old one back."""
    kept = {name: data.get(name) for name in ("expires_in", "token_type")}
    if form.get("refresh_token"):
        kept["refreshed"] = data.get("refresh_token") == form["refresh_token"]
    return {**kept, "asked_type": form.get("token_type")}
