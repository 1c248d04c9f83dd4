"""From a request to an answer that fits the contract, on a contract of our own: no vendor, no socket."""

from __future__ import annotations

import copy
import logging
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.contract import Contract
from testcard.errors import BindError
from testcard.exchange import Address, Api, Call, Exchange, Pieces, Refused, Reply, Request
from testcard.exchange.router import Router
from toy import Toy, root_address, toy_contract, toy_switchboard


class Caller:
    """Sends requests to a toy, and remembers what its handlers were given."""

    def __init__(self) -> None:
        self.toy = Toy()
        self.switchboard = toy_switchboard(self.toy)

    def send(self, method: str, path: str, query: str = "", body: bytes = b"", **headers: Any) -> Reply:
        sent = {"host": "mock.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.switchboard.answer(Request(method, f"/toy/v1{path}", query, sent, body))

    def get(self, path: str, query: str = "", **headers: Any) -> Reply:
        return self.send("GET", path, query, **headers)

    def seen(self, query: str, **headers: Any) -> dict[str, Any]:
        """The arguments with which a good query arrives at the handler."""
        reply = self.get("/things", query, **headers)
        assert reply.status == 200, reply.content()
        return self.toy.seen[-1][1]

    def problems(self, query: str, **headers: Any) -> list[str]:
        """What is wrong with a bad query, which never arrives at the handler."""
        before = len(self.toy.seen)
        reply = self.get("/things", query, **headers)
        assert reply.status == 400, reply.content()
        assert len(self.toy.seen) == before
        problems: list[str] = orjson.loads(reply.content())["problems"]
        return problems


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


def data(reply: Reply) -> Any:
    return orjson.loads(reply.content())


# Parameters


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("", "limit", 10),
        ("", "kind", None),
        ("", "tags", None),
        ("limit=50", "limit", 50),
        ("limit=007", "limit", 7),
        ("ratio=0.25", "ratio", 0.25),
        ("ratio=1e-2", "ratio", 0.01),
        ("ratio=1", "ratio", 1),
        ("deep=true", "deep", True),
        ("deep=false", "deep", False),
        ("kind=bear", "kind", "bear"),
        ("code=AB-12", "code", "AB-12"),
        ("since=2024-02-29", "since", date(2024, 2, 29)),
        ("madeAt=2026-03-01T12:00:00Z", "made_at", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("madeAt=2026-03-01t12:00:00.5z", "made_at", datetime(2026, 3, 1, 12, 0, 0, 500000, tzinfo=UTC)),
        (
            "madeAt=2026-03-01T12:00:00%2B01:30",
            "made_at",
            datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1, minutes=30))),
        ),
        ("madeAt=2026-03-01T12:00:00.123456789Z", "made_at", datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("week=2026-W10", "week", date(2026, 3, 2)),
        ("tags=red", "tags", ["red"]),
        ("tags=red,blue", "tags", ["red", "blue"]),
        ("tags=red%2Cblue", "tags", ["red", "blue"]),
        ("ids=1&ids=2", "ids", [1, 2]),
        ("days=2026-03-01,2026-03-02&days=2026-03-03", "days", [date(2026, 3, day) for day in (1, 2, 3)]),
        ("from=M%C3%BCnchen", "origin", "München"),
        ("from=a+b", "origin", "a b"),
        ("from=a%2Bb", "origin", "a+b"),
    ],
)
def test_parameters_arrive_as_python_values(caller: Caller, query: str, name: str, value: Any) -> None:
    seen = caller.seen(query)[name]

    assert seen == value
    assert type(seen) is type(value)


def test_a_header_is_a_parameter_too(caller: Caller) -> None:
    assert caller.seen("", x_trace_id="12")["x_trace_id"] == 12
    assert caller.problems("", x_trace_id="x") == ["header 'X-Trace-Id': 'x' is not an integer"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "query 'limit': 0 is less than the minimum of 1"),
        ("limit=51", "query 'limit': 51 is greater than the maximum of 50"),
        ("limit=", "query 'limit': '' is not an integer"),
        ("limit=1.0", "query 'limit': '1.0' is not an integer"),
        ("limit=%2B1", "query 'limit': '+1' is not an integer"),
        ("limit=%201", "query 'limit': ' 1' is not an integer"),
        ("limit=1_0", "query 'limit': '1_0' is not an integer"),
        ("limit=%D9%A3", "query 'limit': '٣' is not an integer"),
        ("limit=99999999999999999999", "query 'limit': '99999999999999999999' is not an integer"),
        ("limit=1&limit=2", "query 'limit': was sent 2 times, expected once"),
        ("ratio=0", "query 'ratio': 0 is less than or equal to the minimum of 0"),
        ("ratio=nan", "query 'ratio': 'nan' is not a number"),
        ("ratio=inf", "query 'ratio': 'inf' is not a number"),
        ("ratio=1e999", "query 'ratio': "),
        ("deep=True", "query 'deep': 'True' is not a boolean; expected true or false"),
        ("deep=1", "query 'deep': '1' is not a boolean; expected true or false"),
        ("deep=", "query 'deep': '' is not a boolean; expected true or false"),
        ("kind=Bear", """query 'kind': "Bear" is not one of "robot", "bear" or "train\""""),
        ("code=AB-12x", "query 'code': \"AB-12x\" does not match"),
        ("since=2026-02-29", "query 'since': '2026-02-29' is not a date; expected YYYY-MM-DD"),
        ("since=20260228", "query 'since': '20260228' is not a date"),
        ("since=2026-3-1", "query 'since': '2026-3-1' is not a date"),
        ("since=2026-03-01T00:00:00Z", "query 'since': '2026-03-01T00:00:00Z' is not a date"),
        ("madeAt=2026-03-01", "query 'madeAt': '2026-03-01' is not a date-time; expected for example 2026-"),
        ("madeAt=2026-03-01T12:00:00", "query 'madeAt': '2026-03-01T12:00:00' is not a date-time"),
        ("madeAt=2026-03-01T25:00:00Z", "query 'madeAt': '2026-03-01T25:00:00Z' is not a date-time"),
        ("madeAt=2026-03-01T12:00:00+01:00", "12:00:00Z; a '+' in a query must be written %2B"),
        ("week=2026-10", "query 'week': '2026-10' is not a week; expected for example 2026-W10"),
        ("tags=red,pink", "query 'tags': \"pink\" is not one of"),
        ("tags=red,,blue", "query 'tags': \"\" is not one of"),
        ("tags=red,red,red,red", "query 'tags': "),
        ("ids=1,2", "query 'ids': '1,2' is not an integer"),
        ("ids=0", "query 'ids': 0 is less than the minimum of 1"),
        ("ids=1&ids=1", "query 'ids': "),
        ("days=2026-03-01,x", "query 'days': 'x' is not a date"),
        ("from=x", "query 'from': \"x\" is shorter than 2 characters"),
        ("silent=x", "query 'silent': 'x' is not an integer"),
    ],
)
def test_bad_parameters_are_named(caller: Caller, query: str, said: str) -> None:
    (problem,) = caller.problems(query)

    assert said in problem


def test_every_bad_parameter_is_named_not_only_the_first(caller: Caller) -> None:
    problems = caller.problems("limit=0&since=x&kind=y", x_trace_id="z")

    assert [problem.split(":")[0] for problem in problems] == [
        "query 'limit'",
        "query 'kind'",
        "query 'since'",
        "header 'X-Trace-Id'",
    ]


def test_an_unknown_parameter_fails_nothing_and_is_noted(caller: Caller) -> None:
    reply = caller.get("/things", "limti=5&colour=red")

    assert reply.status == 200
    assert reply.headers["X-Testcard-Note"] == (
        "list_things: query 'limti' is not a parameter of this operation; did you mean 'limit'?; "
        "list_things: query 'colour' is not a parameter of this operation"
    )
    assert "X-Testcard-Note" not in caller.get("/things", "limit=5").headers


def test_a_note_is_one_line_of_ascii_whatever_was_sent(caller: Caller) -> None:
    note = caller.get("/things", "a%0D%0AX-Evil:%201&%C3%A9%F0%9F%93%BA=1").headers["X-Testcard-Note"]

    assert note.isascii()
    assert note.isprintable()


def test_names_are_case_sensitive_unless_the_contract_says_otherwise() -> None:
    document = {**toy_contract().document, "x-testcard": {"own": True, "names": "case-insensitive"}}

    class Lenient(Toy):
        contract = Contract("toy", document)

    lenient, strict = Caller(), Caller()
    lenient.toy = Lenient()
    lenient.switchboard = toy_switchboard(lenient.toy)

    assert lenient.seen("LIMIT=5&MADEAT=2026-03-01T12:00:00Z&deep=TRUE")["limit"] == 5
    assert lenient.seen("deep=TRUE")["deep"] is True
    assert lenient.get("/reports", "Report=weekly").status == 200
    assert strict.seen("LIMIT=5")["limit"] == 10
    assert strict.problems("deep=TRUE")


@given(
    limit=st.integers(1, 50) | st.none(),
    tags=st.lists(st.sampled_from(["red", "green", "blue"]), min_size=1, max_size=3) | st.none(),
    since=st.dates(date(1, 1, 1)) | st.none(),
    origin=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=2) | st.none(),
)
def test_what_a_client_encodes_the_handler_gets(
    limit: int | None, tags: list[str] | None, since: date | None, origin: str | None
) -> None:
    caller = _SHARED
    values = {"limit": limit, "tags": tags and ",".join(tags), "since": since, "from": origin}
    seen = caller.seen(urlencode({name: value for name, value in values.items() if value is not None}))

    assert (seen["limit"], seen["tags"], seen["since"], seen["origin"]) == (limit or 10, tags, since, origin)


_SHARED = Caller()


@given(st.binary(max_size=60), st.sampled_from(["limit", "since", "madeAt", "tags", "ids", "days", "week", "from"]))
def test_no_bytes_in_a_query_are_anything_but_an_answer_or_a_refusal(junk: bytes, name: str) -> None:
    reply = _SHARED.get("/things", f"{name}={quote(junk)}")

    assert reply.status in (200, 400)


# Bodies


JSON: dict[str, Any] = {"content_type": "application/json"}
FORM: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("media", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_body_is_read_and_checked(caller: Caller, media: str) -> None:
    reply = caller.send("POST", "/things", body=b'{"name": "robot", "size": 3}', content_type=media)

    assert reply.status == 201
    assert data(reply) == {"name": "robot", "size": 3}
    assert reply.headers["Location"] == "http://mock.test/toy/v1/things/robot"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body: is required, and was not sent"),
        (b"{", "body: is not application/json: "),
        (b'{"name": "a"}{', "body: is not application/json: "),
        (b'{"name": NaN}', "body: is not application/json: "),
        (b'{"name": "\xff"}', "body: is not application/json: "),
        (b"[" * 100_000, "body: is not application/json: "),
        (b'{"size": 1}', 'body: "name" is a required property'),
        (b'{"name": 1}', "body '/name': 1 is not of type \"string\""),
        (b'{"name": "a", "colour": 1}', "body: Additional properties are not allowed ('colour' was unexpected)"),
        (b'{"name": "a", "size": true}', "body '/size': true is not of type \"integer\""),
        (b"null", "body: null is not of type"),
    ],
)
def test_a_bad_body_is_named(caller: Caller, body: bytes, said: str) -> None:
    reply = caller.send("POST", "/things", body=body, **JSON)

    assert reply.status == 400
    assert data(reply)["problems"][0].startswith(said)


@pytest.mark.parametrize(
    ("text", "size"), [("3.0", "3"), ("3e2", "300"), ("0.0", "0"), ("9007199254740993", "9007199254740993")]
)
def test_a_whole_number_is_an_integer_however_it_is_written(caller: Caller, text: str, size: str) -> None:
    reply = caller.send("POST", "/things", body=b'{"name": "a", "size": %s}' % text.encode(), **JSON)

    assert reply.content() == b'{"name":"a","size":%s}' % size.encode()


def test_everything_wrong_with_a_body_is_named(caller: Caller) -> None:
    reply = caller.send("POST", "/things", body=b'{"name": "", "size": -1}', **JSON)

    assert [problem.split(":")[0] for problem in data(reply)["problems"]] == ["body '/name'", "body '/size'"]


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_media_type_is_415(caller: Caller, media: str) -> None:
    reply = caller.send("POST", "/things", body=b'{"name": "a"}', **({"content_type": media} if media else {}))

    assert reply.status == 415
    assert data(reply)["code"] == "unsupported-media-type"
    assert data(reply)["message"] == f"Content-Type is {media or 'missing'}, expected application/json"


@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_body_that_may_be_missing_is_none(caller: Caller, headers: dict[str, Any]) -> None:
    assert caller.send("PATCH", "/things/x", **headers).status == 200
    assert caller.toy.seen[-1] == ("change_thing", {"thing_id": "x", "body": None})


def test_a_form_is_read_as_text(caller: Caller) -> None:
    assert caller.send("POST", "/forms", body=b"name=M%C3%BCnchen+%26+Co&size=1&empty=", **FORM).status == 200
    assert caller.toy.seen[-1][1]["body"] == {"name": "München & Co", "size": "1", "empty": ""}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", 'body: "name" is a required property'),
        (b"name=", "body '/name': \"\" is shorter than 1 character"),
        (b"name=a&name=b", "body: is not application/x-www-form-urlencoded: field 'name' was sent more than once"),
        (b"name=%FF", "body: is not application/x-www-form-urlencoded: "),
        (b"name=\xff", "body: is not application/x-www-form-urlencoded: "),
    ],
)
def test_a_bad_form_is_named(caller: Caller, body: bytes, said: str) -> None:
    reply = caller.send("POST", "/forms", body=body, **FORM)

    assert reply.status == 400
    assert data(reply)["problems"][0].startswith(said)


def test_bytes_of_any_kind_arrive_as_a_file(caller: Caller) -> None:
    body = bytes(range(256))

    assert caller.send("PUT", "/files/a/b.bin", body=body, content_type="image/png").status == 204
    assert caller.switchboard.worlds.default.store.get("files", "a/b.bin") == body.hex()


# Paths


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


# Who calls


def test_a_secured_operation_asks_who_calls(caller: Caller) -> None:
    refused = caller.get("/secrets", "limti=1")
    key = caller.toy.environment(caller.switchboard.worlds.default, _first(caller), "")["KEY"]
    answered = caller.get("/secrets", x_key=key)

    assert refused.status == 401
    assert data(refused)["code"] == "bad-key"
    assert data(answered)["holder"] == "first"


def _first(caller: Caller) -> Any:
    return caller.switchboard.worlds.default.credentials.holders("toy")[0]


def test_who_calls_is_asked_before_what_is_asked() -> None:
    document = copy.deepcopy(dict(toy_contract().document))
    document["paths"]["/things"]["get"]["security"] = [{"key": []}]

    class Careful(Toy):
        contract = Contract("toy", document)

    caller = Caller()
    caller.switchboard = toy_switchboard(Careful())

    assert caller.get("/things", "limit=0").status == 401


# Answers


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/json", 200),
        ("application/*", 200),
        ("APPLICATION/JSON;q=0.5, text/html", 200),
        ("text/html, */*;q=0.1", 200),
        ("text/html", 406),
        ("application/xml", 406),
        ("application/json;q=0", 406),
        ("application/json; q=0.0, text/*", 406),
    ],
)
def test_accept_is_honoured(caller: Caller, accept: str, status: int) -> None:
    reply = caller.get("/things", **({"accept": accept} if accept else {}))

    assert reply.status == status
    assert status == 200 or data(reply)["code"] == "not-acceptable"


def test_an_operation_without_a_body_takes_any_accept(caller: Caller) -> None:
    assert caller.send("DELETE", "/things/x", accept="text/html").status == 204


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("shape", "toy: break_contract: answer 200 at /size: -1 is less than the minimum of 0"),
        ("status", "toy: break_contract: answered 418, which the contract does not have"),
        ("media", "toy: break_contract: answered text/plain with 200, the contract has application/json"),
        ("no-body", "toy: break_contract: answered no body with 200, the contract has application/json"),
        ("body-where-none", "toy: break_contract: answered application/json with 304, the contract has no body"),
        ("raise", "toy: break_contract: ValueError: no such luck"),
        ("not-json", "toy: break_contract: "),
        ("a-set", "toy: break_contract: "),
    ],
)
def test_an_answer_that_breaks_the_contract_is_loud(
    caller: Caller, caplog: pytest.LogCaptureFixture, how: str, said: str
) -> None:
    with caplog.at_level(logging.ERROR, "testcard.exchange"):
        reply = caller.get(f"/broken/{how}")

    assert reply.status == 500
    assert reply.headers["X-Testcard-Error"] == "mock"
    assert said in reply.content().decode()
    assert "This is a bug of the mock, not of your client." in reply.content().decode()
    assert caplog.records


def test_a_required_header_that_is_missing_is_loud(caller: Caller) -> None:
    class Forgetful(Toy):
        def create_thing(self, call: Call, *, body: Any) -> Reply:
            return Reply.json(body, 201)

    caller = Caller()
    caller.switchboard = toy_switchboard(Forgetful())
    reply = caller.send("POST", "/things", body=b'{"name": "a"}', **JSON)

    assert reply.status == 500
    assert "answered 201 without Location" in reply.content().decode()


def test_a_refusal_that_breaks_the_contract_is_loud_too() -> None:
    class Rude(Toy):
        def refuse(self, refused: Refused, call: Call) -> Reply:
            return Reply.json({"no": True}, refused.status)

    caller = Caller()
    caller.switchboard = toy_switchboard(Rude())

    for path in ("/things?limit=0", "/things/nothing", "/nowhere"):
        bare, _, query = path.partition("?")
        reply = caller.get(bare, query)
        assert (reply.status, reply.headers["X-Testcard-Error"]) == (500, "mock"), path


def test_a_refusals_own_headers_travel(caller: Caller) -> None:
    reply = caller.get("/things/nothing")

    assert (reply.status, reply.headers["X-Hint"]) == (404, "look elsewhere")


def test_rows_that_are_ready_join_their_envelope(caller: Caller) -> None:
    assert caller.get("/lists").content() == b'{"total":2,"rows":[{"n":0},{"n":1}]}'
    assert caller.get("/lists", "rows=0").content() == b'{"total":0,"rows":[]}'
    assert caller.get("/lists").headers["X-Page"] == "1"


def test_many_rows_are_not_joined(caller: Caller) -> None:
    reply = caller.get("/lists", "rows=50000")
    content = orjson.dumps({"total": 50000, "rows": [{"n": n} for n in range(50000)]})

    assert isinstance(reply.body, Pieces)
    assert reply.content() == b"".join(reply.chunks()) == content
    assert all(type(chunk) is bytes for chunk in reply.chunks())  # as WSGI wants it, whatever the rows were made in
    assert reply.headers["Content-Length"] == str(len(content))
    for most in (0, 1, 5000, 100_000, len(content) + 1):
        assert reply.body.beginning(most) == content[:most]


def test_an_answer_may_come_in_pieces(caller: Caller) -> None:
    reply = caller.get("/streams")

    assert b"".join(reply.chunks()) == b"0\n1\n2\n"
    assert "Content-Length" not in reply.headers


def test_an_answer_may_be_no_json(caller: Caller) -> None:
    reply = caller.get("/files/a.csv")

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.content() == b"key\na.csv\n"


def test_a_note_of_a_handler_is_shown() -> None:
    class Chatty(Toy):
        def get_best_thing(self, call: Call) -> Any:
            call.note("best is what comes first")
            return self._see(call)

    caller = Caller()
    caller.switchboard = toy_switchboard(Chatty())

    assert caller.get("/things/best").headers["X-Testcard-Note"] == "best is what comes first"


# Binding


def test_an_operation_without_a_handler_is_named() -> None:
    class Unfinished(Toy):
        get_extra = None  # type: ignore[assignment]

    with pytest.raises(BindError, match=r"contracts/toy\.yaml: get_extra has no method in Unfinished"):
        Exchange([Unfinished()])


def test_a_handler_without_an_operation_is_named_with_the_near_miss() -> None:
    class Wordy(Toy):
        def get_things(self, call: Call) -> Any:
            return None

    with pytest.raises(BindError, match=r"Wordy\.get_things is no operation of contracts/toy\.yaml; did you mean"):
        Exchange([Wordy()])


def test_helpers_with_an_underscore_are_no_operations() -> None:
    class Helped(Toy):
        def _get_things(self) -> None:
            return None

    assert Exchange([Helped()]).operations


def test_a_parameter_that_the_handler_does_not_take_is_named() -> None:
    class Deaf(Toy):
        def get_thing(self, call: Call) -> Any:  # type: ignore[override]
            return None

    with pytest.raises(BindError, match=r"Deaf\.get_thing does not take 'thing_id', a parameter of its operation"):
        Exchange([Deaf()])


def test_an_argument_that_is_no_parameter_is_named() -> None:
    class Curious(Toy):
        def get_thing(self, call: Call, *, thing_id: str, thing_name: str = "") -> Any:
            return None

    with pytest.raises(BindError, match=r"Curious\.get_thing takes 'thing_name', which is no parameter of its op"):
        Exchange([Curious()])


def test_a_handler_may_take_whatever_its_operation_has() -> None:
    class Open(Toy):
        def get_thing(self, call: Call, **asked: Any) -> Any:
            return {**self._see(call), **asked}

    caller = Caller()
    caller.switchboard = toy_switchboard(Open())

    assert data(caller.get("/things/a"))["thing_id"] == "a"


def test_a_body_that_the_handler_does_not_take_is_named() -> None:
    class Light(Toy):
        def create_thing(self, call: Call) -> Any:  # type: ignore[override]
            return None

    with pytest.raises(BindError, match=r"Light\.create_thing does not take 'body'"):
        Exchange([Light()])


def test_two_parts_may_not_share_an_operation() -> None:
    with pytest.raises(BindError, match="toy: two operations are called list_things"):
        Exchange([Toy(), Toy()])


def test_an_api_without_further_users_or_new_tokens_says_so() -> None:
    class Small(Api):
        name = "small"
        contract = "control"

        def refuse(self, refused: Refused, call: Call) -> Reply:
            return Reply(refused.status)

    world = toy_switchboard().worlds.default
    with pytest.raises(NotImplementedError, match="small has no further users"):
        Small().grant(world, "second", {})
    with pytest.raises(NotImplementedError, match="small tokens are not regenerated"):
        Small().regenerate(world, "x")


# Addresses


def test_links_keep_the_query_as_it_was_sent_but_for_the_changes() -> None:
    address = root_address("/v1/things", "limit=5&from=a+b&tags=red,blue&offset=0&empty=")

    assert address.here(offset=5) == (
        "http://mock.test/toy/v1/things?limit=5&from=a%20b&tags=red%2Cblue&offset=5&empty="
    )
    assert address.here(limit=None, since="2026-03-01").endswith("&offset=0&empty=&since=2026-03-01")
    assert address.path_here() == "/v1/things?limit=5&from=a%20b&tags=red%2Cblue&offset=0&empty="


def test_a_changed_parameter_that_came_twice_stands_once() -> None:
    assert root_address(query="offset=1&a=1&offset=2").query_with(offset=3) == "offset=3&a=1"


def test_an_address_without_a_query_has_no_question_mark() -> None:
    assert root_address().here() == "http://mock.test/toy/v1/things"
    assert root_address().url("/v1/x") == "http://mock.test/toy/v1/x"
    assert root_address().url("/v1/x", {"a": "ü &"}) == "http://mock.test/toy/v1/x?a=%C3%BC%20%26"


def test_a_hosted_address_has_no_prefix() -> None:
    address = Address("https://top.toys.example", "", "/v1/things", "", True, {"shelf": "top"})

    assert (address.base, address.scheme) == ("https://top.toys.example", "https")


def test_values_say_what_they_are() -> None:
    refused = Refused(404, "no-such-thing", "there is nothing")

    assert str(refused) == "404 no-such-thing: there is nothing"
    assert repr(Reply().data) == "NOTHING"
