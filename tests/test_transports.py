"""The same requests over a socket and over memory: answers and exceptions are the same, and memory takes no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3

from support import Mock, socket_server
from testcard.exchange import Reply, Request, Wire
from testcard.reach.aiohttp_link import SwitchConnector
from testcard.reach.httpx_link import AsyncSwitchTransport, SwitchTransport
from testcard.reach.line import Line, WouldHang
from testcard.reach.requests_link import requests_session
from testcard.server.switchboard import Plan

_TIMEOUT_S = 10.0
ACCOUNTS = "/videocentral/apis/v1/accounts"
CONTRACT = "/_testcard/contracts/videokit.json"
_VOLATILE = {"date", "x-testcard-note"}


@dataclass(frozen=True)
class Sent:
    """A request, whatever sends it."""

    method: str = "GET"
    path: str = ACCOUNTS
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    follow: bool = True
    stream: bool = False
    timeout_s: float = _TIMEOUT_S


Outcome = tuple[Any, ...]


def _requests(mock: Mock | None, url: str, sent: Sent) -> Outcome:
    with requests_session(mock.switchboard) if mock else requests.Session() as session:
        answer = session.request(
            sent.method, url + sent.path, headers=dict(sent.headers), data=sent.body or None, timeout=sent.timeout_s,
            allow_redirects=sent.follow, stream=sent.stream,
        )  # fmt: skip
        body = b"".join(answer.iter_content(1000)) if sent.stream else answer.content
        return answer.status_code, _kept(answer.headers), body, [each.status_code for each in answer.history]


def _httpx(mock: Mock | None, url: str, sent: Sent) -> Outcome:
    transport = SwitchTransport(mock.switchboard) if mock else httpx.HTTPTransport(verify=False)
    with (
        httpx.Client(transport=transport, timeout=sent.timeout_s, follow_redirects=sent.follow) as client,
        client.stream(sent.method, url + sent.path, headers=sent.headers, content=sent.body) as answer,
    ):
        body = b"".join(answer.iter_bytes(1000)) if sent.stream else answer.read()
        return answer.status_code, _kept(answer.headers), body, [each.status_code for each in answer.history]


def _httpx_async(mock: Mock | None, url: str, sent: Sent) -> Outcome:
    async def talk() -> Outcome:
        transport = AsyncSwitchTransport(mock.switchboard) if mock else httpx.AsyncHTTPTransport(verify=False)
        async with (
            httpx.AsyncClient(transport=transport, timeout=sent.timeout_s, follow_redirects=sent.follow) as client,
            client.stream(sent.method, url + sent.path, headers=sent.headers, content=sent.body) as answer,
        ):
            body = b"".join([part async for part in answer.aiter_bytes(1000)]) if sent.stream else await answer.aread()
            return answer.status_code, _kept(answer.headers), body, [each.status_code for each in answer.history]

    return asyncio.run(talk())


def _aiohttp(mock: Mock | None, url: str, sent: Sent, timeout: aiohttp.ClientTimeout | None = None) -> Outcome:
    async def talk() -> Outcome:
        connector = SwitchConnector(mock.switchboard) if mock else aiohttp.TCPConnector()
        limit = timeout or aiohttp.ClientTimeout(sock_read=sent.timeout_s)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=limit) as session,
            session.request(
                sent.method, url + sent.path, headers=sent.headers, data=sent.body or None, allow_redirects=sent.follow
            ) as answer,
        ):
            body = b"".join([part async for part in answer.content.iter_chunked(1000)]) if sent.stream else b""
            body = body or await answer.read()
            return answer.status, _kept(answer.headers), body, [each.status for each in answer.history]

    return asyncio.run(talk())


def _aiohttp_in_total(mock: Mock | None, url: str, sent: Sent) -> Outcome:
    return _aiohttp(mock, url, sent, aiohttp.ClientTimeout(total=sent.timeout_s))


CLIENTS: dict[str, Callable[[Mock | None, str, Sent], Outcome]] = {
    "requests": _requests,
    "httpx": _httpx,
    "httpx async": _httpx_async,
    "aiohttp": _aiohttp,
    "aiohttp in total": _aiohttp_in_total,
}


def _kept(headers: Any) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in headers.items() if name.lower() not in _VOLATILE)


def _what_happens(talk: Callable[[], Outcome]) -> Outcome:
    """The answer, or the names of what was raised and of what that was raised from."""
    try:
        return talk()
    except (OSError, aiohttp.ClientError, httpx.HTTPError) as error:
        return type(error).__module__.partition(".")[0], type(error).__name__


@pytest.fixture(scope="module")
def socket_mock() -> Mock:
    return Mock()


@pytest.fixture(scope="module")
def url(socket_mock: Mock) -> Iterator[str]:
    with socket_server(socket_mock) as address:
        yield address


@pytest.fixture
def pair(socket_mock: Mock) -> tuple[Mock, Mock]:
    """The mock behind the socket, as on its first day, and its equal in memory."""
    socket_mock.switchboard.worlds.reset("default")
    return socket_mock, Mock()


def _token(mock: Mock) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {mock.env('videocentral')['TOKEN']}",
        "x-access-token": mock.env("amagi")["TOKEN"],
    }


ORDINARY = {
    "a page": Sent(),
    "a stream": Sent(stream=True),
    "a heavy answer": Sent(path="/amagi/api/v2?type=viewershipAnalytics&startDate=2026-01-01&endDate=2026-01-03"
                           "&interval=DAILY"),
    "a refusal": Sent(headers={"Authorization": "Bearer nobody"}),
    "no operation": Sent(path="/videocentral/apis/v1/acounts"),
    "no method": Sent("DELETE"),
    "head": Sent("HEAD"),
    "options": Sent("OPTIONS"),
    "a large body, packed": Sent(path=CONTRACT),
    "a large body, as it is": Sent(path=CONTRACT, headers={"Accept-Encoding": "identity"}, stream=True),
    "a body sent": Sent("POST", "/videocentral/auth/o2/token", body=b"grant_type=nonsense",
                        headers={"Content-Type": "application/x-www-form-urlencoded"}),
    "a large body sent": Sent("POST", "/_testcard/worlds", body=b'{"seed": ' + b" " * 1_040_000 + b"x}",
                              headers={"Content-Type": "application/json"}),
    "a path with escapes": Sent(path="/videocentral/apis/v1/accounts/a%2Fb%20c?limit=1&x=%C3%A4"),
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("sent", ORDINARY.values(), ids=ORDINARY)
def test_memory_answers_as_a_socket_does(client: str, sent: Sent, pair: tuple[Mock, Mock], url: str) -> None:
    by_socket, in_memory = pair
    talk = CLIENTS[client]

    with_token = Sent(**{**sent.__dict__, "headers": {**_token(by_socket), **sent.headers}})
    expected = _what_happens(lambda: talk(None, url, with_token))

    assert _what_happens(lambda: talk(in_memory, url, with_token)) == expected
    assert isinstance(expected[0], int), expected


FAULTS: dict[str, dict[str, Any]] = {
    "redirect": {"kind": "redirect", "when": {"first": 1}},
    "late": {"kind": "latency", "seconds": 0.05},
    "too late": {"kind": "latency", "seconds": 1000},
    "never": {"kind": "stall"},
    "broken before the answer": {"kind": "reset"},
    "broken in the answer": {"kind": "reset", "after_bytes": 40},
    "cut": {"kind": "truncate"},
    "cut after nothing": {"kind": "truncate", "after_bytes": 0},
    "stalled in the answer": {"kind": "stall-body"},
    "stalled for a time": {"kind": "stall-body", "seconds": 0.05},
    "slow": {"kind": "drip", "bytes_per_second": 6000},
    "too slow": {"kind": "drip", "bytes_per_second": 1},
    "wrongly encoded": {"kind": "wrong-encoding"},
    "not json": {"kind": "malformed-json"},
    "wrongly called": {"kind": "wrong-content-type"},
    "in other letters": {"kind": "wrong-charset"},
    "refused": {"kind": "status", "status": 429, "retry_after": 3},
    "refused on the way": {"kind": "status", "status": 502, "body": "gateway"},
}


# Longer than a client waits, which is a short time over the socket, and one that nobody sleeps through in memory.
LONG = {
    "too late": (0.25, 60.0),
    "never": (0.25, 60.0),
    "stalled in the answer": (0.25, 60.0),
    "too slow": (0.25, 0.25),
}
LATER = [name for name, fault in FAULTS.items() if fault["kind"] not in ("redirect", "latency", "stall")]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("name", "streaming"), [*((name, False) for name in FAULTS), *((name, True) for name in LATER)]
)
def test_a_fault_raises_what_it_raises_over_a_socket(
    client: str, name: str, streaming: bool, pair: tuple[Mock, Mock], url: str
) -> None:
    fault = FAULTS[name]
    by_socket, in_memory = pair
    for mock in pair:
        mock.world.faults.add({"id": "it", "operation": "list_accounts", **fault})
    over_socket = Sent(headers=_token(by_socket), stream=streaming, timeout_s=LONG.get(name, (10, 0))[0])
    over_memory = Sent(headers=_token(by_socket), stream=streaming, timeout_s=LONG.get(name, (0, 10))[1])

    expected = _what_happens(lambda: CLIENTS[client](None, url, over_socket))
    begin = time.perf_counter()
    found = _what_happens(lambda: CLIENTS[client](in_memory, url, over_memory))
    spent_s = time.perf_counter() - begin

    assert found == expected
    hits = [each.hits for mock in pair for each in mock.world.faults]
    assert hits[0] == hits[1] > 0
    assert spent_s < 10, "memory slept"


def test_faults_raise_the_libraries_own_exceptions() -> None:
    """The comparison above would be content if both sides raised nothing."""
    expected: dict[str, dict[str, type[Exception]]] = {
        "never": {"requests": requests.ReadTimeout, "httpx": httpx.ReadTimeout, "aiohttp": aiohttp.ServerTimeoutError,
                  "aiohttp in total": TimeoutError},
        "too late": {"requests": requests.ReadTimeout, "httpx async": httpx.ReadTimeout,
                     "aiohttp": aiohttp.ServerTimeoutError, "aiohttp in total": TimeoutError},
        "broken before the answer": {"requests": requests.ConnectionError, "httpx": httpx.ReadError,
                                     "aiohttp": aiohttp.ClientOSError},
        "cut": {"requests": requests.exceptions.ChunkedEncodingError, "httpx": httpx.RemoteProtocolError,
                "aiohttp": aiohttp.ClientPayloadError},
        "stalled in the answer": {"requests": requests.ConnectionError, "httpx": httpx.ReadTimeout,
                                  "aiohttp": aiohttp.ServerTimeoutError},
    }  # fmt: skip
    for name, by_client in expected.items():
        for client, kind in by_client.items():
            mock = Mock()
            mock.world.faults.add(FAULTS[name])
            with pytest.raises(kind):
                CLIENTS[client](mock, "http://mock.test", Sent(headers=_token(mock), timeout_s=1.0))


def test_a_foreign_host_is_not_found_in_memory_either() -> None:
    """No test asks a real name server: these are what the libraries raise when it knows no such host."""
    expected: dict[str, type[Exception]] = {
        "requests": requests.ConnectionError,
        "httpx": httpx.ConnectError,
        "httpx async": httpx.ConnectError,
        "aiohttp": aiohttp.ClientConnectorDNSError,
    }
    for client, kind in expected.items():
        mock = Mock("videocentral")
        fault = mock.world.faults.add({"kind": "redirect", "to": "foreign"})
        with pytest.raises(kind):
            CLIENTS[client](mock, "http://mock.test", Sent())
        assert fault.hits == 1
        with pytest.raises(kind):
            CLIENTS[client](mock, "https://elsewhere.invalid", Sent())


class _Switch:
    """Answers everything with one reply, and remembers the requests."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[Request] = []

    def plan(self, request: Request) -> Plan:
        self.requests.append(request)
        return Plan(request)

    def carry_out(self, plan: Plan) -> Reply:
        return self.reply

    def body_limit(self, request: Request) -> int:
        return 1000

    def too_large(self, plan: Plan) -> Reply:
        return Reply(413, headers={"Connection": "close", "Content-Length": "0"})


def _said(reply: Reply, request: bytes) -> bytes:
    line = Line(_Switch(reply), "http")
    line.send(request)
    said = b""
    while piece := line.read(65536, 1.0):
        said += piece
    return said


def test_a_body_of_unknown_length_goes_out_in_chunks() -> None:
    reply = Reply(200, body=iter((b"one", b"two")), headers={"Content-Type": "text/plain"})

    said = _said(reply, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert said == (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    )


def test_a_client_that_asks_first_hears_that_it_may_continue() -> None:
    line = Line(_Switch(Reply(204)), "http")

    line.send(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert line.read(100, 1.0) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.send(b"ok")
    assert line.read(100, 1.0).startswith(b"HTTP/1.1 204 No Content\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [(b"nonsense\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431")],
)
def test_what_is_no_request_is_refused_and_the_line_ends(request_: bytes, status: bytes) -> None:
    assert _said(Reply(200), request_).startswith(b"HTTP/1.1 " + status)


def test_a_body_over_the_limit_is_refused_and_the_line_ends() -> None:
    request = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001

    said = _said(Reply(200), request)

    assert said == b"HTTP/1.1 413 Request Entity Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def test_waiting_for_ever_without_a_timeout_is_said_aloud() -> None:
    mock = Mock()
    mock.world.faults.add({"kind": "stall"})

    with pytest.raises(WouldHang, match="would wait here for ever"):
        requests_session(mock.switchboard).get(f"http://mock.test{ACCOUNTS}")
    with pytest.raises(WouldHang), httpx.Client(transport=SwitchTransport(mock.switchboard), timeout=None) as client:
        client.get(f"http://mock.test{ACCOUNTS}")

    async def talk() -> None:
        connector = SwitchConnector(mock.switchboard)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
            await session.get(f"http://mock.test{ACCOUNTS}")

    with pytest.raises(WouldHang):
        asyncio.run(talk())


def test_a_read_that_timed_out_goes_on_waiting_where_it_was() -> None:
    line = Line(_Switch(Reply(200, headers={"Content-Length": "0"}, wire=Wire(delay_s=1.0))), "http")
    line.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    with pytest.raises(TimeoutError):
        line.read(10, 0.6)

    assert line.read(8, 0.6) == b"HTTP/1.1"


def test_connections_are_reused_and_replaced_when_a_fault_ended_them() -> None:
    mock = Mock()
    session = requests_session(mock.switchboard)
    session.headers.update(_token(mock))
    mock.world.faults.add({"kind": "truncate", "when": {"calls": [2, 2]}})
    outcomes = [_what_happens(lambda: (session.get(f"http://mock.test{ACCOUNTS}").status_code,)) for _ in range(3)]

    assert outcomes == [(200,), ("requests", "ChunkedEncodingError"), (200,)]


def test_retries_of_urllib3_work() -> None:
    mock = Mock()
    mock.world.faults.add({"kind": "status", "status": 503, "when": {"first": 2}, "retry_after": 0})
    session = requests_session(mock.switchboard, max_retries=urllib3.Retry(3, status_forcelist=[503]))

    assert session.get(f"http://mock.test{ACCOUNTS}", headers=_token(mock)).status_code == 200


def test_cookies_of_a_session_are_sent_and_kept() -> None:
    switch = _Switch(Reply(200, body=b"ok", headers={"Content-Length": "2", "Set-Cookie": "seen=yes; Path=/"}))
    session = requests_session(switch)
    session.get("http://mock.test/")
    session.get("http://mock.test/")
    with httpx.Client(transport=SwitchTransport(switch)) as client:
        client.get("http://mock.test/")
        client.get("http://mock.test/")

    assert [request.header("cookie") for request in switch.requests] == ["", "seen=yes", "", "seen=yes"]


def test_a_proxy_of_the_environment_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    mock = Mock()

    for scheme in ("http", "https"):
        answer = requests_session(mock.switchboard).get(f"{scheme}://mock.test{ACCOUNTS}", headers=_token(mock))
        assert answer.json()["next"].startswith(f"{scheme}://mock.test/videocentral/")
