"""Find the assets and files that a call names, and say what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.common import conflict, not_found, refuse, rows_of, service_response
from testcard.apis.videokit.edits import apply_labels
from testcard.apis.videokit.files import FILES
from testcard.apis.videokit.records import Kind, Row
from testcard.exchange import Call, Refused

__all__ = ["asset_of", "changed", "completed", "deleted", "file_of"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def asset_of(call: Call, identity: str) -> Row:
    """The asset of that id."""
    return _row(call, ASSETS, "asset", identity)


def file_of(call: Call, identity: str) -> Row:
    """The file of that id."""
    return _row(call, FILES, "file", identity)


def _row(call: Call, kind: Kind, what: str, identity: str) -> Row:
    """The row of that id; what is no UUID is refused when ids must be UUIDs (ledger VK-044)."""
    if call.reading("VK-044") == "uuid" and not _UUID.fullmatch(identity):
        refuse(400, f"{what} id {identity!r} is not a UUID")
    found = rows_of(call, kind).get(identity)
    if found is None:
        not_found(what, identity)
    return found


def completed(row: Row) -> Row:
    """The file, if its upload is complete."""
    if row["status"] != "Completed":
        conflict(f"file {row['id']} is not complete: its status is {row['status']}")
    return row


def changed(call: Call, row: Row, body: Mapping[str, Any], fields: Sequence[str]) -> Row:
    """The row with what a PATCH sends of *fields* and labels."""
    fresh = row | {name: body[name] for name in fields if name in body}
    apply_labels(call, fresh, body)
    return fresh | {"modified": call.world.clock.now_ms()}


def deleted(
    call: Call, identity: str, what: str, find: Callable[[Call, str], Row], delete: Callable[[Call, Row], None]
) -> dict[str, Any]:
    """Delete one of many, and say how it went (ledger VK-048)."""
    try:
        delete(call, find(call, identity))
    except Refused as refused:
        if refused.status != 404 or call.reading("VK-048") == "not-found":
            return service_response(call, refused.message, failed=refused.status)
    return service_response(call, f"{what} deleted successfully")
