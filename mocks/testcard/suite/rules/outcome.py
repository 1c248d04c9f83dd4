"""The outcome: the client returned the exact truth, or failed loudly with a fitting class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from testcard.suite.compare import difference
from testcard.suite.rules.registry import Case, rule

__all__: list[str] = []

# What a client may call the failure that a fault leads to.
_FITTING: Mapping[str, frozenset[str]] = {
    "stall": frozenset({"timeout", "network"}),
    "stall-body": frozenset({"timeout", "network", "protocol"}),
    "latency": frozenset({"timeout", "network"}),
    "drip": frozenset({"timeout", "network"}),
    "reset": frozenset({"network", "protocol"}),
    "truncate": frozenset({"network", "protocol"}),
    "malformed-json": frozenset({"protocol"}),
    "wrong-content-type": frozenset({"protocol"}),
    "wrong-charset": frozenset({"protocol"}),
    "wrong-encoding": frozenset({"protocol", "network"}),
    "redirect": frozenset({"protocol", "network", "other"}),
    "token-expired": frozenset({"auth"}),
    "token-revoked": frozenset({"auth"}),
    "refresh-token-revoked": frozenset({"auth"}),
    "next-repeats": frozenset({"protocol"}),
    "next-cycles": frozenset({"protocol"}),
    "rows-changed": frozenset({"protocol", "conflict", "other"}),
    "null-field": frozenset({"protocol"}),
}
_BY_STATUS = {401: "auth", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "rate-limit"}


@rule(
    "OUT-01",
    "A client returns every row there is, none twice, none altered, in the documented order; or it fails.",
    clause="the operation's 200 response; partial truth is the gravest violation",
    severity="must",
    channel="outcome",
)
def _exact(case: Case) -> Iterator[str]:
    if case.take.outcome.kind != "ok":
        return
    differences = [
        difference(truth.result, case.take.outcome.result, ordered=truth.ordered)
        for truth in case.truths
        if not truth.fails
    ]
    if differences and all(differences):
        yield min(filter(None, differences), key=len)


@rule(
    "OUT-02",
    "A client does not fail where nothing is wrong.",
    clause="the operation's 200 response",
    severity="must",
    channel="outcome",
)
def _needless(case: Case) -> Iterator[str]:
    outcome = case.take.outcome
    if outcome.kind == "failed" and not case.take.struck and not any(truth.fails for truth in case.truths):
        yield f"failed with class {outcome.failure!r} ({outcome.message}), and the service answered as documented"


@rule(
    "OUT-03",
    "A client does not turn a refusal into a result.",
    clause="the operation's 4xx responses",
    severity="must",
    channel="outcome",
)
def _swallowed(case: Case) -> Iterator[str]:
    truths = case.truths
    if case.take.outcome.kind == "ok" and all(truth.fails for truth in truths):
        classes = ", ".join(sorted(truths[0].fails))
        yield f"returned {_short(case.take.outcome.result)} where it must fail ({classes})"


@rule(
    "OUT-04",
    "A client's error says what went wrong: its class fits.",
    clause="the operation's responses; RFC 9110 section 15",
    severity="should",
    channel="outcome",
)
def _fitting(case: Case) -> Iterator[str]:
    outcome = case.take.outcome
    if outcome.kind != "failed":
        return
    wanted = set().union(*(truth.fails for truth in case.truths))
    for fault in case.take.struck.values():
        wanted |= _classes(fault)
    if wanted and case.take.traffic:
        wanted |= _named(case.take.traffic[-1].status or 0)  # it says what it was told last, and that is true
    if "auth" in wanted and any(entry.faults and entry.status == 403 for entry in case.take.traffic):
        wanted.add("forbidden")  # how some services refuse a token
    if wanted and outcome.failure not in wanted:
        yield f"called its failure {outcome.failure!r} ({outcome.message}); expected {' or '.join(sorted(wanted))}"


@rule(
    "OUT-05",
    "The totals a client returns are those of the service.",
    clause="the operation's 200 response",
    severity="must",
    channel="outcome",
)
def _totals(case: Case) -> Iterator[str]:
    outcome = case.take.outcome
    if outcome.kind != "ok" or not outcome.totals:
        return
    truths = [truth for truth in case.truths if not truth.fails]
    if truths and not any(_agree(truth.totals, outcome.totals) for truth in truths):
        yield f"returned totals {_short(outcome.totals)}; expected {_short(truths[0].totals)}"


@rule(
    "OUT-06",
    "A client gets over a fault that passes by itself.",
    clause="RFC 9110 section 15.6; RFC 6585 section 4",
    severity="should",
    channel="outcome",
)
def _gives_up(case: Case) -> Iterator[str]:
    struck = list(case.take.struck.values())
    passes = struck and case.scenario.recoverable and all(_transient(fault) for fault in struck)
    if case.take.outcome.kind == "failed" and passes and not any(truth.fails for truth in case.truths):
        yield f"gave up with {case.take.outcome.failure!r} after {struck[0]['kind']}, which passes by itself"


@rule(
    "OUT-07",
    "A client copes with what a service may always do: a field that is new, a page with fewer rows than asked for.",
    clause="the operation's 200 response and its paging",
    severity="should",
    channel="outcome",
)
def _fragile(case: Case) -> Iterator[str]:
    fair = {"unknown-field"} | ({"short-page", "capped-limit"} if case.subject.follows_links else set())
    kinds = {str(fault["kind"]) for fault in case.take.struck.values()}
    outcome = case.take.outcome
    if outcome.kind == "failed" and kinds and kinds <= fair and not any(truth.fails for truth in case.truths):
        yield f"failed with class {outcome.failure!r} ({outcome.message}) for nothing but {' and '.join(sorted(kinds))}"


@rule(
    "OUT-08",
    "What a client says it has done, the service has.",
    clause="the operations that write",
    severity="must",
    channel="outcome",
)
def _not_done(case: Case) -> Iterator[str]:
    if case.take.outcome.kind == "ok" and (shortfall := case.subject.shortfall(case.take)):
        yield shortfall


def _transient(fault: Mapping[str, Any]) -> bool:
    return fault["kind"] == "token-expired" or (fault["kind"] == "status" and fault["status"] in (429, 503))


def _classes(fault: Mapping[str, Any]) -> frozenset[str]:
    if fault["kind"] != "status":
        return _FITTING.get(fault["kind"], frozenset())
    status = int(fault["status"])
    if status < 500 and (fault.get("token") or "token" in fault.get("operation", "")):
        return frozenset({"auth", "invalid", "forbidden", "rate-limit"})  # without a token there is no access
    return _named(status)


def _named(status: int) -> frozenset[str]:
    """What a client may call an error of that status."""
    if status < 400:
        return frozenset()
    return frozenset({_BY_STATUS.get(status, "server" if status >= 500 else "invalid")})


def _agree(truth: Mapping[str, Any], returned: Mapping[str, Any]) -> bool:
    return all(truth[name] == value for name, value in returned.items() if name in truth)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 120 else f"{text[:117]}..."
