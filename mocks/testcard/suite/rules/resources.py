"""The resources: a client ends, and does not hammer."""

from __future__ import annotations

from collections.abc import Iterator

from testcard.suite.rules.evidence import asked_to_wait
from testcard.suite.rules.registry import Case, rule

__all__: list[str] = []

_MAX_CALLS = 500


@rule("RES-01", "A call ends.", clause="time", severity="must", channel="resources")
def _hangs(case: Case) -> Iterator[str]:
    if case.take.outcome.kind == "hung" and not _waits(case):
        yield f"{case.take.outcome.message}; {len(case.take.traffic)} requests were sent"


def _waits(case: Case) -> bool:
    """Whether it was told to wait for longer than it has been waiting."""
    traffic = case.take.traffic
    if not traffic or (asked := asked_to_wait(traffic[-1])) is None:
        return False
    answered = traffic[-1].wall_time + traffic[-1].duration_s - traffic[0].wall_time
    return case.take.seconds - answered < asked


@rule("RES-02", "A call does not end the client's process.", clause="robustness", severity="must", channel="resources")
def _crashes(case: Case) -> Iterator[str]:
    if case.take.outcome.kind == "crashed":
        yield case.take.outcome.message


@rule("RES-03", "A call sends no more requests than it needs.", clause="load", severity="must", channel="resources")
def _hammers(case: Case) -> Iterator[str]:
    if len(case.take.traffic) > _MAX_CALLS:
        yield f"{len(case.take.traffic)} requests for one call; {_MAX_CALLS} are more than enough"
