"""Kept rows of IBM Video Streaming: found by their blocks, within bounds, whoever made them together."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.apis.ibmvideo.sheets import ROWS_OF_BLOCK, Sheet, Sheets

_BLOCK = 2 * ROWS_OF_BLOCK  # bytes of a block here: a digit and a comma for each row


def _sheet(first: int, blocks: int) -> Sheet:
    rows = blocks * ROWS_OF_BLOCK
    text = b"".join(b"%d," % (row % 10) for row in range(first * ROWS_OF_BLOCK, first * ROWS_OF_BLOCK + rows))
    return Sheet(first * ROWS_OF_BLOCK, memoryview(text), np.arange(0, 2 * rows + 1, 2, dtype=np.int32))


def test_a_sheet_has_its_rows_by_their_numbers() -> None:
    sheet = _sheet(3, 2)

    assert list(sheet.blocks) == [3, 4]
    assert sheet.end == 5 * ROWS_OF_BLOCK
    assert bytes(sheet.rows(1999, 2002)) == b"9,0,1,"
    assert sheet.rows(sheet.first, sheet.end) == sheet.text


def test_the_least_recently_used_leaves_first_and_whole() -> None:
    sheets = Sheets(2 * _sheet(0, 2).nbytes)
    sheets.keep(1, _sheet(0, 2))
    sheets.keep(1, _sheet(2, 2))
    sheets.get(1, [1])
    sheets.keep(2, _sheet(0, 2))

    assert list(sheets.get(1, range(4))) == [0, 1]
    assert list(sheets.get(2, range(4))) == [0, 1]


def test_what_is_kept_again_takes_no_more_and_lets_the_old_go() -> None:
    sheets, first = Sheets(1 << 20), _sheet(0, 3)
    sheets.keep(1, first)
    gone = weakref.ref(first.begins)
    del first
    sheets.keep(1, _sheet(0, 1))
    gc.collect()

    assert gone() is None
    assert list(sheets.get(1, range(4))) == [0]


def test_a_block_that_two_have_stays_with_the_newer_one() -> None:
    sheets = Sheets(3 * _sheet(0, 1).nbytes)
    sheets.keep(1, _sheet(0, 2))
    sheets.keep(1, _sheet(1, 2))

    assert list(sheets.get(1, range(4))) == [1, 2]


def test_blocks_are_known_once_they_were_all_asked_for() -> None:
    sheets = Sheets(1 << 20)
    sheets.keep(1, _sheet(0, 1))

    assert not sheets.known(1, [0, 1])
    assert sheets.known(1, [0, 1])
    assert not sheets.known(2, [0, 1])
    assert not sheets.known(1, [1, 2])


@given(
    steps=st.lists(st.tuples(st.integers(1, 2), st.integers(0, 6), st.integers(1, 4)), max_size=40),
    limit=st.integers(0, 12 * _BLOCK),
)
def test_what_is_found_has_the_block_and_all_of_it_is_within_the_limit(
    steps: list[tuple[int, int, int]], limit: int
) -> None:
    sheets = Sheets(limit)
    for series, first, blocks in steps:
        sheets.keep(series, _sheet(first, blocks))
        kept = {(series, sheet.first): sheet for series in (1, 2) for sheet in sheets.get(series, range(12)).values()}
        assert sum(sheet.nbytes for sheet in kept.values()) <= limit
        assert all(block in sheet.blocks for series in (1, 2) for block, sheet in sheets.get(series, range(12)).items())
        if _sheet(first, blocks).nbytes <= limit:
            assert set(sheets.get(series, range(first, first + blocks))) == set(range(first, first + blocks))


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_one_that_is_larger_than_the_limit_is_not_kept(limit: int) -> None:
    sheets = Sheets(limit)
    sheets.keep(1, _sheet(0, 1))

    assert bool(sheets.get(1, [0])) is bool(limit)
