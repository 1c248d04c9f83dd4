"""A client of Video Central with httpx, and the driver that lets testcard judge it.

testcard verify --driver "python examples/drivers/python_httpx.py"
"""

import csv
import io
import json
import sys
import time
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

CLASSES = {400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 429: "rate-limit"}


class Failed(Exception):
    """The service did not answer as it should."""

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class Client:
    """Returns exactly what the service has, or raises `Failed`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = {name.removeprefix("TESTCARD_VIDEOCENTRAL_"): value for name, value in env.items()}
        self.token = self.env.get("TOKEN", "")
        self.session = httpx.Client(timeout=20)

    # The operations.

    def list_accounts(self, arguments: dict[str, str]) -> dict[str, Any]:
        return self.pages("/accounts")

    def list_report_groups(self, arguments: dict[str, str]) -> dict[str, Any]:
        return self.pages(place(arguments))

    def list_channels(self, arguments: dict[str, str]) -> dict[str, Any]:
        return self.pages(place(arguments))

    def list_report_types(self, arguments: dict[str, str]) -> dict[str, Any]:
        return self.pages(f"{place(arguments)}/reportTypes")

    def list_reports(self, arguments: dict[str, str]) -> dict[str, Any]:
        kind = quote(arguments.pop("report_type_id"), safe="")
        return self.pages(f"{place(arguments)}/reportTypes/{kind}/reports", arguments)

    def download_report(self, arguments: dict[str, str]) -> dict[str, Any]:
        day = arguments.pop("reportDateBegin")
        after = str(date.fromisoformat(day) + timedelta(days=1))
        found = self.list_reports({**arguments, "reportDateBeginGte": day, "reportDateBeginLt": after})["rows"]
        if not found:
            raise Failed("not-found", f"no report begins on {day}")
        link = found[0].get("downloadUrl")  # it carries its own permission: no token goes there
        return {"rows": records(self.send("GET", link).content) if link else []}

    # What they share.

    def pages(self, path: str, filters: Mapping[str, str] | None = None) -> dict[str, Any]:
        for _ in range(3):  # rows may come and go under way: then the pages do not fit together
            rows, totals = self.walk(path, {**(filters or {}), "limit": "50"})
            if totals == {len(rows)}:
                return {"rows": rows, "totals": {"total": len(rows)}}
        raise Failed("protocol", f"{len(rows)} rows where the pages say {totals}")

    def walk(self, path: str, query: dict[str, str] | None) -> tuple[list[Any], set[int]]:
        link, rows, totals, seen = self.env["URL"] + path, [], set(), set()
        while link:
            if link in seen or urlsplit(link).netloc != urlsplit(self.env["URL"]).netloc:
                raise Failed("protocol", f"the next page is {link}")
            seen.add(link)
            page = self.get(link, query)
            rows += page["data"]
            totals.add(page["total"])
            link, query = page.get("next"), None
        return rows, totals

    def get(self, link: str, query: Mapping[str, str] | None) -> Any:
        link = str(httpx.URL(link, params=query)) if query else link  # params would take the place of a link's query
        if not self.token:
            self.renew()
        try:
            answer = self.send("GET", link, headers={"Authorization": f"Bearer {self.token}"})
        except Failed as error:
            if error.status != 401:
                raise
            self.renew()
            answer = self.send("GET", link, headers={"Authorization": f"Bearer {self.token}"})
        return parsed(answer)

    def renew(self) -> None:
        names = ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
        form = {"grant_type": "refresh_token"} | {name.lower(): self.env[name] for name in names}
        tokens = parsed(self.send("POST", self.env["TOKEN_URL"], data=form))
        self.token, self.env["REFRESH_TOKEN"] = tokens["access_token"], tokens["refresh_token"]

    def send(self, method: str, url: str, **more: Any) -> httpx.Response:
        wait = 0.0
        for attempt in range(5):
            time.sleep(wait)
            wait = 0.05 * 2**attempt
            try:
                answer = self.session.request(method, url, **more)
            except httpx.RequestError as error:
                failure = Failed("network", str(error))
                continue
            if answer.status_code == 200:
                return answer
            failure = Failed(kind_of(answer.status_code), answer.text[:200], answer.status_code)
            if answer.status_code != 429 and answer.status_code < 500:
                break
            wait = pause(answer.headers.get("Retry-After")) or wait
        raise failure


def place(arguments: dict[str, str]) -> str:
    names = ("account_id", "reports_group_id", "channel_id")
    return "/accounts/" + "/".join(quote(arguments.pop(name), safe="") for name in names if name in arguments)


def parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Failed("protocol", f"not JSON: {error}", answer.status_code) from error


def records(content: bytes) -> list[dict[str, str]]:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


def pause(asked: str | None) -> float:
    if not asked or asked.isdigit():
        return float(asked or 0)
    return max(0, parsedate_to_datetime(asked).timestamp() - time.time())


def kind_of(status: int) -> str:
    return CLASSES.get(status, "server" if status >= 500 else "protocol")


def main() -> None:
    """The driver: a message a line, an answer a line."""
    operations = [name for name in vars(Client) if name.startswith(("list_", "download_"))]
    client = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "bye":
            return
        if message["type"] == "hello":
            answer = {"type": "introduced", "protocol": 1, "client": "httpx example", "operations": operations}
        else:
            if client is None or message["fresh"]:
                client = Client(message["env"])
            try:
                result = getattr(client, message["operation"])(message["arguments"])
                answer = {"type": "ok", "id": message["id"], **result}
            except Failed as error:
                more = {"class": error.kind, "status": error.status, "message": str(error)}
                answer = {"type": "failed", "id": message["id"], **more}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
