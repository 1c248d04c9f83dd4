"""Which operation a path, a method and a constant lead to, and what is said where they lead nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.exchange import Exchange
from testcard.exchange.router import Router
from toy import Toy, toy_contract
from toy_caller import Caller, data


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


@pytest.mark.parametrize(
    ("path", "operation", "arguments"),
    [
        ("/things/best", "get_best_thing", {}),
        ("/things/other", "get_thing", {"thing_id": "other"}),
        ("/things/a%20b", "get_thing", {"thing_id": "a b"}),
        ("/things/a%2Fb", "get_thing", {"thing_id": "a/b"}),
        ("/things/a+b", "get_thing", {"thing_id": "a+b"}),
        ("/things/%C3%BC", "get_thing", {"thing_id": "ü"}),
        ("/things/%7Bthing_id%7D", "get_thing", {"thing_id": "{thing_id}"}),
    ],
)
def test_paths_lead_to_operations(caller: Caller, path: str, operation: str, arguments: dict[str, str]) -> None:
    assert caller.get(path).status == 200
    assert caller.toy.seen[-1] == (operation, arguments)


@pytest.mark.parametrize("key", ["a", "a/b", "a/b/c.csv", "a%2Fb", "a//b"])
def test_a_path_may_end_in_several_segments(caller: Caller, key: str) -> None:
    assert caller.get(f"/files/{key}").content() == f"key\n{key.replace('%2F', '/')}\n".encode()


@pytest.mark.parametrize("path", ["", "/", "/thing", "/things/", "/things//", "/things/a/b", "//things", "/Things"])
def test_an_unknown_path_is_404_in_the_apis_own_words(caller: Caller, path: str) -> None:
    reply = caller.get(path)

    assert reply.status == 404
    assert data(reply)["code"] == "no-such-path"


def test_an_unknown_path_names_the_near_miss(caller: Caller) -> None:
    assert data(caller.get("/thing"))["message"].endswith("; did you mean '/v1/things'?")


def test_a_slash_at_the_end_and_a_missing_version_are_taken_where_the_contract_says_so() -> None:
    options = {"own": True, "trailing-slash": "accepted", "versionless": "accepted"}

    class Lenient(Toy):
        contract = toy_contract(**{"x-testcard": options})

    exchange = Exchange([Lenient()])
    found = [exchange.route("GET", path, "").operation for path in ("/v1/things/", "/things", "/things/best/", "/v1/")]

    assert found == ["list_things", "list_things", "get_best_thing", ""]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/things", "GET, POST, HEAD, OPTIONS"),
        ("POST", "/things/x", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("POST", "/things/best", "GET, HEAD, OPTIONS, PATCH, DELETE"),
        ("GET", "/forms", "POST, OPTIONS"),
        ("HEAD", "/forms", "POST, OPTIONS"),
        ("BREW", "/things", "GET, POST, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_has_not_is_405_with_allow(caller: Caller, method: str, path: str, allow: str) -> None:
    reply = caller.send(method, path)

    assert reply.status == 405
    assert set(reply.headers["Allow"].split(", ")) == set(allow.split(", "))
    assert data(reply)["code"] == "method-not-allowed" if method != "HEAD" else not reply.content()


def test_a_template_answers_where_the_literal_path_has_not_the_method(caller: Caller) -> None:
    assert caller.send("DELETE", "/things/best").status == 204


def test_head_is_get_without_its_body(caller: Caller) -> None:
    got, head = caller.get("/things/x"), caller.send("HEAD", "/things/x")

    assert head.status == got.status == 200
    assert head.content() == b""
    assert head.headers == got.headers
    assert head.headers["Content-Length"] == str(len(got.content()))


@pytest.mark.parametrize("path", ["/things", "/streams"])
def test_options_lists_the_methods(caller: Caller, path: str) -> None:
    reply = caller.send("OPTIONS", path)

    assert (reply.status, reply.content()) == (204, b"")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | (
        {"POST"} if path == "/things" else set()
    )


@pytest.mark.parametrize(
    ("query", "operation"), [("report=daily&day=2026-03-01", "report_days"), ("report=weekly", "report_weeks")]
)
def test_a_constant_picks_among_operations_on_one_path(caller: Caller, query: str, operation: str) -> None:
    assert caller.get("/reports", query).status == 200
    assert caller.toy.seen[-1][0] == operation


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "query 'report': is required, and was not sent"),
        ("report=dayly", "query 'report': 'dayly' is not one of daily, weekly; did you mean 'daily'?"),
        ("report=Daily", "query 'report': 'Daily' is not one of daily, weekly; did you mean 'daily'?"),
        ("report=daily&report=weekly", "query 'report': was sent 2 times, expected once"),
    ],
)
def test_without_the_constant_nothing_is_picked(caller: Caller, query: str, said: str) -> None:
    reply = caller.get("/reports", query)

    assert reply.status == 400
    assert data(reply)["problems"] == [said]


def test_a_parameter_of_a_sibling_is_unknown_to_the_one_picked(caller: Caller) -> None:
    note = caller.get("/reports", "report=weekly&day=2026-03-01").headers["X-Testcard-Note"]

    assert note == "report_weeks: query 'day' is not a parameter of this operation"


def test_extensions_can_be_left_out() -> None:
    assert Exchange([Toy()]).route("GET", "/v1/extras", "").operation == "get_extra"
    assert Exchange([Toy()], extensions=False).route("GET", "/v1/extras", "").refused is not None


@given(st.lists(st.sampled_from(["a", "b", "{x}", "{y}"]), min_size=1, max_size=4), st.data())
def test_the_router_finds_what_a_plain_search_finds(segments: list[str], draw: st.DataObject) -> None:
    """Against a list of templates, tried one after the other in the order of how literal they are."""
    router: Router[str] = Router()
    shapes = st.lists(st.sampled_from(["a", "b", "{}"]), min_size=1, max_size=4).map(tuple)
    templates = draw.draw(st.lists(shapes, unique=True, max_size=8))
    for template in templates:
        names = iter("pqrs")
        path = "/" + "/".join(f"{{{next(names)}}}" if part == "{}" else part for part in template)
        router.add("GET", path, path)
    sent = tuple(segment if segment in "ab" else "c" for segment in segments)
    fits = [
        template
        for template in templates
        if len(template) == len(sent) and all(part in ("{}", each) for part, each in zip(template, sent, strict=True))
    ]
    best = min(fits, key=lambda template: tuple(part == "{}" for part in template), default=None)

    found = router.find("GET", "/" + "/".join(sent))

    assert (found is None) == (best is None)
    if found is not None and best is not None:
        arguments, path = found.targets[0]
        assert list(arguments.values()) == [each for part, each in zip(best, sent, strict=True) if part == "{}"]
        assert path.count("{") == best.count("{}")
