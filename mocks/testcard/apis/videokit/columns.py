"""Columns that analytics can filter, group and add up, whether they come from the story or from explicit rows.

Knows numpy and no attribute by name. Text is dictionary-coded; nothing is spelled out before somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

import numpy as np
import numpy.typing as npt

__all__ = ["FLAGS", "Column", "Floats", "Frame", "Given", "Joined", "Lazy", "Longs", "Numbers", "Text", "coded"]

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FLAGS = ("false", "true")


@dataclass(frozen=True)
class Text:
    """A column of text: *codes* into *words*, -1 where there is none. Different words have different codes."""

    codes: Longs
    words: Sequence[str]

    def word(self, code: int) -> str | None:
        """The text a code stands for."""
        return None if code < 0 else self.words[int(code)]


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, not-a-number where there is none."""

    values: Floats


Column = Text | Numbers


class Lazy(Sequence[str]):
    """Words made one by one when they are asked for."""

    def __init__(self, size: int, make: Callable[[int], str]) -> None:
        self._size, self._make = size, make

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self._make(each) for each in range(*at.indices(self._size))]
        return self._make(at)


def coded(words: Iterable[str | None], into: Longs | None = None) -> Text:
    """Code a column word by word; *into* first looks the words up, so that words may be a table with repeats."""
    known: dict[str, int] = {}
    table = np.array([-1 if word is None else known.setdefault(word, len(known)) for word in words], np.int64)
    if into is None:
        return Text(table, list(known))
    return Text(table[into] if len(table) else np.full(len(into), -1, np.int64), list(known))


class Frame(Protocol):
    """Rows with named columns. *time* is epoch milliseconds, *end* where the row's session ends."""

    @property
    def time(self) -> Longs:
        """When each row began."""

    @property
    def end(self) -> Longs:
        """When each row was over."""

    def column(self, name: str) -> Column:
        """The column of an attribute."""


class Given:
    """Explicit rows in the order of time: plain values by attribute, some of them *derived* from when a row began."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        time: Longs,
        end: Longs,
        *,
        numeric: Callable[[str], bool],
        derived: Mapping[str, Callable[[Longs], Longs]],
    ) -> None:
        self.time, self.end = time, end
        self._rows, self._numeric, self._derived = rows, numeric, derived
        self._columns: dict[str, Column] = {}

    def first(self, count: int) -> Given:
        """The frame of the first rows."""
        if count == len(self._rows):
            return self
        rows, time, end = self._rows[:count], self.time[:count], self.end[:count]
        return Given(rows, time, end, numeric=self._numeric, derived=self._derived)

    def column(self, name: str) -> Column:
        """The column of an attribute."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._column(name)
        return found

    def _column(self, name: str) -> Column:
        """A flag is the word for it."""
        if name in self._derived:
            return Numbers(self._derived[name](self.time).astype(np.float64))
        values = [row.get(name) for row in self._rows]
        if self._numeric(name):
            return Numbers(np.array([np.nan if value is None else value for value in values], np.float64))
        return coded(FLAGS[value] if isinstance(value, bool) else value for value in values)


class Joined:
    """Two frames as one, in the order of time."""

    def __init__(self, first: Frame, second: Frame) -> None:
        self._parts = (first, second)
        time = np.concatenate([first.time, second.time])
        self._order = np.argsort(time, kind="stable")
        self.time: Longs = time[self._order]
        self.end: Longs = np.concatenate([first.end, second.end])[self._order]

    def column(self, name: str) -> Column:
        """The column of an attribute."""
        first, second = (part.column(name) for part in self._parts)
        if isinstance(first, Numbers) and isinstance(second, Numbers):
            return Numbers(np.concatenate([first.values, second.values])[self._order])
        if isinstance(first, Text) and isinstance(second, Text):
            return Text(*_merged(first, second, self._order))
        raise TypeError(f"{name} is a number in one part and text in the other")


def _merged(first: Text, second: Text, order: npt.NDArray[np.intp]) -> tuple[Longs, list[str]]:
    used = np.unique(first.codes[first.codes >= 0])
    words = [first.words[code] for code in used.tolist()]
    known = {word: code for code, word in enumerate(words)}
    table = np.array([known.setdefault(word, len(known)) for word in second.words] + [-1], np.int64)
    codes = np.where(first.codes < 0, -1, np.searchsorted(used, first.codes))
    return np.concatenate([codes, table[second.codes]])[order], list(known)
