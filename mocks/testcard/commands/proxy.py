"""`testcard proxy`: stand between a client and the real service, judge both, change nothing."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from testcard.apis import check_names
from testcard.live.judging import Finding
from testcard.live.proxy import Proxy
from testcard.live.recording import Recording
from testcard.live.subject import open_subject
from testcard.live.traffic import Judge
from testcard.world.journal import Entry

__all__ = ["stand_between"]


def stand_between(
    *,
    api: str,
    upstream: str,
    port: int,
    record: str | None,
    as_json: bool,
    fail_on: str | None,
    ca_file: str | None,
) -> int:
    """Serve until a signal comes, then report; returns the exit code."""
    check_names([api])
    recording = Recording(Path(record), open_subject(api), datetime.now(UTC)) if record else None
    judge = Judge(api, upstream, recording.add if recording else None)
    proxy = Proxy(upstream, judge, port, ca_file, _say)
    server = proxy.open()
    stop = threading.Event()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    click.echo(f"ready url=http://127.0.0.1:{server.server_address[1]} upstream={upstream}", err=as_json)
    stop.wait()
    server.shutdown()
    server.server_close()
    report = judge.finish()
    if recording:
        recording.finish(report)
    if as_json:
        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(report.lines()))
    return report.exit_code(fail_on_drift=fail_on == "drift")


def _say(entry: Entry, findings: list[Finding]) -> None:
    """One line for each exchange, without its query: that may hold anything."""
    operation = entry.operation or "no operation"
    click.echo(f"{entry.method} {entry.url.partition('?')[0]} {entry.status} {operation}", err=True)
    for each in findings:
        click.echo(f"  {'drift  ' if each.is_drift else ''}{each.rule}  {each}", err=True)
