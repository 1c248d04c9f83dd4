"""The journal: every exchange, its verdict, redacted for readers, bounded, as curl and as HAR."""

from __future__ import annotations

import json
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema
import pytest
import requests
from referencing import Registry, Resource

from support import Answer, Mock, socket_server
from testcard.commands import watching
from testcard.control.client import Control
from testcard.control.redaction import REDACTED, Redaction
from testcard.exchange import Pieces, Request
from testcard.world.journal import Journal
from toy import toy_switchboard

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


def test_where_no_api_is_meant_the_sentence_is_the_explanation(mock: Mock) -> None:
    answer = mock.get(f"/vidocentral/{'long' * 300}", headers={"Accept-Encoding": "gzip"})
    entry = entries(mock)[0]

    assert (answer.status, answer.headers["Content-Encoding"]) == (404, "gzip")
    assert entry["explanation"].startswith("nothing answers under /vidocentral/long")
    assert entry["explanation"].endswith("did you mean 'videocentral'?")


def test_what_is_about_the_server_itself_is_not_written_down(mock: Mock) -> None:
    mock.switchboard.metrics = watching.Metrics().render
    assert [mock.get(path).status for path in ("/", "/metrics", "/_testcard/health")] == [200] * 3

    assert entries(mock) == []


def test_entries_are_found_by_api_operation_status_and_verdict(mock: Mock) -> None:
    mock.get(ACCOUNTS, headers=bearer(mock))
    mock.get(f"{ACCOUNTS}/HALYARD1TV", headers=bearer(mock))
    mock.get(ACCOUNTS)

    assert [entry["id"] for entry in entries(mock, "?operation=list_accounts")] == [1, 3]
    assert [entry["id"] for entry in entries(mock, "?status=401&api=videocentral")] == [3]
    assert [entry["id"] for entry in entries(mock, "?verdict=ok&since=1")] == [2]
    assert [entry["id"] for entry in entries(mock, "?verdict=auth,refused")] == [3]
    assert [entry["id"] for entry in entries(mock, "?verdict=auth,ok")] == [1, 2, 3]
    assert mock.get("/_testcard/worlds/default/journal?verdict=fine").status == 400


SECRETS = [
    (api, name)
    for api, names in {
        "videocentral": ("TOKEN", "CLIENT_SECRET", "REFRESH_TOKEN"),
        "amagi": ("TOKEN",),
        "videokit": ("API_KEY",),
        "ibmvideo": ("TOKEN", "CLIENT_SECRET"),
    }.items()
    for name in names
]


@pytest.mark.parametrize(("api", "name"), SECRETS)
def test_no_secret_is_shown_wherever_it_is_sent(api: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it belongs, and where it does not: in a path, a query, a header or a body of other names."""
    mock = Mock()
    mock.switchboard.watchers += [watching.log_lines, watching.log_json]
    secret = mock.env(api)[name]
    base = urlsplit(mock.env(api)["URL"]).path
    lower = quote(secret, safe="").replace("%7C", "%7c").replace("%2B", "%2b")
    for path in (
        f"{base}/{quote(secret, safe='')}",
        f"{base}?x={quote(secret, safe='')}",
        f"{base}?{lower}",
    ):
        mock.get(path, headers={"Authorization": f"Bearer {secret}", "X-Other": secret})
        mock.post(path, json={"deep": [{"down": secret}], "token": secret}, headers={"x-access-token": secret})
        mock.post(path, form={"whatever": secret, "client_secret": secret}, headers={"X-Api-Key": secret})
    journal = mock.get("/_testcard/worlds/default/journal").text
    shown = journal + mock.get("/_testcard/worlds/default/journal.har").text + capsys.readouterr().out

    assert journal.count(REDACTED) > 30
    assert [form for form in (secret, quote(secret, safe=""), lower) if form in shown] == []


def test_no_secret_of_a_login_is_shown(mock: Mock) -> None:
    env = mock.env("videocentral")
    form = {name.lower(): env[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    issued = mock.post("/videocentral/auth/o2/token", form={"grant_type": "refresh_token", **form}).json
    shown = mock.get("/_testcard/worlds/default/journal").text + mock.get("/_testcard/worlds/default/journal.har").text

    assert REDACTED in shown
    for secret in (env["CLIENT_SECRET"], env["REFRESH_TOKEN"], issued["access_token"]):
        assert secret not in shown


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

    assert ([entry.id for entry in few], few.dropped) == ([3, 4, 5], {"unmatched": 2})
    assert ([entry.id for entry in small], small.dropped) == ([4, 5], {"unmatched": 3})


def test_long_addresses_and_headers_count_too() -> None:
    journal = Journal(size=2500)
    for _ in range(5):
        journal.complete(journal.arrive(NOW, "GET", "/" * 500, {"x-long": "y" * 500}, b""), 200, {}, b"")

    assert len(journal) == 2


def test_what_was_dropped_is_told_by_verdict(mock: Mock) -> None:
    mock.world.journal.entry_limit = 1
    mock.get(ACCOUNTS)
    mock.get(ACCOUNTS, headers=bearer(mock))
    mock.get(ACCOUNTS, headers=bearer(mock))
    answer = mock.get("/_testcard/worlds/default/journal").json

    assert (len(answer["entries"]), answer["dropped"]) == (1, 2)
    assert answer["droppedVerdicts"] == {"auth": 1, "ok": 1}


def test_a_long_body_is_cut_and_its_size_kept() -> None:
    journal = Journal(body=10)
    journal.complete(entry := journal.arrive(NOW, "GET", "/", {}, b""), 200, {}, b"z" * 100)

    assert (entry.response_body, entry.response_size) == (b"z" * 10, 100)


def test_the_beginning_of_what_was_not_joined_is_kept() -> None:
    board = toy_switchboard()
    reply = board.answer(Request("GET", "/toy/v1/lists", "rows=50000", {"host": "mock.test"}))
    entry, content = list(board.worlds.default.journal)[-1], reply.content()

    assert isinstance(reply.body, Pieces)
    assert (entry.response_body, entry.response_size) == (content[: 64 * 1024], len(content))


def test_the_size_of_what_went_by_as_a_file_is_kept() -> None:
    mock = Mock("videokit")
    key = {"X-Api-Key": mock.env("videokit")["API_KEY"]}
    film = {"name": "a.mp4", "friendlyName": "a", "fileSize": 3_000_000}
    upload = mock.post("/videokit/vod/v1/files/start", headers=key, json=film).json
    link = upload["multipartUrls"][0]
    with socket_server(mock) as url:
        requests.put(
            link.replace("http://mock.test", url), data=b"x" * 3_000_000, headers={"Host": "mock.test"}, timeout=10
        )
    sent = entries(mock, "?api=storage")[-1]

    assert (sent["verdict"], sent["request"]["size"], sent["request"]["body"]) == ("ok", 3_000_000, "")


def test_the_size_of_a_streamed_answer_is_kept() -> None:
    mock = Mock("videocentral")
    headers = bearer(mock)
    page = "/videocentral/apis/v1/accounts/HALYARD1TV"
    for more in ("", "", "/reportTypes"):
        found = mock.get(f"{page}{more}", headers=headers).json["data"][0]["id"]
        page = f"{page}{more}/{found}"
    report = mock.get(f"{page}/reports?reportDateBeginGte=2024-03-01", headers=headers).json["data"][0]
    got = mock.get(report["downloadUrl"])
    sent = entries(mock, "?api=storage")[-1]

    assert sent["response"]["size"] == len(got.body) > 0


def test_remarks_are_asked_for(mock: Mock) -> None:
    mock.get(f"{ACCOUNTS}?limt=1", headers=bearer(mock))
    mock.get(ACCOUNTS, headers=bearer(mock))

    assert [(each["verdict"], each["world"]) for each in entries(mock, "?noted=true")] == [("ok", "default")]
    assert "did you mean 'limit'" in entries(mock, "?noted=true")[0]["notes"][0]
    assert [each["id"] for each in entries(mock, "?noted=false")] == [2]


def test_the_command_for_a_head_asks_for_no_body(mock: Mock) -> None:
    mock.request("HEAD", ACCOUNTS, headers=bearer(mock))

    assert entries(mock)[0]["curl"].startswith("curl -I http")


def test_clearing_forgets_and_goes_on_counting(mock: Mock) -> None:
    mock.get(ACCOUNTS)
    mock.request("DELETE", "/_testcard/worlds/default/journal")
    mock.get(ACCOUNTS)

    assert [entry["id"] for entry in entries(mock)] == [2]
