"""The named scenarios that clients of IBM Video Streaming Analytics play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.ibmvideo_rows import (
    BEYOND,
    LOS_ANGELES,
    NOBODYS,
    NOON,
    SAME_NUMBER,
    VIEWERS,
    VIEWERS_OF,
    VIEWS,
    around_midnight,
    ask_views,
    bare,
    beside_the_edges,
    beyond_doubles,
    half_hours,
    hours,
    identifier,
    later,
    local,
    many_viewers,
    many_views,
    named_awkwardly,
    on_the_edges,
    play,
    running,
    segment,
    split_seconds,
    written,
)
from testcard.suite.subjects.ingredients import page_faults

__all__ = ["named"]

_LINKS = ("next-repeats", "next-cycles")

Row = dict[str, Any]


def named() -> list[Scenario]:
    """The simplest first: a client that fails here is told so in the plainest way."""
    plenty = many_views(25)
    edges = on_the_edges()
    return [
        play("a list of two pages and a bit: list_views", plenty, ask_views()),
        play("a list of two pages and a bit: list_views_of_type", plenty, ask_views(content_type="live"),
             ask_views(content_type="recorded")),
        play("a list of two pages and a bit: list_viewers", many_viewers(25), Step(VIEWERS)),
        play("a list of two pages and a bit: list_viewers_of_type", many_viewers(25),
             Step(VIEWERS_OF, {"content_type": "live"}), Step(VIEWERS_OF, {"content_type": "recorded"})),
        *(play(f"{size} views", many_views(size), ask_views()) for size in (0, 1, 10, 100, 101, 250)),
        *(play(f"{size} viewers", many_viewers(size), Step(VIEWERS)) for size in (0, 10, 101)),
        *(play(f"on the edges of a period: {name}", edges, ask_views(hours(1), hours(2), **flags),
               now=written(hours(2.5))) for name, flags in _FLAGS.items()),
        play("a period of one moment", edges, ask_views(hours(1), hours(1)), ask_views(hours(2), hours(2))),
        play("a period without views", edges, ask_views(hours(-9), hours(-8))),
        play("the period ends before it begins", edges, ask_views(hours(2), hours(1))),
        *_about_times(),
        play("one content", plenty, ask_views(content_type="live", content_id=["77569623"]),
             Step(VIEWERS_OF, {"content_type": "live", "content_id": ["77569623"]})),
        play("several contents", plenty, ask_views(content_type="recorded", content_id=["5", SAME_NUMBER]),
             Step(VIEWERS_OF, {"content_type": "recorded", "content_id": ["5", SAME_NUMBER]})),
        play("a channel and a video of one number", plenty, ask_views(content_type="live", content_id=[SAME_NUMBER]),
             ask_views(content_type="recorded", content_id=[SAME_NUMBER])),
        play("a content that there is not", plenty, ask_views(content_type="live", content_id=["77569623", NOBODYS])),
        play("a content type that there is not", plenty, ask_views(content_type="vod")),
        play("ids beyond what a double tells apart", beyond_doubles(), ask_views(), Step(VIEWERS),
             ask_views(content_type="recorded", content_id=[BEYOND])),
        play("null wherever it may be", bare(), ask_views(), Step(VIEWERS)),
        play("two views that differ in their id alone", [
            segment(1, NOON, 60), segment(1, NOON, 60, view_id=identifier(9))], ask_views()),
        play("awkward names", named_awkwardly(), Step(VIEWERS), ask_views(hours(-1), hours(2))),
        *(play(f"viewers by {what}", named_awkwardly(), *(Step(VIEWERS, {"viewer_identifier": text}) for text in texts))
          for what, texts in _PARTS.items()),
        play("views that still run", running(), ask_views(hours(20), hours(30)), Step(VIEWERS),
             ask_views(hours(20), hours(30), list_unfinished_segments=False),
             Step(VIEWERS, {"list_unfinished_segments": False}),
             Step(VIEWERS_OF, {"content_type": "recorded", "list_unfinished_segments": False})),
        play("a view that ends between two calls", running(), ask_views(hours(20), hours(30)),
             later(ask_views(hours(20), hours(30)), 1800)),
        play("a list that grew since the last call", plenty, ask_views(), Step(
            VIEWS, ask_views().arguments, rows={"segments": many_views(57)})),
        play("no ready token", plenty, Step(VIEWS, ask_views().arguments, token=False), Step(VIEWERS, token=False)),
        play("the token ends between two calls", plenty, ask_views(), later(ask_views(), 90_000)),
        play("tokens end twice", plenty, *(
            Step(VIEWS, ask_views().arguments, token=False, advance_s=age) for age in (0, 90_000, 90_000))),
        *_of_siblings(plenty),
        *_faulted(),
    ]  # fmt: skip


_FLAGS: Mapping[str, Mapping[str, Any]] = {
    "all": {},
    "finished ones": {"list_unfinished_segments": False},
    "whole ones": {"inclusive_range": False},
    "whole and finished ones": {"list_unfinished_segments": False, "inclusive_range": False},
}


_PARTS = {
    "a part of their name": ("ann", "ANN", "50% off", "nobody", ""),
    "signs that searches know": ("%", "a_b"),
    "signs that addresses know": ("+", "b c", "&amp;", '"', "#1"),
    "signs beyond ASCII": ("ï", "i\u0308", "\u2028", "東京"),
}


def _about_times() -> list[Scenario]:
    """One hour, written in every way that the document knows; segments lie around it on both sides."""
    hour, half = (hours(1), hours(2)), hours(1.5)
    spring = datetime(2026, 3, 8, 0, tzinfo=LOS_ANGELES).astimezone(UTC)
    autumn = datetime(2025, 11, 2, 0, tzinfo=LOS_ANGELES).astimezone(UTC)
    ways = {
        "an offset east of UTC": [written(each, hours=1) for each in hour],
        "an offset of half an hour": [written(each, hours=5.5) for each in hour],
        "an offset west of UTC": [written(each, hours=-8) for each in hour],
        "the letter Z": [f"{each:%Y-%m-%dT%H:%M:%S}Z" for each in hour],
        "fractions of a second": [written(half + timedelta(milliseconds=each)) for each in (1, 1500)],
        "no offset: Los Angeles time": [local(each) for each in hour],
        "one bound with an offset, one without": [written(hour[0]), local(hour[1])],
        "no time at all": ["2026-03-01", "2026-03-02"],
    }
    scenarios = [
        play(f"times with {name}", beside_the_edges() + split_seconds(half), ask_views(*texts))
        for name, texts in ways.items()
    ]
    days = {
        "forward": (spring, ("00:00:00", "04:00:00"), ("02:30:00", "03:30:00"), ("01:59:59", "03:00:00")),
        "back": (autumn, ("00:00:00", "04:00:00"), ("01:30:00", "02:30:00"), ("00:59:59", "01:00:00")),
    }
    for way, (midnight, *periods) in days.items():
        day = f"{midnight.astimezone(LOS_ANGELES):%Y-%m-%d}"
        steps = [ask_views(f"{day}T{first}", f"{day}T{last}") for first, last in periods]
        name = f"the clocks go {way}, and times have no offset"
        scenarios.append(play(name, half_hours(midnight), *steps, now=written(midnight + timedelta(days=2))))
    return scenarios


def _of_siblings(plenty: Sequence[Row]) -> list[Scenario]:
    """Numbers over the same segments, for the clients that know them."""
    period = {"date_time_from": written(NOON), "date_time_to": written(hours(0.4))}
    live, around = {"content_type": "live"}, around_midnight()
    days = {"date_time_from": "2026-02-28T00:00:00+00:00", "date_time_to": "2026-03-01T23:59:59+00:00"}
    scenarios = []
    for name in ("total_views", "unique_devices", "authenticated_viewers"):
        dimensions: tuple[str, ...] = ("day", "country")
        if name == "total_views":
            dimensions = ("month", "day", "hour", "country", "location", "device", "view-source")
        scenarios += [
            play(f"{name} of a period", plenty, Step(f"get_{name}_summary", period),
                 Step(f"get_{name}_summary_of_type", {**period, **live})),
            play(f"{name} of nothing", [], Step(f"get_{name}_summary", period), Step(f"list_{name}", {
                **period, "dimension": "day"})),
            play(f"{name} by dimensions", around, *(
                Step(f"list_{name}", {**days, "dimension": each}) for each in dimensions)),
            play(f"{name} of a type by the hour", around, Step(f"list_{name}_of_type", {
                **days, **live, "dimension": "hour", "content_id": ["77569623"]})),
        ]  # fmt: skip
    for name in ("peak_viewer_numbers", "viewer_seconds"):
        scenarios += [
            play(f"{name} by the step", around, *(
                Step(f"list_{name}", {**days, "granularity": each}) for each in ("month", "day", "minute"))),
            play(f"{name} of a type", around, Step(f"list_{name}_of_type", {
                **days, **live, "granularity": "hour"}), Step(f"list_{name}_of_type", {
                **days, **live, "granularity": "hour", "content_id": ["77569623", SAME_NUMBER]})),
            play(f"{name} of one content", around, Step(f"get_{name}_summary", {
                **days, **live, "content_id": "77569623"}), Step(f"get_{name}_summary", {
                **days, "content_type": "recorded", "content_id": "5", "date_time_to": days["date_time_from"]})),
        ]  # fmt: skip
    return scenarios


def _faulted() -> list[Scenario]:
    """Every kind of fault but two: null fields, which rows have by themselves, and the end of unused refresh tokens."""
    paged, long = many_views(120), many_views(250)
    here = {"id": "fault", "api": "ibmvideo", "operation": VIEWS}
    fewer = {**here, "kind": "capped-limit", "limit": 4}
    changed = {**here, "kind": "rows-changed", "table": "ibmvideo/segments", "when": {"calls": [1, 1]}}
    token = {"id": "fault", "api": "ibmvideo", "token": True}
    fetched = Step(VIEWS, ask_views().arguments, token=False)
    away = {"kind": "status", "status": 503}
    return [
        *(play(name, long if fault["kind"] in _LINKS else paged, ask_views(), faults=[{**here, **fault}])
          for name, fault in page_faults().items()),
        play("fewer rows a page than asked", many_views(25), ask_views(), faults=[fewer]),
        play("fewer viewers a page than asked", many_viewers(25), Step(VIEWERS), faults=[
            {**fewer, "operation": VIEWERS}]),
        play("the viewers are refused for good", many_viewers(25), Step(VIEWERS), faults=[
            {**here, "operation": VIEWERS, "kind": "status", "status": 500}]),
        play("rows come while the list is read", paged, ask_views(), faults=[
            {**changed, "insert": [segment(400, NOON, 60)]}]),
        play("rows go while the list is read", many_views(101), ask_views(), faults=[{**changed, "delete": [0]}]),
        play("the token service refuses", paged, fetched, faults=[{**token, "kind": "status", "status": 400}]),
        play("the token service is away once", paged, fetched, faults=[{**token, **away, "when": {"first": 1}}]),
        play("the token service answers no JSON", paged, fetched, faults=[{**token, "kind": "malformed-json"}]),
    ]  # fmt: skip
