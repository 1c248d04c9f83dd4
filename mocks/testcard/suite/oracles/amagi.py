"""What Amagi would answer, in plain Python over rows: the oracle of the tests. Shares no code with the server.

Rows are those of the tables ``amagi/sessions`` and ``amagi/adEvents``, complete; times in answers are compared as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["Asked", "ad_content", "ads", "concurrent", "contents", "unique_viewers", "viewership"]

Row = Mapping[str, Any]
COUNTERS = (
    "adOpportunitiesDetected",
    "adRequestsSent",
    "adResponsesReceived",
    "adAssetsReceived",
    "impressionsRecorded",
)


@dataclass(frozen=True)
class Asked:
    """A question: the range, the zone, the filters by their names, and the world's now."""

    first: date
    last: date
    zone: str
    filters: Mapping[str, str]
    now: datetime
    hours: tuple[int, int] = (0, 23)


def viewership(rows: Iterable[Row], asked: Asked, interval: str) -> dict[str, Any]:
    """The answer without dateRange."""
    buckets = _by(
        rows, asked, _hour_key(asked) if interval == "HOURLY" else _day_key(asked), hourly=interval == "HOURLY"
    )
    out = [
        {
            "time": label,
            "uniqueViewers": len(_visitors(some)),
            "numberOfSession": len(some),
            "viewershipMinutes": _minutes(some, asked.now),
        }
        for (_, label), some in sorted(buckets.items())
    ]
    sessions = sum(row["numberOfSession"] for row in out)
    minutes = sum(row["viewershipMinutes"] for row in out)
    viewers = sum(row["uniqueViewers"] for row in out)
    prefix = "hourly" if interval == "HOURLY" else "daily"
    return {
        "viewershipAnalytics": out,
        "totalSessions": sessions,
        "totalViewershipMinutes": minutes,
        "aggregatedViewers": viewers,
        f"{prefix}AverageNumberOfViewers": _over(viewers, len(out)),
        f"{prefix}AverageSessionCount": _over(sessions, len(out)),
        f"{prefix}AverageViewershipMinutes": _over(minutes, len(out)),
        "avgSessionDuration": _over(minutes, sessions),
        "avgSessionPerViewer": _over(sessions, viewers),
    }


def contents(rows: Iterable[Row], asked: Asked, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of contentAnalytics by day, all pages."""
    key = _day_key(asked)
    groups = _by(rows, asked, lambda row, at: (key(row, at)[1][:10], row["contentId"]))
    return [
        {
            "date": day,
            "contentId": content,
            "contentName": names.get(content, content),
            "studioName": asked.filters.get("studioName", ""),
            "seriesName": "",
            "uniqueViewers": len(_visitors(some)),
            "totalSessions": len(some),
            "viewershipMinutes": _minutes(some, asked.now),
        }
        for (day, content), some in sorted(groups.items())
    ]


def unique_viewers(rows: Iterable[Row], asked: Asked, interval: str) -> dict[str, Any]:
    """The answer: hours for DAILY, days for the others."""
    hourly = interval == "DAILY"
    buckets = _by(rows, asked, _hour_key(asked) if hourly else _day_key(asked), hourly=hourly)
    everything = [row for some in buckets.values() for row in some]
    prefix, viewers = interval.lower(), len(_visitors(everything))
    return {
        "uniqueViewerAnalytics": [
            {
                "time": label,
                "uniqueViewers": len(_visitors(some)),
                "sessionPerViewer": _over(len(some), len(_visitors(some))),
                "sessionDurationPerViewer": _over(_minutes(some, asked.now), len(_visitors(some))),
            }
            for (_, label), some in sorted(buckets.items())
        ],
        f"{prefix}UniqueViewers": viewers,
        f"{prefix}AvgSessionPerViewer": _over(len(everything), viewers),
        f"{prefix}AvgSessionDurationPerViewer": _over(_minutes(everything, asked.now), viewers),
    }


def ads(events: Iterable[Row], asked: Asked) -> dict[str, Any]:
    """The answer of adAnalytics without dateRange."""
    buckets = _by(events, asked, _day_key(asked), time="time")
    every = [event for some in buckets.values() for event in some]
    return {
        "adAnalytics": [
            {"time": label, **_counted(some, str), "conversionRate": _rate(some)}
            for (_, label), some in sorted(buckets.items())
        ],
        **_counted(every, _total),
        "totalConversionRate": _rate(every),
    }


def ad_content(events: Iterable[Row], asked: Asked, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of adContentAnalytics, all pages; opportunities are the day's."""
    events, key = list(events), _day_key(asked)
    days = _by(events, asked, lambda row, at: key(row, at)[1][:10], time="time")
    groups = _by(events, asked, lambda row, at: (key(row, at)[1][:10], row["contentId"]), time="time")
    return [
        {
            "date": day,
            "contentId": content,
            "contentName": names.get(content, content),
            "studioName": asked.filters.get("studioName", ""),
            **_counted(some, _total),
            "totalAdOpportunitiesDetected": sum(event[COUNTERS[0]] for event in days[day]),
            "totalConversionRate": _rate(some),
        }
        for (day, content), some in sorted(groups.items())
    ]


def concurrent(rows: Iterable[Row], now: datetime, hours: int, filters: Mapping[str, str]) -> list[dict[str, Any]]:
    """The points of concurrentUsers up to the last whole minute."""
    last = now.replace(second=0, microsecond=0)
    first, step = last - timedelta(hours=hours), timedelta(minutes=1)
    counts: dict[datetime, int] = {}
    for row in rows:
        start, end = _at(row["start"]), _at(row["end"]) if row["end"] else now
        if end <= first or start >= last or not _passes(row, filters):
            continue
        minute = max(first, start.replace(second=0, microsecond=0))
        while minute < min(end, last):
            counts[minute] = counts.get(minute, 0) + 1
            minute += step
    return [{"time": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "viewerCount": count} for at, count in sorted(counts.items())]


def _by(
    rows: Iterable[Row], asked: Asked, key: Callable[[Row, datetime], Any], *, time: str = "start", hourly: bool = False
) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        at = _at(row[time])
        local = at.astimezone(ZoneInfo(asked.zone)).replace(tzinfo=None)
        inside = asked.first <= local.date() <= asked.last
        if hourly:
            inside = inside and _hour(asked.first, asked.hours[0]) <= local < _hour(asked.last, asked.hours[1] + 1)
        if inside and at <= asked.now and _passes(row, asked.filters):
            groups.setdefault(key(row, at), []).append(row)
    return groups


def _day_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        day = at.astimezone(ZoneInfo(asked.zone)).date()
        return day, f"{day} 00:00:00"

    return key


def _hour_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    """An hour that the clocks repeat is two hours: the instant tells them apart."""

    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        hour = at.replace(minute=0, second=0, microsecond=0)
        return hour, f"{hour.astimezone(ZoneInfo(asked.zone)):%Y-%m-%d %H:00:00}"

    return key


def _passes(row: Row, filters: Mapping[str, str]) -> bool:
    return all(row.get(name) in value.split(",") for name, value in filters.items())


def _visitors(rows: Iterable[Row]) -> set[tuple[str, str]]:
    return {(row["ipAddress"], row["userAgent"]) for row in rows}


def _minutes(rows: Iterable[Row], now: datetime) -> int:
    """Each session in whole minutes, half of one counting as one; one that runs has lasted until now."""
    total = 0
    for row in rows:
        end = min(_at(row["end"]), now) if row["end"] else now
        milliseconds = (end - _at(row["start"])) // timedelta(milliseconds=1)
        total += (milliseconds + 30_000) // 60_000
    return total


def _counted(events: Iterable[Row], name: Callable[[str], str]) -> dict[str, int]:
    events = list(events)
    return {name(counter): sum(event[counter] for event in events) for counter in COUNTERS}


def _total(counter: str) -> str:
    return f"total{counter[0].upper()}{counter[1:]}"


def _rate(events: Iterable[Row]) -> float:
    events = list(events)
    assets = sum(event["adAssetsReceived"] for event in events)
    return sum(event["impressionsRecorded"] for event in events) / assets * 100 if assets else 0


def _over(value: float, by: float) -> float:
    return round(value / by, 2) if by else 0


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
