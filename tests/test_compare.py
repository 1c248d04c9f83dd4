"""A difference is said in one sentence, and equal is equal to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.suite.compare import difference
from testcard.suite.subject import ANY

A, B, C = ({"id": each, "n": number} for number, each in enumerate("abc"))


@pytest.mark.parametrize(
    ("truth", "found", "said"),
    [
        ([A, B, C], [A, B], "1 of 3 rows are missing, the first of them {'id': 'c', 'n': 2}"),
        ([A, B], [A, B, C], "1 rows are too much, the first of them {'id': 'c', 'n': 2}"),
        ([A, B], [A, B, B], "1 rows came twice, the first of them {'id': 'b', 'n': 1}"),
        ([A, B, C], [A, B, B], "1 of 3 rows are altered"),
        ([A, B, C, C], [A, A, B], "1 rows came twice, the first of them {'id': 'a', 'n': 0}; and 2 are missing"),
        ([A, B], [B, A], "the rows are right and out of order"),
        ([A], [{"id": "a", "n": 0.0}], "1 of 1 rows are altered: 'n' is 0.0, expected 0"),
        ([A], [{"id": "a"}], "'n' is missing from {'id': 'a'}"),
        ([{"id": "a"}], [A], "'n' is too much"),
        ([{"n": 1}], [{"n": True}], "'n' is True, expected 1"),
        ([{"n": "007"}], [{"n": "7"}], "'n' is '7', expected '007'"),
        ([{"n": None}], [{"n": ""}], "'n' is '', expected None"),
        ({"live": [A], "vod": [B]}, {"live": [A], "vod": []}, "'vod': 1 of 1 rows are missing"),
        ({"live": [A]}, {}, "'live' is missing"),
        ({}, {"vod": []}, "'vod' is too much"),
        ([A], None, "returned None, expected [{'id': 'a', 'n': 0}]"),
    ],
)
def test_a_difference_is_said(truth: Any, found: Any, said: str) -> None:
    assert said in difference(truth, found)


@pytest.mark.parametrize(
    ("truth", "found"),
    [
        ([], []),
        ([A, B], [A, B]),
        ([{"link": ANY}], [{"link": "http://anywhere"}]),
        ([{"a": 1}], [{"a": 1, "x_testcard_unknown": {}}]),
        ({"live": [], "vod": [A]}, {"vod": [A], "live": []}),
    ],
)
def test_equal_is_equal(truth: Any, found: Any) -> None:
    assert difference(truth, found) == ""


def test_order_counts_where_there_is_one() -> None:
    assert difference([A, B], [B, A], ordered=False) == ""


rows = st.lists(st.fixed_dictionaries({"id": st.integers(0, 3), "n": st.none() | st.text(max_size=2)}), max_size=6)


@given(rows, rows)
def test_only_the_same_is_the_same(truth: list[Any], found: list[Any]) -> None:
    assert (difference(truth, found) == "") == (truth == found)


@given(st.data())
def test_any_order_is_the_same_set(data: st.DataObject) -> None:
    truth = data.draw(rows)

    assert difference(truth, data.draw(st.permutations(truth)), ordered=False) == ""
