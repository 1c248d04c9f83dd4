"""What the tests of Video Central share: a mock with one user at it, and its files read."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from support import ROOT, Answer, Mock

__all__ = ["BASE", "TOKEN_PATH", "Desk", "read_csv", "reason", "unpack"]

BASE = "/videocentral/apis/v1"
TOKEN_PATH = "/videocentral/auth/o2/token"

Row = dict[str, Any]


class Desk:
    """A mock of Video Central and its one user."""

    def __init__(self, **options: Any) -> None:
        self.mock = Mock("videocentral", **options)
        self.env = self.mock.env("videocentral")

    @property
    def headers(self) -> dict[str, str]:
        """The user's credential."""
        return {"Authorization": f"Bearer {self.env['TOKEN']}"}

    def get(self, path: str, **params: Any) -> Answer:
        """GET a path of the API, or a link out of an answer, with the credential."""
        url = path if path.startswith("http") else BASE + path
        return self.mock.get(url, params=params, headers=self.headers)

    def data(self, path: str, **params: Any) -> list[Row]:
        """The items of one page."""
        answer = self.get(path, **params)
        assert answer.status == 200, answer.text
        rows: list[Row] = answer.json["data"]
        return rows

    def all(self, path: str, **params: Any) -> list[Row]:
        """The items of all pages, by `next`."""
        rows: list[Row] = []
        link: str | None = path
        while link:
            answer = self.get(link, **params)
            assert answer.status == 200, answer.text
            rows += answer.json["data"]
            link, params = answer.json.get("next"), {}
        return rows

    def token(self, **form: str) -> Answer:
        """A token request; the refresh grant unless *form* says otherwise, None dropping a field."""
        usual = {
            "grant_type": "refresh_token",
            "refresh_token": self.env["REFRESH_TOKEN"],
            "client_id": self.env["CLIENT_ID"],
            "client_secret": self.env["CLIENT_SECRET"],
        }
        sent = {name: value for name, value in {**usual, **form}.items() if value is not None}
        return self.mock.post(TOKEN_PATH, form=sent)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control interface for the default world."""
        answer = self.mock.request(method, f"{ROOT}/_testcard/worlds/default{path}", json=body)
        assert answer.status < 400, answer.text
        return answer.json if answer.body else None

    def put(self, table: str, *rows: Row) -> None:
        """Have exactly these rows in a table."""
        self.control("PUT", f"/rows/videocentral/{table}", {"rows": list(rows)})

    def advance(self, **time: float) -> None:
        """Move the clock on by ``days``, ``hours``, ``seconds``."""
        seconds = time.get("days", 0) * 86_400 + time.get("hours", 0) * 3600 + time.get("seconds", 0)
        self.mock.world.clock.advance(seconds)

    def later(self, **time: float) -> None:
        """Move the clock on, and take a new access token if the old one died of it."""
        self.advance(**time)
        self.env = self.mock.env("videocentral")

    def grant(self, **grants: Any) -> Desk:
        """A further user at the same mock."""
        env = self.control("POST", "/credentials", {"api": "videocentral", "grants": grants})
        other = object.__new__(Desk)
        other.mock = self.mock
        other.env = {name.removeprefix("TESTCARD_VIDEOCENTRAL_"): value for name, value in env.items()}
        return other

    def reports_path(self, name: str, cadence: str, *, group: str = "channels", channel: int = 0) -> str:
        """The address of the reports of a type, found from the accounts down."""
        for account in self.all("/accounts"):
            for found in self.all(f"/accounts/{account['id']}"):
                if found["id"] == group:
                    path = f"/accounts/{account['id']}/{group}"
                    path += f"/{self.all(path)[channel]['id']}/reportTypes"
                    types = self.all(path)
                    wanted = next(each for each in types if (each["name"], each["cadence"]) == (name, cadence))
                    return f"{path}/{wanted['id']}/reports"
        raise AssertionError(f"no account has the group {group}")

    def file(self, report: Row) -> list[Row]:
        """The rows of a report's file."""
        answer = self.mock.get(report["downloadUrl"])
        assert answer.status == 200, answer.text
        return read_csv(unpack(answer.body))


def unpack(body: bytes) -> str:
    """The text of the one CSV file in a ZIP."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        (name,) = archive.namelist()
        assert name.endswith(".csv")
        return archive.read(name).decode("utf-8")


def read_csv(text: str) -> list[Row]:
    """A CSV's rows by column."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def reason(answer: Answer) -> tuple[int, str]:
    """Status and reason of a refusal."""
    return answer.status, answer.json["reason"]
