"""Explicit rows for scenarios: as many assets, files, channels, events, recordings and sessions as are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from testcard.suite.subjects.ingredients import AWKWARD

__all__ = [
    "NOW",
    "Row",
    "Tables",
    "ads",
    "asset",
    "asset_id",
    "channel",
    "channel_id",
    "event",
    "event_id",
    "file",
    "file_id",
    "kit",
    "made",
    "many",
    "recording",
    "recording_id",
    "session",
    "sessions",
    "text",
]

Row = dict[str, Any]
Tables = dict[str, list[Row]]

NOW = "2026-03-02T12:00:00Z"
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_MADE = datetime(2026, 2, 1, tzinfo=UTC)
_STUDIOS = ("Halyard & Sons", "kleine Welle +1", None, "Ärger")
_TAGS = ("news", "news & sport", "50%", "a+b", "Ünï")
_GENRES = ("genre=news", "genre=film & tv", "code=a=b", "rate=50%")
_PRESETS = ("dash_hls_1080p", "dash_hls_720p", "mp4")


def _id(kind: int, number: int) -> str:
    return f"{number:08x}-{kind:04x}-4000-8000-{number * 7919 % 10007:012x}"


def asset_id(number: int) -> str:
    """The id of an asset."""
    return _id(0xA, number)


def file_id(number: int) -> str:
    """The id of a file."""
    return _id(0xF, number)


def channel_id(number: int) -> str:
    """The id of a channel."""
    return _id(0xC, number)


def event_id(number: int) -> str:
    """The id of an event."""
    return _id(0xE, number)


def recording_id(number: int) -> str:
    """The id of a recording."""
    return _id(0xD, number)


def text(moment: datetime) -> str:
    """A moment as rows have it, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def made(number: int, kind: int) -> dict[str, str]:
    """When a row was made and changed: not in the order in which rows are put, and never two at once."""
    at = _MADE + timedelta(minutes=number * 7919 % 10007, seconds=kind, milliseconds=number % 3)
    return {"createDate": text(at), "lastModificationDate": text(at + timedelta(hours=number % 5))}


def _metadata(number: int) -> Row:
    """Some have a studio, some a null, some no such key."""
    studio = _STUDIOS[number % len(_STUDIOS)]
    kept = {"Title": AWKWARD[number % len(AWKWARD)], "Code": f"{number:03d}"}
    return kept | ({"Studio": studio} if studio else {})


def _labels(number: int) -> Row:
    tags = [_TAGS[number % len(_TAGS)], *([_TAGS[(number + 1) % len(_TAGS)]] if number % 2 else [])]
    return {"metadata": _metadata(number), "tags": tags, "attributes": [_GENRES[number % len(_GENRES)]]}


def asset(number: int, **fields: Any) -> Row:
    """An asset; some are Processing or failed, one in seven has no title."""
    status = "Error" if number % 9 == 4 else "Processing" if number % 5 == 3 else "Available"
    preset = _PRESETS[number % len(_PRESETS)]
    outputs = [{"id": "main", "status": status, "preset": preset}]
    if number % 4 == 1:
        outputs.append({"id": "download", "status": "Available", "preset": "mp4"})
    row = {
        "id": asset_id(number),
        "title": None if number % 7 == 6 else f"{AWKWARD[number % len(AWKWARD)]} {number % 4}",
        "status": status,
        "preset": preset,
        "transcodedJobId": _id(0xB, number),
        "durationMilliseconds": 60_000 + number * 1_001,
        "sources": [{"fileId": file_id(number % 3), "fileTypesFlag": "Video"}],
        "outputs": outputs,
        **made(number, 1),
        **_labels(number),
    }
    return row | fields


def file(number: int, **fields: Any) -> Row:
    """A file; some are still coming, some were given up."""
    kind, ending = (("Video", "mp4"), ("Audio", "wav"), ("Caption", "srt"))[number % 3]
    name = f"{AWKWARD[number % len(AWKWARD)]} {number % 4}.{ending}"
    row = {
        "id": file_id(number),
        "fileKey": f"tenant/{number}.{ending}",
        "name": name,
        "friendlyName": f"Friendly {number % 6}",
        "orginalFileName": f"original {number}.{ending}",
        "status": ("Completed", "Completed", "Uploading", "Error")[number % 4],
        "fileSize": 1_000_000 + number * 333_333,
        "fileTypes": kind,
        "tracks": [{"trackSelector": {"trackId": "1"}, "type": "Captions" if kind == "Caption" else kind}],
        "vodAssets": [],
        **made(number, 2),
        **_labels(number),
    }
    return row | fields


def channel(number: int, **fields: Any) -> Row:
    """A channel: on, off, or broken."""
    row = {
        "id": channel_id(number),
        "name": f"Channel {AWKWARD[number % len(AWKWARD)]} {number % 4}",
        "status": ("On", "Off", "Off", "On", "Error")[number % 5],
        "automationDisabled": number % 3 == 1,
        "metadata": _metadata(number),
        **made(number, 4),
    }
    return row | fields


def event(number: int, **fields: Any) -> Row:
    """An event around now: over, under way, to come."""
    start = _NOW + timedelta(minutes=(number * 7919 % 10007 - 5000) // 10)
    labels = _labels(number)
    row = {
        "id": event_id(number),
        "channelId": channel_id(number % 3),
        "start": text(start),
        "end": text(start + timedelta(minutes=30 + number % 4)),
        "title": None if number % 7 == 6 else f"{AWKWARD[number % len(AWKWARD)]} {number % 4}",
        "ensureChannel": False,
        **made(number, 3),
        **labels,
    }
    return row | fields


def recording(number: int, **fields: Any) -> Row:
    """A recording around now: to come, under way, being made, there, or failed."""
    start = _NOW + timedelta(minutes=(number * 7919 % 10007 - 5000) // 10)
    details = {"channelId": channel_id(number % 3), "start": text(start), "end": text(start + timedelta(minutes=20))}
    row = {
        "id": recording_id(number),
        "title": None if number % 7 == 6 else f"{AWKWARD[number % len(AWKWARD)]} {number % 4}",
        "source": {"type": "LiveChannel", "liveChannelDetails": details},
        "catchup": {"enabled": number % 2 == 0},
        "archive": {"enabled": number % 3 == 0, "public": number % 4 == 0, "delaySeconds": number % 5 * 60},
        "outputs": [{"id": "download", "status": "Pending", "preset": "mp4"}] if number % 3 == 1 else [],
        **made(number, 5),
        **_labels(number),
    }
    return row | ({"errorMessage": "no signal"} if number % 11 == 5 else {}) | fields


def kit(*, assets: int = 0, files: int = 3, channels: int = 3, events: int = 0, recordings: int = 0) -> Tables:
    """As many of each; every table is the scenario's own."""
    used = [[asset_id(each) for each in range(assets) if each % 3 == number] for number in range(3)]
    return {
        "assets": [asset(number) for number in range(assets)],
        "files": [file(number, vodAssets=used[number] if number < 3 else []) for number in range(files)],
        "channels": [channel(number) for number in range(channels)],
        "events": [event(number) for number in range(events)],
        "recordings": [recording(number) for number in range(recordings)],
    }


def many(table: str, count: int) -> Tables:
    """So many rows of one table, and a few of those it needs."""
    return kit(**{table: count})


_COUNTRIES = ("DE", "US", "FR", None)
_BROWSERS = ("Chrome", "Safari & Co", "Ünï")


def session(number: int, time: datetime, played: int, **fields: Any) -> Row:
    """A session that begins at a moment and plays for so many milliseconds."""
    row = {
        "TIME": text(time),
        "IMPRESSION_ID": f"imp-{number:05d}",
        "USER_ID": f"user {number % 7}",
        "PLAYED": played,
        "VIEWTIME": played,
        "COUNTRY": _COUNTRIES[number % len(_COUNTRIES)],
        "BROWSER": _BROWSERS[number % len(_BROWSERS)],
        "IS_LIVE": number % 2 == 0,
        "BUFFERED": number * 13 % 101,
        "VIDEO_STARTUPTIME": None if number % 5 == 4 else 300 + number * 37 % 501,
    }
    return row | fields


def sessions(moments: Sequence[datetime], played: Sequence[int]) -> Tables:
    """Sessions that begin at those moments."""
    rows = [session(number, at, played[number % len(played)]) for number, at in enumerate(moments)]
    return {"playback": rows, "adPlayback": ads(moments)}


def ads(moments: Sequence[datetime]) -> list[Row]:
    """An ad for each second session."""
    return [
        {
            "TIME": text(at),
            "AD_IMPRESSION_ID": f"ad-{number:05d}",
            "AD_ID": f"spot {number % 4}",
            "ADVERTISER_NAME": ("Soap & Co", "Ünï", None)[number % 3],
            "STARTED": int(number % 6 != 0),
            "COMPLETED": int(number % 4 == 0),
            "TIME_PLAYED": number * 977 % 30_000,
            "COUNTRY": _COUNTRIES[number % len(_COUNTRIES)],
        }
        for number, at in enumerate(moments)
        if number % 2 == 0
    ]
