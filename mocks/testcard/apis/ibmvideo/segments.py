"""Segments: the story's sessions, cut where the viewer paused or sought, as numpy columns sorted by begin.

A session is a player session; each stretch that played on is a segment. All stretches lie within the session's own
time. Of a live channel only the times count; of a recording, *from_s* is a position within its length, which goes on
where it was after a pause and jumps when the viewer seeks. Begin and end are whole seconds.

A day's segments are those that *begin* on it: what a session of the day before played after midnight counts here.
Rows of one begin are in the order of their identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.seed import scramble_array
from testcard.world.story import Story, day_ms
from testcard.world.viewing import Viewing

__all__ = ["OPEN", "Segments", "contents_of", "cut", "join", "make_days", "words"]

OPEN = 1 << 62  # the end of an explicit row that has none

_SALT = np.uint64(0x1B3A5C7D9E2F4681)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(42)  # bits of an identifier's head beside the second: 22 bits hold 48 days
_MOST_DAYS, _MOST_SESSIONS = 32, 30_000  # made together
_PARTS = np.array([1] * 120 + [2] * 70 + [3] * 40 + [4] * 26, np.int32)  # of 256: stretches a session
_FROM_THE_BEGINNING = 5  # of 8: sessions that begin at the beginning
_ONSITE = 3  # of 8: sessions in a browser that watch on the platform's own page

Words = npt.NDArray[np.uint64]
Seconds = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Columns of equal length. *key* and *part* are the session's key and the stretch's number in it, which together
    make the identifiers; an explicit row has part -1 and its own number as key. *viewer* and *content* are codes.
    """

    start_ms: npt.NDArray[np.int64]
    finish_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    viewer: npt.NDArray[np.int32]
    from_s: npt.NDArray[np.int32]
    content: npt.NDArray[np.int16]
    part: npt.NDArray[np.int8]
    onsite: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start_ms)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(column.nbytes for column in self.columns)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """All columns, in the order of their declaration."""
        return tuple(getattr(self, each.name) for each in fields(self))

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Segments:
        """The rows at these positions."""
        return Segments(*(column.take(rows) for column in self.columns))

    def stretch(self, rows: slice) -> Segments:
        """Rows that follow each other, without a copy."""
        return Segments(*(column[rows] for column in self.columns))


def contents_of(story: Story) -> list[tuple[str, int, int]]:
    """What content codes mean: (content type, position of the channel or title, position of the channel).

    First the channels as live contents, then each title on each channel.
    """
    channels, titles = range(len(story.channels)), range(len(story.titles))
    return [("live", channel, channel) for channel in channels] + [
        ("recorded", title, channel) for title in titles for channel in channels
    ]


def words(key: Words, part: npt.NDArray[Any]) -> Words:
    """The first half of each segment's identifier, before its version is written into it."""
    return scramble_array(key ^ ((part.astype(np.uint64) + np.uint64(1)) * _STEP))


def make_days(
    story: Story, platform: str, days: Sequence[date], progress: Callable[[int, int], None] | None = None
) -> Segments:
    """Make the segments that begin on consecutive *days*; *progress* is told (days done, days in all).

    Days are made some together, since numpy's cost is by the call where days are small.
    """
    made: list[Segments] = []
    if not days or days[0] == date.min:
        return _EMPTY
    late, done = _late(*_cut_days(story, platform, [days[0] - timedelta(days=1)]), 1), 0
    for some in _some_days(story, platform, days):
        segments, order = _cut_days(story, platform, some)
        segments, order = join([late[0], segments]), np.concatenate([late[1], order])
        late = _late(segments, order, len(some))
        by_begin = np.argsort(order)
        made.append(segments.take(by_begin[: len(order) - len(late[1])]))
        done += len(some)
        if progress:
            progress(done, len(days))
    return join(made)


def join(parts: list[Segments]) -> Segments:
    """Put segments one after another; *parts* is emptied column by column, so that memory never holds all twice."""
    columns = [list(each) for each in zip(*(part.columns for part in parts), strict=True)]
    parts.clear()
    return Segments(*_joined(columns)) if columns else _EMPTY


def cut(story: Story, viewing: Viewing) -> tuple[Segments, Words]:
    """Cut sessions into segments, in the order of the sessions, each with the first half of its identifier."""
    if len(viewing) == 0:
        return _EMPTY, np.empty(0, np.uint64)
    length = viewing.duration_ms // np.int32(1000)
    draw = _octets(scramble_array(viewing.key ^ _SALT))
    parts = np.minimum(_PARTS[draw[:, 0]], length // np.int32(60) + np.int32(1))
    ends = np.cumsum(parts)
    first = ends - parts
    owner = np.repeat(np.arange(len(parts)), parts)  # taking by owner is several times as fast as repeating
    key = viewing.key.take(owner)
    part = np.arange(len(owner), dtype=np.int32) - first.astype(np.int32).take(owner)
    word = words(key, part)
    begin, end, paused = _stretches(_octets(word), part, parts, length, owner, first)
    rest = _lengths(story)[viewing.title] - length + paused[ends - 1] - paused[first]
    played = begin - paused + paused[first].take(owner)
    from_s = played + _jumps(word, part, rest.take(owner))
    from_s *= ~viewing.live.take(owner)
    start_ms = (viewing.start_ms // 1000 * 1000).take(owner)
    return Segments(
        start_ms + begin * np.int64(1000),
        start_ms + end * np.int64(1000),
        key,
        viewing.viewer.take(owner),
        from_s,
        _content(story, viewing).take(owner),
        part.astype(np.int8),
        (~_in_browser(story)[viewing.viewer] | (draw[:, 1] & 7 < _ONSITE)).take(owner),
    ), word


def _stretches(
    octets: npt.NDArray[np.uint8], part: Seconds, parts: Seconds, length: Seconds, owner: Rows, first: Rows
) -> tuple[Seconds, Seconds, Seconds]:
    """Begin and end of each stretch in its session, and all pauses so far, those of the sessions before as well.

    A stretch is at least a quarter of an even share, so cuts never meet.
    """
    share = length * (np.int32(12) // parts)  # twelfths of a second: every number of parts divides 12
    quarter = (share // np.int32(48)).take(owner)
    begin = share.take(owner) * part // np.int32(12)
    begin += (octets[:, 5] * (2 * quarter) >> 8) - quarter
    begin[first] = 0
    pause = (octets[:, 6] * quarter >> 8) * (1 - (octets[:, 4] & 1)).astype(np.int32)
    pause[first] = 0
    end = np.empty_like(begin)
    end[:-1] = begin[1:] - pause[1:]
    end[first + parts - 1] = length
    return begin, end, np.cumsum(pause, dtype=np.int32)


def _jumps(word: Words, part: Seconds, rest: Seconds) -> Seconds:
    """How far from what was played each stretch lies: a new place after every seek, within what the length leaves."""
    octets = _octets(word)
    begins = part == 0
    sought = begins | (octets[:, 4] & 1).astype(np.bool_)
    latest = np.maximum.accumulate(np.where(sought, np.arange(len(part), dtype=np.int32), np.int32(0)))
    place = _octets(word).view("<u2")[:, 1].astype(np.int32)
    place[begins & (octets[:, 0] & 7 < _FROM_THE_BEGINNING)] = 0
    return (rest * place[latest].astype(np.int64) >> 16).astype(np.int32)


def _some_days(story: Story, platform: str, days: Sequence[date]) -> Iterator[list[date]]:
    """Days to be made together."""
    some: list[date] = []
    sessions = 0
    for day in days:
        if some and (len(some) == _MOST_DAYS or sessions + story.count(platform, day) > _MOST_SESSIONS):
            yield some
            some, sessions = [], 0
        some.append(day)
        sessions += story.count(platform, day)
    yield some


def _cut_days(story: Story, platform: str, days: Sequence[date]) -> tuple[Segments, Words]:
    """Sessions as segments, each with the integer that sorts it: second since the first midnight, identifier's head."""
    parts = [story.viewing(platform, day) for day in days]
    whole = (
        parts[0]
        if len(parts) == 1
        else Viewing(*map(np.concatenate, zip(*(part.columns for part in parts), strict=True)))
    )
    segments, word = cut(story, whole)
    second = ((segments.start_ms - day_ms(days[0])) // 1000).astype(np.uint64)
    return segments, (second << _SECOND) | (word >> (np.uint64(64) - _SECOND))


def _late(segments: Segments, order: Words, days: int) -> tuple[Segments, Words]:
    """What begins after the last midnight, sorted into the days behind."""
    midnight = np.uint64(86_400 * days) << _SECOND
    rows = np.flatnonzero(order >= midnight)
    return segments.take(rows), order[rows] - midnight


def _content(story: Story, viewing: Viewing) -> npt.NDArray[np.int16]:
    channels = np.int16(len(story.channels))
    return np.where(viewing.live, viewing.channel, channels + viewing.title * channels + viewing.channel)


@lru_cache(maxsize=64)
def _lengths(story: Story) -> Seconds:
    """Seconds of each title."""
    return np.array([title.duration_s for title in story.titles], np.int32)


@lru_cache(maxsize=16)
def _in_browser(story: Story) -> npt.NDArray[np.bool_]:
    """Which viewers watch on a web page, by viewer code."""
    audience = story.audience
    return np.array([player == "web" for _, player, _ in audience.agents])[audience.agent]


def _octets(word: Words) -> npt.NDArray[np.uint8]:
    """The eight bytes of each word, the lowest first: independent draws."""
    return np.ascontiguousarray(word, "<u8").view(np.uint8).reshape(-1, 8)


def _joined(columns: list[list[npt.NDArray[Any]]]) -> Iterator[npt.NDArray[Any]]:
    for pieces in columns:
        whole = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
        pieces.clear()
        yield whole


_EMPTY = Segments(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.uint64),
    np.empty(0, np.int32),
    np.empty(0, np.int32),
    np.empty(0, np.int16),
    np.empty(0, np.int8),
    np.empty(0, np.bool_),
)
