"""Addresses of what can be played or looked at: public, lasting, and leading back to the caller's own address.

A link carries a token of its world, so that it needs no key. What lies behind one is `testcard.apis.videokit.shelf`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from testcard.exchange import Call
from testcard.seed import hexadecimal
from testcard.world.world import World

__all__ = ["FILES", "endpoint", "media_token", "media_url"]

FILES = {
    "HLS": ("master.m3u8", "application/vnd.apple.mpegurl"),
    "DASH": ("manifest.mpd", "application/dash+xml"),
    "MP4": ("video.mp4", "video/mp4"),
}
"""The file of each format of an endpoint, and its media type."""


def media_token(world: World) -> str:
    """What stands for the world in its links."""
    return _token(world.seed, world.origin)


@lru_cache(maxsize=1024)
def _token(seed: int, origin: str) -> str:
    return hexadecimal(20, seed, origin, "videokit media")


def media_url(call: Call, *segments: str) -> str:
    """The address of a file, e.g. ``recording``, an id, ``archive``, ``video.mp4``."""
    path = "/".join(quote(segment, safe="") for segment in (media_token(call.world), *segments))
    return call.address.url(f"/media/{path}")


def endpoint(
    call: Call,
    segments: tuple[str, ...],
    form: str,
    *,
    identity: str,
    preset: str | None = None,
    protection: str | None = "None",
    duration_ms: int | None = None,
) -> dict[str, Any]:
    """An EndpointInfo (fact C17) for one format of what *segments* name; without *protection* it says nothing of it."""
    made: dict[str, Any] = {
        "id": identity,
        "accessType": "Http",
        "format": form,
        "url": media_url(call, *segments, FILES[form][0]),
    }
    if preset:
        made["preset"] = preset
    if protection:
        made["protection"] = protection
    if duration_ms is not None:
        made["durationMilliseconds"] = duration_ms
    return made
