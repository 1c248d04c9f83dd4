"""Ranges and conditions of a GET, as S3 reads them (storage facts S11, S12)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from testcard.apis.storage.errors import s3_error
from testcard.apis.storage.objects import StoredObject

__all__ = ["read_range", "unchanged"]

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return (first, end), end not included, or None for the whole object; 416 when nothing of it is there."""
    asked = _RANGE.fullmatch(header.strip()) if header else None
    if asked is None or asked[0] == "bytes=-":
        return None
    if not asked[1]:
        first, end = max(0, size - int(asked[2])), size
    else:
        first, end = int(asked[1]), min(size, int(asked[2] or size - 1) + 1)
        if asked[2] and int(asked[2]) < first:
            return None
    if first >= size:
        raise s3_error(
            "InvalidRange",
            "The requested range is not satisfiable",
            RangeRequested=asked[0],
            ActualObjectSize=size,
        )
    return first, end


def unchanged(
    found: StoredObject,
    *,
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: str | None,
    if_unmodified_since: str | None,
) -> bool:
    """Whether the caller has this object already (304); 412 when it is not the one the caller wants."""
    if if_match is not None:
        if not _names(if_match, found):
            raise _failed("If-Match")
    elif (since := _instant(if_unmodified_since)) and found.modified.replace(microsecond=0) > since:
        raise _failed("If-Unmodified-Since")
    if if_none_match is not None:
        return _names(if_none_match, found)
    since = _instant(if_modified_since)
    return since is not None and found.modified.replace(microsecond=0) <= since


def _names(header: str, found: StoredObject) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
    return bool(tags & {"*", found.etag})


def _instant(header: str | None) -> datetime | None:
    """An HTTP date; what is none is ignored, as HTTP asks."""
    try:
        parsed = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or UTC) if parsed else None


def _failed(condition: str) -> Exception:
    return s3_error(
        "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", Condition=condition
    )
