"""VOD: assets made of files, their outputs, the files themselves, and their uploads.

Document 002, VOD. Rows are in `assets` and `files`, bytes in `uploads`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from testcard.apis.videokit import assets, files, uploads
from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.common import (
    Videokit,
    conflict,
    not_found,
    refuse,
    rows_of,
    service_response,
    tenant_of,
)
from testcard.apis.videokit.files import FILES
from testcard.apis.videokit.lists import (
    among,
    attributes_in,
    date_range,
    number_range,
    ordered,
    page_of,
    plain_attribute,
    tags_in,
    text_in,
    write_attributes,
)
from testcard.apis.videokit.records import Kind, Row, collection, fixture, millis, new_id, stamp, tenant_ids
from testcard.apis.videokit.tracks import detect, plausible
from testcard.contract import open_contract
from testcard.exchange import Call, Refused, Reply, heavy
from testcard.world.clock import parse_instant
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Vod"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PART_SIZES = {"fifty-million": 50_000_000, "five-mebibytes": 5 << 20}
_MOST_PARTS = 10_000


class Vod(Videokit):
    """The 21 operations of VOD."""

    contract: ClassVar[str] = "videokit/vod"

    @property
    def tables(self) -> Mapping[str, Table]:  # type: ignore[override]
        """Explicit assets and files, in the fields of their details."""
        return _tables()

    def create_vod_asset(self, call: Call, *, body: Row) -> Reply:
        """Begin to transcode files that are uploaded; ready after a while of the world's time."""
        sources = [_source(call, each) for each in body["transcodedSources"]]
        preset = _preset(call, body["preset"])
        world, now = call.world, call.world.clock.now_ms()
        inputs = [_file(call, source["fileId"]) for source in sources]
        row = assets.new_asset(new_id(world), preset["name"], now)
        row |= {"title": body.get("title"), "metadata": body.get("metadata") or {}, "sources": sources}
        row["outputs"] = [assets.new_output(new_id(world), preset["name"], now, None)]
        for file in inputs:
            file["assets"][row["id"]] = 1
        _start_when_complete(world, row, inputs)
        rows_of(call, ASSETS).put(row)
        return _created(call, {"id": row["id"]})

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
        return assets.asset_view(assets.view_for(call, tenant_of(call)), _asset(call, id))

    def update_vod_asset(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change what is sent, and answer with the short form of this page (ledger VK-041)."""
        row = _change(call, _asset(call, id), body, ("title",))
        rows_of(call, ASSETS).put(row)
        shown = assets.summary_view(assets.view_for(call, tenant_of(call)), row)
        del shown["preset"]
        shown |= {"metadata": row["metadata"], "tags": row["tags"]}
        return shown | {"attributes": write_attributes(call, row["attributes"])}

    def delete_vod_asset(self, call: Call, *, id: str) -> None:  # noqa: A002
        """Delete an asset; its files stay."""
        _delete_asset(call, _asset(call, id))

    def delete_vod_assets(self, call: Call, *, body: list[str]) -> dict[str, Any]:
        """Delete several, each with its own result."""
        return {each: _deleted(call, each, "Asset", _asset, _delete_asset) for each in dict.fromkeys(body)}

    def add_vod_output(self, call: Call, *, id: str, body: Row) -> Reply:  # noqa: A002
        """Transcode an asset once more; harvested endpoints are ready at once (ledger VK-056)."""
        row, preset = _asset(call, id), _preset(call, body["preset"])
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
        return _created(call, {"outputId": identity})

    def remove_vod_output(self, call: Call, *, id: str, output_id: str) -> None:  # noqa: A002
        """Delete one output."""
        row, now = _asset(call, id), call.world.clock.now_ms()
        listed = assets.live_outputs(call.world, row, now)
        kept = [each for each in listed if each["id"] != output_id]
        if len(kept) == len(listed):
            not_found("output", output_id)
        rows_of(call, ASSETS).put(row | {"outputs": kept, "modified": now})

    def delete_file(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """Delete a file that no asset uses (ledger VK-045, VK-047)."""
        row = _file(call, id)
        _delete_file(call, row)
        return {"deletedFileKey": row["id"] if call.reading("VK-047") == "file-id" else row["key"]}

    def get_file(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The whole file."""
        return _shown_file(call, _file(call, id))

    def update_file(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change what is sent, and answer with the short form of this page (ledger VK-042)."""
        names = [name for name in ("name", "friendlyName") if body.get(name) is not None]
        row = _change(call, _file(call, id), body, names)
        rows_of(call, FILES).put(row)
        return files.short_file_view(call.world, row, write_attributes(call, row["attributes"]))

    def delete_files(self, call: Call, *, body: list[str]) -> dict[str, Any]:
        """Delete several, each with its own result."""
        return {each: _deleted(call, each, "File", _file, _delete_file) for each in dict.fromkeys(body)}

    def list_files(
        self,
        call: Call,
        *,
        limit: int,
        page: int,
        file_type: str | None,
        status: str | None,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: list[str] | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_start: datetime | None,
        last_modification_date_end: datetime | None,
        statuses: list[str] | None,
        tags: list[str] | None,
        attributes: list[str] | None,
    ) -> dict[str, Any]:
        """A page of the files that satisfy every filter; status and statuses both count (ledger VK-057)."""
        conditions = [
            *among("fileType", None if file_type is None else [file_type], lambda row, _: files.file_types(row)),
            *among("status", None if status is None else [status], lambda row, _: row["status"]),
            *among("statuses", statuses, lambda row, _: row["status"]),
            *text_in(call, query, FILES),
            *among("ids", ids, lambda row, _: row["id"]),
            *date_range(call, "created", create_date_start, create_date_end, lambda row, _: row["created"]),
            *date_range(
                call,
                "modified",
                last_modification_date_start,
                last_modification_date_end,
                lambda row, _: row["modified"],
            ),
            *tags_in(call, tags),
            *attributes_in(call, attributes),
        ]
        rows = ordered(call, rows_of(call, FILES), conditions, sort, desc)
        return page_of(call, rows, limit, page, lambda row: _listed_file(call, row))

    def get_file_preview_url(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """A link to the file's bytes that expires (ledger VK-063)."""
        row = _completed(_file(call, id))
        life = 3600 if call.reading("VK-063") == "hour" else 86_400
        ends = (call.world.clock.now_ms() // 1000 + life) * 1000  # a link is signed to the second
        return {"link": uploads.object_link(call, row["key"], life), "expirationDate": stamp(call.world, ends)}

    def start_file_upload(self, call: Call, *, body: Row) -> Reply:
        """Begin an upload: the links for its first parts, the others on demand."""
        size, part_size = int(body["fileSize"]), _PART_SIZES[call.reading("VK-069")]
        if size > part_size * _MOST_PARTS:
            refuse(400, f"body '/fileSize': {size} bytes are more than {_MOST_PARTS} parts of {part_size}")
        world, now = call.world, call.world.clock.now_ms()
        row = files.file_row(new_id(world), tenant_of(call), body["name"], size, now)
        row |= {"friendlyName": body["friendlyName"], "metadata": body.get("metadata") or {}}
        upload = uploads.begin_upload(world, row["key"], size, part_size)
        row["upload"] = upload["id"]
        rows_of(call, FILES).put(row)
        answer = {"fileId": row["id"], "multipartUrls": uploads.part_urls(call, upload), "fileKey": row["key"]}
        answer |= {name: upload[name] for name in ("partSize", "lastPartSize", "partsCount")}
        if call.reading("VK-067") == "present":
            answer["uploadId"] = upload["id"]
        return _created(call, answer)

    def get_file_part_url(self, call: Call, *, id: str, part_number: int) -> dict[str, Any]:  # noqa: A002
        """The link to which one part is put."""
        return {"url": uploads.part_url(call, _open_upload(call, _file(call, id)), part_number)}

    @heavy
    def complete_file_upload(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Put the parts together and look for tracks; assets that waited for the file are begun."""
        with call.world.lock:
            row = _file(call, body["fileId"])
            upload = _open_upload(call, row)
            if body.get("uploadId") not in (None, upload["id"]):
                refuse(404, f"upload not found: {body['uploadId']}")
            uploads.complete_upload(call, upload, body["parts"])
        tracks, duration = _detected(call, row)
        with call.world.lock:
            row |= {"status": "Completed", "upload": None, "tracks": tracks, "duration": duration}
            row["modified"] = call.world.clock.now_ms()
            rows_of(call, FILES).put(row)
            _begin_waiting(call, row)
        return {"fileId": row["id"], "fileKey": row["key"]}

    def cancel_file_upload(self, call: Call, *, id: str, delete: bool | None, body: Row | None) -> Reply:  # noqa: A002
        """Give an upload up; delete its file, or leave it in status Error (ledger VK-074)."""
        row = _file(call, id)
        uploads.drop_upload(call.world, _open_upload(call, row)["id"])
        now = call.world.clock.now_ms()
        waiting = rows_of(call, ASSETS)
        for identity in row["assets"]:
            asset = waiting.get(identity)
            if asset is not None and asset["ready"] is None:
                waiting.put(asset | {"state": "Error", "modified": now})
        if delete or (body or {}).get("delete"):
            rows_of(call, FILES).delete(row["id"])
        else:
            rows_of(call, FILES).put(row | {"status": "Error", "upload": None, "modified": now})
        return Reply(200 if call.reading("VK-029") == "ok" else 204)

    @heavy
    def detect_file_tracks(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """Look into a complete file for its tracks, and remember them."""
        with call.world.lock:
            row = _completed(_file(call, id))
        tracks, duration = _detected(call, row)
        with call.world.lock:
            rows_of(call, FILES).put(row | {"tracks": tracks, "duration": duration})
            return {"tracks": _shown_file(call, row | {"tracks": tracks})["tracks"]}

    def list_file_types(self, call: Call) -> dict[str, Any]:
        """Extensions by type."""
        return {"fileTypes": fixture()["file_types"]}

    def list_languages(self, call: Call) -> dict[str, Any]:
        """Language codes."""
        return {"languages": fixture()["languages"]}


def _created(call: Call, data: dict[str, Any]) -> Reply:
    return Reply.json(data, 201 if call.reading("VK-028") == "created" else 200)


def _row(call: Call, kind: Kind, what: str, identity: str) -> Row:
    """The row of that id; what is no UUID is refused when ids must be UUIDs (ledger VK-044)."""
    if call.reading("VK-044") == "uuid" and not _UUID.fullmatch(identity):
        refuse(400, f"{what} id {identity!r} is not a UUID")
    found = rows_of(call, kind).get(identity)
    if found is None:
        not_found(what, identity)
    return found


def _asset(call: Call, identity: str) -> Row:
    return _row(call, ASSETS, "asset", identity)


def _file(call: Call, identity: str) -> Row:
    return _row(call, FILES, "file", identity)


def _completed(row: Row) -> Row:
    if row["status"] != "Completed":
        conflict(f"file {row['id']} is not complete: its status is {row['status']}")
    return row


def _open_upload(call: Call, row: Row) -> Row:
    upload = uploads.upload_of(call.world, row["upload"] or "")
    if upload is None:
        conflict(f"the upload of file {row['id']} is over: its status is {row['status']}")
    return upload


def _preset(call: Call, name: str) -> dict[str, Any]:
    found = assets.preset_named(name)
    if found is None:
        refuse(400 if call.reading("VK-031") == "bad-request" else 404, f"preset not found: {name}")
    return found


def _source(call: Call, given: Row) -> Row:
    """A source of a new asset, with the tracks that are taken when none are named (ledger VK-079)."""
    try:
        file = _file(call, given["fileId"])
    except Refused as refused:
        if call.reading("VK-031") == "bad-request":
            refuse(400, refused.message)
        raise
    if file["status"] == "Error" or (file["status"] == "Uploading" and call.reading("VK-032") == "refused"):
        _completed(file)
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


def _begin_waiting(call: Call, file: Row) -> None:
    """Begin the assets that waited for a file."""
    waiting, known = rows_of(call, ASSETS), rows_of(call, FILES)
    for identity in file["assets"]:
        asset = waiting.get(identity)
        if asset is not None and asset["ready"] is None:
            inputs = [known.get(source["fileId"]) for source in asset["sources"]]
            _start_when_complete(call.world, asset, [each for each in inputs if each is not None])
            waiting.put(asset)


def _change(call: Call, row: Row, body: Row, fields: Sequence[str]) -> Row:
    """The row with what a PATCH sends (ledger VK-023, VK-024, VK-025)."""
    changed = row | {name: body[name] for name in fields if name in body}
    if "metadata" in body:
        sent = body["metadata"] or {}
        merged = row["metadata"] | sent if call.reading("VK-023") == "merge" and body["metadata"] is not None else sent
        changed["metadata"] = {key: value for key, value in merged.items() if value is not None}
    for name in ("tags", "attributes"):
        if name in body:
            sent = body[name] or []
            texts = [plain_attribute(text) for text in sent] if name == "attributes" else sent
            before = row[name] if call.reading("VK-024") == "add" and body[name] is not None else []
            changed[name] = list(dict.fromkeys([*before, *texts]))
    changed["modified"] = call.world.clock.now_ms()
    return changed


def _delete_asset(call: Call, row: Row) -> None:
    known = rows_of(call, FILES)
    for source in row["sources"]:
        file = known.get(source["fileId"])
        if file is not None:
            file["assets"].pop(row["id"], None)
    rows_of(call, ASSETS).delete(row["id"])


def _delete_file(call: Call, row: Row) -> None:
    if row["assets"] and call.reading("VK-045") == "refused":
        some = ", ".join(list(row["assets"])[:3])
        conflict(f"file {row['id']} is used by {len(row['assets'])} assets: {some}")
    if row["upload"]:
        uploads.drop_upload(call.world, row["upload"])
    uploads.drop_object(call.world, row["key"])
    rows_of(call, FILES).delete(row["id"])


def _deleted(call: Call, identity: str, what: str, find: Any, delete: Any) -> dict[str, Any]:
    """Delete one of many, and say how it went (ledger VK-048)."""
    try:
        delete(call, find(call, identity))
    except Refused as refused:
        if refused.status != 404 or call.reading("VK-048") == "not-found":
            return service_response(call, refused.message, failed=refused.status)
    return service_response(call, f"{what} deleted successfully")


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


def _detected(call: Call, row: Row) -> tuple[list[dict[str, Any]], int]:
    """Tracks and duration by the file's bytes, or what it would have (ledger VK-077)."""
    with call.world.lock:
        file = uploads.object_file(call.world, row["key"])
    found = detect(file) if file else None
    if found is not None:
        return found
    return plausible(row["type"], row["size"]) if call.reading("VK-077") == "plausible" else ([], 0)


def _shown_file(call: Call, row: Row) -> dict[str, Any]:
    return files.file_view(call.world, tenant_of(call), row, write_attributes(call, row["attributes"]))


def _listed_file(call: Call, row: Row) -> dict[str, Any]:
    if call.reading("VK-058") == "full":
        return _shown_file(call, row)
    return files.short_file_view(call.world, row, write_attributes(call, row["attributes"]))


def _tables() -> dict[str, Table]:
    schemas = open_contract("videokit/vod").document["components"]["schemas"]

    def schema(name: str) -> dict[str, Any]:
        loose = {key: value for key, value in schemas[name].items() if key != "required"}
        return {**loose, "additionalProperties": False, "components": {"schemas": schemas}}

    def read_assets(world: World) -> list[Row]:
        tenant = tenant_ids(world)[0]
        view = assets.View(world, tenant, "{}/{}".format, list)
        return [assets.asset_view(view, row) for row in collection(world, tenant, ASSETS).rows()]

    def read_files(world: World) -> list[Row]:
        tenant = tenant_ids(world)[0]
        rows = collection(world, tenant, FILES).rows()
        return [files.file_view(world, tenant, row, row["attributes"]) for row in rows]

    return {
        "assets": Table("assets", schema("VodAsset"), assets.fill_asset, read_assets),
        "files": Table("files", schema("UploadedFile"), files.fill_file, read_files),
    }
