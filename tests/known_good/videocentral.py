"""A careful client of Amazon Video Central, as a user would write it with requests.

Knows nothing of testcard. Returns exactly what the service has, or raises.
"""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import quote, urlsplit

import requests

__all__ = ["Client", "ClientError", "Download"]

Row = dict[str, Any]


class ClientError(Exception):
    """The service did not answer as it should; nothing partial was returned. *status* is 0 where none came."""

    def __init__(self, message: str, status: int = 0, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.unreachable = unreachable


class _LinkExpired(ClientError):
    """A download link is too old; a new listing has a new one."""


@dataclass
class Download:
    """A report with where it hangs and what its file says."""

    account: Row
    group: Row
    channel: Row
    report_type: Row
    report: Row
    records: list[dict[str, str]] = field(default_factory=list)


class Client:
    """Reads the accounts of one user. Access tokens are fetched and renewed as needed."""

    def __init__(
        self,
        url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        *,
        access_token: str = "",
        page_size: int = 50,
        retries: int = 4,
        backoff_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._token_url = token_url
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self.refresh_token = refresh_token
        self._page_size = page_size
        self._retries = retries
        self._backoff_s = backoff_s
        self._sleep = sleep
        self._access_token = access_token
        self.total = 0  # of the list that was read last
        self._session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def accounts(self) -> list[Row]:
        """The accounts that the user can access."""
        return self._all("/accounts")

    def report_groups(self, account: str) -> list[Row]:
        """The groups of reports of an account."""
        return self._all(_path(account))

    def channels(self, account: str, group: str) -> list[Row]:
        """The channels or studios of a group."""
        return self._all(_path(account, group))

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        """The types of report of a channel or studio."""
        return self._all(f"{_path(account, group, channel)}/reportTypes")

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        """The reports of a type; *filters* are the API's parameters."""
        path = f"{_path(account, group, channel)}/reportTypes/{quote(report_type, safe='')}/reports"
        return self._all(path, **filters)

    def records(self, report: Row) -> list[dict[str, str]]:
        """The rows of a report's file; none where there is no file."""
        link = report.get("downloadUrl")
        if not link:
            if report["numRows"]:
                raise ClientError(f"{report['numRows']} rows and no link: {report}")
            return []
        rows = _parse(self._download(link))
        if len(rows) != report["numRows"]:
            raise ClientError(f"{len(rows)} rows in the file, {report['numRows']} announced: {report}")
        return rows

    def walk(self, **filters: str) -> Iterator[Download]:
        """Every report of every type of every channel, downloaded."""
        for account in self.accounts():
            for group in self.report_groups(account["id"]):
                for channel in self.channels(account["id"], group["id"]):
                    for kind in self.report_types(account["id"], group["id"], channel["id"]):
                        place = (account["id"], group["id"], channel["id"], _type_id(kind))
                        for report in self.reports(*place, **filters):
                            yield Download(account, group, channel, kind, report, self._fetch(place, report))

    def _fetch(self, place: tuple[str, str, str, str], report: Row) -> list[dict[str, str]]:
        """A report's records; a link that died since the listing is asked for again, once."""
        try:
            return self.records(report)
        except _LinkExpired:
            near = self.reports(*place, reportDateBeginGte=report["reportDateBegin"])
            same = [each for each in near if _without_link(each) == _without_link(report)]
            if not same:
                raise
            return self.records(same[0])

    def _all(self, path: str, **filters: str) -> list[Row]:
        """All pages. A list that changed under way is read again, for its pages do not fit together."""
        for _ in range(3):
            rows, totals = self._read(path, filters)
            if totals == {len(rows)}:
                self.total = len(rows)
                return rows
        raise ClientError(f"{path}: {len(rows)} items where the pages say {totals}")

    def _read(self, path: str, filters: dict[str, str]) -> tuple[list[Row], set[int]]:
        link: str | None = f"{self._url}{path}"
        params: dict[str, str] | None = {**filters, "limit": str(self._page_size)}
        rows: list[Row] = []
        totals, seen = set(), set()
        while link:
            if link in seen or urlsplit(link).netloc != urlsplit(self._url).netloc:
                raise ClientError(f"{path}: the next page is {link}")
            seen.add(link)
            page = self._get_json(link, params)
            rows += page["data"]
            totals.add(page["total"])
            link, params = page.get("next"), None
        return rows, totals

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code == requests.codes.unauthorized:
            self._access_token = ""
            answer = self._with_token(link, params)
        if answer.status_code != requests.codes.ok:
            raise ClientError(f"{link}: {answer.status_code} {answer.text[:200]}", answer.status_code)
        return _json(answer)

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        if not self._access_token:
            self._renew()
        headers = {"Authorization": f"Bearer {self._access_token}", "Accept": "application/json"}
        return self._patiently("GET", link, params=params, headers=headers)

    def _renew(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self._client}
        answer = self._patiently("POST", self._token_url, data=form)
        if answer.status_code != requests.codes.ok:
            raise ClientError(f"no access token: {answer.status_code} {answer.text[:200]}", answer.status_code)
        tokens = _json(answer)
        self._access_token = tokens["access_token"]
        self.refresh_token = tokens.get("refresh_token") or self.refresh_token

    def _download(self, link: str) -> bytes:
        answer = self._patiently("GET", link)  # no credential: the link is one
        if answer.status_code == requests.codes.forbidden and "expired" in answer.text:
            raise _LinkExpired(f"{link}: {answer.text[:200]}")
        if answer.status_code != requests.codes.ok:
            raise ClientError(f"{link}: {answer.status_code} {answer.text[:200]}", answer.status_code)
        return answer.content

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        """One request, repeated a few times where waiting may help."""
        for attempt in range(self._retries + 1):
            try:
                answer = self._session.request(method, link, timeout=30, allow_redirects=False, **more)
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


def _path(*identities: str) -> str:
    return "/accounts/" + "/".join(quote(identity, safe="") for identity in identities)


def _type_id(row: Row) -> str:
    """The document's sample has two names for it."""
    identity: str = row["id"] if "id" in row else row["reportTypeId"]
    return identity


def _without_link(report: Row) -> Row:
    return {name: value for name, value in report.items() if name != "downloadUrl"}


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise ClientError(f"{answer.url}: no JSON: {error}") from error


def _pause(header: str | None, otherwise: float) -> float:
    """What Retry-After says, in seconds or as a date; a minute at most."""
    if not header:
        return otherwise
    try:
        asked = float(header) if header.isdigit() else parsedate_to_datetime(header).timestamp() - time.time()
    except ValueError:
        return otherwise
    return min(max(asked, otherwise), 60.0)


def _parse(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file, or of the first one in a ZIP."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".csv"))
            content = archive.read(name)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
