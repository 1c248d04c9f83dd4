"""Lay texts of various lengths one behind the other, row by row, with a call of numpy for each column of all rows.

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

from testcard.apis.ibmvideo.memory import lent
from testcard.errors import MockError

__all__ = ["Coded", "Column", "Layout", "Text", "Texts"]

_AT_ONCE = 2500  # rows: what belongs to them stays at hand for the processor while they are written

Numbers = npt.NDArray[np.integer[Any]]
Octets = npt.NDArray[np.uint8]
Text = npt.NDArray[np.bytes_]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts by code, padded to one width, and how long each is."""

    padded: Text
    lengths: Numbers

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> Texts:
        """These texts."""
        listed = list(texts)
        return cls(np.array(listed), np.array([len(text) for text in listed]))

    @classmethod
    def room(cls, number: int, longest: int) -> Texts:
        """Room for so many; a text that is not there yet has no length."""
        return cls(np.zeros(number, f"S{longest}"), np.zeros(number, np.int64))

    def put(self, codes: Numbers, texts: Sequence[bytes]) -> None:
        """Take texts in."""
        self.padded[codes] = texts
        self.lengths[codes] = [len(text) for text in texts]


class Column(Protocol):
    """What stands at one place of every row."""

    @property
    def width(self) -> int:
        """Bytes of each, padded."""

    @property
    def lengths(self) -> Numbers | int:
        """The bytes of each row's text, or of all."""

    def records(self, rows: slice) -> Text:
        """Some rows' texts, padded."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts that there are already."""

    texts: Texts
    codes: Numbers

    @property
    def width(self) -> int:
        """See `Column`."""
        return self.texts.padded.itemsize

    @property
    def lengths(self) -> Numbers:
        """See `Column`."""
        return self.texts.lengths.take(self.codes)

    def records(self, rows: slice) -> Text:
        """See `Column`."""
        return self.texts.padded.take(self.codes[rows])


class Layout:
    """Rows that are not written yet, though it is known where each will begin: *begins* ends with the end of the last.

    *full* is the number of the column without padding.
    """

    def __init__(self, columns: Sequence[Column], full: int) -> None:
        lengths: Any = [column.lengths for column in columns]
        padding = max(column.width - int(np.min(each)) for column, each in zip(columns, lengths, strict=True))
        if padding > columns[full].width:
            raise MockError(f"rows cannot be laid: {padding} bytes of padding beside a column of {columns[full].width}")
        ends = np.cumsum(sum(lengths))
        self.begins: Numbers = np.concatenate([[0], ends])
        places = itertools.accumulate(lengths[:-1], np.add, initial=self.begins[:-1])
        placed = list(zip(columns, places, strict=True))
        self._placed: list[tuple[Column, Numbers]] = placed[full + 1 :] + placed[: full + 1]

    def text(self, first: int, end: int, *, less: int = 0) -> bytes:
        """The rows from *first* to before *end*, without their last *less* bytes."""
        size = int(self.begins[end] - self.begins[first])
        with lent(size + max(column.width for column, _ in self._placed)) as text:
            columns = [
                (column, _records_anywhere(text, column.width), places[first:end] - self.begins[first])
                for column, places in self._placed
            ]
            for at in range(0, end - first, _AT_ONCE):
                for column, text_from, places in columns:
                    some = places[at : at + _AT_ONCE]
                    text_from[some] = column.records(slice(first + at, first + at + len(some)))
            return text[: size - less].tobytes()


def _records_anywhere(text: Octets, width: int) -> Text:
    """Every stretch of a text that is so wide, by where it begins."""
    return np.ndarray((len(text) - width + 1,), f"S{width}", text, strides=(1,))
