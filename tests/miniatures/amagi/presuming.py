"""Wrong clients that are right by the document, and wrong under a reading of it that is as good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from known_good.amagi import ClientError
from miniatures.amagi.wrong import DAY, LONG, Row, Wrong


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


class Counting(Presuming):
    """Walks through contents by its own idea of where they end."""

    scenarios: ClassVar[Sequence[str]] = (LONG,)

    def ended(self, rows: list[Row], page: list[Row], count: int) -> bool:
        """Whether *page* was the last."""
        raise NotImplementedError

    def _all(self, kind: str, key: str, counted: str, first: date, last: date, **params: str) -> list[Row]:
        rows: list[Row] = []
        self.bug()
        for number in range(1, 100):
            answer = self._ask_range(kind, first, last, **params, page=str(number), limit=str(self._page_size))
            rows += answer[key]
            if self.ended(rows, answer[key], answer[counted]):
                break
        return rows


class TrustsTheCount(Counting):
    """Takes the count for that of all rows."""

    readings: ClassVar = {"AM-27": "on-this-page"}

    def ended(self, rows: list[Row], page: list[Row], count: int) -> bool:
        return len(rows) >= count


class CountsFromOne(Counting):
    """Takes the first page to be page one."""

    readings: ClassVar = {"AM-25": "zero-based"}

    def ended(self, rows: list[Row], page: list[Row], count: int) -> bool:
        return not page
