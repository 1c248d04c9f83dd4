"""Lay texts of various lengths one behind the other, row by row, with a call of numpy for each column of many rows.

A column's texts are records of one width, and are written with their padding, over which what stands behind them is
written later. So the order is: from behind the one column without padding around the end of the row, and that column
last. No padding may be wider than that column is: `MockError`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from testcard.errors import MockError

__all__ = ["Coded", "Column", "Octets", "Text", "Texts", "joined", "lay"]

_AT_ONCE = 2500  # rows: what belongs to them stays at hand for the processor while they are written

Numbers = npt.NDArray[np.integer[Any]]
Octets = npt.NDArray[np.uint8]
Text = npt.NDArray[np.bytes_]


class Column(Protocol):
    """What stands at one place of every row."""

    @property
    def width(self) -> int:
        """Bytes of each, padded."""

    @property
    def lengths(self) -> Numbers | int:
        """The bytes of each row's text, or of all."""

    def records(self, rows: slice, room: Octets) -> Text:
        """Some rows' texts, padded; there is *room* for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts by code, padded to one width, and how long each is; or a column of them."""

    padded: Text
    lengths: Numbers

    @classmethod
    def of(cls, texts: Iterable[bytes] | Text) -> Texts:
        """These texts."""
        padded = texts if isinstance(texts, np.ndarray) else np.array(list(texts))
        return cls(padded, np.char.str_len(padded))

    @classmethod
    def room(cls, number: int, longest: int) -> Texts:
        """Room for so many; a text that is not there yet has no length."""
        return cls(np.zeros(number, f"S{longest}"), np.zeros(number, np.int64))

    @property
    def width(self) -> int:
        """See `Column`."""
        return self.padded.itemsize

    def records(self, rows: slice, room: Octets) -> Text:
        """See `Column`."""
        return self.padded[rows]

    def put(self, codes: Numbers, texts: Texts) -> None:
        """Take texts in."""
        self.padded[codes] = texts.padded
        self.lengths[codes] = texts.lengths


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of texts that there are already."""

    texts: Texts
    codes: Numbers

    @property
    def width(self) -> int:
        """See `Column`."""
        return self.texts.width

    @property
    def lengths(self) -> Numbers:
        """See `Column`."""
        return self.texts.lengths.take(self.codes)

    def records(self, rows: slice, room: Octets) -> Text:
        """See `Column`."""
        codes = self.codes[rows]
        records = room[: len(codes) * self.width].view(self.texts.padded.dtype)
        # A code that is none was refused by *lengths*; to refuse it here would cost a copy.
        return self.texts.padded.take(codes, out=records, mode="clip")


def lay(columns: Sequence[Column], full: int) -> tuple[memoryview, Numbers]:
    """Lay rows; the text, where each row begins, and behind these where the last ends.

    *full* is the number of the column without padding.
    """
    lengths: list[Any] = [column.lengths for column in columns]
    padding = max(column.width - int(np.min(each)) for column, each in zip(columns, lengths, strict=True))
    if padding > columns[full].width:
        raise MockError(f"rows cannot be laid: {padding} bytes of padding beside a column of {columns[full].width}")
    total = sum(lengths)
    begins = np.zeros(len(total) + 1, np.int64)
    np.cumsum(total, out=begins[1:])
    places = itertools.accumulate(lengths[:-1], np.add, initial=begins[:-1])
    placed = list(zip(columns, places, strict=True))
    size = int(begins[-1])
    text = np.empty(size + max(column.width for column in columns), np.uint8)
    _write(text, placed[full + 1 :] + placed[: full + 1])
    return text.data[:size], begins


def joined(columns: Sequence[Column]) -> Texts:
    """The texts of each row, one behind the other, as texts of one width."""
    width = sum(column.width for column in columns)
    lengths: list[Any] = [column.lengths for column in columns]
    begins = np.arange(len(sum(lengths))) * width
    *places, ends = itertools.accumulate(lengths, np.add, initial=begins)
    text = np.zeros(len(begins) * width, np.uint8)
    _write(text, list(zip(columns, places, strict=True)))
    return Texts(text.view(f"S{width}"), ends - begins)


def _write(text: Octets, placed: Sequence[tuple[Column, Numbers]]) -> None:
    """Write columns one after the other, each over the padding of those before it."""
    rows = len(placed[0][1])
    room = np.empty(min(rows, _AT_ONCE) * max(column.width for column, _ in placed), np.uint8)
    anywhere = [(column, places, _records_anywhere(text, column.width)) for column, places in placed]
    for first in range(0, rows, _AT_ONCE):
        some = slice(first, min(first + _AT_ONCE, rows))
        for column, places, records in anywhere:
            records[places[some]] = column.records(some, room)


def _records_anywhere(text: Octets, width: int) -> Text:
    """Every stretch of a text that is so wide, by where it begins."""
    return np.ndarray((max(0, len(text) - width + 1),), f"S{width}", text, strides=(1,))
