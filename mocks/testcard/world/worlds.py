"""All worlds of a server: found by name or by credential, bounded in number.

When there are too many, the one unused for longest is dropped, and a later request for it is told so.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from typing import Any

from testcard.contract import Ledger, open_ledger
from testcard.contract.readings import DIALECTS
from testcard.errors import UserError, near_miss
from testcard.world.world import DEFAULT, Recipe, World

__all__ = ["NoSuchWorld", "Worlds"]

_log = logging.getLogger("testcard.worlds")
_NAMES_KEPT, _SECRETS_KEPT = 10, 20  # of evicted worlds, for each world that there may be


class NoSuchWorld(UserError):
    """There is no world of that name, or no longer; *evicted* tells which."""

    def __init__(self, identity: str, *, evicted: bool) -> None:
        self.identity = identity
        self.evicted = evicted
        reason = (
            "was evicted: it was the one unused for longest when the server had its maximum of worlds;"
            " create it again, or serve with a larger --max-worlds"
            if evicted
            else "is not known here; POST /_testcard/worlds creates one"
        )
        super().__init__(f"world {identity!r} {reason}")


@cache
def _ledger(apis: tuple[str, ...]) -> Ledger:
    return open_ledger(apis)


class Worlds:
    """The worlds of one server. `default` exists from the start and is never evicted."""

    def __init__(self, apis: tuple[str, ...], recipe: Recipe | None = None, *, limit: int = 1000) -> None:
        if limit < 2:
            raise UserError(f"at most {limit} worlds: expected at least 2, `default` and one to create")
        self._apis = apis
        self._lock = threading.RLock()
        self._limit = limit
        self._serial = 0
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._owners: dict[tuple[str, str], str] = {}
        self._owned: dict[str, set[tuple[str, str]]] = {}
        self._evicted: OrderedDict[str, None] = OrderedDict()
        self._lost: OrderedDict[bytes, str] = OrderedDict()
        self.recipe = recipe or Recipe()
        self.check(self.recipe)
        self._add(DEFAULT, self.recipe)

    def __iter__(self) -> Iterator[World]:
        return iter(list(self._worlds.values()))

    def __len__(self) -> int:
        return len(self._worlds)

    def ledger(self) -> Ledger:
        """The ledger of all this server's APIs."""
        return _ledger(self._apis)

    @property
    def default(self) -> World:
        """The world of requests that name none."""
        return self._worlds[DEFAULT]

    def create(self, recipe: Recipe, identity: str | None = None) -> World:
        """Make a world, dropping the least recently used one when there are too many."""
        self.check(recipe)
        with self._lock:
            if identity is None:
                self._serial += 1
                identity = f"w{self._serial}"
            self._make_room()
            return self._add(identity, recipe)

    def check(self, recipe: Recipe) -> None:
        """Raise `UserError` for a dialect, profile or reading that there is not."""
        if recipe.dialect not in DIALECTS:
            hint = near_miss(recipe.dialect, DIALECTS)
            raise UserError(f"no dialect {recipe.dialect!r}; there are: {', '.join(DIALECTS)}{hint}")
        if recipe.readings:
            self.ledger().choose(recipe.readings)
        if recipe.profile != Recipe().profile:
            from testcard.world.story import profile_names

            names = profile_names()
            if recipe.profile not in names:
                hint = near_miss(recipe.profile, names)
                raise UserError(f"no profile {recipe.profile!r}; there are: {', '.join(names)}{hint}")

    def get(self, identity: str) -> World:
        """The world of that name, marked as used; `NoSuchWorld` otherwise."""
        with self._lock:
            world = self._worlds.get(identity)
            if world is None:
                raise NoSuchWorld(identity, evicted=identity in self._evicted)
            self._worlds.move_to_end(identity)
        return world

    def owner(self, api: str, secret: str) -> World | None:
        """The world that issued a credential, if any did."""
        identity = self._owners.get((api, secret))
        return self._worlds.get(identity) if identity else None

    def check_lost(self, api: str, secrets: Iterable[str]) -> None:
        """Raise `NoSuchWorld` when one of them was issued by a world that has been evicted since.

        Some digests for each world that there may be are remembered, the latest: an older one is a secret that nobody
        ever issued.
        """
        for secret in secrets:
            identity = self._lost.get(_digest(api, secret))
            if identity is not None:
                raise NoSuchWorld(identity, evicted=True)

    def drop(self, identity: str) -> None:
        """Forget a world and all it holds; `default` starts anew instead."""
        with self._lock:
            world = self.get(identity)
            self._remove(world)
            if identity == DEFAULT:
                self._add(DEFAULT, self.recipe)

    def reset(self, identity: str) -> World:
        """Give a world its first day back: same recipe, no writes, rows or moved clock."""
        with self._lock:
            world = self.get(identity)
            self._remove(world)
            return self._add(identity, world.recipe)

    def close(self) -> None:
        """Let go of everything outside memory."""
        for world in self:
            world.close()

    def _add(self, identity: str, recipe: Recipe) -> World:
        world = World(identity, recipe, self.ledger, claim=lambda api, secret: self._claim(identity, api, secret))
        self._worlds[identity] = world
        return world

    def _claim(self, identity: str, api: str, secret: str) -> None:
        """A secret leads to the world that has it first; one restored elsewhere is reached by that world's prefix."""
        with self._lock:
            if self._owners.setdefault((api, secret), identity) != identity:
                return
            self._owned.setdefault(identity, set()).add((api, secret))

    def _remove(self, world: World) -> None:
        del self._worlds[world.id]
        for key in self._owned.pop(world.id, ()):
            self._owners.pop(key, None)
        world.close()

    def _make_room(self) -> None:
        while len(self._worlds) >= self._limit:
            victim = next(world for identity, world in self._worlds.items() if identity != DEFAULT)
            secrets = sorted(self._owned.get(victim.id, ()))
            self._remove(victim)
            self._evicted[victim.id] = None
            self._lost.update((_digest(*secret), victim.id) for secret in secrets)
            _shorten(self._evicted, _NAMES_KEPT * self._limit)
            _shorten(self._lost, _SECRETS_KEPT * self._limit)
            _log.warning("world %s evicted: %d worlds are the maximum", victim.id, self._limit)


def _digest(api: str, secret: str) -> bytes:
    return blake2b(f"{api} {secret}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _shorten(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
