"""The traffic, request by request: each leads to an operation, and has what that operation takes."""

from __future__ import annotations

from collections.abc import Iterator

from testcard.suite.rules.registry import Case, rule

__all__: list[str] = []


@rule(
    "TRA-01",
    "A request has only parameters that its operation has.",
    clause="the operation's parameters",
    severity="must",
    channel="traffic",
)
def _unknown_parameter(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        for note in entry.notes:
            if "is not a parameter" in note:
                yield f"request {entry.id}: {note}"
                return


@rule(
    "TRA-02",
    "A request's parameters and body are what its operation allows.",
    clause="the operation's parameters and request body",
    severity="must",
    channel="traffic",
)
def _invalid(case: Case) -> Iterator[str]:
    if case.take.outcome.kind != "watched" and any("invalid" in truth.fails for truth in case.truths):
        return
    for entry in case.take.traffic:
        if entry.verdict == "contract":
            yield f"request {entry.id}: {entry.explanation}"
            return


@rule(
    "TRA-03",
    "A request leads to an operation of the API.",
    clause="the API's paths",
    severity="must",
    channel="traffic",
)
def _unmatched(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        if entry.verdict == "unmatched":
            yield f"request {entry.id}: {entry.method} {entry.url}: {entry.explanation}"
            return
