"""Wrong clients that make something else of what they read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from miniatures.amagi.wrong import DAY, LONG, Row, Wrong


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


class KeepsAnswers(Reading):
    """Keeps what it once was told."""

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
