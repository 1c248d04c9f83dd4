"""Counts of the siblings: views, distinct devices and distinct viewers, by time, place, device or source.

A segment counts where it begins, so a breakdown by time adds up to its summary of views, and equals the rows of
``/views`` that begin in the period. Distinct things are counted once in each step: a row is the first of its viewer in
a step when the viewer's row before it stands before the step, so one column of predecessors serves every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.steps import edges
from testcard.apis.ibmvideo.timeline import Timeline, stable_order

__all__ = ["METRICS", "Slice", "begun", "by_dimension", "by_step", "summary"]

METRICS = ("total_views", "unique_devices", "authenticated_viewers")

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Slice:
    """The segments of *wanted* contents that begin in a period: numbers *begin* to before *end*."""

    timeline: Timeline
    wanted: Filter
    begin: int
    end: int

    @property
    def rows(self) -> slice | npt.NDArray[np.int32]:
        """What to index the timeline's columns with."""
        positions = self.timeline.positions(self.wanted)
        span = slice(self.begin, self.end)
        return span if positions is None else positions[span]


def begun(timeline: Timeline, wanted: Filter, first_ms: int, last_ms: int) -> Slice:
    """The segments that begin in a period; *last_ms* is inclusive, and not after the world's now."""
    positions = timeline.positions(wanted)
    begin = timeline.bisect(positions, first_ms)
    return Slice(timeline, wanted, begin, max(begin, timeline.bisect(positions, last_ms + 1)))


def summary(part: Slice, metric: str) -> int:
    """The metric of the whole period."""
    if metric == "total_views":
        return part.end - part.begin
    return int(np.count_nonzero(_predecessors(part, metric)[part.begin : part.end] < part.begin))


def by_step(part: Slice, metric: str, step: str) -> list[tuple[int, int]]:
    """The metric of each step with views: (its begin in milliseconds, value), in order."""
    if part.begin == part.end:
        return []
    positions = part.timeline.positions(part.wanted)
    start_ms = part.timeline.segments.start_ms
    first, last = part.timeline.rows(positions, np.array([part.begin, part.end - 1]))
    starts = edges(step, int(start_ms[first]), int(start_ms[last]) + 1)
    bounds = np.searchsorted(start_ms, starts)
    if positions is not None:
        bounds = np.searchsorted(positions, bounds)
    bounds = np.clip(bounds, part.begin, part.end)
    if metric == "total_views":
        values = np.diff(bounds).tolist()
    else:
        earlier = _predecessors(part, metric)
        cuts = bounds.tolist()
        values = [
            int(np.count_nonzero(earlier[begin:end] < begin)) if end > begin else 0 for begin, end in pairwise(cuts)
        ]
    return [(start, value) for start, value in zip(starts.tolist(), values, strict=False) if value]


def by_dimension(part: Slice, metric: str, dimension: str) -> list[tuple[str, int]]:
    """The metric of each device, place or source with views: (name, value), by name."""
    segments, cast, rows = part.timeline.segments, part.timeline.cast, part.rows
    viewer = segments.viewer[rows]
    if dimension == "view-source":
        codes, names = segments.onsite[rows].astype(np.int64), ["offsite", "onsite"]
    else:
        by_viewer, names = cast.dimension(dimension)
        codes = by_viewer[viewer].astype(np.int64)
    if metric != "total_views":
        who = (cast.devices if metric == "unique_devices" else cast.person)[viewer]
        codes = np.unique(who.astype(np.int64) * len(names) + codes) % len(names)
    counts = np.bincount(codes, minlength=len(names)).tolist()
    return sorted((name, value) for name, value in zip(names, counts, strict=True) if value)


def _predecessors(part: Slice, metric: str) -> npt.NDArray[np.int32]:
    """For each row of the wanted contents, the number of the row before it of the same viewer or device, or -1."""
    timeline, wanted = part.timeline, part.wanted

    def make() -> npt.NDArray[np.int32]:
        positions = timeline.positions(wanted)
        viewer = timeline.segments.viewer if positions is None else timeline.segments.viewer[positions]
        codes = (timeline.cast.devices if metric == "unique_devices" else timeline.cast.person)[viewer]
        order = stable_order(codes)
        earlier = np.full(len(codes), -1, np.int32)
        same = codes[order[1:]] == codes[order[:-1]]
        earlier[order[1:][same]] = order[:-1][same]
        return earlier

    return timeline.keep(("predecessors", wanted, metric), make)
