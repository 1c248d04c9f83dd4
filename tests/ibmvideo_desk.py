"""A desk for the tests of IBM Video Streaming: a mock, a token, and short ways to what most tests begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from support import Answer, Mock

__all__ = ["DAY", "Desk", "errors", "pointers"]

Row = dict[str, Any]

DAY = {"date_time_from": "2026-03-01T00:00:00+00:00", "date_time_to": "2026-03-02T00:00:00+00:00"}


class Desk:
    """One mock and one customer of it; paths begin after ``/v1``."""

    def __init__(self, mock: Mock | None = None, **options: Any) -> None:
        self.mock = mock or Mock("ibmvideo", **options)
        self.environment = self.mock.env("ibmvideo")
        self.token = self.environment["TOKEN"]

    def get(
        self, path: str, *, token: str | None = None, query: Mapping[str, Any] | None = None, **more: Any
    ) -> Answer:
        """GET with the desk's token, or another."""
        headers = {"Authorization": self.token if token is None else token}
        return self.mock.get(f"/ibmvideo/v1{path}", headers=headers, params={**(query or {}), **more})

    def rows(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> list[Row]:
        """The rows of a page, which must be there."""
        answer = self.get(path, query=query, **more)
        assert answer.status == 200, answer.text
        rows: list[Row] = answer.json["resources"]
        return rows

    def attributes(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> list[Row]:
        """The attributes of up to 10,000 rows."""
        return [row["attributes"] for row in self.rows(path, query, **{"_limit": 10_000, **more})]

    def pages(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Iterator[Answer]:
        """The pages from the first on, by their next links, each relative to the base address."""
        answer = self.get(path, query=query, **more)
        while True:
            assert answer.status == 200, answer.text
            yield answer
            link = answer.json["pagination"]["next"]
            if link is None:
                return
            parts = urlsplit(link["href"])
            answer = self.get(parts.path, query=dict(parse_qsl(parts.query, keep_blank_values=True)))

    def put(self, rows: Sequence[Row]) -> None:
        """Have exactly these rows in the world."""
        answer = self.mock.request("PUT", "/_testcard/worlds/default/rows/ibmvideo/segments", json={"rows": list(rows)})
        assert answer.status == 200, answer.text

    def table(self, since: str = "") -> list[Row]:
        """Every row of the world's table, or what begins at an instant or later."""
        stretch = f"&from={since}" if since else ""
        url: str | None = f"/_testcard/worlds/default/rows/ibmvideo/segments?limit=1000{stretch}"
        rows: list[Row] = []
        while url:
            answer = self.mock.get(url).json
            rows += answer["rows"]
            url = answer["next"]
        return rows

    def at(self, now: str) -> None:
        """Stop the world's clock there."""
        body = {"now": now, "frozen": True}
        assert self.mock.request("PUT", "/_testcard/worlds/default/clock", json=body).status == 200

    def read(self, **readings: str) -> None:
        """Put readings in force: ``IB_13="overlap"``."""
        body = {name.replace("_", "-"): value for name, value in readings.items()}
        answer = self.mock.request("PUT", "/_testcard/worlds/default/readings", json=body)
        assert answer.status == 200, answer.text

    @property
    def credentials(self) -> dict[str, str]:
        """The form of the client credentials grant."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.environment["CLIENT_ID"],
            "client_secret": self.environment["CLIENT_SECRET"],
        }

    def ask_token(self, form: Mapping[str, str], *, authorization: str | None = None, **more: str) -> Answer:
        """A call of the token service."""
        headers = {"Authorization": authorization} if authorization else None
        return self.mock.post("/ibmvideo/oauth2/token", form={**form, **more}, headers=headers)


def errors(answer: Answer, status: int) -> list[Row]:
    """The errors of a refusal, which must be in the vendor's envelope."""
    assert answer.status == status, answer.text
    found: list[Row] = answer.json["errors"]
    assert found
    assert all(each["status"] == status and each["title"] and each["detail"] for each in found)
    return found


def pointers(answer: Answer, status: int = 400) -> list[str]:
    """What the errors of a refusal point at."""
    return [each["source"]["pointer"] for each in errors(answer, status)]
