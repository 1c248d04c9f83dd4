"""Every face gives the same bytes: the core itself, the Flask apps, and the ASGI face over a real socket."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from every_api import credential_headers
from support import Mock, socket_server
from testcard import apps
from testcard.apis import APIS, SERVICES, open_exchange
from testcard.exchange import Request
from testcard.server.flask_face import create_app, create_switchboard_app
from testcard.server.switchboard import Switchboard
from testcard.world.clock import parse_instant
from toy import Toy, toy_switchboard

HOST = "mock.test"


@dataclass(frozen=True)
class Sent:
    """A request, as every face can send it."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


JSON = {"content-type": "application/json"}
KEPT = {"x-key": "KEY"}

REQUESTS = [
    Sent("GET", "/"),
    Sent("GET", "/nowhere"),
    Sent("GET", "/toy"),
    Sent("GET", "/toy/v1/things"),
    Sent("GET", "/toy/v1/things?limit=5&tags=red,blue&from=M%C3%BCnchen+x&limti=1"),
    Sent("GET", "/toy/v1/things?limit=0&since=x"),
    Sent("GET", "/toy/v1/things?"),
    Sent("GET", "/toy/v1/things?%FF=%00&a=%0D%0A"),
    Sent("GET", "/toy/v1/things", {"accept": "text/html"}),
    Sent("GET", "/toy/v1/things", {"accept": "application/json", "x-trace-id": "7"}),
    Sent("GET", "/toy/v1/things", {"origin": "https://page.example"}),
    Sent("GET", "/toy/v1/things", {"x-forwarded-host": "a.example", "x-forwarded-proto": "https"}),
    Sent("GET", "/toy/v1/things/"),
    Sent("GET", "/toy//v1/things"),
    Sent("GET", "/toy/v1/things/a%2Fb"),
    Sent("GET", "/toy/v1/things/a%20b%3Fc"),
    Sent("GET", "/toy/v1/things/%C3%BC"),
    Sent("GET", "/toy/v1/things/a;b=c,d"),
    Sent("GET", "/toy/v1/things/nothing"),
    Sent("GET", "/toy/v1/things/../things"),
    Sent("GET", "/toy/v1/files/a/b//c.csv"),
    Sent("GET", "/toy/v1/files/a%2Fb.csv"),
    Sent("GET", "/toy/v1/files/large", {"accept-encoding": "gzip"}),
    Sent("GET", "/toy/v1/files/large"),
    Sent("HEAD", "/toy/v1/files/large"),
    Sent("HEAD", "/toy/v1/things"),
    Sent("HEAD", "/toy/v1/forms"),
    Sent("GET", "/toy/v1/streams"),
    Sent("HEAD", "/toy/v1/streams"),
    Sent("GET", "/toy/v1/lists?rows=3"),
    Sent("GET", "/toy/v1/lists?rows=50000"),
    Sent("GET", "/toy/v1/lists?rows=50001"),
    Sent("HEAD", "/toy/v1/lists?rows=50000"),
    Sent("GET", "/toy/v1/lists?rows=50000", {"accept-encoding": "gzip"}),
    Sent("GET", "/toy/v1/moved"),
    Sent("GET", "/toy/v1/secrets"),
    Sent("GET", "/toy/v1/secrets", KEPT),
    Sent("GET", "/toy/v1/reports?report=weekly"),
    Sent("GET", "/toy/v1/reports"),
    Sent("GET", "/toy/v1/broken/shape"),
    Sent("GET", "/toy/v1/broken/raise"),
    Sent("OPTIONS", "/toy/v1/things"),
    Sent("OPTIONS", "/toy/v1/things", {"origin": "x", "access-control-request-method": "POST"}),
    Sent("DELETE", "/toy/v1/things"),
    Sent("PROPFIND", "/toy/v1/things"),
    Sent("DELETE", "/toy/v1/things/x"),
    Sent("POST", "/toy/v1/things", JSON, b'{"name": "robot"}'),
    Sent("POST", "/toy/v1/things", JSON, b"{"),
    Sent("POST", "/toy/v1/things", JSON),
    Sent("POST", "/toy/v1/things", {"content-type": "text/plain"}, b"x"),
    Sent("POST", "/toy/v1/forms", {"content-type": "application/x-www-form-urlencoded"}, b"name=a+b&c=%C3%BC"),
    Sent("PUT", "/toy/v1/files/a/b", {"content-type": "image/png"}, bytes(range(256))),
    Sent("PUT", "/toy/v1/files/big", {"content-type": "image/png"}, b"x" * (2 << 20)),
    Sent("PATCH", "/toy/v1/things/x"),
    Sent("GET", "/~w9/toy/v1/things"),
    Sent("GET", "/~default/toy/v1/things"),
    Sent("GET", "/_testcard/worlds/default"),
    Sent("POST", "/_testcard/worlds/default/clock/advance", JSON, b'{"seconds": 5}'),
]


@dataclass
class Got:
    """An answer, as every face can give it."""

    status: int
    headers: dict[str, str]
    body: bytes


Face = Callable[[Sent], Got]


def _headers(pairs: Any) -> dict[str, str]:
    """Without what belongs to one connection: how an answer of unknown length travels, and whether it stays open."""
    return {name.lower(): value for name, value in pairs if name.lower() not in ("transfer-encoding", "connection")}


def core(board: Switchboard) -> Face:
    def send(sent: Sent) -> Got:
        path, _, query = sent.target.partition("?")
        reply = board.answer(Request(sent.method, path, query, {"host": HOST, **sent.headers}, sent.body))
        return Got(reply.status or 0, _headers(reply.headers.items()), reply.content())

    return send


def flask(app: Flask) -> Face:
    def send(sent: Sent) -> Got:
        path, _, query = sent.target.partition("?")
        environ = {"REQUEST_URI": sent.target, "RAW_URI": sent.target}
        answer = app.test_client().open(
            path,
            method=sent.method,
            query_string=query,
            headers=dict(sent.headers),
            data=sent.body,
            base_url=f"http://{HOST}",
            environ_overrides=environ,
        )
        return Got(answer.status_code, _headers(answer.headers), answer.data)

    return send


@contextmanager
def socket(board: Switchboard) -> Iterator[Face]:
    mock = Mock("videocentral")
    mock.switchboard = board
    with socket_server(mock) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

        def send(sent: Sent) -> Got:
            connection.request(sent.method, sent.target, sent.body or None, {"Host": HOST, **sent.headers})
            answer = connection.getresponse()
            return Got(answer.status, _headers(answer.getheaders()), answer.read())

        yield send
        connection.close()


@pytest.fixture(scope="module")
def faces() -> Iterator[dict[str, Face]]:
    """Each over a server of its own; they are alike, because a world is a function."""
    boards = [toy_switchboard() for _ in range(4)]
    with socket(boards[3]) as over_socket:
        yield {
            "core": core(boards[0]),
            "flask": flask(create_app(boards[1].exchange("toy"), boards[1])),
            "flask, everything": flask(create_switchboard_app(boards[2])),
            "asgi": over_socket,
        }


@pytest.mark.parametrize("sent", REQUESTS, ids=str)
def test_every_face_gives_the_same_bytes(faces: dict[str, Face], sent: Sent) -> None:
    board = toy_switchboard()
    board.exchange("toy").open(board.worlds.default)
    key = next(board.worlds.default.credentials.of("toy", "key")).secret
    sent = Sent(sent.method, sent.target, {n: v.replace("KEY", key) for n, v in sent.headers.items()}, sent.body)
    expected = faces["core"](sent)
    for name, face in faces.items():
        if name != "core":
            assert face(sent) == expected, name


def test_the_list_of_requests_reaches_every_kind_of_answer() -> None:
    answers = [core(toy_switchboard())(sent).status for sent in REQUESTS]

    assert {200, 201, 204, 302, 400, 401, 404, 405, 406, 415, 500} <= set(answers)


# Flask apps


@pytest.mark.parametrize("name", APIS)
def test_each_api_is_a_flask_app_of_its_own(name: str) -> None:
    """Its rules are its operations, with the methods of the contract."""
    app = apps.create_app(name)
    exchange = open_exchange(name)
    rules = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}

    assert {(bound.operation.id, bound.operation.method) for bound in exchange.operations.values()} <= rules
    assert {endpoint for endpoint, _ in rules} == set(exchange.operations)


def _samples(name: str, environment: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every GET of an API without path parameters, with its credentials."""
    headers = credential_headers(name, environment)
    for bound in open_exchange(name).operations.values():
        operation = bound.operation
        if operation.method == "GET" and "{" not in operation.path:
            for server in operation.servers[:1]:
                yield f"{server.base}{operation.path}", headers


@pytest.mark.parametrize("name", APIS)
def test_the_flask_app_of_an_api_answers_as_the_core_does(name: str) -> None:
    mock, other = Mock(name), Mock(name)
    client = create_app(other.switchboard.exchange(name), other.switchboard).test_client()
    for path, headers in _samples(name, mock.env(name)):
        got = client.get(f"/{name}{path}", headers=headers, base_url="http://mock.test")
        expected = mock.get(f"/{name}{path}", headers=headers)
        assert (got.status_code, got.data) == (expected.status, expected.body), path


@pytest.mark.parametrize("name", APIS)
def test_an_app_of_its_own_answers_without_the_prefix_too(name: str) -> None:
    client = apps.create_app(name).test_client()
    prefixed = client.get("/_testcard/credentials").json or {}
    environment = {key.removeprefix(f"TESTCARD_{name.upper()}_"): value for key, value in prefixed.items()}
    for path, headers in _samples(name, environment):
        below, bare = (client.get(f"{prefix}{path}", headers=headers) for prefix in (f"/{name}", ""))
        assert bare.status_code == below.status_code, path
        if bare.status_code == 200:
            assert bare.data == below.data.replace(f"http://localhost/{name}/".encode(), b"http://localhost/"), path


def test_apps_are_made_once_and_only_those_there_are() -> None:
    assert apps.videocentral is apps.videocentral
    assert apps.everything is apps.create_app("everything")
    with pytest.raises(AttributeError, match=r"module 'testcard\.apps' has no attribute 'vimeo'"):
        apps.vimeo  # noqa: B018


def test_everything_is_behind_one_address() -> None:
    first = apps.everything.test_client().get("/").json or {}

    assert set(first["apis"]) == {*APIS, *SERVICES, "_testcard"}


def test_flask_finds_the_apps_and_their_rules() -> None:
    command = [sys.executable, "-m", "flask", "--app", "testcard.apps:videocentral", "routes"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "list_accounts" in done.stdout
    assert "/videocentral/apis/v1/accounts" in done.stdout


def test_an_app_may_be_mounted_below_a_path() -> None:
    """As werkzeug's dispatcher and any server with a SCRIPT_NAME do: links keep the way there."""
    board = toy_switchboard(Toy())
    app = create_app(board.exchange("toy"), board)
    mounted = Client(DispatcherMiddleware(_nothing, {"/mocks": app.wsgi_app}))
    answer = mounted.get("/mocks/toy/v1/things?limit=5")

    assert answer.status_code == 200
    assert (answer.json or {})["here"] == "http://localhost/mocks/toy/v1/things?limit=5"


def test_an_app_may_stand_behind_a_proxy() -> None:
    board = toy_switchboard(Toy())
    app = create_app(board.exchange("toy"), board)
    proxied = Client(ProxyFix(app.wsgi_app, x_host=1, x_proto=1, x_prefix=1))
    headers = {"X-Forwarded-Host": "a.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/mocks"}
    answer = proxied.get("/toy/v1/things", headers=headers)

    assert (answer.json or {})["here"] == "https://a.example/mocks/toy/v1/things"


def _nothing(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


def test_a_server_that_gives_no_raw_path_is_served_too() -> None:
    board = toy_switchboard(Toy())
    app = create_app(board.exchange("toy"), board)
    environ = {"REQUEST_URI": "", "RAW_URI": ""}
    answer = app.test_client().get("/toy/v1/things/%C3%BC%20x", environ_overrides=environ)

    assert (answer.json or {})["here"] == "http://localhost/toy/v1/things/%C3%BC%20x"


def test_the_clock_moves_for_every_face_at_once() -> None:
    board = toy_switchboard()
    board.worlds.default.clock.set(parse_instant("2020-01-01T00:00:00Z"), frozen=True)
    date = flask(create_switchboard_app(board))(Sent("GET", "/toy/v1/things")).headers["date"]

    assert date == "Wed, 01 Jan 2020 00:00:00 GMT"
