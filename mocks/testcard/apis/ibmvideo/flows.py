"""Flows of the siblings: seconds watched and segments that run at once, by content and step.

A segment runs from its begin to before its end, one that still runs to the world's now. Both numbers look at what lies
within the period only, so a day's seconds are the sum of its segments' overlaps with that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.steps import edges, step_of
from testcard.apis.ibmvideo.timeline import Timeline

__all__ = ["Flow", "Value", "flow_of", "peaks", "seconds", "steps_of", "the_peak", "the_seconds"]

Times = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Value:
    """A content's number: in the step that begins at *at_ms*, or at that moment."""

    at_ms: int
    type: str
    id: int
    value: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What ran in [first_ms, end_ms), cut to it, content after content: *bounds* are where each content begins."""

    contents: list[tuple[str, int]]
    bounds: list[int]
    begin: Times
    end: Times
    first_ms: int
    end_ms: int

    def __iter__(self) -> Iterator[tuple[tuple[str, int], Times, Times]]:
        for content, low, high in zip(self.contents, self.bounds, self.bounds[1:], strict=False):
            yield content, self.begin[low:high], self.end[low:high]


def flow_of(timeline: Timeline, wanted: Filter, first_ms: int, end_ms: int, now_ms: int) -> Flow:
    """What ran in a period (its end exclusive) until now."""
    end_ms = max(first_ms, min(end_ms, now_ms + 1))
    positions = timeline.positions(wanted)
    low = timeline.bisect(positions, first_ms - timeline.longest_ms)
    rows = timeline.rows(positions, np.arange(low, timeline.bisect(positions, end_ms)))
    segments = timeline.segments
    begin = np.maximum(segments.start_ms[rows], first_ms)
    end = np.minimum(np.minimum(segments.finish_ms[rows], now_ms), end_ms)
    ran = end > begin
    names = sorted({(content.type, content.id) for content in timeline.contents})
    number = {name: index for index, name in enumerate(names)}
    group = np.array([number[content.type, content.id] for content in timeline.contents], np.int16)
    groups = group[segments.content[rows[ran]]]
    order = np.argsort(groups, kind="stable")
    present, bounds = np.unique(groups[order], return_index=True)
    return Flow(
        [names[index] for index in present.tolist()],
        [*bounds.tolist(), len(order)],
        begin[ran][order],
        end[ran][order],
        first_ms,
        end_ms,
    )


def steps_of(flow: Flow, granularity: str) -> Times:
    """The edges of the steps from the first begin to the last end."""
    if not len(flow.begin):
        return np.zeros(1, np.int64)
    return edges(granularity, int(flow.begin.min()), int(flow.end.max()))


def seconds(flow: Flow, steps: Times) -> list[Value]:
    """Whole seconds watched, by step and content; steps without any are left out."""
    found: list[Value] = []
    for (kind, number), begin, end in flow:
        watched = np.diff(_watched_until(begin, steps) - _watched_until(end, steps)) // 1000
        found += _values(steps, kind, number, watched)
    return _in_order(found)


def the_seconds(flow: Flow) -> list[Value]:
    """Whole seconds watched in the whole period, by content."""
    return [Value(flow.first_ms, *content, int((end - begin).sum()) // 1000) for content, begin, end in flow]


def peaks(flow: Flow, steps: Times) -> list[Value]:
    """The largest number that ran at once, by step and content; steps in which nothing ran are left out."""
    found: list[Value] = []
    for (kind, number), begin, end in flow:
        at, running = _running(begin, end)
        inside = np.clip(steps[:-1], flow.first_ms, None)
        most = np.concatenate([[0], running])[np.searchsorted(at, inside, side="right")]
        np.maximum.at(most, step_of(steps, at[:-1]), running[:-1])  # at the last moment nothing runs
        found += _values(steps, kind, number, most)
    return _in_order(found)


def the_peak(flow: Flow) -> list[Value]:
    """The largest number that ran at once in the whole period and its first moment, by content."""
    found = []
    for content, begin, end in flow:
        at, running = _running(begin, end)
        top = int(running.argmax())
        found.append(Value(int(at[top]), *content, int(running[top])))
    return found


def _watched_until(times: Times, moments: Times) -> npt.NDArray[Any]:
    """The sum of (moment - time) over the *times* before each moment."""
    times = np.sort(times)
    counts = np.searchsorted(times, moments)
    sums = np.concatenate([[0], np.cumsum(times)])
    total: npt.NDArray[Any] = moments * counts - sums[counts]
    return total


def _running(begin: Times, end: Times) -> tuple[Times, Times]:
    """The moments at which the number changes, each once, and the number from then on."""
    moments = np.concatenate([begin, end])
    change = np.concatenate([np.ones(len(begin), np.int64), np.full(len(end), -1, np.int64)])
    order = np.argsort(moments, kind="stable")
    at, first = np.unique(moments[order], return_index=True)
    after = np.append(first[1:], len(order)) - 1
    return at, np.cumsum(change[order])[after]


def _values(steps: Times, kind: str, number: int, values: npt.NDArray[Any]) -> Iterator[Value]:
    """The steps of one content that have a value."""
    for step in np.flatnonzero(values).tolist():
        yield Value(int(steps[step]), kind, number, int(values[step]))


def _in_order(found: list[Value]) -> list[Value]:
    return sorted(found, key=lambda value: (value.at_ms, value.type, value.id))
