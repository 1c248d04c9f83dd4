"""The most viewers at once: sessions as intervals, swept once for each group. Knows no story and no HTTP.

A session counts from its start up to, not including, its end; one that never played counts nowhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from testcard.apis.videokit.analytics import Query, keep, number
from testcard.apis.videokit.columns import Frame, Longs, Text
from testcard.apis.videokit.playback import bucket_starts

__all__ = ["max_concurrent"]

_MINUTE = 60_000


def max_concurrent(frame: Frame, query: Query, *, per_minute: bool = False) -> list[list[Any]]:
    """The peak of each bucket and group: rows of bucket, groups' texts and number. The first and last moments of a
    bucket are its own; without an interval the whole timeframe is one bucket."""
    start, end = frame.time, frame.end
    if per_minute:
        start, end = start // _MINUTE * _MINUTE, np.where(end > start, -(-end // _MINUTE) * _MINUTE, end)
    mask = keep(frame, query.filters) & (end > start) & (start < query.end) & (end > query.start)
    start, end = np.maximum(start[mask], query.start), np.minimum(end[mask], query.end)
    rows: list[list[Any]] = []
    for key, members in _members(frame, mask, query):
        rows += [[*bucket, *key, peak] for bucket, peak in _peaks(start[members], end[members], query.interval)]
    return rows or ([[0]] if not query.interval and not query.group_by else [])


def _members(frame: Frame, mask: Any, query: Query) -> list[tuple[tuple[Any, ...], Any]]:
    """Each group with the positions of its rows."""
    count = int(mask.sum())
    codes = np.zeros(count, np.int64)
    words: list[list[Any]] = []
    for name in query.group_by:
        column = frame.column(name)
        if isinstance(column, Text):
            found, at = np.unique(column.codes[mask], return_inverse=True)
            words.append([column.word(int(code)) for code in found])
        else:
            values, at = np.unique(column.values[mask], return_inverse=True)
            words.append([None if np.isnan(value) else str(number(float(value))) for value in values])
        codes = codes * len(words[-1]) + at
    groups, at = np.unique(codes, return_inverse=True)
    order = np.argsort(at, kind="stable")
    ends = np.cumsum(np.bincount(at, minlength=len(groups))).tolist()
    members = [order[first:last] for first, last in zip([0, *ends], ends, strict=False)]
    return [(_texts(int(code), words), rows) for code, rows in zip(groups, members, strict=True)]


def _texts(code: int, words: list[list[Any]]) -> tuple[Any, ...]:
    texts: list[Any] = []
    for each in reversed(words):
        code, at = divmod(code, len(each))
        texts.insert(0, each[at])
    return tuple(texts)


def _peaks(start: Longs, end: Longs, interval: str | None) -> list[tuple[tuple[int, ...], int]]:
    """The peak of every bucket in which anybody watched."""
    moments = np.concatenate([start, end])
    steps = np.concatenate([np.ones(len(start), np.int64), -np.ones(len(end), np.int64)])
    order = np.argsort(moments, kind="stable")
    moments, level = moments[order], np.cumsum(steps[order])
    settled = np.r_[moments[1:] != moments[:-1], True]  # after all who come and go at one moment
    moments, level = moments[settled], level[settled]
    if interval is None:
        return [((), int(level.max()))]
    buckets = bucket_starts(moments, interval)
    firsts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
    highest = np.maximum.reduceat(level, firsts)
    peaks: dict[int, int] = dict(zip(buckets[firsts].tolist(), highest.tolist(), strict=True))
    _carry_over(peaks, moments, level, interval)
    return [((bucket,), peak) for bucket, peak in sorted(peaks.items()) if peak]


def _carry_over(peaks: dict[int, int], moments: Longs, level: Longs, interval: str) -> None:
    """Whoever is there when a bucket begins counts for it, although nobody comes or goes at that moment."""
    first, last = int(moments[0]), int(moments[-1])
    size = {"MINUTE": _MINUTE, "HOUR": 3_600_000}.get(interval, 86_400_000)
    starts = np.unique(bucket_starts(np.arange(first, last, size, dtype=np.int64), interval))
    starts = np.unique(np.r_[starts, bucket_starts(np.array([last - 1]), interval)])
    before = np.searchsorted(moments, starts, side="right") - 1
    for bucket, at in zip(starts.tolist(), before.tolist(), strict=True):
        if at >= 0 and level[at] > peaks.get(bucket, 0):
            peaks[bucket] = int(level[at])
