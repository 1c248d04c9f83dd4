"""`testcard replay`: judge a recording again, without a network."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from testcard.errors import UserError
from testcard.live.recording import replay, snapshots

__all__ = ["judge_recording"]


def judge_recording(folder: str, *, fail_on: str | None, as_json: bool) -> int:
    """Judge the latest snapshot of each API below *folder*, or the one that it is; returns the exit code."""
    found = snapshots(Path(folder))
    if not found:
        raise UserError(f"{folder}: no recording there; testcard live --record DIR makes one")
    reports = [replay(paths[-1]) for paths in found.values()]
    if as_json:
        click.echo(orjson.dumps([report.as_json() for report in reports], option=orjson.OPT_INDENT_2))
    for report in [] if as_json else reports:
        click.echo(f"{report.source}")
        click.echo("\n".join(report.lines()))
    codes = {report.exit_code(fail_on_drift=fail_on == "drift") for report in reports}
    return 1 if 1 in codes else 0 if 0 in codes else 4
