"""`testcard serve`: the mocks on a socket, with a banner for people and a line for scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from testcard.apis import APIS
from testcard.control.environment import environment
from testcard.errors import UserError
from testcard.server.build import build
from testcard.server.serving import Serving
from testcard.server.switchboard import Switchboard
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe

__all__ = ["serve_mocks"]


def serve_mocks(
    *,
    host: str,
    port: int,
    seed: int,
    profile: str,
    now: str | None,
    dialect: str,
    readings: Sequence[str],
    apis: Sequence[str],
    without_extensions: bool,
    max_worlds: int,
    control_token: str | None,
) -> None:
    """Serve until a signal comes. Raises `UserError` for options that do not fit, `NotReady` for a busy port."""
    recipe = Recipe(seed, profile, parse_instant(now) if now else None, None, dialect, _chosen(readings))
    _guard(host, control_token)
    switchboard = build(
        apis, recipe, extensions=not without_extensions, max_worlds=max_worlds, control_token=control_token
    )
    serving = Serving(switchboard, host=host, port=port)
    _banner(switchboard, serving.url)
    serving.run(lambda: print(f"ready url={serving.url} pid={os.getpid()}", flush=True))


def _chosen(readings: Sequence[str]) -> dict[str, str]:
    chosen = {}
    for each in readings:
        identity, equals, name = each.partition("=")
        if not equals:
            raise UserError(f"--reading {each!r}: expected ID=NAME, for example VC-01=pages")
        chosen[identity] = name
    return chosen


def _guard(host: str, control_token: str | None) -> None:
    """Whoever reaches the control interface can do anything with the worlds."""
    if host not in ("127.0.0.1", "::1", "localhost") and not control_token:
        raise UserError(f"--host {host} opens /_testcard to others: add --control-token TOKEN, which it then asks for")


def _banner(switchboard: Switchboard, url: str) -> None:
    """A table of addresses and credentials; the line that a script can wait for comes when signals are heeded."""
    names = [name for name in switchboard.names if name in APIS]
    variables = environment([switchboard.exchange(name) for name in names], switchboard.worlds.default, url)
    print_table = _rich_table if sys.stdout.isatty() else _plain_table
    print_table(names, variables)


def _plain_table(names: Sequence[str], variables: dict[str, str]) -> None:
    for name in names:
        print(APIS[name].title)
        for variable, value in variables.items():
            if variable.startswith(f"TESTCARD_{name.upper()}_"):
                print(f"  {variable}={value}")
    print("control and health: /_testcard; the same variables: testcard env")


def _rich_table(names: Sequence[str], variables: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="testcard: the mocks are running", title_style="bold", show_lines=False)
    table.add_column("API", style="bold cyan", no_wrap=True)
    table.add_column("variable", style="green", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name in names:
        label = APIS[name].title
        for variable, value in variables.items():
            if variable.startswith(f"TESTCARD_{name.upper()}_"):
                table.add_row(label, variable, value)
                label = ""
        table.add_section()
    Console().print(table)
