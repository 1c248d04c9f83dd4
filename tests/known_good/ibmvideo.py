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
Bound = datetime | str

_AGAIN = frozenset({429, 502, 503, 504})
_REFUSED = frozenset({400, 401})


class ClientError(Exception):
    """The service did not answer as it should; nothing partial was returned. *status* is 0 where none came."""

    def __init__(self, message: str, status: int = 0, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.unreachable = unreachable


class Client:
    """Reads one customer's analytics. Tokens are fetched and renewed as needed."""

    def __init__(
        self,
        url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        access_token: str = "",
        page_size: int = 1000,
        retries: int = 4,
        backoff_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._token_url = token_url
        self._client_id, self._client_secret = client_id, client_secret
        self._page_size = page_size
        self._retries = retries
        self._backoff_s = backoff_s
        self._sleep = sleep
        self._token = access_token
        self._session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def views(
        self,
        first: Bound,
        last: Bound,
        content_type: str | None = None,
        content_ids: Iterable[int | str] = (),
        *,
        unfinished: bool = True,
        inclusive: bool = True,
    ) -> list[Row]:
        """Every view segment of a period; ids of contents need their type."""
        flags = {"list_unfinished_segments": _flag(unfinished), "inclusive_range": _flag(inclusive)}
        query = {**_period(first, last), **flags, **_ids(content_ids)}
        return self._all(_path("/views", content_type), query, "view_id")

    def viewers(
        self,
        content_type: str | None = None,
        content_ids: Iterable[int | str] = (),
        *,
        containing: str = "",
        unfinished: bool = True,
    ) -> list[Row]:
        """Every viewer with the segments, perhaps only those whose identifier contains a text."""
        query = {"list_unfinished_segments": _flag(unfinished), **_ids(content_ids)}
        if containing:
            query["viewer_identifier"] = containing
        return self._all(_path("/viewers", content_type), query, "viewer_identifier")

    def numbers(
        self,
        metric: str,
        by: str,
        first: Bound,
        last: Bound,
        content_type: str | None = None,
        content_ids: Iterable[int | str] = (),
    ) -> list[Row]:
        """``total-views``, ``unique-devices`` or ``authenticated-viewers`` by a dimension, or their ``summary``."""
        return self._all(_path(f"/{metric}", content_type) + f"/{by}", {**_period(first, last), **_ids(content_ids)})

    def over_time(
        self,
        metric: str,
        granularity: str,
        first: Bound,
        last: Bound,
        content_type: str | None = None,
        content_ids: Iterable[int | str] = (),
    ) -> list[Row]:
        """``peak-viewer-numbers`` or ``viewer-seconds`` by content and step."""
        query = {**_period(first, last), "granularity": granularity, **_ids(content_ids)}
        return self._all(_path(f"/{metric}", content_type), query)

    def whole(self, metric: str, content_type: str, content_id: int | str, first: Bound, last: Bound) -> list[Row]:
        """The peak or the seconds of one content: one row, or none where nothing ran."""
        query = {**_period(first, last), "content_id": str(content_id)}
        return [row["attributes"] for row in _rows(self._get(f"/{metric}/{content_type}/summary", query))]

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
        """A JWT. The secret goes into the body, and behind Basic where that is refused: the documents name no way."""
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "token_type": "jwt"}
        answer = self._send("POST", self._token_url, data={**form, "client_secret": self._client_secret})
        if answer.status_code in _REFUSED and "invalid_client" in answer.text:
            headers = {"Authorization": f"Basic {self._client_secret}"}
            answer = self._send("POST", self._token_url, data=form, headers=headers)
        return str(_json(answer)["access_token"])

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send until there is an answer that another try would not better; waits as the service asks."""
        for attempt in range(self._retries + 1):
            try:
                answer = self._session.request(method, url, timeout=90, allow_redirects=False, **options)
            except requests.RequestException as error:
                if attempt == self._retries:
                    raise ClientError(f"{method} {url}: {error}", unreachable=True) from error
                self._sleep(self._backoff_s * 2.0**attempt)
                continue
            if answer.status_code not in _AGAIN or attempt == self._retries:
                return answer
            wait = answer.headers.get("Retry-After", "")
            self._sleep(float(wait) if wait.isdigit() else self._backoff_s * 2.0**attempt)
        raise ClientError(f"{method} {url}: no answer")


def _json(answer: requests.Response) -> Row:
    """The body of a 200, which must be whole and JSON."""
    if answer.status_code != 200:
        message = f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}"
        raise ClientError(message, answer.status_code)
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


def _period(first: Bound, last: Bound) -> dict[str, str | int]:
    return {"date_time_from": _written(first), "date_time_to": _written(last)}


def _written(moment: Bound) -> str:
    """A bound in the service's form; a text is taken to have it."""
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no offset; the service would take it for Los Angeles time")
    return moment.isoformat()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _ids(content_ids: Iterable[int | str]) -> dict[str, str]:
    joined = ",".join(map(str, content_ids))
    return {"content_id": joined} if joined else {}
