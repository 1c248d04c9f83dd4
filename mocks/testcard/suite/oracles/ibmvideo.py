"""What IBM Video Streaming Analytics would answer, in plain Python over rows, every rule written the long way.

Source: document 003. Shares no code with the server. Rows are those of the table ``segments``, complete; a row without
an end has None. A reading that is not given is the documented one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

__all__ = [
    "Asked",
    "begin",
    "breakdown",
    "end",
    "floor_to",
    "instant",
    "los_angeles",
    "metric",
    "of_contents",
    "over_time",
    "point_of",
    "shown_segment",
    "shown_view",
    "shown_viewers",
    "started",
    "viewers",
    "views",
    "whole",
    "write",
]

Row = Mapping[str, Any]
Readings = Mapping[str, str]
_LOS_ANGELES = ZoneInfo("America/Los_Angeles")
_WHO = {"unique_devices": "client_id", "authenticated_viewers": "viewer_identifier"}


@dataclass(frozen=True)
class Asked:
    """The parameters of a request for views."""

    first: datetime
    last: datetime
    unfinished: bool = True
    inclusive: bool = True


# Times.


def instant(text: str, readings: Readings) -> datetime | None:
    """What a bound of a period means; None where it is refused. Raw view export; readings IB-16 to IB-18 and IB-43."""
    if "T" not in text and readings.get("IB-43") != "midnight":
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if readings.get("IB-16") == "utc":
        return moment.replace(tzinfo=UTC)
    if readings.get("IB-16") == "refused" or (readings.get("IB-17") == "refused" and _skipped(moment)):
        return None
    return los_angeles(moment, later=readings.get("IB-18") == "second")


def los_angeles(local: datetime, *, later: bool = False) -> datetime:
    """What a local time is by the rules of the zone: in a gap by the offset before it, in a fold the first or later."""
    return local.replace(tzinfo=_LOS_ANGELES, fold=int(later and not _skipped(local))).astimezone(UTC)


def _skipped(local: datetime) -> bool:
    there_and_back = local.replace(tzinfo=_LOS_ANGELES).astimezone(UTC).astimezone(_LOS_ANGELES)
    return there_and_back.replace(tzinfo=None) != local


def write(moment: datetime, readings: Readings) -> str:
    """An instant as answers have it: whole seconds, in the offset of reading IB-35."""
    zone = _LOS_ANGELES if readings.get("IB-35") == "los-angeles" else UTC
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if readings.get("IB-35") == "zulu" else text


def begin(row: Row) -> datetime:
    """When it began."""
    return datetime.fromisoformat(row["started_at"])


def end(row: Row, now: datetime) -> datetime | None:
    """When it ended, if it has."""
    if row["finished_at"] is None:
        return None
    moment = datetime.fromisoformat(row["finished_at"])
    return moment if moment <= now else None


# Segments.


def of_contents(rows: Iterable[Row], content_type: str | None, ids: Sequence[str] | None = None) -> list[Row]:
    """The segments of a content type, and perhaps of some contents of it."""
    return [
        row
        for row in rows
        if content_type in (None, row["content_type"]) and (ids is None or int(row["content_id"]) in map(int, ids))
    ]


def belongs(row: Row, asked: Asked, now: datetime, readings: Readings) -> bool:
    """Whether a segment is of the period: the document's criteria, one after the other; readings IB-13 to IB-15."""
    start, finish = begin(row), end(row, now)
    half_open = readings.get("IB-14") == "half-open"
    empty = asked.first > asked.last or (asked.first == asked.last and half_open)
    if start > now or empty:
        return False
    if finish is None and not asked.unfinished:
        return False

    def before(moment: datetime) -> bool:
        return moment < asked.first

    def after(moment: datetime) -> bool:
        return moment >= asked.last if half_open else moment > asked.last

    def inside(moment: datetime) -> bool:
        return not before(moment) and not after(moment)

    if not asked.inclusive:
        if finish is None:
            return readings.get("IB-15") == "kept" and inside(start)
        return inside(start) and inside(finish)
    started_before_and_ended_inside = before(start) and finish is not None and inside(finish)
    started_and_finished_inside = inside(start) and (finish is None or inside(finish))
    started_inside = inside(start) and (finish is None or after(finish))
    literal = started_before_and_ended_inside or started_and_finished_inside or started_inside
    match readings.get("IB-13"):
        case "literal-open":
            return literal or (finish is None and not after(start))
        case "overlap":
            return not after(start) and (finish is None or not before(finish))
    return literal


def views(rows: Iterable[Row], asked: Asked, now: datetime, readings: Readings | None = None) -> list[Row]:
    """The segments of a period, by begin and identifier."""
    return sorted((row for row in rows if belongs(row, asked, now, readings or {})), key=_order)


def viewers(
    rows: Iterable[Row],
    now: datetime,
    *,
    unfinished: bool = True,
    containing: str = "",
    readings: Readings | None = None,
) -> dict[str, list[Row]]:
    """The segments of each viewer that has any, by begin and identifier; viewers by identifier. Reading IB-27."""
    any_case = (readings or {}).get("IB-27") == "any-case"
    fold: Callable[[str], str] = str.casefold if any_case else str
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_order):
        there = begin(row) <= now and (unfinished or end(row, now) is not None)
        if there and fold(containing) in fold(row["viewer_identifier"]):
            found[row["viewer_identifier"]].append(row)
    return dict(sorted(found.items()))


def _order(row: Row) -> tuple[datetime, str]:
    return begin(row), row["view_id"]


# Answers.


def shown_view(row: Row, now: datetime, readings: Readings) -> dict[str, Any]:
    """The attributes of a View; readings IB-07 and IB-10, and those of `_shown`."""
    return _shown(row, now, readings, text=readings.get("IB-07") != "integer", device=readings.get("IB-10") != "absent")


def shown_segment(row: Row, now: datetime, readings: Readings) -> dict[str, Any]:
    """A Segment under its viewer: id for view_id, and no viewer_identifier; readings IB-08 and IB-11."""
    shown = _shown(row, now, readings, text=readings.get("IB-08") == "string", device=readings.get("IB-11") != "absent")
    del shown["viewer_identifier"]
    return {"id": shown.pop("view_id"), **shown}


def _shown(row: Row, now: datetime, readings: Readings, *, text: bool, device: bool) -> dict[str, Any]:
    """A row as it stands at a moment; readings IB-12, IB-35 and IB-38."""
    finish, unit = end(row, now), 1000 if readings.get("IB-38") == "milliseconds" else 1
    shown = {
        **row,
        "content_id": str(row["content_id"]) if text else int(row["content_id"]),
        "started_at": write(begin(row), readings),
        "finished_at": finish and write(finish, readings),
        "from": row["from"] * unit,
        "to": row["to"] * unit,
    }
    if finish is None and readings.get("IB-12") == "absent":
        del shown["finished_at"]
    if not device:
        del shown["device_info"]
    return shown


def shown_viewers(
    rows: Sequence[Row], asked: Mapping[str, Any], now: datetime, readings: Readings
) -> list[dict[str, Any]]:
    """The attributes of the viewers that parameters ask for; readings IB-29 to IB-32."""
    unfinished, containing = asked.get("list_unfinished_segments", True), asked.get("viewer_identifier", "")
    wanted = of_contents(rows, asked.get("content_type"), asked.get("content_id"))
    listed = viewers(wanted, now, unfinished=unfinished, containing=containing, readings=readings)
    names = listed.keys()
    if readings.get("IB-32") == "kept-empty":
        names = viewers(wanted, now, containing=containing, readings=readings).keys()
    everything = viewers(rows, now)
    shown = []
    for name in names:
        segments = listed.get(name, [])
        counted = everything[name] if readings.get("IB-31") == "whole" or not segments else segments
        shown.append({
            "viewer_identifier": name,
            "videos_watched": _watched(counted, readings),
            "last_activity": write(_last_activity(counted, now, readings), readings),
            "segments": [shown_segment(row, now, readings) for row in segments],
        })  # fmt: skip
    return shown


def _watched(segments: Sequence[Row], readings: Readings) -> int:
    if readings.get("IB-29") == "segments":
        return len(segments)
    contents = {_content(row) for row in segments}
    if readings.get("IB-29") == "recorded-only":
        return sum(kind == "recorded" for kind, _ in contents)
    return len(contents)


def _last_activity(segments: Sequence[Row], now: datetime, readings: Readings) -> datetime:
    if readings.get("IB-30") == "last-finish":
        return max(end(row, now) or now for row in segments)
    return max(map(begin, segments))


def _content(row: Row) -> tuple[str, int]:
    return row["content_type"], int(row["content_id"])


# Counts of the sibling families: a segment counts where it begins.


def started(rows: Iterable[Row], asked: Asked, now: datetime, readings: Readings | None = None) -> list[Row]:
    """The segments that began in a period, its end included or not by reading IB-14."""
    half_open = (readings or {}).get("IB-14") == "half-open"
    return [
        row
        for row in rows
        if asked.first <= begin(row) <= min(asked.last, now) and not (half_open and begin(row) == asked.last)
    ]


def metric(rows: Iterable[Row], name: str) -> int:
    """Views, distinct client ids or distinct viewer identifiers."""
    kept = list(rows)
    return len(kept) if name == "total_views" else len({row[_WHO[name]] for row in kept})


def breakdown(rows: Iterable[Row], name: str, point: Callable[[Row], str]) -> dict[str, int]:
    """A metric by point; points without rows are missing."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[point(row)].append(row)
    return {key: metric(kept, name) for key, kept in sorted(groups.items())}


def point_of(dimension: str, readings: Readings) -> Callable[[Row], str]:
    """Which point of a dimension a segment counts to."""
    places: dict[str, Callable[[Row], str]] = {
        "country": lambda row: str(row["country"]),
        "location": lambda row: f"{row['city']}, {row['country']}",
        "device": lambda row: str(row["device_info"]["device"]["family"]),
        "view-source": lambda row: str(row["view_type"]),
    }
    return places.get(dimension) or (lambda row: write(floor_to(dimension, begin(row)), readings))


def floor_to(step: str, moment: datetime) -> datetime:
    """The begin of the month, day, hour or minute of UTC."""
    moment = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if step == "minute":
        return moment
    moment = moment.replace(minute=0)
    if step == "hour":
        return moment
    moment = moment.replace(hour=0)
    return moment if step == "day" else moment.replace(day=1)


# Flows of the sibling families: what ran, moment by moment.


def over_time(
    rows: Iterable[Row], asked: Asked, now: datetime, step: str, *, peak: bool
) -> list[tuple[datetime, str, int, int]]:
    """Peak or seconds by step and content, as (step, type, id, value); steps in which nothing ran are missing."""
    steps: dict[tuple[datetime, str, int], list[tuple[timedelta, int]]] = defaultdict(list)
    for at, lasts, content, count in _stretches(rows, asked, now, step):
        steps[floor_to(step, at), *content].append((lasts, count))
    values = {key: _value(stretches, peak=peak) for key, stretches in steps.items()}
    return sorted((*key, value) for key, value in values.items() if value)


def whole(rows: Iterable[Row], asked: Asked, now: datetime, *, peak: bool) -> tuple[datetime, int] | None:
    """The peak and its first moment, or the seconds, of rows of one content; None where nothing ran."""
    stretches = [(at, lasts, count) for at, lasts, _, count in _stretches(rows, asked, now, "month")]
    if not stretches:
        return None
    value = _value([(lasts, count) for _, lasts, count in stretches], peak=peak)
    return next(at for at, _, count in stretches if count == value or not peak), value


def _value(stretches: Iterable[tuple[timedelta, int]], *, peak: bool) -> int:
    if peak:
        return max(count for _, count in stretches)
    return sum((lasts * count for lasts, count in stretches), timedelta()) // timedelta(seconds=1)


def _stretches(
    rows: Iterable[Row], asked: Asked, now: datetime, step: str
) -> Iterable[tuple[datetime, timedelta, tuple[str, int], int]]:
    """Begin and length of each stretch within a step in which as many segments of a content ran, and how many."""
    spans: dict[tuple[str, int], list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        start, finish = max(begin(row), asked.first), min(end(row, now) or now, asked.last, now)
        if start < finish:
            spans[_content(row)].append((start, finish))
    for content, some in spans.items():
        moments = {moment for span in some for moment in span}
        for at, until in pairwise(sorted(moments | _edges(step, min(moments), max(moments)))):
            if count := sum(start <= at < finish for start, finish in some):
                yield at, until - at, content, count


def _edges(step: str, first: datetime, last: datetime) -> set[datetime]:
    """The begins of the steps within a stretch of time."""
    size = timedelta(minutes=1) if step == "minute" else timedelta(hours=1)
    at, found = floor_to("hour", first), set()
    while at < last:
        if at > first and at == floor_to(step, at):
            found.add(at)
        at += size
    return found
