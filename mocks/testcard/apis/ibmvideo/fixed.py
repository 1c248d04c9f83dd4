"""The part of a row that has one width: identifiers and times, written by numpy for many rows at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.segments import words
from testcard.apis.ibmvideo.style import Style
from testcard.seed import scramble_array

__all__ = ["fixed_pieces", "identity_of", "width_of"]

_SALT = np.uint64(0x6A09E667F3BCC908)
_PAIRS = np.array([f"{n:02d}".encode() for n in range(100)], "S2").view(np.uint16)
_HEX = np.array([f"{n:02x}".encode() for n in range(256)], "S2").view(np.uint16)
_ZONES = {"utc": "+00:00", "zulu": "Z", "los-angeles": "-00:00"}
_NO_IDENTITY = "00000000-0000-0000-0000-000000000000"
_NO_SESSION = "00000000:00000000"
_NO_MOMENT = "0000-00-00T00:00:00"

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.integer[Any]]
Text = npt.NDArray[np.uint8]


def identity_of(key: Words, part: Numbers) -> tuple[Words, Words]:
    """The halves of the identifiers: UUIDs of version 4."""
    word = words(key, part)
    high = word & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
    low = scramble_array(word ^ _SALT) & np.uint64((1 << 62) - 1) | np.uint64(1 << 63)
    return high, low


def width_of(style: Style) -> int:
    """Bytes of each piece."""
    return len(_form(style))


def fixed_pieces(
    key: Words, part: Numbers, start_ms: Numbers, finish_ms: Numbers, style: Style
) -> npt.NDArray[np.object_]:
    """The last piece of each row, with the comma behind it."""
    form = _form(style)
    text = np.empty((len(key), len(form)), np.uint8)
    text[:] = np.frombuffer(form.encode(), np.uint8)
    _write_identity(text[:, form.index(_NO_IDENTITY) :], *identity_of(key, part))
    _write_session(text[:, form.index(_NO_SESSION) :], _hex(key))
    first = form.index(_NO_MOMENT)
    _write_moments(text[:, first:], start_ms // 1000, style.zone)
    _write_moments(text[:, form.index(_NO_MOMENT, first + 1) :], finish_ms // 1000, style.zone)
    pieces: npt.NDArray[np.object_] = text.view(f"S{len(form)}").ravel().astype(np.object_)
    return pieces


def _form(style: Style) -> str:
    name, end = ("view_id", "}}") if style.view else ("id", "}")
    moment = _NO_MOMENT + _ZONES[style.zone]
    session = f'"view_session_id":"{_NO_SESSION}","started_at":"{moment}","finished_at":"{moment}"'
    return f'"{name}":"{_NO_IDENTITY}",{session}{end},'


def _write_identity(text: Text, high: Words, low: Words) -> None:
    head, tail = _hex(high), _hex(low)
    text[:, :8], text[:, 9:13], text[:, 14:18] = head[:, :8], head[:, 8:12], head[:, 12:]
    text[:, 19:23], text[:, 24:36] = tail[:, :4], tail[:, 4:]


def _write_session(text: Text, digits: Text) -> None:
    text[:, :8], text[:, 9:17] = digits[:, :8], digits[:, 8:]


def _write_moments(text: Text, seconds: Numbers, zone: str) -> None:
    """Write date and time, and Los Angeles's offset where that is the zone."""
    if zone == "los-angeles":
        hours, back = np.unique(seconds // 3600, return_inverse=True)
        offset = np.array([times.los_angeles_offset_s(hour) for hour in hours.tolist()])[back]
        seconds = seconds + offset
        text[:, 20:22] = _pairs(-offset // 3600)
    day = seconds // 86_400
    text[:, :10] = _dates(day)
    text[:, 11:19] = _clock()[seconds - day * 86_400]


@lru_cache(maxsize=1)
def _clock() -> Text:
    """The eight characters of each second of a day."""
    minute, second = np.divmod(np.arange(86_400), 60)
    hour, minute = np.divmod(minute, 60)
    text = np.full((86_400, 8), ord(":"), np.uint8)
    text[:, :2], text[:, 3:5], text[:, 6:] = _pairs(hour), _pairs(minute), _pairs(second)
    return text


def _dates(day: Numbers) -> Text:
    """The ten characters of each day, counted from 1970."""
    first, last = int(day.min()), int(day.max())
    if last - first < 4 * len(day) + 400:
        return _text_of(np.arange(first, last + 1))[day - first]
    unique, back = np.unique(day, return_inverse=True)  # far apart: only the days there are
    return _text_of(unique)[back]


def _text_of(days: Numbers) -> Text:
    text: Text = np.datetime_as_string(days.astype("datetime64[D]")).astype("S10").view(np.uint8)
    return text.reshape(-1, 10)


def _pairs(numbers: Numbers) -> Text:
    return _PAIRS[numbers].view(np.uint8).reshape(-1, 2)


def _hex(word: Words) -> Text:
    octets = np.ascontiguousarray(word, ">u8").view(np.uint8).reshape(-1, 8)
    return _HEX[octets].view(np.uint8).reshape(-1, 16)
