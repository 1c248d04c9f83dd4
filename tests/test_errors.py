"""The tree of errors, and what a near miss looks like."""

from __future__ import annotations

import inspect

import pytest

import testcard.errors as errors
from testcard.errors import (
    BindError,
    ContractError,
    MockError,
    NotReady,
    RowError,
    TestcardError,
    UserError,
    near_miss,
)


@pytest.mark.parametrize("error", [ContractError, BindError, RowError, NotReady])
def test_what_somebody_set_up_wrongly_is_a_user_error(error: type[Exception]) -> None:
    assert issubclass(error, UserError)


def test_a_bug_of_the_mock_is_never_the_users_fault() -> None:
    assert issubclass(MockError, TestcardError)
    assert not issubclass(MockError, UserError)


def test_the_docstring_draws_every_error_once() -> None:
    drawn = inspect.getdoc(errors) or ""
    for name, value in vars(errors).items():
        if inspect.isclass(value) and issubclass(value, Exception):
            assert drawn.count(f" {name} ") + drawn.count(f"{name}\n") == 1, name


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("limti", "; did you mean 'limit'?"),
        ("LIMIT", "; did you mean 'limit'?"),
        ("reportdatebegingte", "; did you mean 'reportDateBeginGte'?"),
        ("colour", ""),
        ("", ""),
    ],
)
def test_a_near_miss_is_named_as_its_owner_writes_it(found: str, said: str) -> None:
    assert near_miss(found, ["limit", "offset", "reportDateBeginGte"]) == said
