"""Explicit rows: exactly what a test is about, beside the story or in place of it.

A vendor declares its tables; a world keeps the rows that were put into them, as given. *Replaced* means the story no
longer counts for that table.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from testcard.contract import Checker
from testcard.errors import RowError
from testcard.world.history import History, Stretch, page

if TYPE_CHECKING:
    from testcard.world.world import World

__all__ = ["Row", "Rows", "Table"]

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """A table that takes explicit rows. A row uses the vendor's own field names.

    *schema* is the JSON Schema of one row as a test writes it. *fill* completes a row from the story,
    deterministically: it gets the world, the row and its position. *read* yields the whole table, story and all, or
    is its `History` where rows have a time.
    """

    name: str
    schema: Mapping[str, Any]
    fill: Callable[[World, Row, int], Row]
    read: Callable[[World], Iterable[Row]] | History

    def page(self, world: World, stretch: Stretch, offset: int, limit: int) -> list[Row]:
        """At most *limit* rows from number *offset* on; `RowError` for a *stretch* of rows that have no time."""
        if isinstance(self.read, History):
            return list(page(self.read.pieces(world, stretch), offset, limit))
        if stretch != Stretch():
            raise RowError(f"{self.name}: its rows have no time; leave out 'from' and 'to'")
        with world.lock:
            return list(islice(self.read(world), offset, offset + limit))

    def check(self, rows: Iterable[Any]) -> list[Row]:
        """Return *rows* if each fits the schema; else `RowError` naming row and field."""
        checker = self._checker
        checked = []
        for index, row in enumerate(rows):
            for place, complaint in () if checker.accepts(row) else checker.complaints(row):
                field = place.removeprefix("/") or "the row"
                raise RowError(f"{self.name}: row {index}: {field}: {complaint}")
            checked.append(row)
        return checked

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.schema, self.schema)


class Rows:
    """The explicit rows of a world, by API and table, already filled; *version* changes with every write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[str, list[Row]] = {}
        self._replaced: set[str] = set()
        self.version = 0

    def replaced(self, api: str, table: str) -> bool:
        """Whether the story no longer counts for this table."""
        return f"{api}/{table}" in self._replaced

    def given(self, api: str, table: str) -> list[Row]:
        """The explicit rows, in the order they were put."""
        return list(self._given.get(f"{api}/{table}", ()))

    def put(self, api: str, table: str, rows: Iterable[Row], *, replace: bool) -> None:
        """Take *rows* in place of everything in the table, or beside it."""
        key = f"{api}/{table}"
        with self._lock:
            if replace:
                self._replaced.add(key)
                self._given[key] = []
            self._given.setdefault(key, []).extend(rows)
            self.version += 1

    def change(self, api: str, table: str, rows: list[Row]) -> None:
        """Have exactly these explicit rows; whether the story counts stays as it is."""
        with self._lock:
            self._given[f"{api}/{table}"] = rows
            self.version += 1

    def tables(self) -> Iterator[str]:
        """The ``api/table`` names that hold explicit rows or were replaced."""
        return iter(sorted({*self._given, *self._replaced}))

    def dump(self) -> dict[str, Any]:
        """Everything, as a copy."""
        with self._lock:
            return {"given": copy.deepcopy(self._given), "replaced": sorted(self._replaced)}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Exactly these rows, in place of all there were."""
        with self._lock:
            self._given = copy.deepcopy(content["given"])
            self._replaced = set(content["replaced"])
            self.version += 1
