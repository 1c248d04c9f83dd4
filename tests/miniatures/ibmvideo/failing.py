"""Wrong clients where something fails."""

from __future__ import annotations

from typing import Any

import requests

from known_good.ibmvideo import ClientError
from miniatures.ibmvideo.pagination import Trusting
from miniatures.ibmvideo.wrong import Row, Wrong


class Failing(Wrong):
    """Wrong where something fails."""

    area = "errors"


class GivesUpAtOnce(Failing):
    """Does not try again."""

    scenarios = ("the second page is refused once", "told to wait")

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        answer = self._session.request(method, url, timeout=90, allow_redirects=False, **options)
        if answer.status_code in (429, 503):
            self.bug()
        return answer


class Impatient(Failing):
    """Does not read Retry-After."""

    scenarios = ("told to wait",)

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        for _ in range(5):
            answer = self._session.request(method, url, timeout=90, allow_redirects=False, **options)
            if answer.status_code != requests.codes.too_many_requests:
                break
            self.bug()
        return answer


class NeverGivesUp(Failing):
    """Tries for ever."""

    scenarios = ("a gateway answers the second page",)

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        for attempt in range(40):
            answer = self._session.request(method, url, timeout=90, allow_redirects=False, **options)
            if answer.status_code < requests.codes.server_error:
                break
            if attempt:
                self.bug()
        return answer


class InsistsOnRefusals(Failing):
    """Tries again what was refused for good."""

    scenarios = ("the period ends before it begins",)

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        answer = super()._send(method, url, **options)
        if answer.status_code == requests.codes.bad_request:
            self.bug()
            answer = super()._send(method, url, **options)
        return answer


class RefusedMeansEmpty(Failing):
    """Takes what is refused to be empty."""

    scenarios = ("the period ends before it begins", "a content type that there is not")

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        try:
            return super()._all(path, query, key)
        except ClientError as error:
            if error.status != requests.codes.bad_request:
                raise
            self.bug()
            return []


class FailureIsEmpty(Failing):
    """Takes a failing server to have nothing."""

    scenarios = ("the viewers are refused for good",)

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        try:
            return super()._all(path, query, key)
        except ClientError as error:
            if error.status < requests.codes.server_error:
                raise
            self.bug()
            return []


class SalvagesBrokenJson(Trusting):
    """Makes do with a page that breaks off."""

    area = "errors"
    scenarios = ("a page is not JSON",)

    def _get(self, path: str, query: Any) -> Row:
        try:
            return super()._get(path, query)
        except ClientError as error:
            if "not JSON" not in str(error):
                raise
            self.bug()
            return {"data": [], "pagination": {"next": None}}


class HidesTheStatus(Failing):
    """Takes every error to be JSON, and loses the status over it."""

    scenarios = ("a gateway answers the second page",)

    def _get(self, path: str, query: Any) -> Row:
        try:
            return super()._get(path, query)
        except ClientError as error:
            if error.status != requests.codes.bad_gateway:
                raise
            self.bug()
            raise ClientError("unexpected answer") from None


class ChokesOnNews(Failing):
    """Cannot read an answer with a field that it does not know."""

    scenarios = ("a field that nobody knows",)

    def _get(self, path: str, query: Any) -> Row:
        page = super()._get(path, query)
        if page.keys() - {"resources", "data", "pagination"}:
            self.bug()
            raise ClientError("a field that is not in the document")
        return page
