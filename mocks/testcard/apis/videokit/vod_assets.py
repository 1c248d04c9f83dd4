"""VOD's assets and their outputs: eight operations. Document 002, VOD."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from testcard.apis.videokit import assets
from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.common import conflict, not_found, refuse, rows_of, tenant_of
from testcard.apis.videokit.edits import created
from testcard.apis.videokit.files import FILES
from testcard.apis.videokit.lists import (
    among,
    attributes_in,
    date_range,
    number_range,
    ordered,
    page_of,
    tags_in,
    text_in,
    write_attributes,
)
from testcard.apis.videokit.records import Row, millis, new_id
from testcard.apis.videokit.vod_rows import asset_of, changed, completed, deleted, file_of
from testcard.exchange import Call, Refused, Reply
from testcard.world.clock import parse_instant
from testcard.world.world import World

__all__ = ["AssetOperations", "begin_waiting"]


class AssetOperations:
    """What is made of files."""

    def create_vod_asset(self, call: Call, *, body: Row) -> Reply:
        """Begin to transcode files that are uploaded; ready after a while of the world's time."""
        sources = [_source(call, each) for each in body["transcodedSources"]]
        preset = _preset(call, body["preset"])
        world, now = call.world, call.world.clock.now_ms()
        inputs = [file_of(call, source["fileId"]) for source in sources]
        row = assets.new_asset(new_id(world), preset["name"], now)
        row |= {"title": body.get("title"), "metadata": body.get("metadata") or {}, "sources": sources}
        row["outputs"] = [assets.new_output(new_id(world), preset["name"], now, None)]
        for file in inputs:
            file["assets"][row["id"]] = 1
        _start_when_complete(world, row, inputs)
        rows_of(call, ASSETS).put(row)
        return created(call, {"id": row["id"]})

    def list_vod_assets(
        self,
        call: Call,
        *,
        statuses: list[str] | None,
        limit: int,
        page: int,
        file_id: str | None,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: list[str] | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_start: datetime | None,
        last_modification_date_end: datetime | None,
        duration_from: int | None,
        duration_to: int | None,
        presets: list[str] | None,
        tags: list[str] | None,
        attributes: list[str] | None,
    ) -> dict[str, Any]:
        """A page of the assets that satisfy every filter."""
        unit = 1000 if call.reading("VK-039") == "seconds" else 1
        low, high = (None if bound is None else bound * unit for bound in (duration_from, duration_to))
        one_file = None if file_id is None else [file_id]
        conditions = [
            *among("statuses", statuses, assets.status_of),
            *among("fileId", one_file, lambda row, _: [source["fileId"] for source in row["sources"]]),
            *text_in(call, query, ASSETS),
            *among("ids", ids, lambda row, _: row["id"]),
            *date_range(call, "created", create_date_start, create_date_end, lambda row, _: row["created"]),
            *date_range(call, "modified", last_modification_date_start, last_modification_date_end, assets.modified_at),
            *number_range("duration", low, high, ASSETS.sorts["duration"]),
            *among("presets", presets, lambda row, _: row["preset"]),
            *tags_in(call, tags),
            *attributes_in(call, attributes),
        ]
        rows = ordered(call, rows_of(call, ASSETS), conditions, sort, desc)
        view = assets.view_for(call, tenant_of(call))
        shown = assets.summary_view if call.reading("VK-033") == "summary" else assets.asset_view
        return page_of(call, rows, limit, page, lambda row: shown(view, row))

    def get_vod_asset(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 - the parameter's name
        """The whole asset."""
        return assets.asset_view(assets.view_for(call, tenant_of(call)), asset_of(call, id))

    def update_vod_asset(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change what is sent, and answer with the short form of this page (ledger VK-041)."""
        row = changed(call, asset_of(call, id), body, ("title",))
        rows_of(call, ASSETS).put(row)
        shown = assets.summary_view(assets.view_for(call, tenant_of(call)), row)
        del shown["preset"]
        shown |= {"metadata": row["metadata"], "tags": row["tags"]}
        return shown | {"attributes": write_attributes(call, row["attributes"])}

    def delete_vod_asset(self, call: Call, *, id: str) -> None:  # noqa: A002
        """Delete an asset; its files stay."""
        _delete_asset(call, asset_of(call, id))

    def delete_vod_assets(self, call: Call, *, body: list[str]) -> dict[str, Any]:
        """Delete several, each with its own result."""
        return {each: deleted(call, each, "Asset", asset_of, _delete_asset) for each in dict.fromkeys(body)}

    def add_vod_output(self, call: Call, *, id: str, body: Row) -> Reply:  # noqa: A002
        """Transcode an asset once more; harvested endpoints are ready at once (ledger VK-056)."""
        row, preset = asset_of(call, id), _preset(call, body["preset"])
        now = call.world.clock.now_ms()
        listed = assets.live_outputs(call.world, row, now)
        identity = _output_id(call, body, preset["name"], {each["id"] for each in listed})
        expires = _expiry(body.get("expirationDate"), now)
        harvested = body.get("harvestedEndpointInfos")
        start = max(now, row["ready"]) if row["ready"] is not None else None
        ready = None if start is None else start + assets.transcoding_ms(call.world, row["duration"])
        output = assets.new_output(identity, preset["name"], now, now if harvested else ready)
        output |= {"expires": expires, "endpoints": harvested or None}
        changed = row | {"outputs": [*listed, output], "modified": now}
        rows_of(call, ASSETS).put(changed)
        return created(call, {"outputId": identity})

    def remove_vod_output(self, call: Call, *, id: str, output_id: str) -> None:  # noqa: A002
        """Delete one output."""
        row, now = asset_of(call, id), call.world.clock.now_ms()
        listed = assets.live_outputs(call.world, row, now)
        kept = [each for each in listed if each["id"] != output_id]
        if len(kept) == len(listed):
            not_found("output", output_id)
        rows_of(call, ASSETS).put(row | {"outputs": kept, "modified": now})


def begin_waiting(call: Call, file: Row) -> None:
    """Begin the assets that waited for a file."""
    waiting, known = rows_of(call, ASSETS), rows_of(call, FILES)
    for identity in file["assets"]:
        asset = waiting.get(identity)
        if asset is not None and asset["ready"] is None:
            inputs = [known.get(source["fileId"]) for source in asset["sources"]]
            _start_when_complete(call.world, asset, [each for each in inputs if each is not None])
            waiting.put(asset)


def _preset(call: Call, name: str) -> dict[str, Any]:
    found = assets.preset_named(name)
    if found is None:
        refuse(400 if call.reading("VK-031") == "bad-request" else 404, f"preset not found: {name}")
    return found


def _source(call: Call, given: Row) -> Row:
    """A source of a new asset, with the tracks that are taken when none are named (ledger VK-079)."""
    try:
        file = file_of(call, given["fileId"])
    except Refused as refused:
        if call.reading("VK-031") == "bad-request":
            refuse(400, refused.message)
        raise
    if file["status"] == "Error" or (file["status"] == "Uploading" and call.reading("VK-032") == "refused"):
        completed(file)
    tracks = given.get("transcodingTracks")
    if tracks is None:
        tracks = file["tracks"]
        if call.reading("VK-079") == "first-video":
            tracks = [track for track in tracks if track["type"] == "Video"][:1]
    flag = given.get("fileTypesFlag") or file["type"]
    return {"fileId": file["id"], "transcodingTracks": tracks, "fileTypesFlag": flag}


def _start_when_complete(world: World, row: Row, inputs: Sequence[Row]) -> None:
    """Set when the asset will be ready, if all its inputs are complete."""
    if any(file["status"] != "Completed" for file in inputs):
        return
    row["duration"] = max((file["duration"] for file in inputs), default=0)
    row["ready"] = world.clock.now_ms() + assets.transcoding_ms(world, row["duration"])
    for output in row["outputs"]:
        if output["ready"] is None:
            output["ready"] = row["ready"]


def _delete_asset(call: Call, row: Row) -> None:
    known = rows_of(call, FILES)
    for source in row["sources"]:
        file = known.get(source["fileId"])
        if file is not None:
            file["assets"].pop(row["id"], None)
    rows_of(call, ASSETS).delete(row["id"])


def _output_id(call: Call, body: Row, preset: str, taken: set[str]) -> str:
    """The id asked for, or a new one (ledger VK-051, VK-052)."""
    asked = body.get("id")
    if asked is not None:
        if asked in taken:
            conflict(f"output {asked} exists already")
        return str(asked)
    if call.reading("VK-052") == "uuid":
        return new_id(call.world)
    names = [preset, *(f"{preset}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _expiry(text: str | None, now: int) -> int | None:
    if text is None:
        return None
    moment = millis(parse_instant(text))
    if moment <= now:
        refuse(400, f"body '/expirationDate': {text} is in the past")
    return moment
