"""Wrong clients of IBM Video Streaming Analytics: each is the careful one with one bug, which counts how often it ran.

Loops that a real client would never leave end after some rounds here, so that the tests end.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin, urlsplit
from zoneinfo import ZoneInfo

import orjson
import requests

from adapters.ibmvideo import Adapter
from known_good.ibmvideo import Bound, Client, ClientError, _json, _rows
from miniatures.registry import Miniature, PythonMiniature, ScriptMiniature, kebab

__all__ = ["MINIATURES"]

Row = dict[str, Any]
Query = dict[str, Any]

VIEWS = "a list of two pages and a bit: list_views"
TWO_PAGES = "101 views"
LONG = "250 views"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1


# Pages.


class Trusting(Wrong):
    """Most clients do not look whether their pages fit together."""

    area = "pagination"
    scenarios: ClassVar[Sequence[str]] = (TWO_PAGES,)

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        return [row["attributes"] for page in self._pages(path, query) for row in _rows(page)]

    def page(self, path: str, query: Any, number: int, **more: Any) -> Row:
        """One page."""
        return self._get(path, {**query, "_limit": self._page_size, "_page": number, **more})


class ReadsOnce(Trusting):
    """Takes a list to stand still while it is read."""

    scenarios = ("rows come while the list is read",)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        pages = list(super()._pages(path, query))
        if len(pages) > 1:
            self.bug()
        yield from pages


class FirstPageOnly(Trusting):
    """Never asks for a second page."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        page = self.page(path, query, 1)
        if page["pagination"].get("next"):
            self.bug()
        yield page


class DropsTheLastPage(Trusting):
    """Takes a page into account when it has a link to the next."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        for number, page in enumerate(super()._pages(path, query)):
            if page["pagination"].get("next") or number == 0:
                yield page
            else:
                self.bug()


class StopsAtShortPage(Trusting):
    """Takes a page with fewer rows than it asked for to be the last."""

    scenarios = ("a short page in the middle", "fewer rows a page than asked")

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        for page in super()._pages(path, query):
            yield page
            if len(_rows(page)) < self._page_size:
                if page["pagination"].get("next"):
                    self.bug()
                return


class CountsPagesFromZero(Trusting):
    """Calls the first page page 0."""

    scenarios = (VIEWS,)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        self.bug()
        yield self.page(path, query, 0)
        yield from super()._pages(path, query)


class BeginsAtTheSecondPage(Trusting):
    """Counts pages from zero, and adds one too many."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        self.bug()
        page, number = self.page(path, query, 2), 3
        yield page
        while page["pagination"].get("next"):
            page, number = self.page(path, query, number), number + 1
            yield page


class OffsetForAPage(Trusting):
    """Takes the page for the number of the first row."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        at, page = 1, self.page(path, query, 1)
        yield page
        while _rows(page) and page["pagination"].get("next"):
            self.bug()
            at += len(_rows(page))
            page = self.page(path, query, at)
            yield page


class TakesTheCountForRows(Trusting):
    """Has all rows when it has as many as the pagination counts."""

    scenarios = (LONG,)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        had = 0
        for page in super()._pages(path, query):
            yield page
            had += len(_rows(page))
            if had >= page["pagination"]["count"]:
                if page["pagination"].get("next"):
                    self.bug()
                return


class TrustsTheDefaultLimit(Trusting):
    """Does not say how many rows it wants, and takes fewer than a hundred for the end."""

    scenarios = (VIEWS,)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        for number in range(1, 100):
            page = self._get(path, {**query, "_page": number})
            yield page
            if len(_rows(page)) < self._page_size:
                if page["pagination"].get("next"):
                    self.bug()
                return


class WantsTooMuch(Trusting):
    """Asks for more rows a page than there may be."""

    scenarios = (VIEWS,)

    def page(self, path: str, query: Any, number: int, **more: Any) -> Row:
        """One page."""
        self.bug()
        return super().page(path, query, number, _limit=50_000)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        yield self.page(path, query, 1)


class ForgetsFiltersOnLaterPages(Trusting):
    """Has the flags on the first page alone."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        page, number = self.page(path, query, 1), 2
        yield page
        period = {name: value for name, value in query.items() if name.startswith("date_time")}
        while page["pagination"].get("next"):
            self.bug()
            page, number = self.page(path, period, number), number + 1
            yield page


class Linked(Trusting):
    """Follows links, in its own way."""

    def link(self, href: str) -> str:
        """Where a link leads."""
        return self._url + href if not href.startswith(urlsplit(self._url).path) else urljoin(self._url, href)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        page = self.page(path, query, 1)
        for _ in range(100):
            yield page
            if not page["pagination"].get("next"):
                return
            kept, self._url = self._url, self.link(page["pagination"]["next"]["href"])
            try:
                page = self._get("", {})
            finally:
                self._url = kept
        raise ClientError("an end for the tests' sake")


class JoinsLinksByTheBook(Linked):
    """Joins base and link as addresses are joined, which loses the version."""

    def link(self, href: str) -> str:
        """Where a link leads."""
        if urljoin(self._url, href) != super().link(href):
            self.bug()
        return urljoin(self._url, href)


class RunsInCircles(Linked):
    """Follows links without remembering where it was."""

    scenarios = ("the next link leads back",)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        seen: list[bytes] = []
        for page in super()._pages(path, query):
            links = orjson.dumps(page["pagination"]["self"])
            if links in seen:
                self.bug()
            seen.append(links)
            yield page


class LooksBeyondTheEnd(Trusting):
    """Goes on until two pages are empty."""

    scenarios = (VIEWS,)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        empty, number = 0, 1
        while empty < 2:
            page = self.page(path, query, number)
            empty, number = empty + (not _rows(page)), number + 1
            yield page
        self.bug()


class StopsAtAnEmptyPage(Trusting):
    """Goes on until a page is empty, whatever the links say."""

    scenarios = ("an empty page in the middle",)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        for page in super()._pages(path, query):
            if not _rows(page):
                if page["pagination"].get("next"):
                    self.bug()
                return
            yield page


class SwallowsAFailedPage(Trusting):
    """Returns what it has when a page fails."""

    scenarios = ("the second page is refused for good",)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        try:
            yield from super()._pages(path, query)
        except ClientError:
            self.bug()


class OneViewASession(Trusting):
    """Takes two views that begin alike for one."""

    scenarios = ("two views that differ in their id alone",)

    def views(self, *place: Any, **flags: Any) -> list[Row]:
        rows = super().views(*place, **flags)
        unique = list({(row["viewer_identifier"], row["started_at"]): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class EmptyIsAnError(Trusting):
    """Cannot believe in an empty list."""

    scenarios = ("0 views",)

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        rows = super()._all(path, query, key)
        if not rows:
            self.bug()
            raise ClientError("no data")
        return rows


class LosesPlaceAfterRenewal(Trusting):
    """Begins the walk again when a token ends, and keeps what it had."""

    area = "auth"
    scenarios = ("the token expires in the middle",)

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        number = 1
        while number:
            had = self._token
            page = self.page(path, query, number)
            yield page
            more = bool(page["pagination"].get("next"))
            if number > 1 and self._token != had:
                self.bug()
                number = 0
            number = number + 1 if more else 0


# Parameters and their encoding.


class Asking(Wrong):
    """Asks for something else than it was asked."""

    area = "filters"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)

    def change(self, query: Query) -> Query:
        """What is sent for what was asked."""
        return query

    def _get(self, path: str, query: Any) -> Row:
        changed = self.change(dict(query))
        if changed != query:
            self.bug()
        return super()._get(path, changed)


class PythonsTruth(Asking):
    """Writes flags as Python does."""

    area = "encoding"

    def change(self, query: Query) -> Query:
        return {name: {"true": "True", "false": "False"}.get(value, value) for name, value in query.items()}


class DropsFalse(Asking):
    """Leaves out what is false, which the service takes for true."""

    scenarios = ("on the edges of a period: finished ones",)

    def change(self, query: Query) -> Query:
        return {name: value for name, value in query.items() if value != "false"}


class SwapsTheFlags(Asking):
    """Sends one flag as the other."""

    scenarios = ("on the edges of a period: whole ones",)

    def change(self, query: Query) -> Query:
        names = {"inclusive_range": "list_unfinished_segments", "list_unfinished_segments": "inclusive_range"}
        return dict(sorted((names.get(name, name), value) for name, value in query.items()))


class MisspeltFlag(Asking):
    """Says inclusive where inclusive_range is meant."""

    scenarios = ("on the edges of a period: whole ones",)

    def change(self, query: Query) -> Query:
        return {name.replace("inclusive_range", "inclusive"): value for name, value in query.items()}


class FirstOfSeveral(Asking):
    """Takes content_id for one number."""

    scenarios = ("several contents",)

    def change(self, query: Query) -> Query:
        return {name: value.partition(",")[0] if name == "content_id" else value for name, value in query.items()}


class JoinsIdsWithBlanks(Asking):
    """Writes ids as one would write them in a sentence."""

    area = "encoding"
    scenarios = ("several contents",)

    def change(self, query: Query) -> Query:
        return {name: value.replace(",", ", ") if name == "content_id" else value for name, value in query.items()}


class EscapesWildcards(Asking):
    """Takes the search for a pattern, and escapes its signs."""

    scenarios = ("viewers by signs that searches know",)

    def change(self, query: Query) -> Query:
        escaped = re.sub(r"([%_])", r"\\\1", query.get("viewer_identifier", ""))
        return {**query, "viewer_identifier": escaped} if escaped else query


class SearchesInSmallLetters(Asking):
    """Takes identifiers to be all small letters."""

    scenarios = ("viewers by a part of their name",)

    def change(self, query: Query) -> Query:
        return {name: value.lower() if name == "viewer_identifier" else value for name, value in query.items()}


class ForgetsTheType(Asking):
    """Asks for all contents, and keeps those with the number."""

    scenarios = ("a channel and a video of one number",)

    def views(self, first: Bound, last: Bound, content_type: Any = None, content_ids: Any = (), **flags: Any) -> Any:
        if not content_ids:
            return super().views(first, last, content_type, **flags)
        self.bug()
        rows = super().views(first, last, **flags)
        return [row for row in rows if row["content_id"] in content_ids]


class CopiesTheExample(Asking):
    """Writes Live and Recorded, as a line of the document does."""

    area = "encoding"
    scenarios = ("a list of two pages and a bit: list_views_of_type",)

    def _get(self, path: str, query: Any) -> Row:
        copied = path.replace("/live", "/Live").replace("/recorded", "/Recorded")
        if copied != path:
            self.bug()
        return super()._get(copied, query)


class UnescapedPlus(Asking):
    """Puts its address together by hand, plus signs and all."""

    area = "encoding"

    def _get(self, path: str, query: Any) -> Row:
        if any("+" in str(value) for value in query.values()):
            self.bug()
        return super()._get(f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}", {})


class EncodesTwice(Asking):
    """Encodes what will be encoded."""

    area = "encoding"
    scenarios = ("viewers by signs that addresses know",)

    def change(self, query: Query) -> Query:
        wanted = query.get("viewer_identifier")
        return {**query, "viewer_identifier": urlencode({"": wanted})[1:]} if wanted else query


class DropsTheNameless(Asking):
    """Takes a viewer without a name for nobody."""

    area = "values"
    scenarios = ("awkward names",)

    def viewers(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().viewers(*place, **more)
        if any(not row["viewer_identifier"] for row in rows):
            self.bug()
        return [row for row in rows if row["viewer_identifier"]]


# Times.


class Timing(Asking):
    """Changes the bounds of periods."""

    area = "dates"

    def change(self, query: Query) -> Query:
        return {name: self.bound(name, v) if name.startswith("date_time") else v for name, v in query.items()}

    def bound(self, name: str, text: str) -> str:
        """What is sent for a bound."""
        return text


class EndIsExclusive(Timing):
    """Takes the end not to belong to the period, and makes up for it."""

    scenarios = ("on the edges of a period: all",)

    def bound(self, name: str, text: str) -> str:
        return text if name.endswith("from") else (datetime.fromisoformat(text) + timedelta(seconds=1)).isoformat()


class BeginIsExclusive(Timing):
    """Begins behind the begin, so as to have nothing twice."""

    scenarios = ("on the edges of a period: all",)

    def bound(self, name: str, text: str) -> str:
        return text if name.endswith("to") else (datetime.fromisoformat(text) + timedelta(seconds=1)).isoformat()


class LosesTheOffset(Timing):
    """Sends the clock of a time without its offset."""

    scenarios = ("times with an offset east of UTC",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"[+-]\d\d:\d\d$", "", text)


class OffsetMeansUtc(Timing):
    """Takes every offset for none."""

    scenarios = ("times with an offset west of UTC",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"[+-]\d\d:\d\d$", "Z", text)


class HalfHoursAreLost(Timing):
    """Knows offsets of whole hours."""

    scenarios = ("times with an offset of half an hour",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"([+-]\d\d):30$", r"\1:00", text)


class NaiveIsUtc(Timing):
    """Takes times without an offset for UTC."""

    scenarios = ("times with no offset: Los Angeles time",)

    def bound(self, name: str, text: str) -> str:
        return text if re.search(r"(Z|[+-]\d\d:\d\d)$", text) else f"{text}Z"


class NaiveIsLocal(Timing):
    """Takes times without an offset for those of its own place, Auckland."""

    scenarios = ("times with no offset: Los Angeles time",)

    def bound(self, name: str, text: str) -> str:
        moment = datetime.fromisoformat(text)
        return text if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Pacific/Auckland")).isoformat()


class AlwaysWinter(Timing):
    """Takes Los Angeles to be at minus eight hours all year."""

    scenarios = ("the clocks go forward, and times have no offset",)

    def bound(self, name: str, text: str) -> str:
        return f"{text}-08:00" if len(text) == len("2026-03-08T00:00:00") else text


class CutsFractions(Timing):
    """Knows whole seconds."""

    scenarios = ("times with fractions of a second",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"\.\d+", "", text)


class DaysForTimes(Timing):
    """Sends the day of a time."""

    def bound(self, name: str, text: str) -> str:
        return text[:10]


class SecondsForTimes(Timing):
    """Sends seconds since 1970."""

    def bound(self, name: str, text: str) -> str:
        return str(int(datetime.fromisoformat(text).timestamp()))


class SwapsTheBounds(Timing):
    """Sends one bound as the other."""

    def change(self, query: Query) -> Query:
        names = {"date_time_from": "date_time_to", "date_time_to": "date_time_from"}
        return {names.get(name, name): value for name, value in query.items()}


class HalvesOverlap(Timing):
    """Asks for two halves of a period, and has twice what reaches into both."""

    scenarios = ("on the edges of a period: all",)

    def views(self, first: Bound, last: Bound, *place: Any, **flags: Any) -> list[Row]:
        begin, end = (datetime.fromisoformat(each) for each in (str(first), str(last)))
        middle = begin + (end - begin) / 2
        self.bug()
        return super().views(begin, middle, *place, **flags) + super().views(middle, end, *place, **flags)


# Values.


class Reading(Wrong):
    """Makes something else of an answer."""

    area = "values"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)

    def change(self, row: Row) -> Row:
        """What is returned for a row."""
        return row

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        rows = super()._all(path, query, key)
        changed = [self.change(row) for row in rows]
        if changed != rows:
            self.bug()
        return changed


class ClientsAsNumbers(Reading):
    """Takes the id of a player for a number, by way of a float."""

    def change(self, row: Row) -> Row:
        return row | ({"client_id": f"{float(row['client_id']):.0f}"} if "client_id" in row else {})


class LosesLeadingZeros(Reading):
    """Takes the id of a player for a whole number."""

    scenarios = ("ids beyond what a double tells apart",)

    def change(self, row: Row) -> Row:
        return row | ({"client_id": str(int(row["client_id"]))} if "client_id" in row else {})


class ContentsAsNumbers(Reading):
    """Makes numbers of the ids of contents, as the table has them."""

    def change(self, row: Row) -> Row:
        return row | ({"content_id": int(row["content_id"])} if "view_id" in row else {})


class RoundsContents(Reading):
    """Reads the ids of contents as a double holds them."""

    scenarios = ("ids beyond what a double tells apart",)

    def change(self, row: Row) -> Row:
        return {
            **row,
            "segments": [{**each, "content_id": int(float(each["content_id"]))} for each in row.get("segments", ())],
        } if "segments" in row else row  # fmt: skip


class RunningEndsNow(Reading):
    """Gives an end to what still runs."""

    scenarios = ("views that still run",)

    def change(self, row: Row) -> Row:
        return {**row, "finished_at": row["finished_at"] or row["started_at"]} if "finished_at" in row else row


class DropsNulls(Reading):
    """Drops what is null."""

    scenarios = ("null wherever it may be",)

    def change(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if value is not None}


class EmptyForNull(Reading):
    """Has an empty text where the device is not known."""

    scenarios = ("null wherever it may be",)

    def change(self, row: Row) -> Row:
        if "device_info" not in row:
            return row
        info = {part: {n: v or "" for n, v in names.items()} for part, names in row["device_info"].items()}
        return {**row, "device_info": info}


class OwnTimes(Reading):
    """Writes instants in its own way."""

    def change(self, row: Row) -> Row:
        text = row.get("started_at", "")
        return {**row, "started_at": text.replace("+00:00", ".000Z")} if text else row


class PacificTimes(Reading):
    """Shows times by the clock of Los Angeles, and leaves the offset as it was."""

    def change(self, row: Row) -> Row:
        if "started_at" not in row:
            return row
        moment = datetime.fromisoformat(row["started_at"]).astimezone(ZoneInfo("America/Los_Angeles"))
        return {**row, "started_at": moment.replace(tzinfo=UTC).isoformat()}


class MillisecondsForSeconds(Reading):
    """Takes positions for seconds and returns milliseconds."""

    def change(self, row: Row) -> Row:
        return {**row, "from": row["from"] * 1000, "to": row["to"] * 1000} if "from" in row else row


class StripsNames(Reading):
    """Trims what it reads."""

    scenarios = ("awkward names",)

    def change(self, row: Row) -> Row:
        return {**row, "viewer_identifier": row["viewer_identifier"].strip()} if "viewer_identifier" in row else row


class WatchesFromSegments(Reading):
    """Counts segments where the service counts contents."""

    scenarios = ("views that still run",)

    def change(self, row: Row) -> Row:
        return {**row, "videos_watched": len(row["segments"])} if "segments" in row else row


class MergesCapitals(Reading):
    """Takes viewers whose names differ in capitals for one."""

    scenarios = ("awkward names",)

    def viewers(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().viewers(*place, **more)
        unique = list({row["viewer_identifier"].lower(): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class MergesNumbers(Reading):
    """Takes a channel and a video of one number for one content."""

    scenarios = ("viewer_seconds by the step",)

    def over_time(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().over_time(*place, **more)
        unique = list({(row["content_id"], row["time"]): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class AddsDevicesUp(Reading):
    """Adds the places' devices up to the devices of all places."""

    scenarios = ("unique_devices of a period",)

    def numbers(self, metric: str, by: str, *place: Any, **more: Any) -> list[Row]:
        rows = super().numbers(metric, by, *place, **more)
        if by == "summary" and metric != "total-views":
            self.bug()
            rows[0]["value"] = sum(row["value"] for row in super().numbers(metric, "country", *place, **more))
        return rows


class KeepsLists(Reading):
    """Keeps what it once read."""

    scenarios = ("a list that grew since the last call", "a view that ends between two calls")
    lists: Row

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        if not hasattr(self, "lists"):
            self.lists = {}
        name = f"{path} {query}"
        if name in self.lists:
            self.bug()
        else:
            self.lists[name] = super()._all(path, query, key)
        found: list[Row] = self.lists[name]
        return found


# Errors and retries.


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


class SalvagesBrokenJson(Failing):
    """Makes do with a page that breaks off."""

    scenarios = ("a page is not JSON",)

    def _get(self, path: str, query: Any) -> Row:
        try:
            return super()._get(path, query)
        except ClientError as error:
            if "not JSON" not in str(error):
                raise
            self.bug()
            return {"data": [], "pagination": {"count": 3, "next": None}}


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


# Tokens and secrets.


class Holding(Wrong):
    """Wrong with what it holds."""

    area = "auth"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)


class Fetching(Holding):
    """Asks for a token in its own way."""

    scenarios: ClassVar[Sequence[str]] = ("no ready token",)

    def ask(self, form: Row, **options: Any) -> str:
        """One call of the token service."""
        self.bug()
        fields = {"grant_type": "client_credentials", "client_id": self._client_id, **form}
        return str(_json(self._send("POST", self._token_url, data=fields, **options))["access_token"])


class OpaqueToken(Fetching):
    """Does not ask for a JWT."""

    def _new_token(self) -> str:
        return self.ask({"client_secret": self._client_secret})


class TokenTypeInTheQuery(Fetching):
    """Asks for a JWT in the query, where it changes nothing."""

    def _new_token(self) -> str:
        return self.ask({"client_secret": self._client_secret}, params={"token_type": "jwt"})


class UsualBasic(Fetching):
    """Proves itself by the pair that Basic usually carries."""

    def _new_token(self) -> str:
        pair = base64.b64encode(f"{self._client_id}:{self._client_secret}".encode()).decode()
        return self.ask({"token_type": "jwt"}, headers={"Authorization": f"Basic {pair}"})


class SecretInTheTokenUrl(Fetching):
    """Sends the secret in the query of the token call."""

    def _new_token(self) -> str:
        secret = {"client_secret": self._client_secret}
        return self.ask({"token_type": "jwt", **secret}, params=secret)


class SecretInTheError(Fetching):
    """Says its secret when it gets no token."""

    scenarios = ("the token service refuses",)

    def _new_token(self) -> str:
        try:
            return super()._new_token()
        except ClientError as error:
            self.bug()
            raise ClientError(f"{error} for {self._client_secret}", error.status) from error


class BearerToken(Holding):
    """Puts Bearer before the token."""

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        if method == "GET":
            self.bug()
            options["headers"] = {"Authorization": f"Bearer {self._token}"}
        return super()._send(method, url, **options)


class TokenForEveryCall(Holding):
    """Fetches a token for every request."""

    scenarios = (LONG,)

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        self._token = ""
        return super()._get(path, query)


class NeverRenews(Holding):
    """Does not know that tokens end."""

    scenarios = ("the token ends between two calls",)

    def _get(self, path: str, query: Any) -> Row:
        answer = self._send("GET", self._url + path, params=query, headers={"Authorization": self._token})
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
        return _json(answer)


class RenewsForEver(Holding):
    """Fetches a new token as long as the last one is refused."""

    scenarios = ("every token is refused",)

    def _get(self, path: str, query: Any) -> Row:
        for attempt in range(30):
            answer = self._send("GET", self._url + path, params=query, headers={"Authorization": self._token})
            if answer.status_code == requests.codes.ok:
                return _json(answer)
            if attempt > 1:
                self.bug()
            self._token = self._new_token()
        raise ClientError("an end for the tests' sake", 401)


class InsistsOnADeadToken(Holding):
    """Sends the token that was refused again."""

    scenarios = ("the token expires in the middle",)

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        answer = super()._send(method, url, **options)
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
            answer = super()._send(method, url, **options)
        return answer


class TokenInTheUrl(Holding):
    """Puts the token into the query too."""

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        return super()._get(path, {**query, "access_token": self._token})


class PrintsTheToken(Holding):
    """Logs its headers."""

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        self.bug()
        print(f"{method} {url} {options.get('headers')}")
        return super()._send(method, url, **options)


class AsksWithoutAToken(Holding):
    """Sends its token once it was refused without."""

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        requests.get(self._url + path, params=query, timeout=30)
        return super()._get(path, query)


_BASES = (Trusting, Linked, Asking, Timing, Reading, Failing, Holding, Fetching)


def _python(wrong: type[Wrong]) -> Miniature:
    adapter = type(wrong.__name__, (Adapter,), {"client": kebab(wrong.__name__), "client_class": wrong})

    def opened() -> PythonMiniature:
        return PythonMiniature(adapter(), lambda: wrong.ran)

    bug = (wrong.__doc__ or "").strip()
    return Miniature("ibmvideo", kebab(wrong.__name__), wrong.area, bug, "Python", opened, wrong.scenarios)


def _every(base: type[Wrong]) -> Iterable[type[Wrong]]:
    for each in base.__subclasses__():
        if each not in _BASES:
            yield each
        yield from _every(each)


def _script(name: str, area: str, bug: str, *scenarios: str) -> Miniature:
    command = ["node", str(Path(__file__).with_suffix(".mjs")), name]

    def opened() -> ScriptMiniature:
        return ScriptMiniature(command)

    return Miniature("ibmvideo", f"node-{name}", area, bug, "Node", opened, scenarios)


MINIATURES = [
    *map(_python, _every(Wrong)),
    _script("first-page-only", "pagination", "Never follows a link.", TWO_PAGES),
    _script("joins-addresses", "pagination", "Joins base and link by new URL, which loses the version.", TWO_PAGES),
    _script("rounds", "values", "Reads ids as numbers.", "ids beyond what a double tells apart"),
    _script("own-clock", "dates", "Takes times without an offset for those of its own place, Auckland.",
            "times with no offset: Los Angeles time"),
    _script("drops-false", "filters", "Sends what is true.", "on the edges of a period: whole ones"),
    _script("encode-uri", "encoding", "Encodes the query with encodeURI.", "viewers by signs that addresses know"),
    _script("catches-all", "errors", "Returns nothing when anything fails.", "the second page is refused for good"),
    _script("no-await", "auth", "Renews its token and does not wait for it.", "no ready token"),
    _script("dies", "errors", "Ends with an unhandled rejection.", "the second page is refused for good"),
    _script("logs-secrets", "auth", "Logs its environment.", VIEWS),
]  # fmt: skip
