"""A client of IBM Video Streaming Analytics with httpx, and the driver that lets testcard judge it.

It takes of a next link the number of the page alone, so it matters little what else a link says.

testcard verify --api ibmvideo --driver "python tests/adapters/ibmvideo_httpx.py"
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

CLASSES = {400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 429: "rate-limit"}
COUNTS = ("total-views", "unique-devices", "authenticated-viewers")
FLOWS = ("peak-viewer-numbers", "viewer-seconds")
PATHS = {
    "list_views": "/views",
    "list_views_of_type": "/views/{content_type}",
    "list_viewers": "/viewers",
    "list_viewers_of_type": "/viewers/{content_type}",
}
for name in COUNTS:
    word = name.replace("-", "_")
    PATHS[f"get_{word}_summary"] = f"/{name}/summary"
    PATHS[f"get_{word}_summary_of_type"] = f"/{name}/{{content_type}}/summary"
    PATHS[f"list_{word}"] = f"/{name}/{{dimension}}"
    PATHS[f"list_{word}_of_type"] = f"/{name}/{{content_type}}/{{dimension}}"
for name in FLOWS:
    word = name.replace("-", "_")
    PATHS[f"list_{word}"] = f"/{name}"
    PATHS[f"list_{word}_of_type"] = f"/{name}/{{content_type}}"
    PATHS[f"get_{word}_summary"] = f"/{name}/{{content_type}}/summary"


class Failed(Exception):
    """The service did not answer as it should."""

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class Client:
    """Returns exactly what the service has, or raises `Failed`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = {name.removeprefix("TESTCARD_IBMVIDEO_"): value for name, value in env.items()}
        self.token = self.env.get("TOKEN", "")
        self.session = httpx.Client(timeout=90)

    def carry_out(self, operation: str, arguments: Mapping[str, Any]) -> list[Any]:
        path = PATHS[operation].format(**{name: value for name, value in arguments.items() if isinstance(value, str)})
        in_path = [name for name in ("content_type", "dimension") if name in arguments]
        query = {name: text(value) for name, value in arguments.items() if name not in in_path}
        if operation.startswith("get_"):
            return rows_of(self.get(path, query))
        for _ in range(3):  # rows may come and go under way: then the pages do not fit together
            pages = list(self.pages(path, query))
            rows = [row for page in pages for row in rows_of(page)]
            settled = len({page["pagination"]["count"] for page in pages}) == 1
            if settled and len({identity(row) for row in rows}) == len(rows):
                return rows
        raise Failed("conflict", f"{path} changes while it is read")

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        number, seen = "1", set()
        while number:
            if number in seen:
                raise Failed("protocol", f"page {number} comes again")
            seen.add(number)
            page = self.get(path, {**query, "_limit": "100", "_page": number})
            yield page
            link = page["pagination"].get("next")
            number = parse_qs(urlsplit(link["href"]).query)["_page"][0] if link else ""

    def get(self, path: str, query: Mapping[str, str]) -> Any:
        if not self.token:
            self.renew()
        try:
            return parsed(self.send("GET", self.env["URL"] + path, query, self.token))
        except Failed as error:
            if error.kind != "auth":
                raise
        self.renew()
        return parsed(self.send("GET", self.env["URL"] + path, query, self.token))

    def renew(self) -> None:
        """A JWT; the secret goes into the body, or behind Basic where that is refused."""
        form = {"grant_type": "client_credentials", "client_id": self.env["CLIENT_ID"], "token_type": "jwt"}
        secret = self.env["CLIENT_SECRET"]
        try:
            answer = self.send("POST", self.env["TOKEN_URL"], data={**form, "client_secret": secret})
        except Failed as error:
            if "invalid_client" not in str(error):
                raise
            answer = self.send("POST", self.env["TOKEN_URL"], token=f"Basic {secret}", data=form)
        self.token = parsed(answer)["access_token"]

    def send(
        self, method: str, url: str, query: Mapping[str, str] | None = None, token: str = "", **more: Any
    ) -> httpx.Response:
        headers = {"Authorization": token} if token else {}
        wait = 0.0
        for attempt in range(5):
            time.sleep(wait)
            wait = 0.05 * 2**attempt
            try:
                answer = self.session.request(method, url, params=query, headers=headers, **more)
            except httpx.RequestError as error:
                failure = Failed("network", str(error))
                continue
            if answer.status_code == 200:
                return answer
            kind = CLASSES.get(answer.status_code, "server" if answer.status_code >= 500 else "protocol")
            failure = Failed(kind, answer.text[:300], answer.status_code)
            if answer.status_code not in (429, 502, 503, 504):
                break
            wait = float(answer.headers.get("Retry-After", wait))  # whole seconds, never a date
        raise failure


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def rows_of(page: Any) -> list[Any]:
    rows = page["resources"] if "resources" in page else page["data"]
    return [row["attributes"] for row in rows]


def identity(row: Any) -> str:
    """What no two rows of a list share: a view's id, a viewer's name, or all of it."""
    return str(row.get("view_id") or row if "segments" not in row else row["viewer_identifier"])


def parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Failed("protocol", f"not JSON: {error}", answer.status_code) from error


def main() -> None:
    """The driver: a message a line, an answer a line."""
    client = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "bye":
            return
        if message["type"] == "hello":
            answer = {"type": "introduced", "protocol": 1, "client": "httpx", "operations": list(PATHS)}
        else:
            if client is None or message["fresh"]:
                client = Client(message["env"])
            try:
                rows = client.carry_out(message["operation"], message["arguments"])
                answer = {"type": "ok", "id": message["id"], "rows": rows}
            except Failed as error:
                more = {"class": error.kind, "status": error.status, "message": str(error)}
                answer = {"type": "failed", "id": message["id"], **more}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
