"""Right by the document, wrong under a reading of it that is as good: each takes for granted what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from miniatures.videocentral.wrong import LONG, TWO_PAGES, Row, Wrong

__all__ = ["Presuming"]


class Presuming(Wrong):
    """Holds under *readings* no longer."""

    area = "readings"
    readings: ClassVar[Mapping[str, str]] = {}


class KeepsItsRefreshToken(Presuming):
    """Takes its first refresh token to be good for ever."""

    scenarios = ("tokens end twice",)
    readings: ClassVar = {"VC-08": "revoked"}

    def _renew(self) -> None:
        first = self.refresh_token
        super()._renew()
        if self.refresh_token != first:
            self.bug()
        self.refresh_token = first


class ExpectsANewRefreshToken(Presuming):
    """Takes a refresh token that stays the same for a failure."""

    scenarios = ("tokens end twice",)
    readings: ClassVar = {"VC-07": "stays"}

    def _renew(self) -> None:
        first = self.refresh_token
        super()._renew()
        self.bug()
        if self.refresh_token == first:
            self.fail("the token service issued no new refresh token")


class KnowsOneKey(Presuming):
    """Knows one of the names that the document has for a type's id."""

    scenarios = ("a list of two pages and a bit: list_report_types",)
    readings: ClassVar = {"VC-02": "report-type-id"}

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        rows = super().report_types(account, group, channel)
        self.bug()
        if any("id" not in row for row in rows):
            self.fail("a type has no id")
        return rows


class NeedsNext(Presuming):
    """Takes a last page to say that it is the last."""

    scenarios = (TWO_PAGES,)
    readings: ClassVar = {"VC-10": "absent"}

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        page = super()._get_json(link, params)
        self.bug()
        if "next" not in page:
            self.fail("a page has no next")
        return page


class FollowsEmptyLinks(Presuming):
    """Takes every link that is there to lead somewhere."""

    scenarios = ("a report without rows",)
    readings: ClassVar = {"VC-05": "empty"}

    def records(self, report: Row) -> list[dict[str, str]]:
        if report.get("downloadUrl") == "":
            self.bug()
            self._download("")
        return super().records(report)


class OffsetInItems(Presuming):
    """Works the offset out for itself, counted in items."""

    scenarios = (LONG,)
    readings: ClassVar = {"VC-01": "pages"}

    def _read(self, path: str, filters: dict[str, str]) -> tuple[list[Row], set[int]]:
        rows: list[Row] = []
        total = 1
        while len(rows) < total:
            asked = {**filters, "limit": str(self._page_size), "offset": str(len(rows))}
            page = self._get_json(self._url + path, asked)
            self.bug()
            rows, total = [*rows, *page["data"]], page["total"]
            if not page["data"]:
                break
        return rows, {total}
