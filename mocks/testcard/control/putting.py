"""Put explicit rows into a world's tables, checked and completed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from testcard.errors import RowError, near_miss
from testcard.exchange import Exchange
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["put_rows", "table_of"]


def table_of(exchange: Exchange, world: World, name: str) -> Table:
    """The table of that name; `RowError` when the API has none."""
    exchange.open(world)
    tables = exchange.tables
    if name not in tables:
        hint = near_miss(name, tables)
        raise RowError(f"{exchange.name} has no table {name!r}; there are: {', '.join(tables)}{hint}")
    return tables[name]


def put_rows(exchange: Exchange, world: World, name: str, rows: Iterable[Any], *, replace: bool) -> int:
    """Take rows in place of a table, story and all, or beside it; returns how many explicit ones there are then.

    `RowError` names row and field, and then nothing was put.
    """
    table = table_of(exchange, world, name)
    try:
        checked = table.check(rows)
    except RowError as error:
        raise RowError(f"{exchange.name}/{error}") from None
    with world.lock:
        have = 0 if replace else len(world.rows.given(exchange.name, name))
        filled = [table.fill(world, row, have + at) for at, row in enumerate(checked)]
        world.rows.put(exchange.name, name, filled, replace=replace)
    return have + len(filled)
