"""Clients that are right by the document, and wrong under readings of it that are as good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from known_good.ibmvideo import ClientError, _json, _rows
from miniatures.ibmvideo.pagination import Linked, Trusting
from miniatures.ibmvideo.reading import Reading
from miniatures.ibmvideo.wrong import TWO_PAGES, VIEWS, Row, Wrong


class KnowsResources(Wrong):
    """Looks for the rows under resources."""

    area = "readings"
    scenarios = (VIEWS,)
    readings: ClassVar[Mapping[str, str]] = {"IB-01": "data"}

    def _get(self, path: str, query: Any) -> Row:
        page = super()._get(path, query)
        self.bug()
        if "resources" not in page:
            raise ClientError("a page has no resources")
        return page


class TakesTheCountForPages(Trusting):
    """Asks for as many pages as the pagination counts."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {"IB-02": "items"}

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        page = self.page(path, query, 1)
        yield page
        self.bug()
        for number in range(2, page["pagination"]["count"] + 1):
            yield self.page(path, query, number)


class FollowsLinksAsGiven(Linked):
    """Trusts a link to say all that was asked for."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {"IB-03": "dropped"}

    def link(self, href: str) -> str:
        """Where a link leads."""
        self.bug()
        return super().link(href)


class PutsLinksBehindTheBase(Linked):
    """Puts every link behind the base address."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {"IB-04": "with-version"}

    def link(self, href: str) -> str:
        """Where a link leads."""
        self.bug()
        return self._url + href


class NeedsTheNextLink(Trusting):
    """Takes the link to the next page to be there, if only to be null."""

    area = "readings"
    scenarios = (VIEWS,)
    readings: ClassVar[Mapping[str, str]] = {"IB-05": "absent"}

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        for page in super()._pages(path, query):
            self.bug()
            if "next" not in page["pagination"]:
                raise ClientError("a page has no next")
            yield page


class FollowsThePathOfLinks(Linked):
    """Trusts a link to lead on in the list that it stands in."""

    area = "readings"
    scenarios = ("101 viewers",)
    readings: ClassVar[Mapping[str, str]] = {"IB-06": "sample-path"}

    def link(self, href: str) -> str:
        """Where a link leads."""
        self.bug()
        return super().link(href)


class Presuming(Reading):
    """Presumes something of a row."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {}

    def presume(self, row: Row) -> None:
        """Raise `ClientError` where it is not so."""

    def change(self, row: Row) -> Row:
        self.bug()
        self.presume(row)
        return row


class NeedsTextIds(Presuming):
    """Takes the ids of contents for text."""

    readings: ClassVar[Mapping[str, str]] = {"IB-07": "integer"}

    def presume(self, row: Row) -> None:
        if not isinstance(row["content_id"], str):
            raise ClientError("an id is not text")


class NeedsADevice(Presuming):
    """Reads the browser of every view."""

    readings: ClassVar[Mapping[str, str]] = {"IB-10": "absent"}

    def presume(self, row: Row) -> None:
        if "device_info" not in row:
            raise ClientError("a view has no device")


class NeedsAnEnd(Presuming):
    """Takes every view to say its end, if only that there is none."""

    scenarios = ("views that still run",)
    readings: ClassVar[Mapping[str, str]] = {"IB-12": "absent"}

    def presume(self, row: Row) -> None:
        if "view_id" in row and "finished_at" not in row:
            raise ClientError("a view has no finished_at")


class CutsTheOffset(Reading):
    """Knows that answers are in UTC, whatever their offset says."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {"IB-35": "los-angeles"}

    def change(self, row: Row) -> Row:
        self.bug()
        return {**row, "started_at": datetime.fromisoformat(row["started_at"][:19]).isoformat() + "+00:00"}


class StopsBehindTheLastPage(Trusting):
    """Goes on until a page is empty."""

    area = "readings"
    scenarios = (TWO_PAGES,)
    readings: ClassVar[Mapping[str, str]] = {"IB-21": "not-found"}

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        self.bug()
        for number in range(1, 100):
            page = self.page(path, query, number)
            yield page
            if not _rows(page):
                return


class SecretInTheBody(Wrong):
    """Knows one way to prove itself, the body."""

    area = "readings"
    scenarios = ("no ready token",)
    readings: ClassVar[Mapping[str, str]] = {"IB-52": "basic-only"}

    def _new_token(self) -> str:
        self.bug()
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "token_type": "jwt"}
        answer = self._send("POST", self._token_url, data={**form, "client_secret": self._client_secret})
        return str(_json(answer)["access_token"])


class SecretBehindBasic(Wrong):
    """Knows one way to prove itself, the raw secret behind Basic."""

    area = "readings"
    scenarios = ("no ready token",)
    readings: ClassVar[Mapping[str, str]] = {"IB-52": "body-only"}

    def _new_token(self) -> str:
        self.bug()
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "token_type": "jwt"}
        headers = {"Authorization": f"Basic {self._client_secret}"}
        return str(_json(self._send("POST", self._token_url, data=form, headers=headers))["access_token"])
