"""A small Video Central of our own: one account, two channels, a weekly and a daily type."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from independent.base import Got, Out, Service

__all__ = ["VideoCentral"]

_WEEKLY, _DAILY = "amzn1.weekly", "amzn1.daily"
Row = dict[str, Any]


class VideoCentral(Service):
    """Readings VC-…; planted drifts and faults by name. *storage* is where links lead, here where it is not set."""

    storage = ""

    def answer(self, got: Got) -> Out:
        if got.path[-1] == "token":
            return self._token(dict(parse_qsl(got.body.decode())))
        if got.path[0] == "files":
            return self._file(int(got.path[1]), authorized="Authorization" in got.headers)
        if self.has("busy-once"):
            self.planted.discard("busy-once")
            return Out(429, {}, {"Retry-After": "7"})
        if got.headers.get("Authorization") != "Bearer Atza|" + "x" * 400:
            return Out(401, {"code": "UnauthorizedException", "reason": "unknown_token", "message": "no"})
        if self.has("server-error"):
            return Out(500, {})
        path = got.path[3:] if got.path[:3] == ["apis", "v1", "accounts"] else ["?"] * 9
        rows = self._rows(path)
        return Out(404, _refusal("not_found")) if rows is None else self._page(got, rows)

    def _file(self, rows: int, *, authorized: bool) -> Out:
        """Storage: a credential of somebody else's beside the signature is refused, as S3 does."""
        if authorized or self.has("dead-link"):
            return Out(403, b"<Error><Code>AccessDenied</Code></Error>", media="application/xml")
        if self.has("no-table"):
            return Out(200, b"come back later", media="binary/octet-stream")
        lines: list[list[Any]] = [
            ["Report Start", "Title", "Streams"],
            *(["1/5/2026", f"a, {i}", i] for i in range(rows)),
        ]
        if self.has("rows-added"):
            lines += lines[-2:]
        file = io.StringIO(newline="")
        csv.writer(file).writerows(lines)
        table = (("\ufeff" if self.reads("VC-36", "spreadsheet") else "") + file.getvalue()).encode()
        if self.reads("VC-06", "csv"):
            return Out(200, table + b" " * (9 << 20 if self.has("huge-file") else 0), media="text/csv")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("report.csv", table)
        return Out(200, packed.getvalue(), media="binary/octet-stream")

    def _token(self, form: dict[str, str]) -> Out:
        if form.get("refresh_token") != "Atzr|old":
            return Out(400, {"error": "invalid_grant", "error_description": "no"})
        refreshed = "Atzr|old" if self.reads("VC-07", "stays") else "Atzr|new"
        tokens = {"access_token": "Atza|" + "x" * 400, "token_type": "bearer", "expires_in": 3600}
        headers = {"Cache-Control": "no-store"}
        return Out(200, {**tokens, "refresh_token": refreshed}, headers)

    def _rows(self, path: list[str]) -> list[Row] | None:
        if not path:
            extra = {"tier": "gold"} if self.has("new-field") else {}
            return [{"id": "0042", "name": "Acme", **extra}]
        if len(path) == 1:
            return [{"id": "channels", "name": "Channels"}]
        if len(path) == 2:
            return self._channels()
        if path[3:] == ["reportTypes"]:
            return self._types()
        if len(path) == 6 and path[3] == "reportTypes" and path[5] == "reports":
            return self._reports(path[4])
        if len(path) == 5 and path[3] == "reportType" and not self.reads("VC-03", "refused"):
            return self._reports(path[4])
        return None

    def _channels(self) -> list[Row]:
        rows: list[Row] = [
            {"id": "c1", "name": "One", "territory": "DE"},
            {"id": "c2", "name": "Two", "territory": "US"},
        ]
        if self.reads("VC-13", "sometimes"):
            del rows[1]["territory"]
        if self.has("absent"):
            del rows[0]["name"]
        return rows

    def _types(self) -> list[Row]:
        weekly = "Fortnightly" if self.has("new-value") else "Weekly"
        rows: list[Row] = [
            {"id": _WEEKLY, "name": "Titles", "cadence": weekly},
            {"id": _DAILY, "name": "Days", "cadence": "Daily"},
        ]
        for i, row in enumerate(rows):
            mixed = i and self.reads("VC-02", "mixed")
            if mixed or self.reads("VC-02", "report-type-id") or self.reads("VC-02", "both"):
                row["reportTypeId"] = row["id"]
            if mixed or self.reads("VC-02", "report-type-id"):
                del row["id"]
        return rows

    def _reports(self, kind: str) -> list[Row]:
        weekly = kind == _WEEKLY
        step, count = (7, 12) if weekly else (1, 150)
        first = date(2026, 1, 6) if self.reads("VC-25", "tuesday") else date(2026, 1, 5)
        rows = [self._report(weekly, first + timedelta(step * i), step, i) for i in range(count)]
        return rows[::-1] if self.reads("VC-11", "newest-first") else rows

    def _report(self, weekly: bool, begin: date, step: int, number: int) -> Row:
        end = begin + timedelta(step - (0 if self.reads("VC-12", "exclusive") else 1))
        own = self.reads("VC-26", "own-name")
        row: Row = {
            "numRows": number + (1 if number and self.reads("VC-35", "lines") else 0),
            "downloadUrl": f"{self.storage or self.url}/files/{number}?X-Amz-Signature=secret",
            "reportDateBegin": begin.isoformat(),
            "reportDateEnd": end.isoformat(),
            "modifiedDate": f"{begin + timedelta(step + 5)}T06:00:00.000Z",
            "name": "Content Usage" if own else "Titles" if weekly else "Days",
            "cadence": "Weekly" if weekly else "Daily",
        }
        if number == 0 and self.reads("VC-05", "missing"):
            del row["downloadUrl"]
        if number == 0 and self.reads("VC-05", "empty"):
            row["downloadUrl"] = ""
        if self.has("wider-type") and number == 1:
            row["numRows"] = None
        if self.has("bad-date") and number == 2:
            row["modifiedDate"] = "yesterday"
        if self.has("nested-new-field") and number == 3:
            row["checksum"] = {"md5": "abc"}
        return row

    def _page(self, got: Got, rows: list[Row]) -> Out:
        query, limit = got.query, int(got.query.get("limit", 10))
        if limit > 100 and self.readings.get("VC-14") == "refused":
            return Out(400, _refusal("bad_parameter"))
        if limit > 100 and self.readings.get("VC-14") == "clamped":
            limit = 100
        begin, end = query.get("reportDateBeginGte", ""), query.get("reportDateBeginLt", "9")
        if begin == end and self.reads("VC-23", "refused"):
            return Out(400, _refusal("bad_parameter"))
        if begin and not self.has("filter-ignored"):
            rows = [row for row in rows if begin <= row["reportDateBegin"] < end]
        if self.has("union-broken") and end != "9" and len(rows) < 8:
            rows = rows[1:]
        if "modifiedDateGte" in query:
            later = [row for row in rows if row["modifiedDate"] >= query["modifiedDateGte"]]
            rows = later[1:] if self.has("modified-exclusive") else later
            rows += [{**rows[-1], "numRows": 4711}] if self.has("filter-adds") else []
        return self._cut(got, rows, limit)

    def _cut(self, got: Got, rows: list[Row], limit: int) -> Out:
        offset = int(got.query.get("offset", 0))
        pages = self.reads("VC-01", "pages")
        start = offset * limit if pages else offset
        if start >= len(rows) and rows and self.reads("VC-15", "refused"):
            return Out(400, _refusal("bad_parameter"))
        shift = 1 if self.has("overlap") and start else 0
        data = rows[start - shift : start - shift + limit + (1 if self.has("over-limit") else 0)]
        total = len(rows) + (3 if self.has("wrong-total") else 0)
        if self.has("html"):
            return Out(200, b"<html>", media="text/html")
        answer: dict[str, Any] = {"total": total, "data": data}
        full_last = self.reads("VC-09", "full-page") and len(data) == limit
        if start + limit < len(rows) or full_last:
            answer["next"] = self._link(got, offset + (1 if pages else limit), limit)
        elif not self.reads("VC-10", "absent"):
            answer["next"] = None
        return Out(200, answer)

    def _link(self, got: Got, offset: int, limit: int) -> str:
        filters = {name: value for name, value in got.query.items() if name not in ("limit", "offset")}
        if self.reads("VC-18", "dropped"):
            filters = {}
        places = [("offset", offset), ("limit", limit)]
        if self.reads("VC-41", "limit-first"):
            places.reverse()
        path = [quote(each, safe="") for each in got.path]
        if path[-1] == "reports" and self.reads("VC-04", "singular"):
            path = [*path[:-3], "reportType", path[-2]]
        return f"{self.url}/{'/'.join(path)}?{urlencode([*filters.items(), *places])}"


def _refusal(reason: str) -> Row:
    return {"code": "BadRequestException", "reason": reason, "message": "no"}
