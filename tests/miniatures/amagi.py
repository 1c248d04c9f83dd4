"""Wrong clients of Amagi Analytics: each is the careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import requests

from adapters.amagi import Adapter
from known_good.amagi import Client, ClientError, NotYet
from miniatures.registry import of_classes, of_script

__all__ = ["MINIATURES"]

Row = dict[str, Any]

DAYS = "two days and a bit: get_viewership_analytics"
DAY = "one day: get_viewership_analytics"
LONG = "250 contents"
SEVERAL = "only country United States,Canada"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1


class Paging(Wrong):
    """Walks through contents in its own way."""

    area = "pagination"
    scenarios: ClassVar[Sequence[str]] = (LONG,)

    def page(self, kind: str, first: date, last: date, params: dict[str, str], number: int) -> Any:
        """One page."""
        asked = {**params, "page": str(number), "limit": str(self._page_size)}
        return self._ask_range(kind, first, last, **asked)


class FirstPageOnly(Paging):
    """Asks for one page of contents."""

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        answer = self.page(kind, first, last, params, 1)
        if answer[counted] > len(answer[key]):
            self.bug()
        return list(answer[key])


class StartsAtPageTwo(Paging):
    """Counts pages from zero and adds one too many."""

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        self.bug()
        for number in range(2, 100):
            answer = self.page(kind, first, last, params, number)
            rows += answer[key]
            if len(answer[key]) < self._page_size:
                break
        return rows


class DropsThePartialPage(Paging):
    """Works out the number of pages by dividing down."""

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        answer = self.page(kind, first, last, params, 1)
        rows, pages = list(answer[key]), answer[counted] // self._page_size
        if answer[counted] % self._page_size and pages:
            self.bug()
        for number in range(2, pages + 1):
            rows += self.page(kind, first, last, params, number)[key]
        return rows


class StopsAtShortPage(Paging):
    """Takes a page with fewer rows than it asked for to be the last."""

    scenarios = ("a short page in the middle",)

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        for number in range(1, 100):
            answer = self.page(kind, first, last, params, number)
            rows += answer[key]
            if len(answer[key]) < self._page_size:
                if len(rows) < answer[counted]:
                    self.bug()
                break
        return rows


class ForgetsFiltersOnLaterPages(Paging):
    """Has the channels on the first page alone."""

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        for number in range(1, 100):
            if number > 1:
                self.bug()
            answer = self.page(kind, first, last, params if number == 1 else _only(params, "interval"), number)
            rows += answer[key]
            if len(rows) >= answer[counted]:
                break
        return rows


class KeepsOneRowPerContent(Paging):
    """Takes rows of one content on several days for one."""

    scenarios = ("two days and a bit: get_content_analytics",)

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows = super()._all(kind, key, counted, first, last, **params)
        unique = list({row["contentId"]: row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class Asking(Wrong):
    """Asks for something else than it was asked."""

    area = "dates"
    scenarios: ClassVar[Sequence[str]] = (DAYS,)


class EndIsExclusive(Asking):
    """Takes the last day for the first that does not count, and adds one."""

    scenarios = (DAY,)

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        self.bug()
        return super()._ask_range(kind, first, last + timedelta(days=1), **params)


class DropsTheLastDay(Asking):
    """Asks for a day less."""

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        if last > first:
            self.bug()
            last -= timedelta(days=1)
        return super()._ask_range(kind, first, last, **params)


class ForgetsTheZone(Asking):
    """Never says in which zone its days are."""

    scenarios = ("days in Universal",)

    def _ask(self, kind: str, **params: str) -> Any:
        if params.pop("timezone", "US/Pacific") != "US/Pacific":
            self.bug()
        return super()._ask(kind, **params)


class DaysOfItsOwnZone(Asking):
    """Moves its days as if the service's were those of UTC."""

    scenarios = (DAY,)

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        self.bug()
        moved = datetime.combine(first, datetime.min.time(), UTC) - timedelta(hours=8)
        return super()._ask_range(kind, moved.date(), last, **params)


class AlwaysDaily(Asking):
    """Asks for days when hours are wanted."""

    scenarios = ("hours of a day",)

    def _ask(self, kind: str, **params: str) -> Any:
        if params.get("interval") == "HOURLY":
            self.bug()
            params["interval"] = "DAILY"
        return super()._ask(kind, **params)


class ForgetsTheTimes(Asking):
    """Asks for whole days by the hour."""

    scenarios = ("some hours of a day",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "startTime" in params:
            self.bug()
        return super()._ask(
            kind, **{name: each for name, each in params.items() if name not in ("startTime", "endTime")}
        )


class MisspeltFilter(Asking):
    """Says device_type."""

    area = "encoding"
    scenarios = ("only deviceType Smart TV,Roku",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "deviceType" in params:
            self.bug()
            params["device_type"] = params.pop("deviceType")
        return super()._ask(kind, **params)


class FirstOfSeveral(Asking):
    """Sends the first of several values."""

    area = "encoding"
    scenarios = ("only country United States,Canada",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "," in params.get("country", ""):
            self.bug()
            params["country"] = params["country"].partition(",")[0]
        return super()._ask(kind, **params)


class UnencodedAmpersand(Asking):
    """Puts its query together by hand."""

    area = "encoding"
    scenarios = ("only city Réunion & Co",)

    def _ask(self, kind: str, **params: str) -> Any:
        if any("&" in each for each in params.values()):
            self.bug()
        kept, query = self._url, "&".join(f"{name}={each}" for name, each in {"type": kind, **params}.items())
        self._url = f"{kept}?{query}"
        try:
            answer = self._patiently(self._url, {})
        finally:
            self._url = kept
        if answer.status_code != requests.codes.ok:
            raise ClientError(kind, answer.status_code)
        return answer.json()


class SlashesInThePath(Asking):
    """Leaves a schedule's id as it is."""

    area = "encoding"
    scenarios = ("a schedule that there is not",)

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        if "/" in schedule:
            self.bug()
        link = f"{self._url.removesuffix('/api/v2')}/api/v1/download-reports/{schedule}/{from_date}"
        answer = self._patiently(link, {})
        if answer.status_code != requests.codes.ok:
            raise NotYet(answer.text, answer.status_code)
        return super().report(schedule, from_date)


class Reading(Wrong):
    """Makes something else of an answer."""

    area = "values"
    scenarios: ClassVar[Sequence[str]] = (DAY,)


class IdsAsNumbers(Reading):
    """Makes numbers of ids, and text again, by way of a float."""

    scenarios = ("one day: get_content_analytics",)

    def contents(self, first: date, last: date, interval: str = "DAILY", **filters: str) -> list[Row]:
        rows = super().contents(first, last, interval, **filters)
        self.ran_on(rows)
        return [{**row, "contentId": str(int(float(row["contentId"])))} for row in rows]

    def ran_on(self, rows: list[Row]) -> None:
        """Count when there is something to spoil."""
        if rows:
            self.bug()


class StripsNames(Reading):
    """Trims what it reads."""

    scenarios = (LONG,)

    def contents(self, first: date, last: date, interval: str = "DAILY", **filters: str) -> list[Row]:
        rows = super().contents(first, last, interval, **filters)
        if any(row["contentName"] != row["contentName"].strip() for row in rows):
            self.bug()
        return [{**row, "contentName": row["contentName"].strip()} for row in rows]


class RoundsRates(Reading):
    """Rounds conversion rates to whole numbers."""

    scenarios = ("one day: get_ad_analytics",)

    def ads(self, first: date, last: date, **filters: str) -> Row:
        answer = super().ads(first, last, **filters)
        if answer["adAnalytics"]:
            self.bug()
        return {
            **answer,
            "adAnalytics": [{**r, "conversionRate": round(r["conversionRate"])} for r in answer["adAnalytics"]],
        }


class FillsMinutes(Reading):
    """Takes the points of a list for minutes one after another."""

    scenarios = ("a minute and its neighbours",)

    def concurrent_users(self, hours: int = 1, **filters: str) -> list[Row]:
        rows = super().concurrent_users(hours, **filters)
        if rows:
            self.bug()
            first = datetime.fromisoformat(rows[0]["time"])
            for at, row in enumerate(rows):
                row["time"] = f"{first + timedelta(minutes=at):%Y-%m-%dT%H:%M:00}.000Z"
        return rows


class RepeatedHoursAreOne(Reading):
    """Keeps rows by their time, so that an hour that comes twice is lost."""

    scenarios = ("the clocks go back",)

    def viewership(self, first: date, last: date, interval: str = "DAILY", **filters: str) -> Row:
        answer = super().viewership(first, last, interval, **filters)
        kept = list({row["time"]: row for row in answer["viewershipAnalytics"]}.values())
        if len(kept) < len(answer["viewershipAnalytics"]):
            self.bug()
        return {**answer, "viewershipAnalytics": kept}


class AddsViewersUp(Reading):
    """Adds the days' viewers up to the viewers of all days."""

    scenarios = ("weeks and months of viewers",)

    def unique_viewers(self, first: date, last: date, interval: str, **filters: str) -> Row:
        answer = super().unique_viewers(first, last, interval, **filters)
        added = sum(row["uniqueViewers"] for row in answer["rows"])
        name = f"{interval.lower()}UniqueViewers"
        if added != answer[name]:
            self.bug()
        return {**answer, name: added}


class ChannelsOfOneList(Reading):
    """Takes all channels to have advertising."""

    scenarios = ("the channels",)

    def channels(self) -> tuple[list[Row], list[Row]]:
        viewership, ads = super().channels()
        if viewership != ads:
            self.bug()
        return viewership, viewership


class NumbersFromCells(Reading):
    """Writes the file's numbers in its own way."""

    area = "files"
    scenarios = ("a file: 72 from 2024-06-10",)

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        rows = super().report(schedule, from_date)
        if rows:
            self.bug()
        return [{name: str(int(cell)) if cell.isdigit() else cell for name, cell in row.items()} for row in rows]


class SplitsLinesAtCommas(Reading):
    """Reads CSV with split."""

    area = "files"
    scenarios = ("a file: 71 from 2024-06-12",)

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        link = f"{self._url.removesuffix('/api/v2')}/api/v1/download-reports/{schedule}/{from_date}"
        header, *lines = self._patiently(link, {}).text.splitlines()
        if any('"' in line for line in lines):
            self.bug()
        return [dict(zip(header.split(","), line.split(","), strict=False)) for line in lines]


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


class InsistsOnADeadToken(Failing):
    """Sends a refused token again."""

    area = "auth"
    scenarios = ("every token is refused",)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        answer = super()._patiently(link, params)
        if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
            self.bug()
            return super()._patiently(link, params)
        return answer


class TokenInTheUrl(Failing):
    """Puts the token into the query too."""

    area = "auth"
    scenarios = (DAY,)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        return super()._patiently(link, {**params, "access_token": str(self._session.headers["x-access-token"])})


class PrintsTheToken(Failing):
    """Logs its headers."""

    area = "auth"
    scenarios = (DAY,)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        print(f"GET {link} {self._session.headers}")
        return super()._patiently(link, params)


class AsksWithoutAToken(Failing):
    """Sends its token once it was refused without."""

    area = "auth"
    scenarios = (DAY,)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        requests.get(link, params=params, timeout=30)
        return super()._patiently(link, params)


class KeepsAnswers(Failing):
    """Keeps what it once was told."""

    area = "values"
    scenarios = ("another day after the last call",)
    answers: Row

    def _ask(self, kind: str, **params: str) -> Any:
        if not hasattr(self, "answers"):
            self.answers = {}
        key = f"{kind} {params}"
        if key in self.answers:
            self.bug()
        else:
            self.answers[key] = super()._ask(kind, **params)
        return self.answers[key]


class Presuming(Wrong):
    """Right by the document, wrong under *readings* of it that are as good."""

    area = "readings"
    scenarios: ClassVar[Sequence[str]] = (DAY,)
    readings: ClassVar[Mapping[str, str]] = {}


class KnowsUniqueViewers(Presuming):
    """Knows one of the names that the document has for viewers."""

    readings: ClassVar = {"AM-38": "number-of-viewers"}

    def _ask(self, kind: str, **params: str) -> Any:
        answer = super()._ask(kind, **params)
        self.bug()
        if any("uniqueViewers" not in row for row in answer["viewershipAnalytics"]):
            raise ClientError("a row has no uniqueViewers")
        return answer


class KnowsOneList(Presuming):
    """Knows one of the names that the document has for the list of unique viewers."""

    scenarios = ("one day: get_unique_viewers_analytics",)
    readings: ClassVar = {"AM-62": "plural"}

    def _ask(self, kind: str, **params: str) -> Any:
        answer = super()._ask(kind, **params)
        self.bug()
        if "uniqueViewerAnalytics" not in answer:
            raise ClientError("the answer has no uniqueViewerAnalytics")
        return answer


class TrustsTheCount(Presuming):
    """Takes the count for that of all rows."""

    scenarios = (LONG,)
    readings: ClassVar = {"AM-27": "on-this-page"}

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        self.bug()
        for number in range(1, 100):
            answer = self._ask_range(kind, first, last, **params, page=str(number), limit=str(self._page_size))
            rows += answer[key]
            if len(rows) >= answer[counted]:
                break
        return rows


class CountsFromOne(Presuming):
    """Takes the first page to be page one."""

    scenarios = (LONG,)
    readings: ClassVar = {"AM-25": "zero-based"}

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        self.bug()
        for number in range(1, 100):
            answer = self._ask_range(kind, first, last, **params, page=str(number), limit=str(self._page_size))
            rows += answer[key]
            if not answer[key]:
                break
        return rows


def _only(params: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in params.items() if name in names}


_script = partial(of_script, "amagi", Path(__file__).with_suffix(".mjs"))

MINIATURES = [
    *of_classes("amagi", Wrong, Adapter),
    _script("first-page-only", "pagination", "Asks for one page of contents.", [LONG]),
    _script("numbers-for-ids", "values", "Makes numbers of ids.", ["one day: get_content_analytics"]),
    _script("null-for-zero", "values", "Takes zero to be nothing.", ["several filters at once"]),
    _script("days-here", "dates", "Takes a day to begin at midnight where it runs.", [DAY], zone="Asia/Tokyo"),
    _script("brackets-for-lists", "encoding", "Says country[] for each of several values.", [SEVERAL]),
    _script("token-in-the-url", "auth", "Puts the token into the query too.", [DAY]),
    _script("milliseconds-for-seconds", "errors", "Waits milliseconds when told seconds.", ["told to wait"]),
    _script("splits-at-commas", "files", "Does not know quotes.", ["a file: 71 from 2024-06-12"]),
    _script("catches-all", "errors", "Returns nothing when anything fails.", ["the second page is refused for good"]),
]
