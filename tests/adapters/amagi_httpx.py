"""A client of Amagi Analytics with httpx, and the driver that lets testcard judge it.

It asks for everything at once, and turns pages where that did not bring everything.

testcard verify --api amagi --driver "python tests/adapters/amagi_httpx.py"
"""

import csv
import io
import json
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

CLASSES = {400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 422: "invalid", 429: "rate-limit"}
FIGURES = {
    "get_viewership_analytics": ("viewershipAnalytics", ("viewershipAnalytics",)),
    "get_ad_analytics": ("adAnalytics", ("adAnalytics",)),
    "get_unique_viewers_analytics": ("uniqueViewersAnalytics", ("uniqueViewerAnalytics", "uniqueViewersAnalytics")),
}
LISTS = {
    "get_content_analytics": ("contentAnalytics", "contentData", "contentCount"),
    "get_ad_content_analytics": ("adContentAnalytics", "adContentData", "adContentCount"),
}
OPERATIONS = ["list_channels", "get_concurrent_users", "download_report", *FIGURES, *LISTS]
PAGE = 100


class Failed(Exception):
    """The service did not answer as it should."""

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class Client:
    """Returns exactly what the service has, or raises `Failed`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.url = env["TESTCARD_AMAGI_URL"]
        self.session = httpx.Client(timeout=20, headers={"x-access-token": env["TESTCARD_AMAGI_TOKEN"]})

    def carry_out(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation in FIGURES:
            kind, names = FIGURES[operation]
            answer = self.ask(kind, asked)
            name = next(name for name in names if name in answer)
            return {"rows": answer.pop(name), "totals": answer}
        if operation in LISTS:
            return {"rows": self.everything(*LISTS[operation], asked)}
        if operation == "list_channels":
            return {"lists": self.ask("channelList", {})}
        if operation == "get_concurrent_users":
            return {"rows": self.ask("concurrentUsers", asked)}
        return {"rows": self.report(asked["scheduleId"], asked["from_date"])}

    def everything(self, kind: str, key: str, count: str, asked: Mapping[str, Any]) -> list[Any]:
        answer = self.ask(kind, asked)
        rows: list[Any] = answer[key]
        if len(rows) == answer[count]:
            return rows
        rows, number = [], 1
        while page := self.ask(kind, {**asked, "page": number, "limit": PAGE})[key]:
            rows += page
            number += 1
        if len(rows) != answer[count]:
            raise Failed("protocol", f"{kind}: {len(rows)} rows of {answer[count]}")
        return rows

    def report(self, schedule: str, day: str) -> list[Any]:
        base = self.url.removesuffix("/api/v2")
        content = self.send(f"{base}/api/v1/download-reports/{quote(schedule, safe='')}/{day}").content
        if not content:
            return []  # nothing to report on
        header, *lines = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
        if any(len(line) != len(header) for line in lines):
            raise Failed("protocol", "lines of different lengths")
        return [dict(zip(header, line, strict=True)) for line in lines]

    def ask(self, kind: str, asked: Mapping[str, Any]) -> Any:
        answer = self.send(self.url, {"type": kind, **asked})
        try:
            return answer.json()
        except ValueError as error:
            raise Failed("protocol", f"not JSON: {error}", answer.status_code) from error

    def send(self, url: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        wait = 0.0
        for attempt in range(5):
            time.sleep(wait)
            wait = 0.05 * 2**attempt
            try:
                answer = self.session.get(url, params=query)
            except httpx.RequestError as error:
                failure = Failed("network", str(error))
                continue
            if answer.status_code == 200:
                return answer
            kind = CLASSES.get(answer.status_code, "server" if answer.status_code >= 500 else "protocol")
            failure = Failed(kind, answer.text[:200], answer.status_code)
            if answer.status_code != 429 and answer.status_code < 500:
                break
            wait = float(answer.headers.get("Retry-After", wait))
        raise failure


def main() -> None:
    """The driver: a message a line, an answer a line."""
    client = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "bye":
            return
        if message["type"] == "hello":
            answer = {"type": "introduced", "protocol": 1, "client": "httpx", "operations": OPERATIONS}
        else:
            if client is None or message["fresh"]:
                client = Client(message["env"])
            try:
                result = client.carry_out(message["operation"], message["arguments"])
                answer = {"type": "ok", "id": message["id"], **result}
            except Failed as error:
                more = {"class": error.kind, "status": error.status, "message": str(error)}
                answer = {"type": "failed", "id": message["id"], **more}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
