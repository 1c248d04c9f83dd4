"""A world: a function of seed, profile and clock, plus explicit rows and writes, to every answer.

Worlds are isolated completely and are cheap: nothing is generated before it is asked for, and what depends on seed
and profile alone is shared by the process.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testcard.contract import Ledger
from testcard.seed import mix
from testcard.world.clock import Clock
from testcard.world.credentials import Credentials
from testcard.world.faults import Faults
from testcard.world.journal import Journal
from testcard.world.rows import Rows
from testcard.world.store import MemoryStore, Store

if TYPE_CHECKING:
    from testcard.world.story import Story

__all__ = ["DEFAULT", "Recipe", "World"]

DEFAULT = "default"


@dataclass(frozen=True)
class Recipe:
    """What a world is made from. *now* freezes the clock there, unless *frozen* is False."""

    seed: int = 1729
    profile: str = "default"
    now: datetime | None = None
    frozen: bool | None = None
    dialect: str = "documented"
    readings: Mapping[str, str] = field(default_factory=dict)


class World:
    """One isolated world.

    *claim* is told every secret issued here. *shelf* is where vendor modules keep what they have worked out: it can be
    worked out again, so it is no part of a snapshot. *origin* is what secrets and ids grow from beside the seed: the
    world's own name, or that of the world whose snapshot it was put back to. *consulted* are the ledger entries that
    any answer so far depended on.
    """

    def __init__(
        self,
        identity: str,
        recipe: Recipe,
        ledger: Callable[[], Ledger],
        *,
        claim: Callable[[str, str], None] = lambda _api, _secret: None,
    ) -> None:
        self.id = identity
        self.origin = identity
        self.recipe = recipe
        self.lock = threading.RLock()
        self.clock = Clock(recipe.now, frozen=recipe.frozen)
        self.credentials = Credentials(claim)
        self.rows = Rows()
        self.store: Store = MemoryStore()
        self.faults = Faults(recipe.seed)
        self.journal = Journal()
        self.shelf: dict[str, Any] = {}
        self.consulted: set[str] = set()
        self._ledger = ledger
        self._chosen = dict(recipe.readings)
        self._in_force: Mapping[str, str] | None = None
        self._minted: dict[str, int] = {}
        self._opened: set[str] = set()
        self._folder: Path | None = None
        self._emptied: Callable[[], object] | None = None
        self._closing: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"World({self.id!r}, seed={self.seed}, profile={self.profile!r}, now={self.clock.now():%FT%TZ})"

    @property
    def seed(self) -> int:
        """What the story and every secret grow from."""
        return self.recipe.seed

    @property
    def profile(self) -> str:
        """Which size and shape the story has."""
        return self.recipe.profile

    @cached_property
    def story(self) -> Story:
        """The broadcaster, its titles and its viewing."""
        from testcard.world.story import open_story

        return open_story(self.seed, self.profile)

    def now(self) -> datetime:
        """The world's instant, aware, in UTC."""
        return self.clock.now()

    def mint(self, label: str) -> int:
        """A 64-bit number that no other call in this world gets: the same in every run of the same calls."""
        with self.lock:
            self._minted[label] = count = self._minted.get(label, 0) + 1
        return mix(self.seed, self.origin, label, count)

    def reading(self, identity: str) -> str:
        """The name of the reading in force for a ledger entry."""
        self.consulted.add(identity)
        return (self._in_force or self._put_in_force())[identity]

    def _put_in_force(self) -> Mapping[str, str]:
        """The reading of every entry: the dialect's, or the one chosen in its place."""
        with self.lock:
            taken = self._ledger().under(self.recipe.dialect)  # most worlds share it as it is
            self._in_force = {**taken, **self._chosen} if self._chosen else taken
            return self._in_force

    def readings(self) -> dict[str, str]:
        """Every switchable entry with the reading in force."""
        in_force = self._put_in_force()
        return {entry.id: in_force[entry.id] for entry in self._ledger() if entry.switchable}

    @property
    def chosen(self) -> dict[str, str]:
        """The readings chosen beside the dialect's."""
        return dict(self._chosen)

    def choose(self, readings: Mapping[str, str]) -> None:
        """Put readings in force, beside those chosen before; `UserError` for unknown ones."""
        checked = self._ledger().choose(readings)
        with self.lock:
            self._chosen.update(checked)
            self._in_force = None

    def is_open(self, api: str) -> bool:
        """Whether *api* was used in this world before."""
        return api in self._opened

    def open_once(self, api: str, action: Callable[[], None]) -> None:
        """Run *action* at the first use of *api* in this world: its first credentials are due."""
        with self.lock:
            if api not in self._opened:
                action()
                self._opened.add(api)

    def folder(self) -> Path:
        """The world's own folder for files too large for memory; it goes with the world, or with the process."""
        with self.lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="testcard-"))
                self._emptied = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder

    def files(self) -> list[Path]:
        """The files in the world's folder, in the order of their names."""
        return sorted(path for path in self._folder.rglob("*") if path.is_file()) if self._folder else []

    def dump(self) -> dict[str, Any]:
        """All that the world is made of but its files, as plain data and datetimes."""
        return {
            "origin": self.origin,
            "recipe": {**asdict(self.recipe), "readings": dict(self.recipe.readings)},
            "readings": self._chosen,
            "clock": self.clock.as_json(),
            "minted": self._minted,
            "opened": sorted(self._opened),
            "credentials": self.credentials.dump(),
            "rows": self.rows.dump(),
            "store": self.store.dump(),
            "faults": self.faults.dump(),
        }

    def restore(self, content: Mapping[str, Any]) -> None:
        """Become exactly what `dump` told, of this world or another; files come separately."""
        self._remove_folder()
        self.origin = content["origin"]
        self.recipe = Recipe(**content["recipe"])
        self.__dict__.pop("story", None)
        self.shelf.clear()
        self._chosen = dict(content["readings"])
        self._in_force = None
        clock = content["clock"]
        self.clock.set(datetime.fromisoformat(clock["now"]), frozen=clock["frozen"])
        self._minted = dict(content["minted"])
        self._opened = set(content["opened"])
        self.credentials.restore(content["credentials"])
        self.rows.restore(content["rows"])
        self.store.restore(content["store"])
        self.faults.restore(content["faults"])

    def on_close(self, action: Callable[[], None]) -> None:
        """Have *action* run when the world is dropped or reset: temporary files go then."""
        self._closing.append(action)

    def close(self) -> None:
        """Let go of everything outside memory."""
        while self._closing:
            self._closing.pop()()
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self._emptied is not None:
            self._emptied()
        self._folder = self._emptied = None
