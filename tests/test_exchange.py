"""From a request to an answer that fits the contract, on a contract of our own: no vendor, no socket."""

from __future__ import annotations

import copy
import logging
from typing import Any

import orjson
import pytest

from testcard.contract import Contract
from testcard.exchange import Call, Pieces, Refused, Reply
from toy import Toy, toy_contract, toy_switchboard
from toy_caller import Caller, data


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


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
    reply = caller.send("POST", "/things", body=b'{"name": "a"}', content_type="application/json")

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
