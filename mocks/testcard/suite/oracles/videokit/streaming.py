"""Streaming: one list of all that can be played, over the rows of the other modules. Document 002, Streaming."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from testcard.suite.oracles.videokit import live, recorder, vod
from testcard.suite.oracles.videokit.lists import Kind, shown_attributes
from testcard.suite.oracles.videokit.moments import Reads, Row, written
from testcard.suite.subject import ANY

__all__ = ["PLAYABLES", "playables", "shown_playable"]

Table = Mapping[str, Row]


def playables(
    assets: Table, recordings: Table, events: Table, channels: Table, over: Table, reads: Reads, now: int
) -> Iterable[Row]:
    """Everything that can be played, as rows of one shape; *over* is what streaming alone knows of it, by id."""
    spans = {each["id"]: live.on_spans(each, reads, now) for each in channels.values()}
    for row in assets.values():
        about = {"status": vod.asset_status(row, now), "modified": vod.modified(row, now)}
        yield _playable(row, over, "Vod", **about, duration=vod.length(row, now), preset=row["preset"])
    for row in recordings.values():
        if recorder.is_gone(row, reads, now):
            continue
        own = spans.get(row["channel"], ())
        about = {"status": recorder.status(row, reads, now, own), "modified": recorder.changed(row, now)}
        yield _playable(row, over, "Recording", **about, duration=recorder.length(row, now))
    for row in events.values():
        about = {"status": live.event_status(row, now), "modified": row["modified"]}
        drm = row["channel"] in channels  # the channels of a scenario have protected endpoints
        yield _playable(row, over, "LiveEvent", **about, duration=row["end"] - row["start"], drm=drm)
    for row in channels.values():
        about = {"status": live.channel_status(row, reads, now), "modified": row["modified"]}
        labels = {"tags": [], "attributes": [], "title": row["name"], "channel": row["id"]}
        yield _playable({**row, **labels}, over, "LiveChannel", **about, drm=True)


def _playable(own: Row, over: Table, kind: str, **about: Any) -> Row:
    more = over.get(own["id"], {})
    return {
        "id": own["id"],
        "type": kind,
        "source": {"Vod": "Vod", "Recording": "Recorder"}.get(kind, "Live"),
        "title": own["title"],
        "metadata": own["metadata"],
        "tags": own["tags"],
        "attributes": own["attributes"],
        "channel": own.get("channel"),
        "created": own["created"],
        "duration": None,
        "preset": None,
        "drm": False,
        "description": None,
        **about,
        **more,
        "modified": max(about["modified"], more.get("modified", 0)),
        "span": (own["start"], own["end"]) if "start" in own else None,
    }


PLAYABLES = Kind(
    sorts={
        "id": lambda row, _: row["id"],
        "title": lambda row, _: row["title"],
        "type": lambda row, _: row["type"],
        "status": lambda row, _: row["status"],
        "channelid": lambda row, _: row["channel"],
        "durationmilliseconds": lambda row, _: row["duration"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
    },
    filters={
        "ids": lambda row, _: row["id"],
        "channelId": lambda row, _: row["channel"],
        "channels": lambda row, _: row["channel"],
        "status": lambda row, _: row["status"],
        "statuses": lambda row, _: row["status"],
        "type": lambda row, _: row["type"],
        "types": lambda row, _: row["type"],
        "isDrm": lambda row, _: row["drm"],
        "source": lambda row, _: row["source"],
    },
    texts=lambda row: [row["title"], row["description"]],
    span=lambda row, _reads: row["span"] or (row["created"], row["created"]),
    pairs=True,
)


def shown_playable(row: Row, reads: Reads, *, part: str) -> Row:
    """In a list, in details or after an update (ledger VK-185)."""
    names = reads["VK-185"] == "names" or (reads["VK-185"] == "by-operation" and part != "details")
    shown = {
        "id": row["id"],
        "status": row["status"],
        "metadata": row["metadata"],
        "outputs": ANY,
        "createDate": written(row["created"], reads),
        "lastModificationDate": written(row["modified"], reads),
        "durationMilliseconds": row["duration"],
        "source": row["source"],
        "type": row["type"],
        "channelId": row["channel"],
        "isDrm": row["drm"],
        "preset": row["preset"],
        "tokenRequiredPolicy": ANY,
        "title": row["title"],
        "description": row["description"],
        "tags": row["tags"] if names else [{"id": ANY, "name": name} for name in row["tags"]],
        "attributes": shown_attributes(row["attributes"], reads),
        "images": {},
        "chapters": [],
        "settings": ANY,
    }
    if row["span"]:
        start, end = row["span"]
        shown |= {"start": written(start, reads), "end": written(end, reads)}
    return shown | ({"isWatermarkProtected": False} if part == "update" else {})
