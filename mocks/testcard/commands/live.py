"""`testcard live`: judge a real service, and say beforehand what that takes."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from testcard.errors import UserError
from testcard.live.addresses import Addresses
from testcard.live.recording import Recording
from testcard.live.subject import Subject, open_subject
from testcard.live.walking import calls_of, judge_service, open_wire
from testcard.live.wire import Wire

__all__ = ["judge_live"]


def judge_live(
    *,
    api: str,
    base_url: str | None,
    token_url: str | None,
    budget: int,
    delay: float,
    dry_run: bool,
    allow_writes: bool,
    fail_on: str | None,
    as_json: bool,
    record: str | None,
    credentials_file: str | None,
    ca_file: str | None,
) -> int:
    """Walk the service and print the report; returns the exit code."""
    subject = open_subject(api)
    if allow_writes and not subject.write:
        raise UserError(f"--allow-writes: of {api} nothing is ever written")
    variables = _variables(subject, credentials_file)
    addresses = Addresses(subject, variables, base_url or "", token_url or "")
    credentials = {} if dry_run else _credentials(subject, variables)
    wire = open_wire(subject, addresses, budget=budget, delay_s=delay, ca_file=ca_file, writes=allow_writes)
    _announce(subject, addresses, wire, writes=allow_writes, to_stderr=as_json)
    if dry_run:
        needs_token = bool(subject.token_operation) and "TOKEN" not in variables
        calls = calls_of(subject, addresses, with_token=needs_token, writes=allow_writes)
        click.echo("\n".join(["every call that the walk may make:", *calls]))
        return 0
    now = datetime.now(UTC)
    recording = Recording(Path(record), subject, now) if record else None
    heard = recording.add if recording else None
    given = {name: variables[name] for name in subject.given if name in variables}
    with _loud() if allow_writes else contextlib.nullcontext():
        report = judge_service(subject, wire, addresses, credentials, now, heard, given=given, writes=allow_writes)
    if recording:
        recording.finish(report)
    if as_json:
        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(report.lines()))
    for each in report.left_behind:
        click.echo(f"left behind: {each}", err=True)
    return report.exit_code(fail_on_drift=fail_on == "drift")


@contextlib.contextmanager
def _loud() -> Iterator[None]:
    """While something may be written: a termination is an interruption, which cleans up, and what stays is named."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BaseException as error:
        for note in getattr(error, "__notes__", ()):
            click.echo(note, err=True)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _announce(subject: Subject, addresses: Addresses, wire: Wire, *, writes: bool, to_stderr: bool) -> None:
    """The allow-list, before anything is sent."""
    hosts = ", ".join(wire.hosts)
    click.echo(f"allowed, at {hosts}; at most {wire.budget} requests, {wire.delay_s:g} s apart:", err=to_stderr)
    for operation, why in subject.allowed(writes=writes):
        click.echo(f"  {operation.method} {addresses.of(operation)}  {operation.id} ({why})", err=to_stderr)
    if subject.storage:
        click.echo(f"  GET {' or '.join(addresses.storage)}  a file behind a link, without credentials", err=to_stderr)


def _variables(subject: Subject, file: str | None) -> dict[str, str]:
    """The ``TESTCARD_<API>_…`` variables without their prefix, of the file or of the environment."""
    prefix = f"TESTCARD_{subject.api.upper()}_"
    source: Mapping[str, str] = _dotenv(Path(file)) if file else os.environ
    return {name.removeprefix(prefix): value for name, value in source.items() if name.startswith(prefix) and value}


def _credentials(subject: Subject, variables: Mapping[str, str]) -> dict[str, str]:
    for way in subject.ways:
        if all(name in variables for name in way):
            return {name: variables[name] for name in way}
    prefix = f"TESTCARD_{subject.api.upper()}_"
    ways = ", or ".join(" and ".join(prefix + name for name in way) for way in subject.ways)
    raise UserError(f"{subject.api}: no credentials; set {ways}, or name a file with --credentials FILE")


def _dotenv(path: Path) -> dict[str, str]:
    """The variables of a dotenv file; what `testcard env --format dotenv` and shells write is read alike."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--credentials {path}: {getattr(error, 'strerror', 'not text')}") from None
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, equals, value in pairs if equals}
