"""One walk from beginning to end: log in, ask, judge each answer, then judge what they say together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from testcard.live.addresses import Addresses
from testcard.live.report import Report, judge_walk
from testcard.live.seen import Answer
from testcard.live.subject import Step, Subject, operations_of
from testcard.live.talk import Talk
from testcard.live.wire import Spent, Wire

__all__ = ["calls_of", "judge_service", "open_wire"]


def open_wire(
    subject: Subject,
    addresses: Addresses,
    *,
    budget: int,
    delay_s: float,
    ca_file: str | None = None,
    writes: bool = False,
) -> Wire:
    """A wire that reaches only the hosts of the allowed operations, and posts only what is allowed."""
    allowed = [(operation, addresses.of(operation)) for operation, _ in subject.allowed(writes=writes)]
    others = [(operation.method, url) for operation, url in allowed if operation.method != "GET"]
    hosts = list(dict.fromkeys(urlsplit(url).netloc for _, url in allowed))
    return Wire(hosts, budget, delay_s, others, ca_file, addresses.storage)


def calls_of(subject: Subject, addresses: Addresses, *, with_token: bool, writes: bool = False) -> list[str]:
    """Every call that a walk may make, one a line: how often, method, address and why."""
    lines = []
    if with_token:
        operation = operations_of(subject.api)[subject.token_operation][1]
        lines.append(f"  1 x {operation.method} {addresses.of(operation)}  a token")
    steps = (*subject.steps, *(subject.scratch if writes else ()))
    return [*lines, *(_call(subject, addresses, step) for step in steps)]


def _call(subject: Subject, addresses: Addresses, step: Step) -> str:
    if not step.operation:
        return f"{step.at_most:3} x GET {' or '.join(addresses.storage)}  {step.why}"
    operation = operations_of(subject.api)[step.operation][1]
    names = [*([f"{operation.variant[0]}={operation.variant[1]}"] if operation.variant else []), *step.query]
    query = f"?{'&'.join(names)}" if names else ""
    return f"{step.at_most:3} x {operation.method} {addresses.of(operation)}{query}  {step.why}"


def judge_service(
    subject: Subject,
    wire: Wire,
    addresses: Addresses,
    credentials: Mapping[str, str],
    now: datetime,
    heard: Callable[[Answer], None] | None = None,
    *,
    given: Mapping[str, str] | None = None,
    writes: bool = False,
) -> Report:
    """Walk and judge. `NotReady` when the service cannot be reached or refuses us.

    What a walk made and could not remove is in the report, or a note on the exception that ended it.
    """
    talk = Talk(subject, wire, addresses, credentials, now, heard, given)
    report = Report(subject.api, " ".join(wire.hosts))
    walks = [subject.walk, *([subject.write] if writes and subject.write else [])]
    try:
        talk.log_in()
        for walk in walks:
            _walk(walk, talk)
    except Spent:
        report.ended_early = f"the budget of {wire.budget} requests is used up"
    except BaseException as error:
        for each in talk.left_behind:
            error.add_note(f"left behind: {each}")
        raise
    report.requests = wire.sent
    report.findings = list(talk.findings)
    report.left_behind = tuple(talk.left_behind)
    judge_walk(subject, talk.seen, report)
    report.not_checked += tuple(talk.not_checked)
    return report


def _walk(walk: Callable[[Talk], None], talk: Talk) -> None:
    """An answer that broke its schema may lack what the walk needs to go on: that is a finding already."""
    with contextlib.suppress(KeyError, TypeError, IndexError, ValueError, AttributeError):
        walk(talk)
