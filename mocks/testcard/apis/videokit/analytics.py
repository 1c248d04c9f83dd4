"""Queries over rows with columns: filter, group, bucket, reduce, order, page. Knows no story and no HTTP.

A row of an answer is the bucket's start in epoch milliseconds (with an interval), one text for each group, the number,
and on request the sessions behind it (facts C30, C32).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.videokit.columns import FLAGS, Column, Frame, Longs, Numbers, Text
from testcard.apis.videokit.playback import bucket_starts
from testcard.seed import mix

__all__ = ["Query", "Rules", "keep", "number", "order_column", "run"]


@dataclass(frozen=True)
class Rules:
    """The readings that change an answer's rows."""

    distinct: bool = True
    midpoint: bool = True
    rounded: bool = False
    ascending: bool = True
    zeros: bool = False


@dataclass(frozen=True)
class Query:
    """What is asked: *function* of *dimension* from *start* up to *end* (epoch milliseconds)."""

    function: str
    dimension: str
    start: int
    end: int
    filters: Sequence[Mapping[str, Any]] = ()
    interval: str | None = None
    group_by: Sequence[str] = ()
    order_by: Sequence[Mapping[str, str]] = ()
    with_sessions: bool = False
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True)
class Groups:
    """Rows put into groups: the group of each row, and for each group its bucket and texts."""

    of_row: Longs
    keys: list[tuple[Any, ...]]


def keep(frame: Frame, filters: Sequence[Mapping[str, Any]]) -> npt.NDArray[np.bool_]:
    """Mark the rows that every filter lets through."""
    mask = np.ones(len(frame.time), np.bool_)
    for each in filters:
        column = frame.column(each["name"])
        mask &= _passes(column, each["operator"], each["value"])
    return mask


def _passes(column: Column, operator: str, value: Any) -> npt.NDArray[np.bool_]:
    if operator == "NE":
        return ~_passes(column, "EQ", value)
    if operator == "NOTCONTAINS":
        return ~_passes(column, "CONTAINS", value)
    if isinstance(column, Numbers):
        return _number_passes(column, operator, value)
    if value is None:
        return column.codes < 0
    return _text_passes(column, operator, value)


def _number_passes(column: Numbers, operator: str, value: Any) -> npt.NDArray[np.bool_]:
    values = column.values
    if operator == "IN":
        return np.isin(values, np.array(value, np.float64))
    if value is None:
        return np.isnan(values)
    compare = {"EQ": np.equal, "LT": np.less, "LTE": np.less_equal, "GT": np.greater, "GTE": np.greater_equal}
    result: npt.NDArray[np.bool_] = compare[operator](values, float(value))
    return result


def _text_passes(column: Text, operator: str, value: Any) -> npt.NDArray[np.bool_]:
    listed = value if isinstance(value, list) else [value]
    wanted = {FLAGS[each] if isinstance(each, bool) else each for each in listed}
    table = np.zeros(len(column.words) + 1, np.bool_)  # the last one is for -1: no text
    for code in np.unique(column.codes[column.codes >= 0]).tolist():
        word = column.words[code]
        table[code] = value in word if operator == "CONTAINS" else word in wanted
    return table[column.codes]


def number(value: float) -> int | float:
    """A float as JSON should show it: whole when it is whole."""
    return int(value) if value == value // 1 else value


def _grouped(frame: Frame, mask: npt.NDArray[np.bool_], interval: str | None, names: Sequence[str]) -> Groups:
    codes = np.zeros(int(mask.sum()), np.int64)
    parts: list[tuple[Longs, Callable[[int], Any]]] = []
    if interval:
        starts, at = np.unique(bucket_starts(frame.time[mask], interval), return_inverse=True)
        parts.append((at, lambda code, starts=starts: int(starts[code])))  # type: ignore[misc]
    parts += [_group_part(frame.column(name), mask) for name in names]
    for part, _ in parts:
        _, part = np.unique(part, return_inverse=True)
        codes = codes * (int(part.max(initial=-1)) + 1) + part
        _, codes = np.unique(codes, return_inverse=True)
    groups = int(codes.max(initial=-1)) + 1
    first = np.full(groups, 0, np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return Groups(codes, [tuple(word(int(part[row])) for part, word in parts) for row in first])


def _group_part(column: Column, mask: npt.NDArray[np.bool_]) -> tuple[Longs, Callable[[int], Any]]:
    if isinstance(column, Text):
        return column.codes[mask], column.word
    values, at = np.unique(column.values[mask], return_inverse=True)
    return at, lambda code: None if np.isnan(values[code]) else str(number(float(values[code])))


def _count(column: Column, of_row: Longs, groups: int, *, distinct: bool) -> list[int]:
    there = ~np.isnan(column.values) if isinstance(column, Numbers) else column.codes >= 0
    of_row = of_row[there]
    if isinstance(column, Text) and distinct:
        codes = column.codes[there]
        size = int(codes.max(initial=0)) + 1
        of_row = np.unique(of_row * size + codes) // size
    return _sizes(of_row, groups)


def _sizes(of_row: Longs, groups: int) -> list[int]:
    return [int(size) for size in np.bincount(of_row, minlength=groups)]


def _sum(column: Numbers, of_row: Longs, groups: int) -> list[int | float]:
    there = ~np.isnan(column.values)
    return [number(value) for value in np.bincount(of_row[there], column.values[there], groups).tolist()]


def _avg(column: Numbers, of_row: Longs, groups: int, *, rounded: bool) -> list[int | float | None]:
    counts, sums = _count(column, of_row, groups, distinct=False), _sum(column, of_row, groups)
    means = [total / count if count else None for total, count in zip(sums, counts, strict=True)]
    return [None if mean is None else round(mean) if rounded else number(mean) for mean in means]


def _median(column: Numbers, of_row: Longs, groups: int, *, midpoint: bool) -> list[int | float | None]:
    there = ~np.isnan(column.values)
    of_row, values = of_row[there], column.values[there]
    values = values[np.lexsort((values, of_row))]
    counts = np.bincount(of_row, minlength=groups)
    ends = np.cumsum(counts)
    medians: list[int | float | None] = []
    for count, end in zip(counts.tolist(), ends.tolist(), strict=True):
        first = end - count
        low, high = first + (count - 1) // 2, first + count // 2
        if not count:
            medians.append(None)
        else:
            medians.append(number(float(values[low] + values[high]) / 2 if midpoint else float(values[low])))
    return medians


def _reduced(query: Query, column: Column, of_row: Longs, groups: int) -> Sequence[int | float | None]:
    rules = query.rules
    if query.function == "count":
        return _count(column, of_row, groups, distinct=rules.distinct)
    if isinstance(column, Text):
        raise TypeError(f"{query.dimension} cannot be added up")
    if query.function == "sum":
        return _sum(column, of_row, groups)
    if query.function == "avg":
        return _avg(column, of_row, groups, rounded=rules.rounded)
    return _median(column, of_row, groups, midpoint=rules.midpoint)


def _masked(column: Column, mask: npt.NDArray[np.bool_]) -> Column:
    if isinstance(column, Numbers):
        return Numbers(column.values[mask])
    return Text(column.codes[mask], column.words)


def run(frame: Frame, query: Query, concurrent: Callable[[Frame, Query], list[list[Any]]] | None = None) -> list[Any]:
    """All rows of the answer, in order. *concurrent* stands in for the usual reduction."""
    rows = concurrent(frame, query) if concurrent else _rows(frame, query)
    if query.rules.zeros and query.interval and not query.group_by:
        rows = _with_zeros(rows, query)
    return _in_order(rows, query)


def _rows(frame: Frame, query: Query) -> list[list[Any]]:
    mask = keep(frame, query.filters) & (frame.time >= query.start) & (frame.time < query.end)
    groups = _grouped(frame, mask, query.interval, query.group_by)
    of_row, keys = groups.of_row, groups.keys
    if not keys and not query.interval and not query.group_by:
        keys = [()]
    values = _reduced(query, _masked(frame.column(query.dimension), mask), of_row, len(keys))
    rows = [[*key, value] for key, value in zip(keys, values, strict=True)]
    if query.with_sessions:
        for row, count in zip(rows, _sizes(of_row, len(keys)), strict=True):
            row.append(count)
    return rows


def _with_zeros(rows: list[list[Any]], query: Query) -> list[list[Any]]:
    there = {row[0] for row in rows}
    return rows + [
        [start, 0, *([0] if query.with_sessions else [])]
        for start in _buckets(query.start, query.end, query.interval or "DAY")
        if start not in there
    ]


def _buckets(start: int, end: int, interval: str) -> list[int]:
    step = 27 * 86_400_000 if interval == "MONTH" else {"MINUTE": 60, "HOUR": 3600, "DAY": 86_400}[interval] * 1000
    moments = np.arange(start, end, step, dtype=np.int64)
    ends = np.array([max(end - 1, start)], np.int64)
    found: list[int] = np.unique(bucket_starts(np.concatenate([moments, ends]), interval)).tolist()
    return found if end > start else []


def _in_order(rows: list[list[Any]], query: Query) -> list[list[Any]]:
    """As asked; by bucket and groups where nothing is asked, or in no order that means anything (ledger VK-173)."""
    keys = len(query.group_by) + (1 if query.interval else 0)
    rows.sort(key=lambda row: [_comparable(value) for value in row[:keys]])
    if not query.order_by and not query.rules.ascending:
        rows.sort(key=lambda row: mix(*(str(value) for value in row[:keys])))
    for each in reversed(query.order_by):
        at = order_column(query, each["name"])
        if at is None:
            raise KeyError(each["name"])
        rows.sort(key=lambda row: _comparable(row[at]), reverse=each.get("order") == "DESC")
    return rows


def order_column(query: Query, name: str) -> int | None:
    """The column that a name in orderBy means, or None when the answer has no such column."""
    before = 1 if query.interval else 0
    if before and name in ("TIME", "TIMESTAMP", query.interval):
        return 0
    if name in query.group_by:
        return before + list(query.group_by).index(name)
    if name in ("FUNCTION", query.dimension):
        return before + len(query.group_by)
    return None


def _comparable(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then nothing."""
    if value is None:
        return (2, 0)
    return (1, value) if isinstance(value, str) else (0, value)
