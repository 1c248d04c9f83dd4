"""`testcard run`: a command whose hosts are hard-coded meets the mocks."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from testcard.commands.serve import chosen_readings
from testcard.errors import UserError
from testcard.reach.running import Ran, run
from testcard.server.build import build
from testcard.server.switchboard import Switchboard
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe

__all__ = ["run_command"]

_REFUSED = 1


def run_command(
    *,
    command: Sequence[str],
    judge: bool,
    seed: int,
    profile: str,
    now: str | None,
    dialect: str,
    readings: Sequence[str],
    allowed: Sequence[str],
    reports: Sequence[str],
    as_json: bool,
) -> None:
    """Exit with the command's code, or with 1 where all went well but a host was refused, or with the verdict's."""
    from testcard.commands.verify import wanted_reports

    wanted = wanted_reports(reports)
    if not judge and (wanted or as_json):
        raise UserError("--report and --json tell a verdict: say --judge too")
    recipe = Recipe(seed, profile, parse_instant(now) if now else None, None, dialect, chosen_readings(readings))
    switchboard = build(recipe=recipe)
    with contextlib.closing(switchboard.worlds):
        if judge:
            from testcard.suite.traffic_only import keep_traffic

            keep_traffic(switchboard)
        ran = run(command, switchboard, os.environ, allowed=allowed, say=_say)
        _report(ran)
        verdict = _judged(switchboard, ran, wanted, as_json=as_json) if judge else 0
    sys.exit(ran.code or (_REFUSED if ran.refused else verdict))


def _report(ran: Ran) -> None:
    for host, count in ran.refused.items():
        _say(f"{host}: refused {count} time{'s' if count > 1 else ''}; --allow-host {host} would let it through")
    if not ran.answered:
        _say("no request reached the mocks: the command asked for no documented host, or went round the proxy")


def _judged(switchboard: Switchboard, ran: Ran, wanted: Sequence[tuple[str, Path]], *, as_json: bool) -> int:
    """Tell the verdicts on the command's traffic, as text where its own output is not, and return the exit code."""
    from rich.console import Console

    from testcard.commands.verify import exit_code
    from testcard.suite.reports import write_report
    from testcard.suite.reports.terminal import print_verdict
    from testcard.suite.subjects import SUBJECTS
    from testcard.suite.traffic_only import judge_traffic

    verdicts = judge_traffic(switchboard, list(SUBJECTS), ran.variables, ran.seconds)
    shown = [verdict for verdict in verdicts if verdict.checked or verdict.violations] or verdicts[:1]
    for form, path in wanted:
        write_report(form, shown, path)
    if as_json:
        write_report("json", shown, None)
        return exit_code(shown)
    for verdict in shown:
        print_verdict(verdict, Console(stderr=True, soft_wrap=True, highlight=False))
    return exit_code(shown)


def _say(text: str) -> None:
    click.echo(f"testcard run: {text}", err=True)
