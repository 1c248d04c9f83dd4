"""`testcard serve`: the mocks on a socket, with a banner for people and a line for scripts."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from testcard.apis import APIS, check_names
from testcard.control.environment import environment
from testcard.control.putting import put_rows
from testcard.control.row_files import read_folder
from testcard.errors import UserError
from testcard.server.build import build
from testcard.server.serving import Serving
from testcard.server.switchboard import Switchboard
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe

__all__ = ["chosen_readings", "serve_mocks"]


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
    fixtures: str | None,
    world: str | None,
    readings_from: str | None,
    log_requests: bool,
    log_json: bool,
    metrics: bool,
) -> None:
    """Serve until a signal comes. Raises `UserError` for options that do not fit, `NotReady` for a busy port."""
    chosen = {**_recorded(readings_from), **chosen_readings(readings)}
    recipe = Recipe(seed, profile, parse_instant(now) if now else None, None, dialect, chosen)
    _guard(host, control_token)
    switchboard = build(
        apis, recipe, extensions=not without_extensions, max_worlds=max_worlds, control_token=control_token
    )
    _furnish(switchboard, fixtures, world)
    _watch(switchboard, lines=log_requests, as_json=log_json, metrics=metrics)
    serving = Serving(switchboard, host=host, port=port)
    _banner(switchboard, serving.url)
    gc.freeze()  # contracts and modules stay as long as the server: no collection need look at them
    gc.enable()
    serving.run(lambda: print(f"ready url={serving.url} pid={os.getpid()}", flush=True))


def chosen_readings(readings: Sequence[str]) -> dict[str, str]:
    """What ``--reading ID=NAME`` asks for, each; `UserError` for one that is not of that form."""
    chosen = {}
    for each in readings:
        identity, equals, name = each.partition("=")
        if not equals:
            raise UserError(f"--reading {each!r}: expected ID=NAME, for example VC-01=pages")
        chosen[identity] = name
    return chosen


def _recorded(folder: str | None) -> dict[str, str]:
    """The readings that a recording of real services shows."""
    if folder is None:
        return {}
    from testcard.live.recording import readings_from

    return readings_from(Path(folder))


def _guard(host: str, control_token: str | None) -> None:
    """Whoever reaches the control interface can do anything with the worlds."""
    if host not in ("127.0.0.1", "::1", "localhost") and not control_token:
        raise UserError(f"--host {host} opens /_testcard to others: add --control-token TOKEN, which it then asks for")


def _furnish(switchboard: Switchboard, fixtures: str | None, snapshot: str | None) -> None:
    """Put the default world back to a snapshot, and explicit rows into it."""
    world = switchboard.worlds.default
    if snapshot is not None:
        from testcard.control.snapshots import restore

        try:
            with Path(snapshot).open("rb") as file:
                restore(world, file, switchboard.worlds.check)
        except OSError as error:
            raise UserError(f"--world {snapshot}: {error.strerror}") from None
    if fixtures is not None:
        for name, rows in read_folder(Path(fixtures)):
            api, _, table = name.partition("/")
            check_names([api])
            put_rows(switchboard.exchange(api), world, table, rows, replace=True)


def _watch(switchboard: Switchboard, *, lines: bool, as_json: bool, metrics: bool) -> None:
    if not (lines or as_json or metrics):
        return
    from testcard.commands import watching

    if lines:
        switchboard.watchers.append(watching.log_lines)
    if as_json:
        switchboard.watchers.append(watching.log_json)
    if metrics:
        counters = watching.Metrics()
        switchboard.watchers.append(counters.watch)
        switchboard.metrics = counters.render


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
