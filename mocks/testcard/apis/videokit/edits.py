"""What a PATCH does to the parts that all modules have: metadata, tags, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testcard.apis.videokit.lists import plain_attribute
from testcard.exchange import Call, Reply

__all__ = ["apply_labels", "created", "new_list", "new_metadata"]


def new_metadata(call: Call, old: Mapping[str, Any], sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """The metadata after an update (ledger VK-023, VK-025): null clears all, null under a key removes it."""
    if sent is None:
        return {}
    kept = dict(old) if call.reading("VK-023") == "merge" else {}
    kept.update(sent)
    return {key: value for key, value in kept.items() if value is not None}


def new_list(call: Call, old: Sequence[str], sent: Sequence[str] | None) -> list[str]:
    """Tags or attributes after an update (ledger VK-024, VK-025), each once, in the order of writing."""
    kept = list(old) if call.reading("VK-024") == "add" and sent is not None else []
    return list(dict.fromkeys([*kept, *(sent or ())]))


def apply_labels(call: Call, row: dict[str, Any], body: Mapping[str, Any]) -> None:
    """Write metadata, tags and attributes of a body into a row, as far as it has them."""
    if "metadata" in body:
        row["metadata"] = new_metadata(call, row["metadata"], body["metadata"])
    if "tags" in body:
        row["tags"] = new_list(call, row["tags"], body["tags"])
    if "attributes" in body:
        sent = body["attributes"]
        row["attributes"] = new_list(call, row["attributes"], sent and [plain_attribute(each) for each in sent])


def created(call: Call, data: Mapping[str, Any]) -> Reply:
    """The answer to a creation (ledger VK-028)."""
    return Reply.json(dict(data), 201 if call.reading("VK-028") == "created" else 200)
