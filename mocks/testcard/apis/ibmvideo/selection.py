"""Which segments belong to a period: the truth table of the two flags, over columns sorted by begin.

The rows that begin in the period are a slice, found by bisection. Only at its edges must ends be looked at: before it,
for segments that reach into the period, and behind it, for those that still run or reach out. No segment is longer than
the timeline's longest, so an edge is short.

Source: document 003, Raw view export for a given time period; ledger IB-13 to IB-15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.timeline import Positions, Timeline

__all__ = ["Period", "Rules", "Selection", "belongs", "select"]

Numbers = npt.NDArray[np.int64]
Times = npt.NDArray[np.int64]
_NONE: Numbers = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Period:
    """From *first_ms* to *last_ms*, both inclusive: the reading of the ends (IB-14) is worked in already."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The two flags of a request, and the readings that say what they mean."""

    unfinished: bool
    inclusive: bool
    reading: str  # of IB-13
    keep_running: bool = False  # IB-15


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a timeline in its order, as numbers into *positions*: some, then a stretch, then some."""

    head: Numbers
    begin: int
    end: int
    tail: Numbers

    def __len__(self) -> int:
        return len(self.head) + self.end - self.begin + len(self.tail)

    def window(self, offset: int, last: int) -> Numbers:
        """The rows from *offset* to before *last*."""
        parts, at = [], 0
        for length, part in ((len(self.head), self.head), (self.end - self.begin, None), (len(self.tail), self.tail)):
            low, high = max(offset - at, 0), min(last - at, length)
            if low < high:
                parts.append(np.arange(self.begin + low, self.begin + high) if part is None else part[low:high])
            at += length
        return np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else _NONE


def select(timeline: Timeline, positions: Positions, period: Period, now_ms: int, rules: Rules) -> Selection:
    """Return the segments of a period that have begun by now, by the flags and their readings."""
    visible = timeline.bisect(positions, now_ms + 1)
    begin = min(timeline.bisect(positions, period.first_ms), visible)
    end = max(begin, min(timeline.bisect(positions, period.last_ms + 1), visible))
    if period.first_ms > period.last_ms:
        return Selection(_NONE, begin, begin, _NONE)
    if rules.inclusive:
        head = _reaching_in(timeline, positions, period, now_ms, rules, begin)
        if rules.unfinished:
            return Selection(head, begin, end, _NONE)
        return _trimmed(timeline, positions, head, begin, end, now_ms, now_ms, keep_running=False)
    bound = min(now_ms, period.last_ms)
    keep = rules.keep_running and rules.unfinished
    return _trimmed(timeline, positions, _NONE, begin, end, bound, now_ms, keep_running=keep)


def belongs(start: Times, finish: Times, period: Period, now_ms: int, rules: Rules) -> npt.NDArray[np.bool_]:
    """The same rule for rows in any order: which of them are of the period."""
    finished = finish <= now_ms
    inside = (start >= period.first_ms) & (start <= period.last_ms)
    if rules.inclusive:
        reaching_in = finished & (finish >= period.first_ms)
        if rules.reading != "overlap":
            reaching_in &= finish <= period.last_ms
        if rules.reading != "literal":
            reaching_in |= ~finished
        wanted = inside | (reaching_in & (start < period.first_ms))
    else:
        wanted = inside & ((finished & (finish <= period.last_ms)) | (~finished & rules.keep_running))
    wanted &= (start <= now_ms) & (finished | rules.unfinished)
    return wanted & (period.first_ms <= period.last_ms)


def _reaching_in(
    timeline: Timeline, positions: Positions, period: Period, now_ms: int, rules: Rules, begin: int
) -> Numbers:
    """Rows that began before the period and belong to it all the same."""
    first = timeline.bisect(positions, min(period.first_ms, now_ms + 1) - timeline.longest_ms)
    numbers = np.arange(min(first, begin), begin)
    finish = timeline.segments.finish_ms[timeline.rows(positions, numbers)]
    finished = finish <= now_ms
    wanted = finished & (finish >= period.first_ms)
    if rules.reading != "overlap":
        wanted &= finish <= period.last_ms
    if rules.reading != "literal" and rules.unfinished:
        wanted |= ~finished
    return numbers[wanted]


def _trimmed(
    timeline: Timeline,
    positions: Positions,
    head: Numbers,
    begin: int,
    end: int,
    bound_ms: int,
    now_ms: int,
    *,
    keep_running: bool,
) -> Selection:
    """The stretch without the rows that end behind *bound_ms*, save running ones where they are to be kept."""
    edge = min(max(begin, timeline.bisect(positions, bound_ms - timeline.longest_ms)), end)
    numbers = np.arange(edge, end)
    finish = timeline.segments.finish_ms[timeline.rows(positions, numbers)]
    wanted = finish <= bound_ms
    if keep_running:
        wanted |= finish > now_ms
    return Selection(head, begin, edge, numbers[wanted])
