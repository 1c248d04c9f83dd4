"""Wrong clients that go through pages in their own way.

Loops that a real client would never leave end after some rounds here, so that the tests end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import orjson

from known_good.ibmvideo import ClientError, _rows
from miniatures.ibmvideo.wrong import LONG, TWO_PAGES, VIEWS, Row, Wrong


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
            if number > 1 and self._token != had:
                self.bug()
                number = 1
            else:
                number = number + 1 if page["pagination"].get("next") else 0
