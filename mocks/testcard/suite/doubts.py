"""Which readings matter to a client: those that would have changed an answer it got.

After a call its answers are worked out again under each other reading, in-process. A client that would have seen the
same bytes would have done the same, so only what is left has to be played.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from testcard.contract import open_ledger
from testcard.exchange import Request
from testcard.server.switchboard import Switchboard
from testcard.world.journal import Entry
from testcard.world.world import World

__all__ = ["Choices", "choices", "consulted", "swayed"]

Choices = Mapping[str, Mapping[str, str]]
"""Readings other than the documented ones, by the name under which a verdict speaks of them."""


def choices(api: str) -> Choices:
    """Every reading of an API that can be switched to, one by one, and all that are observed, together."""
    ledger = [entry for entry in open_ledger((api,)) if entry.switchable]
    single = {
        f"{entry.id}={name}": {entry.id: name}
        for entry in ledger
        for name in entry.readings
        if name != entry.documented
    }
    observed = {entry.id: entry.observed for entry in ledger if entry.observed != entry.documented}
    return single | ({"dialect=observed": observed} if observed else {})


def consulted(world: World, others: Choices) -> Choices:
    """The choices that ask for another reading of an entry which *world* consulted since this was last called."""
    entries = frozenset(world.consulted)
    world.consulted.clear()
    return {name: readings for name, readings in others.items() if entries & readings.keys()}


def swayed(
    switchboard: Switchboard,
    world: World,
    traffic: Sequence[Entry],
    others: Choices,
    questions: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The names of the choices under which some request of *traffic* would have been answered otherwise.

    What was written cannot be asked for again: then all choices count. *questions* are POSTs that write nothing.
    """
    if not all(_can_be_asked_again(entry, questions) for entry in traffic):
        return frozenset(others)
    found = frozenset(_differing(switchboard, world, traffic, others))
    world.consulted.clear()  # it was we who asked
    return found


def _can_be_asked_again(entry: Entry, questions: frozenset[str]) -> bool:
    if entry.faults or entry.status is None or entry.request_size > len(entry.request_body):
        return False
    return entry.method == "GET" or entry.operation in questions


def _differing(switchboard: Switchboard, world: World, traffic: Sequence[Entry], others: Choices) -> Iterator[str]:
    in_force = world.readings()
    before = [_answer(switchboard, entry) for entry in traffic] if others else []
    for name, readings in others.items():
        world.choose(readings)
        if any(_answer(switchboard, entry) != answer for entry, answer in zip(traffic, before, strict=True)):
            yield name
        world.choose({identity: in_force[identity] for identity in readings})


def _answer(switchboard: Switchboard, entry: Entry) -> tuple[Any, ...]:
    """Status, headers and body, without a trace in the journal."""
    parts = urlsplit(entry.url)
    request = Request(entry.method, parts.path, parts.query, entry.request_headers, entry.request_body)
    plan = switchboard.plan(request)
    if plan.exchange is None or plan.route is None or plan.world is None or plan.address is None:
        return ()
    reply, _ = plan.exchange.answer(plan.route, request, plan.world, plan.address)
    return reply.status, reply.headers, reply.content()
