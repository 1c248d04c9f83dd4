"""Drawn scenarios for clients of IBM Video Streaming Analytics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.ibmvideo_rows import (
    AWKWARD,
    CLIENTS,
    CONTENTS,
    NOON,
    SAME_NUMBER,
    VIEWERS,
    VIEWERS_OF,
    VIEWS,
    VIEWS_OF,
    hours,
    local,
    many_viewers,
    many_views,
    play,
    segment,
    written,
)
from testcard.suite.subjects.ingredients import drawn_faults

__all__ = ["drawn"]

Row = dict[str, Any]


def drawn(operations: Sequence[str], page_size: int) -> st.SearchStrategy[Scenario]:
    """A few segments on a grid of ten minutes and a period on one of five; or many, as long lists go."""
    days = st.sampled_from([NOON, datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2025, 11, 2, 8, tzinfo=UTC)])
    zones = st.sampled_from(
        [written, lambda each: written(each, hours=5.5), lambda each: written(each, hours=-8), local]
    )
    edges = sorted({size for pages in (1, 2) for off in (-1, 0, 1) if 0 < (size := pages * page_size + off) < 1100})

    @st.composite
    def build(draw: st.DrawFn) -> Scenario:
        operation, day, zone = draw(st.sampled_from(operations)), draw(days), draw(zones)
        moments = st.integers(0, 26).map(lambda five: day + timedelta(minutes=5 * five))
        first, last = sorted([draw(moments), draw(moments)])
        now = draw(moments)
        rows = draw(_segments(day))
        if operation in (VIEWS, VIEWERS) and edges and draw(st.integers(0, 4)) == 0:
            size = draw(st.sampled_from(edges))
            rows = many_views(size) if operation == VIEWS else many_viewers(min(size, 330))
            first, last, now, zone = NOON, hours(9), hours(9), written
        arguments = draw(_arguments(operation))
        if operation not in (VIEWERS, VIEWERS_OF):
            arguments |= {"date_time_from": zone(first), "date_time_to": zone(last)}
        step = Step(operation, arguments, token=draw(st.booleans()))
        return play(f"drawn: {operation}", rows, step, now=written(now), faults=draw(drawn_faults("ibmvideo")))

    return build()


@st.composite
def _segments(draw: st.DrawFn, day: datetime) -> list[Row]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        start = day + timedelta(minutes=10 * draw(st.integers(0, 12)))
        lasts = draw(st.sampled_from([None, 0, 1, 600, 1200, 3600]))
        kind, content = draw(st.sampled_from(CONTENTS))
        who = {"viewer_identifier": draw(st.sampled_from(AWKWARD[:8])), "client_id": draw(st.sampled_from(CLIENTS))}
        made.append(segment(number, start, lasts, content_type=kind, content_id=content, **who))
    return made


@st.composite
def _arguments(draw: st.DrawFn, operation: str) -> Row:
    """What an operation needs beside its period, and perhaps what it takes."""
    arguments: Row = {}
    flags = ["list_unfinished_segments"] if "viewers" in operation else ["list_unfinished_segments", "inclusive_range"]
    if operation in (VIEWS, VIEWS_OF, VIEWERS, VIEWERS_OF):
        arguments = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(flags, st.booleans())))
    if operation in (VIEWERS, VIEWERS_OF) and draw(st.booleans()):
        arguments["viewer_identifier"] = draw(st.sampled_from(["ann", "%", "_", "off", "ü", " "]))
    one_content = operation in ("get_peak_viewer_numbers_summary", "get_viewer_seconds_summary")
    if operation.endswith("_of_type") or one_content:
        kind, content = draw(st.sampled_from(CONTENTS))
        arguments["content_type"] = kind
        if one_content:
            arguments["content_id"] = content
        elif not operation.startswith("get_") and draw(st.booleans()):
            arguments["content_id"] = sorted({content, draw(st.sampled_from(["5", SAME_NUMBER]))})
    if operation.startswith("list_") and operation.removesuffix("_of_type").removeprefix("list_") in _COUNTED:
        arguments["dimension"] = draw(st.sampled_from(["month", "day", "hour", "country", "device"]))
    if operation.startswith(("list_peak", "list_viewer_seconds")):
        arguments["granularity"] = draw(st.sampled_from(["day", "hour", "minute"]))
    return arguments


_COUNTED = ("total_views", "unique_devices", "authenticated_viewers")
