"""A contract and its handlers are held against each other at the start, and an address makes its links."""

from __future__ import annotations

from typing import Any

import pytest

from testcard.errors import BindError
from testcard.exchange import Address, Api, Call, Exchange, Refused, Reply
from toy import Toy, root_address, toy_switchboard
from toy_caller import Caller, data

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
