"""Wrong clients of the kit's calls: credentials, retries, errors, writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import requests

from known_good.videokit import ClientError, NotDone
from miniatures.videokit.wrong import LONG, Row, Wrong

__all__: list[str] = []

LOST = "is carried out and its answer lost"


class Sending(Wrong):
    """Sends once, whatever comes."""

    area = "errors"

    def send(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        """One request."""
        more.pop("repeatable", None)
        try:
            return session.request(method, link, timeout=30, **more)
        except requests.RequestException as error:
            raise ClientError(str(error), unreachable=True) from error


class NeverTriesAgain(Sending):
    """Gives up at the first 503."""

    scenarios = ("the second page is refused once",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        answer = self.send(session, method, link, **more)
        if answer.status_code == requests.codes.service_unavailable:
            self.bug()
        return answer


class DoesNotWait(Sending):
    """Tries again at once when told to wait."""

    scenarios = ("told to wait",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        answer = self.send(session, method, link, **more)
        if answer.status_code == requests.codes.too_many_requests:
            self.bug()
            return self._patiently(session, method, link, **more)
        return answer


class ReadsNoDates(Sending):
    """Takes a Retry-After that is a date for no time at all."""

    scenarios = ("told to wait until a date",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        answer = self.send(session, method, link, **more)
        asked = answer.headers.get("Retry-After", "")
        if asked and not asked.isdigit():
            self.bug()
            return self._patiently(session, method, link, **more)
        return answer


class Repeating(Sending):
    """Repeats whatever failed."""

    verb = ""

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        if method != self.verb:
            return super()._patiently(session, method, link, **more)
        for _ in range(3):
            try:
                answer = self.send(session, method, link, **more)
            except ClientError:
                self.bug()
                continue
            if answer.status_code < requests.codes.server_error:
                return answer
            self.bug()
        raise ClientError("it failed again and again", 500)


class RepeatsPosts(Repeating):
    """Makes again what may have been made."""

    scenarios = (f"making an asset {LOST}", "making an event fails once")
    verb = "POST"


class RepeatsPatches(Repeating):
    """Changes again what may have been changed."""

    scenarios = (f"changing an asset {LOST}",)
    verb = "PATCH"


class InsistsOnADeadKey(Wrong):
    """Sends a refused key again."""

    area = "auth"
    scenarios = ("the key is withdrawn",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        answer = super()._patiently(session, method, link, **more)
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
            return super()._patiently(session, method, link, **more)
        return answer


class KeyInTheUrl(Wrong):
    """Puts the key into the query too."""

    area = "auth"
    scenarios = (LONG,)

    def call(self, method: str, path: str, **more: Any) -> Any:
        self.bug()
        params = {**(more.pop("params", None) or {}), "api_key": self._headers["X-Api-Key"]}
        return super().call(method, path, params=params, **more)


class PrintsTheKey(Wrong):
    """Logs its headers."""

    area = "auth"
    scenarios = (LONG,)

    def call(self, method: str, path: str, **more: Any) -> Any:
        self.bug()
        print(f"{method} {path} {self._headers}")
        return super().call(method, path, **more)


class AsksWithoutAKey(Wrong):
    """Sends its key once it was refused without."""

    area = "auth"
    scenarios = (LONG,)

    def call(self, method: str, path: str, **more: Any) -> Any:
        self.bug()
        requests.request(method, self._url + path, params=more.get("params"), timeout=30)
        return super().call(method, path, **more)


class ForgetsTheTenant(Wrong):
    """Never names the tenant."""

    area = "auth"
    scenarios = ("a key of several tenants",)

    def call(self, method: str, path: str, **more: Any) -> Any:
        if self._headers.pop("X-Tenant-Id", None):
            self.bug()
        return super().call(method, path, **more)


class TakesRefusalsForNothing(Wrong):
    """Takes what may not be done for done."""

    area = "auth"
    scenarios = ("a key that may only read",)

    def call(self, method: str, path: str, **more: Any) -> Any:
        try:
            return super().call(method, path, **more)
        except ClientError as error:
            if error.status != requests.codes.forbidden:
                raise
            self.bug()
            return {}


class NotFoundIsNothing(Wrong):
    """Returns an empty row where there is none."""

    area = "errors"
    scenarios = ("an asset that there is not", "an event that there is not")

    def call(self, method: str, path: str, **more: Any) -> Any:
        try:
            return super().call(method, path, **more)
        except ClientError as error:
            if error.status != requests.codes.not_found or method != "GET":
                raise
            self.bug()
            return {}


class ConflictIsDone(Wrong):
    """Takes a conflict for the state that was wanted."""

    area = "errors"
    scenarios = ("a broken channel is started", "a file in use is deleted")

    def call(self, method: str, path: str, **more: Any) -> Any:
        try:
            return super().call(method, path, **more)
        except ClientError as error:
            if error.status != requests.codes.conflict:
                raise
            self.bug()
            return None


class KeepsDetails(Wrong):
    """Keeps what it once was told."""

    area = "values"
    scenarios = ("an asset is made", "a recording is made")

    def call(self, method: str, path: str, **more: Any) -> Any:
        kept: Row = self.__dict__.setdefault("kept", {})
        if method != "GET" or more:
            return super().call(method, path, **more)
        if path in kept:
            self.bug()
        else:
            kept[path] = super().call(method, path)
        return kept[path]


class Deleting(Wrong):
    """Deletes several in its own way."""

    area = "writes"


class IgnoresEachResult(Deleting):
    """Looks at the status of a deletion of several, and not at each result."""

    scenarios = ("assets are deleted, and one is not there", "files are deleted, and one is in use")

    def _delete_many(self, path: str, ids: Sequence[str]) -> None:
        results = self.call("POST", path, json=list(ids))
        if not all(each["success"] for each in results.values()):
            self.bug()


class TellsByTheCode(Deleting):
    """Takes every result that is not called common_1 for a success."""

    scenarios = ("events are deleted, and one is not there",)

    def _delete_many(self, path: str, ids: Sequence[str]) -> None:
        results = self.call("POST", path, json=list(ids))
        failed = {each: "" for each, row in results.items() if row["status"]["code"] == "common_1"}
        if len(failed) < sum(not row["success"] for row in results.values()):
            self.bug()
        if failed:
            raise NotDone(failed)


class DeletesTheFirst(Deleting):
    """Deletes the first of several."""

    scenarios = ("assets are deleted",)

    def _delete_many(self, path: str, ids: Sequence[str]) -> None:
        if len(ids) > 1:
            self.bug()
        super()._delete_many(path, ids[:1])


class Changing(Wrong):
    """Changes more or less than it was asked to."""

    area = "writes"

    def body(self, path: str, body: Any) -> Any:
        """The body as this client sends it."""
        return body

    def call(self, method: str, path: str, **more: Any) -> Any:
        if method in ("PATCH", "POST") and isinstance(more.get("json"), dict):
            sent = self.body(path, more["json"])
            if sent != more["json"]:
                self.bug()
            more["json"] = sent
        return super().call(method, path, **more)


class SendsWhatIsNotSet(Changing):
    """Sends null for every field that is not to be changed."""

    scenarios = ("an asset's metadata is changed",)

    def body(self, path: str, body: Any) -> Any:
        return {**dict.fromkeys(("title", "tags", "attributes")), **body} if "/assets/" in path else body


class DropsNulls(Changing):
    """Leaves nulls out of what it sends, so that nothing can be cleared."""

    scenarios = ("an asset is cleared",)

    def body(self, path: str, body: Any) -> Any:
        return {name: value for name, value in body.items() if value is not None}


class LocalEvents(Changing):
    """Sends the hands of the clock of an event's zone as if they were UTC."""

    scenarios = ("an event is made",)

    def body(self, path: str, body: Any) -> Any:
        return {name: f"{value[:19]}Z" if name in ("start", "end") else value for name, value in body.items()}


class MetadataAsText(Changing):
    """Writes metadata in ASCII."""

    scenarios = ("an asset is made",)

    def body(self, path: str, body: Any) -> Any:
        if not isinstance(body.get("title"), str):
            return body
        return {**body, "title": body["title"].encode("ascii", "replace").decode()}


class NeverSendsChanges(Changing):
    """Reads where it should write."""

    scenarios = ("an asset is changed",)

    def call(self, method: str, path: str, **more: Any) -> Any:
        if method != "PATCH":
            return super().call(method, path, **more)
        self.bug()
        row = super().call("GET", path)
        shown = ("id", "title", "status", "createDate", "lastModificationDate", "metadata", "tags", "attributes")
        return {**{name: row[name] for name in shown}, **more["json"]}


class TagsInThePath(Changing):
    """Leaves a tag as it is in the path."""

    scenarios = ("tags come and go: vod",)

    def call(self, method: str, path: str, **more: Any) -> Any:
        if method == "DELETE" and "%" in path:
            self.bug()
            path = unquote(path)
        return super().call(method, path, **more)


class CallsItStarted(Wrong):
    """Says that a channel is on as soon as it is starting."""

    area = "values"
    scenarios = ("a channel that is off is switched",)

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = super().call(method, path, **more)
        if path.endswith("/status") and answer.get("status") == "Starting":
            self.bug()
            return {**answer, "status": "On"}
        return answer
