"""The messages between suite and driver are of their schema, both ways."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from testcard.data import load
from testcard.suite.protocol import Asked, DriverError, Outcome, check_answer, check_request, hello

SCHEMA = load("contracts/schemas/driver.json")

ANSWERS: list[dict[str, Any]] = [
    {"type": "ok", "id": 1, "rows": [{"a": None}], "totals": {"total": 1}},
    {"type": "ok", "id": 1, "lists": {"live": [], "vod": [{"id": "007"}]}},
    {"type": "ok", "id": 1, "value": None},
    {"type": "failed", "id": 1, "class": "rate-limit", "status": 429, "message": "later"},
    {"type": "failed", "id": 1, "class": "network", "status": None},
    {"type": "skipped", "id": 1, "reason": "not in this client"},
    {"type": "errored", "id": 1, "message": "no such method"},
]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("message", [hello(), Asked("list_accounts", {"limit": 1}, {"A": "b"}, True).message(3)])
def test_what_we_say_is_of_the_schema(message: dict[str, Any]) -> None:
    check_request(message)
    jsonschema.validate(message, SCHEMA)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_becomes_an_outcome(answer: dict[str, Any]) -> None:
    jsonschema.validate(answer, SCHEMA)
    outcome = Outcome.of(check_answer(answer, 1))

    assert outcome.kind == answer["type"]
    assert outcome.result == answer.get("rows", answer.get("lists", answer.get("value")))
    assert outcome.failure == answer.get("class", "")


@pytest.mark.parametrize("answer", [*({**each, "extra": 1} for each in ANSWERS), {"type": "ok", "id": 1}])
def test_an_answer_has_nothing_else_and_all_it_needs(answer: dict[str, Any]) -> None:
    with pytest.raises(DriverError, match=f"the driver's '{answer['type']}' answer"):
        check_answer(answer, 1)


def test_what_we_would_say_wrong_is_our_error() -> None:
    with pytest.raises(DriverError, match="our own message"):
        check_request({"type": "call"})
