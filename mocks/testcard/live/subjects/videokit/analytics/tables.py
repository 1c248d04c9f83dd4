"""Queries and their tables: what was asked, which column has the number, and what is settled.

The number stands behind the bucket and the groups; whatever follows it is context (C30, C32).
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from typing import Any

import orjson

from testcard.live.seen import Answer, Seen
from testcard.live.subjects.common import instant

__all__ = [
    "AD",
    "ADDITIVE",
    "ADS",
    "AVG",
    "COUNT",
    "IMPRESSIONS",
    "LONGEST",
    "MEDIAN",
    "PEAK",
    "QUERIES",
    "SESSION",
    "SUM",
    "TABLES",
    "close",
    "numbers",
    "over",
    "place",
    "question",
    "rows",
    "settled",
    "totals",
    "whole",
]

COUNT, SUM, AVG, MEDIAN = (f"get_queries_{name}" for name in ("count", "sum", "avg", "median"))
PEAK, IMPRESSIONS = "get_max_concurrent_viewers", "list_impressions"
ADS = ("get_ads_count", "get_ads_sum", "get_ads_avg")
ADDITIVE = (COUNT, SUM, *ADS[:2])
TABLES = (COUNT, SUM, AVG, MEDIAN, PEAK, *ADS)
QUERIES = (*TABLES, IMPRESSIONS)

LONGEST = 200
_SETTLED = timedelta(days=1)
SESSION, AD = "IMPRESSION_ID", "AD_IMPRESSION_ID"


def rows(answer: Answer) -> list[list[Any]]:
    return list(answer.data["rows"]) if answer.ok else []


def place(answer: Answer) -> int:
    """Which column has the number."""
    return ("interval" in answer.asked) + len(answer.asked.get("groupBy", ()))


def numbers(answer: Answer) -> list[Any]:
    return [row[place(answer)] or 0 for row in rows(answer)]


def whole(answer: Answer) -> bool:
    """Whether nothing is behind the rows: clients take a full page as perhaps cut (C31)."""
    return len(rows(answer)) < min(LONGEST, int(answer.asked.get("limit", LONGEST))) and not answer.asked.get("offset")


def over(answer: Answer) -> bool:
    """Whether the time asked about is over: playback may come in late."""
    asked = answer.asked
    if not isinstance(asked, dict) or not {"start", "end"} <= asked.keys():
        return False
    return instant(asked["start"]) < instant(asked["end"]) <= instant(answer.at) - _SETTLED


def question(answer: Answer, *left_out: str) -> tuple[str, bytes]:
    """A query without some of its members, after the operation that it was put to."""
    members = {name: value for name, value in answer.asked.items() if name not in left_out}
    return answer.operation, orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def settled(seen: Seen, *operations: str) -> list[Answer]:
    return [each for each in seen.good(*operations) if over(each) and whole(each)]


def totals(seen: Seen, *operations: str) -> dict[Hashable, tuple[Answer, float]]:
    """Numbers of queries without buckets or groups; no row is none."""
    plain = [each for each in settled(seen, *operations) if not place(each)]
    return {question(each): (each, sum(numbers(each))) for each in plain}


def close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))
