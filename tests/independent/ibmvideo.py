"""A small IBM Video Streaming Analytics of our own: views every three minutes, by twelve viewers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from independent.base import Got, Out, Service

__all__ = ["IbmVideo"]

Row = dict[str, Any]
_STEP = timedelta(seconds=180)
_MINUTE = timedelta(minutes=1)
_LOS_ANGELES = ZoneInfo("America/Los_Angeles")
_DEVICE = {
    "browser": {"family": "Chrome", "major": "126", "minor": "0", "patch": None},
    "os": {"family": "Linux", "major": None, "minor": None, "patch": None, "patch_minor": None},
    "device": {"family": "Other", "brand": None, "model": None},
}


class _Refused(Exception):
    """A 400 about a parameter."""


class IbmVideo(Service):
    """Readings IB-…; planted drifts and faults by name. *now* is when the newest view began, or so."""

    def __init__(self, now: datetime, readings: dict[str, str] | None = None, *planted: str) -> None:
        super().__init__(readings, *planted)
        self._now = now
        begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
        self._views = [self._view(begin + _STEP * i, i) for i in range(int((now - begin) / _STEP))]

    def _view(self, begin: datetime, number: int) -> Row:
        length = timedelta(seconds=120 + number * 37 % 400)
        end = None if begin + length > self._now else begin + length
        return {
            "id": str(uuid.UUID(int=number + 2**100)),
            "type": "recorded" if number % 3 else "live",
            "content": 7000 + number % 5,
            "begin": begin,
            "end": end,
            "seconds": length.total_seconds() if number % 3 else 0,
            "viewer": f"viewer{number % 12:02}@example.org",
        }

    def answer(self, got: Got) -> Out:
        if got.path == ["oauth2", "token"]:
            form = dict(parse_qsl(got.body.decode()))
            if form.get("client_secret") != "s3cret-s3cret":
                return Out(400, {"error": "invalid_client", "error_description": "no"})
            lives = 3600 if self.reads("IB-55", "one-hour") else 86400
            tokens = {"access_token": "aa.bb.cc", "refresh_token": "0" * 40, "token_type": "bearer"}
            return Out(200, {**tokens, "expires_in": lives}, {"Cache-Control": "no-store"})
        if got.headers.get("Authorization") != "aa.bb.cc":
            return Out(401, _errors("token"))
        try:
            if got.path[1] not in ("views", "viewers"):
                return self._sibling(got.path[1:], got.query)
            if got.path[1] == "viewers":
                return self._page(got, self._viewers(got.query))
            return self._page(got, [self._as_view(row) for row in self._select(got)])
        except _Refused as refused:
            return Out(400, _errors(self._pointer(str(refused))))

    def _sibling(self, path: list[str], query: dict[str, str]) -> Out:
        if self.reads("IB-49", "left-over"):
            return Out(404, _errors("path"))
        first, last = (self._time(name, query[name]) for name in ("date_time_from", "date_time_to"))
        kinds = [each for each in path if each in ("live", "recorded")] or ["live", "recorded"]
        touching = [row for row in self._views if row["begin"] <= last and (row["end"] or self._now) >= first]
        rows = [row for row in touching if row["type"] in kinds]
        if path[0] in ("total-views", "unique-devices", "authenticated-viewers"):
            begun = [row for row in rows if first <= row["begin"]]
            return self._envelope(self._series(path, begun))
        if "content_id" in query:
            rows = [row for row in rows if row["content"] == int(query["content_id"])]
        minutes = self._minutes(path[0], rows, first, last)
        if path[-1] != "summary":
            return self._envelope(self._over_time(path[0], minutes, query, first))
        put_together = max if path[0] == "peak-viewer-numbers" else sum
        value = put_together(minutes.values()) + (9 if self.has("peak-high") and path[0][0] == "p" else 0)
        about = {"content_type": kinds[0], "content_id": query["content_id"], "value": value}
        if put_together is max:
            about["time"] = self._text(first)
        kind = "PeakSummary" if put_together is max else "ViewerSecondSummary"
        return self._envelope([{"type": kind, "attributes": about}], {})

    def _series(self, path: list[str], begun: list[Row]) -> list[Row]:
        value = {
            "total-views": len(begun) + (-60 if self.has("total-low") else 0),
            "unique-devices": 5000 if self.has("more-devices") else 1,
            "authenticated-viewers": len({row["viewer"] for row in begun}),
        }[path[0]]
        if path[-1] == "summary":
            value += 2 if self.has("types-differ") and len(path) == 3 else 0
            return [_point("summary", path[0].replace("-", "_"), value)]
        point = {"hour": self._text(begun[0]["begin"].replace(minute=0)), "country": "DE", "device": "Other"}[path[-1]]
        return [_point(path[-1], point, value - (1 if self.has("parts-differ") and path[-1] == "country" else 0))]

    def _minutes(self, family: str, rows: list[Row], first: datetime, last: datetime) -> dict[Any, int]:
        """By content and minute: how many watched in it, or how many seconds."""
        found: dict[Any, int] = {}
        for row in rows:
            minute, end = row["begin"].replace(second=0), row["end"] or self._now
            while minute < min(end, last):
                seconds = int((min(end, minute + _MINUTE) - max(row["begin"], minute)).total_seconds())
                key = (row["type"], row["content"], minute)
                if minute >= first and seconds > 0:
                    found[key] = found.get(key, 0) + (1 if family == "peak-viewer-numbers" else seconds)
                minute += _MINUTE
        return found

    def _over_time(self, family: str, minutes: dict[Any, int], query: dict[str, str], first: datetime) -> list[Row]:
        granularity = query.get("granularity", "minute" if self.reads("IB-50", "minute") else "month")
        found: dict[Any, int] = {}
        for (kind, content, minute), value in minutes.items():
            time = {
                "minute": minute,
                "hour": minute.replace(minute=0),
                "month": minute.replace(day=1, hour=0, minute=0),
            }
            key = (kind, content, time[granularity])
            found[key] = max(found.get(key, 0), value) if family[0] == "p" else found.get(key, 0) + value
        lost = 1 if self.has("seconds-lost") and granularity == "hour" else 0
        name = "PeakSeries" if family[0] == "p" else "ViewerSecondSeries"
        return [
            {
                "type": name,
                "attributes": {
                    "content_type": kind,
                    "content_id": str(content),
                    "time": self._text(time),
                    "value": value - lost,
                },
            }
            for (kind, content, time), value in found.items()
        ]

    def _envelope(self, rows: list[Row], pagination: Row | None = None) -> Out:
        key = "data" if self.reads("IB-01", "data") else "resources"
        links = {name: {"href": "/total-views/summary?_page=1"} for name in ("self", "first", "last")}
        whole = {**links, "prev": None, "next": None, "count": 1}
        return Out(200, {key: rows, "pagination": whole if pagination is None else pagination})

    def _pointer(self, name: str) -> str:
        return "#/parameters/dateTimeTo" if self.reads("IB-39", "definition") else f"/query/{name}"

    def _select(self, got: Got) -> list[Row]:
        query = got.query
        first, last = (self._time(name, query[name]) for name in ("date_time_from", "date_time_to"))
        if last < first:
            if not self.reads("IB-20", "empty"):
                raise _Refused("date_time_to")
            return []
        rows = [row for row in self._views if self._inside(row, first, last, query)]
        if len(got.path) > 2 and not self.has("type-ignored"):
            rows = [row for row in rows if row["type"] == got.path[2]]
        if "content_id" in query and not self.has("content-ignored"):
            rows = [row for row in rows if row["content"] == int(query["content_id"])]
        if self.has("type-lost") and got.path[2:] == ["live"]:
            rows = rows[1:]
        if self.has("inside-adds") and query.get("inclusive_range") == "false":
            rows = [*rows, self._views[0]]
        if self.has("finished-lost") and query.get("list_unfinished_segments") == "true":
            rows = rows[1:]
        if self.has("union-broken") and last - first == timedelta(minutes=30):
            rows = rows[1:]
        if self.reads("IB-34", "newest-first"):
            rows = rows[::-1]
        return rows[::-1] if self.has("unstable") and query["_limit"] == "4" else rows

    def _inside(self, row: Row, first: datetime, last: datetime, query: dict[str, str]) -> bool:
        running = row["end"] is None
        if running and query.get("list_unfinished_segments") == "false":
            return False
        open_end = self.reads("IB-14", "half-open")
        begins = first <= row["begin"] and (row["begin"] < last if open_end else row["begin"] <= last)
        if query.get("inclusive_range") == "false":
            return begins and (row["end"] <= last if not running else self.reads("IB-15", "kept"))
        reaches = not running and row["begin"] < first <= row["end"]
        return bool(begins or (reaches and (row["end"] < last if open_end else row["end"] <= last)))

    def _time(self, name: str, text: str) -> datetime:
        if len(text) == 10 and not self.reads("IB-43", "midnight"):
            raise _Refused(name)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            if len(text) > 10 and self.reads("IB-16", "refused"):
                raise _Refused(name)
            moment = moment.replace(tzinfo=UTC if self.reads("IB-16", "utc") else _LOS_ANGELES)
        return moment.astimezone(UTC)

    def _text(self, moment: datetime) -> str:
        text = moment.isoformat(timespec="milliseconds" if self.reads("IB-36", "fractions") else "seconds")
        if self.reads("IB-35", "los-angeles"):
            return moment.astimezone(_LOS_ANGELES).isoformat(timespec="seconds")
        return text.replace("+00:00", "Z") if self.reads("IB-35", "zulu") else text

    def _common(self, row: Row) -> Row:
        end = None if self.has("running-listed") and row["id"].endswith("0") else row["end"]
        if self.has("backwards") and end:
            end = row["begin"] - timedelta(seconds=5)
        watched = int(row["seconds"] * (1000 if self.reads("IB-38", "milliseconds") else 1))
        found: Row = {
            "content_type": row["type"],
            "started_at": self._text(row["begin"]),
            "finished_at": self._text(end) if end else None,
            "from": 0,
            "to": watched,
            "client_id": "12345678901234567890",
            "view_session_id": row["id"][:8],
            "country": "DE",
            "city": "Berlin",
            "is_mobile_view": False,
            "view_type": "embedded" if self.has("new-value") else "onsite",
        }
        if end is None and self.reads("IB-12", "absent"):
            del found["finished_at"]
        if self.has("absent"):
            del found["city"]
        if self.has("wider-type"):
            found["is_mobile_view"] = None
        if self.has("new-field"):
            found["isp"] = "Example Net"
        return found

    def _as_view(self, row: Row) -> Row:
        number = row["content"] if self.reads("IB-07", "integer") else str(row["content"])
        found = {**self._common(row), "view_id": row["id"], "content_id": number, "viewer_identifier": row["viewer"]}
        if not self.reads("IB-10", "absent"):
            found["device_info"] = {**_DEVICE, **({"screen": "large"} if self.has("nested-new-field") else {})}
        if self.has("bad-country"):
            found["country"] = "Germany"
        return {"type": "View", "attributes": found}

    def _viewers(self, query: dict[str, str]) -> list[Row]:
        rows = [row for row in self._views if row["end"] or query.get("list_unfinished_segments") != "false"]
        if "date_time_from" in query and self.reads("IB-47", "filtered"):
            last = self._time("date_time_to", query["date_time_to"])
            rows = [row for row in rows if row["begin"] < last]
        wanted = "" if self.has("search-ignored") else query.get("viewer_identifier", "")
        small = query.get("_limit") == "4" and self.has("viewers-unstable")
        names = sorted({row["viewer"] for row in rows if wanted in row["viewer"]}, reverse=small)
        return [self._viewer(name, [row for row in rows if row["viewer"] == name]) for name in names]

    def _viewer(self, name: str, rows: list[Row]) -> Row:
        distinct = {(row["type"], row["content"]) for row in rows}
        watched = {
            "segments": len(rows),
            "recorded-only": len({content for kind, content in distinct if kind == "recorded"}),
        }.get(self.readings.get("IB-29", ""), len(distinct))
        latest = max(row["end" if self.reads("IB-30", "last-finish") else "begin"] for row in rows)
        attributes = {
            "viewer_identifier": name,
            "videos_watched": watched,
            "last_activity": self._text(latest),
            "segments": [self._segment(row) for row in rows[:600]],
        }
        return {"type": "Viewer", "attributes": attributes}

    def _segment(self, row: Row) -> Row:
        number = str(row["content"]) if self.reads("IB-08", "string") else row["content"]
        device = {} if self.reads("IB-11", "absent") else {"device_info": _DEVICE}
        return {**self._common(row), "id": row["id"], "content_id": number, **device}

    def _page(self, got: Got, rows: list[Row]) -> Out:
        limit, page = int(got.query.get("_limit", 10)), int(got.query.get("_page", 1))
        pages = max(1, -(-len(rows) // limit))
        if page > pages and self.reads("IB-21", "not-found"):
            return Out(404, _errors("page"))
        shift = 1 if self.has("overlap") and page > 1 else 0
        cut = rows[(page - 1) * limit - shift : page * limit - shift + (1 if self.has("over-limit") else 0)]
        links: dict[str, Any] = {"self": page, "first": 1, "last": pages}
        links["prev"] = page - 1 if page > 1 else None
        links["next"] = page + 1 if page < pages else None
        pagination: Row = {
            name: None if number is None else {"href": self._link(got, number, limit)}
            for name, number in links.items()
            if number or not self.reads("IB-05", "absent")
        }
        pagination["count"] = len(rows) if self.reads("IB-02", "items") else pages
        return Out(200, {"data" if self.reads("IB-01", "data") else "resources": cut, "pagination": pagination})

    def _link(self, got: Got, page: int, limit: int) -> str:
        sample = self.reads("IB-06", "sample-path")
        path = "/views" if sample else "/" + "/".join(got.path[1:])
        kept = {} if self.reads("IB-03", "dropped") else dict(got.query)
        query = urlencode({**kept, "_page": page, "_limit": limit})
        return f"{'/v1' if self.reads('IB-04', 'with-version') else ''}{path}?{query}"


def _point(dimension: str, point: str, value: int) -> Row:
    return {"type": "Series", "attributes": {"dimension_type": dimension, "point": point, "value": value}}


def _errors(pointer: str) -> Row:
    return {"errors": [{"status": 400, "title": "Bad", "detail": "no", "source": {"pointer": pointer}}]}
