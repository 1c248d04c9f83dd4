"""The part of a row that has one width: identifiers and times, written by numpy for many rows at once.

A text of the right form is laid out once for each row, and seen as records of what is to be written into it: four
digits of an identifier, a date or a time of day at a time, and at its end a tail whose width varies.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.segments import Segments, words
from testcard.apis.ibmvideo.style import Style
from testcard.seed import scramble_array

__all__ = ["Rows", "Text", "fixed_texts", "identity_of", "width_of"]

_SALT = np.uint64(0x6A09E667F3BCC908)
_ZONES = {"utc": "+00:00", "zulu": "Z", "los-angeles": "-00:00"}
_IDENTITY = "00000000-0000-0000-0000-000000000000"
_IDENTITY_QUADS = (0, 4, 9, 14, 19, 24, 28, 32)
_SESSION = "00000000:00000000"
_SESSION_QUADS = (0, 4, 9, 13)
_MOMENT = "0000-00-00T00:00:00"
_DAY, _TIME, _OFFSET = 8, 11, 20  # places in a moment
_HOURS = np.array([f"{hour:02d}".encode() for hour in range(24)]).view(np.uint16)

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.integer[Any]]
Rows = Numbers | slice
Text = npt.NDArray[np.bytes_]


def identity_of(key: Words, part: Numbers) -> tuple[Words, Words]:
    """The halves of the identifiers: UUIDs of version 4."""
    word = words(key, part)
    high = word & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
    low = scramble_array(word ^ _SALT) & np.uint64((1 << 62) - 1) | np.uint64(1 << 63)
    return high, low


def width_of(style: Style) -> int:
    """Bytes of each text without its tail."""
    return len(_form(style))


def fixed_texts(segments: Segments, rows: Rows, tails: Text, style: Style) -> Text:
    """Identifiers and times of each of some rows, with the row's tail."""
    key, form = segments.key[rows], _form(style).ljust(width_of(style) + tails.itemsize).encode()
    text = np.empty((len(key), len(form)), np.uint8)
    text[:] = np.frombuffer(form, np.uint8)
    records = text.view(_fields(style, tails.itemsize)).ravel()
    high, low = identity_of(key, segments.part[rows])
    for name, word in (("high", high), ("low", low), ("session", key)):
        _write_word(records, name, word)
    _write_moments(records, "start", segments.start_ms[rows] // 1000, style.zone)
    _write_moments(records, "finish", segments.finish_ms[rows] // 1000, style.zone)
    records["tail"] = tails
    return text.view(f"S{len(form)}").ravel()


@lru_cache(maxsize=64)
def _form(style: Style) -> str:
    name, moment = "view_id" if style.view else "id", _MOMENT + _ZONES[style.zone]
    session = f'"view_session_id":"{_SESSION}","started_at":"{moment}","finished_at":"{moment}"'
    return f'"{name}":"{_IDENTITY}",{session},'


@lru_cache(maxsize=64)
def _fields(style: Style, tail: int) -> np.dtype[np.void]:
    """What is written into the form, and where; the last are *tail* bytes."""
    form = _form(style)
    identity, session, start = form.index(_IDENTITY), form.index(_SESSION), form.index(_MOMENT)
    places: dict[str, tuple[str, int]] = {}
    for name, quads in (
        ("high", [identity + at for at in _IDENTITY_QUADS[:4]]),
        ("low", [identity + at for at in _IDENTITY_QUADS[4:]]),
        ("session", [session + at for at in _SESSION_QUADS]),
    ):
        places |= {f"{name}{quad}": ("u4", at) for quad, at in enumerate(quads)}
    for name, at in (("start", start), ("finish", form.index(_MOMENT, start + 1))):
        places |= {f"{name} month": ("u8", at), f"{name} day": ("u2", at + _DAY), f"{name} time": ("u8", at + _TIME)}
        places |= {f"{name} offset": ("u2", at + _OFFSET)} if style.zone == "los-angeles" else {}
    places["tail"] = (f"S{tail}", len(form))
    formats, offsets = zip(*places.values(), strict=True)
    return np.dtype({"names": list(places), "formats": formats, "offsets": offsets, "itemsize": len(form) + tail})


def _write_word(records: npt.NDArray[np.void], name: str, word: Words) -> None:
    """Write sixteen hexadecimal digits, four at a time."""
    quads = _hex().take(word.astype(">u8").view(">u2").reshape(-1, 4))
    for quad in range(4):
        records[f"{name}{quad}"] = quads[:, quad]


def _write_moments(records: npt.NDArray[np.void], name: str, seconds: Numbers, zone: str) -> None:
    """Write date and time, and Los Angeles's offset where that is the zone."""
    if zone == "los-angeles":
        hours, back = np.unique(seconds // 3600, return_inverse=True)
        offset = np.array([times.los_angeles_offset_s(hour) for hour in hours.tolist()])[back]
        seconds = seconds + offset
        records[f"{name} offset"] = _HOURS[-offset // 3600]
    day = seconds // 86_400
    records[f"{name} month"], records[f"{name} day"] = _dates(day)
    records[f"{name} time"] = _clock().take(seconds - day * 86_400)


@lru_cache(maxsize=1)
def _hex() -> npt.NDArray[np.uint32]:
    """The four digits of every sixteen bits."""
    octets = np.array([f"{octet:02x}".encode() for octet in range(256)], "S2").view(np.uint16)
    return np.stack([np.repeat(octets, 256), np.tile(octets, 256)], axis=1).view(np.uint32).ravel()


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
