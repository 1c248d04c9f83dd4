"""The journal for readers: as JSON, as ``curl``, as an HTTP Archive. All of it redacted."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from testcard import __version__
from testcard.control.redaction import Redaction
from testcard.world.clock import write_instant
from testcard.world.journal import Entry
from testcard.world.world import World

__all__ = ["as_curl", "as_har", "as_json", "redaction_of"]

_NOT_REPLAYED = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"})


def redaction_of(world: World) -> Redaction:
    """What must not be shown of a world."""
    version = world.credentials.version
    kept: tuple[int, Redaction] | None = world.shelf.get("redaction")
    if kept is None or kept[0] != version:
        known = list(world.credentials.of())
        beside = (str(value) for each in known for name, value in each.data.items() if "secret" in name)
        kept = world.shelf["redaction"] = version, Redaction([*(each.secret for each in known), *beside])
    return kept[1]


def as_json(entry: Entry, redaction: Redaction) -> dict[str, Any]:
    """One entry as the control interface shows it."""
    return {
        "id": entry.id,
        "worldTime": write_instant(entry.world_time),
        "wallTime": write_instant(_wall(entry)),
        "method": entry.method,
        "url": redaction.text(entry.url),
        "api": entry.api,
        "operation": entry.operation,
        "holder": entry.holder,
        "status": entry.status,
        "verdict": entry.verdict,
        "explanation": redaction.text(entry.explanation),
        "durationMs": round(max(entry.duration_s, 0) * 1000, 3),
        "notes": [redaction.text(note) for note in entry.notes],
        "faults": list(entry.faults),
        "request": _message(entry.request_headers, entry.request_body, entry.request_size, redaction),
        "response": _message(entry.response_headers, entry.response_body, entry.response_size, redaction),
        "curl": as_curl(entry, redaction),
    }


def as_curl(entry: Entry, redaction: Redaction) -> str:
    """A command that sends the request again, once its secrets are put back."""
    how = ["-I"] if entry.method == "HEAD" else ["-i", "-X", entry.method]  # or curl would wait for a body
    words = ["curl", *how, redaction.text(entry.url)]
    for name, value in redaction.headers(entry.request_headers).items():
        if name.lower() not in _NOT_REPLAYED:
            words += ["-H", f"{name}: {value}"]
    if entry.request_body:
        words += ["--data-raw", redaction.text(_text(entry.request_body))]
    return shlex.join(words)


def as_har(entries: Iterable[Entry], redaction: Redaction) -> dict[str, Any]:
    """Entries that are complete, as HAR 1.2."""
    complete = [entry for entry in entries if entry.status is not None]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "testcard", "version": __version__},
            "entries": [_har_entry(entry, redaction) for entry in complete],
        }
    }


def _har_entry(entry: Entry, redaction: Redaction) -> dict[str, Any]:
    time_ms = round(max(entry.duration_s, 0) * 1000, 3)
    return {
        "startedDateTime": write_instant(_wall(entry)),
        "time": time_ms,
        "request": _har_request(entry, redaction),
        "response": _har_response(entry, redaction),
        "cache": {},
        "timings": {"send": 0, "wait": time_ms, "receive": 0},
        "comment": f"{entry.api} {entry.operation}: {entry.verdict}".strip(),
    }


def _har_request(entry: Entry, redaction: Redaction) -> dict[str, Any]:
    url = redaction.text(entry.url)
    request: dict[str, Any] = {
        "method": entry.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(redaction.headers(entry.request_headers)),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": entry.request_size,
    }
    if entry.request_body:
        media = entry.request_headers.get("content-type", "application/octet-stream")
        request["postData"] = {"mimeType": media, "text": redaction.text(_text(entry.request_body))}
    return request


def _har_response(entry: Entry, redaction: Redaction) -> dict[str, Any]:
    return {
        "status": entry.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(redaction.headers(entry.response_headers)),
        "content": {
            "size": entry.response_size,
            "mimeType": entry.response_headers.get("Content-Type", "x-unknown"),
            "text": redaction.text(_text(entry.response_body)),
        },
        "redirectURL": redaction.text(entry.response_headers.get("Location", "")),
        "headersSize": -1,
        "bodySize": entry.response_size,
    }


def _pairs(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _message(headers: Mapping[str, str], body: bytes, size: int, redaction: Redaction) -> dict[str, Any]:
    return {"headers": redaction.headers(headers), "body": redaction.text(_text(body)), "size": size}


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _wall(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.wall_time, UTC)
