"""Named scenarios of analytics: filters, buckets, groups, orders, more rows than one answer holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.videokit.steps import one, step
from testcard.suite.subjects.videokit.worlds import Row, Tables, sessions

__all__ = ["DAY", "NUMBERS", "figures", "query"]

DAY = datetime(2026, 3, 1, tzinfo=UTC)
_PLAYED = (60_000, 0, 90_500, 3_600_000, 1, 7_200_000)
NUMBERS = {
    "get_queries_count": "IMPRESSION_ID",
    "get_queries_sum": "PLAYED",
    "get_queries_avg": "BUFFERED",
    "get_queries_median": "VIDEO_STARTUPTIME",
    "get_max_concurrent_viewers": "",
    "get_ads_count": "AD_IMPRESSION_ID",
    "get_ads_sum": "STARTED",
    "get_ads_avg": "TIME_PLAYED",
}


def query(operation: str, start: str = "2026-03-01T00:00:00Z", end: str = "2026-03-02T00:00:00Z", **more: Any) -> Step:
    """A question about a day."""
    body: Row = {"start": start, "end": end}
    if NUMBERS.get(operation):
        body["dimension"] = NUMBERS[operation]
    return step(operation, body=body | more)


def _asc(*names: str) -> list[Row]:
    return [{"name": name, "order": "ASC"} for name in names]


def _day(step_s: float = 1800, count: int = 60) -> Tables:
    """Sessions from the eve of the day on."""
    return sessions([DAY - timedelta(hours=2) + timedelta(seconds=step_s * each) for each in range(count)], _PLAYED)


def figures() -> Iterator[Scenario]:
    """The simplest first."""
    day = _day()
    for operation in NUMBERS:
        group = "ADVERTISER_NAME" if "ads" in operation else "BROWSER"
        hours, groups = query(operation, interval="HOUR"), query(operation, groupBy=["COUNTRY", group])
        yield one(f"in one number, by the hour, by country: {operation}", day, query(operation), hours, groups)
        days = query(operation, interval="DAY", groupBy=["COUNTRY"])
        yield one(f"nothing was played: {operation}", {"playback": [], "adPlayback": []}, query(operation), days)
    yield from _filtered(day)
    yield from _ordered(day)
    yield from _bounds()
    yield from _long()
    yield from _sessions()


def _filtered(day: Tables) -> Iterator[Scenario]:
    filters: list[Row] = [
        {"name": "COUNTRY", "operator": "IN", "value": ["DE", "US"]},
        {"name": "BROWSER", "operator": "EQ", "value": "Safari & Co"},
        {"name": "COUNTRY", "operator": "EQ", "value": None},
        {"name": "COUNTRY", "operator": "NE", "value": None},
        {"name": "BROWSER", "operator": "CONTAINS", "value": "ü"},
        {"name": "BROWSER", "operator": "CONTAINS", "value": "& C"},
        {"name": "BROWSER", "operator": "NOTCONTAINS", "value": "Ü"},
        {"name": "VIDEO_STARTUPTIME", "operator": "GT", "value": 0},
        {"name": "VIDEO_STARTUPTIME", "operator": "LTE", "value": 374},
        {"name": "PLAYED", "operator": "GTE", "value": 60_000},
        {"name": "PLAYED", "operator": "LT", "value": 60_000},
        {"name": "IS_LIVE", "operator": "EQ", "value": True},
    ]
    yield one("every kind of filter", day, *(query("get_queries_count", filters=[each]) for each in filters))
    yield one(
        "filters together",
        day,
        query("get_queries_sum", filters=[filters[0], filters[7], filters[9]], groupBy=["BROWSER"], interval="DAY"),
    )
    yield one(
        "filters of ads",
        day,
        query("get_ads_sum", filters=[{"name": "ADVERTISER_NAME", "operator": "EQ", "value": "Soap & Co"}]),
    )
    yield one(
        "users, and impressions by their other name",
        day,
        query("get_queries_count", dimension="USER_ID"),
        query("get_queries_count", dimension="IMPRESSIONS"),
    )


def _ordered(day: Tables) -> Iterator[Scenario]:
    latest = [{"name": "HOUR", "order": "DESC"}]
    yield one("the latest hour first", day, query("get_queries_count", interval="HOUR", orderBy=latest))
    yield one(
        "the longest users first",
        day,
        query(
            "get_queries_sum",
            groupBy=["IMPRESSION_ID"],
            orderBy=[{"name": "FUNCTION", "order": "DESC"}, *_asc("IMPRESSION_ID")],
        ),
    )
    yield one(
        "hours by country",
        day,
        query(
            "get_queries_avg",
            interval="HOUR",
            groupBy=["COUNTRY"],
            orderBy=[{"name": "COUNTRY", "order": "DESC"}, *_asc("HOUR")],
        ),
    )


def _bounds() -> Iterator[Scenario]:
    after = DAY + timedelta(days=1)
    edges = [edge + timedelta(milliseconds=by) for edge in (DAY, after) for by in (-1, 0, 1)]
    yield one(
        "sessions at the bounds",
        sessions(edges, [1000]),
        query("get_queries_count"),
        query("get_queries_count", interval="DAY"),
        query("get_max_concurrent_viewers"),
    )
    yield one(
        "bounds with an offset",
        sessions(edges, [1000]),
        query("get_queries_count", start="2026-03-01T01:00:00+01:00", end="2026-03-01T16:00:00-08:00"),
    )
    months = [
        datetime(2026, 1, 15, tzinfo=UTC),
        datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        DAY - timedelta(seconds=1),
    ]
    yield one(
        "months",
        sessions([*months, DAY], [1000]),
        query("get_queries_count", start="2026-01-01T00:00:00Z", end="2026-03-02T00:00:00Z", interval="MONTH"),
    )
    yield one(
        "the end before the start",
        _day(),
        query("get_queries_count", start="2026-03-02T00:00:00Z", end="2026-03-01T00:00:00Z"),
    )
    touching = [DAY + timedelta(minutes=each) for each in (0, 1, 1, 2, 60, 59)]
    yield one(
        "viewers who come as others go",
        sessions(touching, [60_000]),
        query("get_max_concurrent_viewers"),
        query("get_max_concurrent_viewers", interval="MINUTE"),
        query("get_max_concurrent_viewers", groupBy=["COUNTRY"]),
    )
    apart = sessions([DAY + timedelta(seconds=each) for each in (0, 20, 50)], [10_000])
    yield one("viewers of one minute who do not meet", apart, query("get_max_concurrent_viewers"))
    coming = sessions(
        [DAY + timedelta(days=1, hours=11, minutes=59), DAY + timedelta(days=1, hours=12, minutes=1)], [1]
    )
    late = query("get_queries_count", end="2026-03-03T00:00:00Z")
    yield one("sessions that are still to come", coming, late, Step(late.operation, late.arguments, advance_s=120))


def _long() -> Iterator[Scenario]:
    for size in (199, 200, 201, 450):
        rows = _day(60, size + 120)
        end = (DAY + timedelta(minutes=size)).isoformat()
        yield one(f"{size} minutes", rows, query("get_queries_count", end=end, interval="MINUTE"))
    wide = _day(120, 500)
    yield one("250 groups of ads", wide, query("get_ads_count", groupBy=["AD_IMPRESSION_ID"]))
    yield one(
        "hundreds of sessions, the longest first",
        wide,
        query(
            "get_queries_sum",
            groupBy=["IMPRESSION_ID"],
            orderBy=[{"name": "FUNCTION", "order": "DESC"}, *_asc("IMPRESSION_ID")],
        ),
    )


def _sessions() -> Iterator[Scenario]:
    for size in (0, 5, 199, 200, 250):
        yield one(
            f"the ids of {size} sessions",
            _day(60, size + 120),
            query("list_impressions", end=(DAY + timedelta(minutes=size)).isoformat()),
        )
    yield one(
        "the ids of some sessions",
        _day(),
        query("list_impressions", filters=[{"name": "COUNTRY", "operator": "IN", "value": ["FR"]}]),
    )
