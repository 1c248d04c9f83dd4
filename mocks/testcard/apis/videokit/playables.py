"""Everything that can be played, as one collection: VOD assets, recordings, events and channels.

Nothing is kept twice. A row here wraps the row of its own module (``own``), beside what streaming alone knows of it
(``over``): description, images, chapters, settings. Title, tags, attributes and metadata are the module's own, so that
a change shows everywhere; a channel, which has no tags there, keeps them here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from testcard.apis.videokit import assets
from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.channels import CHANNELS, settle_all, status_of
from testcard.apis.videokit.events import EVENTS, event_status
from testcard.apis.videokit.recordings import (
    RECORDINGS,
    duration_of,
    is_gone,
    readings_of,
    recording_modified,
    recording_status,
)
from testcard.apis.videokit.records import Collection, Kind, Row, collection
from testcard.world.world import World

__all__ = ["OVERLAYS", "Playables", "duration", "is_drm", "modified", "span", "status"]

OVERLAYS = Kind("streaming")
_TYPES = {"Vod": ASSETS, "Recording": RECORDINGS, "LiveEvent": EVENTS, "LiveChannel": CHANNELS}
_NOTHING: Row = {}


def status(row: Row, now: int) -> str:
    """The state of whatever it is, in its module's words."""
    world, own = row["world"], row["own"]
    if row["type"] == "Vod":
        return assets.status_of(own, now)
    if row["type"] == "Recording":
        return recording_status(world, own, now)
    return event_status(own, now) if row["type"] == "LiveEvent" else status_of(world, own, now)


def modified(row: Row, now: int) -> int:
    """When it last changed, in its module or here."""
    own = row["own"]
    latest = {"Vod": assets.modified_at, "Recording": recording_modified}.get(row["type"])
    return max(int(latest(own, now) if latest else own["modified"]), int(row["over"].get("modified", 0)))


def duration(row: Row, now: int) -> int | None:
    """How long it is in milliseconds, where that is known."""
    own = row["own"]
    if row["type"] == "Vod":
        return int(own["duration"]) if assets.status_of(own, now) == "Available" else None
    if row["type"] == "Recording":
        return duration_of(own, now)
    return own["end"] - own["start"] if row["type"] == "LiveEvent" else None


def span(row: Row) -> tuple[int, int]:
    """The time it is about: its own span, or the moment of its creation."""
    own = row["own"]
    return (own["start"], own["end"]) if "start" in own else (row["created"], row["created"])


def is_drm(row: Row) -> bool:
    """Whether it is protected: a channel with a protected endpoint, and its events."""
    channel = row["own"] if row["type"] == "LiveChannel" else row.get("channelRow")
    endpoints = channel["settings"].get("endpoints", ()) if channel else ()
    return any(each.get("type", "").lower().endswith("drm") for each in endpoints)


def _title(row: Row) -> str | None:
    title = row["over"].get("title") or row["own"].get("title") or row["own"].get("name")
    return None if title is None else str(title)


PLAYABLE = Kind(
    "playables",
    sorts={
        "id": lambda row, _: row["id"],
        "title": lambda row, _: row["title"],
        "type": lambda row, _: row["type"],
        "source": lambda row, _: row["source"],
        "status": status,
        "channelid": lambda row, _: row["channel"],
        "durationmilliseconds": duration,
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": modified,
    },
    names=lambda row: (row["title"], row["over"].get("description")),
)


class Playables:
    """The assets of a tenant's streaming, in the world's lock."""

    kind = PLAYABLE

    def __init__(self, world: World, tenant: str) -> None:
        self._world, self._tenant = world, tenant
        settle_all(world, tenant)
        self._own = {kind: collection(world, tenant, rows) for kind, rows in _TYPES.items()}
        self.overlays: Collection = collection(world, tenant, OVERLAYS)

    def state(self, now: int) -> Hashable:
        """What any list depends on."""
        states = (each.state(now) for each in self._own.values())
        return (self._tenant, self.overlays.version, readings_of(self._world), *states)

    def rows(self) -> Iterator[Row]:
        """Every asset that is not gone."""
        now = self._world.clock.now_ms()
        for row in self._all():
            if row["type"] != "Recording" or not is_gone(self._world, row["own"], now):
                yield row

    def _all(self) -> list[Row]:
        """Every row wrapped, kept until a row is written: all orders of a list share them."""
        key = f"videokit/{self._tenant}/playables"
        versions = (self.overlays.version, *(own.version for own in self._own.values()))
        known, rows = self._world.shelf.get(key, (None, []))
        if known != versions:
            rows = [self._wrapped(kind, row) for kind, own in self._own.items() for row in own.rows()]
            self._world.shelf[key] = (versions, rows)
        kept: list[Row] = rows
        return kept

    def get(self, key: str) -> Row | None:
        """The asset of that id that is there now."""
        now = self._world.clock.now_ms()
        for kind, own in self._own.items():
            row = own.get(key)
            if row is not None and not (kind == "Recording" and is_gone(self._world, row, now)):
                return self._wrapped(kind, row)
        return None

    def write(self, row: Row, over: Row, **own: Any) -> Row:
        """Change what streaming knows of an asset, and what its module knows; returns the asset as it is now."""
        now = self._world.clock.now_ms()
        if row["type"] == "LiveChannel":
            over, own = {**over, **own}, {}
        if own:
            self._own[row["type"]].put({**row["own"], **own, "modified": now})
        fresh = {**row["over"], **over, "id": row["id"], "created": row["created"], "modified": now}
        self.overlays.put(fresh)
        return self.get(row["id"]) or row

    def _wrapped(self, kind: str, own: Row) -> Row:
        over = self.overlays.get(own["id"]) or _NOTHING
        if over.get("created") != own["created"]:  # of an earlier one with the same id
            over = _NOTHING
        wrapped: Row = {
            "id": own["id"],
            "type": kind,
            "source": kind if kind == "Vod" else "Recorder" if kind == "Recording" else "Live",
            "own": own,
            "over": over,
            "world": self._world,
            "created": own["created"],
            "metadata": own["metadata"],
            "tags": over.get("tags", own.get("tags", [])),
            "attributes": over.get("attributes", own.get("attributes", [])),
            "channel": own["id"] if kind == "LiveChannel" else own.get("channel"),
        }
        wrapped["title"] = _title(wrapped)
        if kind == "LiveEvent":
            wrapped["channelRow"] = self._own["LiveChannel"].get(own["channel"])
        return wrapped
