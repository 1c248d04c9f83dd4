"""Resident memory after the start, and after 100,000 requests."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from benchmarks.harness import Measured, Settings
from benchmarks.listing import NOW, find_listing
from benchmarks.load import load
from benchmarks.processes import serving

__all__ = ["measure"]

_WARM, _MANY = 5_000, 100_000
_FLAT = 1.05


def measure(_settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table; one server, since memory hardly wavers."""
    with serving("--now", NOW) as server:
        yield Measured("memory after start", "MB", server.rss_mb(), at_most=90.0)
        token = server.env["TESTCARD_VIDEOCENTRAL_TOKEN"]
        listing = find_listing(lambda path, headers: orjson.loads(server.get(path, headers)[1]), token)
        load(server.url, listing.of(10), headers=listing.headers, answers=_WARM)
        before = server.rss_mb()
        load(server.url, listing.of(10), headers=listing.headers, answers=_MANY)
        what = f"memory after {_MANY:,} requests"
        yield Measured(what, "MB", server.rss_mb(), f"after the first {_WARM:,}", before, at_most=_FLAT)
