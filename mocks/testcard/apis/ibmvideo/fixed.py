"""The part of a row that has one width: identifiers and times, written by numpy for many rows at once.

A text of the right form is laid out once for each row, and seen as records of what is to be written into it: some
digits of an identifier, a date or a time of day at a time.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.laying import Octets, Text
from testcard.apis.ibmvideo.segments import Segments, words
from testcard.apis.ibmvideo.style import Style
from testcard.seed import scramble_array

__all__ = ["Fixed", "identity_of"]

_SALT = np.uint64(0x6A09E667F3BCC908)
_ZONES = {"utc": "+00:00", "zulu": "Z", "los-angeles": "-00:00"}
_IDENTITY = "00000000-0000-0000-0000-000000000000"
_SESSION = "00000000:00000000"
_DIGITS = (  # where in which of the two, and what stands there: eight digits or four, by their number in the row's 48
    (_IDENTITY, 0, "u8", 0),
    (_IDENTITY, 9, "u4", 2),
    (_IDENTITY, 14, "u4", 3),
    (_IDENTITY, 19, "u4", 4),
    (_IDENTITY, 24, "u4", 5),
    (_IDENTITY, 28, "u8", 3),
    (_SESSION, 0, "u8", 4),
    (_SESSION, 9, "u8", 5),
)
_MOMENT = "0000-00-00T00:00:00"
_DAY, _TIME, _OFFSET = 8, 11, 20  # places in a moment
_HOURS = np.array([f"{hour:02d}".encode() for hour in range(24)]).view(np.uint16)

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.integer[Any]]
Values = npt.NDArray[np.unsignedinteger[Any]]


def identity_of(key: Words, part: Numbers) -> tuple[Words, Words]:
    """The halves of the identifiers: UUIDs of version 4."""
    word = words(key, part)
    high = word & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
    low = scramble_array(word ^ _SALT) & np.uint64((1 << 62) - 1) | np.uint64(1 << 63)
    return high, low


class Fixed:
    """The column of these texts, for segments of the story in one style."""

    def __init__(self, segments: Segments, style: Style) -> None:
        self._form = np.frombuffer(_form(style).encode(), np.uint8)
        self._fields = _fields(style)
        self.width = self.lengths = len(self._form)
        moments = np.concatenate([segments.start_ms, segments.finish_ms]) // 1000
        both = [values.reshape(2, -1) for values in _moments(moments, style.zone)]
        self._values = [*_digits(segments), *(values[0] for values in both), *(values[1] for values in both)]

    def records(self, rows: slice, room: Octets) -> Text:
        """Identifiers and times of each of some rows."""
        text = room[: (rows.stop - rows.start) * self.width].reshape(-1, self.width)
        text[:] = self._form
        records = text.view(self._fields).ravel()
        for name, values in zip(records.dtype.names or (), self._values, strict=True):
            records[name] = values[rows]
        return text.view(f"S{self.width}").ravel()


@lru_cache(maxsize=64)
def _form(style: Style) -> str:
    name, moment = "view_id" if style.view else "id", _MOMENT + _ZONES[style.zone]
    session = f'"view_session_id":"{_SESSION}","started_at":"{moment}","finished_at":"{moment}"'
    return f'"{name}":"{_IDENTITY}",{session},'


@lru_cache(maxsize=64)
def _fields(style: Style) -> np.dtype[np.void]:
    """What is written into the form, and where."""
    form = _form(style)
    start = form.index(_MOMENT)
    places = [(form.index(text) + at, kind) for text, at, kind, _ in _DIGITS]
    for at in (start, form.index(_MOMENT, start + 1)):
        places += [(at, "u8"), (at + _DAY, "u2"), (at + _TIME, "u8")]
        places += [(at + _OFFSET, "u2")] if style.zone == "los-angeles" else []
    offsets, formats = zip(*places, strict=True)
    names = [f"{at}" for at in offsets]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": len(form)})


def _digits(segments: Segments) -> Iterator[Values]:
    """The hexadecimal digits of identity and session."""
    words = np.stack([*identity_of(segments.key, segments.part), segments.key], axis=1).astype(">u8")
    digits = hexlify(words.data)
    for _, _, kind, number in _DIGITS:
        yield np.frombuffer(digits, kind).reshape(len(words), -1)[:, number]


def _moments(seconds: Numbers, zone: str) -> Iterator[Values]:
    """Dates and times, and Los Angeles's offset where that is the zone."""
    if zone == "los-angeles":
        hours, back = np.unique(seconds // 3600, return_inverse=True)
        offset = np.array([times.los_angeles_offset_s(hour) for hour in hours.tolist()], np.int64)[back]
        seconds = seconds + offset
    day = seconds // 86_400
    yield from _dates(day)
    yield _clock().take(seconds - day * 86_400)
    if zone == "los-angeles":
        yield _HOURS[-offset // 3600]


@lru_cache(maxsize=1)
def _clock() -> npt.NDArray[np.uint64]:
    """The eight characters of each second of a day."""
    minutes = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440)]
    return np.array([f"{minute}{second:02d}".encode() for minute in minutes for second in range(60)]).view(np.uint64)


def _dates(day: Numbers) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """The first eight and the last two characters of each day, counted from 1970."""
    first, last = int(day.min()), int(day.max())
    if last - first < 4 * len(day) + 400:
        months, days = _calendar(first, last)
        return months.take(day - first), days.take(day - first)
    unique, back = np.unique(day, return_inverse=True)  # far apart: only the days there are
    months, days = _texts_of(unique)
    return months[back], days[back]


@lru_cache(maxsize=16)
def _calendar(first: int, last: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    return _texts_of(np.arange(first, last + 1))


def _texts_of(days: Numbers) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    text = np.datetime_as_string(days.astype("datetime64[D]")).astype("S10").view(np.uint8).reshape(-1, 10)
    return text[:, :8].copy().view(np.uint64).ravel(), text[:, 8:].copy().view(np.uint16).ravel()
