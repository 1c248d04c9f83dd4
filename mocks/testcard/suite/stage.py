"""Where scenarios are played: a server of our own, a world for each, and everything that can be seen of a client."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from testcard.control.environment import environment, holder_environment
from testcard.control.putting import put_rows
from testcard.exchange import Exchange
from testcard.server.build import build
from testcard.server.serving import Serving
from testcard.suite.doubts import Choices, consulted, swayed
from testcard.suite.drivers import Driver
from testcard.suite.protocol import Asked, Outcome
from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects import open_subject
from testcard.world.clock import parse_instant
from testcard.world.journal import Entry
from testcard.world.world import Recipe, World

__all__ = ["Play", "Stage", "Take"]

_BODY_KEPT = 8 * 1024 * 1024  # a judge reads whole pages


@dataclass(frozen=True)
class Take:
    """One step as it was played: what was asked, what came back, and all that was sent meanwhile.

    *rows* are the world's explicit rows at that moment, *readings* those in force, *now* its instant before the call;
    *struck* maps the faults that took effect to their specifications. *before* are the takes that led here: what they
    wrote is not in the rows. *swayed* names the choices of readings that would have changed what the client saw.
    """

    step: Step
    asked: Asked
    outcome: Outcome
    traffic: Sequence[Entry]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    readings: Mapping[str, str]
    now: datetime
    seconds: float
    said: str = ""
    struck: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    before: Sequence[Take] = ()
    grants: Mapping[str, Any] = field(default_factory=dict)
    swayed: frozenset[str] = frozenset()

    @property
    def moments(self) -> list[Take]:
        """The take with the rows of its start; and, where they changed under way, with those of its end."""
        after = rows_after(self)
        return [self] if after is self.rows else [self, replace(self, rows=after)]


def rows_after(take: Take) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The explicit rows when a take was over: a fault may have changed them."""
    rows = take.rows
    for fault in take.struck.values():
        if fault["kind"] == "rows-changed":
            table = str(fault["table"]).partition("/")[2]
            gone = set(fault.get("delete", ()))
            kept = [row for at, row in enumerate(rows.get(table, ())) if at not in gone]
            rows = {**rows, table: [*kept, *fault.get("insert", ())]}
    return rows


def resolved(value: Any, outcomes: Sequence[Outcome], env: Mapping[str, str]) -> Any:
    """Arguments with what the scenario could not know: ``{"$result": 0}``, what the first step returned, and
    ``{"$env": NAME}``, a variable. `LookupError` where the step returned nothing."""
    if isinstance(value, list):
        return [resolved(each, outcomes, env) for each in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"$env"}:
        return env[value["$env"]]
    if set(value) == {"$result"}:
        outcome = outcomes[value["$result"]]
        if outcome.kind != "ok" or outcome.result is None:
            raise LookupError(f"step {value['$result']} returned nothing")
        return outcome.result
    return {name: resolved(each, outcomes, env) for name, each in value.items()}


@dataclass(frozen=True)
class Play:
    """A scenario with its takes."""

    scenario: Scenario
    takes: Sequence[Take]

    @property
    def swayed(self) -> frozenset[str]:
        """The choices of readings under which it may end otherwise."""
        return frozenset().union(*(take.swayed for take in self.takes))


class Stage:
    """A server for the whole run; each scenario gets a world and leaves nothing behind."""

    def __init__(self, api: str) -> None:
        self.api = api
        self._questions = open_subject(api).questions
        self._switchboard = build([api])
        self._serving = Serving(self._switchboard, host="127.0.0.1", port=0)
        self._thread = threading.Thread(target=self._serving.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self._serving.wait_until_ready(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.stop()
        self._thread.join(10)

    @property
    def exchange(self) -> Exchange:
        """The API under which clients are judged."""
        return self._switchboard.exchange(self.api)

    def play(
        self, scenario: Scenario, driver: Driver, *, timeout_s: float, choices: Choices = MappingProxyType({})
    ) -> Play:
        """Play every step; a hang or a crash ends the scenario there. *choices* are those to tell of what they sway."""
        recipe = Recipe(
            scenario.seed,
            scenario.profile,
            parse_instant(scenario.now) if scenario.now else None,
            dialect=scenario.dialect,
            readings=scenario.readings,
        )
        world = self._switchboard.worlds.create(recipe)
        world.journal.body_limit = _BODY_KEPT
        try:
            self._put(world, scenario.rows)
            for fault in scenario.faults:
                world.faults.add(fault)
            return Play(scenario, self._takes(scenario, world, driver, timeout_s, choices))
        finally:
            self._switchboard.worlds.drop(world.id)

    def _takes(
        self, scenario: Scenario, world: World, driver: Driver, timeout_s: float, choices: Choices
    ) -> list[Take]:
        takes: list[Take] = []
        rows = dict(scenario.rows)
        env = self._environment(scenario, world)  # once: a token in it ends as any does
        for number, step in enumerate(scenario.steps):
            if step.advance_s:
                world.clock.advance(step.advance_s)
            if step.rows:
                rows |= step.rows
                self._put(world, step.rows)
            try:
                arguments = resolved(step.arguments, [take.outcome for take in takes], env)
            except LookupError:
                break  # there is nothing to ask for
            played = replace(step, arguments=arguments, fresh=step.fresh or number == 0)
            prepared = consulted(world, choices)  # before any answer: what was made then is not made again
            take = self._take(played, world, driver, env, rows, timeout_s)
            other = swayed(self._switchboard, world, take.traffic, consulted(world, choices), self._questions)
            takes.append(replace(take, before=tuple(takes), grants=scenario.grants, swayed=other.union(prepared)))
            rows = dict(rows_after(takes[-1]))
            if takes[-1].outcome.kind in ("hung", "crashed"):
                break
        return takes

    def _environment(self, scenario: Scenario, world: World) -> dict[str, str]:
        variables = environment([self.exchange], world, self.url)
        if scenario.grants:
            holder = self.exchange.parts[0].grant(world, "the client's own", scenario.grants)
            variables |= holder_environment(self.exchange, world, holder, self.url)
        return variables

    def _take(
        self,
        step: Step,
        world: World,
        driver: Driver,
        env: Mapping[str, str],
        rows: Mapping[str, Any],
        timeout_s: float,
    ) -> Take:
        if not step.token:
            env = {name: value for name, value in env.items() if not name.endswith("_TOKEN") or "REFRESH" in name}
        asked = Asked(step.operation, step.arguments, env, step.fresh)
        seen = max((entry.id for entry in world.journal), default=0)
        now, began = world.now(), time.monotonic()
        outcome = driver.call(asked, timeout_s)
        seconds = time.monotonic() - began
        traffic = [entry for entry in world.journal if entry.id > seen]
        struck = {name for entry in traffic for name in entry.faults}
        faults = {fault.id: dict(fault.spec) for fault in world.faults if fault.id in struck}
        return Take(step, asked, outcome, traffic, dict(rows), world.readings(), now, seconds, driver.said(), faults)

    def _put(self, world: World, rows: Mapping[str, Any]) -> None:
        for table, content in rows.items():
            put_rows(self.exchange, world, table, content, replace=True)
