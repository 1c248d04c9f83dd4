"""The answers' fields: names, order and arithmetic of document 001 and the recordings (facts M11 to M19).

Plain Python over what was counted; quotients of nothing are 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = [
    "Number",
    "ad_figures",
    "averages",
    "concurrent_points",
    "date_range",
    "number",
    "rate",
    "ratio",
    "unique_viewers_figures",
    "viewership_figures",
]

Number = int | float
AD_NAMES = (
    "AdOpportunitiesDetected",
    "AdRequestsSent",
    "AdResponsesReceived",
    "AdAssetsReceived",
    "ImpressionsRecorded",
)


def ratio(value: int, by: int, digits: int = 2) -> Number:
    """A quotient with two decimals; 0 when there is nothing to divide by."""
    if not by:
        return 0
    if not value % by:
        return value // by
    return number(round(value / by, digits))


def rate(impressions: int, of: int, *, rounded: bool) -> Number:
    """A share in per cent, with all its digits unless *rounded*."""
    if not of:
        return 0
    share = impressions / of * 100
    return number(round(share, 2) if rounded else share)


def number(value: float) -> Number:
    """Whole numbers are written without a point, as the samples do."""
    return int(value) if float(value).is_integer() else value


def date_range(first: object, last: object, interval: str, start_time: str, end_time: str) -> dict[str, str]:
    """The range as the service understood it."""
    return {
        "startDate": str(first),
        "endDate": str(last),
        "interval": interval,
        "startTime": start_time,
        "endTime": end_time,
    }


def viewership_figures(sessions: int, minutes: int, viewers: int) -> dict[str, Number]:
    """The totals of viewership."""
    return {"totalSessions": sessions, "totalViewershipMinutes": minutes, "aggregatedViewers": viewers}


def averages(prefix: str, sums: Mapping[str, int], by: int, digits: int) -> dict[str, Number]:
    """``dailyAverageNumberOfViewers`` and its two companions."""
    return {f"{prefix}Average{name}": ratio(value, by, digits) for name, value in sums.items()}


def unique_viewers_figures(prefix: str, viewers: int, sessions: int, minutes: int) -> dict[str, Number]:
    """The three figures of a whole range."""
    return {
        f"{prefix}UniqueViewers": viewers,
        f"{prefix}AvgSessionPerViewer": ratio(sessions, viewers),
        f"{prefix}AvgSessionDurationPerViewer": ratio(minutes, viewers),
    }


def ad_figures(counters: Sequence[int], conversion: Number, *, total: bool) -> dict[str, Number]:
    """The five counters and the conversion rate, with ``total`` before each name or without."""
    names = [f"total{name}" if total else name[0].lower() + name[1:] for name in AD_NAMES]
    rated = "totalConversionRate" if total else "conversionRate"
    return {**dict(zip(names, counters, strict=True)), rated: conversion}


def concurrent_points(first_minute: int, counts: Iterable[int], *, zeros: bool) -> list[dict[str, Any]]:
    """A point per minute from *first_minute* (minutes since 1970) on."""
    return [
        {"time": f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%dT%H:%M}:00.000Z", "viewerCount": count}
        for minute, count in enumerate(counts, first_minute)
        if count or zeros
    ]
