"""A client of Cloud Video Kit with httpx, and the driver that lets testcard judge it: VOD, live and analytics."""

import hashlib
import json
import ssl
import sys
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

CLASSES = {400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "rate-limit"}
LISTS = {
    "list_vod_assets": "/vod/v1/assets",
    "list_files": "/vod/v1/files",
    "list_channels": "/live/v1/channels",
    "list_events": "/live/v1/events",
    "list_streaming_assets": "/streaming/v1/assets",
    "list_presets": "/transcoder/v1/presets",
}
ONES = {
    "get_vod_asset": ("GET", "/vod/v1/assets/{id}"),
    "create_vod_asset": ("POST", "/vod/v1/assets"),
    "update_vod_asset": ("PATCH", "/vod/v1/assets/{id}"),
    "delete_vod_asset": ("DELETE", "/vod/v1/assets/{id}"),
    "get_file": ("GET", "/vod/v1/files/{id}"),
    "delete_file": ("DELETE", "/vod/v1/files/{id}"),
    "get_channel_status": ("GET", "/live/v1/channels/{id}/status"),
    "start_channel": ("POST", "/live/v1/channels/{id}/start"),
    "stop_channel": ("POST", "/live/v1/channels/{id}/stop"),
    "get_event": ("GET", "/live/v1/events/{id}"),
    "create_event": ("POST", "/live/v1/events"),
    "delete_event": ("DELETE", "/live/v1/events/{id}"),
}
MANY = {"delete_vod_assets": "/vod/v1/assets/deletemany", "delete_events": "/live/v1/events/deletemany"}
QUERIES = {f"get_queries_{name}": f"/streaming/v1/analytics/queries/{name}" for name in ("count", "sum", "avg")}

TRUSTED = ssl.create_default_context()  # reading certificates takes a while: once for all clients


class Failed(Exception):
    """The service did not answer as it should."""

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class Client:
    """Returns exactly what the service has, or raises `Failed`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        mine = {name.removeprefix("TESTCARD_VIDEOKIT_"): value for name, value in env.items()}
        self.url = mine["URL"]
        headers = {"X-Api-Key": mine["API_KEY"], "X-Tenant-Id": mine["TENANT_ID"]}
        self.session = httpx.Client(headers=headers, timeout=20, verify=TRUSTED)
        self.storage = httpx.Client(timeout=20, verify=TRUSTED)  # never sees the key

    # The operations.

    def pages(self, path: str, filters: Mapping[str, Any]) -> dict[str, Any]:
        for _ in range(3):  # rows may come and go under way: then the pages do not fit together
            rows, totals = self.walk(path, filters)
            if totals == {len(rows)}:
                return {"rows": rows}
        raise Failed("protocol", f"{len(rows)} rows where the pages say {totals}")

    def walk(self, path: str, filters: Mapping[str, Any]) -> tuple[list[Any], set[int]]:
        rows, totals, number, pages = [], set(), 1, 1
        while number <= pages:
            answer = self.call("GET", path, params={**filters, "page": number, "limit": 100})
            rows += answer["items"]
            totals.add(answer["totalCount"])
            number, pages = number + 1, answer["pageCount"]
        return rows, totals

    def one(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        method, path = ONES[operation]
        more = {"json": arguments.pop("body")} if "body" in arguments else {}
        answer = self.call(method, path.format_map({k: quote(v, safe="") for k, v in arguments.items()}), **more)
        field = "id" if operation.startswith("create") else "status" if operation.endswith("status") else ""
        return {"value": answer[field] if field else answer if method in ("GET", "PATCH") else None}

    def many(self, path: str, ids: list[str]) -> dict[str, Any]:
        results = self.call("POST", path, json=ids)
        failed = [each for each in ids if not results.get(each, {}).get("success")]
        return {"lists": {"deleted": [each for each in ids if each not in failed], "failed": failed}}

    def query(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        names = [*filter(None, [body.get("interval")]), *body.get("groupBy", ())]
        columns, asked = len(names) + 1, body.get("orderBy", [])
        told = {each["name"] for each in asked}
        body["orderBy"] = [*asked, *({"name": each, "order": "ASC"} for each in names if each not in told)]
        rows: list[Any] = []
        body = {name: value for name, value in body.items() if value}
        while True:
            part = self.call("POST", path, json={**body, "limit": 200, "offset": len(rows)}, repeatable=True)["rows"]
            rows += [row[:columns] for row in part]
            if len(part) < 200:
                return {"rows": rows}

    def upload_file(self, arguments: dict[str, Any]) -> dict[str, Any]:
        size, names = arguments["size"], {name: arguments[name] for name in ("name", "friendlyName")}
        piece = arguments["pattern"].encode()
        content = (piece * (size // len(piece) + 1))[:size]
        started = self.call("POST", "/vod/v1/files/start", json={**names, "fileSize": size})
        try:
            parts = [self.put(started, content, number) for number in range(1, started["partsCount"] + 1)]
            self.call("POST", "/vod/v1/files/complete", json={"fileId": started["fileId"], "parts": parts})
        except Failed:
            self.give_up(started["fileId"])
            raise
        return {"value": started["fileId"]}

    def put(self, started: Mapping[str, Any], content: bytes, number: int) -> dict[str, Any]:
        links, size = started["multipartUrls"], started["partSize"]
        path = f"/vod/v1/files/{started['fileId']}/part/{number}"
        link = links[number - 1] if number <= len(links) else self.call("GET", path)["url"]
        body = content[(number - 1) * size : number * size]
        answer = self.send(self.storage, "PUT", link, content=body)
        return {"partNumber": number, "eTag": answer.headers["ETag"]}

    def give_up(self, file: str) -> None:
        try:
            self.call("POST", f"/vod/v1/files/{file}/cancel", json={"delete": True})
        except Failed:
            return  # it may be over: what went wrong first is what is told

    def download_file(self, arguments: dict[str, Any]) -> dict[str, Any]:
        link = self.call("GET", f"/vod/v1/files/{quote(arguments['id'], safe='')}/preview")["link"]
        content = self.send(self.storage, "GET", link).content
        return {"value": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}}

    # What they share.

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.send(self.session, method, self.url + path, **more)
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise Failed("protocol", f"not JSON: {error}", answer.status_code) from error

    def send(self, session: httpx.Client, method: str, url: str, *, repeatable: bool = False, **more: Any) -> Any:
        once, wait = method in ("POST", "PATCH") and not repeatable, 0.0
        for attempt in range(5):
            time.sleep(wait)
            wait = 0.05 * 2**attempt
            try:
                answer = session.request(method, url, **more)
            except httpx.RequestError as error:
                failure = Failed("network", str(error))
                if once:
                    break  # it may have been done
                continue
            status = answer.status_code
            if answer.is_success or (method == "DELETE" and attempt and status == 404):
                return answer
            failure = Failed(kind_of(status), answer.text[:200], status)
            if status not in (429, 503) and (once or status < 500):
                break
            wait = max(wait, pause(answer.headers.get("Retry-After")))
        raise failure


def pause(asked: str | None) -> float:
    if not asked or asked.isdigit():
        return float(asked or 0)
    return max(0, parsedate_to_datetime(asked).timestamp() - time.time())


def kind_of(status: int) -> str:
    return CLASSES.get(status, "server" if status >= 500 else "protocol")


def carry_out(client: Client, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if operation in LISTS:
        return client.pages(LISTS[operation], arguments)
    if operation in ONES:
        return client.one(operation, arguments)
    if operation in MANY:
        return client.many(MANY[operation], arguments["ids"])
    if operation in QUERIES:
        return client.query(QUERIES[operation], arguments["body"])
    result: dict[str, Any] = getattr(client, operation)(arguments)
    return result


def main() -> None:
    """The driver: a message a line, an answer a line."""
    operations = [*LISTS, *ONES, *MANY, *QUERIES, "upload_file", "download_file"]
    client = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "bye":
            return
        if message["type"] == "hello":
            answer = {"type": "introduced", "protocol": 1, "client": "httpx", "operations": operations}
        else:
            if client is None or message["fresh"]:
                client = Client(message["env"])
            try:
                result = carry_out(client, message["operation"], message["arguments"])
                answer = {"type": "ok", "id": message["id"], **result}
            except Failed as error:
                more = {"class": error.kind, "status": error.status, "message": str(error)}
                answer = {"type": "failed", "id": message["id"], **more}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
