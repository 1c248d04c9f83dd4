"""Named scenarios in which the service fails: while it is read, and while it is written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from testcard.suite.scenario import Scenario
from testcard.suite.subjects.ingredients import page_faults
from testcard.suite.subjects.videokit.figures import query
from testcard.suite.subjects.videokit.lists import LONG
from testcard.suite.subjects.videokit.steps import one, step
from testcard.suite.subjects.videokit.worlds import Row, asset, asset_id, channel_id, event_id, kit, many, sessions
from testcard.suite.subjects.videokit.writes import NEW_ASSET, NEW_EVENT

__all__ = ["failing"]

_AWAY: Row = {"kind": "status", "status": 503}
_BROKEN: Row = {"kind": "status", "status": 500}
_SECOND: Row = {"when": {"calls": [2, 2]}}
_ONCE: Row = {"when": {"first": 1}}


def _at(operation: str, **fault: Any) -> list[Row]:
    return [{"id": "fault", "api": "videokit", "operation": operation, **fault}]


def failing() -> Iterator[Scenario]:
    """Lists first."""
    yield from _lists()
    yield from _writes()
    yield from _queries()


def _lists() -> Iterator[Scenario]:
    walk = "list_vod_assets"
    cases: Mapping[str, Row] = {
        **page_faults("token-revoked", "token-expired", "next-repeats", "next-cycles", "wrong-encoding"),
        "the key is withdrawn in the middle": {"kind": "token-revoked", **_SECOND},
        "the key is withdrawn": {"kind": "token-revoked"},
        "fewer rows a page than asked": {"kind": "capped-limit", "limit": 20},
    }
    rows = many("assets", LONG)
    for name, fault in cases.items():
        yield one(name, rows, step(walk), faults=_at(walk, **fault))
    wait = _at(walk, kind="status", status=429, retry_after=2, retry_after_form="date", **_SECOND)
    yield one("told to wait until a date", rows, step(walk), faults=wait, now="")
    moved: Row = {"kind": "rows-changed", "table": "videokit/assets", "when": {"calls": [1, 1]}}
    yield one("rows come while the list is read", rows, step(walk), faults=_at(walk, **moved, insert=[asset(500)]))
    yield one("rows go while the list is read", rows, step(walk), faults=_at(walk, **moved, delete=[LONG - 1]))
    packed = _at("list_files", kind="wrong-encoding")  # Node's fetch never ends with more than 64 KiB of that
    yield one("a list is not packed as it says", many("files", 3), step("list_files"), faults=packed)
    yield one("every file is refused", many("files", 3), step("list_files"), faults=_at("list_files", **_BROKEN))


def _writes() -> Iterator[Scenario]:
    some, here = kit(assets=6, events=4), {"id": asset_id(1)}
    walk, body = step("list_vod_assets"), {"title": "New", "tags": ["x"]}
    make, change = step("create_vod_asset", body=NEW_ASSET), step("update_vod_asset", **here, body=body)
    cases: Mapping[str, Row] = {
        "fails": _BROKEN,
        "fails once": {**_BROKEN, **_ONCE},
        "is away once": {**_AWAY, **_ONCE},
        "is away": _AWAY,
        "fails at the gateway once": {"kind": "status", "status": 504, "body": "gateway", **_ONCE},
        "is carried out and its answer lost": {"kind": "reset", **_ONCE},
        "is carried out and its answer cut off": {"kind": "truncate", **_ONCE},
    }
    wait = _at("create_vod_asset", kind="status", status=429, retry_after=1, **_ONCE)
    yield one("making an asset is told to wait", some, make, walk, faults=wait)
    for name, fault in cases.items():
        yield one(f"making an asset {name}", some, make, walk, faults=_at("create_vod_asset", **fault))
        yield one(f"changing an asset {name}", some, change, walk, faults=_at("update_vod_asset", **fault))
        yield one(
            f"deleting an asset {name}",
            some,
            step("delete_vod_asset", **here),
            walk,
            faults=_at("delete_vod_asset", **fault),
        )
    several = step("delete_vod_assets", ids=[asset_id(1), asset_id(2)])
    for name in ("fails once", "is away once", "is carried out and its answer lost"):
        yield one(f"deleting assets {name}", some, several, walk, faults=_at("delete_vod_assets", **cases[name]))
        yield one(
            f"making an event {name}",
            some,
            step("create_event", body=NEW_EVENT),
            step("list_events"),
            faults=_at("create_event", **cases[name]),
        )
        yield one(
            f"starting a channel {name}",
            some,
            step("start_channel", id=channel_id(1)),
            step("get_channel_status", id=channel_id(1)),
            faults=_at("start_channel", **cases[name]),
        )
        yield one(
            f"deleting an event {name}",
            some,
            step("delete_event", id=event_id(1)),
            step("list_events"),
            faults=_at("delete_event", **cases[name]),
        )


def _queries() -> Iterator[Scenario]:
    from datetime import UTC, datetime, timedelta

    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = sessions([start + timedelta(minutes=each) for each in range(450)], [60_000])
    asked = query("get_queries_count", interval="MINUTE")
    cases: Mapping[str, Row] = {
        "is away once": {**_AWAY, **_SECOND},
        "fails": _BROKEN,
        "is cut off": {"kind": "truncate", **_SECOND},
        "is not JSON": {"kind": "malformed-json", **_SECOND},
    }
    for name, fault in cases.items():
        yield one(f"a query {name}", rows, asked, faults=_at("get_queries_count", **fault))
