"""Documented hosts answered in this process: what ``with testcard.intercept():`` does.

While one is entered, requests/urllib3, httpx, aiohttp and `http.client` reach the mocks under the documented hosts, and
nobody else; sessions may be older or younger than it, and libraries may be imported inside it. Interceptions nest: the
innermost answers. What the libraries were is put back when the last one ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

from testcard.errors import UserError
from testcard.exchange import Reply, Request
from testcard.reach.addresses import documented_environment
from testcard.reach.hosts import Hosts
from testcard.reach.patching import Patching
from testcard.server.build import build
from testcard.server.switchboard import Plan, Switchboard
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe, World

__all__ = ["Interception", "intercept"]


def intercept(
    *,
    seed: int = Recipe.seed,
    profile: str = Recipe.profile,
    now: str | datetime | None = None,
    dialect: str = Recipe.dialect,
    readings: Mapping[str, str] | None = None,
    allow_hosts: Iterable[str] = (),
    switchboard: Switchboard | None = None,
    world: World | None = None,
) -> Interception:
    """Answer the documented hosts of requests, urllib3, httpx and aiohttp from mocks in this process.

    *now* freezes the clock; *allow_hosts* (``*.example.org``) are let through. A *switchboard* that there is already
    may answer instead of a fresh one, and then every request be taken to a *world* of it.
    """
    if switchboard is not None:
        return Interception(switchboard, world or switchboard.worlds.default, allow_hosts)
    if world is not None:
        raise UserError("intercept(world=…): a world belongs to a switchboard; give that too")
    instant = parse_instant(now) if isinstance(now, str) else now
    fresh = build(recipe=Recipe(seed, profile, instant, None, dialect, readings or {}))
    return Interception(fresh, fresh.worlds.default, allow_hosts, owned=True)


class Interception:
    """Mocks in this process under the documented hosts, while entered.

    *refused* are the hosts that were asked for and are neither documented nor allowed.
    """

    def __init__(
        self, switchboard: Switchboard, world: World, allow_hosts: Iterable[str] = (), *, owned: bool = False
    ) -> None:
        self.switchboard = switchboard
        self.world = world
        self.refused: list[str] = []
        self.twins: WeakKeyDictionary[object, Any] = WeakKeyDictionary()
        self._owned = owned
        self._hosts = Hosts(allow_hosts, remedy="name the host in intercept(allow_hosts=[…])")

    @cached_property
    def env(self) -> dict[str, str]:
        """The variables of a client under test, with the documented addresses."""
        return documented_environment(self.switchboard, self.world)

    def answers(self, host: str) -> bool:
        """Whether the mocks answer for a host, or it is let through; `HostRefused` for any other."""
        if self._hosts.mocked(host):
            return True
        if self._hosts.passed(host):
            return False
        self.refused.append(host)
        raise self._hosts.refusal(host)

    def plan(self, request: Request) -> Plan:
        """Find what answers, in this interception's world."""
        plan = self.switchboard.plan(request)
        if self.world is not self.switchboard.worlds.default and plan.world is not None:
            plan.world = self.world
        return plan

    def carry_out(self, plan: Plan) -> Reply:
        """Answer as planned."""
        return self.switchboard.carry_out(plan)

    def body_limit(self, request: Request) -> int:
        """As the switchboard has it."""
        return self.switchboard.body_limit(request)

    def too_large(self, plan: Plan) -> Reply:
        """Refuse as the switchboard does."""
        return self.switchboard.too_large(plan)

    def __enter__(self) -> Self:
        """Begin to answer."""
        _enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put everything back."""
        _leave(self)
        if self._owned:
            self.switchboard.worlds.close()


_lock = threading.Lock()
_entered: list[Interception] = []
_patching: Patching | None = None


def _innermost() -> Interception | None:
    return _entered[-1] if _entered else None


def _enter(interception: Interception) -> None:
    global _patching
    with _lock:
        if interception in _entered:
            raise UserError("this interception is entered already; make another one: testcard.intercept()")
        _entered.append(interception)
        if _patching is None:
            _patching = Patching(_innermost)
            _patching.begin()


def _leave(interception: Interception) -> None:
    global _patching
    with _lock:
        _entered.remove(interception)
        if not _entered and _patching is not None:
            _patching.end()
            _patching = None
