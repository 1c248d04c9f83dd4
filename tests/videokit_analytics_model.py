"""What analytics must answer, in plain Python over plain rows. Shares nothing with the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

__all__ = ["answer", "impressions", "peak_rows"]

Row = Mapping[str, Any]

STEPS = {"MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


def millis(text: str) -> int:
    """An instant in milliseconds since 1970."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def bucket(time: int, interval: str) -> int:
    """Where the bucket of a moment begins."""
    if interval in STEPS:
        return time - time % STEPS[interval]
    day = datetime.fromtimestamp(time / 1000, UTC)
    return round(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp() * 1000)


def passes(row: Row, each: Row) -> bool:
    """Whether a row satisfies one filter."""
    found, operator, value = row.get(each["name"]), each["operator"], each["value"]
    if operator == "IN":
        return bool(found is not None and found in value)
    if operator == "EQ":
        return bool(found == value)
    if operator == "NE":
        return bool(found != value)
    if operator in ("CONTAINS", "NOTCONTAINS"):
        there: bool = found is not None and value in found
        return there is (operator == "CONTAINS")
    if found is None:
        return False
    return bool({"LT": found < value, "LTE": found <= value, "GT": found > value, "GTE": found >= value}[operator])


def shown(value: Any) -> str | None:
    """A group's value as a row shows it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def reduce(function: str, values: Sequence[Any]) -> Any:
    """One number out of a group's values."""
    present = [value for value in values if value is not None]
    if function == "count":
        text = any(isinstance(value, str | bool) for value in present)
        return len(set(present)) if text else len(present)
    if function == "sum":
        return sum(present)
    if not present:
        return None
    return median(present) if function == "median" else sum(present) / len(present)


def order_key(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then nothing."""
    return (2, 0) if value is None else (1, value) if isinstance(value, str) else (0, value)


def selected(rows: Iterable[Row], body: Row) -> list[Row]:
    """The rows a query is about."""
    start, end = millis(body["start"]), millis(body["end"])
    return [
        row for row in rows if start <= row["TIME"] < end and all(passes(row, each) for each in body.get("filters", []))
    ]


def answer(rows: Iterable[Row], body: Row, function: str, *, context: bool = False) -> list[list[Any]]:
    """The rows of an answer."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in selected(rows, body):
        key: list[Any] = [bucket(row["TIME"], body["interval"])] if "interval" in body else []
        key += [shown(row.get(name)) for name in body.get("groupBy", [])]
        groups.setdefault(tuple(key), []).append(row)
    if "interval" not in body and not body.get("groupBy"):
        groups.setdefault((), [])
    name = "IMPRESSION_ID" if body["dimension"] == "IMPRESSIONS" else body["dimension"]
    table = [
        [*key, reduce(function, [row.get(name) for row in members]), *([len(members)] if context else [])]
        for key, members in groups.items()
    ]
    return cut(ordered(table, body, body["dimension"]), body)


def ordered(table: list[list[Any]], body: Row, dimension: str) -> list[list[Any]]:
    """By what is asked, then by bucket and groups."""
    before = 1 if "interval" in body else 0
    names = list(body.get("groupBy", []))
    table.sort(key=lambda row: [order_key(value) for value in row[: before + len(names)]])
    for each in reversed(body.get("orderBy", [])):
        if before and each["name"] in ("TIMESTAMP", body["interval"]):
            at = 0
        elif each["name"] in names:
            at = before + names.index(each["name"])
        else:
            assert each["name"] in ("FUNCTION", dimension)
            at = before + len(names)
        table = _sorted_by(table, at, descending=each.get("order") == "DESC")
    return table


def _sorted_by(table: list[list[Any]], at: int, *, descending: bool) -> list[list[Any]]:
    return sorted(table, key=lambda row: order_key(row[at]), reverse=descending)


def cut(table: list[list[Any]], body: Row) -> list[list[Any]]:
    """The page asked for."""
    offset = body.get("offset", 0)
    return table[offset : offset + body.get("limit", 200)]


def impressions(rows: Iterable[Row], body: Row) -> list[str]:
    """The ids of the sessions, by start."""
    found = sorted(selected(rows, body), key=lambda row: row["TIME"])
    return [row["IMPRESSION_ID"] for row in found][: body.get("limit", 200)]


def peak_rows(rows: Iterable[Row], body: Row) -> list[list[Any]]:
    """The most sessions at once, found by looking at every moment at which one starts or a bucket begins."""
    start, end = millis(body["start"]), millis(body["end"])
    groups: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for row in rows:
        first, last = max(row["TIME"], start), min(row["TIME"] + row["PLAYED"], end)
        if first < last and all(passes(row, each) for each in body.get("filters", [])):
            key = tuple(shown(row.get(name)) for name in body.get("groupBy", []))
            groups.setdefault(key, []).append((first, last))
    table: list[list[Any]] = []
    for key, spans in groups.items():
        for begin, members in _buckets(spans, body.get("interval")):
            moments = {first for first, _ in members} | ({begin} if begin is not None else set())
            peak = max(sum(first <= moment < last for first, last in members) for moment in moments)
            table.append([*([begin] if begin is not None else []), *key, peak])
    if not table and "interval" not in body and not body.get("groupBy"):
        table = [[0]]
    return cut(ordered([row for row in table if row[-1] or len(row) == 1], body, "MAX_CONCURRENT_VIEWERS"), body)


def _buckets(spans: list[tuple[int, int]], interval: str | None) -> Iterable[tuple[int | None, list[tuple[int, int]]]]:
    if interval is None:
        yield None, spans
        return
    low, high = min(first for first, _ in spans), max(last for _, last in spans)
    begins, moment = [bucket(low, interval)], low
    while moment < high:
        moment += 60_000 if interval == "MINUTE" else 3_600_000
        begins.append(bucket(min(moment, high - 1), interval))
    for begin in sorted(set(begins)):
        after = bucket(begin + STEPS.get(interval, 32 * 86_400_000), interval)
        members = [(max(first, begin), min(last, after)) for first, last in spans if first < after and last > begin]
        if members:
            yield begin, members
