"""What IBM Video Streaming Analytics should answer, in plain Python over rows as a test wrote them.

Shares no code with the mock. Times are `datetime`, a row without an end has None; every rule is written the long way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """The parameters of a request for views."""

    first: datetime
    last: datetime
    unfinished: bool = True
    inclusive: bool = True


@dataclass(frozen=True)
class Read:
    """The readings that matter to a period."""

    criteria: str = "literal"
    ends: str = "closed"
    running: str = "excluded"


def begin(row: Row) -> datetime:
    """When it began."""
    return datetime.fromisoformat(row["started_at"])


def end(row: Row, now: datetime) -> datetime | None:
    """When it ended, if it has."""
    if row["finished_at"] is None:
        return None
    moment = datetime.fromisoformat(row["finished_at"])
    return moment if moment <= now else None


def belongs(row: Row, asked: Asked, now: datetime, read: Read) -> bool:
    """Whether a segment is of the period: the document's criteria, one after the other."""
    start, finish = begin(row), end(row, now)
    empty = asked.first > asked.last or (asked.first == asked.last and read.ends == "half-open")
    if start > now or empty:
        return False
    if finish is None and not asked.unfinished:
        return False

    def before(moment: datetime) -> bool:
        return moment < asked.first

    def after(moment: datetime) -> bool:
        return moment > asked.last if read.ends == "closed" else moment >= asked.last

    def inside(moment: datetime) -> bool:
        return not before(moment) and not after(moment)

    if not asked.inclusive:
        if finish is None:
            return read.running == "kept" and inside(start)
        return inside(start) and inside(finish)
    started_before_and_ended_inside = before(start) and finish is not None and inside(finish)
    started_and_finished_inside = inside(start) and (finish is None or inside(finish))
    started_inside = inside(start) and (finish is None or after(finish))
    literal = started_before_and_ended_inside or started_and_finished_inside or started_inside
    if read.criteria == "literal":
        return literal
    if read.criteria == "literal-open":
        return literal or (finish is None and not after(start))
    return not after(start) and (finish is None or not before(finish))


def views(rows: Iterable[Row], asked: Asked, now: datetime, read: Read | None = None) -> list[Row]:
    """The segments of a period, by begin and identifier."""
    found = [row for row in rows if belongs(row, asked, now, read or Read())]
    return sorted(found, key=lambda row: (begin(row), row["view_id"]))


def viewers(
    rows: Iterable[Row], now: datetime, *, unfinished: bool = True, containing: str = ""
) -> dict[str, list[Row]]:
    """The segments of each viewer that has any, by begin and identifier; viewers by identifier."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (begin(row), row["view_id"])):
        started = begin(row) <= now
        if started and (unfinished or end(row, now) is not None) and containing in row["viewer_identifier"]:
            found[row["viewer_identifier"]].append(row)
    return dict(sorted(found.items()))


def started(rows: Iterable[Row], asked: Asked, now: datetime) -> list[Row]:
    """The segments that began in a period, both ends included."""
    return [row for row in rows if asked.first <= begin(row) <= min(asked.last, now)]


def metric(rows: Iterable[Row], name: str) -> int:
    """Views, distinct client ids or distinct viewer identifiers."""
    kept = list(rows)
    if name == "total_views":
        return len(kept)
    return len({row["client_id" if name == "unique_devices" else "viewer_identifier"] for row in kept})


def breakdown(rows: Iterable[Row], name: str, point: Callable[[Row], str]) -> dict[str, int]:
    """A metric by point; points without rows are missing."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[point(row)].append(row)
    return {key: metric(kept, name) for key, kept in sorted(groups.items())}


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


def overlap(row: Row, asked: Asked, now: datetime) -> list[datetime]:
    """Each second that a segment ran within a period (its end excluded)."""
    start = max(begin(row), asked.first)
    finish = min(end(row, now) or now, asked.last, now)
    return [start + timedelta(seconds=n) for n in range(max(0, int((finish - start).total_seconds())))]


def running(rows: Iterable[Row], asked: Asked, now: datetime) -> dict[tuple[str, int], dict[datetime, int]]:
    """How many segments of each content ran in each second."""
    found: dict[tuple[str, int], dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for second in overlap(row, asked, now):
            found[row["content_type"], int(row["content_id"])][second] += 1
    return found


def over_time(
    rows: Iterable[Row], asked: Asked, now: datetime, step: str, *, peak: bool
) -> list[tuple[datetime, str, int, int]]:
    """Peak or seconds by step and content, as (step, type, id, value)."""
    found = []
    for (kind, number), ran in running(rows, asked, now).items():
        steps: dict[datetime, list[int]] = defaultdict(list)
        for second, count in ran.items():
            steps[floor_to(step, second)].append(count)
        found += [(at, kind, number, max(each) if peak else sum(each)) for at, each in steps.items()]
    return sorted(found)


def los_angeles(local: datetime, *, later: bool = False) -> datetime:
    """What a local time is by the rules of the zone: in a gap by the offset before it, in a fold the first or later."""
    zone = ZoneInfo("America/Los_Angeles")
    gap = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
    return local.replace(tzinfo=zone, fold=int(later and not gap)).astimezone(UTC)
