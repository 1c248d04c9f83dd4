"""The storage's operations: hand out an object, take a part.

The two hosts of the documents name a bucket in the host; below our own address it is the first segment of the path.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from typing import Any, BinaryIO

from testcard.apis.storage.conditions import read_range, unchanged
from testcard.apis.storage.errors import as_xml, s3_error
from testcard.apis.storage.objects import Bucket, StoredObject, bucket_of
from testcard.apis.storage.signature import access_key, key_id_of, verify
from testcard.exchange import Api, Call, Refused, Reply, Request, heavy
from testcard.seed import text
from testcard.world.credentials import Holder
from testcard.world.world import World

__all__ = ["Storage"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CODES = {"no-such-path": "NoSuchKey", "method-not-allowed": "MethodNotAllowed", "invalid-request": "InvalidArgument"}
_MESSAGES = {
    "NoSuchKey": "The specified key does not exist.",
    "MethodNotAllowed": "The specified method is not allowed against this resource.",
}


class Storage(Api):
    """Objects and uploads behind pre-signed links."""

    name = "storage"
    contract = "storage"

    def open(self, world: World) -> None:
        """The key that links are signed with: those of a world with the same seed and name, signed elsewhere, work."""
        access_key(world)

    def identify(self, request: Request) -> Iterable[str]:
        """A link names the key it was signed with, and each world has its own."""
        key_id = key_id_of(request.query)
        return (key_id,) if key_id else ()

    def authenticate(self, call: Call) -> Holder | None:
        """Check the link's signature. A link for GET also serves HEAD, unless VC-45 asks for S3's rigour."""
        method = call.method
        if method == "HEAD" and "VC-45" in call.world.readings() and call.reading("VC-45") == "served":
            method = "GET"
        verify(call, method=method)
        return None

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """S3's XML error, with the ids that its support would ask for."""
        code = _CODES.get(refused.code, refused.code)
        more: Mapping[str, Any] = refused.data
        if code == "MethodNotAllowed":
            more = {"Method": call.method, "ResourceType": "OBJECT"}
        message = _MESSAGES.get(code, refused.message)
        request_id = _request_id(call)
        host_id = text(76, call.world.mint("storage host id"), alphabet=_LETTERS)
        body = as_xml(code, message, more, request_id, host_id)
        headers = {**refused.headers, "x-amz-request-id": request_id, "x-amz-id-2": host_id}
        return Reply(refused.status, body=body, media="application/xml", headers=headers)

    @heavy
    def get_object(
        self,
        call: Call,
        *,
        bucket: str,
        key: str,
        range: str | None,  # noqa: A002 - the parameter's name
        if_match: str | None,
        if_none_match: str | None,
        if_modified_since: str | None,
        if_unmodified_since: str | None,
    ) -> Reply:
        """Download an object, or the range of it that was asked for."""
        place, key = _place(call, bucket, key)
        found = place.find(call.world, key)
        if found is None:
            raise s3_error("NoSuchKey", _MESSAGES["NoSuchKey"], Key=key)
        headers = _headers(call, found)
        if unchanged(
            found,
            if_match=if_match,
            if_none_match=if_none_match,
            if_modified_since=if_modified_since,
            if_unmodified_since=if_unmodified_since,
        ):
            return Reply(304, headers=headers)
        part = read_range(range, found.size)
        first, end = part or (0, found.size)
        headers["Content-Length"] = str(end - first)
        if part:
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{found.size}"
        body = iter(found.read(first, end))
        return Reply(206 if part else 200, body=body, media=found.media, headers=headers)

    @heavy
    def upload_part(
        self,
        call: Call,
        *,
        bucket: str,
        key: str,
        upload_id: str | None,
        part_number: str | None,
        content_md5: str | None,
        body: BinaryIO | None,
    ) -> Reply:
        """Keep one part of an upload, and answer with its entity tag."""
        place, key = _place(call, bucket, key)
        if upload_id is None:
            raise s3_error("AccessDenied", "Access Denied")
        content = body or io.BytesIO()
        digest = hashlib.md5(usedforsecurity=False)
        while block := content.read(1 << 20):
            digest.update(block)
        content.seek(0)
        _check_digest(content_md5, digest.digest())
        place.put_part(call.world, key, upload_id, _part_number(part_number), content, digest.hexdigest())
        return Reply(200, headers={"ETag": f'"{digest.hexdigest()}"', "x-amz-request-id": _request_id(call)})


def _place(call: Call, bucket: str, key: str) -> tuple[Bucket, str]:
    """The bucket meant and the key in it: a host that names a bucket leaves the whole path to the key."""
    if "bucket" in call.address.host:
        bucket, key = call.address.host["bucket"], f"{bucket}/{key}"
    found = bucket_of(bucket)
    if found is None:
        raise s3_error("NoSuchBucket", "The specified bucket does not exist", BucketName=bucket)
    return found, key


def _headers(call: Call, found: StoredObject) -> dict[str, str]:
    return {
        "ETag": f'"{found.etag}"',
        "Last-Modified": format_datetime(found.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "x-amz-request-id": _request_id(call),
    }


def _request_id(call: Call) -> str:
    return text(16, call.world.mint("storage request id"))


def _part_number(value: str | None) -> int:
    number = int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else 0
    if not 1 <= number <= 10_000:
        raise s3_error(
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=value or "",
        )
    return number


def _check_digest(header: str | None, digest: bytes) -> None:
    if header is None:
        return
    try:
        expected = base64.b64decode(header, validate=True)
    except (ValueError, binascii.Error):
        expected = b""
    if len(expected) != len(digest):
        raise s3_error("InvalidDigest", "The Content-MD5 you specified was invalid.", **{"Content-MD5": header})
    if expected != digest:
        raise s3_error(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            ExpectedDigest=header,
            CalculatedDigest=base64.b64encode(digest).decode(),
        )
