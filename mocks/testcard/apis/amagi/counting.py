"""Counting: sessions, minutes and distinct viewers per bucket, and perhaps per group.

Rows are arranged by viewer and then by time. Then a row is the first of its viewer in its bucket exactly when the row
before it is of another viewer or another bucket, so that distinct counts need no sorting of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.amagi.columns import AdEvents, Sessions
from testcard.apis.amagi.zones import HOUR_MS, Ints, Span

__all__ = ["AdCounts", "Counts", "count_ads", "count_arranged", "count_sessions"]

_STEP = 1 << 17  # rows at a time, so that what is made on the way stays in the processor's cache


@dataclass(frozen=True, eq=False)
class Counts:
    """What was counted, where there is anything: ascending by bucket, then group. *reach* is distinct over all."""

    bucket: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    viewers: npt.NDArray[np.int64]
    sessions: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.int64]
    reach: int

    def __len__(self) -> int:
        return len(self.bucket)


@dataclass(frozen=True, eq=False)
class AdCounts:
    """Sums of the five counters, where there are events; ascending by bucket, then group."""

    bucket: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    counters: tuple[npt.NDArray[np.int64], ...]

    def __len__(self) -> int:
        return len(self.bucket)


def count_sessions(rows: Sessions, span: Span, group: Ints | None = None, *, rounded: bool = True) -> Counts:
    """Count sessions by the bucket they start in, and by *group*, a code for each row.

    *rounded*: each session counts whole minutes; else milliseconds are added up and each sum is rounded.
    """
    bucket = span.bucket[rows.start // HOUR_MS - span.first_hour]
    lasted = rows.end - rows.start
    if rounded:
        lasted = _minutes(lasted)
    keys = (rows.visitor,) if group is None else (group, rows.visitor)
    order = np.lexsort(keys)
    counted = count_arranged(
        bucket[order], rows.visitor[order], lasted[order], len(span), None if group is None else group[order]
    )
    return counted if rounded else _with_minutes(counted, _minutes(counted.minutes))


def count_arranged(
    bucket: Ints, visitor: Ints, lasted: npt.NDArray[Any], buckets: int, group: Ints | None = None
) -> Counts:
    """Count rows that are arranged by visitor, then (group and) time; a bucket of -1 does not count."""
    inside = bucket >= 0
    if not inside.all():
        bucket, visitor, lasted = bucket[inside], visitor[inside], lasted[inside]
        group = None if group is None else group[inside]
    new_viewer = _changes(visitor)
    reach = int(np.count_nonzero(new_viewer))
    first = new_viewer | _changes(bucket)
    if group is not None:
        return _grouped(bucket, group, first | _changes(group), lasted, reach)
    later_and_first, watched = np.zeros(2 * buckets, np.int64), np.zeros(buckets)
    for at in range(0, len(bucket), _STEP):
        piece = slice(at, at + _STEP)
        index = bucket[piece].astype(np.intp)
        watched += np.bincount(index, weights=lasted[piece], minlength=buckets)
        later_and_first += np.bincount(2 * index + first[piece], minlength=2 * buckets)
    viewers = later_and_first[1::2]
    sessions = later_and_first[::2] + viewers
    minutes = watched.astype(np.int64)
    there = np.flatnonzero(sessions)
    return Counts(there, np.zeros_like(there), viewers[there], sessions[there], minutes[there], reach)


def count_ads(rows: AdEvents, span: Span, group: Ints | None = None) -> AdCounts:
    """Add up ad events by the bucket of their time, and by *group*."""
    bucket = span.bucket[rows.start // HOUR_MS - span.first_hour].astype(np.int64)
    inside = bucket >= 0
    codes = np.zeros_like(bucket) if group is None else group.astype(np.int64)
    width = int(codes.max(initial=0)) + 1
    keys, where = np.unique((bucket * width + codes)[inside], return_inverse=True)
    sums = tuple(
        np.bincount(where, weights=column[inside], minlength=len(keys)).astype(np.int64) for column in rows.counters
    )
    return AdCounts(keys // width, keys % width, sums)


def _grouped(bucket: Ints, group: Ints, first: npt.NDArray[np.bool_], lasted: npt.NDArray[Any], reach: int) -> Counts:
    width = int(group.max(initial=0)) + 1
    keys, where = np.unique(bucket.astype(np.int64) * width + group, return_inverse=True)
    sessions = np.bincount(where, minlength=len(keys))
    viewers = np.bincount(where[first], minlength=len(keys))
    minutes = np.bincount(where, weights=lasted, minlength=len(keys)).astype(np.int64)
    return Counts(keys // width, keys % width, viewers, sessions, minutes, reach)


def _changes(column: Ints) -> npt.NDArray[np.bool_]:
    """Mark the rows that differ from the one before; the first row does."""
    changed = np.empty(len(column), bool)
    changed[:1] = True
    np.not_equal(column[1:], column[:-1], out=changed[1:])
    return changed


def _minutes(lasted_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Whole minutes; half a minute counts as one."""
    return (lasted_ms + 30_000) // 60_000


def _with_minutes(counts: Counts, minutes: npt.NDArray[np.int64]) -> Counts:
    return Counts(counts.bucket, counts.group, counts.viewers, counts.sessions, minutes, counts.reach)
