"""A desk to ask Amagi from: one mock, one customer, short questions."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from support import Answer, Mock

__all__ = ["BASE", "DAILY", "HOURLY", "NOW", "RANGE", "Desk"]

BASE = "/amagi/api/v2"
NOW = "2024-06-16T12:00:30Z"
RANGE: dict[str, Any] = {"startDate": "2024-06-15", "endDate": "2024-06-15", "timezone": "Universal"}
DAILY: dict[str, Any] = {**RANGE, "interval": "DAILY"}
HOURLY: dict[str, Any] = {**RANGE, "interval": "HOURLY"}


class Desk:
    """Asks in the name of a world's first customer, or of *token*."""

    def __init__(self, *, profile: str = "empty", now: str = NOW, **options: Any) -> None:
        self.mock = Mock("amagi", profile=profile, now=now, **options)
        self.token = self.mock.env("amagi")["TOKEN"]

    def put(self, table: str, *rows: dict[str, Any], replace: bool = True) -> Answer:
        """Put explicit rows through the control interface."""
        method = "PUT" if replace else "POST"
        return self.mock.request(method, f"/_testcard/worlds/default/rows/amagi/{table}", json={"rows": list(rows)})

    def rows(self, table: str, stretch: Mapping[str, str] | None = None, *, limit: int = 1000) -> list[dict[str, Any]]:
        """A table as the control interface reads it back, page after page."""
        found: list[dict[str, Any]] = []
        query = urlencode({**(stretch or {}), "limit": limit})
        path: str | None = f"/_testcard/worlds/default/rows/amagi/{table}?{query}"
        while path:
            page = self.mock.get(path).json
            found += page["rows"]
            path = page["next"]
        return found

    def choose(self, **readings: str) -> None:
        """Put readings in force, ``AM_10="one-required"``."""
        wanted = {name.replace("_", "-"): value for name, value in readings.items()}
        answer = self.mock.request("PUT", "/_testcard/worlds/default/readings", json=wanted)
        assert answer.status == 200, answer.text

    def control(self, path: str, body: Any, method: str = "POST") -> Answer:
        """A call to the control interface of the world."""
        return self.mock.request(method, f"/_testcard/worlds/default/{path}", json=body)

    def answer(self, *, token: str | None = "", path: str = BASE, **params: Any) -> Answer:
        """Ask; an empty *token* is the customer's own, None sends none."""
        headers = {} if token is None else {"x-access-token": token or self.token}
        return self.mock.get(path, params={name.rstrip("_"): value for name, value in params.items()}, headers=headers)

    def ask(self, type_: str, **params: Any) -> Any:
        """Ask and expect figures."""
        answer = self.answer(type_=type_, **params)
        assert answer.status == 200, answer.text
        return answer.json

    def refused(self, type_: str, status: int = 422, **params: Any) -> str:
        """Ask and expect a refusal; returns its message."""
        answer = self.answer(type_=type_, **params)
        assert answer.status == status, answer.text
        assert answer.json["statusCode"] == status
        return str(answer.json["message"])

    def viewership(
        self, day: str = "2024-06-15", *, interval: str = "DAILY", zone: str = "Universal", **more: Any
    ) -> Any:
        """Viewership of one day, or of what *more* says."""
        asked = {"startDate": day, "endDate": day, "interval": interval, "timezone": zone, **more}
        return self.ask("viewershipAnalytics", **asked)

    def download(self, schedule: str, day: str, *, token: str = "") -> Answer:
        """Fetch a report."""
        headers = {"x-access-token": token or self.token}
        return self.mock.get(f"/amagi/api/v1/download-reports/{schedule}/{day}", headers=headers)

    def lines(self, schedule: str, day: str) -> list[dict[str, str]]:
        """The records of a report."""
        answer = self.download(schedule, day)
        assert answer.status == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.text)))


def session(start: str, minutes: int | None = 30, **more: Any) -> dict[str, Any]:
    """A row of ``amagi/sessions``: *start* as ``HH:MM`` of the 15th of June 2024 UTC, or in full."""
    at = start if "T" in start else f"2024-06-15T{start}:00Z"
    end = None if minutes is None else _later(at, minutes)
    return {"start": at, "end": end, **more}


def _later(at: str, minutes: int) -> str:
    from datetime import datetime, timedelta

    return (datetime.fromisoformat(at) + timedelta(minutes=minutes)).isoformat()


def viewer(number: int, **more: Any) -> dict[str, Any]:
    """The address and user agent of viewer *number*."""
    return {"ipAddress": f"198.18.0.{number}", "userAgent": "VLC/3.0.20", **more}


def column(rows: Sequence[dict[str, Any]], name: str) -> list[Any]:
    """One field of each row."""
    return [row[name] for row in rows]
