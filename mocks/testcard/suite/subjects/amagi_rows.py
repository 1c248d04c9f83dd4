"""What the scenarios of Amagi Analytics are about: sessions, ad events, contents, and steps that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from testcard.suite.oracles.amagi import COUNTERS
from testcard.suite.scenario import Scenario, Step

__all__ = [
    "ADS",
    "AD_CONTENTS",
    "ALL",
    "CHANNELS",
    "CONTENTS",
    "CUSTOMER",
    "FILE",
    "NOW",
    "PAGED",
    "PLACES",
    "POINTS",
    "RANGED",
    "UNIQUE",
    "VIEWERSHIP",
    "Row",
    "Tables",
    "around",
    "ask",
    "content_id",
    "event",
    "long_sessions",
    "many",
    "one",
    "running",
    "session",
    "tables_of",
    "text_of",
]

Row = dict[str, Any]
Tables = dict[str, list[Row]]
CUSTOMER = "AMG00512"
CHANNELS = ("tc-one-roku", "tc-two-roku", "tc-three-samsung")
ALL = ",".join(CHANNELS)
PLACES = (("Abbott", "United States"), ("Toronto", "Canada"), ("Köln", "Germany"), ("Réunion & Co", "Runion"))
_DEVICES = (("Roku", "Roku"), ("Amazon Fire TV", "Smart TV"), ("LG TV", "Smart TV"), ("Others", "Others"))
_ADDRESSES = ("198.18.0.1", "198.18.0.2", "2001:db8::1")
_AGENTS = ("Roku/DVP-12.5", "Mozilla/5.0 (Web0S)")
_TITLES = ('Comma, "quote"', "Ünïcödé 東京", "<b>&amp;</b>", " blank ", "007", "null", "%2F+%", "two\nlines")
_STUDIOS = ("Halyard & Sons", "Kleine Welle +1", "")
RANGED = ("get_viewership_analytics", "get_content_analytics", "get_ad_analytics", "get_ad_content_analytics")
VIEWERSHIP, CONTENTS, ADS, AD_CONTENTS = RANGED
UNIQUE, POINTS, FILE = "get_unique_viewers_analytics", "get_concurrent_users", "download_report"
PAGED = {"get_content_analytics": ("contentData", "contentCount"),
          "get_ad_content_analytics": ("adContentData", "adContentCount")}  # fmt: skip
NOW = "2024-06-16T12:07:30Z"


def tables_of(sessions: Sequence[Row] = (), events: Sequence[Row] = (), contents: int = 4) -> Tables:
    """A world's tables: three channels, contents with awkward names, schedules, and these rows."""
    return {
        "channels": [
            {"channelId": each, "channelName": f"Channel {at} {_TITLES[at]}", "customerId": CUSTOMER,
             "adAnalytics": at != 1}
            for at, each in enumerate(CHANNELS)
        ],
        "contents": [_content(number) for number in range(contents)],
        "sessions": list(sessions),
        "adEvents": list(events),
        "schedules": [
            _schedule("71", "viewershipAnalytics", "DAILY", timezone="US/Eastern"),
            _schedule("72", "contentAnalytics", "WEEKLY"),
            _schedule("73", "adContentAnalytics", "MONTHLY"),
            _schedule("74", "uniqueViewersAnalytics", "DAILY", deviceType=["Roku", "Smart TV"]),
            _schedule("75", "adAnalytics", "DAILY", country="Canada", timezone="Universal"),
            _schedule("76", "viewershipAnalytics", "DAILY") | {"createdAt": "2024-06-13T18:00:00Z"},
        ],
    }  # fmt: skip


def _content(number: int) -> Row:
    return {
        "contentId": content_id(number),
        "contentName": f"{_TITLES[number % len(_TITLES)]} {number}",
        "studioName": _STUDIOS[number % len(_STUDIOS)],
        "seriesName": f"Series {number % 2}",
    }


def content_id(number: int) -> str:
    return f"{number:05d}" if number % 2 else f"9007199254740{993 + number}"  # beyond what a double tells apart


def _schedule(identity: str, report: str, interval: str, **filters: Any) -> Row:
    return {
        "scheduleId": identity, "report": report, "interval": interval, "filters": filters,
        "createdAt": "2020-01-01T00:00:00Z", "customerId": CUSTOMER,
    }  # fmt: skip


def _who(number: int, contents: int = 4) -> Row:
    city, country = PLACES[number % len(PLACES)]
    name, kind = _DEVICES[number // 2 % len(_DEVICES)]
    return {
        "channelId": CHANNELS[number % len(CHANNELS)],
        "contentId": content_id(number % contents),
        "city": city,
        "country": country,
        "deviceName": name,
        "deviceType": kind,
    }


def session(number: int, start: datetime, seconds: int | None, contents: int = 4) -> Row:
    end = None if seconds is None else text_of(start + timedelta(seconds=seconds))
    viewer = {"ipAddress": _ADDRESSES[number % 3], "userAgent": _AGENTS[number // 3 % 2]}
    return {**_who(number, contents), **viewer, "start": text_of(start), "end": end}


def event(number: int, time: datetime, contents: int = 4) -> Row:
    counters = {name: (number * 7 + at * 3) % 11 + 5 - at for at, name in enumerate(COUNTERS)}
    return {**_who(number, contents), "time": text_of(time), "adTag": f"tag {number % 2} & co", **counters}


def text_of(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def around(day: date, zone: str = "US/Pacific") -> Tables:
    """Sessions and events a second before and at every hour from the day's eve to its morrow, in a zone."""
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    starts = [midnight + timedelta(hours=hour, seconds=off) for hour in range(-9, 35) for off in (-1, 0, 1799)]
    lasts = (29, 30, 3600, 90, 5400, 0)
    return tables_of(
        [session(at, start, lasts[at % len(lasts)]) for at, start in enumerate(starts)],
        [event(at, start) for at, start in enumerate(starts[::2])],
    )


def many(count: int) -> Tables:
    """One session and one event for each of so many contents."""
    noon = datetime(2024, 6, 12, 19, tzinfo=UTC)
    rows = [session(at, noon + timedelta(seconds=at), 600 + at, count) for at in range(count)]
    return tables_of(rows, [event(at, noon, count) for at in range(count)], count)


def ask(operation: str, first: str = "2024-06-12", last: str = "", **more: Any) -> Step:
    arguments: Row = {"channelId": ALL}
    if operation in RANGED or operation == "get_unique_viewers_analytics":
        arguments |= {"startDate": first, "endDate": last or first, "timezone": more.pop("timezone", "US/Pacific")}
    if operation in ("get_viewership_analytics", "get_content_analytics", "get_unique_viewers_analytics"):
        arguments["interval"] = "DAILY"
    if operation == "get_concurrent_users":
        arguments["hoursLimit"] = 1
    if operation in ("list_channels", "download_report"):
        arguments = {}
    advance = more.pop("advance_s", 0)
    return Step(operation, {name: value for name, value in (arguments | more).items() if value}, advance_s=advance)


def one(
    name: str, tables: Tables, *steps: Step, now: str = NOW, faults: Sequence[Row] = (), grants: Row | None = None
) -> Scenario:
    return Scenario(name, "amagi", steps, tables, faults, now, grants=grants or {})


def running() -> Tables:
    """Sessions around the last minutes, some of which still run."""
    now = datetime.fromisoformat(NOW)
    ends = [None, 0, 29, 30, 60, 61, 1800, None]
    backs = (0, 29, 30, 31, 89, 90, 600, 3599, 3630, 3631, 43200, 86430)
    rows = [session(at, now - timedelta(seconds=back), ends[at % len(ends)]) for at, back in enumerate(backs)]
    return tables_of([*rows, session(20, now - timedelta(seconds=45), None), session(20, now, None)])


def long_sessions() -> Tables:
    """Sessions of days: figures beyond a thousand."""
    noon = datetime(2024, 6, 12, 16, tzinfo=UTC)
    return tables_of([session(at, noon + timedelta(seconds=at), 90_000) for at in range(13)])
