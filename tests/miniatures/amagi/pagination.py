"""Wrong clients that lose or repeat rows between pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from miniatures.amagi.wrong import LONG, Row, Wrong


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


def _only(params: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in params.items() if name in names}
