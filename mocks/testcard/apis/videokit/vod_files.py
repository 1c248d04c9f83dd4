"""VOD's files and their uploads: thirteen operations. Document 002, VOD."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from testcard.apis.videokit import files, uploads
from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.common import conflict, refuse, rows_of, tenant_of
from testcard.apis.videokit.edits import created
from testcard.apis.videokit.files import FILES
from testcard.apis.videokit.lists import (
    among,
    attributes_in,
    date_range,
    ordered,
    page_of,
    tags_in,
    text_in,
    write_attributes,
)
from testcard.apis.videokit.records import Row, fixture, new_id, stamp
from testcard.apis.videokit.tracks import detect, plausible
from testcard.apis.videokit.vod_assets import begin_waiting
from testcard.apis.videokit.vod_rows import changed, completed, deleted, file_of
from testcard.exchange import Call, Reply, heavy

__all__ = ["FileOperations"]

_PART_SIZES = {"fifty-million": 50_000_000, "five-mebibytes": 5 << 20}
_MOST_PARTS = 10_000


class FileOperations:
    """What is uploaded."""

    def delete_file(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """Delete a file that no asset uses (ledger VK-045, VK-047)."""
        row = file_of(call, id)
        _delete_file(call, row)
        return {"deletedFileKey": row["id"] if call.reading("VK-047") == "file-id" else row["key"]}

    def get_file(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The whole file."""
        return _shown_file(call, file_of(call, id))

    def update_file(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Change what is sent, and answer with the short form of this page (ledger VK-042)."""
        names = [name for name in ("name", "friendlyName") if body.get(name) is not None]
        row = changed(call, file_of(call, id), body, names)
        rows_of(call, FILES).put(row)
        return files.short_file_view(call.world, row, write_attributes(call, row["attributes"]))

    def delete_files(self, call: Call, *, body: list[str]) -> dict[str, Any]:
        """Delete several, each with its own result."""
        return {each: deleted(call, each, "File", file_of, _delete_file) for each in dict.fromkeys(body)}

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
        row = completed(file_of(call, id))
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
        return created(call, answer)

    def get_file_part_url(self, call: Call, *, id: str, part_number: int) -> dict[str, Any]:  # noqa: A002
        """The link to which one part is put."""
        return {"url": uploads.part_url(call, _open_upload(call, file_of(call, id)), part_number)}

    @heavy
    def complete_file_upload(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Put the parts together and look for tracks; assets that waited for the file are begun."""
        with call.world.lock:
            row = file_of(call, body["fileId"])
            upload = _open_upload(call, row)
            if body.get("uploadId") not in (None, upload["id"]):
                refuse(404, f"upload not found: {body['uploadId']}")
            uploads.complete_upload(call, upload, body["parts"])
        tracks, duration = _detected(call, row)
        with call.world.lock:  # the file may have been changed, or deleted, while it was looked into
            now = call.world.clock.now_ms()
            found: Row = {
                "status": "Completed",
                "upload": None,
                "tracks": tracks,
                "duration": duration,
                "modified": now,
            }
            row = rows_of(call, FILES).put(file_of(call, row["id"]) | found)
            begin_waiting(call, row)
        return {"fileId": row["id"], "fileKey": row["key"]}

    def cancel_file_upload(self, call: Call, *, id: str, delete: bool | None, body: Row | None) -> Reply:  # noqa: A002
        """Give an upload up; delete its file, or leave it in status Error (ledger VK-074)."""
        row = file_of(call, id)
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
            row = completed(file_of(call, id))
        tracks, duration = _detected(call, row)
        with call.world.lock:  # as above
            row = rows_of(call, FILES).put(file_of(call, id) | {"tracks": tracks, "duration": duration})
            return {"tracks": _shown_file(call, row)["tracks"]}

    def list_file_types(self, call: Call) -> dict[str, Any]:
        """Extensions by type."""
        return {"fileTypes": fixture()["file_types"]}

    def list_languages(self, call: Call) -> dict[str, Any]:
        """Language codes."""
        return {"languages": fixture()["languages"]}


def _open_upload(call: Call, row: Row) -> Row:
    upload = uploads.upload_of(call.world, row["upload"] or "")
    if upload is None:
        conflict(f"the upload of file {row['id']} is over: its status is {row['status']}")
    return upload


def _delete_file(call: Call, row: Row) -> None:
    if row["assets"] and call.reading("VK-045") == "refused":
        some = ", ".join(list(row["assets"])[:3])
        conflict(f"file {row['id']} is used by {len(row['assets'])} assets: {some}")
    if row["upload"]:
        uploads.drop_upload(call.world, row["upload"])
    uploads.drop_object(call.world, row["key"])
    rows_of(call, FILES).delete(row["id"])


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
