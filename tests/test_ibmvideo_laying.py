"""Rows of IBM Video Streaming as they are laid out, against the same rows joined and made one by one."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pytest

from support import Mock
from testcard.apis.ibmvideo import memory
from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.laying import Coded, Column, Texts, joined, lay
from testcard.apis.ibmvideo.memory import share_of_memory
from testcard.apis.ibmvideo.rendering import row_data, row_texts, rows_text
from testcard.apis.ibmvideo.style import Style
from testcard.apis.ibmvideo.timeline import Timeline, history, story_timeline
from testcard.errors import MockError
from testcard.exchange import Pieces

_TABLES = ([b"a", b"bb", b"cccc"], [b"1234567"], [b"+", b"--"], [b"x,", b"yyy,"])  # the second has no padding
_STYLES = [
    Style(view, device, text_ids=view, milliseconds=device, zone=zone, absent_end=False)
    for view, device, zone in itertools.product((True, False), (True, False), ("utc", "zulu", "los-angeles"))
]


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    world = Mock("ibmvideo").world
    return story_timeline(world.story, *history(world.story, world.now().date()))


@pytest.mark.parametrize("rows", [1, 2, 2499, 2500, 2501, 6000])
def test_texts_of_any_length_are_laid_like_joined_ones(rows: int) -> None:
    columns, expected = _drawn(rows)

    text, begins = lay(columns, full=1)

    assert text == b"".join(expected)
    assert begins.tolist() == [0, *itertools.accumulate(map(len, expected))]


@pytest.mark.parametrize("rows", [0, 1, 2501])
def test_texts_of_any_length_are_joined_to_texts_of_one_width(rows: int) -> None:
    columns, expected = _drawn(rows)

    texts = joined(columns)

    assert texts.padded.tolist() == expected
    assert texts.lengths.tolist() == list(map(len, expected))
    assert texts.width == sum(len(max(table, key=len)) for table in _TABLES)


def _drawn(rows: int) -> tuple[list[Column], list[bytes]]:
    """Columns of drawn texts, and each row's text."""
    draw = random.Random(rows)
    codes = [[draw.randrange(len(table)) for _ in range(rows)] for table in _TABLES]
    columns = [Coded(Texts.of(table), np.array(some, np.int64)) for table, some in zip(_TABLES, codes, strict=True)]
    texts = ([table[code] for code in some] for table, some in zip(_TABLES, codes, strict=True))
    return list(columns), [b"".join(row) for row in zip(*texts, strict=True)]


@pytest.mark.parametrize("put_together", [lambda columns: lay(columns, full=0), joined])
def test_a_code_that_is_none_is_refused(put_together: Callable[[list[Column]], object]) -> None:
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        put_together([Coded(Texts.of(_TABLES[0]), np.array([0, 3, 1]))])


def test_padding_that_would_reach_into_the_next_row_is_refused() -> None:
    columns = [Coded(Texts.of(table), np.zeros(2, np.int64)) for table in ([b"a", b"bbbbbb"], [b"1234"])]

    with pytest.raises(MockError, match="5 bytes of padding beside a column of 4"):
        lay(columns, full=1)


@pytest.mark.parametrize("style", _STYLES, ids=str)
def test_a_page_has_its_rows_as_they_are_one_by_one(timeline: Timeline, style: Style) -> None:
    later = int(timeline.segments.finish_ms.max())
    rows = np.arange(300, 900)

    pieces = rows_text(timeline, None, Filter(), rows, style, later)
    page = pieces if isinstance(pieces, bytes) else b"".join(pieces)
    assert orjson.loads(b"[%b]" % page) == [row_data(timeline, row, style, later) for row in rows.tolist()]
    assert page == b",".join(row_texts(timeline, rows, style, later))


def test_a_large_page_is_as_long_as_it_said_and_the_same_each_time(timeline: Timeline) -> None:
    later, rows = int(timeline.segments.finish_ms.max()), np.arange(200, 8_000)
    texts = []
    for _ in range(3):  # made for this once, made to be kept, kept
        page = rows_text(timeline, None, "large page", rows, _STYLES[0], later)
        assert isinstance(page, Pieces)
        texts.append(b"".join(page))
        assert len(texts[-1]) == page.size

    assert texts[0] == texts[1] == texts[2] == b",".join(row_texts(timeline, rows, _STYLES[0], later))


@pytest.mark.parametrize(
    ("machine", "container", "expected"),
    [
        (64 << 30, "max\n", 768 << 20),
        (2 << 30, "max\n", 512 << 20),
        (64 << 30, f"{1 << 30}\n", 256 << 20),
        (64 << 30, None, 768 << 20),
    ],
)
def test_kept_rows_take_a_quarter_of_what_there_is_at_the_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: int, container: str | None, expected: int
) -> None:
    limit = tmp_path / "memory.max"
    if container is not None:
        limit.write_text(container)
    monkeypatch.setattr(memory, "_CGROUPS", (limit,))
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": machine // 4096}.__getitem__)

    assert share_of_memory(768 << 20) == expected


def test_where_the_system_does_not_tell_little_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUPS", ())
    monkeypatch.delattr(os, "sysconf")

    assert share_of_memory(768 << 20) == 256 << 20
