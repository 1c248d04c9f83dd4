"""A small Cloud Video Kit of our own: five lists, an asset and a file, queries about playback, and assets to write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from independent import playback
from independent.base import HANG_UP, Got, Out, Service

__all__ = ["VideoKit"]

Row = dict[str, Any]
_LISTS = {
    ("vod", "v1", "assets"): 7,
    ("vod", "v1", "files"): 5,
    ("live", "v1", "channels"): 3,
    ("streaming", "v1", "assets"): 6,
    ("transcoder", "v1", "presets"): 4,
}


class VideoKit(Service):
    """Readings VK-…; planted drifts and faults by name. *made* has the assets that were made and not removed."""

    def __init__(self, readings: Mapping[str, str] | None = None, *planted: str) -> None:
        super().__init__(readings, *planted)
        self.made: dict[str, Row] = {}
        self.removals = 0

    def answer(self, got: Got) -> Out:
        if got.headers.get("X-Api-Key") != "k3y-k3y-k3y":
            return Out(401, {})
        kind = tuple(got.path[:3])
        if kind == ("streaming", "v1", "analytics"):
            return playback.answer(self, got)
        if got.method != "GET" or (len(got.path) == 4 and got.path[3].startswith("made-")):
            return self._write(got)
        if kind not in _LISTS:
            return _refusal(404)
        if "query" in got.query:
            rows = [row for row in self.made.values() if got.query["query"] in row["title"]]
            return self._page(got, kind, rows)
        if len(got.path) == 4:
            return Out(200, self._row(kind, int(got.path[3].rpartition("-")[2]), single=True))
        rows = [self._row(kind, i, single=False) for i in range(_LISTS[kind])]
        since = got.query.get("createDateStart", "")
        if since and not self.has("filter-ignored"):
            rows = [row for row in rows if row["createDate"] >= since]
        return self._page(got, kind, rows)

    def _write(self, got: Got) -> Out:
        """Make, read, change or remove an asset."""
        identity = got.path[3] if len(got.path) == 4 else f"made-{len(self.made)}"
        sent = json.loads(got.body or b"{}")
        if got.method == "POST":
            times = {"createDate": "2026-03-02T12:00:00Z", "lastModificationDate": "2026-03-02T12:00:00Z"}
            status = "Processing" if self.has("still-processing") else "Available"
            self.made[identity] = {"id": identity, "status": status, **times, "tags": [], "outputs": [], **_kept(sent)}
            made = 201 if self.reads("VK-028", "created") else 200
            return Out(HANG_UP if self.has("unanswered") else made, {"id": identity})
        if identity not in self.made:
            return _refusal(404)
        if got.method == "DELETE":
            return self._remove(identity)
        if got.method == "PATCH" and not self.has("change-lost"):
            self.made[identity] |= sent
        return Out(500 if self.has("breaks") and got.method == "PATCH" else 200, self.made[identity])

    def _remove(self, identity: str) -> Out:
        self.removals += 1
        if self.has("undying") or (self.has("slow-to-die") and self.removals < 3):
            return _refusal(409)
        if not self.has("undead"):
            del self.made[identity]
        return Out(200, b"")

    def _row(self, kind: tuple[str, ...], number: int, *, single: bool) -> Row:
        if kind[0] == "transcoder":
            return {"name": f"preset_{number}", "description": "A preset", "createsDownload": False}
        row: Row = {
            "id": f"{kind[0]}-{kind[2]}-{number}",
            "status": "Available",
            "createDate": f"2026-02-{number + 1:02}T00:00:00Z",
            "lastModificationDate": f"2026-02-{number + 1:02}T00:10:00Z",
        }
        if kind[0] == "live":
            return {**row, "status": "On", "name": f"Channel {number}"}
        if kind[2] == "files":
            row |= self._file(number, single=single)
        elif kind[0] == "vod":
            row |= self._asset(single=single)
        if self.has("new-field") and kind[2] == "files":
            row["checksum"] = "abc"
        if self.has("absent") and kind[0] == "streaming":
            del row["status"]
        return row

    def _file(self, number: int, *, single: bool) -> Row:
        row: Row = {"fileKey": f"t/{number}.mp4", "status": "Completed", "fileSize": 10, "name": f"{number}.mp4"}
        row["friendlyName"] = f"File {number}"
        if single:
            row["originalFileName" if self.reads("VK-059", "original") else "orginalFileName"] = "a.mp4"
        if self.has("wider-type"):
            row["fileSize"] = "10"
        return row

    def _asset(self, *, single: bool) -> Row:
        row: Row = {}
        if single or not self.reads("VK-033", "summary"):
            row["outputs"] = []
        if single and not self.reads("VK-034", "hidden"):
            row["tags"] = []
        if single and self.has("other-status"):
            row["status"] = "Processing"
        return row

    def _page(self, got: Got, kind: tuple[str, ...], rows: list[Row]) -> Out:
        limit, page = int(got.query["limit"]), int(got.query["page"])
        if limit > 100 and self.reads("VK-009", "refused"):
            return _refusal(400)
        if self.reads("VK-009", "capped"):
            limit = min(limit, 100)
        count = -(-len(rows) // limit)
        if page > count and self.reads("VK-010", "not-found"):
            return _refusal(404)
        if page > count and self.reads("VK-010", "last"):
            page = count
        start = (page - 1) * limit - (1 if self.has("overlap") and page > 1 else 0)
        items = rows[start : start + limit + (1 if self.has("over-limit") else 0)]
        beyond = self.reads("VK-007", "beyond-total")
        as_worded = self.reads("VK-007", "as-worded") and kind[2] == "presets"
        answer = {
            "items": items,
            "pageCount": count + (1 if self.has("wrong-count") else 0),
            "pageSize": len(items) if self.reads("VK-008", "items") else limit,
            "totalCount": len(rows),
            "pageNumber": page,
            "hasMore": page < count and not beyond and not as_worded,
        }
        return Out(200, answer)


def _kept(sent: Row) -> Row:
    return {name: sent[name] for name in ("title", "preset") if name in sent}


def _refusal(status: int) -> Out:
    return Out(status, {"status": {"code": "Error", "status": status, "message": "no"}, "success": False})
