"""Streaming: what can be played, its player, and what was played.

Document 002, Streaming. Assets are in `playables` and `asset_views`, images in `images`, analytics in `queries`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from testcard.apis.videokit.asset_views import SETTINGS, Look, asset_view, streaming_fixture, tag_id
from testcard.apis.videokit.common import TENANTS, Videokit, conflict, not_found, refuse, rows_of, tenant_of
from testcard.apis.videokit.edits import apply_labels
from testcard.apis.videokit.images import ImageOperations, new_images, playable_of
from testcard.apis.videokit.links import media_token, media_url
from testcard.apis.videokit.lists import (
    among,
    attributes_in,
    date_range,
    matching,
    number_range,
    ordered,
    page_of,
    tags_in,
    text_in,
)
from testcard.apis.videokit.playables import Playables, duration, is_drm, modified, span, status
from testcard.apis.videokit.playback_rows import playback_tables
from testcard.apis.videokit.queries import AnalyticsOperations
from testcard.apis.videokit.records import Kind, Row, millis, new_id
from testcard.apis.videokit.searches import either_or_both, overlapping
from testcard.exchange import Call, Reply, heavy
from testcard.seed import uuid_from
from testcard.world.clock import parse_instant
from testcard.world.credentials import Credential
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Streaming"]

_POLICIES = {"Inherit": "Inherit", "True": "Enabled", "False": "Disabled"}
_FLAGS = {"muted": "muted", "autoplay": "autoplay", "time_shift": "timeShift", "analytics": "analytics"}


def _story_domains(world: World, _tenant: str) -> list[Row]:
    given = streaming_fixture()
    since = millis(parse_instant(given["domains_since"]))
    return [
        {
            "id": uuid_from(world.seed, "player domain", url),
            "analytics": uuid_from(world.seed, "analytics domain", url),
            "url": url,
            "created": since,
        }
        for url in given["domains"]
    ]


DOMAINS = Kind("domains", story=_story_domains)


class Streaming(AnalyticsOperations, ImageOperations, Videokit):
    """The 32 operations of streaming, and the files behind addresses."""

    contract: ClassVar[str] = "videokit/streaming"

    @property
    def tables(self) -> Mapping[str, Table]:
        """Explicit sessions and ad impressions, by attribute."""
        return playback_tables()

    def open(self, world: World) -> None:
        """Beside tenants and keys: links carry a token that leads to this world."""
        super().open(world)
        token = media_token(world)
        if world.credentials.find("videokit", "media", token) is None:
            holder = world.credentials.holders("videokit")[0].name
            world.credentials.issue(Credential("videokit", "media", token, holder, world.now(), lasting=True))

    def list_streaming_assets(
        self,
        call: Call,
        *,
        limit: int,
        page: int,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: Sequence[str] | None,
        channel_id: str | None,
        is_drm: bool | None,
        source: str | None,
        status: str | None,
        type: str | None,  # noqa: A002 - the parameter's name
        duration_from: int | None,
        duration_to: int | None,
        search_start: datetime | None,
        search_end: datetime | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_start: datetime | None,
        last_modification_date_end: datetime | None,
        channels: Sequence[str] | None,
        statuses: Sequence[str] | None,
        types: Sequence[str] | None,
        tags: Sequence[str] | None,
        attributes: Sequence[str] | None,
    ) -> dict[str, Any]:
        """One page of everything that can be played."""
        playables = Playables(call.world, tenant_of(call))
        obeyed = source if call.reading("VK-199") == "honoured" else None
        conditions = [
            *text_in(call, query, playables.kind),
            *among("id", ids, lambda row, _: row["id"]),
            *either_or_both(call, "channel", channel_id, channels, lambda row, _: row["channel"]),
            *either_or_both(call, "status", status, statuses, _status),
            *either_or_both(call, "type", type, types, lambda row, _: row["type"]),
            *matching("drm", is_drm, _is_drm),
            *matching("source", obeyed, lambda row, _: row["source"]),
            *number_range("duration", duration_from, duration_to, duration),
            *overlapping("span", search_start, search_end, span),
            *date_range(call, "created", create_date_start, create_date_end, lambda row, _: row["created"]),
            *date_range(call, "modified", last_modification_date_start, last_modification_date_end, modified),
            *tags_in(call, tags),
            *attributes_in(call, attributes),
        ]
        rows = ordered(call, playables, conditions, sort, desc)
        return page_of(call, rows, limit, page, Look(call, tenant_of(call), "list").view)

    def get_streaming_asset(self, call: Call, *, asset_id: str) -> dict[str, Any]:
        """One asset."""
        _, row = playable_of(call, asset_id)
        return asset_view(call, tenant_of(call), row, part="details")

    def update_streaming_asset(self, call: Call, *, asset_id: str, body: Row) -> dict[str, Any]:
        """Change the fields that are sent."""
        playables, row = playable_of(call, asset_id)
        own: Row = {"metadata": row["metadata"], "tags": row["tags"], "attributes": row["attributes"]}
        apply_labels(call, own, {name: body[name] for name in ("tags", "attributes") if name in body})
        del own["metadata"]
        if "title" in body and call.reading("VK-189") == "applied":
            own["title"] = body["title"]
        over: Row = {"description": body["description"]} if "description" in body else {}
        if "tokenRequiredPolicy" in body:
            policy = _POLICIES[body["tokenRequiredPolicy"]]
            over["settings"] = {**row["over"].get("settings", {}), "tokenRequired": policy}
        if "images" in body:
            over["images"] = {**row["over"].get("images", {}), **new_images(call, body["images"])}
        if "chapters" in body:
            over["chapters"] = _new_chapters(call, body["chapters"])
        changed = playables.write(row, over, **own)
        return asset_view(call, tenant_of(call), changed, part="update")

    def update_streaming_asset_settings(self, call: Call, *, asset_id: str, body: Row) -> dict[str, Any]:
        """Change how the player treats an asset."""
        playables, row = playable_of(call, asset_id)
        sent = {name: body[name] for name in SETTINGS if name in body}
        changed = playables.write(row, {"settings": {**row["over"].get("settings", {}), **sent}})
        return asset_view(call, tenant_of(call), changed, part="details")

    def delete_asset_chapter(self, call: Call, *, asset_id: str, chapter_id: str) -> Reply:
        """Delete one chapter."""
        playables, row = playable_of(call, asset_id)
        chapters = row["over"].get("chapters", [])
        left = [each for each in chapters if each["id"] != chapter_id]
        if len(left) == len(chapters):
            not_found("chapter", chapter_id)
        playables.write(row, {"chapters": left})
        return Reply(200)

    def create_asset_chapters(self, call: Call, *, asset_id: str, body: Row) -> Reply:
        """Give an asset chapters (ledger VK-190)."""
        playables, row = playable_of(call, asset_id)
        old = row["over"].get("chapters", []) if call.reading("VK-190") == "added" else []
        playables.write(row, {"chapters": [*old, *_new_chapters(call, body.get("chapters", []))]})
        return Reply(200)

    def list_domains(self, call: Call) -> list[dict[str, Any]]:
        """All domains the player may run on."""
        now = call.world.clock.now_ms()
        return [_domain_view(row) for row in rows_of(call, DOMAINS).rows() if row["created"] <= now]

    def add_domain(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Let the player run on one more domain."""
        domains, url = rows_of(call, DOMAINS), body["url"]
        if any(_same_domain(row["url"], url) for row in domains.rows()):
            conflict(f"the domain is on the list: {url}")
        row = {"id": new_id(call.world), "analytics": new_id(call.world), "url": url}
        return _domain_view(domains.put({**row, "created": call.world.clock.now_ms()}))

    def delete_domain(self, call: Call, *, player_domain_id: str | None, analytics_domain_id: str | None) -> Reply:
        """Take a domain off the list (ledger VK-192)."""
        sent = {"id": player_domain_id, "analytics": analytics_domain_id}
        given = {name: value for name, value in sent.items() if value is not None}
        if len(given) < (2 if call.reading("VK-192") == "both" else 1):
            refuse(400, "query 'playerDomainId' and 'analyticsDomainId': the domain must be named")
        domains = rows_of(call, DOMAINS)
        matching_both = (row for row in domains.rows() if all(row[name] == value for name, value in given.items()))
        row = next(matching_both, None) or not_found("domain", ", ".join(given.values()))
        domains.delete(row["id"])
        return Reply(200)

    def get_qr_code(
        self,
        call: Call,
        *,
        id: str,  # noqa: A002 - the parameter's name
        muted: bool | None,
        autoplay: bool | None,
        time_shift: bool | None,
        analytics: bool | None,
    ) -> Reply:
        """A picture that leads to the asset's player, with the flags that were given (ledger VK-196)."""
        from testcard.apis.videokit.pictures import qr_code

        playable_of(call, id)
        flags = {"muted": muted, "autoplay": autoplay, "time_shift": time_shift, "analytics": analytics}
        given = {_FLAGS[name]: value for name, value in flags.items() if value is not None}
        if call.reading("VK-196") == "false":
            given = {written: bool(flags[name]) for name, written in _FLAGS.items()}
        query = urlencode({name: str(value).lower() for name, value in given.items()})
        link = media_url(call, "player", id) + (f"?{query}" if query else "")
        return Reply.raw(qr_code(link), "image/png")

    def get_streaming_settings(self, call: Call) -> dict[str, Any]:
        """How the tenant's player is set up; nothing in it opens anything (ledger VK-197)."""
        given, tenant = streaming_fixture(), call.world.store.get(TENANTS, tenant_of(call))
        key = given["signing_key"] if call.reading("VK-197") == "shown" else None
        signing = {"signingKey": key, "signingAlgorithm": given["algorithm"]}
        on = {name: value == "Enabled" for name, value in given["tenant_settings"].items()}
        licence = {"key": uuid_from(call.world.seed, "player licence"), "maxImpressions": given["max_impressions"]}
        licence |= {"impressions": 0}
        return {
            "tenantId": tenant["id"],
            "tenantName": tenant["name"],
            "playerEncryptedData": given["encrypted"],
            "contentAcquisitionInfo": {
                "acquireContentUrl": media_url(call, "acquirecontent"),
                "sourceConfigUrl": media_url(call, "sourceconfig"),
                "authorization": {"tokenRequiredPolicy": on["tokenRequired"], **signing},
            },
            "licenseAcquisitionInfo": {
                "enabled": True,
                "authorization": signing,
                "endpoints": [
                    {
                        "licenseUrl": media_url(call, "licence", each["path"]),
                        "systemName": each["systemName"],
                        "systemId": each["systemId"],
                    }
                    for each in given["drm"]
                ],
            },
            "bitmovinPlayerInfo": {
                "embedUrl": media_url(call, "player"),
                "sourceConfigUrl": media_url(call, "sourceconfig"),
                "playerLicense": {**licence, "id": uuid_from(call.world.seed, "player licence id")},
                "analyticsLicense": {**licence, "key": uuid_from(call.world.seed, "analytics licence")},
            },
            "capInfo": {"enabled": on["cap"], "capUrl": media_url(call, "heartbeat", tenant["id"]), "signingKey": key},
            "allowedDomains": self.list_domains(call),
            "playerConfigInfo": {name: on[name] for name in ("devToolsAccess", "analytics", "codeObfuscation")},
        }

    def delete_asset_tag(self, call: Call, *, asset_id: str, tag: str) -> Reply:
        """Take one tag off an asset (ledger VK-198)."""
        playables, row = playable_of(call, asset_id)
        rule = call.reading("VK-198")
        left = [
            name
            for name in row["tags"]
            if not ((rule != "id" and name == tag) or (rule != "name" and tag_id(call, name) == tag))
        ]
        if len(left) == len(row["tags"]):
            not_found("tag", tag)
        playables.write(row, {}, tags=left)
        return Reply(200)

    def add_asset_tags(self, call: Call, *, asset_id: str, body: Row) -> Reply:
        """Put tags on an asset, each once."""
        playables, row = playable_of(call, asset_id)
        names = [each["name"] for each in body["tags"]]
        playables.write(row, {}, tags=list(dict.fromkeys([*row["tags"], *names])))
        return Reply(200)

    @heavy
    def get_media(self, call: Call, *, token: str, key: str) -> Reply:
        """What lies behind an address."""
        from testcard.apis.videokit.playout import file_behind

        with call.world.lock:
            found = file_behind(call.world, key) if token == media_token(call.world) else None
        if found is None:
            not_found("file", key)
        return Reply.raw(found.body, found.media)


def _status(row: Row, now: int) -> str:
    return status(row, now)


def _is_drm(row: Row, _now: int) -> bool:
    return is_drm(row)


def _new_chapters(call: Call, sent: Sequence[Row]) -> list[Row]:
    for at, each in enumerate(sent):
        if each.get("endSecond", each["startSecond"]) < each["startSecond"]:
            refuse(400, f"body '/chapters/{at}/endSecond': lies before the start")
    kept = ("title", "startSecond", "endSecond")
    return [{"id": new_id(call.world), **{name: each[name] for name in kept if name in each}} for each in sent]


def _domain_view(row: Row) -> dict[str, Any]:
    return {"playerDomainId": row["id"], "analyticsDomainId": row["analytics"], "url": row["url"]}


def _same_domain(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()
