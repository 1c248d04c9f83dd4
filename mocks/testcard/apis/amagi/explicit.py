"""The sessions and ad events that a test put into a world, as columns; made once per write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np

from testcard.apis.amagi.catalogue import Catalogue
from testcard.apis.amagi.columns import AdEvents, Sessions
from testcard.apis.amagi.customers import API
from testcard.apis.amagi.filling import COUNTERS
from testcard.apis.amagi.zones import Ints
from testcard.world.rows import Row
from testcard.world.story import now_ms
from testcard.world.world import World

__all__ = ["explicit_ad_events", "explicit_sessions"]

_OPEN = np.int64(1 << 62)
C = TypeVar("C")


def explicit_sessions(world: World, catalogue: Catalogue) -> Sessions | None:
    """The explicit sessions, if there are any."""
    rows = world.rows.given(API, "sessions")
    return (
        _kept(world, "amagi sessions", catalogue, partial(_session_columns, world, catalogue, rows)) if rows else None
    )


def explicit_ad_events(world: World, catalogue: Catalogue) -> AdEvents | None:
    """The explicit ad events, if there are any."""
    rows = world.rows.given(API, "adEvents")
    return _kept(world, "amagi ad events", catalogue, partial(_ad_columns, catalogue, rows)) if rows else None


def _kept(world: World, name: str, catalogue: Catalogue, make: Callable[[], C]) -> C:
    """What was made last, if the rows are still those: every write makes a new catalogue."""
    kept = world.shelf.get(name)
    if kept is None or kept[0] is not catalogue:
        kept = world.shelf[name] = (catalogue, make())
    found: C = kept[1]
    return found


def _session_columns(world: World, catalogue: Catalogue, rows: list[Row]) -> Sessions:
    rows = sorted(rows, key=lambda row: _ms(row["start"]))
    ends = [_OPEN if row["end"] is None else _ms(row["end"]) for row in rows]
    start = np.array([_ms(row["start"]) for row in rows], np.int64)
    return Sessions(start, np.array(ends, np.int64), _visitors(world, rows), *_codes(catalogue, rows))


def _ad_columns(catalogue: Catalogue, rows: list[Row]) -> AdEvents:
    rows = sorted(rows, key=lambda row: _ms(row["time"]))
    return AdEvents(
        np.array([_ms(row["time"]) for row in rows], np.int64),
        *_codes(catalogue, rows),
        np.array([catalogue.tags.code(row["adTag"]) for row in rows], np.int64),
        *(np.array([row[name] for row in rows], np.int64) for name in COUNTERS),
    )


def _codes(catalogue: Catalogue, rows: list[Row]) -> tuple[Ints, Ints, Ints, Ints]:
    """Place, device, channel and content of explicit rows."""
    return (
        np.array([catalogue.places.code((row["city"], row["country"])) for row in rows], np.int64),
        np.array([catalogue.devices.code((row["deviceName"], row["deviceType"])) for row in rows], np.int64),
        np.array([catalogue.channel_codes.code(row["channelId"]) for row in rows], np.int64),
        np.array([catalogue.content_codes.code(row["contentId"]) for row in rows], np.int64),
    )


def _visitors(world: World, rows: list[Row]) -> Ints:
    """Number the (IP address, user agent) pairs; the story's viewers keep their numbers where both count."""
    known: dict[tuple[str, str], int] = {}
    if not world.rows.replaced(API, "sessions"):
        addresses = {row["ipAddress"] for row in rows}
        audience = world.story.audience
        homes = {home for home, address in enumerate(audience.addresses) if address in addresses}
        for code in np.flatnonzero(np.isin(audience.household, sorted(homes))).tolist():
            viewer = audience.viewer(code)
            known[viewer.ip_address, viewer.user_agent] = viewer.visitor
    first = 1 << 30
    return np.array(
        [known.setdefault((row["ipAddress"], row["userAgent"]), first + len(known)) for row in rows], np.int64
    )


def _ms(text: str) -> int:
    return now_ms(datetime.fromisoformat(text))
