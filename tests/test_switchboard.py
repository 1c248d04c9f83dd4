"""Which API and world a request is for, the address its links lead back to, and what HTTP asks of every answer."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import orjson
import pytest

from support import Mock
from testcard.exchange import Call, Exchange, Reply, Request
from testcard.server.switchboard import Switchboard
from testcard.world.world import Recipe
from toy import NOW, Toy, toy_switchboard

HOSTED = "top.toys.example"


@pytest.fixture
def toys() -> Switchboard:
    return toy_switchboard()


def get(board: Switchboard, path: str, query: str = "", *, scheme: str = "http", **headers: str) -> Reply:
    return send(board, "GET", path, query, scheme=scheme, **headers)


def send(board: Switchboard, method: str, path: str, query: str = "", *, scheme: str = "http", **headers: str) -> Reply:
    sent = {"host": "mock.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return board.answer(Request(method, path, query, sent, b"", scheme))


def data(reply: Reply) -> Any:
    return orjson.loads(reply.content())


# Which API


def test_an_api_is_found_by_its_prefix(toys: Switchboard) -> None:
    assert data(get(toys, "/toy/v1/things"))["operation"] == "list_things"


@pytest.mark.parametrize("host", [HOSTED, "TOP.toys.EXAMPLE", f"{HOSTED}:443"])
def test_an_api_is_found_by_its_documented_host(toys: Switchboard, host: str) -> None:
    reply = get(toys, "/v1/things", "limit=5", scheme="https", host=host)

    assert data(reply)["here"] == f"https://{host}/v1/things?limit=5"


def test_the_variables_of_a_documented_host_reach_the_handler() -> None:
    class Shelf(Toy):
        def get_best_thing(self, call: Call) -> Any:
            return {**self._see(call), "shelf": call.address.host["shelf"], "hosted": call.address.hosted}

    reply = get(toy_switchboard(Shelf()), "/v1/things/best", host="low.toys.example")

    assert (data(reply)["shelf"], data(reply)["hosted"]) == ("low", True)


@pytest.mark.parametrize("host", ["localhost", "localhost:8900", "127.0.0.1:8900", "[::1]:8900", "mock.test", ""])
def test_any_other_host_is_the_mocks_own(toys: Switchboard, host: str) -> None:
    assert get(toys, "/toy/v1/things", host=host).status == 200


@pytest.mark.parametrize(
    ("host", "path", "api"),
    [
        ("videocentral.amazon.com", "/apis/v1/accounts", "videocentral"),
        ("api.amazon.co.jp", "/auth/o2/token", "videocentral"),
        ("analytics-api.video.ibm.com", "/v1/viewers", "ibmvideo"),
        ("api-analytics.amagi.tv", "/api/v2", "amagi"),
        ("acme.api.videokit.cloud", "/vod/v1/vods", "videokit"),
    ],
)
def test_the_vendors_hosts_lead_to_their_apis(host: str, path: str, api: str) -> None:
    """Without binding the API: only its contract is asked."""
    board = Mock().switchboard
    name, _ = board._by_host(Request("GET", path, "", {"host": host}))

    assert name == api


def test_the_control_interface_is_found_under_any_host(toys: Switchboard) -> None:
    assert data(get(toys, "/_testcard/health", host=HOSTED))["status"] == "ok"


def test_the_first_page_says_what_there_is(toys: Switchboard) -> None:
    reply = get(toys, "/")

    assert reply.status == 200
    assert data(reply)["apis"] == {"toy": "http://mock.test/toy", "_testcard": "http://mock.test/_testcard"}


@pytest.mark.parametrize("path", ["/tyo/v1/things", "/v1/things", "/toys"])
def test_a_path_of_no_api_says_what_there_is(toys: Switchboard, path: str) -> None:
    reply = get(toys, path)

    assert reply.status == 404
    assert data(reply)["error"].startswith(f"nothing answers under {path}")
    assert data(reply)["apis"]["toy"] == "http://mock.test/toy"


def test_a_path_of_no_api_names_the_near_miss(toys: Switchboard) -> None:
    assert data(get(toys, "/toys/v1"))["error"] == "nothing answers under /toys/v1; did you mean 'toy'?"


# Which world


def test_a_world_is_found_by_its_prefix(toys: Switchboard) -> None:
    world = toys.worlds.create(Recipe(now=NOW))
    reply = data(get(toys, f"/~{world.id}/toy/v1/things"))

    assert (reply["world"], reply["here"]) == (world.id, f"http://mock.test/~{world.id}/toy/v1/things")
    assert data(get(toys, "/~default/toy/v1/things"))["world"] == "default"


def test_a_world_is_found_by_a_credential(toys: Switchboard) -> None:
    world = toys.worlds.create(Recipe(now=NOW))
    key = _key(toys, world.id)

    assert data(get(toys, "/toy/v1/things", x_key=key))["world"] == world.id
    assert data(get(toys, "/toy/v1/things", x_key=_key(toys, "default")))["world"] == "default"
    assert data(get(toys, "/toy/v1/things", x_key="junk"))["world"] == "default"


def test_a_prefix_outranks_a_credential(toys: Switchboard) -> None:
    one, two = toys.worlds.create(Recipe(now=NOW)), toys.worlds.create(Recipe(now=NOW))
    key = _key(toys, two.id)

    assert data(get(toys, f"/~{one.id}/toy/v1/things", x_key=key))["world"] == one.id
    assert get(toys, f"/~{one.id}/toy/v1/secrets", x_key=key).status == 401


def test_a_prefix_and_a_documented_host_go_together(toys: Switchboard) -> None:
    world = toys.worlds.create(Recipe(now=NOW))
    reply = data(get(toys, f"/~{world.id}/v1/things", host=HOSTED))

    assert (reply["world"], reply["here"]) == (world.id, f"http://{HOSTED}/~{world.id}/v1/things")


@pytest.mark.parametrize("path", ["/~w9/toy/v1/things", "/~w9", "/~w9/", "/~w9/nothing"])
def test_an_unknown_world_is_404(toys: Switchboard, path: str) -> None:
    reply = get(toys, path)

    assert reply.status == 404
    assert data(reply)["error"] == "world 'w9' is not known here; POST /_testcard/worlds creates one"


def test_an_evicted_world_is_gone_and_its_requests_are_told() -> None:
    toys = toy_switchboard(limit=2)
    first = toys.worlds.create(Recipe(now=NOW))
    toys.worlds.create(Recipe(now=NOW))
    reply = get(toys, f"/~{first.id}/toy/v1/things")

    assert reply.status == 410
    assert "was evicted" in data(reply)["error"]


def test_a_request_with_a_credential_of_an_evicted_world_is_told_too() -> None:
    toys = toy_switchboard(limit=2)
    key = _key(toys, toys.worlds.create(Recipe(now=NOW)).id)
    toys.worlds.create(Recipe(now=NOW))
    reply = get(toys, "/toy/v1/things", x_key=key)

    assert reply.status == 410
    assert "world 'w1' was evicted" in data(reply)["error"]


def test_a_used_world_is_not_the_one_evicted() -> None:
    toys = toy_switchboard(limit=3)
    first, second = (toys.worlds.create(Recipe(now=NOW)) for _ in range(2))
    get(toys, "/toy/v1/things", x_key=_key(toys, first.id))
    toys.worlds.create(Recipe(now=NOW))

    assert get(toys, f"/~{first.id}/toy/v1/things").status == 200
    assert get(toys, f"/~{second.id}/toy/v1/things").status == 410


def _key(board: Switchboard, identity: str) -> str:
    world = board.worlds.get(identity)
    board.exchange("toy").open(world)
    return next(world.credentials.of("toy", "key")).secret


# The caller's own address


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({}, "http://mock.test"),
        ({"x_forwarded_proto": "https"}, "https://mock.test"),
        ({"x_forwarded_host": "a.example"}, "http://a.example"),
        ({"x_forwarded_host": "a.example:8443", "x_forwarded_proto": "https"}, "https://a.example:8443"),
        ({"x_forwarded_host": "a.example, b.example"}, "http://a.example"),
        ({"x_forwarded_prefix": "/mocks/"}, "http://mock.test/mocks"),
        ({"x_forwarded_prefix": "/"}, "http://mock.test"),
        ({"x_forwarded_port": "8443"}, "http://mock.test:8443"),
        ({"x_forwarded_port": "80"}, "http://mock.test"),
        ({"x_forwarded_proto": "https", "x_forwarded_port": "443"}, "https://mock.test"),
        ({"x_forwarded_proto": "https", "x_forwarded_port": "8443"}, "https://mock.test:8443"),
        ({"x_forwarded_host": "a.example:1", "x_forwarded_port": "2"}, "http://a.example:1"),
        ({"x_forwarded_host": "[::1]", "x_forwarded_port": "2"}, "http://[::1]:2"),
        (
            {"x_forwarded_proto": "https", "x_forwarded_host": "a.example", "x_forwarded_prefix": "/x/y"},
            "https://a.example/x/y",
        ),
        ({"host": "127.0.0.1:8900"}, "http://127.0.0.1:8900"),
    ],
)
def test_links_lead_back_to_where_the_caller_came_from(toys: Switchboard, headers: dict[str, Any], root: str) -> None:
    world = toys.worlds.create(Recipe(now=NOW))

    assert data(get(toys, "/toy/v1/things", **headers))["here"] == f"{root}/toy/v1/things"
    assert data(get(toys, f"/~{world.id}/toy/v1/things", **headers))["here"] == f"{root}/~{world.id}/toy/v1/things"


# What HTTP asks of every answer


def test_the_date_is_the_worlds(toys: Switchboard) -> None:
    assert get(toys, "/toy/v1/things").headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    toys.worlds.default.clock.advance(timedelta(days=1, seconds=1).total_seconds())
    assert get(toys, "/toy/v1/things").headers["Date"] == "Tue, 03 Mar 2026 12:00:01 GMT"


@pytest.mark.parametrize(
    ("now", "date"),
    [
        ("0001-01-02", "Tue, 02 Jan 0001 00:00:00 GMT"),
        ("9999-12-30", "Thu, 30 Dec 9999 00:00:00 GMT"),
    ],
)
def test_the_date_may_be_any(toys: Switchboard, now: str, date: str) -> None:
    from testcard.world.clock import parse_instant

    toys.worlds.default.clock.set(parse_instant(now), frozen=True)

    assert get(toys, "/_testcard/health").headers["Date"] == date


def test_a_large_answer_is_packed_when_asked(toys: Switchboard) -> None:
    plain = get(toys, "/toy/v1/files/large")
    packed = get(toys, "/toy/v1/files/large", accept_encoding="br, gzip;q=0.8")

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content()))
    assert gzip.decompress(packed.content()) == plain.content()
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_packed_bytes_are_the_same_every_time(toys: Switchboard) -> None:
    first, second = (get(toys, "/toy/v1/files/large", accept_encoding="gzip").content() for _ in range(2))

    assert first == second


@pytest.mark.parametrize("accept", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000, br"])
def test_an_answer_is_not_packed_unasked(toys: Switchboard, accept: str) -> None:
    assert "Content-Encoding" not in get(toys, "/toy/v1/files/large", accept_encoding=accept).headers


def test_a_small_answer_and_a_stream_are_never_packed(toys: Switchboard) -> None:
    for path in ("/toy/v1/things", "/toy/v1/streams"):
        assert "Content-Encoding" not in get(toys, path, accept_encoding="gzip").headers


def test_a_browser_may_do_what_any_client_may(toys: Switchboard) -> None:
    asked = send(
        toys,
        "OPTIONS",
        "/toy/v1/secrets",
        origin="https://page.example",
        access_control_request_method="PATCH",
        access_control_request_headers="authorization, x-key",
    )
    got = get(toys, "/toy/v1/things", "limti=1", origin="https://page.example")

    assert (asked.status, asked.content()) == (204, b"")
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    assert asked.headers["Access-Control-Allow-Headers"] == "authorization, x-key"
    for reply in (asked, got, get(toys, "/toy/v1/secrets", origin="null"), get(toys, "/nowhere", origin="null")):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Testcard-Note" in got.headers["Access-Control-Expose-Headers"]


def test_without_an_origin_nothing_is_said_of_origins(toys: Switchboard) -> None:
    assert not [name for name in get(toys, "/toy/v1/things").headers if name.startswith("Access-Control")]


def test_head_of_our_own_words_has_no_body(toys: Switchboard) -> None:
    for path in ("/", "/nowhere", "/_testcard/readings"):  # health tells the time it has been up
        got, head = get(toys, path), send(toys, "HEAD", path)
        assert (head.status, head.content()) == (got.status, b"")
        assert head.headers["Content-Length"] == str(len(got.content()))


@pytest.mark.parametrize("path", ["/toy/v1/things", "/toy/v1/nowhere", "/nowhere", "/_testcard/health"])
def test_every_answer_says_how_long_it_is(toys: Switchboard, path: str) -> None:
    reply = get(toys, path)

    assert reply.headers["Content-Length"] == str(len(reply.content()))
    assert reply.headers["Content-Type"] == "application/json"


def test_an_empty_answer_has_neither_length_nor_type(toys: Switchboard) -> None:
    reply = send(toys, "DELETE", "/toy/v1/things/x")

    assert reply.status == 204
    assert not {"Content-Length", "Content-Type"} & set(reply.headers)


def test_an_api_is_bound_when_it_is_first_asked_for() -> None:
    opened: list[str] = []
    toys = toy_switchboard()
    bind = toys._open_api

    def opening(name: str) -> Exchange:
        opened.append(name)
        return bind(name)

    toys._open_api = opening
    assert opened == []
    get(toys, "/toy/v1/things")
    get(toys, "/toy/v1/things")

    assert opened == ["toy"]
