"""Wrong failures: too soon, too late, not at all, or under another name."""

from __future__ import annotations

import csv
import re
import zipfile
from typing import Any

import orjson
import requests

from known_good.videocentral import ClientError, _parse
from miniatures.videocentral.wrong import Row, Wrong

__all__ = ["Failing"]


class Failing(Wrong):
    """Wrong where something fails."""

    area = "errors"


class GivesUpAtOnce(Failing):
    """Does not try again after 429."""

    scenarios = ("told to wait",)

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        answer = self._session.request(method, link, timeout=30, allow_redirects=False, **more)
        if answer.status_code == requests.codes.too_many_requests:
            self.bug()
        return answer


class Impatient(Failing):
    """Does not read Retry-After."""

    scenarios = ("told to wait",)

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        for _ in range(5):
            answer = self._session.request(method, link, timeout=30, allow_redirects=False, **more)
            if answer.status_code != requests.codes.too_many_requests:
                break
            self.bug()
        return answer


class CannotReadDates(Failing):
    """Takes Retry-After to be a number."""

    scenarios = ("told to wait until a date",)

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        answer = self._session.request(method, link, timeout=30, allow_redirects=False, **more)
        if asked := answer.headers.get("Retry-After"):
            if not asked.isdigit():
                self.bug()
            self._sleep(float(asked))
            return super()._patiently(method, link, **more)
        return answer


class NeverGivesUp(Failing):
    """Tries for ever."""

    scenarios = ("the second page is refused for good",)

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        for attempt in range(40):
            answer = super()._patiently(method, link, **more)
            if answer.status_code < requests.codes.server_error:
                break
            if attempt:
                self.bug()
        return answer


class InsistsOnRefusals(Failing):
    """Tries again what was refused for good."""

    scenarios = ("an account that there is not",)

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        for _ in range(3):
            answer = super()._patiently(method, link, **more)
            if answer.status_code not in (requests.codes.not_found, requests.codes.forbidden):
                break
            self.bug()
        return answer


class SalvagesBrokenJson(Failing):
    """Makes do with the rows that it can read of a broken page."""

    scenarios = ("a page is not JSON",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        try:
            return answer.json()
        except ValueError:
            self.bug()
            rows = [orjson.loads(text) for text in re.findall(r'\{"[^{}]*\}', answer.text)]
            return {"data": rows, "total": len(rows), "next": None}

    def _all(self, path: str, **filters: str) -> list[Row]:
        return self._read(path, filters)[0]


class HidesTheStatus(Failing):
    """Takes every error to be JSON, and loses the status over it."""

    scenarios = ("a gateway answers the second page",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code >= requests.codes.server_error:
            self.bug()
            raise ClientError(f"unexpected answer: {answer.text[:20]}")
        return super()._get_json(link, params)


class FailureIsEmpty(Failing):
    """Takes a failing server to have nothing."""

    scenarios = ("the second page is refused for good",)

    def _all(self, path: str, **filters: str) -> list[Row]:
        try:
            return super()._all(path, **filters)
        except ClientError as error:
            if error.status < requests.codes.server_error:
                raise
            self.bug()
            return []


class HalfAFile(Failing):
    """Takes a download to be complete wherever it ends."""

    scenarios = ("a download is cut off", "the storage is away", "the storage refuses")

    def records(self, report: Row) -> list[dict[str, str]]:
        answer = self._session.get(report["downloadUrl"], timeout=30, stream=True)
        content = b""
        try:
            for piece in answer.raw.stream(64, decode_content=False):
                content += piece
        except requests.exceptions.RequestException:
            pass
        except Exception:  # noqa: BLE001 - whatever breaks, it goes on
            pass
        try:
            return _parse(content)
        except (zipfile.BadZipFile, UnicodeDecodeError, csv.Error, StopIteration):
            self.bug()
            return []


# Tokens and secrets.
