"""A small Cloud Video Kit of our own: five lists, an asset and a file."""

from __future__ import annotations

from typing import Any

from independent.base import Got, Out, Service

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
    """Readings VK-…; planted drifts and faults by name."""

    def answer(self, got: Got) -> Out:
        if got.headers.get("X-Api-Key") != "k3y-k3y-k3y":
            return Out(401, {})
        kind = tuple(got.path[:3])
        if kind not in _LISTS:
            return Out(404, {"status": {"code": "Error", "status": 404, "message": "no"}, "success": False})
        if len(got.path) == 4:
            return Out(200, self._row(kind, int(got.path[3].rpartition("-")[2]), single=True))
        rows = [self._row(kind, i, single=False) for i in range(_LISTS[kind])]
        since = got.query.get("createDateStart", "")
        if since and not self.has("filter-ignored"):
            rows = [row for row in rows if row["createDate"] >= since]
        return self._page(got, kind, rows)

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
            return Out(400, {"status": {"code": "Error", "status": 400, "message": "no"}, "success": False})
        if self.reads("VK-009", "capped"):
            limit = min(limit, 100)
        count = -(-len(rows) // limit)
        if page > count and self.reads("VK-010", "not-found"):
            return Out(404, {"status": {"code": "Error", "status": 404, "message": "no"}, "success": False})
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
