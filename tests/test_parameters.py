"""Parameters and bodies: what a request brings along, as the handler gets it, and what is said of what is bad."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.contract import Contract
from toy import Toy, toy_contract, toy_switchboard
from toy_caller import Caller, data


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


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
