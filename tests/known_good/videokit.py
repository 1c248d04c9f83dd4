"""A careful client of Cloud Video Kit's VOD, Core and Transcoder, as a user would write it with requests.

Knows nothing of testcard. Returns exactly what the service has, or raises; waits where waiting helps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Self
from urllib.parse import quote

import requests

__all__ = ["Client", "ClientError", "NotDone"]

Row = dict[str, Any]


_SAFE_TO_REPEAT = (requests.codes.too_many_requests, requests.codes.service_unavailable)  # nothing was done


class ClientError(Exception):
    """The service did not answer as it should; nothing partial was returned. *status* is 0 where it said none."""

    def __init__(self, message: str, status: int = 0, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.unreachable = unreachable


class NotDone(ClientError):
    """Some of several deletions failed; *failed* has the message for each id."""

    def __init__(self, failed: dict[str, str]) -> None:
        super().__init__(f"{len(failed)} failed: {failed}")
        self.failed = failed


class Client:
    """One key of one tenant. *url* is what stands before ``/vod/v1``."""

    def __init__(
        self,
        url: str,
        api_key: str,
        tenant_id: str = "",
        *,
        page_size: int = 50,
        retries: int = 4,
        backoff_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-Api-Key": api_key} | ({"X-Tenant-Id": tenant_id} if tenant_id else {})
        self._page_size = page_size
        self._retries = retries
        self._backoff_s = backoff_s
        self._sleep = sleep
        self._session = requests.Session()
        self._storage = requests.Session()  # never sees the key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._storage.close()

    # VOD: assets

    def create_vod_asset(self, sources: Sequence[Row], preset: str, **more: Any) -> str:
        """Make an asset; returns its id."""
        body = {"transcodedSources": list(sources), "preset": preset, **more}
        return str(self.call("POST", "/vod/v1/assets", json=body)["id"])

    def list_vod_assets(self, **filters: Any) -> list[Row]:
        """All assets that satisfy the filters, of all pages."""
        return self.walk("/vod/v1/assets", **filters)

    def get_vod_asset(self, asset: str) -> Row:
        """One asset."""
        return dict(self.call("GET", f"/vod/v1/assets/{_segment(asset)}"))

    def wait_for_asset(self, asset: str, *, polls: int = 100, pause_s: float = 5.0) -> Row:
        """The asset once it is Available."""
        for _ in range(polls):
            row = self.get_vod_asset(asset)
            if row["status"] == "Available":
                return row
            if row["status"] == "Error":
                raise ClientError(f"asset {asset}: {row.get('errorMessage')}")
            self._sleep(pause_s)
        raise ClientError(f"asset {asset} is {row['status']} after {polls} polls")

    def update_vod_asset(self, asset: str, **changes: Any) -> Row:
        """Change what is named."""
        return dict(self.call("PATCH", f"/vod/v1/assets/{_segment(asset)}", json=changes))

    def delete_vod_asset(self, asset: str) -> None:
        """Delete one asset."""
        self.call("DELETE", f"/vod/v1/assets/{_segment(asset)}")

    def delete_vod_assets(self, assets: Sequence[str]) -> None:
        """Delete several, or raise `NotDone`."""
        self._delete_many("/vod/v1/assets/deletemany", assets)

    def add_vod_output(self, asset: str, preset: str, **more: Any) -> str:
        """Add an output; returns its id."""
        body = {"preset": preset, **more}
        return str(self.call("POST", f"/vod/v1/assets/{_segment(asset)}/outputs", json=body)["outputId"])

    def remove_vod_output(self, asset: str, output: str) -> None:
        """Remove an output."""
        self.call("DELETE", f"/vod/v1/assets/{_segment(asset)}/outputs/{_segment(output)}")

    # VOD: files

    def list_files(self, **filters: Any) -> list[Row]:
        """All files that satisfy the filters, of all pages."""
        return self.walk("/vod/v1/files", **filters)

    def get_file(self, file: str) -> Row:
        """One file."""
        return dict(self.call("GET", f"/vod/v1/files/{_segment(file)}"))

    def update_file(self, file: str, **changes: Any) -> Row:
        """Change what is named."""
        return dict(self.call("PATCH", f"/vod/v1/files/{_segment(file)}", json=changes))

    def delete_file(self, file: str) -> str:
        """Delete one file; returns what it was."""
        return str(self.call("DELETE", f"/vod/v1/files/{_segment(file)}")["deletedFileKey"])

    def delete_files(self, files: Sequence[str]) -> None:
        """Delete several, or raise `NotDone`."""
        self._delete_many("/vod/v1/files/deletemany", files)

    def get_file_preview_url(self, file: str) -> str:
        """A link to the file's bytes."""
        return str(self.call("GET", f"/vod/v1/files/{_segment(file)}/preview")["link"])

    def download(self, file: str) -> bytes:
        """The file's bytes."""
        answer = self._patiently(self._storage, "GET", self.get_file_preview_url(file))
        return _good(answer).content

    def upload(self, content: BinaryIO, size: int, name: str, friendly_name: str, **more: Any) -> str:
        """Upload a file in parts, or leave nothing behind; returns its id."""
        started = self.start_file_upload(name, friendly_name, size, **more)
        file, count = started["fileId"], started["partsCount"]
        if started["partSize"] * (count - 1) + started["lastPartSize"] != size:
            raise ClientError(f"the parts of {file} do not add up: {started}")
        try:
            parts = [self._send_part(started, content, number) for number in range(1, count + 1)]
            self.complete_file_upload(file, parts)
        except ClientError:
            with suppress(ClientError):  # it may be over: what went wrong first is what is told
                self.cancel_file_upload(file, delete=True)
            raise
        return str(file)

    def start_file_upload(self, name: str, friendly_name: str, size: int, **more: Any) -> Row:
        """Begin an upload."""
        body = {"name": name, "friendlyName": friendly_name, "fileSize": size, **more}
        return dict(self.call("POST", "/vod/v1/files/start", json=body))

    def get_file_part_url(self, file: str, number: int) -> str:
        """Where a part goes."""
        return str(self.call("GET", f"/vod/v1/files/{_segment(file)}/part/{number}")["url"])

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        """Finish an upload."""
        body = {"fileId": file, "parts": list(parts)}
        return dict(self.call("POST", "/vod/v1/files/complete", json=body))

    def cancel_file_upload(self, file: str, *, delete: bool) -> None:
        """Give an upload up."""
        self.call("POST", f"/vod/v1/files/{_segment(file)}/cancel", json={"delete": delete})

    def detect_file_tracks(self, file: str) -> list[Row]:
        """The tracks in a file."""
        return list(self.call("POST", f"/vod/v1/files/{_segment(file)}/detect")["tracks"])

    def list_file_types(self) -> dict[str, list[str]]:
        """Extensions by type."""
        return dict(self.call("GET", "/vod/v1/filetypes")["fileTypes"])

    def list_languages(self) -> list[str]:
        """Languages of tracks."""
        return list(self.call("GET", "/vod/v1/languages")["languages"])

    # Core

    def get_tenant_status(self, tenant: str) -> str:
        """The tenant's status."""
        return str(self.call("GET", f"/core/v1/settings/tenant/{_segment(tenant)}/status")["status"])

    def list_api_keys(self, **filters: Any) -> list[Row]:
        """All keys; this list writes its parameters with capitals."""
        return self.walk("/core/v1/api-key", page="Page", limit="Limit", **filters)

    def get_api_key(self, key: str) -> Row:
        """One key."""
        return dict(self.call("GET", f"/core/v1/api-key/{_segment(key)}"))

    def create_api_key(self, name: str, role: str) -> tuple[str, str]:
        """Make a key; returns its id and what goes into X-Api-Key."""
        made = self.call("POST", "/core/v1/api-key", json={"name": name, "roleId": role})
        return made["id"], made.get("value") or made["id"]

    def update_api_key(self, key: str, name: str, role: str) -> Row:
        """Rename a key and give it a role."""
        return dict(self.call("PUT", f"/core/v1/api-key/{_segment(key)}", json={"name": name, "roleId": role}))

    def delete_api_key(self, key: str) -> None:
        """Delete a key."""
        self.call("DELETE", f"/core/v1/api-key/{_segment(key)}")

    # Transcoder

    def list_presets(self) -> list[Row]:
        """All presets."""
        return self.walk("/transcoder/v1/presets")

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        links = started["multipartUrls"]
        file, last = started["fileId"], number == started["partsCount"]
        link = links[number - 1] if number <= len(links) else self.get_file_part_url(file, number)
        body = content.read(started["lastPartSize"] if last else started["partSize"])
        headers = {"Content-Type": "application/octet-stream"}
        answer = self._patiently(self._storage, "PUT", link, data=body, headers=headers)
        if answer.status_code == requests.codes.forbidden and "expired" in answer.text:
            link = self.get_file_part_url(file, number)
            answer = self._patiently(self._storage, "PUT", link, data=body, headers=headers)
        return {"partNumber": number, "eTag": _good(answer).headers["ETag"]}

    def walk(self, path: str, *, page: str = "page", limit: str = "limit", **filters: Any) -> list[Row]:
        """All pages. A list that changed under way is read again, for its pages do not fit together."""
        for _ in range(3):
            rows, totals = self._read(path, page, limit, filters)
            if totals == {len(rows)}:
                return rows
        raise ClientError(f"{path}: {len(rows)} items where the pages say {totals}")

    def _read(self, path: str, page: str, limit: str, filters: Row) -> tuple[list[Row], set[int]]:
        rows: list[Row] = []
        totals: set[int] = set()
        number, pages = 1, 1
        while number <= pages:
            answer = self.call("GET", path, params={**filters, page: number, limit: self._page_size})
            rows += answer["items"]
            pages = answer["pageCount"]
            totals.add(answer["totalCount"])
            number += 1
        return rows, totals

    def _delete_many(self, path: str, ids: Sequence[str]) -> None:
        results = self.call("POST", path, json=list(ids)) if ids else {}
        missing = {each: "no answer" for each in ids if each not in results}
        failed = {each: row["status"].get("message", "") for each, row in results.items() if not row["success"]}
        if failed or missing:
            raise NotDone(failed | missing)

    def call(self, method: str, path: str, **more: Any) -> Any:
        """What an operation answers, as it is; None where it has no content.

        *more* is what requests takes, and ``repeatable`` for a POST that changes nothing.
        """
        answer = _good(self._patiently(self._session, method, self._url + path, headers=self._headers, **more))
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise ClientError(f"{method} {path}: no JSON: {error}") from error

    def _patiently(
        self, session: requests.Session, method: str, link: str, *, repeatable: bool = False, **more: Any
    ) -> requests.Response:
        """One request, repeated a few times where waiting may help.

        What may have been done already is not done again: a POST or a PATCH is repeated only where the service says
        that it did nothing, unless it is *repeatable*.
        """
        once = method in ("POST", "PATCH") and not repeatable
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                answer = session.request(method, link, timeout=30, allow_redirects=False, **more)
            except requests.RequestException as error:
                if last or once:
                    raise ClientError(f"{method} {link}: {error}", unreachable=True) from error
                self._sleep(self._backoff_s * 2**attempt)
                continue
            if method == "DELETE" and attempt and answer.status_code == requests.codes.not_found:
                answer.status_code = requests.codes.no_content  # the time before did it, and its answer was lost
            busy = answer.status_code in _SAFE_TO_REPEAT
            if last or not (busy or (answer.status_code >= requests.codes.server_error and not once)):
                return answer
            self._sleep(max(self._backoff_s * 2**attempt, _pause(answer.headers.get("Retry-After"))))
        raise AssertionError("a loop that returns or raises")


def _pause(asked: str | None) -> float:
    """How many seconds Retry-After asks for, as a number or as a date."""
    if not asked or asked.isdigit():
        return float(asked or 0)
    return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())


def _segment(text: str) -> str:
    return quote(text, safe="")


def _good(answer: requests.Response) -> requests.Response:
    if not 200 <= answer.status_code < 300:
        message = f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}"
        raise ClientError(message, answer.status_code)
    return answer
