"""Which media tracks a file has: from its real headers where there are any, else what its extension promises."""

from __future__ import annotations

from collections.abc import Iterator
from io import IOBase
from pathlib import PurePosixPath
from typing import Any

from testcard.apis.videokit.pieces import ObjectFile
from testcard.apis.videokit.records import fixture

__all__ = ["Detected", "detect", "file_type", "plausible"]

Detected = tuple[list[dict[str, Any]], int]
"""Tracks as answers show them, and the duration in milliseconds."""

_KINDS = {"Video": "Video", "Audio": "Audio", "Text": "Captions"}
_NAMES = {"Video": "Main Video Track", "Audio": "English Audio", "Captions": "English Subtitles"}
_PROMISED = {"Video": ("Video", "Audio"), "Audio": ("Audio",), "Caption": ("Captions",)}
_BITS_PER_MS = 4000  # what a file without headers is reckoned to hold
_MOST_FOUND = 1000

_found: dict[tuple[str, int], Detected] = {}  # bytes without media are looked through to their end: 50 ms a mebibyte


def file_type(name: str) -> str:
    """Video, Audio or Caption, by the extension; Video for those that are not listed (ledger VK-043)."""
    extension = PurePosixPath(name.lower()).suffix
    return next((kind for kind, known in fixture()["file_types"].items() if extension in known), "Video")


def detect(file: ObjectFile) -> Detected | None:
    """Read the headers of a file; None when no media is found in it. The same bytes are looked through once."""
    found = _found.get(file.digest)
    if found is None:
        if len(_found) >= _MOST_FOUND:
            _found.clear()
        found = _found[file.digest] = _look(file)
    return found if found[0] else None


def _look(file: IOBase) -> Detected:
    from pymediainfo import MediaInfo  # brings a native library along; needed only here

    found = MediaInfo.parse(file).tracks
    tracks = list(_tracks((each.track_type, each.language, each.title) for each in found))
    durations = [float(each.duration) for each in found if each.duration]
    return tracks, int(max(durations, default=0))


def plausible(kind: str, size: int) -> Detected:
    """What a file of that type and size would have (ledger VK-077)."""
    promised = ((next(k for k, v in _KINDS.items() if v == each), "en", _NAMES[each]) for each in _PROMISED[kind])
    return list(_tracks(promised)), max(1000, size * 8 // _BITS_PER_MS)


def _tracks(found: Any) -> Iterator[dict[str, Any]]:
    counts: dict[str, int] = {}
    for kind, language, title in found:
        if kind not in _KINDS:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        shown = _KINDS[kind]
        track = {"trackSelector": {"trackId": f"{shown.lower()}_{counts[kind]}"}, "type": shown}
        track |= {"language": language} if language else {}
        yield track | ({"name": title} if title else {})
