"""Which queries are made: about one week that is over, each of them a documented POST that only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from testcard.live.subject import Step
from testcard.live.subjects.videokit.analytics.tables import (
    AD,
    ADDITIVE,
    ADS,
    AVG,
    COUNT,
    IMPRESSIONS,
    MEDIAN,
    PEAK,
    SESSION,
    SUM,
    rows,
)
from testcard.live.talk import Talk

__all__ = ["STEPS", "walk"]

STEPS = (
    Step("count", COUNT, 1, "how many sessions a week had that is over"),
    Step("count-by-day", COUNT, 1, "the same by day"),
    Step("count-by-country", COUNT, 1, "the same by country"),
    Step("count-of-country", COUNT, 1, "the same of one country that was seen"),
    Step("count-halves", COUNT, 2, "the same of the two halves of that week"),
    Step("countries", COUNT, 2, "the countries in their order, whole and its first two"),
    Step("count-country", COUNT, 1, "what a count of countries counts"),
    Step("count-impressions", COUNT, 1, "whether IMPRESSIONS is a dimension"),
    Step("count-backwards", COUNT, 1, "a time that ends before it starts"),
    Step("measured", COUNT, 1, "how many sessions have a time played"),
    Step("sum", SUM, 1, "all time played in that week"),
    Step("sum-by-day", SUM, 1, "the same by day"),
    Step("avg", AVG, 1, "the average of it"),
    Step("median", MEDIAN, 1, "the median of it"),
    Step("peak", PEAK, 1, "the most viewers at once in that week"),
    Step("peak-by-day", PEAK, 1, "the same by day"),
    Step("impressions", IMPRESSIONS, 1, "sessions of that week, ten of them"),
    *(Step(each.removeprefix("get_"), each, 1, "the same of advertising") for each in ADS),
    *(Step(f"{each.removeprefix('get_')}-by-day", each, 1, "the same by day") for each in ADS[:2]),
)


def walk(talk: Talk) -> None:
    """Ask about the week that ended two days ago."""
    last = talk.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    first, middle = last - timedelta(days=7), last - timedelta(days=4) + timedelta(milliseconds=500)
    week = _between(first, last)
    sessions = {**week, "dimension": SESSION}
    talk.ask("count", body=sessions)
    talk.ask("count-by-day", body={**sessions, "interval": "DAY"})
    _countries(talk, sessions)
    talk.ask("count-halves", body={**sessions, **_between(first, middle)})
    talk.ask("count-halves", body={**sessions, **_between(middle, last)})
    talk.ask("count-country", body={**week, "dimension": "COUNTRY"})
    talk.ask("count-impressions", body={**week, "dimension": "IMPRESSIONS"})
    talk.ask("count-backwards", body={**sessions, **_between(last, first)})
    played = {**week, "dimension": "PLAYED"}
    for step in ("measured", "sum", "avg", "median"):
        talk.ask(step, body=played)
    talk.ask("sum-by-day", body={**played, "interval": "DAY"})
    talk.ask("peak", body=week)
    talk.ask("peak-by-day", body={**week, "interval": "DAY"})
    talk.ask("impressions", body={**week, "limit": 10})
    _advertising(talk, week)


def _between(first: datetime, last: datetime) -> dict[str, str]:
    start, end = (each.isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in (first, last))
    return {"start": start, "end": end}


def _countries(talk: Talk, sessions: Mapping[str, Any]) -> None:
    grouped = {**sessions, "groupBy": ["COUNTRY"]}
    found = talk.ask("count-by-country", body=grouped)
    named = [row[0] for row in rows(found) if isinstance(row[0], str)]
    if named:
        condition = {"name": "COUNTRY", "operator": "EQ", "value": named[0]}
        talk.ask("count-of-country", body={**sessions, "filters": [condition]})
    ordered = {**grouped, "orderBy": [{"name": "COUNTRY", "order": "ASC"}]}
    talk.ask("countries", body=ordered)
    talk.ask("countries", body={**ordered, "limit": 2})


def _advertising(talk: Talk, week: Mapping[str, Any]) -> None:
    for operation in ADS:
        step = operation.removeprefix("get_")
        query = {**week, "dimension": AD if operation == ADS[0] else "STARTED"}
        talk.ask(step, body=query)
        if operation in ADDITIVE:
            talk.ask(f"{step}-by-day", body={**query, "interval": "DAY"})
