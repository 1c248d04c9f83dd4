"""The journal: every exchange, its verdict, redacted for readers, bounded, as curl and as HAR."""

from __future__ import annotations

import json
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from support import Answer, Mock, socket_server
from testcard.control.client import Control
from testcard.control.redaction import REDACTED, Redaction
from testcard.world.journal import Journal

HAR = Path(__file__).parent / "data" / "har"  # the schemas of the npm package har-schema, with their licence
ACCOUNTS = "/videocentral/apis/v1/accounts"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def mock() -> Mock:
    return Mock("videocentral")


def bearer(mock: Mock) -> dict[str, str]:
    return {"Authorization": f"Bearer {mock.env('videocentral')['TOKEN']}"}


def entries(mock: Mock, query: str = "") -> list[dict[str, Any]]:
    answer: Answer = mock.get(f"/_testcard/worlds/default/journal{query}")
    assert answer.status == 200, answer.text
    return list(answer.json["entries"])


def test_every_exchange_has_a_verdict(mock: Mock) -> None:
    mock.get(ACCOUNTS, headers=bearer(mock))
    mock.get(ACCOUNTS)
    mock.get(f"{ACCOUNTS}?limit=x", headers=bearer(mock))
    mock.get(f"{ACCOUNTS}/nobody", headers=bearer(mock))
    mock.get("/videocentral/apis/v1/acounts", headers=bearer(mock))
    mock.get("/vidocentral/x")
    mock.world.faults.add({"kind": "status", "status": 500})
    mock.get(ACCOUNTS, headers=bearer(mock))

    verdicts = [entry["verdict"] for entry in entries(mock)]
    assert verdicts == ["ok", "auth", "contract", "refused", "unmatched", "unmatched", "faulted"]


def test_a_request_that_matches_nothing_explains_itself(mock: Mock) -> None:
    answer = mock.get("/videocentral/apis/v1/acounts", headers=bearer(mock))
    nowhere = mock.get("/vidocentral/apis/v1/accounts")

    assert "did you mean '/apis/v1/accounts'" in answer.text
    assert "did you mean 'videocentral'" in nowhere.text
    assert "did you mean '/apis/v1/accounts'" in entries(mock)[0]["explanation"]


def test_entries_are_found_by_api_operation_status_and_verdict(mock: Mock) -> None:
    mock.get(ACCOUNTS, headers=bearer(mock))
    mock.get(f"{ACCOUNTS}/HALYARD1TV", headers=bearer(mock))
    mock.get(ACCOUNTS)

    assert [entry["id"] for entry in entries(mock, "?operation=list_accounts")] == [1, 3]
    assert [entry["id"] for entry in entries(mock, "?status=401&api=videocentral")] == [3]
    assert [entry["id"] for entry in entries(mock, "?verdict=ok&since=1")] == [2]
    assert mock.get("/_testcard/worlds/default/journal?verdict=fine").status == 400


def test_no_secret_is_shown(mock: Mock) -> None:
    env = mock.env("videocentral")
    form = {name.lower(): env[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    mock.post("/videocentral/auth/o2/token", form={"grant_type": "refresh_token", **form})
    mock.get(f"{ACCOUNTS}?token={env['TOKEN']}", headers=bearer(mock))
    shown = mock.get("/_testcard/worlds/default/journal").text + mock.get("/_testcard/worlds/default/journal.har").text

    assert REDACTED in shown
    for name in ("TOKEN", "CLIENT_SECRET", "REFRESH_TOKEN"):
        assert env[name] not in shown


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("https://a.example/x?X-Amz-Signature=abc&y=1", f"https://a.example/x?X-Amz-Signature={REDACTED}&y=1"),
        ('{"access_token": "abc", "n": 1}', f'{{"access_token": "{REDACTED}", "n": 1}}'),
        ("grant_type=refresh_token&refresh_token=Atzr%7Cabc", f"grant_type=refresh_token&refresh_token={REDACTED}"),
        ("the value supersecret9 anywhere", f"the value {REDACTED} anywhere"),
        ("nothing secret", "nothing secret"),
    ],
)
def test_secrets_are_redacted_by_name_and_by_value(text: str, redacted: str) -> None:
    assert Redaction(["supersecret9"]).text(text) == redacted


def test_a_row_is_a_curl_command_that_runs() -> None:
    mock = Mock("videocentral")
    with socket_server(mock) as url:
        control = Control(url)
        world = control.world()
        control.create_world()
        import requests

        requests.get(f"{url}{ACCOUNTS}?limit=1", headers=bearer(mock), timeout=10)
        command = world.journal.entries()[-1]["curl"].replace(REDACTED, mock.env("videocentral")["TOKEN"])
        ran = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True, check=False)

    assert '"total":12' in ran.stdout


def test_the_har_is_valid_against_its_schema(mock: Mock) -> None:
    mock.get(f"{ACCOUNTS}?limit=1", headers=bearer(mock))
    mock.post("/videocentral/auth/o2/token", form={"grant_type": "password"})
    har = mock.get("/_testcard/worlds/default/journal.har").json
    schemas = {path.name: json.loads(path.read_bytes()) for path in HAR.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (f"{name}#", Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    registry = registry.with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    validator = jsonschema.Draft6Validator(schemas["har.json"], registry=registry)

    assert [error.message for error in validator.iter_errors(har)] == []
    assert len(har["log"]["entries"]) == 2
    assert [*validator.iter_errors({"log": {**har["log"], "entries": [{}]}})] != []


def test_the_journal_waits(mock: Mock) -> None:
    with socket_server(mock) as url:
        journal = Control(url).world().journal
        timer = threading.Timer(0.1, lambda: mock.get(ACCOUNTS))
        timer.start()
        assert len(journal.wait_for(verdict="auth", timeout_s=10)) == 1
        with pytest.raises(AssertionError, match="0 of 1 exchanges came within"):
            journal.wait_for(operation="list_channels", timeout_s=0.05)


def test_it_is_bounded_in_number_and_bytes_and_says_what_it_dropped() -> None:
    few, small = Journal(entries=3), Journal(size=2500)
    for journal in (few, small):
        for _ in range(5):
            journal.complete(journal.arrive(NOW, "POST", "/", {}, b"x" * 600), 200, {}, b"y" * 400)

    assert ([entry.id for entry in few], few.dropped) == ([3, 4, 5], 2)
    assert ([entry.id for entry in small], small.dropped) == ([4, 5], 3)


def test_a_long_body_is_cut_and_its_size_kept() -> None:
    journal = Journal(body=10)
    journal.complete(entry := journal.arrive(NOW, "GET", "/", {}, b""), 200, {}, b"z" * 100)

    assert (entry.response_body, entry.response_size) == (b"z" * 10, 100)


def test_clearing_forgets_and_goes_on_counting(mock: Mock) -> None:
    mock.get(ACCOUNTS)
    mock.request("DELETE", "/_testcard/worlds/default/journal")
    mock.get(ACCOUNTS)

    assert [entry["id"] for entry in entries(mock)] == [2]
