"""A careful client of IBM Video Streaming Analytics, as a user would write it with requests.

Knows nothing of testcard. Returns exactly what the service has, or raises. Where the documents can be read in several
ways (the key of the rows, absent links, numbers as text) it takes all of them, and it counts pages itself, so it needs
nothing of a link but whether there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self

import requests

__all__ = ["Client", "ClientError"]

Row = dict[str, Any]
Query = Mapping[str, str | int]

_AGAIN = frozenset({429, 502, 503, 504})


class ClientError(Exception):
    """The service did not answer as it should; nothing partial was returned."""


class Client:
    """Reads one customer's analytics. Tokens are fetched and renewed as needed."""

    def __init__(
        self,
        url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        page_size: int = 1000,
        retries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._token_url = token_url
        self._client_id, self._client_secret = client_id, client_secret
        self._page_size = page_size
        self._retries = retries
        self._sleep = sleep
        self._token = ""
        self._session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def views(
        self,
        first: datetime,
        last: datetime,
        content_type: str | None = None,
        content_ids: Iterable[int] = (),
        *,
        unfinished: bool = True,
        inclusive: bool = True,
    ) -> list[Row]:
        """Every view segment of a period; ids of contents need their type."""
        query = {
            **_period(first, last),
            "list_unfinished_segments": _flag(unfinished),
            "inclusive_range": _flag(inclusive),
        }
        return self._all(_path("/views", content_type), {**query, **_ids(content_ids)}, "view_id")

    def viewers(
        self,
        content_type: str | None = None,
        content_ids: Iterable[int] = (),
        *,
        containing: str = "",
        unfinished: bool = True,
    ) -> list[Row]:
        """Every viewer with the segments, perhaps only those whose identifier contains a text."""
        query = {"list_unfinished_segments": _flag(unfinished), **_ids(content_ids)}
        if containing:
            query["viewer_identifier"] = containing
        return self._all(_path("/viewers", content_type), query, "viewer_identifier")

    def count(self, metric: str, first: datetime, last: datetime, content_type: str | None = None) -> int:
        """``total-views``, ``unique-devices`` or ``authenticated-viewers`` of a period."""
        rows = self._all(_path(f"/{metric}", content_type) + "/summary", _period(first, last))
        return int(rows[0]["value"])

    def breakdown(
        self, metric: str, dimension: str, first: datetime, last: datetime, content_type: str | None = None
    ) -> dict[str, int]:
        """A metric by a dimension."""
        rows = self._all(_path(f"/{metric}", content_type) + f"/{dimension}", _period(first, last))
        return {row["point"]: row["value"] for row in rows}

    def over_time(self, metric: str, granularity: str, first: datetime, last: datetime) -> list[Row]:
        """``peak-viewer-numbers`` or ``viewer-seconds`` by content and step."""
        return self._all(f"/{metric}", {**_period(first, last), "granularity": granularity})

    def whole(self, metric: str, content_type: str, content_id: int, first: datetime, last: datetime) -> int:
        """The peak or the seconds of one content; 0 where there is none."""
        query = {**_period(first, last), "content_id": content_id}
        rows = _rows(self._get(f"/{metric}/{content_type}/summary", query))
        return int(rows[0]["attributes"]["value"]) if rows else 0

    def _all(self, path: str, query: Query, key: str = "") -> list[Row]:
        """All rows of all pages. A list that changed under way is read again, for its pages do not fit together."""
        for _ in range(3):
            pages = list(self._pages(path, query))
            rows = [row["attributes"] for page in pages for row in _rows(page)]
            settled = len({page["pagination"]["count"] for page in pages}) == 1
            if settled and (not key or len({row[key] for row in rows}) == len(rows)):
                return rows
        raise ClientError(f"{path}: the list changes while it is read")

    def _pages(self, path: str, query: Query) -> Iterator[Row]:
        """The pages by number, until one has no next; a page may have fewer rows than were asked for."""
        more, number = True, 1
        while more:
            page = self._get(path, {**query, "_limit": self._page_size, "_page": number})
            yield page
            more, number = bool(page["pagination"].get("next")), number + 1

    def _get(self, path: str, query: Query) -> Row:
        """One call. A token that has died is renewed once for each call."""
        for fresh in (False, True):
            if fresh or not self._token:
                self._token = self._new_token()
            answer = self._send("GET", self._url + path, params=query, headers={"Authorization": self._token})
            if answer.status_code != 401:
                break
        return _json(answer)

    def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "token_type": "jwt"}
        answer = self._send("POST", self._token_url, data={**form, "client_secret": self._client_secret})
        return str(_json(answer)["access_token"])

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send until there is an answer that another try would not better; waits as the service asks."""
        for attempt in range(self._retries + 1):
            try:
                answer = self._session.request(method, url, timeout=90, allow_redirects=False, **options)
            except requests.RequestException as error:
                if attempt == self._retries:
                    raise ClientError(f"{method} {url}: {error}") from error
                self._sleep(2.0**attempt)
                continue
            if answer.status_code not in _AGAIN or attempt == self._retries:
                return answer
            wait = answer.headers.get("Retry-After", "")
            self._sleep(float(wait) if wait.isdigit() else 2.0**attempt)
        raise ClientError(f"{method} {url}: no answer")


def _json(answer: requests.Response) -> Row:
    """The body of a 200, which must be whole and JSON."""
    if answer.status_code != 200:
        raise ClientError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}")
    try:
        body = answer.json()
    except ValueError as error:
        raise ClientError(f"{answer.url}: not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ClientError(f"{answer.url}: expected an object")
    return body


def _rows(page: Row) -> list[Row]:
    """The rows under either key; both or neither is no answer."""
    keys = [key for key in ("resources", "data") if key in page]
    if len(keys) != 1 or not isinstance(page[keys[0]], list):
        raise ClientError(f"a page has {', '.join(page) or 'nothing'}; expected resources or data")
    rows: list[Row] = page[keys[0]]
    return rows


def _path(path: str, content_type: str | None) -> str:
    return f"{path}/{content_type}" if content_type else path


def _period(first: datetime, last: datetime) -> dict[str, str | int]:
    for moment in (first, last):
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no offset; the service would take it for Los Angeles time")
    return {"date_time_from": first.isoformat(), "date_time_to": last.isoformat()}


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _ids(content_ids: Iterable[int]) -> dict[str, str]:
    joined = ",".join(map(str, content_ids))
    return {"content_id": joined} if joined else {}
