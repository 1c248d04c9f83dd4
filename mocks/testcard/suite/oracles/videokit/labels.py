"""What an update does to metadata, tags and attributes, in every module alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testcard.suite.oracles.videokit.lists import plain_attribute
from testcard.suite.oracles.videokit.moments import Reads, Row

__all__ = ["relabel"]


def relabel(row: Row, body: Mapping[str, Any], reads: Reads) -> None:
    """Write what a body has of them into a row (ledger VK-023, VK-024, VK-025)."""
    if "metadata" in body:
        old = row["metadata"] if reads["VK-023"] == "merge" and body["metadata"] is not None else {}
        together = {**old, **(body["metadata"] or {})}
        row["metadata"] = {key: value for key, value in together.items() if value is not None}
    for name in ("tags", "attributes"):
        if name in body:
            sent = [plain_attribute(each) if name == "attributes" else each for each in body[name] or ()]
            kept = row[name] if reads["VK-024"] == "add" and body[name] is not None else []
            row[name] = list(dict.fromkeys([*kept, *sent]))
