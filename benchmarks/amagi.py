"""Amagi: a day, a filtered year by the hour over ten million sessions beside DuckDB, and a long CSV file.

The same rows go into DuckDB, and both answers are compared before anything is timed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Against, Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess
from testcard.apis.amagi import csvfile
from testcard.apis.amagi.arranged import count_past
from testcard.apis.amagi.catalogue import open_catalogue
from testcard.apis.amagi.counting import Counts
from testcard.apis.amagi.filling import given_schedules
from testcard.apis.amagi.questions import Filters
from testcard.apis.amagi.zones import open_span
from testcard.exchange import Address, Call
from testcard.world.viewing import cache

__all__ = ["measure"]

_FIRST, _LAST = date(2024, 1, 1), date(2024, 12, 31)
_FILTERS = {"country": "United States", "deviceType": "Smart TV"}
_QUERY = """
select date_trunc('hour', start) as hour, count(distinct visitor) as viewers, count(*) as sessions,
       sum(minutes) as minutes
from sessions where country = 'United States' and device_type = 'Smart TV' group by hour order by hour
"""


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    day = _asking(inprocess("amagi"), startDate="2026-02-01", endDate="2026-02-01")
    yield from run(settings, "amagi: a day by the hour, default profile", timed(day, number=20), at_most=2.0)
    yield from _file_lines(settings)
    mock = inprocess("amagi", profile="ten-million")
    year = _asking(mock, startDate=str(_FIRST), endDate=str(_LAST), timezone="Universal", **_FILTERS)
    what = "amagi: a year by the hour, filtered, ten million sessions"
    yield from run(settings, what, timed(year), at_most=150.0)
    yield from _beside_duckdb(settings, mock)


def _asking(mock: Mock, **params: str) -> Callable[[], None]:
    headers = {"x-access-token": mock.env("amagi")["TOKEN"]}
    asked = {"type": "viewershipAnalytics", "interval": "HOURLY", **params}

    def ask() -> None:
        if mock.get("/amagi/api/v2", params=asked, headers=headers).status != 200:
            raise RuntimeError("amagi did not answer")

    return ask


def _beside_duckdb(settings: Settings, mock: Mock) -> Iterator[Measured]:
    what = "amagi: the same, counted"
    ours = _counting(mock)
    try:
        import duckdb
    except ImportError:  # a peer: `pip install duckdb`
        yield from run(settings, f"{what} (DuckDB is not installed)", timed(ours))
        return
    with duckdb.connect() as connection:
        _load(connection, mock)
        _compare(connection.execute(_QUERY).fetchnumpy(), ours())
        theirs = timed(lambda: connection.execute(_QUERY).fetchnumpy())
        yield from run(settings, what, timed(ours), against=[Against("DuckDB", theirs, at_most=1 / 8)])


def _counting(mock: Mock) -> Callable[[], Counts]:
    catalogue = open_catalogue(mock.world)
    narrowed = {name: frozenset([value]) for name, value in _FILTERS.items()}
    filters = Filters(frozenset(catalogue.channels), narrowed)

    def count() -> Counts:
        counted = count_past(mock.world, catalogue, filters, open_span("Universal", _FIRST, _LAST, "hour"))
        if counted is None:
            raise RuntimeError("the range was not counted as a past one")
        return counted

    return count


def _load(connection: Any, mock: Mock) -> None:
    """The story's sessions, with country and type of device as enumerations: DuckDB's quickest form."""
    story = mock.world.story
    seen, audience = story.viewing_range("amagi", _FIRST, _LAST), story.audience
    types = list(dict.fromkeys(device.type for device in audience.devices))
    type_of = np.array([types.index(device.type) for device in audience.devices], np.int16)
    raw = {
        "start": seen.start_ms.astype("datetime64[ms]").astype("datetime64[us]"),
        "visitor": audience.visitor[seen.viewer],
        "country": audience.country[seen.viewer],
        "type": type_of[audience.device[seen.viewer]],
        "minutes": ((seen.duration_ms + 30_000) // 60_000).astype(np.int32),
    }
    connection.register("raw", raw)
    for name, values in (("country", [each for each, _ in audience.countries]), ("device_type", types)):
        listed = ", ".join(f"'{value}'" for value in values)
        connection.execute(f"create type {name}_name as enum ({listed})")
        pairs = ", ".join(f"({code}, '{value}')" for code, value in enumerate(values))
        connection.execute(f"create table {name}_of as select * from (values {pairs}) of(code, name)")
    connection.execute("""
        create table sessions as
        select start, visitor, minutes, c.name::country_name as country, d.name::device_type_name as device_type
        from raw join country_of c on raw.country = c.code join device_type_of d on raw.type = d.code order by start
    """)
    connection.unregister("raw")


def _compare(theirs: dict[str, Any], ours: Counts) -> None:
    for name in ("viewers", "sessions", "minutes"):
        if not np.array_equal(np.asarray(theirs[name]).astype(np.int64), getattr(ours, name)):
            raise RuntimeError(f"amagi and DuckDB count different {name}")


def _file_lines(settings: Settings) -> Iterator[Measured]:
    """How far memory grows between the first million lines of a file and the last of ten."""
    kept, cache.limit = cache.limit, 32 << 20
    try:
        grown = _growth_mb(inprocess("amagi", profile="busy"), millions=10)
    finally:
        cache.limit = kept
    once = Settings(1, settings.peers)
    what = "amagi: memory while a CSV of ten million lines streams"
    yield from run(once, what, lambda: grown, unit="MB", at_most=24.0, warm=False)


def _growth_mb(mock: Mock, *, millions: int) -> float:
    mock.env("amagi")
    world = mock.world
    call = Call(world, Address(""), holder=world.credentials.holders("amagi")[0])
    days = [date(2022, 1, 1) + timedelta(days=number) for number in range(1200)]
    lines, resident = 0, [0.0]
    for piece in csvfile.file_of(call, next(iter(given_schedules(world))), "US/Pacific", days):
        lines += piece.count(b"\n")
        if lines >= len(resident) * 1_000_000:
            resident.append(_resident_mb())
        if len(resident) > millions:
            return max(later - resident[1] for _, later in pairwise(resident[1:]))
    raise RuntimeError(f"only {lines} lines")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
