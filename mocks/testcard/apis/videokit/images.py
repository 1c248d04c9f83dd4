"""Images of streaming assets: files that are uploaded in parts, the keys they are shown under, and stills.

Document 002, Streaming, from Delete Asset Image to Get Image Frames. Bytes are in `uploads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from testcard.apis.videokit import uploads
from testcard.apis.videokit.asset_views import streaming_fixture
from testcard.apis.videokit.common import conflict, not_found, refuse, rows_of, service_response, tenant_of
from testcard.apis.videokit.links import media_url
from testcard.apis.videokit.lists import Condition, among, matching, ordered, page_of, text_in
from testcard.apis.videokit.playables import Playables, status
from testcard.apis.videokit.records import Kind, Row, fixture, new_id, stamp
from testcard.apis.videokit.searches import written_dates
from testcard.exchange import Call, Reply, heavy
from testcard.seed import uuid_from

__all__ = ["IMAGES", "ImageOperations", "playable_of"]

_MOST_PARTS = 10_000
_TYPES = {"png": "Image", "jpg": "Image", "jpeg": "Image", "gif": "Image", "webp": "Image", "svg": "Image"}


def _file_type(row: Row, _now: int) -> str:
    return _TYPES.get(row["name"].rpartition(".")[2].lower(), "Other")


IMAGES = Kind(
    "images",
    sorts={
        "id": lambda row, _: row["id"],
        "name": lambda row, _: row["name"],
        "filesize": lambda row, _: row["size"],
        "status": lambda row, _: row["status"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": lambda row, _: row["modified"],
    },
    names=lambda row: (row["name"],),
)


def playable_of(call: Call, key: str) -> tuple[Playables, Row]:
    """The asset of that id with its collection, or a refusal."""
    playables = Playables(call.world, tenant_of(call))
    row = playables.get(key)
    return playables, row if row is not None else not_found("asset", key)


class ImageOperations:
    """The operations on images, for `Streaming`."""

    def delete_asset_image(self, call: Call, *, asset_id: str, image_key: str) -> Reply:
        """Take one image off an asset; its file stays."""
        playables, row = playable_of(call, asset_id)
        images = dict(row["over"].get("images", {}))
        if images.pop(image_key, None) is None:
            not_found("image", image_key)
        playables.write(row, {"images": images})
        return Reply(200)

    def create_asset_images(self, call: Call, *, asset_id: str, body: Row) -> Reply:
        """Give an asset images (ledger VK-190)."""
        playables, row = playable_of(call, asset_id)
        old = row["over"].get("images", {}) if call.reading("VK-190") == "added" else {}
        playables.write(row, {"images": {**old, **new_images(call, body.get("images", {}))}})
        return Reply(200)

    def start_image_upload(self, call: Call, *, asset_id: str, body: Row) -> dict[str, Any]:
        """Begin an upload."""
        playable_of(call, asset_id)
        identity, now, size = new_id(call.world), call.world.clock.now_ms(), body["fileSize"]
        key = f"{tenant_of(call)}/sources/images/uploaded/{identity}/{body['name']}"
        part = max(streaming_fixture()["image_part"], -(-size // _MOST_PARTS))
        upload = uploads.begin_upload(call.world, key, size, part)
        row = {"id": identity, "asset": asset_id, "name": body["name"], "size": size, "key": key, "metadata": {}}
        row |= {"status": "Uploading", "upload": upload["id"], "created": now, "modified": now}
        rows_of(call, IMAGES).put(row)
        return {
            "fileId": identity,
            "uploadId": upload["id"],
            "multipartUrls": uploads.part_urls(call, upload),
            "fileKey": key,
            "partSize": upload["partSize"],
            "lastPartSize": upload["lastPartSize"],
            "partsCount": upload["partsCount"],
        }

    @heavy
    def complete_image_upload(self, call: Call, *, asset_id: str, body: Row) -> dict[str, Any]:
        """Finish an upload."""
        with call.world.lock:
            row = _image(call, asset_id, body["fileId"])
            upload = _open_upload(call, row)
            if body.get("uploadId") not in (None, upload["id"]):
                refuse(400, "body '/uploadId': is of another upload")
            uploads.complete_upload(call, upload, body["parts"])
            now = call.world.clock.now_ms()
            row = rows_of(call, IMAGES).put({**row, "status": "Completed", "upload": None, "modified": now})
            return {"fileId": row["id"], "fileKey": row["key"], "url": _url(call, row)}

    def get_image_part_url(self, call: Call, *, asset_id: str, file_id: str, part_number: int) -> dict[str, Any]:
        """Where one part is put."""
        row = _image(call, asset_id, file_id)
        upload = _open_upload(call, row)
        return {"url": uploads.part_url(call, upload, part_number)}

    def list_images(
        self,
        call: Call,
        *,
        asset_id: str,
        limit: int,
        page: int,
        file_type: str | None,
        status: str | None,
        query: str | None,
        sort: str | None,
        desc: bool,
        ids: Sequence[str] | None,
        create_date_start: datetime | None,
        create_date_end: datetime | None,
        last_modification_date_end: datetime | None,
        last_modification_date_start: datetime | None,
    ) -> dict[str, Any]:
        """One page of an asset's image files."""
        playable_of(call, asset_id)
        conditions: list[Condition] = [
            *matching("asset", asset_id, lambda row, _: row["asset"]),
            *among("type", None if file_type is None else [file_type], _file_type),
            *among("status", None if status is None else [status], lambda row, _: row["status"]),
            *text_in(call, query, IMAGES),
            *among("id", ids, lambda row, _: row["id"]),
            *written_dates(
                call,
                create_date_start,
                create_date_end,
                last_modification_date_start,
                last_modification_date_end,
            ),
        ]
        rows = ordered(call, rows_of(call, IMAGES), conditions, sort, desc)
        return page_of(call, rows, limit, page, lambda row: image_file_view(call, row), worded="beyond-total")

    def get_image(self, call: Call, *, asset_id: str, file_id: str) -> dict[str, Any]:
        """One image file."""
        return image_file_view(call, _image(call, asset_id, file_id))

    def delete_image(self, call: Call, *, asset_id: str, file_id: str) -> dict[str, Any]:
        """Delete one image file."""
        row = _image(call, asset_id, file_id)
        shown = _shown_as(call, row)
        if shown and call.reading("VK-170") == "refused":
            conflict(f"the asset shows the image as {shown[0]!r}")
        _delete(call, row)
        return {"deletedFileKey": row["key"]}

    def delete_images(self, call: Call, *, asset_id: str, body: Sequence[str]) -> dict[str, Any]:
        """Delete several image files, each with its own result."""
        playable_of(call, asset_id)
        answers: dict[str, Any] = {}
        for each in dict.fromkeys(body):
            row = rows_of(call, IMAGES).get(each)
            if row is None or row["asset"] != asset_id:
                answers[each] = service_response(call, "File not found", failed=404, shown="message")
            elif _shown_as(call, row) and call.reading("VK-170") == "refused":
                answers[each] = service_response(call, "File is in use", failed=409, shown="message")
            else:
                _delete(call, row)
                answers[each] = service_response(call, "File deleted successfully", shown="message")
        return answers

    def list_image_frames(self, call: Call, *, asset_id: str) -> dict[str, Any]:
        """Stills of what is recorded and available (ledger VK-193)."""
        _, row = playable_of(call, asset_id)
        recorded = row["type"] in ("Vod", "Recording") and status(row, call.world.clock.now_ms()) == "Available"
        frames: dict[str, Any] = {}
        for number in range(streaming_fixture()["frames"] if recorded else 0):
            key = f"{tenant_of(call)}/frames/{asset_id}/{number}.png"
            frames[uuid_from(call.world.seed, "videokit frame", asset_id, number)] = {
                "s3Uri": f"s3://{fixture()['bucket']}/{key}",
                "url": media_url(call, "frame", asset_id, f"{number}.png"),
            }
        return frames if call.reading("VK-193") == "map" else {"items": list(frames.values())}


def new_images(call: Call, sent: Row) -> Row:
    """Images as they are kept: names without capitals, the address filled in for a file that was uploaded."""
    images: Row = {}
    for key, given in sent.items():
        image = {name.lower(): value for name, value in given.items() if name.lower() in ("id", "name", "url")}
        file = rows_of(call, IMAGES).get(image.get("id", ""))
        image.setdefault("id", new_id(call.world))
        if file is not None:
            image = {"name": file["name"], "url": _url(call, file), **image}
        images[key] = image
    return images


def image_file_view(call: Call, row: Row) -> dict[str, Any]:
    """An image file as answers show it."""
    there = row["status"] == "Completed"
    return {
        "id": row["id"],
        "fileKey": row["key"],
        "status": row["status"],
        "fileSize": row["size"],
        "s3Uri": f"s3://{fixture()['bucket']}/{row['key']}",
        "url": _url(call, row) if there else None,
        "bucket": fixture()["bucket"],
        "orginalFileName": row["name"],
        "name": row["name"],
        "createDate": stamp(call.world, row["created"]),
        "lastModificationDate": stamp(call.world, row["modified"]),
    }


def _url(call: Call, row: Row) -> str:
    return media_url(call, "image", row["id"], row["name"])


def _image(call: Call, asset: str, key: str) -> Row:
    playable_of(call, asset)
    row = rows_of(call, IMAGES).get(key)
    return row if row is not None and row["asset"] == asset else not_found("image", key)


def _open_upload(call: Call, row: Row) -> Row:
    upload = uploads.upload_of(call.world, row["upload"] or "")
    return upload if upload is not None else conflict(f"the upload of image {row['id']} is over")


def _shown_as(call: Call, row: Row) -> list[str]:
    """The keys under which the asset shows an image file."""
    _, asset = playable_of(call, row["asset"])
    return [key for key, image in asset["over"].get("images", {}).items() if image.get("id") == row["id"]]


def _delete(call: Call, row: Row) -> None:
    shown = _shown_as(call, row)
    if shown:
        playables, asset = playable_of(call, row["asset"])
        images = {key: image for key, image in asset["over"]["images"].items() if key not in shown}
        playables.write(asset, {"images": images})
    if row["upload"]:
        uploads.drop_upload(call.world, row["upload"])
    uploads.drop_object(call.world, row["key"])
    rows_of(call, IMAGES).delete(row["id"])
