"""Wrong clients of the kit's analytics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from known_good.videokit_streaming import BASE
from miniatures.videokit.wrong import Row, Wrong

__all__: list[str] = []

HOURS = "in one number, by the hour, by country: get_queries_count"


class Figures(Wrong):
    """Asks for figures in its own way."""

    area = "analytics"

    def ask(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        """One answer."""
        body = {"start": start.isoformat(), "end": end.isoformat(), **query}
        answer = self.call("POST", f"{BASE}/analytics/{path}", json=body, repeatable=True)
        return list(answer["rows"])


class OneAnswerOnly(Figures):
    """Takes the first rows of an answer for all."""

    scenarios = ("450 minutes",)

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        rows = self.ask(path, start, end, **query, limit=200)
        if len(rows) == 200:
            self.bug()
        return rows


class OffsetInPages(Figures):
    """Counts pages where rows are counted."""

    scenarios = ("450 minutes",)

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for page in range(4):
            part = self.ask(path, start, end, **query, limit=200, offset=page)
            rows += part
            if len(part) < 200:
                break
            self.bug()
        return rows


class StopsAtTwoHundred(Figures):
    """Reads on only where an answer has more than two hundred rows, which none has."""

    scenarios = ("201 minutes",)

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        rows = self.ask(path, start, end, **query, limit=200)
        if len(rows) == 200:
            self.bug()
        return rows + (self.ask(path, start, end, **query, offset=200) if len(rows) > 200 else [])


class Reading(Figures):
    """Makes something else of rows."""

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        """The rows as this client hands them on."""
        return rows

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        rows = super()._rows(path, start, end, **query)
        made = self.made([list(row) for row in rows], start, query)
        if made != rows:
            self.bug()
        return made


class SecondsOfTheEpoch(Reading):
    """Reads moments as seconds."""

    scenarios = (HOURS,)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        return [[row[0] // 1000, *row[1:]] for row in rows] if "interval" in query else rows


class FillsHours(Reading):
    """Takes rows for hours one after another."""

    scenarios = ("the latest hour first", "sessions at the bounds", "months", HOURS)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        first = round(start.timestamp() * 1000)
        if query.get("interval") != "HOUR":
            return rows
        return [[first + 3_600_000 * at, *row[1:]] for at, row in enumerate(rows)]


class DropsWhatHasNoName(Reading):
    """Leaves groups without a value out."""

    scenarios = (HOURS,)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        return [row for row in rows if None not in row[:-1]]


class AddsGroupsUp(Reading):
    """Keeps one row for each group."""

    scenarios = (HOURS,)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        return list({row[0]: row for row in rows}.values())


class WholeNumbers(Reading):
    """Rounds averages."""

    scenarios = ("in one number, by the hour, by country: get_queries_avg",)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        return [[*row[:-1], None if row[-1] is None else round(row[-1])] for row in rows]


class NothingIsZero(Reading):
    """Makes a zero of what is not there."""

    scenarios = ("nothing was played: get_queries_median",)

    def made(self, rows: list[list[Any]], start: datetime, query: Row) -> list[list[Any]]:
        return [[*row[:-1], row[-1] or 0] for row in rows]


class Asking(Figures):
    """Asks about something else."""

    def asked(self, start: datetime, end: datetime, query: Row) -> tuple[datetime, datetime, Row]:
        """The question as this client puts it."""
        return start, end, query

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        before = (start, end, query)
        asked = self.asked(*before)
        if asked != before:
            self.bug()
        return super()._rows(path, asked[0], asked[1], **asked[2])


class EndIsIncluded(Asking):
    """Takes the end to be in the time, and asks for a second less."""

    scenarios = ("sessions at the bounds",)

    def asked(self, start: datetime, end: datetime, query: Row) -> tuple[datetime, datetime, Row]:
        return start, end - timedelta(seconds=1), query


class DaysOfItsOwnZone(Asking):
    """Asks about days that begin in its own zone."""

    scenarios = ("sessions at the bounds",)

    def asked(self, start: datetime, end: datetime, query: Row) -> tuple[datetime, datetime, Row]:
        return start - timedelta(hours=8), end - timedelta(hours=8), query


class ForgetsFilters(Asking):
    """Never sends filters."""

    scenarios = ("every kind of filter",)

    def asked(self, start: datetime, end: datetime, query: Row) -> tuple[datetime, datetime, Row]:
        return start, end, {name: value for name, value in query.items() if name != "filters"}


class EqualsForAll(Asking):
    """Asks for the first of several values."""

    scenarios = ("every kind of filter",)

    def asked(self, start: datetime, end: datetime, query: Row) -> tuple[datetime, datetime, Row]:
        narrow = [
            {**each, "operator": "EQ", "value": each["value"][0]} if each["operator"] == "IN" else each
            for each in query.get("filters", ())
        ]
        return start, end, {**query, "filters": narrow} if "filters" in query else query


class TwoHundredSessions(Figures):
    """Takes the first two hundred sessions for all."""

    scenarios = ("the ids of 250 sessions",)

    def list_impressions(self, start: datetime, end: datetime, **more: Any) -> list[str]:
        body = {"start": start.isoformat(), "end": end.isoformat(), "limit": 200, **more}
        found = self.call("POST", f"{BASE}/analytics/impressions", json=body, repeatable=True)["impressions"]
        if len(found) == 200:
            self.bug()
        return [each["impressionId"] for each in found]
