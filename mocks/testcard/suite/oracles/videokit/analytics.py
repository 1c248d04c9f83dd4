"""What analytics answers, worked out row by row. Document 002, Streaming, operations below analytics; facts C25-C37.

A row of an answer is the bucket's start in epoch milliseconds (with an interval), one text per group, the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median, median_low
from typing import Any

from testcard.suite.oracles.videokit.moments import Reads, Row, millis

__all__ = ["answered", "impressions", "refused"]

_STEPS = {"MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
_DAY = _STEPS["DAY"]
Key = tuple[Any, ...]


def refused(body: Mapping[str, Any], reads: Reads) -> bool:
    """Whether a question is refused (ledger VK-175, VK-180)."""
    if body.get("dimension") == "IMPRESSIONS" and reads["VK-175"] == "refused":
        return True
    return millis(body["start"]) > millis(body["end"]) and reads["VK-180"] == "refused"


def answered(
    rows: Iterable[Row], body: Mapping[str, Any], function: str, reads: Reads, now: int, *, ads: bool = False
) -> list[list[Any]]:
    """All rows of an answer, however many; the last column is the number."""
    if function == "peak":
        return _ordered(_peaks(rows, body, reads, now), body)
    groups: dict[Key, list[Row]] = {}
    if "interval" not in body and not body.get("groupBy"):
        groups[()] = []
    for row in _selected(rows, body, reads, now):
        bucket = (_bucket(row["TIME"], body["interval"]),) if "interval" in body else ()
        key = (*bucket, *(_text(row.get(name)) for name in body.get("groupBy", ())))
        groups.setdefault(key, []).append(row)
    usual = "AD_IMPRESSION_ID" if ads else "IMPRESSION_ID"
    name = usual if body["dimension"] == "IMPRESSIONS" else body["dimension"]
    table = [[*key, _reduced(function, [row.get(name) for row in members], reads)] for key, members in groups.items()]
    return _ordered(_with_zeros(table, body, reads, now), body)


def impressions(rows: Iterable[Row], body: Mapping[str, Any], reads: Reads, now: int) -> list[str]:
    """The ids of sessions by start (ledger VK-182)."""
    found = sorted(_selected(rows, body, reads, now), key=lambda row: row["TIME"])
    ids = [row["IMPRESSION_ID"] for row in found]
    return ids[::-1] if reads["VK-182"] == "newest-first" else ids


def _window(body: Mapping[str, Any], reads: Reads, now: int) -> tuple[int, int]:
    """From the start up to the end, which is not in it (ledger VK-172, VK-179)."""
    start, end = millis(body["start"]), millis(body["end"]) + (reads["VK-172"] == "inclusive")
    return (max(start, now - 30 * _DAY) if reads["VK-179"] == "thirty-days" else start), end


def _selected(rows: Iterable[Row], body: Mapping[str, Any], reads: Reads, now: int) -> Iterator[Row]:
    start, end = _window(body, reads, now)
    for row in rows:
        begun = start <= row["TIME"] < end and row["TIME"] <= now
        if begun and all(_passes(row, each) for each in body.get("filters", ())):
            yield row


def _passes(row: Row, each: Mapping[str, Any]) -> bool:
    found, value = row.get(each["name"]), each["value"]
    if found is None:
        return {"EQ": value is None, "NE": value is not None, "NOTCONTAINS": True}.get(each["operator"], False)
    tests: Mapping[str, Callable[[], Any]] = {
        "IN": lambda: found in value,
        "EQ": lambda: found == value,
        "NE": lambda: found != value,
        "CONTAINS": lambda: value in found,
        "NOTCONTAINS": lambda: value not in found,
        "LT": lambda: found < value,
        "LTE": lambda: found <= value,
        "GT": lambda: found > value,
        "GTE": lambda: found >= value,
    }
    return bool(tests[each["operator"]]())


def _bucket(time: int, interval: str) -> int:
    """Where the bucket of a moment begins, in UTC."""
    if interval in _STEPS:
        return time - time % _STEPS[interval]
    day = datetime.fromtimestamp(time // 1000, UTC)
    return millis(datetime(day.year, day.month, 1, tzinfo=UTC))


def _text(value: Any) -> str | None:
    """A group's value as a row shows it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(_whole(value))


def _whole(value: float) -> int | float:
    """Whole numbers are written without a point."""
    return int(value) if value == int(value) else value


def _reduced(function: str, values: Sequence[Any], reads: Reads) -> Any:
    """One number of a group's values (ledger VK-176, VK-177, VK-178)."""
    there = [value for value in values if value is not None]
    if function == "count":
        texts = any(isinstance(value, str | bool) for value in there)
        return len(set(there)) if texts and reads["VK-176"] == "distinct" else len(there)
    if function == "sum":
        return _whole(sum(there))
    if not there:
        return None
    if function == "median":
        return _whole((median if reads["VK-177"] == "midpoint" else median_low)(there))
    mean = sum(there) / len(there)
    return round(mean) if reads["VK-178"] == "rounded" else _whole(mean)


def _with_zeros(table: list[list[Any]], body: Mapping[str, Any], reads: Reads, now: int) -> list[list[Any]]:
    """With a row for each bucket, under one reading (ledger VK-174)."""
    if reads["VK-174"] != "zero" or "interval" not in body or body.get("groupBy"):
        return table
    have, (start, end) = {row[0] for row in table}, _window(body, reads, now)
    return table + [[bucket, 0] for bucket in _buckets(start, end, body["interval"]) if bucket not in have]


def _buckets(start: int, end: int, interval: str) -> list[int]:
    """Every bucket that a time has a part of."""
    found, moment = [], start
    while moment < end:
        found.append(_bucket(moment, interval))
        moment = _next(found[-1], interval)
    return found


def _next(bucket: int, interval: str) -> int:
    return bucket + _STEPS[interval] if interval in _STEPS else _bucket(bucket + 32 * _DAY, interval)


def _ordered(table: list[list[Any]], body: Mapping[str, Any]) -> list[list[Any]]:
    """By what is asked, then by time and groups."""
    names = [*(["TIMESTAMP"] if "interval" in body else []), *body.get("groupBy", ())]
    table = sorted(table, key=lambda row: [_key(each) for each in row[: len(names)]])
    for each in reversed(body.get("orderBy", ())):
        name = "TIMESTAMP" if each["name"] in ("TIME", body.get("interval")) else each["name"]
        at = names.index(name) if name in names else len(names)
        table.sort(key=lambda row: _key(row[at]), reverse=each.get("order") == "DESC")
    return table


def _key(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then nothing."""
    return (2, 0) if value is None else (1, value) if isinstance(value, str) else (0, value)


def _peaks(rows: Iterable[Row], body: Mapping[str, Any], reads: Reads, now: int) -> list[list[Any]]:
    """The most at once, by looking at every moment at which one comes or a bucket begins (ledger VK-181)."""
    start, end = _window(body, reads, now)
    groups: dict[Key, list[tuple[int, int]]] = {}
    for row in rows:
        first, last = row["TIME"], row["TIME"] + row["PLAYED"]
        if reads["VK-181"] == "per-minute" and last > first:
            first, last = first // 60_000 * 60_000, -(-last // 60_000) * 60_000
        first, last = max(first, start), min(last, end)
        there = row["TIME"] <= now and first < last
        if there and row["PLAYED"] and all(_passes(row, each) for each in body.get("filters", ())):
            key = tuple(_text(row.get(name)) for name in body.get("groupBy", ()))
            groups.setdefault(key, []).append((first, last))
    table = [[*bucket, *key, peak] for key, spans in groups.items() for bucket, peak in _by_bucket(spans, body)]
    if not table and "interval" not in body and not body.get("groupBy"):
        return [[0]]
    return _with_zeros(table, body, reads, now)


def _by_bucket(spans: list[tuple[int, int]], body: Mapping[str, Any]) -> Iterator[tuple[Key, int]]:
    if "interval" not in body:
        yield (), _most(spans, min(first for first, _ in spans))
        return
    low, high = min(first for first, _ in spans), max(last for _, last in spans)
    for bucket in _buckets(low, high, body["interval"]):
        after = _next(bucket, body["interval"])
        inside = [(max(first, bucket), min(last, after)) for first, last in spans if first < after and last > bucket]
        if inside:
            yield (bucket,), _most(inside, bucket)


def _most(spans: Sequence[tuple[int, int]], begin: int) -> int:
    moments = {begin, *(first for first, _ in spans)}
    return max(sum(first <= moment < last for first, last in spans) for moment in moments)
