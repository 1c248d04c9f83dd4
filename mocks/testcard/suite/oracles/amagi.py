"""What Amagi Analytics would answer, in plain Python over rows. Source: document 001. Shares no code with the server.

Rows are those of the tables ``sessions``, ``adEvents`` and so on, complete; times in answers are compared as text. A
reading that is not given is the documented one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["COUNTERS", "Asked", "ad_content", "ads", "concurrent", "contents", "report", "unique_viewers", "viewership"]

Row = Mapping[str, Any]
Number = int | float
COUNTERS = (
    "adOpportunitiesDetected",
    "adRequestsSent",
    "adResponsesReceived",
    "adAssetsReceived",
    "impressionsRecorded",
)


@dataclass(frozen=True)
class Asked:
    """A question: the range, the zone, the filters by their names, the world's now and the readings in force.

    *studios* maps contents to their studios, for the filter of that name.
    """

    first: date
    last: date
    zone: str
    filters: Mapping[str, str]
    now: datetime
    hours: tuple[int, int] = (0, 23)
    readings: Mapping[str, str] = field(default_factory=dict)
    studios: Mapping[str, str] = field(default_factory=dict)

    def reads(self, entry: str, name: str) -> bool:
        """Whether a reading other than the documented one is in force."""
        return self.readings.get(entry) == name


def viewership(rows: Iterable[Row], asked: Asked, interval: str) -> dict[str, Any]:
    """The answer without dateRange."""
    hourly = interval == "HOURLY"
    key = _hour_key(asked) if hourly else _day_key(asked)
    buckets = _by(rows, asked, key, hourly=hourly)
    viewers_name = "numberOfViewers" if asked.reads("AM-38", "number-of-viewers") else "uniqueViewers"
    out: list[dict[str, Any]] = [
        {
            "time": label,
            viewers_name: len(_visitors(some)),
            "numberOfSession": len(some),
            "viewershipMinutes": _minutes(some, asked),
        }
        for (_, label), some in sorted(buckets.items())
    ]
    sessions = sum(row["numberOfSession"] for row in out)
    minutes = sum(row["viewershipMinutes"] for row in out)
    viewers = added = sum(row[viewers_name] for row in out)
    if asked.reads("AM-41", "distinct"):
        viewers = len(_visitors(row for some in buckets.values() for row in some))
    prefix = "hourly" if hourly and not asked.reads("AM-40", "daily") else "daily"
    by = _buckets(asked, key, hourly=hourly) if asked.reads("AM-42", "buckets-asked") else len(out)
    digits = 0 if asked.reads("AM-43", "whole") else 2
    return {
        "viewershipAnalytics": out,
        "totalSessions": sessions,
        "totalViewershipMinutes": minutes,
        "aggregatedViewers": viewers,
        f"{prefix}AverageNumberOfViewers": _over(added, by, digits),
        f"{prefix}AverageSessionCount": _over(sessions, by, digits),
        f"{prefix}AverageViewershipMinutes": _over(minutes, by, digits),
        "avgSessionDuration": _over(minutes, sessions),
        "avgSessionPerViewer": _over(sessions, viewers),
    }


def contents(
    rows: Iterable[Row], asked: Asked, names: Mapping[str, str], *, interval: str = "DAILY", series: Row | None = None
) -> list[dict[str, Any]]:
    """The rows of contentAnalytics, all pages, by date and content."""
    hourly = interval == "HOURLY" and not asked.reads("AM-47", "rows-per-day")
    key = _hour_key(asked) if hourly else _day_key(asked)
    groups = _by(rows, asked, lambda row, at: (*reversed(key(row, at)), row["contentId"]), hourly=hourly)
    own_series = (series or {}) if asked.reads("AM-49", "own-series") else {}
    return [
        {
            "date": label if hourly else label[:10],
            "contentId": content,
            "contentName": names.get(content, content),
            "studioName": _studio(asked, content),
            "seriesName": own_series.get(content, ""),
            "uniqueViewers": len(_visitors(some)),
            "totalSessions": len(some),
            "viewershipMinutes": _minutes(some, asked),
        }
        for (label, _, content), some in sorted(groups.items(), key=lambda each: (each[0][0], each[0][2], each[0][1]))
    ]


def unique_viewers(rows: Iterable[Row], asked: Asked, interval: str) -> dict[str, Any]:
    """The answer: hours for DAILY, days for the others."""
    if asked.reads("AM-63", "as-asked"):
        key = {"DAILY": _day_key, "WEEKLY": _week_key, "MONTHLY": _month_key}[interval](asked)
    else:
        key = _hour_key(asked) if interval == "DAILY" else _day_key(asked)
    buckets = _by(rows, asked, key)
    everything = [row for some in buckets.values() for row in some]
    minutes = sum(_minutes(some, asked) for some in buckets.values())
    prefix, viewers = interval.lower(), len(_visitors(everything))
    name = "uniqueViewersAnalytics" if asked.reads("AM-62", "plural") else "uniqueViewerAnalytics"
    return {
        name: [
            {
                "time": label,
                "uniqueViewers": len(_visitors(some)),
                "sessionPerViewer": _over(len(some), len(_visitors(some))),
                "sessionDurationPerViewer": _over(_minutes(some, asked), len(_visitors(some))),
            }
            for (_, label), some in sorted(buckets.items())
        ],
        f"{prefix}UniqueViewers": viewers,
        f"{prefix}AvgSessionPerViewer": _over(len(everything), viewers),
        f"{prefix}AvgSessionDurationPerViewer": _over(minutes, viewers),
    }


def ads(events: Iterable[Row], asked: Asked) -> dict[str, Any]:
    """The answer of adAnalytics without dateRange."""
    buckets = _by(events, asked, _day_key(asked), time="time")
    every = [event for some in buckets.values() for event in some]
    return {
        "adAnalytics": [
            {"time": label, **_counted(some, str), "conversionRate": _rate(_counted(some, str), asked)}
            for (_, label), some in sorted(buckets.items())
        ],
        **_counted(every, _total),
        "totalConversionRate": _rate(_counted(every, str), asked),
    }


def ad_content(events: Iterable[Row], asked: Asked, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of adContentAnalytics, all pages; opportunities are the day's."""
    events, key = list(events), _day_key(asked)
    days = _by(events, asked, lambda row, at: key(row, at)[1][:10], time="time")
    groups = _by(events, asked, lambda row, at: (key(row, at)[1][:10], row["contentId"]), time="time")
    out = []
    for (day, content), some in sorted(groups.items()):
        figures = _counted(some, str)
        if not asked.reads("AM-61", "own"):
            figures[COUNTERS[0]] = sum(event[COUNTERS[0]] for event in days[day])
        out.append({
            "date": day,
            "contentId": content,
            "contentName": names.get(content, content),
            "studioName": _studio(asked, content),
            **{_total(name): value for name, value in figures.items()},
            "totalConversionRate": _rate(figures, asked),
        })  # fmt: skip
    return out


def concurrent(
    rows: Iterable[Row],
    now: datetime,
    hours: int,
    filters: Mapping[str, str],
    readings: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The points of concurrentUsers up to the last whole minute."""
    readings, last = readings or {}, now.replace(second=0, microsecond=0)
    asked = Asked(now.date(), now.date(), "UTC", filters, now, readings=readings)
    if asked.reads("AM-51", "quarter-hour-lag"):
        last = last.replace(minute=last.minute // 15 * 15)
    first, step = last - timedelta(hours=hours), timedelta(minutes=1)
    present: dict[datetime, list[Any]] = {}
    if asked.reads("AM-54", "zero"):
        present = {first + step * number: [] for number in range(hours * 60)}
    for number, row in enumerate(rows):
        start, end = _at(row["start"]), _at(row["end"]) if row["end"] else now
        if end <= first or start >= last or not _passes(row, asked):
            continue
        who = (row["ipAddress"], row["userAgent"]) if asked.reads("AM-55", "viewers") else number
        minute = max(first, start.replace(second=0, microsecond=0))
        while minute < min(end, last):
            present.setdefault(minute, []).append(who)
            minute += step
    return [
        {"time": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "viewerCount": len(set(who))} for at, who in sorted(present.items())
    ]


def report(tables: Mapping[str, Sequence[Row]], schedule: Row, asked: Asked) -> list[dict[str, str]]:
    """The records of the file of one period, their cells as sent; in no order that a document gives."""
    contents = {row["contentId"]: row for row in tables.get("contents", ())}
    channels = {row["channelId"]: row["channelName"] for row in tables.get("channels", ())}
    kind = schedule["report"]
    ads = kind.startswith("ad")
    with_contents = kind != "adAnalytics" and not asked.reads("AM-79", "never")

    def key(row: Row, at: datetime) -> tuple[Any, ...]:
        day = str(at.astimezone(ZoneInfo(asked.zone)).date())
        place: tuple[Any, ...] = (
            ("View Date", day),
            ("Channel Name", channels.get(row["channelId"], row["channelId"])),
        )
        if kind == "uniqueViewersAnalytics":
            return place
        if with_contents:
            known = contents.get(row["contentId"], {})
            place += (("Content Id", row["contentId"]), ("Content Name", known.get("contentName", row["contentId"])))
            place += (("Series", known.get("seriesName", "")),)
        return (*place, ("Device", row["deviceName"]), ("Country", row["country"]))

    rows = tables.get("adEvents" if ads else "sessions", ())
    groups = _by(rows, asked, key, time="time" if ads else "start")
    lines = [
        {**dict(place), **(_ad_cells(some, asked) if ads else _cells(some, asked, kind))}
        for place, some in groups.items()
    ]
    return [{_heading(name, asked): _cell(value, asked) for name, value in line.items()} for line in lines]


def _cells(some: Sequence[Row], asked: Asked, kind: str) -> dict[str, Number]:
    count, viewers, minutes = len(some), len(_visitors(some)), _minutes(some, asked)
    if kind == "uniqueViewersAnalytics":
        return {
            "Unique Viewers": viewers,
            "Sessions Per Viewer": _over(count, viewers),
            "Session Duration Per Viewer": _over(minutes, viewers),
        }
    return {
        "Session Count": count,
        "Total Viewership Minutes": minutes,
        "Unique Viewers": viewers,
        "Average Session Count": _over(count, viewers),
        "Average Session Duration Per Session": _over(minutes, count),
        "Average Session Duration Per Viewer": _over(minutes, viewers),
    }


def _ad_cells(some: Sequence[Row], asked: Asked) -> dict[str, Number]:
    figures = _counted(some, str)
    of = figures[COUNTERS[0] if asked.reads("AM-59", "of-opportunities") else COUNTERS[3]]
    rate = _whole(round(figures[COUNTERS[4]] / of * 100, 2)) if of else 0
    names = [
        "Ad Opportunities Detected",
        "Ad Requests Sent",
        "Ad Responses Received",
        "Ad Assets Received",
        "Impressions Recorded",
    ]
    return {**dict(zip(names, figures.values(), strict=True)), "Conversion Rate": rate}


def _heading(name: str, asked: Asked) -> str:
    return name.lower().replace(" ", "_") if asked.reads("AM-78", "snake-case") else name


def _cell(value: Any, asked: Asked) -> str:
    thousands = asked.reads("AM-77", "thousands") and isinstance(value, int | float)
    return f"{value:,}" if thousands else str(value)


def _by(
    rows: Iterable[Row], asked: Asked, key: Callable[[Row, datetime], Any], *, time: str = "start", hourly: bool = False
) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        at = _at(row[time])
        if _inside(asked, at, hourly=hourly) and at <= asked.now and _passes(row, asked):
            groups.setdefault(key(row, at), []).append(row)
    return groups


def _inside(asked: Asked, at: datetime, *, hourly: bool) -> bool:
    """Whether the days, and where they count the hours, have an instant in them."""
    local = at.astimezone(ZoneInfo(asked.zone)).replace(tzinfo=None)
    if not asked.first <= local.date() <= asked.last:
        return False
    if not hourly and not asked.reads("AM-32", "applied"):
        return True
    begin, end = asked.hours[0], asked.hours[1] + (0 if asked.reads("AM-30", "excluded") else 1)
    if asked.reads("AM-31", "each-day"):
        return begin <= local.hour < end
    return _hour(asked.first, begin) <= local < _hour(asked.last, end)


def _buckets(asked: Asked, key: Callable[[Row, datetime], Any], *, hourly: bool) -> int:
    """How many days or hours were asked for."""
    at = datetime.combine(asked.first, datetime.min.time(), UTC) - timedelta(days=1)
    hours = [at + timedelta(hours=number) for number in range(((asked.last - asked.first).days + 3) * 24)]
    return len({key({}, hour) for hour in hours if _inside(asked, hour, hourly=hourly)})


def _day_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        day = at.astimezone(ZoneInfo(asked.zone)).date()
        return day, f"{day} 00:00:00"

    return key


def _week_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    """Weeks begin on Sunday, or with the range."""

    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        day = at.astimezone(ZoneInfo(asked.zone)).date()
        begin = max(asked.first, day - timedelta(days=(day.weekday() + 1) % 7))
        return begin, f"{begin} 00:00:00"

    return key


def _month_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        begin = max(asked.first, at.astimezone(ZoneInfo(asked.zone)).date().replace(day=1))
        return begin, f"{begin} 00:00:00"

    return key


def _hour_key(asked: Asked) -> Callable[[Row, datetime], tuple[Any, str]]:
    """An hour that the clocks repeat is two hours: the instant tells them apart."""

    def key(_row: Row, at: datetime) -> tuple[Any, str]:
        hour = at.replace(minute=0, second=0, microsecond=0)
        label = f"{hour.astimezone(ZoneInfo(asked.zone)):%Y-%m-%d %H:00:00}"
        return (label if asked.reads("AM-45", "one-row") else hour), label

    return key


def _passes(row: Row, asked: Asked) -> bool:
    fold = str.casefold if asked.reads("AM-14", "any-case") else str
    for name, value in asked.filters.items():
        if value == "All" and asked.reads("AM-67", "everything"):
            continue
        found = asked.studios.get(row["contentId"], "") if name == "studioName" else row.get(name)
        if found is None or fold(found) not in [fold(each) for each in value.split(",")]:
            return False
    return True


def _studio(asked: Asked, content: str) -> str:
    if asked.reads("AM-48", "own-studio"):
        return asked.studios.get(content, "")
    return asked.filters.get("studioName", "")


def _visitors(rows: Iterable[Row]) -> set[tuple[str, str]]:
    return {(row["ipAddress"], row["userAgent"]) for row in rows}


def _minutes(rows: Iterable[Row], asked: Asked) -> int:
    """Each session in whole minutes, half of one counting as one; one that runs has lasted until now."""
    lasted = []
    for row in rows:
        end = min(_at(row["end"]), asked.now) if row["end"] else asked.now
        lasted.append((end - _at(row["start"])) // timedelta(milliseconds=1))
    if asked.reads("AM-37", "per-bucket"):
        lasted = [sum(lasted)]
    return sum((each + 30_000) // 60_000 for each in lasted)


def _counted(events: Iterable[Row], name: Callable[[str], str]) -> dict[str, int]:
    events = list(events)
    return {name(counter): sum(event[counter] for event in events) for counter in COUNTERS}


def _total(counter: str) -> str:
    return f"total{counter[0].upper()}{counter[1:]}"


def _rate(figures: Mapping[str, int], asked: Asked) -> Number:
    of = figures[COUNTERS[0] if asked.reads("AM-59", "of-opportunities") else COUNTERS[3]]
    share = figures[COUNTERS[4]] / of * 100 if of else 0
    return _whole(round(share, 2) if asked.reads("AM-60", "two-decimals") else share)


def _over(value: int, by: int, digits: int = 2) -> Number:
    return _whole(round(value / by, digits)) if by else 0


def _whole(value: float) -> Number:
    """Whole numbers are written without a point."""
    return int(value) if float(value).is_integer() else value


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
