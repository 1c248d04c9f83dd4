"""Pages of a walk that are made ahead: the same as those made when asked for, few, and only for who walks."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import Mock
from testcard.apis.ibmvideo import blocks
from testcard.apis.ibmvideo.ahead import Ahead

SIZE = 100


class Maker:
    """Makes pages, and knows in which threads."""

    def __init__(self) -> None:
        self.made: list[tuple[range, str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, rows: range) -> list[int]:
        """A page; where it is made ahead, once the gate is open."""
        name = threading.current_thread().name.partition("_")[0]
        if name == "testcard-ahead":
            assert self.gate.wait(10)
        self.made.append((rows, name))
        return list(rows)

    def ahead(self) -> list[range]:
        """The pages that were made ahead."""
        return [rows for rows, name in self.made if name == "testcard-ahead"]


asked = st.tuples(st.integers(0, 2), st.integers(0, SIZE - 1), st.integers(1, 30))


@given(st.lists(asked | st.just(None), max_size=30))
def test_a_page_is_the_same_however_it_was_made(asked: list[tuple[int, int, int] | None]) -> None:
    ahead: Ahead[list[int]] = Ahead()
    series, rows = 0, range(10)
    for each in asked:
        if each is None:  # who goes on
            rows = range(rows.stop, min(rows.stop + len(rows), SIZE)) or range(10)
        else:
            series, rows = each[0], range(each[1], min(each[1] + each[2], SIZE))
        assert ahead.page(series, rows, SIZE, list) == list(rows)


def test_who_has_read_two_pages_has_the_third_made_ahead() -> None:
    ahead: Ahead[list[int]] = Ahead()
    make = Maker()

    for start in range(0, SIZE, 30):
        ahead.page(7, range(start, min(start + 30, SIZE)), SIZE, make)

    assert sorted(make.made, key=lambda each: each[0].start) == [
        (range(30), "MainThread"),
        (range(30, 60), "MainThread"),
        (range(60, 90), "testcard-ahead"),
        (range(90, 100), "testcard-ahead"),
    ]


def test_nothing_is_made_ahead_for_who_jumps_or_mixes_series() -> None:
    ahead: Ahead[list[int]] = Ahead()
    make = Maker()

    for series, start in [(1, 0), (1, 20), (1, 0), (2, 10), (1, 50), (3, 60)]:
        ahead.page(series, range(start, start + 10), SIZE, make)

    assert make.ahead() == []


def test_one_page_is_made_ahead_at_a_time() -> None:
    ahead: Ahead[list[int]] = Ahead()
    make = Maker()
    make.gate.clear()

    for series in (1, 2):
        for start in (0, 10):
            ahead.page(series, range(start, start + 10), SIZE, make)
    make.gate.set()

    assert ahead.page(1, range(20, 30), SIZE, make) == list(range(20, 30))
    assert ahead.page(2, range(20, 30), SIZE, make) == list(range(20, 30))
    assert (range(20, 30), "MainThread") in make.made


def test_a_page_that_cannot_be_made_fails_for_who_asks_for_it() -> None:
    ahead: Ahead[list[int]] = Ahead()

    def make(rows: range) -> list[int]:
        if rows.start >= 20:
            raise ValueError(rows)
        return list(rows)

    for start in (0, 10):
        ahead.page(1, range(start, start + 10), SIZE, make)

    with pytest.raises(ValueError, match="range"):
        ahead.page(1, range(20, 30), SIZE, make)
    assert ahead.page(1, range(10), SIZE, make) == list(range(10))


def test_a_walk_over_large_pages_brings_what_small_pages_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_LARGE", 200)  # so that a small world has large pages
    mock = Mock("ibmvideo")
    headers = {"authorization": mock.env("ibmvideo")["TOKEN"]}
    period = {"date_time_from": "2026-01-01T00:00:00Z", "date_time_to": "2026-03-01T00:00:00Z"}

    def walk(limit: int) -> list[str]:
        ids: list[str] = []
        for page in range(1, 2200 // limit + 1):
            query = {**period, "_limit": limit, "_page": page}
            rows = mock.get("/ibmvideo/v1/views", params=query, headers=headers).json["resources"]
            ids += [row["attributes"]["view_id"] for row in rows]
        return ids

    assert len(set(walk(550))) == 2200
    assert walk(550) == walk(110)
