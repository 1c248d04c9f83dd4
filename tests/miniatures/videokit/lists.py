"""Wrong clients of the kit's lists: pages, filters, encodings, what becomes of values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from known_good.videokit import ClientError
from miniatures.videokit.wrong import LONG, Row, Wrong

__all__: list[str] = []

TWO_PAGES_FILTERED = "assets by several filters over two pages"


class Paging(Wrong):
    """Walks in its own way, and believes what it gets."""

    area = "pagination"

    def page(self, path: str, filters: Row, number: int, **more: Any) -> Row:
        """One page."""
        params = {**filters, "page": number, "limit": self._page_size, **more}
        return dict(self.call("GET", path, params=params))

    def pages(self, path: str, filters: Row) -> list[Row]:
        """All rows, in the way of this client."""
        raise NotImplementedError

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        return self.pages(path, filters)


class FirstPageOnly(Paging):
    """Reads one page."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        answer = self.page(path, filters, 1)
        if answer["pageCount"] > 1:
            self.bug()
        return list(answer["items"])


class PagesFromZero(Paging):
    """Counts pages from zero."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        self.bug()
        return list(self.page(path, filters, 0)["items"])


class SkipsTheFirstPage(Paging):
    """Counts pages from zero and adds one too many."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows: list[Row] = []
        self.bug()
        for number in range(2, 100):
            answer = self.page(path, filters, number)
            rows += answer["items"]
            if number >= answer["pageCount"]:
                break
        return rows


class DropsThePartialPage(Paging):
    """Works out the number of pages by dividing down."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        answer = self.page(path, filters, 1)
        rows, count = list(answer["items"]), answer["totalCount"] // self._page_size
        if answer["totalCount"] % self._page_size:
            self.bug()
        for number in range(2, count + 1):
            rows += self.page(path, filters, number)["items"]
        return rows


class StopsAtAShortPage(Paging):
    """Takes a page with fewer rows than it asked for to be the last."""

    scenarios = ("a short page in the middle",)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows: list[Row] = []
        for number in range(1, 100):
            answer = self.page(path, filters, number)
            rows += answer["items"]
            if len(answer["items"]) < self._page_size:
                if number < answer["pageCount"]:
                    self.bug()
                break
        return rows


class StopsAtAnEmptyPage(Paging):
    """Takes an empty page to be behind the last."""

    scenarios = ("an empty page in the middle",)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows: list[Row] = []
        for number in range(1, 100):
            answer = self.page(path, filters, number)
            rows += answer["items"]
            if number >= answer["pageCount"]:
                break
            if not answer["items"]:
                self.bug()
                break
        return rows


class TrustsTheFirstPageCount(Paging):
    """Reads as many pages as the first one tells of."""

    scenarios = ("a short page in the middle",)

    def pages(self, path: str, filters: Row) -> list[Row]:
        first = self.page(path, filters, 1)
        rows, answer = list(first["items"]), first
        for number in range(2, first["pageCount"] + 1):
            answer = self.page(path, filters, number)
            rows += answer["items"]
        if answer["pageCount"] > first["pageCount"]:
            self.bug()
        return rows


class EverythingInOnePage(Paging):
    """Asks for a million rows and takes what comes for all there are."""

    scenarios = ("fewer rows a page than asked",)

    def pages(self, path: str, filters: Row) -> list[Row]:
        answer = self.page(path, filters, 1, limit=1_000_000)
        if answer["pageCount"] > 1:
            self.bug()
        return list(answer["items"])


class HasMoreAsText(Paging):
    """Compares hasMore with a word."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows: list[Row] = []
        for number in range(1, 100):
            answer = self.page(path, filters, number)
            rows += answer["items"]
            if answer["hasMore"] != "true":
                if answer["hasMore"]:
                    self.bug()
                break
        return rows


class ReadsOnBehindTheEnd(Paging):
    """Reads three pages more than there are."""

    scenarios = (LONG,)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows: list[Row] = []
        number, count = 1, 1
        while number <= count + 3:
            answer = self.page(path, filters, number)
            rows += answer["items"]
            count, number = answer["pageCount"], number + 1
        self.bug()
        return rows


class BelievesTheLastTotal(Paging):
    """Compares its rows with the total of the last page, although earlier pages told another."""

    scenarios = ("rows go while the list is read",)

    def pages(self, path: str, filters: Row) -> list[Row]:
        rows, totals = self._read(path, "page", "limit", filters)
        if len(totals) > 1:
            self.bug()
        return rows


class Losing(Paging):
    """Has some of what was asked on the first page alone."""

    scenarios = (TWO_PAGES_FILTERED,)
    lost: tuple[str, ...] = ()

    def pages(self, path: str, filters: Row) -> list[Row]:
        answer = self.page(path, filters, 1)
        rows = list(answer["items"])
        for number in range(2, answer["pageCount"] + 1):
            self.bug()
            kept = {name: value for name, value in filters.items() if name not in self.lost}
            rows += self.page(path, kept, number)["items"]
        return rows


class LosesFilters(Losing):
    """Has the filters on the first page alone."""

    lost = ("statuses", "presets")


class LosesTheOrder(Losing):
    """Has the order on the first page alone."""

    lost = ("sort", "desc")


class OneRowPerTitle(Wrong):
    """Takes assets of one title for one."""

    area = "pagination"
    scenarios = (LONG,)

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        rows = super().walk(path, page=page, limit=limit, **filters)
        unique = list({row.get("title"): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class Asking(Wrong):
    """Asks for something else than it was asked."""

    area = "encoding"

    def asked(self, filters: Row) -> Row:
        """The filters as this client sends them."""
        return filters

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        return super().walk(path, page=page, limit=limit, **self.changed(filters, self.asked(filters)))

    def changed(self, one: Row, other: Row) -> Row:
        """Count where it makes a difference."""
        if one != other:
            self.bug()
        return other


class FirstOfSeveral(Asking):
    """Sends the first of several values."""

    scenarios = ("assets by status",)

    def asked(self, filters: Row) -> Row:
        return {name: value[:1] if isinstance(value, list) else value for name, value in filters.items()}


class JoinsWithSemicolons(Asking):
    """Joins several values with semicolons."""

    scenarios = ("assets by status",)

    def asked(self, filters: Row) -> Row:
        return {name: ";".join(value) if isinstance(value, list) else value for name, value in filters.items()}


class BracketsBehindNames(Asking):
    """Writes several values as PHP reads them."""

    scenarios = ("assets by preset",)

    def asked(self, filters: Row) -> Row:
        return {f"{name}[]" if isinstance(value, list) else name: value for name, value in filters.items()}


class MisspeltFilter(Asking):
    """Says createdDateStart."""

    scenarios = ("assets since a moment",)

    def asked(self, filters: Row) -> Row:
        return {name.replace("createDateS", "createdDateS"): value for name, value in filters.items()}


class UnescapedAttributes(Asking):
    """Puts attributes into the query as they are."""

    scenarios = ("assets by attribute",)

    def _patiently(self, session: Any, method: str, link: str, **more: Any) -> Any:
        params = more.pop("params", None) or {}
        if any("&" in each for each in params.get("attributes", ())):
            self.bug()
        pairs = [(name, each) for name, value in params.items() for each in _several(value)]
        raw = "&".join(f"{name}={each if name == 'attributes' else quote(str(each))}" for name, each in pairs)
        return super()._patiently(session, method, f"{link}?{raw}" if raw else link, **more)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class DescendingInTheSort(Asking):
    """Writes the direction behind the name."""

    scenarios = ("assets sorted by Title",)

    def asked(self, filters: Row) -> Row:
        if not filters.get("desc"):
            return filters
        return {"sort": f"{filters['sort']} desc"}


class NeverDescending(Asking):
    """Forgets the direction."""

    scenarios = ("assets sorted by CreateDate",)

    def asked(self, filters: Row) -> Row:
        return {name: value for name, value in filters.items() if name != "desc"}


class SecondsForMilliseconds(Asking):
    """Sends durations in seconds."""

    area = "values"
    scenarios = ("assets by duration",)

    def asked(self, filters: Row) -> Row:
        return {name: value // 1000 if name.startswith("duration") else value for name, value in filters.items()}


class LocalTime(Asking):
    """Sends the hands of a clock in Auckland as if they were UTC."""

    area = "dates"
    scenarios = ("assets since a moment",)

    def asked(self, filters: Row) -> Row:
        return {name: _in_auckland(value) if "Date" in name else value for name, value in filters.items()}


def _in_auckland(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo('Pacific/Auckland')):%Y-%m-%dT%H:%M:%SZ}"


class WholeSeconds(Asking):
    """Cuts the fractions off the seconds of a bound."""

    area = "dates"
    scenarios = ("assets of one moment",)

    def asked(self, filters: Row) -> Row:
        return {name: _cut(value) if "Date" in name else value for name, value in filters.items()}


def _cut(moment: str) -> str:
    return datetime.fromisoformat(moment).replace(microsecond=0).isoformat()


class Paths(Wrong):
    """Writes ids into paths in its own way."""

    area = "encoding"
    scenarios = ("awkward ids: get_vod_asset",)
    one, other = "", ""

    def call(self, method: str, path: str, **more: Any) -> Any:
        if self.one in path:
            self.bug()
        return super().call(method, path.replace(self.one, self.other), **more)


class SpacesAsPlus(Paths):
    """Writes a space in a path as it is written in a query."""

    scenarios = ("awkward ids: get_vod_asset",)
    one, other = "%20", "+"


class SlashesInThePath(Paths):
    """Leaves the slashes of an id as they are."""

    scenarios = ("awkward ids: get_file",)
    one, other = "%2F", "/"


class EncodesTwice(Paths):
    """Encodes what is encoded."""

    scenarios = ("awkward ids: get_file",)
    one, other = "%", "%25"


class Values(Wrong):
    """Makes something else of what it reads."""

    area = "values"

    def made(self, row: Row) -> Row:
        """The row as this client hands it on."""
        return row

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        rows = super().walk(path, page=page, limit=limit, **filters)
        made = [self.made(dict(row)) for row in rows]
        if made != rows:
            self.bug()
        return made


class NoTitleIsAnEmptyOne(Values):
    """Makes an empty text of null."""

    scenarios = (LONG,)

    def made(self, row: Row) -> Row:
        return {name: "" if value is None else value for name, value in row.items()}


class DropsWhatIsNull(Values):
    """Leaves out fields without a value."""

    scenarios = (LONG,)

    def made(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if value is not None}


class StripsTitles(Values):
    """Trims what it reads."""

    scenarios = (LONG,)

    def made(self, row: Row) -> Row:
        return {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}


class SizesAsFloats(Values):
    """Reads sizes as floats."""

    scenarios = ("a file of more bytes than a double counts",)

    def made(self, row: Row) -> Row:
        return {**row, "fileSize": int(float(row["fileSize"]))}


class DatesInSeconds(Values):
    """Writes moments without their milliseconds."""

    scenarios = (LONG,)

    def made(self, row: Row) -> Row:
        return {**row, "createDate": f"{datetime.fromisoformat(row['createDate']):%Y-%m-%dT%H:%M:%SZ}"}


class SplitsAttributes(Values):
    """Splits an attribute at every equals sign and keeps two pieces."""

    scenarios = (LONG,)

    def made(self, row: Row) -> Row:
        return {**row, "attributes": ["=".join(each.split("=")[:2]) for each in row["attributes"]]}


class ForgetsEmptyLists(Values):
    """Leaves out lists that are empty."""

    scenarios = ("assets without labels",)

    def made(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if value != []}


class SwallowsPages(Wrong):
    """Returns what it has when a page fails."""

    area = "errors"
    scenarios = ("the second page is refused for good",)

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        rows: list[Row] = []
        try:
            for number in range(1, 100):
                answer = self.call("GET", path, params={**filters, "page": number, "limit": 50})
                rows += answer["items"]
                if number >= answer["pageCount"]:
                    break
        except ClientError:
            self.bug()
        return rows
