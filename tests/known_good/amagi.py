"""A careful client of Amagi Analytics, as a user would write it with requests.

Knows nothing of testcard. Returns exactly what the service has, or raises.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from datetime import date
from typing import Any, Self
from urllib.parse import quote

import requests

__all__ = ["Client", "ClientError", "NotYet"]

Row = dict[str, Any]

# Where the document and what was seen of the service differ, both names are read.
_VIEWERS = ("uniqueViewers", "numberOfViewers")
_UNIQUE_ROWS = ("uniqueViewerAnalytics", "uniqueViewersAnalytics")


class ClientError(Exception):
    """The service did not answer as it should; nothing partial was returned. *status* is 0 where it said none."""

    def __init__(self, message: str, status: int = 0, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.unreachable = unreachable


class NotYet(ClientError):
    """There is no such report, or not yet."""


class Client:
    """Asks in the name of one customer. *url* ends in ``/api/v2``; *zone* is the zone of all days and times."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        zone: str = "US/Pacific",
        page_size: int = 100,
        retries: int = 4,
        backoff_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._zone = zone
        self._page_size = page_size
        self._retries = retries
        self._backoff_s = backoff_s
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers["x-access-token"] = token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def channels(self) -> tuple[list[Row], list[Row]]:
        """The channels with viewing figures, and those with ad figures."""
        answer = self._ask("channelList")
        return list(answer["viewershipChannels"]), list(answer["adAnalyticsChannels"])

    def viewership(self, first: date, last: date, interval: str = "DAILY", **filters: str) -> Row:
        """The answer, its rows' viewers under ``uniqueViewers``; checked against its own totals."""
        answer = self._ask_range("viewershipAnalytics", first, last, interval=interval, **filters)
        rows = [_with_viewers(row) for row in answer["viewershipAnalytics"]]
        if sum(row["numberOfSession"] for row in rows) != answer["totalSessions"]:
            raise ClientError(f"viewershipAnalytics: the rows do not add up to {answer['totalSessions']} sessions")
        return {**answer, "viewershipAnalytics": rows}

    def contents(self, first: date, last: date, interval: str = "DAILY", **filters: str) -> list[Row]:
        """All rows of all pages."""
        return self._all("contentAnalytics", "contentData", "contentCount", first, last, interval=interval, **filters)

    def concurrent_users(self, hours: int = 1, **filters: str) -> list[Row]:
        """The points, in UTC; minutes without viewers may be absent."""
        return list(self._ask("concurrentUsers", hoursLimit=str(hours), **filters))

    def ads(self, first: date, last: date, **filters: str) -> Row:
        """The answer."""
        return dict(self._ask_range("adAnalytics", first, last, **filters))

    def ad_contents(self, first: date, last: date, **filters: str) -> list[Row]:
        """All rows of all pages. Opportunities may be those of the whole day: not to be added up."""
        return self._all("adContentAnalytics", "adContentData", "adContentCount", first, last, **filters)

    def unique_viewers(self, first: date, last: date, interval: str, **filters: str) -> Row:
        """The three figures, and the rows under ``rows``."""
        answer = self._ask_range("uniqueViewersAnalytics", first, last, interval=interval, **filters)
        name = next(name for name in _UNIQUE_ROWS if name in answer)
        return {**{key: value for key, value in answer.items() if key != name}, "rows": answer[name]}

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        """The records of a scheduled report, values as sent; none for a blank file. `NotYet` while there is none."""
        base = self._url.removesuffix("/api/v2")
        answer = self._patiently(f"{base}/api/v1/download-reports/{quote(schedule, safe='')}/{from_date}", {})
        if answer.status_code == requests.codes.not_found:
            raise NotYet(f"report {schedule} from {from_date}: {answer.text[:200]}", answer.status_code)
        if answer.status_code != requests.codes.ok:
            message = f"report {schedule} from {from_date}: {answer.status_code} {answer.text[:200]}"
            raise ClientError(message, answer.status_code)
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8"), newline=""), strict=True))
        if any(len(line) != len(lines[0]) for line in lines):
            raise ClientError(f"report {schedule} from {from_date}: lines of different lengths")
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        """All pages. The count is of everything or of the page, so the walk ends at an empty page.

        Where pages do not bring all that is counted, all is asked for at once: it may be that they count from zero.
        """
        rows: list[Row] = []
        empty = 0
        for page in range(1, 100_000):
            asked = {**params, "page": str(page), "limit": str(self._page_size)}
            answer = self._ask_range(kind, first, last, **asked)
            if not answer[key] and len(rows) >= answer[counted]:
                return rows
            empty = 0 if answer[key] else empty + 1
            if empty > 1:
                answer = self._ask_range(kind, first, last, **params)
                if len(answer[key]) != answer[counted]:
                    raise ClientError(f"{kind}: {len(rows)} rows of {answer[counted]}, and no more come")
                return list(answer[key])
            rows += answer[key]
        raise ClientError(f"{kind}: no end of pages")

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        return self._ask(kind, startDate=str(first), endDate=str(last), timezone=self._zone, **params)

    def _ask(self, kind: str, **params: str) -> Any:
        answer = self._patiently(self._url, {"type": kind, **params})
        if answer.status_code != requests.codes.ok:
            raise ClientError(f"{kind}: {answer.status_code} {answer.text[:200]}", answer.status_code)
        try:
            return answer.json()
        except ValueError as error:
            raise ClientError(f"{kind}: no JSON: {error}") from error

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        """One request, repeated a few times where waiting may help."""
        for attempt in range(self._retries + 1):
            try:
                answer = self._session.get(link, params=params, timeout=30, allow_redirects=False)
            except requests.RequestException as error:
                if attempt == self._retries:
                    raise ClientError(f"{link}: {error}", unreachable=True) from error
                self._sleep(self._backoff_s * 2**attempt)
                continue
            busy = answer.status_code == requests.codes.too_many_requests
            if attempt == self._retries or not (busy or answer.status_code >= requests.codes.server_error):
                return answer
            self._sleep(_pause(answer.headers.get("Retry-After"), self._backoff_s * 2**attempt))
        raise AssertionError("a loop that returns or raises")


def _with_viewers(row: Row) -> Row:
    name = next(name for name in _VIEWERS if name in row)
    return {"uniqueViewers": row[name], **{key: value for key, value in row.items() if key != name}}


def _pause(retry_after: str | None, default: float) -> float:
    return max(default, float(retry_after)) if retry_after and retry_after.isdigit() else default
