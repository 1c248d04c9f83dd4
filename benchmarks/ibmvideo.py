"""IBM Video Streaming at size: a year of one million and of ten million sessions, which are more segments.

Segments are made once, so that line has one sample of each size. A page is measured within the process for what the
server does, and over loopback beside a static file server that has its very bytes in a file; so is the walk, page by
page. The files lie in a temporary folder, some 660 MB, and in the page cache, since they were written just before.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import orjson

from benchmarks.harness import Against, Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess
from benchmarks.processes import Process, free_port, running, serving
from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.counts import begun, by_step
from testcard.apis.ibmvideo.selection import Rules
from testcard.apis.ibmvideo.timeline import Timeline, story_timeline
from testcard.apis.ibmvideo.viewers import Counting, ViewerQuery, find_viewers

__all__ = ["measure"]

_YEAR = {"date_time_from": "2024-01-01T00:00:00Z", "date_time_to": "2024-12-31T23:59:59Z"}
_NOW = "2026-03-02T12:00:00Z"
_FULL = 10_000
_WALK = 100  # pages of the full walk: a million rows
_STATIC_FILES = "benchmarks/limits/static_files.py"
_SEARCHED = "weber1"
_HOURS = """
select (start_ms // 3600000) * 3600000 as hour, count(distinct viewer) as devices
from segments group by hour order by hour
"""
_PEOPLE = f"""
select distinct identifier from segments join people using (person) where contains(identifier, '{_SEARCHED}')
"""


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    yield from _over_loopback(settings)
    mocks = {}
    for profile, name in (("million", "one million"), ("ten-million", "ten million")):
        mocks[profile] = inprocess("ibmvideo", profile=profile, now=_NOW)
        segments, made_us = _make(mocks[profile])
        what = f"ibmvideo: making {segments:,} segments of {name} sessions, each"
        yield Measured(what, "us", made_us, at_most=0.5, samples=[made_us])
    yield from _small_pages(settings, mocks)
    yield from _beside_duckdb(settings, mocks["ten-million"])


def _make(mock: Mock) -> tuple[int, float]:
    """Make the year; how many segments, and microseconds of the processor for each: it is one thread's work."""
    start = time.process_time()
    timeline = _timeline(mock)
    made_s = time.process_time() - start
    return len(timeline.segments), made_s * 1e6 / len(timeline.segments)


def _timeline(mock: Mock) -> Timeline:
    return story_timeline(mock.world.story, date(2023, 12, 31), date(2024, 12, 31))


def _small_pages(settings: Settings, mocks: dict[str, Mock]) -> Iterator[Measured]:
    """Pages at many offsets, which are warm after the first round."""
    for limit in (10, 100):
        ours, smaller = (timed(_paging(mocks[name], limit), number=40) for name in ("ten-million", "million"))
        what = f"ibmvideo: page of {limit} at any offset of ten million, in-process"
        against = [Against("the same of one million", smaller, at_most=1.5)]
        yield from run(settings, what, ours, against=against, at_most=1.0)


def _paging(mock: Mock, limit: int) -> Callable[[], None]:
    headers = {"authorization": mock.env("ibmvideo")["TOKEN"]}
    last = len(_timeline(mock).segments) // limit - 1
    pages = itertools.cycle([1, last // 3, last // 2, last])

    def page() -> None:
        query = {**_YEAR, "_limit": limit, "_page": next(pages)}
        if mock.get("/ibmvideo/v1/views", params=query, headers=headers).status != 200:
            raise RuntimeError("ibmvideo did not answer")

    return page


def _over_loopback(settings: Settings) -> Iterator[Measured]:
    with serving("--now", _NOW, "--profile", "million") as server:
        before = server.rss_mb()
        reader = _Reader(server)
        reader.page(1, 10)
        made = server.rss_mb() - before
        segments = _segments_of(reader)
        yield Measured("ibmvideo: memory, each segment", "B", made * (1 << 20) / segments, at_most=120.0)
        with _static_files() as static:
            yield from _pages(settings, reader, static)
            yield from _walks(settings, reader, static)
        yield Measured("ibmvideo: memory after the walks, beside the segments", "MB", server.rss_mb() - made)


def _pages(settings: Settings, reader: _Reader, static: _Static) -> Iterator[Measured]:
    """A page that is kept, and pages that nobody asked for before."""
    static.save(1, reader.page(1, _FULL))
    what, file = "ibmvideo: page of 10,000", timed(lambda: static.read(1))
    fresh = itertools.count(20)
    for kind, at_most, ours in (
        ("warm", 3.0, timed(lambda: reader.page(1, _FULL))),
        ("first touch", 12.0, timed(lambda: reader.page(next(fresh), _FULL))),
    ):
        against = [Against("a static file of the same bytes", file, at_most=at_most)]
        yield from run(settings, f"{what}, {kind}", ours, against=against)


def _walks(settings: Settings, reader: _Reader, static: _Static) -> Iterator[Measured]:
    """A walk where others were made before, and the first on a server: a page of that is touched for the first time."""
    numbers = range(1, _WALK + 1)
    for number in numbers:
        static.save(number, reader.page(number, _FULL))
    walk = timed(lambda: sum(len(reader.page(number, _FULL)) for number in numbers))
    files = timed(lambda: sum(len(static.read(number)) for number in numbers))
    what = "ibmvideo: a walk of one million rows"
    against = [Against("100 static files of the same bytes", files, at_most=4.0)]
    yield from run(settings, f"{what}, again", walk, against=against)
    yield from run(settings, f"{what}, the first", _first_walk, against=against, warm=False)


def _first_walk() -> float:
    """Milliseconds of a walk on a server of its own, which has made its segments and no page."""
    with serving("--now", _NOW, "--profile", "million") as server:
        reader = _Reader(server)
        reader.page(1, 10)
        start = time.perf_counter()
        for number in range(1, _WALK + 1):
            reader.page(number, _FULL)
        return (time.perf_counter() - start) * 1000


class _Reader:
    """Reads pages on one connection."""

    def __init__(self, server: Process) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
        self._headers = {"Authorization": server.env["TESTCARD_IBMVIDEO_TOKEN"]}

    def page(self, number: int, limit: int) -> bytes:
        """Read a page."""
        return self.get("/views", **_YEAR, _limit=limit, _page=number)

    def get(self, path: str, **query: Any) -> bytes:
        """The body of an answer."""
        self._connection.request("GET", f"/ibmvideo/v1{path}?{urlencode(query)}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:300]!r}")
        return body


class _Static:
    """Files and a server of them, read on one connection."""

    def __init__(self, folder: Path, server: Process) -> None:
        self._folder = folder
        self._connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)

    def save(self, number: int, body: bytes) -> None:
        """Have a file of that number."""
        (self._folder / str(number)).write_bytes(body)

    def read(self, number: int) -> bytes:
        """Read a file."""
        self._connection.request("GET", f"/{number}")
        return self._connection.getresponse().read()


@contextlib.contextmanager
def _static_files() -> Iterator[_Static]:
    """A folder that goes when it has been read, and its server."""
    with tempfile.TemporaryDirectory(prefix="testcard-bench-") as folder:
        port = free_port()
        with running([sys.executable, _STATIC_FILES, str(port), folder], port) as server:
            Path(folder, "ready").write_bytes(b"yes")
            server.wait_for("/ready")
            yield _Static(Path(folder), server)


def _segments_of(reader: _Reader) -> int:
    body = orjson.loads(reader.get("/total-views/summary", **_YEAR))
    return int(body["resources"][0]["attributes"]["value"])


def _beside_duckdb(settings: Settings, mock: Mock) -> Iterator[Measured]:
    """A search and a count, on the same rows in DuckDB; both answers are compared before anything is timed."""
    search, hours = _searching(mock), _counting(mock)
    lines = (
        ("viewers by a part of their identifier", search, _PEOPLE),
        ("distinct devices by the hour", hours, _HOURS),
    )
    try:
        import duckdb
    except ImportError:  # a peer: `pip install duckdb`
        for what, ours, _ in lines:
            name = f"ibmvideo: {what}, ten million (DuckDB is not installed)"
            yield from run(settings, name, timed(ours), at_most=100.0)
        return
    with duckdb.connect() as connection:
        _load(connection, _timeline(mock))
        for what, ours, query in lines:
            theirs = connection.execute(query).fetchall()
            if sorted(theirs) != sorted(ours()):
                raise RuntimeError(f"{what}: DuckDB answers otherwise")

            def ask(query: str = query) -> None:
                connection.execute(query).fetchall()

            against = [Against("DuckDB", timed(ask), at_most=0.1)]
            yield from run(settings, f"ibmvideo: {what}, ten million", timed(ours), against=against, at_most=100.0)


def _searching(mock: Mock) -> Callable[[], list[tuple[Any, ...]]]:
    timeline = _timeline(mock)
    every, now = Filter(), mock.world.clock.now_ms()
    counting = Counting("distinct-contents", "last-start", whole=False, keep_empty=False)
    texts = itertools.chain([_SEARCHED], (f"{_SEARCHED[:-1]}{digit}" for digit in itertools.cycle("123456789")))

    def search(text: str) -> list[tuple[Any, ...]]:
        rules = Rules(unfinished=True, inclusive=True, reading="literal")
        query = ViewerQuery(every, timeline, every, None, rules, text, any_case=False, now_ms=now)
        return [(timeline.cast.identifiers[person],) for person in find_viewers(timeline, query, counting)]

    return lambda: search(next(texts))  # never the same twice running: the last few are kept


def _counting(mock: Mock) -> Callable[[], list[tuple[Any, ...]]]:
    timeline = _timeline(mock)
    start_ms = timeline.segments.start_ms
    part = begun(timeline, Filter(), int(start_ms[0]), int(start_ms[-1]))
    return lambda: list(by_step(part, "unique_devices", "hour"))


def _load(connection: Any, timeline: Timeline) -> None:
    segments, cast = timeline.segments, timeline.cast
    columns = {  # DuckDB reads them by name
        "start_ms": segments.start_ms,
        "finish_ms": segments.finish_ms,
        "viewer": segments.viewer,
        "person": cast.person[segments.viewer],
        "content": segments.content,
        "onsite": segments.onsite,
    }
    people = {"person": np.arange(len(cast.identifiers)), "identifier": np.array(cast.identifiers)}
    connection.register("segments_seen", columns)
    connection.register("people_seen", people)
    connection.execute("create table segments as select * from segments_seen")
    connection.execute("create table people as select * from people_seen")
