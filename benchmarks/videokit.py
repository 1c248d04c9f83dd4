"""Cloud Video Kit at scale: a tenant with 100,000 assets, and 64 parts uploaded at once."""

from __future__ import annotations

import http.client
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.harness import Against, Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess
from benchmarks.listing import NOW
from benchmarks.processes import Process, free_port, running, serving
from testcard.apis.videokit import media

__all__ = ["measure"]

_MANY, _FEW, _PAGE = 100_000, 10_000, 100
_ASSETS, _FILES = "/videokit/vod/v1/assets", "/videokit/vod/v1/files"
_PART, _PARTS = 5 << 20, 64
_READINGS = ("--reading", "VK-069=five-mebibytes", "--reading", "VK-068=all")


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    few, many = _Tenant(), _Tenant()
    few.fill(_FEW)
    yield Measured(f"memory of an asset, {_FEW:,} of them", "bytes", _weigh(), at_most=3_000.0)
    many.fill(_MANY)
    yield from run(settings, f"create an asset beside {_MANY:,}", timed(many.create, number=50), at_most=1.0)
    for what, query in _queries():
        yield from run(settings, f"page of 100 of {_MANY:,}, {what}", timed(many.pages(query), number=20), at_most=5.0)
    against = [Against(f"a walk of {_FEW:,}", timed(few.walk), at_most=12.0)]
    yield from run(settings, f"a walk of {_MANY:,}, pages of 100", timed(many.walk), against=against)
    yield from _uploads(settings)


def _queries() -> Iterator[tuple[str, str]]:
    yield "as made, any page", ""
    yield "by a title downwards", "&sort=Metadata.Title&desc=true"
    yield "filtered and sorted", "&query=tide&statuses=Available&sort=Title"


class _Tenant:
    """The assets of one world without a story, all of one small file."""

    def __init__(self) -> None:
        self.mock: Mock = inprocess("videokit", now=NOW)
        self._headers = {"x-api-key": self.mock.env("videokit")["API_KEY"]}
        self._file = str(self._send("GET", f"{_FILES}?limit=1")["items"][0]["id"])
        self._made = 0
        for asset in self._send("GET", f"{_ASSETS}?limit=1000")["items"]:
            self._send("DELETE", f"{_ASSETS}/{asset['id']}")

    def fill(self, count: int) -> None:
        """Make assets, and let them become available."""
        for _ in range(count):
            self.create()
        self.mock.world.clock.advance(3600)

    def create(self) -> None:
        """Make one more asset."""
        self._made += 1
        title = f"{'Tide' if self._made % 3 else 'Salt'} {self._made * 7919 % 99_991}"
        body = {"transcodedSources": [{"fileId": self._file}], "preset": "dash_hls_1080p", "title": title}
        self._send("POST", _ASSETS, {**body, "metadata": {"Title": title}})

    def pages(self, query: str) -> Callable[[], None]:
        """A call that asks for another page each time."""
        count = self._send("GET", f"{_ASSETS}?limit={_PAGE}{query}")["pageCount"]
        asked = 0

        def page() -> None:
            nonlocal asked
            asked += 1
            number = asked * 7919 % count + 1
            self.mock.get(f"{_ASSETS}?limit={_PAGE}&page={number}{query}", headers=self._headers)

        return page

    def walk(self) -> None:
        """All pages in their order."""
        rows, page, pages = 0, 1, 1
        while page <= pages:
            answer = self._send("GET", f"{_ASSETS}?limit={_PAGE}&page={page}")
            rows, page, pages = rows + len(answer["items"]), page + 1, answer["pageCount"]
        if rows < self._made:
            raise RuntimeError(f"a walk found {rows} of {self._made} assets")

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.mock.send(method, path, headers=self._headers, body=body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer.json if answer.body else None


def _weigh() -> float:
    """Bytes of memory an asset takes, orders of lists included."""
    tenant = _Tenant()
    tenant.fill(1000)  # what exists once is there now
    tracemalloc.start()
    tenant.fill(_FEW)
    tenant.pages("")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / _FEW


def _uploads(settings: Settings) -> Iterator[Measured]:
    """Parts put by 64 connections at once, beside a plain file server."""
    with ExitStack() as stack:
        server = stack.enter_context(serving("--now", NOW, *_READINGS))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        port = free_port()
        script = str(Path(__file__).with_name("limits") / "file_server.py")
        plain = stack.enter_context(running([sys.executable, script, str(port), folder], port))
        plain.wait_for("/")
        body = media.mp4(60_000, padding=_PART - 2_000)[:_PART].ljust(_PART, b"\0")
        theirs = Against(
            "a plain file server", lambda: _put_all([f"{plain.url}/{n}" for n in range(_PARTS)], body), at_least=0.5
        )
        what = f"{_PARTS} parts of 5 MiB at once"
        yield from run(settings, what, lambda: _put_all(_links(server), body), unit="MB/s", against=[theirs])
        before = server.rss_mb()
        yield Measured(f"memory of the server after {what}", "MB", before)
        for _ in range(2):
            _put_all(_links(server), body)
        grown = server.rss_mb() - before  # connections at once take it, not bytes: uploads lie on disk
        yield Measured("memory that twice as much again takes", "MB", grown, at_most=40.0)


def _links(server: Process) -> Sequence[str]:
    """The links of a fresh upload of 64 parts."""
    body = orjson.dumps({"name": "a.mp4", "friendlyName": "A", "fileSize": _PART * _PARTS})
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    headers = {"X-Api-Key": server.env["TESTCARD_VIDEOKIT_API_KEY"], "Content-Type": "application/json"}
    connection.request("POST", f"{_FILES}/start", body, headers)
    links: list[str] = orjson.loads(connection.getresponse().read())["multipartUrls"]
    connection.close()
    return links


def _put_all(links: Sequence[str], body: bytes) -> float:
    """Megabytes a second of one part for each link, all at once."""
    start = time.perf_counter()
    with ThreadPoolExecutor(len(links)) as pool:
        statuses = set(pool.map(lambda link: _put(link, body), links))
    if statuses != {200}:
        raise RuntimeError(f"parts were answered {statuses}")
    return len(links) * len(body) / 1e6 / (time.perf_counter() - start)


def _put(link: str, body: bytes) -> int:
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("PUT", f"{parts.path}?{parts.query}", body, {"Content-Type": "application/octet-stream"})
    status = connection.getresponse().status
    connection.close()
    return status
