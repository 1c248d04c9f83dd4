"""Rows of the kit, kept in the world's store: one collection for each kind and tenant.

A row is plain data with an ``id``, and moments in milliseconds since 1970 (``created``, ``modified`` and more). What
depends on time (a status, an expiry) is never written into a row: it is worked out from the row and the world's now.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from testcard.data import load
from testcard.seed import uuid_from
from testcard.world.world import World

__all__ = ["Collection", "Kind", "Row", "collection", "fixture", "millis", "new_id", "stamp", "stamper", "tenant_ids"]

Row = dict[str, Any]
_API = "videokit"
_MARKS = "videokit/marks"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Kind:
    """What the rows of a collection are.

    *story* yields the rows the story gives the first tenant, *take* turns an explicit row (in the vendor's field
    names) into one of ours. *sorts* maps a property's lower-case name to its value, given the row and now in
    milliseconds; *names* yields the texts a text query looks at beside id and metadata; *moments* the instants at
    which the row begins to look different.
    """

    name: str
    sorts: Mapping[str, Callable[[Row, int], Any]] = field(default_factory=dict)
    names: Callable[[Row], Iterable[str | None]] = lambda _row: ()
    moments: Callable[[Row], Iterable[int]] = lambda row: (row["created"],)
    story: Callable[[World, str], Iterable[Row]] = lambda _world, _tenant: ()
    take: Callable[[World, Row], Row] | None = None


class Collection:
    """The rows of one kind in one tenant. *version* changes with every write; use it under the world's lock."""

    def __init__(self, world: World, tenant: str, kind: Kind) -> None:
        self.kind = kind
        self.version = 0
        self._world = world
        self._store = world.store
        self._key = f"videokit/{tenant}/{kind.name}"
        self._moments: tuple[int, list[int]] = (-1, [])

    def __len__(self) -> int:
        return self._store.count(self._key)

    def get(self, key: str) -> Row | None:
        """The row of that id that exists now, or None."""
        row: Row | None = self._store.get(self._key, key)
        return row if row is not None and row["created"] <= self._world.clock.now_ms() else None

    def put(self, row: Row) -> Row:
        """Keep a row, in place of an earlier one of its id."""
        self._store.put(self._key, row["id"], row)
        self.version += 1
        return row

    def delete(self, key: str) -> bool:
        """Forget a row; whether there was one."""
        self.version += 1
        return self._store.delete(self._key, key)

    def rows(self) -> Iterator[Row]:
        """Every row, those that the clock has not reached yet too, in the order they were first put."""
        return (row for _, row in self._store.scan(self._key))

    def state(self, now: int) -> tuple[int, int]:
        """What any list of this collection depends on: while it is equal, so are all orders and filters."""
        version, moments = self._moments
        if version != self.version:
            moments = sorted(moment for row in self.rows() for moment in self.kind.moments(row))
            self._moments = (self.version, moments)
        return self.version, bisect_right(moments, now)

    def clear(self) -> None:
        """Forget all rows."""
        for row in list(self.rows()):
            self.delete(row["id"])


def collection(world: World, tenant: str, kind: Kind) -> Collection:
    """The collection of a kind in a tenant, with the story's rows and the explicit ones in it."""
    key = f"videokit/{tenant}/{kind.name}"
    found: Collection | None = world.shelf.get(key)
    if found is None:
        found = world.shelf[key] = Collection(world, tenant, kind)
    if world.shelf.get(f"{key}/rows") != world.rows.version:
        world.shelf[f"{key}/rows"] = world.rows.version
        _bring_in(world, tenant, found)
    return found


def _bring_in(world: World, tenant: str, target: Collection) -> None:
    """Put the story's and the explicit rows into the store, unless they are there already.

    What has been brought in is marked in the store itself, so that a restored world does not take it in again.
    """
    kind, first = target.kind, tenant == tenant_ids(world)[0]
    given = world.rows.given(_API, kind.name) if first else []
    replaced = world.rows.replaced(_API, kind.name) and first
    mark = world.store.get(_MARKS, f"{tenant}/{kind.name}")
    count = mark["count"] if mark else 0
    if mark is None or mark["replaced"] != replaced or mark["digest"] != _digest(given[:count]):
        target.clear()
        count = 0
        if first and not replaced:
            for row in kind.story(world, tenant):
                target.put(row)
    for row in given[count:]:
        target.put(kind.take(world, row) if kind.take else row)
    fresh = {"count": len(given), "replaced": replaced, "digest": _digest(given)}
    world.store.put(_MARKS, f"{tenant}/{kind.name}", fresh)


def _digest(rows: list[Row]) -> str:
    return hashlib.blake2b(orjson.dumps(rows), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def fixture() -> Any:
    """How the story's broadcaster uses the kit."""
    return load("fixtures/videokit/world.yaml")


def tenant_ids(world: World) -> list[str]:
    """The ids of the world's tenants, the story's first."""
    return [uuid_from(world.seed, "videokit tenant", each["name"]) for each in fixture()["tenants"]]


def new_id(world: World) -> str:
    """A UUID that nothing else in this world has; the same in every run of the same calls."""
    return uuid_from(world.mint("videokit id"))


def millis(moment: datetime) -> int:
    """An aware moment in milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def stamp(world: World, moment: int) -> str:
    """A moment as answers write it (ledger VK-019)."""
    return _written(moment, world.reading("VK-019"))


def stamper(world: World) -> Callable[[int], str]:
    """What writes many moments of one answer."""
    form = world.reading("VK-019")
    return lambda moment: _written(moment, form)


@lru_cache(maxsize=4096)
def _written(moment: int, form: str) -> str:
    whole, rest = divmod(moment, 1000)
    second = (_EPOCH + timedelta(seconds=whole)).isoformat()[:19]
    if form == "z":
        return f"{second}.{rest:03}Z" if rest else f"{second}Z"
    return f"{second}.{rest:03}{'000' if form == 'offset' else '0000'}+00:00"
