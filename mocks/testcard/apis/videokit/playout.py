"""What lies behind an endpoint's or an image's address, as it is at the world's now; nothing for what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import NamedTuple

from testcard.apis.videokit import assets, media, uploads
from testcard.apis.videokit.channels import CHANNELS, settle, status_of
from testcard.apis.videokit.events import EVENTS, has_catch_up
from testcard.apis.videokit.images import IMAGES
from testcard.apis.videokit.pictures import frame
from testcard.apis.videokit.playables import Playables, status
from testcard.apis.videokit.recordings import RECORDINGS, playable_recording
from testcard.apis.videokit.records import Kind, Row, collection, tenant_ids
from testcard.world.world import World

__all__ = ["File", "file_behind"]

_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_WINDOW = 6  # segments that a live playlist shows


class File(NamedTuple):
    """Bytes, or pieces of them as they are read, and their media type."""

    body: bytes | Iterable[bytes]
    media: str


def file_behind(world: World, key: str) -> File | None:
    """The file of an address below a world's token, e.g. ``recording/<id>/archive/video.mp4``; under its lock."""
    segments = key.split("/")
    makers: dict[tuple[str, int], Callable[..., File | None]] = {
        ("asset", 4): _asset,
        ("recording", 4): _recording,
        ("event", 4): _event,
        ("channel", 3): _channel,
        ("frame", 3): _frame,
        ("image", 3): _image,
        ("player", 2): _player,
    }
    make = makers.get((segments[0], len(segments)))
    return make(world, *segments[1:]) if make else None


def _rows(world: World, kind: Kind, key: str) -> Iterator[tuple[str, Row]]:
    for tenant in tenant_ids(world):
        row = collection(world, tenant, kind).get(key)
        if row is not None:
            yield tenant, row


def _rendition(name: str, duration: int | None) -> File | None:
    made = None if duration is None else media.rendition(name, duration)
    return File(*made) if made else None


def _asset(world: World, identity: str, output: str, name: str) -> File | None:
    return _rendition(name, assets.playable(world, identity, output))


def _recording(world: World, identity: str, part: str, name: str) -> File | None:
    now = world.clock.now_ms()
    for _, row in _rows(world, RECORDINGS, identity):
        return _rendition(name, playable_recording(world, row, part, now))
    return None


def _event(world: World, identity: str, part: str, name: str) -> File | None:
    now = world.clock.now_ms()
    for _, row in _rows(world, EVENTS, identity):
        if part == "catchup" and has_catch_up(row, now):
            return _rendition(name, min(now, row["end"]) - row["start"])
    return None


def _channel(world: World, identity: str, name: str) -> File | None:
    """The stream of a channel that is on."""
    for tenant, _ in _rows(world, CHANNELS, identity):
        row = settle(world, tenant, identity)
        if row is None or status_of(world, row) != "On":
            return None
        number = world.clock.now_ms() // media.SEGMENT_MS
        if name == "index.m3u8":
            return File(_live_playlist(number).encode(), "application/vnd.apple.mpegurl")
        if name == "manifest.mpd":
            return File(_live_mpd().encode(), "application/dash+xml")
        made = media.rendition("segment-0.ts" if name.startswith("segment-") else name, media.SEGMENT_MS)
        return File(*made) if made else None
    return None


def _live_playlist(number: int) -> str:
    first = number - _WINDOW
    head = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{media.SEGMENT_MS // 1000}"]
    head.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
    segments = [f"#EXTINF:{media.SEGMENT_MS / 1000:.3f},\nsegment-{each}.ts" for each in range(first, number)]
    return "\n".join([*head, *segments, ""])


def _live_mpd() -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic"'
        ' availabilityStartTime="1970-01-01T00:00:00Z" minimumUpdatePeriod="PT6S" minBufferTime="PT2S">'
        '<Period id="1" start="PT0S"><AdaptationSet mimeType="video/mp2t" contentType="video">'
        f'<SegmentTemplate media="segment-$Number$.ts" duration="{media.SEGMENT_MS}" timescale="1000"/>'
        '<Representation id="1080p" bandwidth="5000000" codecs="avc1.64000a" width="1920" height="1080"/>'
        "</AdaptationSet></Period></MPD>\n"
    )


def _playable(world: World, identity: str) -> Row | None:
    found = (Playables(world, tenant).get(identity) for tenant in tenant_ids(world))
    return next((row for row in found if row is not None), None)


def _frame(world: World, identity: str, name: str) -> File | None:
    number = name.removesuffix(".png")
    row = _playable(world, identity) if number.isascii() and number.isdigit() and len(number) < 3 else None
    if row is None or status(row, world.clock.now_ms()) != "Available":
        return None
    return File(frame(world.seed, identity, int(number)), "image/png")


def _image(world: World, identity: str, name: str) -> File | None:
    for _, row in _rows(world, IMAGES, identity):
        found = uploads.stored_object(world, row["key"])
        if row["status"] == "Completed" and row["name"] == name and found:
            kind = _PICTURES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
            return File(found.read(0, found.size), kind)
    return None


def _player(world: World, identity: str) -> File | None:
    """The page that a QR code leads to."""
    row = _playable(world, identity)
    if row is None:
        return None
    title = escape(row["title"] or identity)
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1></html>\n'
    return File(page.encode(), "text/html; charset=utf-8")
