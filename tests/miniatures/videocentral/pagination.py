"""Wrong walks through lists. Loops that a real client would never leave end after some hundred rounds here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import requests

from known_good.videocentral import ClientError
from miniatures.videocentral.wrong import LONG, TWO_PAGES, Row, Wrong

__all__ = ["Trusting"]


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
