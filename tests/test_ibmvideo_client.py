"""Careful clients get exactly what a world has, over a real socket, whatever is read into the document."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ibmvideo_desk import Desk
from known_good.ibmvideo import Client, ClientError
from support import socket_server
from testcard.suite.oracles import ibmvideo as model
from testcard.suite.oracles.ibmvideo import Asked

Row = dict[str, Any]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(hours=6)
HOUR = Asked(NOON, NOON + timedelta(hours=1))
READINGS: list[dict[str, str]] = [
    {},
    {"IB-01": "data"},
    {"IB-02": "items"},
    {"IB-03": "dropped"},
    {"IB-04": "with-version"},
    {"IB-05": "absent"},
    {"IB-07": "integer", "IB-08": "string"},
    {"IB-12": "absent"},
    {"IB-35": "zulu"},
    {"IB-52": "body-only"},
]
LINK_READINGS = [each for each in READINGS if not {*each} - {"IB-01", "IB-03", "IB-04", "IB-05", "IB-52"}]


def rows() -> list[Row]:
    """Segments every two minutes from an hour before noon: finished, running, live, recorded."""
    made = []
    for number in range(100):
        start = NOON + timedelta(minutes=2 * number - 60)
        kind = "live" if number % 3 else "recorded"
        finish = None if number % 10 == 9 else start + timedelta(minutes=number % 7, seconds=1)
        made.append(
            {
                "view_id": f"{(number * 2654435761) % (1 << 32):08x}-0000-4000-8000-{number:012x}",
                "viewer_identifier": f"viewer {number % 17}%+&/é",
                "content_type": kind,
                "content_id": 9_007_199_254_740_993 if kind == "live" else 218287986,
                "client_id": str(10**21 + number % 13),
                "started_at": start.isoformat(),
                "finished_at": None if finish is None else finish.isoformat(),
            }
        )
    return made


@contextmanager
def served(**options: Any) -> Iterator[tuple[Desk, dict[str, str]]]:
    """A desk with the rows, and the environment of a client at its socket."""
    desk = Desk(profile="empty", now=NOW.isoformat(), **options)
    desk.put(rows())
    with socket_server(desk.mock) as url:
        yield desk, {name: value.replace("http://mock.test", url) for name, value in desk.environment.items()}


@contextmanager
def at_the_socket(**options: Any) -> Iterator[tuple[Desk, Client]]:
    """A desk and a client of it."""
    with served(**options) as (desk, env), _client(env) as client:
        yield desk, client


def _client(env: dict[str, str], secret: str = "") -> Client:
    secret = secret or env["CLIENT_SECRET"]
    return Client(env["URL"], env["TOKEN_URL"], env["CLIENT_ID"], secret, page_size=7, sleep=lambda _: None)


@pytest.mark.parametrize("readings", READINGS, ids=lambda readings: "-".join(readings.values()) or "documented")
def test_the_client_ends_with_exactly_the_models_rows(readings: dict[str, str]) -> None:
    with at_the_socket(readings=readings) as (_, client):
        _walk_everything(client)


def test_the_client_under_the_observed_dialect() -> None:
    with at_the_socket(dialect="observed") as (_, client):
        _walk_everything(client)


def test_a_token_that_dies_in_the_middle_of_a_walk_is_renewed() -> None:
    with at_the_socket() as (desk, client):
        fetched = []
        for page in client._pages("/views", {"date_time_from": NOON.isoformat(), "date_time_to": NOW.isoformat()}):
            fetched += page["resources"]
            assert desk.mock.post("/_testcard/worlds/default/tokens/expire", json={"api": "ibmvideo"}).status == 200

        expected = model.views(rows(), Asked(NOON, NOW), NOW)
        assert [row["attributes"]["view_id"] for row in fetched] == [row["view_id"] for row in expected]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "short-page", "rows": 2, "when": {"page": 2}},
        {"kind": "empty-page", "when": {"page": 2}},
        {"kind": "capped-limit", "limit": 3},
        {"kind": "next-repeats", "when": {"page": 2}},
        {"kind": "status", "status": 503, "retry_after": 1, "when": {"calls": [2, 3]}},
        {"kind": "status", "status": 429, "retry_after": 1, "when": {"calls": [2, 2]}},
        {"kind": "token-expired", "when": {"calls": [3, 3]}},
        {"kind": "token-revoked", "when": {"calls": [3, 3]}},
        {"kind": "truncate", "when": {"calls": [2, 2]}},
        {"kind": "unknown-field"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_the_client_gets_past_what_a_possible_server_does(fault: dict[str, Any]) -> None:
    with at_the_socket() as (desk, client):
        desk.mock.world.faults.add({"api": "ibmvideo", "operation": "list_views", **fault})

        found = client.views(NOON, NOW)

        assert [_essence(row) for row in found] == [_essence(row) for row in model.views(rows(), Asked(NOON, NOW), NOW)]
        assert all(each.hits for each in desk.mock.world.faults)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
        {"kind": "malformed-json", "when": {"page": 2}},
        {"kind": "status", "status": 502, "body": "gateway", "when": {"page": 3}},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}",
)
def test_the_client_raises_rather_than_return_a_part(fault: dict[str, Any]) -> None:
    with at_the_socket() as (desk, client):
        desk.mock.world.faults.add({"api": "ibmvideo", "operation": "list_views", **fault})

        with pytest.raises(ClientError):
            client.views(NOON, NOW)


def test_a_wrong_secret_raises() -> None:
    with served() as (_, env), _client(env, "wrong") as client, pytest.raises(ClientError, match="invalid_client"):
        client.viewers()


def test_a_naive_time_is_not_sent() -> None:
    with at_the_socket() as (_, client), pytest.raises(ValueError, match="Los Angeles"):
        client.views(NOON.replace(tzinfo=None), NOW)


@pytest.mark.parametrize("readings", LINK_READINGS, ids=lambda readings: "-".join(readings.values()) or "documented")
def test_the_node_client_follows_links_as_given(readings: dict[str, str]) -> None:
    """Under links that drop the filters it must fail loudly, for there it is asked what it was not told."""
    node = _node()
    query = {"date_time_from": NOON.isoformat(), "date_time_to": NOW.isoformat(), "_limit": "7"}
    with served(readings=readings) as (_, env):
        done = _run_node(node, env, "/views/live", query)
    if "dropped" in readings.values():
        assert done.returncode == 1
        assert "date_time_from" in done.stderr
    elif "body-only" in readings.values():
        assert done.returncode == 1
        assert "invalid_client" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        live = [row for row in rows() if row["content_type"] == "live"]
        expected = [row["view_id"] for row in model.views(live, Asked(NOON, NOW), NOW)]
        assert [row["view_id"] for row in json.loads(done.stdout)] == expected


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        told = "NOT CHECKED: the Node client of IBM Video Streaming, for there is no node on this machine"
        print(f"\n{told}", file=sys.__stderr__)  # past the capture, so that nobody takes it for checked
        pytest.skip(told)
    return node


def _run_node(node: str, env: dict[str, str], path: str, query: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).parent / "known_good" / "ibmvideo.mjs"
    place = [env["URL"], env["TOKEN_URL"], env["CLIENT_ID"], env["CLIENT_SECRET"]]
    return subprocess.run(
        [node, str(script), *place, path, json.dumps(query)], capture_output=True, text=True, timeout=60, check=False
    )


def _walk_everything(client: Client) -> None:
    """Every call of the client against the model."""
    for unfinished, inclusive in ((True, True), (False, True), (True, False)):
        asked = Asked(HOUR.first, HOUR.last, unfinished, inclusive)
        found = client.views(asked.first, asked.last, unfinished=unfinished, inclusive=inclusive)
        assert [_essence(row) for row in found] == [_essence(row) for row in model.views(rows(), asked, NOW)]
    live = [row for row in rows() if row["content_type"] == "live"]
    some = client.views(HOUR.first, HOUR.last, "live", [9_007_199_254_740_993, 5])
    assert [_essence(row) for row in some] == [_essence(row) for row in model.views(live, HOUR, NOW)]
    viewers = {row["viewer_identifier"]: [one["id"] for one in row["segments"]] for row in client.viewers()}
    assert viewers == {
        name: [one["view_id"] for one in segments] for name, segments in model.viewers(rows(), NOW).items()
    }
    assert [row["viewer_identifier"] for row in client.viewers(containing="1%")] == [
        name for name in viewers if "1%" in name
    ]
    begun = model.started(rows(), HOUR, NOW)
    for metric in ("total_views", "unique_devices", "authenticated_viewers"):
        (count,) = client.numbers(metric.replace("_", "-"), "summary", HOUR.first, HOUR.last)
        assert count["value"] == model.metric(begun, metric)
    hours = client.numbers("total-views", "hour", HOUR.first, HOUR.last)
    assert sum(hour["value"] for hour in hours) == len(begun)
    seconds = client.over_time("viewer-seconds", "minute", HOUR.first, HOUR.last)
    assert len(seconds) == len(model.over_time(rows(), HOUR, NOW, "minute", peak=False))
    for kind, content in (("live", 9_007_199_254_740_993), ("recorded", 218287986)):
        there = model.of_contents(rows(), kind, [str(content)])
        for family, peak in (("viewer-seconds", False), ("peak-viewer-numbers", True)):
            ran = model.whole(there, HOUR, NOW, peak=peak)
            (row,) = client.whole(family, kind, content, HOUR.first, HOUR.last)
            assert ran is not None
            assert row["value"] == ran[1]


def _essence(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What must agree, whatever the form of numbers, times and absence."""
    finish = row.get("finished_at")
    return (
        row["view_id"],
        row["viewer_identifier"],
        int(row["content_id"]),
        row["client_id"],
        datetime.fromisoformat(row["started_at"]),
        datetime.fromisoformat(finish) if finish else None,
    )
