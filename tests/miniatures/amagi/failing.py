"""Wrong clients that do not fail as they should."""

from __future__ import annotations

from datetime import date
from typing import Any

import requests

from known_good.amagi import ClientError, NotYet
from miniatures.amagi.wrong import Wrong


class Failing(Wrong):
    """Does not fail as it should, or does not get over what passes."""

    area = "errors"


class NoFileIsAnEmptyFile(Failing):
    """Takes a report that is not there yet for one without records."""

    scenarios = ("a file that is not there yet",)

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        try:
            return super().report(schedule, from_date)
        except NotYet:
            self.bug()
            return []


class SwallowsRefusals(Failing):
    """Returns what it has when a page fails."""

    scenarios = ("the second page is refused for good",)

    def _ask(self, kind: str, **params: str) -> Any:
        try:
            return super()._ask(kind, **params)
        except ClientError:
            self.bug()
            return {"contentData": [], "contentCount": 0, "adContentData": [], "adContentCount": 0}


class NeverTriesAgain(Failing):
    """Gives up at the first 503."""

    scenarios = ("the second page is refused once",)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        answer = self._session.get(link, params=params, timeout=30, allow_redirects=False)
        if answer.status_code >= requests.codes.server_error:
            self.bug()
        return answer


class DoesNotWait(Failing):
    """Tries again at once when told to wait."""

    scenarios = ("told to wait",)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        answer = self._session.get(link, params=params, timeout=30)
        if answer.status_code == requests.codes.too_many_requests:
            self.bug()
            return self._patiently(link, params)
        return answer
