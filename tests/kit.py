"""A kit for the tests of Cloud Video Kit: a mock with a key, and short ways to what most tests begin with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from support import Answer, Mock

__all__ = ["Kit", "Row", "SocketKit"]

Row = dict[str, Any]


class Kit:
    """One world of a mock and one key of it; paths begin after ``/videokit``."""

    def __init__(self, mock: Mock | None = None, **options: Any) -> None:
        self.mock = mock or Mock("videokit", **options)
        self.environment = self.mock.env("videokit")
        self.key = self.environment["API_KEY"]
        self.tenant = self.environment["TENANT_ID"]
        self.world = "default"

    @property
    def place(self) -> Path:
        """The folder of the world's files."""
        return self.mock.switchboard.worlds.get(self.world).folder()

    def close(self) -> None:
        """Drop the world."""
        self.mock.switchboard.worlds.close()

    def send(self, method: str, url: str, **options: Any) -> Answer:
        """Any request to the server."""
        return self.mock.request(method, url, **options)

    def call(self, method: str, path: str, *, key: str | None = None, **options: Any) -> Answer:
        """One call with the kit's key, or another."""
        headers: Mapping[str, str] = {"X-Api-Key": key or self.key, **options.pop("headers", {})}
        return self.send(method, f"/videokit{path}", headers=headers, **options)

    def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        """POST."""
        return self.call("POST", path, json=json, **options)

    def patch(self, path: str, json: Any, **options: Any) -> Answer:
        """PATCH."""
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE."""
        return self.call("DELETE", path, **options)

    def advance(self, seconds: float) -> None:
        """Let the world's time pass."""
        answer = self.send("POST", f"/_testcard/worlds/{self.world}/clock/advance", json={"seconds": seconds})
        assert answer.status == 200, answer.text

    def rows(self, table: str, *rows: Row, replace: bool = True) -> list[Row]:
        """Put explicit rows, as the control interface does; returns them filled."""
        method = "PUT" if replace else "POST"
        url = f"/_testcard/worlds/{self.world}/rows/videokit/{table}"
        answer = self.send(method, url, json={"rows": list(rows)})
        assert answer.status in (200, 201), answer.text
        return self.given(table)

    def given(self, table: str) -> list[Row]:
        """The explicit rows of a table, filled."""
        return self.mock.world.rows.given("videokit", table)

    def grant(self, role: str, tenants: Any = None) -> str:
        """A further key of that role."""
        grants = {"role": role} | ({"tenants": tenants} if tenants else {})
        answer = self.send(
            "POST", f"/_testcard/worlds/{self.world}/credentials", json={"api": "videokit", "grants": grants}
        )
        assert answer.status == 201, answer.text
        return str(answer.json["TESTCARD_VIDEOKIT_API_KEY"])

    def start(self, size: int = 100, name: str = "clip.mp4") -> Row:
        """Begin an upload."""
        body = {"name": name, "friendlyName": name.upper(), "fileSize": size}
        answer = self.post("/vod/v1/files/start", body)
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def put(self, link: str, body: bytes, **headers: str) -> Answer:
        """Send the bytes of one part."""
        sent = {"content-type": "application/octet-stream", **headers}
        return self.send("PUT", link, body=body, headers=sent)

    def upload(self, content: bytes = b"x" * 100, name: str = "clip.mp4") -> str:
        """Upload a file of one part; returns its id."""
        started = self.start(len(content), name)
        sent = self.put(started["multipartUrls"][0], content)
        assert sent.status == 200, sent.text
        parts = [{"partNumber": 1, "eTag": sent.headers["ETag"]}]
        done = self.post("/vod/v1/files/complete", {"fileId": started["fileId"], "parts": parts})
        assert done.status == 200, done.text
        return str(started["fileId"])

    def asset(self, file: str | None = None, **more: Any) -> str:
        """Make an asset of a file, or of a new one; returns its id."""
        body = {"transcodedSources": [{"fileId": file or self.upload()}], "preset": "dash_hls_1080p", **more}
        made = self.post("/vod/v1/assets", body)
        assert made.status == 200, made.text
        return str(made.json["id"])


class SocketKit(Kit):
    """A kit with a world of its own on a server that runs, found by its key; *mock* is what is served there."""

    def __init__(self, url: str, mock: Mock | None = None, **recipe: Any) -> None:
        self._url = url
        if mock:
            self.mock = mock
        self._session = requests.Session()
        answer = self.send("POST", "/_testcard/worlds", json=recipe)
        assert answer.status == 201, answer.text
        self.world, self.environment = answer.json["id"], answer.json["env"]
        self.key = self.environment["TESTCARD_VIDEOKIT_API_KEY"]
        self.tenant = self.environment["TESTCARD_VIDEOKIT_TENANT_ID"]

    def given(self, table: str) -> list[Row]:
        """Nothing: the server is asked for rows as any client asks."""
        return []

    def send(self, method: str, url: str, *, body: bytes = b"", **options: Any) -> Answer:
        """Any request to the server."""
        link = url if "://" in url else f"{self._url}{url}"
        answer = self._session.request(method, link, data=body or None, timeout=30, **options)
        return Answer(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        """Drop the world."""
        assert self.send("DELETE", f"/_testcard/worlds/{self.world}").status == 204
        self._session.close()
