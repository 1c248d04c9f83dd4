"""The viewers' lists: one entry for each identifier, with its segments.

Source: document 003, List of the unique viewers; ledger IB-27 and IB-29 to IB-33.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.rendering import row_texts
from testcard.apis.ibmvideo.selection import Period, Rules, belongs
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Positions, Timeline, stable_order

__all__ = ["Counting", "ViewerQuery", "find_viewers", "viewers_text"]

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Counting:
    """The readings of the totals: IB-29, IB-30, IB-31 and IB-32."""

    watched: str
    activity: str
    whole: bool
    keep_empty: bool


@dataclass(frozen=True, slots=True)
class ViewerQuery:
    """Which segments count, and whose; *period* None is all there are.

    *everything* is the whole history, of which the customer may see the *visible* contents.
    """

    wanted: Filter
    everything: Timeline
    visible: Filter
    period: Period | None
    rules: Rules
    containing: str
    any_case: bool
    now_ms: int


def find_viewers(timeline: Timeline, query: ViewerQuery, counting: Counting) -> Numbers:
    """The persons to list, in the order of their identifiers."""
    there = _present(timeline, query, unfinished=query.rules.unfinished or counting.keep_empty)
    if query.containing:
        there = there & _containing(timeline, query)
    order = timeline.cast.alphabetical
    people: Numbers = order[there[order]]
    return people


def viewers_text(
    timeline: Timeline, query: ViewerQuery, counting: Counting, people: Iterable[int], style: Style
) -> bytes:
    """The entries of *people*, joined by commas."""
    entries = [_Entry(timeline, query, counting, person) for person in people]
    rows = [entry.listed for entry in entries]
    texts = iter(row_texts(timeline, np.concatenate(rows), style, query.now_ms) if rows else [])
    written = [entry.text([next(texts) for _ in entry.listed], style) for entry in entries]
    for text in written[:1] + written[-1:]:
        check("Viewer", orjson.loads(text))
    return b",".join(written)


class _People:
    """Rows by person: numbers into the positions, person after person, each person's by begin."""

    def __init__(self, timeline: Timeline, positions: Positions) -> None:
        self._segments = timeline.segments
        count = len(timeline.segments) if positions is None else len(positions)
        viewer = timeline.segments.viewer if positions is None else timeline.segments.viewer[positions]
        person = timeline.cast.person[viewer]
        order = stable_order(person)
        self.rows = order if positions is None else positions[order]
        counts = np.bincount(person, minlength=len(timeline.cast.identifiers))
        self.ends = np.cumsum(counts)
        self.begins = self.ends - counts
        self._there = np.flatnonzero(counts)
        self._size = count

    def of(self, person: int) -> Numbers:
        """The rows of a person."""
        rows: Numbers = self.rows[self.begins[person] : self.ends[person]]
        return rows

    def visible(self, now_ms: int, *, unfinished: bool) -> npt.NDArray[np.bool_]:
        """Who has a segment that has begun, or (without *unfinished*) one that has ended."""
        there = np.zeros(len(self.begins), np.bool_)
        there[self._there] = (self._first_start if unfinished else self._first_finish) <= now_ms
        return there

    @cached_property
    def _first_start(self) -> Numbers:
        first: Numbers = self._segments.start_ms[self.rows[self.begins[self._there]]]
        return first

    @cached_property
    def _first_finish(self) -> Numbers:
        if not self._size:
            return self._segments.finish_ms[:0]
        first: Numbers = np.minimum.reduceat(self._segments.finish_ms[self.rows], self.begins[self._there])
        return first


def _people(timeline: Timeline, wanted: Filter) -> _People:
    positions = timeline.positions(wanted)
    return timeline.keep(("people", wanted), lambda: _People(timeline, positions))


def _present(timeline: Timeline, query: ViewerQuery, *, unfinished: bool) -> npt.NDArray[np.bool_]:
    """Who has a segment that counts, by person code."""
    if query.period is None:
        return _people(timeline, query.wanted).visible(query.now_ms, unfinished=unfinished)
    rules = Rules(unfinished, query.rules.inclusive, query.rules.reading, query.rules.keep_running)
    segments, positions = timeline.segments, timeline.positions(query.wanted)
    rows = slice(None) if positions is None else positions
    counts = belongs(segments.start_ms[rows], segments.finish_ms[rows], query.period, query.now_ms, rules)
    there = np.zeros(len(timeline.cast.identifiers), np.bool_)
    there[timeline.cast.person[segments.viewer[rows][counts]]] = True
    return there


def _containing(timeline: Timeline, query: ViewerQuery) -> npt.NDArray[np.bool_]:
    """Whose identifier contains the text, taken literally: % and _ stand for themselves."""
    text, any_case = query.containing, query.any_case
    name = ("containing", text, any_case)
    return timeline.keep(name, lambda: timeline.cast.containing(text, any_case=any_case))


class _Entry:
    """One viewer with the rows that are *listed* and the rows that are *counted*."""

    def __init__(self, timeline: Timeline, query: ViewerQuery, counting: Counting, person: int) -> None:
        self._timeline, self._query, self._counting, self._person = timeline, query, counting, person
        rows = _people(timeline, query.wanted).of(person)
        self.listed = rows[self._wanted(rows)]
        self._timeline_counted, self._counted = timeline, self.listed
        if counting.whole or (counting.keep_empty and not len(self.listed)):
            self._timeline_counted, self._counted = self._whole()

    def text(self, segments: list[bytes], style: Style) -> bytes:
        """The entry as JSON."""
        head = {
            "viewer_identifier": self._timeline.cast.identifiers[self._person],
            "videos_watched": self._watched(),
            "last_activity": times.write(self._last_activity(), style.zone),
        }
        opening = b'{"type":"Viewer","attributes":' + orjson.dumps(head)[:-1]
        return opening + b',"segments":[' + b",".join(segments) + b"]}}"

    def _whole(self) -> tuple[Timeline, Numbers]:
        """All that the viewer did: within the history, or else within the period."""
        for timeline in (self._query.everything, self._timeline):
            rows = _people(timeline, self._query.visible).of(self._person)
            rows = rows[timeline.segments.start_ms[rows] <= self._query.now_ms]
            if len(rows):
                break
        return timeline, rows

    def _wanted(self, rows: Numbers) -> npt.NDArray[np.bool_]:
        start, finish = self._timeline.segments.start_ms[rows], self._timeline.segments.finish_ms[rows]
        query = self._query
        if query.period is not None:
            return belongs(start, finish, query.period, query.now_ms, query.rules)
        return (start <= query.now_ms) & ((finish <= query.now_ms) | query.rules.unfinished)

    def _watched(self) -> int:
        if self._counting.watched == "segments":
            return len(self._counted)
        timeline = self._timeline_counted
        codes = np.unique(timeline.segments.content[self._counted]).tolist()
        contents = {(content.type, content.id) for content in map(timeline.contents.__getitem__, codes)}
        if self._counting.watched == "recorded-only":
            return sum(kind == "recorded" for kind, _ in contents)
        return len(contents)

    def _last_activity(self) -> int:
        segments = self._timeline_counted.segments
        if self._counting.activity == "last-start":
            return int(segments.start_ms[self._counted].max())
        return min(int(segments.finish_ms[self._counted].max()), self._query.now_ms)
