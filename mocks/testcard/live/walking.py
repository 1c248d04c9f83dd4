"""One walk from beginning to end: log in, ask, judge each answer, then judge what they say together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from testcard.live.report import Report, judge_walk
from testcard.live.subject import Answer, Subject
from testcard.live.talk import Addresses, Talk
from testcard.live.wire import Spent, Wire

__all__ = ["calls_of", "judge_service", "open_wire"]


def open_wire(
    subject: Subject, addresses: Addresses, *, budget: int, delay_s: float, ca_file: str | None = None
) -> Wire:
    """A wire that reaches only the hosts of the allowed operations, and posts only what is a documented query."""
    allowed = [(operation, addresses.of(operation)) for operation, _ in subject.allowed()]
    posts = [url for operation, url in allowed if operation.method == "POST"]
    hosts = list(dict.fromkeys(urlsplit(url).netloc for _, url in allowed))
    return Wire(hosts, budget, delay_s, posts, ca_file)


def calls_of(subject: Subject, addresses: Addresses, *, with_token: bool) -> list[str]:
    """Every call that a walk may make, one a line: how often, method, address and why."""
    operations = {operation.id: operation for operation, _ in subject.allowed()}
    lines = []
    if with_token:
        operation = operations[subject.token_operation]
        lines.append(f"  1 x {operation.method} {addresses.of(operation)}  a token")
    for step in subject.steps:
        operation = operations[step.operation]
        names = [*([f"{operation.variant[0]}={operation.variant[1]}"] if operation.variant else []), *step.query]
        query = f"?{'&'.join(names)}" if names else ""
        lines.append(f"{step.at_most:3} x {operation.method} {addresses.of(operation)}{query}  {step.why}")
    return lines


def judge_service(
    subject: Subject,
    wire: Wire,
    addresses: Addresses,
    credentials: Mapping[str, str],
    now: datetime,
    heard: Callable[[Answer], None] | None = None,
) -> Report:
    """Walk and judge. `NotReady` when the service cannot be reached or refuses us."""
    talk = Talk(subject, wire, addresses, credentials, now, heard)
    report = Report(subject.api, " ".join(wire.hosts))
    with contextlib.suppress(KeyError, TypeError, IndexError, ValueError, AttributeError):
        # an answer that broke its schema may lack what the walk needs to go on: that is a finding already
        try:
            talk.log_in()
            subject.walk(talk)
        except Spent:
            report.ended_early = f"the budget of {wire.budget} requests is used up"
    report.requests = wire.sent
    report.findings = list(talk.findings)
    judge_walk(subject, talk.seen, report)
    return report
