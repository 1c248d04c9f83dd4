"""What a client under test finds in its environment: addresses and credentials, under fixed names."""

from __future__ import annotations

from collections.abc import Iterable

from testcard.exchange import Exchange
from testcard.world.credentials import Holder
from testcard.world.world import DEFAULT, World

__all__ = ["environment", "holder_environment", "world_root"]


def world_root(root: str, world: World) -> str:
    """The address under which *world* is reached; *root* is the server's."""
    return root if world.id == DEFAULT else f"{root}/~{world.id}"


def environment(exchanges: Iterable[Exchange], world: World, root: str) -> dict[str, str]:
    """All ``TESTCARD_…`` variables of a world: those of each API's first user, and ``TESTCARD_URL``."""
    variables = {"TESTCARD_URL": world_root(root, world)}
    for exchange in exchanges:
        exchange.open(world)
        holders = world.credentials.holders(exchange.name)
        if holders:
            variables |= holder_environment(exchange, world, holders[0], root)
    return variables


def holder_environment(exchange: Exchange, world: World, holder: Holder, root: str) -> dict[str, str]:
    """The variables of one user or customer."""
    variables = exchange.parts[0].environment(world, holder, world_root(root, world))
    return {f"TESTCARD_{exchange.name.upper()}_{name}": value for name, value in variables.items()}
