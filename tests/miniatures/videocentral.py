"""Wrong clients of Video Central: each is the careful one with one bug, which counts how often it ran.

Loops that a real client would never leave end after some hundred rounds here, so that the tests end.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import orjson
import requests

from adapters.videocentral import Adapter
from known_good.videocentral import Client, ClientError, _parse
from miniatures.registry import Miniature, PythonMiniature, ScriptMiniature, kebab

__all__ = ["MINIATURES"]

Row = dict[str, Any]

TWO_PAGES = "a list of two pages and a bit: list_reports"
LONG = "101 reports"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1


class Trusting(Wrong):
    """Most clients do not count their rows."""

    area = "pagination"
    scenarios: ClassVar[Sequence[str]] = (LONG,)

    def _all(self, path: str, **filters: str) -> list[Row]:
        pages = list(self.pages(path, filters))
        if len({page["total"] for page in pages}) > 1:
            raise ClientError("the list changed")
        rows = [row for page in pages for row in page["data"]]
        self.total = len(rows)
        return rows

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        """Page by page, by the link."""
        link, params = self._url + path, {**filters, "limit": str(self._page_size)}
        seen = set()
        while link:
            if link in seen:
                raise ClientError(f"the next page is {link}")
            seen.add(link)
            page = self._get_json(link, params)
            yield page
            link, params = page.get("next"), {}

    def at(self, path: str, filters: Mapping[str, str], offset: int) -> Any:
        """The page at an offset."""
        return self._get_json(self._url + path, {**filters, "limit": str(self._page_size), "offset": str(offset)})


class FirstPageOnly(Trusting):
    """Never follows a link."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        page = self.at(path, filters, 0)
        if page["next"]:
            self.bug()
        yield page


class DropsLastPage(Trusting):
    """Takes a page into account when it has a link to the next."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        for number, page in enumerate(super().pages(path, filters)):
            if page.get("next") or number == 0:
                yield page
            else:
                self.bug()


class StopsAtShortPage(Trusting):
    """Takes a page with fewer rows than it asked for to be the last."""

    scenarios = ("a short page in the middle",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        for page in super().pages(path, filters):
            yield page
            if len(page["data"]) < self._page_size:
                if page.get("next"):
                    self.bug()
                return


class OffsetByLimit(Trusting):
    """Adds its limit to the offset, however many rows came."""

    scenarios = ("fewer rows a page than asked",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        offset, more = 0, True
        while more:
            page = self.at(path, filters, offset)
            yield page
            if page["next"] and len(page["data"]) < self._page_size:
                self.bug()
            offset, more = offset + self._page_size, bool(page["next"])


class OffsetInPages(Trusting):
    """Counts pages where items are counted."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        total = self.at(path, filters, 0)["total"]
        for number in range(-(-total // self._page_size)):
            if number:
                self.bug()
            yield self.at(path, filters, number)


class BeginsAtTheSecondPage(Trusting):
    """Counts pages from one."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        offset, page = self._page_size, {"next": True}
        self.bug()
        while page["next"]:
            page = self.at(path, filters, offset)
            offset += self._page_size
            yield page


class RepeatsTheSeam(Trusting):
    """Begins each page with the last row of the one before."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        offset, page = 0, {"next": True}
        while page["next"]:
            page = self.at(path, filters, offset)
            yield page
            if page["next"]:
                self.bug()
            offset += self._page_size - 1


class ForgetsFilters(Trusting):
    """Has the filters on the first page alone."""

    scenarios = ("a window of several pages",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        page = self.at(path, filters, 0)
        offset = len(page["data"])
        yield page
        while page["next"]:
            if filters:
                self.bug()
            page = self.at(path, {}, offset)
            offset += len(page["data"])
            yield page


class LooksBeyondTheEnd(Trusting):
    """Goes on until two pages in a row are empty."""

    scenarios = (TWO_PAGES,)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        offset, empty = 0, 0
        while empty < 2:
            page = self.at(path, filters, offset)
            offset += self._page_size
            empty += not page["data"]
            yield page
        self.bug()


class DropsEqualNames(Trusting):
    """Takes rows of one name for one row."""

    scenarios = (TWO_PAGES,)

    def _all(self, path: str, **filters: str) -> list[Row]:
        rows = super()._all(path, **filters)
        unique = list({row["name"]: row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class RunsInCircles(Trusting):
    """Follows links without remembering where it was."""

    scenarios = ("the next link leads back",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        page, link = self.at(path, filters, 0), ""
        seen = {link}
        for _ in range(100):
            yield page
            link = page.get("next")
            if not link:
                return
            if link in seen:
                self.bug()
            seen.add(link)
            page = self._get_json(link, None)
        raise ClientError("an end for the tests' sake")


class LatestPageFirst(Trusting):
    """Puts pages together as they happen to arrive."""

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        pages = list(super().pages(path, filters))
        if pages[1:]:
            self.bug()
        yield from reversed(pages)


class TrustsTheFirstTotal(Trusting):
    """Works out from the first page how many pages there are."""

    scenarios = ("rows come while the list is read",)

    def _all(self, path: str, **filters: str) -> list[Row]:
        return [row for page in self.pages(path, filters) for row in page["data"]]

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        page = self.at(path, filters, 0)
        total = page["total"]
        yield page
        for offset in range(self._page_size, total, self._page_size):
            page = self.at(path, filters, offset)
            if page["total"] != total:
                self.bug()
            yield page


class SwallowsAFailedPage(Trusting):
    """Returns what it has when a page fails."""

    scenarios = ("the second page is refused for good",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        try:
            yield from super().pages(path, filters)
        except ClientError:
            self.bug()


class RefusedMeansEmpty(Trusting):
    """Takes what is not found to be empty."""

    area = "errors"
    scenarios = ("an account that there is not",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        try:
            return super()._get_json(link, params)
        except ClientError as error:
            if error.status != requests.codes.not_found:
                raise
            self.bug()
            return {"data": [], "total": 0, "next": None}


class EmptyIsAnError(Trusting):
    """Cannot believe in an empty list."""

    scenarios = ("0 reports",)

    def _all(self, path: str, **filters: str) -> list[Row]:
        rows = super()._all(path, **filters)
        if not rows:
            self.bug()
            raise ClientError("no data")
        return rows


class PhantomRow(Trusting):
    """Has one empty row where there are none."""

    scenarios = ("0 reports",)

    def _all(self, path: str, **filters: str) -> list[Row]:
        rows = super()._all(path, **filters)
        if not rows:
            self.bug()
        return rows or [{}]


class FullPageNeedsALink(Trusting):
    """Takes a full page without a link to be broken."""

    scenarios = ("50 reports",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        for page in super().pages(path, filters):
            if len(page["data"]) == self._page_size and not page["next"]:
                self.bug()
                raise ClientError("a page is missing")
            yield page


class LosesPlaceAfterRenewal(Trusting):
    """Begins the walk again when a token ends, and keeps what it had."""

    area = "auth"
    scenarios = ("the token expires in the middle",)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        link: str | None = self._url + path
        params: dict[str, str] | None = {**filters, "limit": str(self._page_size)}
        while link:
            answer = self._with_token(link, params)
            if answer.status_code == requests.codes.unauthorized:
                self._access_token = ""
                if link != self._url + path:
                    self.bug()
                link, params = self._url + path, {**filters, "limit": str(self._page_size)}
                continue
            page = self._get_json(link, params) if answer.status_code != requests.codes.ok else answer.json()
            yield page
            link, params = page["next"], None


# Parameters and their encoding.


class Filtering(Wrong):
    """Changes the filters on their way."""

    area = "filters"
    scenarios = ("a window of days",)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        changed = self.change(dict(filters))
        if changed != filters:
            self.bug()
        return super().reports(account, group, channel, report_type, **changed)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        """What is sent for what was asked."""
        return filters


class MisspeltFilter(Filtering):
    """Spells a filter in its own way."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name.replace("Gte", "GTE"): value for name, value in filters.items()}


class DropsAFilter(Filtering):
    """Knows two filters of three."""

    scenarios = ("what changed since an instant",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in filters.items() if name != "modifiedDateGte"}


class InclusiveEnd(Filtering):
    """Takes the end of a window for its last day."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return _moved(filters, "reportDateBeginLt", 1)


class ExclusiveBegin(Filtering):
    """Takes the begin of a window for the day before it."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return _moved(filters, "reportDateBeginGte", 1)


class SwapsTheBounds(Filtering):
    """Sends one bound as the other."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        names = {"reportDateBeginGte": "reportDateBeginLt", "reportDateBeginLt": "reportDateBeginGte"}
        return {names.get(name, name): value for name, value in filters.items()}


class CutsInstants(Filtering):
    """Sends the day of an instant."""

    area = "dates"
    scenarios = ("what changed since an instant",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value[:10] for name, value in filters.items()}


class LosesMilliseconds(Filtering):
    """Cuts an instant to its second."""

    area = "dates"
    scenarios = ("reports modified in one second",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r"\.\d+", "", value) for name, value in filters.items()}


class RoundsUpToTheSecond(Filtering):
    """Moves a watermark on to the next second."""

    area = "dates"
    scenarios = ("reports modified in one second",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r":00\.[1-9]\d+", ":01", value) for name, value in filters.items()}


class LosesTheOffset(Filtering):
    """Takes every instant to be in UTC."""

    area = "dates"
    scenarios = ("an instant with an offset",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r"[+-]\d\d:\d\d$", "Z", value) for name, value in filters.items()}


class LocalDates(Filtering):
    """Takes a day to begin at local midnight, in Auckland."""

    area = "dates"

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        zone = ZoneInfo("Pacific/Auckland")
        return {name: datetime.fromisoformat(value).replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).date().isoformat()
                for name, value in filters.items()}  # fmt: skip


class NoLeapDays(Filtering):
    """Has no 29 February."""

    area = "dates"
    scenarios = ("leap day",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value.replace("-02-29", "-02-28") for name, value in filters.items()}


class SecondsForDates(Filtering):
    """Sends seconds since 1970."""

    area = "dates"

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: str(int(datetime.fromisoformat(f"{each}T00:00Z").timestamp())) for name, each in filters.items()}


class OwnNameForLimit(Wrong):
    """Calls the limit pageSize."""

    area = "filters"
    scenarios = (TWO_PAGES,)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        if params and "limit" in params:
            self.bug()
            params = {"pageSize": params.pop("limit"), **params}
        return super()._get_json(link, params)


class RawPlus(Wrong):
    """Does not encode a plus sign in a query."""

    area = "encoding"
    scenarios = ("an instant with an offset",)

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        if params and any("+" in value for value in params.values()):
            self.bug()
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        return super()._with_token(f"{link}?{query}" if query else link, None)


class RawIds(Wrong):
    """Writes ids into a path as they are."""

    area = "encoding"
    scenarios = ("awkward ids",)

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        if quote(account + group + channel, safe="") != account + group + channel:
            self.bug()
        return self._all(f"/accounts/{account}/{group}/{channel}/reportTypes")


class PlusForBlank(Wrong):
    """Encodes a path like a query."""

    area = "encoding"
    scenarios = ("awkward ids",)

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        path = "/".join(quote(each, safe=" ").replace(" ", "+") for each in (account, group, channel))
        if "+" in path:
            self.bug()
        return self._all(f"/accounts/{path}/reportTypes")


class EncodesTwice(Wrong):
    """Encodes what is encoded."""

    area = "encoding"
    scenarios = ("reports under awkward ids",)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        encoded = quote(report_type, safe="")
        if "%" in encoded:
            self.bug()
        return super().reports(account, group, channel, encoded, **filters)


class RebuildsLinks(Trusting):
    """Takes a link apart and decodes what it should pass on."""

    area = "encoding"
    scenarios = ("reports under awkward ids", "an instant with an offset")

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        self._page_size = 5
        page = self.at(path, filters, 0)
        yield page
        while page["next"]:
            self.bug()
            parts = urlsplit(page["next"])
            query = "&".join(f"{name}={value}" for name, value in parse_qsl(parts.query))
            page = self._get_json(f"{parts.scheme}://{parts.netloc}{parts.path}?{query}", None)
            yield page


# Values.


class Reading(Wrong):
    """Reads files in its own way."""

    area = "values"
    scenarios = ("a file with every awkward cell",)

    def records(self, report: Row) -> list[dict[str, str]]:
        link = report.get("downloadUrl")
        return self.read(_unzipped(self._download(link))) if link else []

    def read(self, content: bytes) -> list[Row]:
        """The records of a CSV file."""
        return _parse(content)


class NumbersFromCells(Reading):
    """Makes numbers of what looks like them."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return [{name: _number(cell) for name, cell in row.items()} for row in _parse(content)]


class StripsCells(Reading):
    """Takes blanks away."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return [{name: cell.strip() for name, cell in row.items()} for row in _parse(content)]


class SplitsAtCommas(Reading):
    """Does not know quotes."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        header, *lines = content.decode().splitlines()
        return [dict(zip(header.split(","), line.split(","), strict=False)) for line in lines]


class SplitsUnicodeLines(Reading):
    """Takes every line separator that Unicode has for the end of a record."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return list(csv.DictReader(content.decode().splitlines()))


class WrongCharset(Reading):
    """Reads UTF-8 as Latin-1."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return list(csv.DictReader(io.StringIO(content.decode("latin-1"), newline="")))


class HeaderIsARecord(Reading):
    """Counts the header among the records."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        return [dict(zip(rows[0], row, strict=True)) for row in rows]


class DropsLastRecord(Reading):
    """Takes the last line of a file for its end."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return _parse(content)[:-1]


class NullForEmpty(Wrong):
    """Drops what is null or empty."""

    area = "values"
    scenarios = ("a file with every awkward cell",)

    def records(self, report: Row) -> list[dict[str, str]]:
        self.bug()
        return [{name: cell for name, cell in row.items() if cell != "null"} for row in super().records(report)]


class NumbersForIds(Wrong):
    """Takes ids to be numbers."""

    area = "values"
    scenarios = ("a list of two pages and a bit: list_accounts",)

    def accounts(self) -> list[Row]:
        self.bug()
        return [{**row, "id": str(int(row["id"]))} for row in super().accounts()]


class NeedsTerritory(Wrong):
    """Takes an optional field to be there."""

    area = "values"
    scenarios = ("a channel without territory",)

    def channels(self, account: str, group: str) -> list[Row]:
        rows = super().channels(account, group)
        if any("territory" not in row for row in rows):
            self.bug()
        return [{**row, "territory": row["territory"]} for row in rows]


class EmptyTerritory(Wrong):
    """Makes up an empty text for what is absent."""

    area = "values"
    scenarios = ("a channel without territory",)

    def channels(self, account: str, group: str) -> list[Row]:
        rows = super().channels(account, group)
        if any("territory" not in row for row in rows):
            self.bug()
        return [{"territory": "", **row} for row in rows]


class SortsByName(Wrong):
    """Sorts what is sorted."""

    area = "values"
    scenarios = (TWO_PAGES,)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        self.bug()
        found = super().reports(account, group, channel, report_type, **filters)
        return sorted(found, key=lambda row: row["modifiedDate"][11:])


class OwnDates(Wrong):
    """Writes instants in its own way."""

    area = "values"
    scenarios = (TWO_PAGES,)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        self.bug()
        found = super().reports(account, group, channel, report_type, **filters)
        return [{**row, "modifiedDate": row["modifiedDate"].replace("Z", "+00:00")} for row in found]


# Errors and retries.


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


class Holding(Wrong):
    """Wrong with what it holds."""

    area = "auth"
    scenarios = (TWO_PAGES,)


class TokenForEveryCall(Holding):
    """Fetches a token for every request."""

    scenarios = (LONG,)

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        self.bug()
        self._access_token = ""
        return super()._with_token(link, params)


class NeverRenews(Holding):
    """Does not know that tokens end."""

    scenarios = ("the token ends between two calls",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code != requests.codes.ok:
            self.bug()
            raise ClientError(f"{answer.status_code}", answer.status_code)
        return answer.json()


class RenewsForEver(Holding):
    """Fetches a new token as long as the last one is refused."""

    scenarios = ("every token is refused",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        for attempt in range(30):
            answer = self._with_token(link, params)
            if answer.status_code == requests.codes.ok:
                return answer.json()
            if attempt > 1:
                self.bug()
            self._access_token = ""
        raise ClientError("an end for the tests' sake", 401)


class InsistsOnADeadToken(Holding):
    """Sends the token that was refused again."""

    scenarios = ("the token expires in the middle",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
            self._with_token(link, params)
            return super()._get_json(link, params)
        return answer.json()


class TokenInTheUrl(Holding):
    """Puts the token into the query."""

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        if not self._access_token:
            self._renew()
        self.bug()
        return super()._with_token(link, {**(params or {}), "access_token": self._access_token})


class SecretInTheTokenUrl(Holding):
    """Sends the client's secret in the query of the token call."""

    scenarios = ("no ready token",)

    def _renew(self) -> None:
        self.bug()
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self._client}
        kept, self._token_url = self._token_url, f"{self._token_url}?{urlencode(form)}"
        try:
            super()._renew()
        finally:
            self._token_url = kept


class TokenToStorage(Holding):
    """Sends the token wherever a link leads."""

    area = "storage"
    scenarios = ("files with awkward cells",)

    def _download(self, link: str) -> bytes:
        self.bug()
        return self._patiently("GET", link, headers={"Authorization": f"Bearer {self._access_token}"}).content


class PrintsTheToken(Holding):
    """Logs its headers."""

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        self.bug()
        print(f"GET {link} Authorization: Bearer {self._access_token}")
        return super()._with_token(link, params)


class SecretInTheError(Holding):
    """Says its refresh token when it cannot refresh."""

    scenarios = ("the token service refuses",)

    def _renew(self) -> None:
        try:
            super()._renew()
        except ClientError as error:
            self.bug()
            raise ClientError(f"{error} for {self.refresh_token}", error.status) from error


class NoCredential(Holding):
    """Sends its first request without a token."""

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        self.bug()
        self._session.get(link, params=params, timeout=30)
        return super()._get_json(link, params)


class KeepsLinks(Holding):
    """Keeps download links for longer than they last."""

    area = "storage"
    scenarios = ("a download two hours after another",)
    links: Row

    def records(self, report: Row) -> list[dict[str, str]]:
        if not hasattr(self, "links"):
            self.links = {}
        key = report["reportDateBegin"]
        if key in self.links:
            self.bug()
        report = self.links.setdefault(key, report)
        return super().records(report)


class KeepsLists(Holding):
    """Keeps what it once read."""

    area = "values"
    scenarios = ("a list that grew since the last call",)
    lists: Row

    def _all(self, path: str, **filters: str) -> list[Row]:
        if not hasattr(self, "lists"):
            self.lists = {}
        key = f"{path} {filters}"
        if key in self.lists:
            self.bug()
        else:
            self.lists[key] = super()._all(path, **filters)
        found: list[Row] = self.lists[key]
        return found


def _moved(filters: dict[str, str], name: str, days: int) -> dict[str, str]:
    if name not in filters or "T" in filters[name]:
        return filters
    return {**filters, name: str(date.fromisoformat(filters[name]) + timedelta(days=days))}


def _unzipped(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])


def _number(cell: str) -> Any:
    return float(cell) if re.fullmatch(r"[\d.]+", cell) else cell


_BASES = (Trusting, Filtering, Reading, Failing, Holding)


def _python(wrong: type[Wrong]) -> Miniature:
    adapter = type(wrong.__name__, (Adapter,), {"client": kebab(wrong.__name__), "client_class": wrong})

    def opened() -> PythonMiniature:
        return PythonMiniature(adapter(), lambda: wrong.ran)

    bug = (wrong.__doc__ or "").strip()
    return Miniature("videocentral", kebab(wrong.__name__), wrong.area, bug, "Python", opened, wrong.scenarios)


def _every(base: type[Wrong]) -> Iterator[type[Wrong]]:
    for each in base.__subclasses__():
        if each not in _BASES:
            yield each
        yield from _every(each)


def _script(name: str, area: str, bug: str, *scenarios: str) -> Miniature:
    command = ["node", str(Path(__file__).with_suffix(".mjs")), name]

    def opened() -> ScriptMiniature:
        return ScriptMiniature(command)

    return Miniature("videocentral", f"node-{name}", area, bug, "Node", opened, scenarios)


MINIATURES = [
    *map(_python, _every(Wrong)),
    _script("first-page-only", "pagination", "Never follows a link.", LONG),
    _script("sorts-as-text", "values", "Sorts rows as JavaScript sorts by default.", TWO_PAGES),
    _script("local-midnight", "dates", "Takes a date for local midnight, in Auckland.", "a window of days"),
    _script("encode-uri", "encoding", "Encodes ids with encodeURI.", "awkward ids"),
    _script("numbers-from-cells", "values", "Makes numbers of cells.", "a file with every awkward cell"),
    _script("catches-all", "errors", "Returns nothing when anything fails.", "the second page is refused for good"),
    _script("token-to-storage", "storage", "Sends the token to the storage.", "files with awkward cells"),
    _script("no-await", "auth", "Renews its token and does not wait for it.", "no ready token"),
    _script("dies", "errors", "Ends with an unhandled rejection.", "the second page is refused for good"),
    _script("logs-secrets", "auth", "Logs its environment.", TWO_PAGES),
]
