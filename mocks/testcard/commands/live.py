"""`testcard live`: judge a real service, and say beforehand what that takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from testcard.errors import UserError
from testcard.live.recording import Recording
from testcard.live.subject import Subject, open_subject
from testcard.live.talk import Addresses
from testcard.live.walking import calls_of, judge_service, open_wire

__all__ = ["judge_live"]


def judge_live(
    *,
    api: str,
    base_url: str | None,
    token_url: str | None,
    budget: int,
    delay: float,
    dry_run: bool,
    fail_on: str | None,
    as_json: bool,
    record: str | None,
    credentials_file: str | None,
    ca_file: str | None,
) -> int:
    """Walk the service and print the report; returns the exit code."""
    subject = open_subject(api)
    variables = _variables(subject, credentials_file)
    addresses = Addresses(subject, variables, base_url or "", token_url or "")
    credentials = {} if dry_run else _credentials(subject, variables)
    wire = open_wire(subject, addresses, budget=budget, delay_s=delay, ca_file=ca_file)
    _announce(subject, addresses, wire.hosts, budget, delay, to_stderr=as_json)
    if dry_run:
        needs_token = bool(subject.token_operation) and "TOKEN" not in variables
        click.echo(
            "\n".join(["every call that the walk may make:", *calls_of(subject, addresses, with_token=needs_token)])
        )
        return 0
    now = datetime.now(UTC)
    recording = Recording(Path(record), subject, now) if record else None
    heard = recording.add if recording else None
    report = judge_service(subject, wire, addresses, credentials, now, heard)
    if recording:
        recording.finish(report)
    if as_json:
        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(report.lines()))
    return report.exit_code(fail_on_drift=fail_on == "drift")


def _announce(
    subject: Subject, addresses: Addresses, hosts: object, budget: int, delay: float, *, to_stderr: bool
) -> None:
    """The allow-list, before anything is sent."""
    names = ", ".join(hosts) if isinstance(hosts, list) else ""
    click.echo(f"allowed, at {names}; at most {budget} requests, {delay:g} s apart:", err=to_stderr)
    for operation, why in subject.allowed():
        click.echo(f"  {operation.method} {addresses.of(operation)}  {operation.id} ({why})", err=to_stderr)


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
