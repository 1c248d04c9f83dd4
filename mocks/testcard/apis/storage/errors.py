"""S3's refusals: what they are called, and how they look in XML.

The words are S3's own, as recorded (storage facts S3, S4, S7-S9, S11-S13, S15, S16).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from testcard.exchange import Refused

__all__ = ["as_xml", "no_such_upload", "s3_error"]

_STATUS = {
    "AccessDenied": 403,
    "AuthorizationQueryParametersError": 400,
    "BadDigest": 400,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidDigest": 400,
    "InvalidRange": 416,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "PreconditionFailed": 412,
    "SignatureDoesNotMatch": 403,
}
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # compiled at its first use: 7 ms


def s3_error(code: str, message: str, **elements: str | int) -> Refused:
    """Return the refusal with that S3 code; *elements* come between message and request id."""
    return Refused(_STATUS[code], code, message, data=elements)


def no_such_upload(upload_id: str) -> Refused:
    """The upload was never begun, or is over."""
    return s3_error(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid,"
        " or the upload may have been aborted or completed.",
        UploadId=upload_id,
    )


def as_xml(code: str, message: str, elements: Mapping[str, str | int], request_id: str, host_id: str) -> bytes:
    """Write one error as S3's XML document."""
    parts = {"Code": code, "Message": message, **elements, "RequestId": request_id, "HostId": host_id}
    inside = "".join(
        f"<{name}>{escape(re.sub(_NOT_XML, '�', str(value)), quote=False)}</{name}>" for name, value in parts.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}</Error>'.encode()
