"""`testcard run`: a command whose hosts are hard-coded meets the mocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from testcard.commands.serve import chosen_readings
from testcard.reach.running import run
from testcard.server.build import build
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe

__all__ = ["run_command"]

_REFUSED = 1


def run_command(
    *,
    command: Sequence[str],
    seed: int,
    profile: str,
    now: str | None,
    dialect: str,
    readings: Sequence[str],
    allowed: Sequence[str],
) -> None:
    """Exit with the command's code, or with 1 where all went well but a host was refused."""
    recipe = Recipe(seed, profile, parse_instant(now) if now else None, None, dialect, chosen_readings(readings))
    ran = run(command, build(recipe=recipe), os.environ, allowed=allowed, say=_say)
    for host, count in ran.refused.items():
        _say(f"{host}: refused {count} time{'s' if count > 1 else ''}; --allow-host {host} would let it through")
    if not ran.answered:
        _say("no request reached the mocks: the command asked for no documented host, or went round the proxy")
    sys.exit(ran.code or (_REFUSED if ran.refused else 0))


def _say(text: str) -> None:
    click.echo(f"testcard run: {text}", err=True)
