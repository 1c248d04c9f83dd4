"""The traffic after a refusal: who waits, who tries again, what is done twice or left undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from testcard.suite.rules.evidence import asked_to_wait, credentials_of, data_calls, same_request
from testcard.suite.rules.registry import Case, rule
from testcard.world.journal import Entry

__all__: list[str] = []

_MAX_ATTEMPTS = 10
_MAX_REDIRECTS = 50  # that are followed: the most of any HTTP library in wide use
_LOSING = frozenset({"reset", "stall", "stall-body", "truncate", "malformed-json"})


@rule(
    "TRA-07",
    "Retry-After is honoured.",
    clause="RFC 9110 section 10.2.3; RFC 6585 section 4",
    severity="must",
    channel="traffic",
)
def _impatient(case: Case) -> Iterator[str]:
    in_turn = not _overlap(case.take.traffic)
    for at, entry in enumerate(case.take.traffic):
        wait = asked_to_wait(entry)
        later = case.take.traffic[at + 1 :]
        again = next(
            (each for each in later if same_request(entry, each) or (in_turn and _same_call(entry, each))), None
        )
        if wait is not None and again is not None:
            waited = again.wall_time - entry.wall_time - entry.duration_s
            if waited < wait - 0.05:
                yield f"request {again.id} came {waited:.2f} s after request {entry.id} was told to wait {wait:.2f} s"
                return


def _overlap(traffic: Sequence[Entry]) -> bool:
    """Whether requests were under way at the same time: then the next one may not know of the refusal."""
    return any(after.wall_time < before.wall_time + before.duration_s for before, after in pairwise(traffic))


def _same_call(one: Entry, other: Entry) -> bool:
    return (one.method, one.operation) == (other.method, other.operation)


@rule(
    "TRA-08",
    "Retries are bounded.",
    clause="RFC 9110 section 15.6",
    severity="must",
    channel="traffic",
)
def _unbounded(case: Case) -> Iterator[str]:
    failed: Counter[tuple[str, str, bool]] = Counter()
    for entry in case.take.traffic:
        status = entry.status or 0
        if entry.faults or status >= 500:
            redirected = 300 <= status < 400
            most = _MAX_REDIRECTS if redirected else _MAX_ATTEMPTS
            failed[entry.method, entry.url, redirected] += 1
            if failed[entry.method, entry.url, redirected] > most:
                yield f"{entry.method} {entry.url} was tried more than {most} times"
                return


@rule(
    "TRA-09",
    "What was refused for good is not sent again unchanged.",
    clause="RFC 9110 section 15.5",
    severity="must",
    channel="traffic",
)
def _refused_again(case: Case) -> Iterator[str]:
    refused: dict[tuple[str, str, bytes, str], Entry] = {}
    for entry in case.take.traffic:
        key = entry.method, entry.url, entry.request_body, str(sorted(credentials_of(entry).items()))
        if key in refused:
            first = refused[key]
            yield f"request {entry.id} repeats request {first.id} unchanged, which was refused with {first.status}"
            return
        for_good = entry.status in (400, 403, 404, 405, 409, 422) or (entry.status == 401 and credentials_of(entry))
        if for_good and not _lost(case, entry):
            refused[key] = entry


@rule(
    "TRA-15",
    "What may have been done is not done again: a change whose answer was lost is not simply repeated.",
    clause="RFC 9110 section 9.2.2",
    severity="must",
    channel="traffic",
)
def _repeated(case: Case) -> Iterator[str]:
    lost: list[Entry] = []
    harmless = case.subject.questions | case.subject.repeatable
    for entry in data_calls(case):
        if entry.method not in ("POST", "PATCH") or entry.operation in harmless:
            continue
        first = next((each for each in lost if same_request(each, entry)), None)
        if first is not None:
            yield f"request {entry.id} repeats request {first.id}, a {entry.method} that may have been carried out"
            return
        if entry.status in (500, 502, 504) or _lost(case, entry):
            lost.append(entry)


def _lost(case: Case, entry: Entry) -> bool:
    """Whether the client cannot have read the answer."""
    kinds = {str(case.take.struck[name]["kind"]) for name in entry.faults if name in case.take.struck}
    return bool(kinds & _LOSING)


@rule(
    "TRA-16",
    "What was begun is ended: completed, or cancelled when it is given up.",
    clause="the operations that begin, complete and cancel",
    severity="must",
    channel="traffic",
)
def _left_open(case: Case) -> Iterator[str]:
    for beginning, endings in case.subject.endings.items():
        begun = [each for each in case.take.traffic if each.operation == beginning and each.verdict == "ok"]
        ended = [each for each in case.take.traffic if each.operation in endings and _settles(each)]
        if len(begun) > len(ended) and not _given_up(case, endings):
            yield f"request {begun[-1].id} ({beginning}) was followed by none of {', '.join(sorted(endings))}"


def _settles(entry: Entry) -> bool:
    """Whether an ending was accepted, or came when there was nothing left to end."""
    return (entry.status or 500) < 400 or (entry.status in (404, 409) and not entry.faults)


def _given_up(case: Case, endings: frozenset[str]) -> bool:
    """Whether an ending was tried after something else had failed, and a fault was in its way."""
    failed: set[str] = set()
    for entry in case.take.traffic:
        if entry.operation in endings and entry.faults and failed - {entry.operation}:
            return True
        if entry.faults or (entry.status or 500) >= 400:
            failed.add(entry.operation)
    return False
