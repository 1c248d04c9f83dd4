"""Read playback back: the story's sessions and ad impressions as rows, attribute by attribute, beside explicit ones.

A row has every attribute but those that only name the bucket its TIME lies in. TIME is epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from testcard.apis.videokit.records import Row
from testcard.apis.videokit.searches import row_ms
from testcard.contract import open_contract
from testcard.world.history import DayPart, Piece, Stretch, given_piece, story_days
from testcard.world.world import World

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from testcard.apis.videokit.columns import Column, Frame

__all__ = ["ad_pieces", "session_pieces"]

_BUCKETS = frozenset(("MINUTE", "HOUR", "DAY", "MONTH"))
_FILLED = ("CUSTOM_DATA_1", "CUSTOM_DATA_2")  # of the 75, those the story's player fills


def session_pieces(world: World, stretch: Stretch) -> Iterator[Piece]:
    """The sessions that began in a stretch, a piece a day; one that still runs has played as long as it has run."""
    yield given_piece(world.rows.given("videokit", "playback"), row_ms, stretch)
    if not world.rows.replaced("videokit", "playback"):
        for part in story_days(world, stretch):
            count = world.story.count("videokit", part.day) if part.whole else len(_chosen(world, part, ads=False)[1])
            yield Piece(count, partial(_rows, world, part, ads=False))


def ad_pieces(world: World, stretch: Stretch) -> Iterator[Piece]:
    """The ad impressions that began in a stretch, a piece a day."""
    yield given_piece(world.rows.given("videokit", "adPlayback"), row_ms, stretch)
    if not world.rows.replaced("videokit", "adPlayback"):
        for part in story_days(world, stretch):
            yield Piece(_ad_count(world, part), partial(_rows, world, part, ads=True))


def _ad_count(world: World, part: DayPart) -> int:
    """How many there are; for a whole day found once, since a page far behind asks for every day before it."""
    if not part.whole:
        return len(_chosen(world, part, ads=True)[1])
    kept: dict[date, int] = world.shelf.setdefault("videokit ads a day", {})
    if part.day not in kept:
        kept[part.day] = len(_chosen(world, part, ads=True)[1])
    return kept[part.day]


def _chosen(world: World, part: DayPart, *, ads: bool) -> tuple[Frame, npt.NDArray[np.intp]]:
    """The rows around a part of a day, and the positions of those in it."""
    from testcard.apis.videokit.playback_frames import story_frame

    frame = story_frame(world, part.day, part.day, ads=ads)
    return frame, ((frame.time >= part.from_ms) & (frame.time < part.to_ms)).nonzero()[0]


def _rows(world: World, part: DayPart, some: slice, *, ads: bool) -> Iterator[Row]:
    frame, chosen = _chosen(world, part, ads=ads)
    names = _attributes("AdAttribute" if ads else "Attribute")
    columns = [_spelled(frame.column(name), chosen[some]) for name in names]
    return (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))


def _spelled(column: Column, chosen: npt.NDArray[np.intp]) -> list[Any]:
    """The values of a column as a row has them: flags as booleans, whole numbers without a point."""
    from testcard.apis.videokit.analytics import number
    from testcard.apis.videokit.columns import FLAGS, Numbers

    if isinstance(column, Numbers):
        return [None if value != value else number(value) for value in column.values[chosen].tolist()]
    codes = column.codes[chosen].tolist()
    if column.words is FLAGS:
        return [bool(code) for code in codes]
    return [column.word(code) for code in codes]


@cache
def _attributes(schema: str) -> tuple[str, ...]:
    """The attributes that a schema of the contract lists, and those of the player's own fields that are filled."""
    schemas = open_contract("videokit/streaming").document["components"]["schemas"]

    def listed(each: dict[str, Any]) -> Iterator[str]:
        yield from each.get("enum", ())
        for part in each.get("anyOf", ()):
            yield from listed(schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part)

    return tuple(name for name in (*listed(schemas[schema]), *_FILLED) if name not in _BUCKETS)
