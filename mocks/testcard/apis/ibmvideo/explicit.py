"""Explicit rows: segments exactly as a test wrote them, among the story's or in their place.

A row is a View's attributes. What it leaves out is filled from the story; an end that is null has not come yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.cast import Cast, Guest, device_info, story_cast
from testcard.apis.ibmvideo.contents import Content, story_contents
from testcard.apis.ibmvideo.rendering import row_texts
from testcard.apis.ibmvideo.segments import OPEN, Segments, join, make_days, words
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.tables import SEGMENTS
from testcard.apis.ibmvideo.timeline import PLATFORM, Timeline, history, story_timeline
from testcard.errors import RowError
from testcard.seed import mix, uuid_from
from testcard.world.history import DayPart, Piece, Stretch, given_piece, story_days
from testcard.world.rows import Row
from testcard.world.story import now_ms
from testcard.world.viewing import LONGEST_MS
from testcard.world.world import World

__all__ = ["fill", "history_of", "pieces", "world_timeline"]

_SHELF = "ibmvideo timelines"
_KEPT = 4
_LENGTH_S = 600
_COMPLETED = (
    *("view_id", "content_type", "content_id", "started_at", "finished_at", "from", "viewer_identifier", "country"),
    *("city", "is_mobile_view", "view_type", "client_id", "view_session_id", "device_info"),
)
_AS_PUT = Style(view=True, device=True, text_ids=False, milliseconds=False, zone="utc", absent_end=False)


def history_of(world: World) -> Timeline:
    """The world's segments of the days that the viewers' lists look back on, and its explicit rows."""
    return world_timeline(world, *history(world.story, world.now().date()), exact=True)


def world_timeline(world: World, first: date, last: date, *, exact: bool = False) -> Timeline:
    """The world's segments of these days, its explicit rows (of whatever day) among them.

    There may be more of the story than asked for, unless *exact*.
    """
    given = world.rows.given(PLATFORM, SEGMENTS.name)
    replaced = world.rows.replaced(PLATFORM, SEGMENTS.name)
    if not given and not replaced:
        return story_timeline(world.story, first, last, exact=exact)
    base = None if replaced else story_timeline(world.story, first, last, exact=exact)
    name = (world.rows.version, base.serial if base else None)
    with world.lock:
        kept: dict[Any, Timeline] = world.shelf.setdefault(_SHELF, {})
        if name not in kept:
            while len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            kept[name] = _merged(world, base, given)
        return kept[name]


def _merged(world: World, base: Timeline | None, given: Sequence[Row]) -> Timeline:
    """Story and explicit rows in one order: by begin, then by identifier."""
    story = base.segments if base else make_days(world.story, PLATFORM, [])
    contents = list(story_contents(world.story))
    guests: dict[Guest, int] = {}
    codes = {(content.type, content.id): code for code, content in reversed(list(enumerate(contents)))}
    rows = [_encoded(row, contents, codes, guests) for row in given]
    first_guest = len(story_cast(world.story))
    start, finish, guest, content, onsite = (list(column) for column in zip(*rows, strict=True)) if rows else [[]] * 5
    put = Segments(
        np.array(start, np.int64),
        np.array(finish, np.int64),
        np.arange(len(rows), dtype=np.uint64),
        np.array(guest, np.int32) + np.int32(first_guest),
        np.zeros(len(rows), np.int32),
        np.array(content, np.int16),
        np.full(len(rows), -1, np.int8),
        np.array(onsite, np.bool_),
    )
    heads = np.array([int(row["view_id"].replace("-", "")[:12], 16) for row in given], np.uint64)
    head = np.concatenate([words(story.key, story.part) >> np.uint64(16), heads])
    both = join([story, put])
    both = both.take(np.lexsort((head, both.start_ms)))
    longest = max([LONGEST_MS, *(end - begin for begin, end in zip(start, finish, strict=True))])
    attributes = [{**row, "content_id": int(row["content_id"])} for row in given]
    return Timeline(both, Cast(world.story, tuple(guests)), contents, longest, attributes)


def _encoded(
    row: Row, contents: list[Content], codes: dict[tuple[str, int], int], guests: dict[Guest, int]
) -> tuple[int, int, int, int, bool]:
    """Begin, end, guest, content and whether it was watched on the platform's page."""
    kind = row["content_type"], int(row["content_id"])
    if kind not in codes:
        codes[kind] = len(contents)
        contents.append(Content(*kind, kind[1] if kind[0] == "live" else 0))
    guest = Guest(
        row["viewer_identifier"],
        row["client_id"],
        row["city"],
        row["country"],
        row["device_info"]["device"]["family"],
        row["is_mobile_view"],
    )
    finish = OPEN if row["finished_at"] is None else times.to_ms(row["finished_at"])
    number = guests.setdefault(guest, len(guests))
    return times.to_ms(row["started_at"]), finish, number, codes[kind], row["view_type"] == "onsite"


def fill(world: World, row: Row, index: int) -> Row:
    """Complete a row from the story; the same row at the same place is always completed alike."""
    whole = all(name in row for name in _COMPLETED)  # then there is nothing to make up, which is most of the work
    filled: Row = {name: row[name] for name in _COMPLETED} | row if whole else _completed(world, row, index)
    start = times.to_ms(filled["started_at"])
    finish = None if filled["finished_at"] is None else times.to_ms(filled["finished_at"])
    if finish is not None and finish < start:
        raise RowError(
            f"{SEGMENTS.name}: row {index}: finished_at: {filled['finished_at']} is before {filled['started_at']}"
        )
    played = 0 if finish is None or filled["content_type"] == "live" else (finish - start) // 1000
    return {"to": filled["from"] + played, **filled}


def _completed(world: World, row: Row, index: int) -> Row:
    draw = mix(world.seed, "explicit", index, orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode())
    cast = story_cast(world.story)
    viewer = draw % len(cast)
    city, country = cast.place(viewer)
    kind = row.get("content_type", "live")
    choices = [content.id for content in story_contents(world.story) if content.type == kind]
    start = times.to_ms(row["started_at"]) if "started_at" in row else now_ms(world.now()) // 1000 * 1000 - 3_600_000
    return {
        "view_id": uuid_from(draw, "view"),
        "content_type": kind,
        "content_id": choices[draw % len(choices)],
        "started_at": times.write(start, "utc"),
        "finished_at": times.write(start + _LENGTH_S * 1000, "utc"),
        "from": 0,
        "viewer_identifier": cast.identifiers[cast.person[viewer]],
        "country": country,
        "city": city,
        "is_mobile_view": cast.mobile(viewer),
        "view_type": "onsite" if draw & 1 else "offsite",
        "client_id": cast.client_id(viewer),
        "view_session_id": f"{mix(draw, 1) >> 32:08x}:{mix(draw, 2) >> 32:08x}",
        "device_info": device_info(cast.audience.agents[cast.agent(viewer)][2]),
        **row,
    }


def pieces(world: World, stretch: Stretch) -> Iterator[Piece]:
    """Every explicit row as it is, and the story's segments that have begun, a piece a day."""
    given = [{**row, "content_id": int(row["content_id"])} for row in world.rows.given(PLATFORM, SEGMENTS.name)]
    yield given_piece(given, lambda row: times.to_ms(row["started_at"]), stretch)
    if not world.rows.replaced(PLATFORM, SEGMENTS.name):
        for part in story_days(world, stretch):
            yield Piece(_count(world, part), partial(_story_rows, world, part))


def _count(world: World, part: DayPart) -> int:
    """How many segments begin in it; for a whole day found once, since a page far behind asks for all before it."""
    if not part.whole:
        return len(_begun(world, part)[1])
    kept: dict[date, int] = world.shelf.setdefault("ibmvideo segments a day", {})
    if part.day not in kept:
        kept[part.day] = len(_begun(world, part)[1])
    return kept[part.day]


def _begun(world: World, part: DayPart) -> tuple[Segments, npt.NDArray[np.intp]]:
    """The segments of its day, kept till another's are asked for, and which of them begin in it."""
    day, segments = world.shelf.get("ibmvideo segments of a day", (None, None))
    if day != part.day:
        segments = make_days(world.story, PLATFORM, [part.day])
        world.shelf["ibmvideo segments of a day"] = (part.day, segments)
    return segments, np.flatnonzero((segments.start_ms >= part.from_ms) & (segments.start_ms < part.to_ms))


def _story_rows(world: World, part: DayPart, some: slice) -> Iterator[Row]:
    segments, begun = _begun(world, part)
    timeline = Timeline(segments, story_cast(world.story), story_contents(world.story))
    for text in row_texts(timeline, begun[some], _AS_PUT, world.clock.now_ms()):
        yield orjson.loads(text)["attributes"]
