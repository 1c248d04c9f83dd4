"""Streaming assets as answers show them: the shapes of tags, images and chapters differ as the samples do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from testcard.apis.videokit import assets
from testcard.apis.videokit.channel_views import channel_endpoints
from testcard.apis.videokit.lists import write_attributes
from testcard.apis.videokit.playables import duration, is_drm, modified, status
from testcard.apis.videokit.recordings import outputs_view
from testcard.apis.videokit.records import Row, stamper
from testcard.data import load
from testcard.exchange import Call
from testcard.seed import uuid_from

__all__ = ["SETTINGS", "Look", "asset_view", "streaming_fixture", "tag_id"]

SETTINGS = ("tokenRequired", "devToolsAccess", "cap", "analytics", "codeObfuscation")
_POLICIES = {"Inherit": "Inherit", "Enabled": "True", "Disabled": "False"}


@cache
def streaming_fixture() -> Any:
    """How the broadcaster's player is set up."""
    return load("fixtures/videokit/streaming.yaml")


def tag_id(call: Call, name: str) -> str:
    """The id of a tag: the same name has the same id everywhere."""
    return uuid_from(call.world.seed, "videokit tag", name)


class Look:
    """How a caller sees assets in one answer: readings and constants are worked out once, however many rows it has.

    *part* is ``list``, ``details`` or ``update``.
    """

    def __init__(self, call: Call, tenant: str, part: str) -> None:
        self._call, self._part = call, part
        self._now, self._stamp = call.world.clock.now_ms(), stamper(call.world)
        self._vod = assets.view_for(call, tenant)
        self._plain = call.reading("VK-022") == "plain"
        tags, images = call.reading("VK-185"), call.reading("VK-186")
        self._tag_names = tags == "names" or (tags == "by-operation" and part != "details")
        self._small_letters = images == "lower" or (images == "by-operation" and part == "update")
        self._short, self._filled = call.reading("VK-187") == "start", call.reading("VK-191") == "next-chapter"
        self._policy_lower = call.reading("VK-188") == "lower"
        self._usual = self._settings({})
        self._endpoints: dict[str, list[dict[str, Any]]] = {}

    def view(self, row: Row) -> dict[str, Any]:
        """One asset."""
        now, over, own, written = self._now, row["over"], row["own"], self._stamp
        settings, policy = self._settings(over["settings"]) if over.get("settings") else self._usual
        shown: dict[str, Any] = {
            "id": row["id"],
            "status": status(row, now),
            "metadata": row["metadata"],
            "outputs": self._outputs(row),
            "createDate": written(row["created"]),
            "lastModificationDate": written(modified(row, now)),
            "durationMilliseconds": duration(row, now),
            "source": row["source"],
            "type": row["type"],
            "channelId": row["channel"],
            "isDrm": is_drm(row),
            "preset": own.get("preset"),
            "tokenRequiredPolicy": policy,
            "title": row["title"],
            "description": over.get("description"),
            "tags": row["tags"] if self._tag_names else [_tag(self._call, name) for name in row["tags"]],
            "attributes": row["attributes"] if self._plain else write_attributes(self._call, row["attributes"]),
            "images": self._images(over.get("images", {})),
            "chapters": self._chapters(row) if over.get("chapters") else [],
            "settings": settings,
        }
        if "start" in own:
            shown |= {"start": written(own["start"]), "end": written(own["end"])}
        if self._part == "update":
            shown["isWatermarkProtected"] = False
        return shown

    def _outputs(self, row: Row) -> list[dict[str, Any]]:
        own = row["own"]
        if row["type"] == "Vod":
            return list(assets.asset_view(self._vod, own)["outputs"])
        if row["type"] == "Recording":
            return outputs_view(self._call, own)
        channel = own if row["type"] == "LiveChannel" else row["channelRow"]
        if channel is None:
            return []
        known = self._endpoints.get(channel["id"])
        if known is None:
            known = self._endpoints[channel["id"]] = channel_endpoints(self._call, channel)
        return [{"id": "live", "status": "Available", "endpoints": known}]

    def _settings(self, own: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
        """Settings, and the token policy, which is one of them by another name (ledger VK-188)."""
        tenant = streaming_fixture()["tenant_settings"]
        settings = {name: {"asset": own.get(name, "Inherit"), "tenant": tenant[name]} for name in SETTINGS}
        policy = {who: _POLICIES[value] for who, value in settings["tokenRequired"].items()}
        if self._policy_lower:
            policy = {who: word.lower() for who, word in policy.items()}
        return settings, policy

    def _images(self, images: Mapping[str, Row]) -> dict[str, Any]:
        """Images with or without capitals (ledger VK-186)."""
        if self._small_letters:
            return dict(images)
        return {key: {name.capitalize(): value for name, value in image.items()} for key, image in images.items()}

    def _chapters(self, row: Row) -> list[dict[str, Any]]:
        """Chapters by start (ledger VK-187, VK-191)."""
        chapters = sorted(row["over"]["chapters"], key=lambda each: each["startSecond"])
        length, shown = duration(row, self._now), []
        for at, chapter in enumerate(chapters):
            end = chapter.get("endSecond")
            if end is None and self._filled:
                later = [each["startSecond"] for each in chapters[at + 1 :]]
                end = later[0] if later else length and max(length // 1000, chapter["startSecond"])
            shown.append(_chapter(chapter, end, short=self._short))
        return shown


def asset_view(call: Call, tenant: str, row: Row, *, part: str) -> dict[str, Any]:
    """One asset; *part* is ``list``, ``details`` or ``update``."""
    return Look(call, tenant, part).view(row)


def _tag(call: Call, name: str) -> dict[str, str]:
    return {"id": tag_id(call, name), "name": name}


def _chapter(chapter: Row, end: int | None, *, short: bool) -> dict[str, Any]:
    start_name, end_name = ("start", "end") if short else ("startSecond", "endSecond")
    shown = {"id": chapter["id"], "title": chapter["title"], start_name: chapter["startSecond"]}
    if end is not None:
        shown |= {end_name: end, "durationSeconds": end - chapter["startSecond"]}
    return shown
