"""Streaming assets as answers show them: the shapes of tags, images and chapters differ as the samples do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testcard.apis.videokit import assets
from testcard.apis.videokit.channel_views import channel_endpoints
from testcard.apis.videokit.lists import write_attributes
from testcard.apis.videokit.playables import duration, is_drm, modified, status
from testcard.apis.videokit.recordings import recording_view
from testcard.apis.videokit.records import Row, stamp
from testcard.data import load
from testcard.exchange import Call
from testcard.seed import uuid_from

__all__ = ["SETTINGS", "asset_view", "streaming_fixture", "tag_id"]

SETTINGS = ("tokenRequired", "devToolsAccess", "cap", "analytics", "codeObfuscation")
_POLICIES = {"Inherit": "Inherit", "Enabled": "True", "Disabled": "False"}


def streaming_fixture() -> Any:
    """How the broadcaster's player is set up."""
    return load("fixtures/videokit/streaming.yaml")


def tag_id(call: Call, name: str) -> str:
    """The id of a tag: the same name has the same id everywhere."""
    return uuid_from(call.world.seed, "videokit tag", name)


def asset_view(call: Call, tenant: str, row: Row, *, part: str) -> dict[str, Any]:
    """An asset; *part* is ``list``, ``details`` or ``update``."""
    now, over, own = call.world.clock.now_ms(), row["over"], row["own"]
    shown: dict[str, Any] = {
        "id": row["id"],
        "status": status(row, now),
        "metadata": row["metadata"],
        "outputs": _outputs(call, tenant, row),
        "createDate": stamp(call.world, row["created"]),
        "lastModificationDate": stamp(call.world, modified(row, now)),
        "durationMilliseconds": duration(row, now),
        "source": row["source"],
        "type": row["type"],
        "channelId": row["channel"],
        "isDrm": is_drm(row),
        "preset": own.get("preset"),
        "tokenRequiredPolicy": _policy(call, over),
        "title": row["title"],
        "description": over.get("description"),
        "tags": _tags(call, row["tags"], part),
        "attributes": write_attributes(call, row["attributes"]),
        "images": _images(call, over.get("images", {}), part),
        "chapters": _chapters(call, row, now),
        "settings": {name: _setting(over, name) for name in SETTINGS},
    }
    if "start" in own:
        shown |= {"start": stamp(call.world, own["start"]), "end": stamp(call.world, own["end"])}
    if part == "update":
        shown["isWatermarkProtected"] = False
    return shown


def _outputs(call: Call, tenant: str, row: Row) -> list[dict[str, Any]]:
    own = row["own"]
    if row["type"] == "Vod":
        return list(assets.asset_view(assets.view_for(call, tenant), own)["outputs"])
    if row["type"] == "Recording":
        return list(recording_view(call, own, full=True)["outputs"])
    channel = own if row["type"] == "LiveChannel" else row["channelRow"]
    return [{"id": "live", "status": "Available", "endpoints": channel_endpoints(call, channel)}] if channel else []


def _setting(over: Row, name: str) -> dict[str, str]:
    return {
        "asset": over.get("settings", {}).get(name, "Inherit"),
        "tenant": streaming_fixture()["tenant_settings"][name],
    }


def _policy(call: Call, over: Row) -> dict[str, str]:
    """The token policy, which is the setting by another name (ledger VK-188)."""
    words = {who: _POLICIES[value] for who, value in _setting(over, "tokenRequired").items()}
    lower = call.reading("VK-188") == "lower"
    return {who: word.lower() if lower else word for who, word in words.items()}


def _tags(call: Call, tags: list[str], part: str) -> list[Any]:
    """Tags by name or as objects (ledger VK-185)."""
    rule = call.reading("VK-185")
    if rule == "names" or (rule == "by-operation" and part != "details"):
        return list(tags)
    return [{"id": tag_id(call, name), "name": name} for name in tags]


def _images(call: Call, images: Mapping[str, Row], part: str) -> dict[str, Any]:
    """Images with or without capitals (ledger VK-186)."""
    rule = call.reading("VK-186")
    if rule == "lower" or (rule == "by-operation" and part == "update"):
        return dict(images)
    return {key: {name.capitalize(): value for name, value in image.items()} for key, image in images.items()}


def _chapters(call: Call, row: Row, now: int) -> list[dict[str, Any]]:
    """Chapters by start (ledger VK-187, VK-191)."""
    chapters = sorted(row["over"].get("chapters", []), key=lambda each: each["startSecond"])
    filled = call.reading("VK-191") == "next-chapter"
    length = duration(row, now)
    shown = []
    for at, chapter in enumerate(chapters):
        end = chapter.get("endSecond")
        if end is None and filled:
            later = [each["startSecond"] for each in chapters[at + 1 :]]
            end = later[0] if later else length and max(length // 1000, chapter["startSecond"])
        shown.append(_chapter(chapter, end, short=call.reading("VK-187") == "start"))
    return shown


def _chapter(chapter: Row, end: int | None, *, short: bool) -> dict[str, Any]:
    start_name, end_name = ("start", "end") if short else ("startSecond", "endSecond")
    shown = {"id": chapter["id"], "title": chapter["title"], start_name: chapter["startSecond"]}
    if end is not None:
        shown |= {end_name: end, "durationSeconds": end - chapter["startSecond"]}
    return shown
