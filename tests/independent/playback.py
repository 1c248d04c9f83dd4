"""Playback that a small Cloud Video Kit of our own tells: a session every 25 minutes, but for one day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from independent.base import Got, Out, Service

__all__ = ["answer"]

_BEGIN = datetime(2026, 2, 19, tzinfo=UTC)
_EMPTY_DAY = 24
_COUNTRIES = ("DE", "FR", "US")
_DAY = timedelta(days=1)
Reads = Callable[[str, str], bool]
Query = dict[str, Any]


@dataclass(frozen=True)
class _Session:
    number: int
    start: datetime
    country: str
    played: int


def _sessions() -> list[_Session]:
    starts = [_BEGIN + timedelta(minutes=25 * i) for i in range(700)]
    found = [
        _Session(i, start, _COUNTRIES[i % 7 % 3], 60_000 * (10 + i * 11 % 47) + i % 13)
        for i, start in enumerate(starts)
    ]
    return [each for each in found if each.start.day != _EMPTY_DAY]


def answer(service: Service, got: Got) -> Out:
    """The answer to one query below ``/streaming/v1/analytics``."""
    query, kind = json.loads(got.body), got.path[-1]
    start, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
    if start > end and not service.reads("VK-180", "empty"):
        return _refused()
    if query.get("dimension") == "IMPRESSIONS" and service.reads("VK-175", "refused"):
        return _refused()
    sessions = [each for each in _sessions() if start <= each.start < end]
    for condition in query.get("filters", []):
        if not service.has("filter-adds"):
            sessions = [each for each in sessions if each.country == condition["value"] or service.has("filter-off")]
    if service.has("window-gap") and end - start < timedelta(days=5):
        sessions = sessions[1:]
    if kind == "impressions":
        listed = [{"impressionId": f"{each.number:08}"} for each in sessions][: query["limit"]]
        return Out(200, {"impressions": listed[:1] + listed[:-1] if service.has("twice") else listed})
    return Out(200, _table(service, kind, "ads" in got.path, query, sessions, (start, end)))


def _refused() -> Out:
    return Out(400, {"status": {"code": "Error", "status": 400, "message": "no"}, "success": False})


def _table(
    service: Service, kind: str, ads: bool, query: Query, sessions: list[_Session], span: tuple[datetime, datetime]
) -> dict[str, Any]:
    groups: dict[tuple[Any, ...], list[_Session]] = {}
    for each in sessions:
        groups.setdefault(_key(query, each), []).append(each)
    if not query.get("interval") and not query.get("groupBy"):
        groups.setdefault((), [])
    rows = [[*key, _number(service, kind, query, found, key)] for key, found in groups.items()]
    if query.get("interval") and service.reads("VK-174", "zero"):
        days = [span[0] + _DAY * i for i in range((span[1] - span[0]).days)]
        rows += [[_ms(day), 0] for day in days if (_ms(day),) not in groups]
    rows.sort(
        key=lambda row: [str(each) for each in row[:-1]],
        reverse=service.reads("VK-173", "unordered") and "orderBy" not in query,
    )
    if service.has("lost-part") and (query.get("groupBy") or query.get("interval")) and "orderBy" not in query:
        rows = rows[:-1]
    if service.has("filter-adds") and query.get("filters"):
        rows = [[row[0] + 7] for row in rows]
    return _written(service, ads, query, rows)


def _written(service: Service, ads: bool, query: Query, rows: list[list[Any]]) -> dict[str, Any]:
    cut = rows[: query.get("limit", 200)]
    if service.has("cut-elsewhere") and "limit" in query:
        cut = rows[-query["limit"] :]
    names = [
        *(["TIMESTAMP"] if query.get("interval") else []),
        *query.get("groupBy", []),
        query.get("dimension", "PEAK"),
    ]
    if service.has("narrow") and query.get("groupBy"):
        cut = [row[:-1] for row in cut]
    if ads and service.reads("VK-166", "with-session-count"):
        cut = [[*row, 1] for row in cut]
    labels = names[-1:] if service.reads("VK-167", "value-only") else names
    table: dict[str, Any] = {
        "rowCount": len(rows) if service.reads("VK-169", "matching") else len(cut),
        "rows": cut,
        "columnLabels": [{"key": name, "label": name.title()} for name in labels],
    }
    if not service.reads("VK-168", "on-request"):
        table["contextDescription"] = [{"label": "Sessions", "description": "Number of sessions"}]
    if service.has("new-member"):
        table["sampled"] = False
    return table


def _key(query: Query, session: _Session) -> tuple[Any, ...]:
    bucket = [_ms(session.start.replace(hour=0, minute=0))] if query.get("interval") else []
    return (*bucket, *(session.country for _ in query.get("groupBy", [])))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _number(service: Service, kind: str, query: Query, sessions: list[_Session], key: tuple[Any, ...]) -> float:
    if kind == "max_concurrentviewers":
        return _peak(sessions) - (1 if service.has("peak-low") and not key else 0)
    values = [each.played if query["dimension"] == "PLAYED" else each.number % 2 for each in sessions]
    if kind == "count":
        distinct = query["dimension"] == "COUNTRY" and not service.reads("VK-176", "rows")
        return len({each.country for each in sessions}) if distinct else len(sessions)
    if kind == "sum":
        return sum(values)
    if not values:
        return 0
    if kind == "median":
        return sorted(values)[len(values) // 2]
    average = sum(values) / len(values) + (1000 if service.has("bad-average") else 0)
    return round(average) if service.reads("VK-178", "rounded") else average


def _peak(sessions: list[_Session]) -> int:
    """Neighbours that overlap, of one day; those over midnight are left out, alike in every query."""
    starts = [(each.start, each.start + timedelta(milliseconds=each.played)) for each in sessions]
    overlaps = [1 + (first[1] > second[0]) for first, second in pairwise(starts) if first[0].day == second[0].day]
    return max(overlaps, default=len(starts[:1]))
