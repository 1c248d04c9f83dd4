"""Every kind of fault, as a raw client meets it over a socket; and when faults strike."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from support import Mock, socket_server
from testcard.control.putting import put_rows
from testcard.data import load
from testcard.errors import UserError

KINDS = load("contracts/schemas/fault.json")["$defs"]["kinds"]
ACCOUNTS = "/videocentral/apis/v1/accounts"
PRODUCTS = {"vod": "assets", "live": "channels", "cvr": "recordings", "core": "api-key"}
MANY = [{"id": str(number), "name": "alike"} for number in range(100)]


class Peer:
    """A raw client of a served mock: it sends bytes and sees what comes back."""

    def __init__(self, mock: Mock, url: str) -> None:
        self.mock = mock
        self.address = urlsplit(url)
        self.token = mock.env("videocentral")["TOKEN"]

    def fault(self, kind: str, **options: Any) -> Any:
        return self.mock.world.faults.add({"kind": kind, "api": "videocentral", **options})

    def exchange(
        self,
        path: str = f"{ACCOUNTS}?limit=3",
        timeout: float = 5,
        encoding: str = "identity",
        form: Mapping[str, str] | None = None,
    ) -> tuple[bytes, bytes, str]:
        """Send one request; returns head, body and how it ended: ``whole``, ``closed``, ``reset`` or ``silent``."""
        body = urlencode(form or {}).encode()
        lines = [
            f"{'POST' if form else 'GET'} {path} HTTP/1.1",
            f"Host: {self.address.netloc}",
            f"Authorization: Bearer {self.token}" if form is None else f"Content-Length: {len(body)}",
            f"Accept-Encoding: {encoding}",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        with socket.create_connection((self.address.hostname or "", self.address.port or 0), timeout) as raw:
            raw.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            return _received(raw)

    def get(self, path: str = f"{ACCOUNTS}?limit=3") -> tuple[int, dict[str, str], bytes]:
        head, body, _ = self.exchange(path)
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers, body

    def pages(self, limit: int) -> Iterator[list[str]]:
        """Follow next links, the ids of each page; stops after twenty pages."""
        path: str | None = f"{ACCOUNTS}?limit={limit}"
        for _ in range(20):
            if path is None:
                return
            content = json.loads(self.get(path)[2])
            yield [row["id"] for row in content["data"]]
            path = content["next"] and content["next"].partition(self.address.netloc)[2]


def _received(raw: socket.socket) -> tuple[bytes, bytes, str]:
    data = b""
    try:
        while chunk := raw.recv(65536):
            data += chunk
            head, blank, body = data.partition(b"\r\n\r\n")
            length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b"")
            if blank and length and len(body) >= int(length.partition(b":")[2]):
                return head, body, "whole"
    except ConnectionResetError:
        return *_split(data), "reset"
    except TimeoutError:
        return *_split(data), "silent"
    return *_split(data), "closed"


def _split(data: bytes) -> tuple[bytes, bytes]:
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Mock, str]]:
    mock = Mock("videocentral", now=None)
    with socket_server(mock) as url:
        yield mock, url


@pytest.fixture
def peer(server: tuple[Mock, str]) -> Iterator[Peer]:
    mock, url = server
    yield Peer(mock, url)
    mock.world.faults.clear()
    mock.switchboard.worlds.reset("default")


def test_a_refusal_is_in_the_vendors_words(peer: Peer) -> None:
    fault = peer.fault("status", status=429, retry_after=7)

    status, headers, body = peer.get()

    assert (status, headers["retry-after"], headers["content-type"]) == (429, "7", "application/json")
    assert json.loads(body)["code"] == "TooManyRequestsException"
    assert json.loads(body)["reason"] == "too_many_requests"
    assert fault.hits == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 429, 499, 500, 502, 503, 504, 599])
def test_every_vendor_has_words_for_every_status(status: int) -> None:
    mock = Mock()
    mock.world.faults.add({"kind": "status", "status": status, "retry_after": 1.2})
    for path in (
        *(ACCOUNTS, "/amagi/api/v2?type=channelList", "/ibmvideo/v1/views/live", "/storage/packaged-report-v2-prod/x"),
        *(f"/videokit/{product}/v1/{what}" for product, what in PRODUCTS.items()),
    ):
        answer = mock.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (status, "2"), path
        assert answer.headers["Content-Type"].startswith(("application/json", "application/xml")), path
        assert "X-Testcard-Error" not in answer.headers, path
    for path in ("/videocentral/auth/o2/token", "/ibmvideo/oauth2/token"):
        assert mock.post(path, form={}).status == status, path


def test_a_date_to_retry_after_is_sent_where_clocks_are_shared(peer: Peer) -> None:
    peer.fault("status", status=503, retry_after=60, retry_after_form="date")
    shared = peer.get()[1]["retry-after"]
    peer.mock.world.clock.advance(86400)
    alone = peer.get()[1]["retry-after"]

    assert shared.endswith("GMT")
    assert alone == "60"


def test_a_gateway_answers_in_html(peer: Peer) -> None:
    peer.fault("status", status=502, body="gateway")

    status, headers, body = peer.get()

    assert (status, headers["content-type"]) == (502, "text/html")
    assert b"<h1>502 Bad Gateway</h1>" in body


def test_latency_comes_before_the_status_line(peer: Peer) -> None:
    peer.fault("latency", seconds=0.2)
    began = time.monotonic()

    assert peer.get()[0] == 200
    assert time.monotonic() - began >= 0.2


def test_a_stall_says_nothing(peer: Peer) -> None:
    peer.fault("stall")

    assert peer.exchange(timeout=0.3) == (b"", b"", "silent")


def test_a_dripping_body_comes_whole_and_late(peer: Peer) -> None:
    size = len(peer.get()[2])
    peer.fault("drip", bytes_per_second=size * 4)
    began = time.monotonic()
    _, body, end = peer.exchange()

    assert (len(body), end) == (size, "whole")
    assert time.monotonic() - began >= 0.15


def test_a_stalled_body_stops_in_the_middle(peer: Peer) -> None:
    peer.fault("stall-body", after_bytes=20)
    head, body, end = peer.exchange(timeout=0.3)

    assert head.startswith(b"HTTP/1.1 200")
    assert (len(body), end) == (20, "silent")


@pytest.mark.parametrize(("options", "seen"), [({}, 0), ({"after_bytes": 20}, 20)])
def test_a_reset_is_a_reset(peer: Peer, options: Mapping[str, int], seen: int) -> None:
    peer.fault("reset", **options)
    _, body, end = peer.exchange()

    assert end == "reset"
    assert len(body) <= seen


def test_a_truncated_body_is_short_of_its_length(peer: Peer) -> None:
    peer.fault("truncate", after_bytes=30)
    head, body, end = peer.exchange()

    assert (len(body), end) == (30, "closed")
    assert b"content-length: 30" not in head.lower()


@pytest.mark.parametrize("kind", ["truncate", "stall-body", "reset"])
def test_a_body_always_stops_before_its_end(peer: Peer, kind: str) -> None:
    """Where a fault would have it stop behind its end, where it is compressed, and where there is none."""
    size = len(peer.get()[2])
    peer.fault(kind, after_bytes=size + 1000, **({"seconds": 0.1} if kind == "stall-body" else {}))
    head, body, end = peer.exchange()
    put_rows(peer.mock.switchboard.exchange("videocentral"), peer.mock.world, "accounts", MANY, replace=True)
    packed = peer.exchange(f"{ACCOUNTS}?limit=100", encoding="gzip")

    assert b"HTTP/1.1 200" in head
    assert (len(body) < size, end in ("closed", "reset")) == (True, True)
    assert packed[2] in ("closed", "reset")


def test_a_fault_of_a_body_needs_one() -> None:
    mock = Mock("videokit")
    key = {"X-Api-Key": mock.env("videokit")["API_KEY"]}
    kinds = ("truncate", "stall-body", "malformed-json", "wrong-encoding")
    faults = [mock.world.faults.add({"kind": kind, "operation": "cancel_file_upload"}) for kind in kinds]
    film = {"name": "a.mp4", "friendlyName": "a", "fileSize": 3}
    upload = mock.post("/videokit/vod/v1/files/start", headers=key, json=film).json
    answer = mock.post(f"/videokit/vod/v1/files/{upload['fileId']}/cancel", headers=key)

    assert (answer.status, answer.body) == (204, b"")
    assert [(fault.calls, fault.hits) for fault in faults] == [(1, 0)] * 4


def test_faults_of_the_wire_come_together(peer: Peer) -> None:
    faults = [
        peer.fault("truncate", after_bytes=20),
        peer.fault("latency", seconds=0.15),
        peer.fault("truncate", after_bytes=30),
    ]
    began = time.monotonic()
    _, body, end = peer.exchange()

    assert (len(body), end) == (20, "closed")
    assert time.monotonic() - began >= 0.15
    assert [fault.hits for fault in faults] == [1, 1, 1]


def test_malformed_json_fits_its_length(peer: Peer) -> None:
    peer.fault("malformed-json")
    _, body, end = peer.exchange()

    assert end == "whole"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(body)


def test_the_content_type_is_wrong_and_the_body_right(peer: Peer) -> None:
    right = peer.get()[2]
    peer.fault("wrong-content-type", media="text/plain")

    assert (peer.get()[1]["content-type"], peer.get()[2]) == ("text/plain", right)


def test_the_charset_is_wrong(peer: Peer) -> None:
    peer.fault("wrong-charset")
    _, headers, body = peer.get()

    assert headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(body.decode("utf-16"))["total"] == 12
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_encoding_is_wrong(peer: Peer) -> None:
    peer.fault("wrong-encoding")
    _, headers, body = peer.get()

    assert headers["content-encoding"] == "gzip"
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body)


@pytest.mark.parametrize("to", ["same", "foreign"])
def test_a_redirect_leads_there(peer: Peer, to: str) -> None:
    peer.fault("redirect", to=to, status=302)
    status, headers, _ = peer.get()

    assert status == 302
    assert (peer.address.netloc in headers["location"]) == (to == "same")


def test_a_field_that_nobody_knows_is_in_the_answer_and_its_rows(peer: Peer) -> None:
    peer.fault("unknown-field")
    content = json.loads(peer.get()[2])

    assert "x_testcard_unknown" in content
    assert all("x_testcard_unknown" in row for row in content["data"])


def test_null_stands_only_where_the_contract_allows_it(peer: Peer) -> None:
    peer.fault("null-field", operation="list_accounts")
    content = json.loads(peer.get()[2])

    assert content["next"] is None
    assert content["total"] == 12
    assert all(row["id"] for row in content["data"])


def test_a_short_page_loses_nothing(peer: Peer) -> None:
    whole = [each for page in peer.pages(5) for each in page]
    fault = peer.fault("short-page", rows=2, when={"page": 2})
    pages = list(peer.pages(5))

    assert [len(page) for page in pages][:2] == [5, 2]
    assert [each for page in pages for each in page] == whole
    assert fault.hits == 1


def test_an_empty_page_is_not_the_end(peer: Peer) -> None:
    whole = [each for page in peer.pages(5) for each in page]
    peer.fault("empty-page", when={"page": 2})
    pages = list(peer.pages(5))

    assert [] in pages[:-1]
    assert [each for page in pages for each in page] == whole


def test_the_limit_is_capped(peer: Peer) -> None:
    peer.fault("capped-limit", limit=3)

    assert [len(page) for page in peer.pages(10)] == [3, 3, 3, 3]


NUMBERED = {
    "amagi": (
        "/amagi/api/v2?type=contentAnalytics&startDate=2026-01-01&endDate=2026-01-02&interval=DAILY",
        "contentData",
    ),
    "videokit": ("/videokit/vod/v1/assets?", "items"),
}


def numbered_pages(mock: Mock, api: str) -> list[list[str]]:
    """Every page of a list that counts its pages, up to a second empty one in a row."""
    env = mock.env(api)
    headers = {"x-access-token": env.get("TOKEN", ""), "X-Api-Key": env.get("API_KEY", "")}
    path, key = NUMBERED[api]
    pages: list[list[str]] = []
    while any(pages[-2:]) or len(pages) < 2:
        content = mock.get(f"{path}&page={len(pages) + 1}&limit=20", headers=headers).json
        pages.append([json.dumps(row) for row in content[key]])
    return pages


@pytest.mark.parametrize("api", NUMBERED)
@pytest.mark.parametrize(
    ("spec", "second"),
    [
        ({"kind": "short-page", "rows": 3, "when": {"page": 2}}, 3),
        ({"kind": "empty-page", "when": {"page": 2}}, 0),
        ({"kind": "capped-limit", "limit": 7}, 7),
    ],
)
def test_lists_that_count_pages_lose_nothing_either(api: str, spec: dict[str, Any], second: int) -> None:
    mock = Mock(api)
    whole = [row for page in numbered_pages(mock, api) for row in page]
    fault = mock.world.faults.add({"api": api, **spec})
    pages = numbered_pages(mock, api)

    assert len(pages[1]) == second
    assert [row for page in pages for row in page] == whole
    assert len(whole) > 40
    assert fault.hits >= 1


def test_next_repeats_and_cycles(peer: Peer) -> None:
    first, second, *_ = list(peer.pages(5))
    peer.fault("next-repeats", when={"page": 2})
    assert list(peer.pages(5))[:3] == [first, second, second]
    peer.mock.world.faults.clear()
    peer.fault("next-cycles", when={"page": 2})
    assert list(peer.pages(5))[:3] == [first, second, first]


def test_rows_change_between_pages(peer: Peer) -> None:
    rows = [{"id": str(number), "name": str(number)} for number in range(6)]
    put_rows(peer.mock.switchboard.exchange("videocentral"), peer.mock.world, "accounts", rows, replace=True)
    peer.fault(
        "rows-changed", table="videocentral/accounts", insert=[{"id": "9", "name": "9"}], delete=[0], when={"first": 1}
    )

    assert list(peer.pages(3)) == [["0", "1", "2"], ["4", "5", "9"]]


@pytest.mark.parametrize("kind", ["token-expired", "token-revoked"])
def test_a_token_ends_in_the_middle_of_a_walk(peer: Peer, kind: str) -> None:
    peer.fault(kind, when={"calls": [2, 2]})

    assert [peer.get()[0] for _ in range(3)] == [200, 401, 401]


def test_old_refresh_tokens_die(peer: Peer) -> None:
    env = peer.mock.env("videocentral")
    peer.fault("refresh-token-revoked", token=True, when={"first": 1})
    client = {name.lower(): env[name] for name in ("CLIENT_ID", "CLIENT_SECRET")}

    def ask(refresh_token: str) -> tuple[bytes, Any]:
        form = {"grant_type": "refresh_token", **client, "refresh_token": refresh_token}
        head, body, _ = peer.exchange("/videocentral/auth/o2/token", form=form)
        return head.split()[1], json.loads(body)

    (first, granted), (again, refused) = ask(env["REFRESH_TOKEN"]), ask(env["REFRESH_TOKEN"])

    assert (first, again, refused["error"]) == (b"200", b"400", "invalid_grant")
    assert ask(granted["refresh_token"])[0] == b"200"


def test_every_kind_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")

    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({"first": 2}, [True, True, False, False, False]),
        ({"calls": [2, 3]}, [False, True, True, False, False]),
        ({"every": 2}, [False, True, False, True, False]),
        ({}, [True] * 5),
    ],
)
def test_a_fault_strikes_when_it_is_due(peer: Peer, when: Mapping[str, Any], struck: list[bool]) -> None:
    fault = peer.fault("status", status=500, **({"when": when} if when else {}))

    assert [peer.get()[0] == 500 for _ in range(5)] == struck
    assert (fault.calls, fault.hits) == (5, sum(struck))


WHERE = {
    "everywhere": ({}, "accounts account token storage amagi"),
    "an API": ({"api": "videocentral"}, "accounts account token"),
    "another API": ({"api": "amagi"}, "amagi"),
    "an operation": ({"operation": "list_accounts"}, "accounts"),
    "a path": ({"path": "/apis/v1/accounts/*"}, "account"),
    "a path in an API": ({"api": "amagi", "path": "/apis/*"}, ""),
    "the token call": ({"token": True}, "token"),
    "the storage": ({"api": "storage"}, "storage"),
}


@pytest.mark.parametrize(("where", "struck"), WHERE.values(), ids=WHERE)
def test_a_fault_strikes_where_it_is_said(where: Mapping[str, Any], struck: str) -> None:
    mock = Mock("videocentral", "amagi")
    fault = mock.world.faults.add({"kind": "status", "status": 599, **where})
    paths = {
        "accounts": ACCOUNTS,
        "account": f"{ACCOUNTS}/HALYARD1TV",
        "storage": "/storage/packaged-report-v2-prod/x",
        "amagi": "/amagi/api/v2?type=channelList",
    }
    met = {name for name, path in paths.items() if mock.get(path).status == 599}
    met |= {"token"} if mock.post("/videocentral/auth/o2/token", form={}).status == 599 else set()

    assert met == set(struck.split())
    assert (fault.calls, fault.hits) == (len(met), len(met))


def test_a_fault_ends_when_it_is_cleared(peer: Peer) -> None:
    fault = peer.fault("status", status=500)
    other = peer.fault("status", status=599, when={"calls": [5, 9]})

    assert [peer.get()[0] for _ in range(3)] == [500] * 3
    peer.mock.world.faults.clear(fault.id)
    assert [peer.get()[0] for _ in range(3)] == [200, 599, 599]
    assert (fault.hits, other.hits) == (3, 2)


def test_a_probability_is_seeded() -> None:
    def run() -> list[int]:
        mock = Mock("videocentral", seed=7)
        mock.world.faults.add({"kind": "status", "status": 500, "when": {"probability": 0.5}})
        return [mock.get(ACCOUNTS).status for _ in range(20)]

    assert run() == run()
    assert 500 in run()
    assert 401 in run()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "sttaus"}, "did you mean 'status'"),
        ({"kind": "status"}, "status"),
        ({"kind": "status", "status": 200}, "status"),
        ({"kind": "reset", "when": {"first": 1, "every": 2}}, "when"),
        ({"kind": "latency", "seconds": -1}, "seconds"),
        ({"kind": "reset", "wehn": {}}, "wehn"),
        ({"kind": "reset", "when": {"calls": [3, 2]}}, "when/calls: from call 3 to call 2 there is none"),
        ({"kind": "reset", "when": {"calls": [0, 2]}}, "when/calls/0"),
        ({"kind": "reset", "when": {"every": 0}}, "when/every"),
        ({"kind": "reset", "when": {"probability": 2}}, "when/probability"),
    ],
)
def test_what_is_no_fault_is_refused(peer: Peer, spec: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        peer.mock.world.faults.add(spec)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "no fault of kind None; there are: status"),
        ({"weather": 5}, "body '/weather': 5 is not of type \"string\""),
        ({"weather": "strom"}, "did you mean 'storm'"),
        ({"weather": "calm", "kind": "reset"}, "'kind' was unexpected"),
        ({"weather": "calm", "when": {"first": 1}}, "'when' was unexpected"),
        ({"faults": "x"}, "body '/faults'"),
        ({"faults": []}, "body '/faults'"),
        ({"faults": [1]}, "body '/faults/0'"),
        ({"faults": [{"kind": "reset"}, {"kind": "rest"}]}, "did you mean 'reset'"),
        ({"kind": 5}, "no fault of kind 5"),
        ({"kind": "reset", "api": 5}, "fault reset: api: 5 is not of type"),
        ({"kind": "reset", "api": "amagi"}, "no API named 'amagi' here"),
        ({"kind": "reset", "operation": ["x"]}, "fault reset: operation"),
        ({"kind": "reset", "operation": "list_acounts"}, "did you mean 'list_accounts'"),
        ({"kind": "rows-changed", "table": 5}, "fault rows-changed: table"),
        ({"kind": "rows-changed", "api": "videocentral", "table": "videocentral/acounts"}, "did you mean 'accounts'"),
        (
            {"kind": "rows-changed", "api": "videocentral", "table": "videocentral/accounts", "insert": [{"x": 1}]},
            "row 0",
        ),
    ],
)
def test_what_is_no_fault_is_refused_with_its_place_and_begins_nothing(body: dict[str, Any], said: str) -> None:
    mock = Mock("videocentral")
    answer = mock.post("/_testcard/worlds/default/faults", json=body)

    assert answer.status in (400, 404)
    assert said in answer.json["error"]
    assert list(mock.world.faults) == []
