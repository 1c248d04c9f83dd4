"""The traffic: what any client must do on the wire, whatever it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from testcard.exchange import Exchange, Route
from testcard.suite.rules.registry import Case, rule
from testcard.suite.subject import Page
from testcard.world.journal import Entry

__all__ = ["data_calls", "routed"]

_MAX_ATTEMPTS = 10
_SECRETS = ("TOKEN", "CLIENT_SECRET", "REFRESH_TOKEN", "API_KEY")
_CREDENTIAL_HEADERS = ("authorization", "x-api-key", "x-access-token")


def data_calls(case: Case) -> list[Entry]:
    """The requests of a take to the API itself: neither for tokens nor to storage."""
    return [
        entry
        for entry in case.take.traffic
        if entry.api == case.subject.api and entry.operation not in case.subject.token_operations
    ]


def routed(case: Case, entry: Entry) -> Route:
    """Where a request leads, with its path and query taken apart."""
    parts = urlsplit(entry.url)
    path = parts.path
    if path.startswith("/~"):
        path = "/" + path[2:].partition("/")[2]
    return _route(case.exchange, entry.method, path.removeprefix(f"/{case.exchange.name}") or "/", parts.query)


@lru_cache(maxsize=4096)
def _route(exchange: Exchange, method: str, path: str, query: str) -> Route:
    return exchange.route(method, path, query)


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


@rule(
    "TRA-04",
    "A walk through a list ends at its last page, when its rows are returned as all there are.",
    clause="the list operation's paging",
    severity="must",
    channel="traffic",
)
def _abandoned(case: Case) -> Iterator[str]:
    if case.take.outcome.kind != "ok":
        return
    for name, pages in _walks(case).items():
        if pages and not any(page.last for _, page in pages):
            entry, page = pages[-1]
            yield f"{name}: request {entry.id} brought {page.rows} rows from item {page.start} on, and more follow"


@rule(
    "TRA-05",
    "A walk ends at the last page.",
    clause="the list operation's paging",
    severity="should",
    channel="traffic",
)
def _continued(case: Case) -> Iterator[str]:
    for name, pages in _walks(case).items():
        ends = [page.start + page.rows for _, page in pages if page.last and page.rows]
        beyond = [entry for entry, page in pages if ends and page.start >= max(ends) and not page.rows]
        if len(beyond) > (1 if case.subject.probes_end else 0):
            yield f"{name}: request {beyond[-1].id} asks for what is behind the last page"


@rule(
    "TRA-06",
    "A page that was answered is not fetched again and again.",
    clause="the list operation's paging",
    severity="must",
    channel="traffic",
)
def _loop(case: Case) -> Iterator[str]:
    answered: dict[str, int] = {}
    for entry in data_calls(case):
        if entry.method == "GET" and entry.status == 200 and not entry.faults:
            answered[entry.url] = answered.get(entry.url, 0) + 1
            if answered[entry.url] == 4:
                yield f"request {entry.id}: {entry.method} {entry.url} was answered three times before"
                return


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
        wait = _asked_to_wait(entry)
        later = case.take.traffic[at + 1 :]
        again = next(
            (each for each in later if _same_request(entry, each) or (in_turn and _same_call(entry, each))), None
        )
        if wait is not None and again is not None:
            waited = again.wall_time - entry.wall_time - entry.duration_s
            if waited < wait - 0.05:
                yield f"request {again.id} came {waited:.2f} s after request {entry.id} was told to wait {wait:.2f} s"
                return


def _asked_to_wait(entry: Entry) -> float | None:
    """Seconds from the answer on; a date counts from the service's clock, in whole seconds."""
    asked = entry.response_headers.get("Retry-After", "")
    if asked.isdigit():
        return int(asked)
    try:
        return (parsedate_to_datetime(asked) - entry.world_time).total_seconds() - 1 if asked else None
    except ValueError:
        return None


def _overlap(traffic: Sequence[Entry]) -> bool:
    """Whether requests were under way at the same time: then the next one may not know of the refusal."""
    return any(after.wall_time < before.wall_time + before.duration_s for before, after in pairwise(traffic))


def _same_request(one: Entry, other: Entry) -> bool:
    return (one.method, one.url, one.request_body) == (other.method, other.url, other.request_body)


@rule(
    "TRA-08",
    "Retries are bounded.",
    clause="RFC 9110 section 15.6",
    severity="must",
    channel="traffic",
)
def _unbounded(case: Case) -> Iterator[str]:
    failed: dict[tuple[str, str], int] = {}
    for entry in case.take.traffic:
        if entry.faults or (entry.status or 0) >= 500:
            key = entry.method, entry.url
            failed[key] = failed.get(key, 0) + 1
            if failed[key] > _MAX_ATTEMPTS:
                yield f"{entry.method} {entry.url} was tried more than {_MAX_ATTEMPTS} times"
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
        key = entry.method, entry.url, entry.request_body, str(sorted(_credentials(entry).items()))
        if key in refused:
            first = refused[key]
            yield f"request {entry.id} repeats request {first.id} unchanged, which was refused with {first.status}"
            return
        if entry.status in (400, 403, 404, 405, 409, 422) or (entry.status == 401 and _credentials(entry)):
            refused[key] = entry


@rule(
    "TRA-10",
    "A token is used until it ends, not fetched for every call.",
    clause="the token operation's expires_in",
    severity="must",
    channel="traffic",
)
def _token_for_each_call(case: Case) -> Iterator[str]:
    traffic = case.take.traffic
    tokens = [each for each in traffic if each.operation in case.subject.token_operations]
    issued = [each for each in tokens if each.status == 200 and not each.faults]
    refused = [each for each in traffic if each.status == 401]
    allowed = len(refused) + (1 if case.take.step.fresh or not case.take.step.token else 0) + bool(_expiring(case))
    if len(issued) > max(allowed, 1):
        yield f"{len(issued)} tokens were fetched for {len(data_calls(case))} requests, of which {len(refused)} got 401"


@rule(
    "TRA-11",
    "Secrets do not stand in a URL.",
    clause="RFC 6750 section 2.3",
    severity="must",
    channel="traffic",
)
def _secret_in_url(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        for name, secret in _secrets(case):
            if entry.api != "storage" and _stands_in(secret, entry.url):
                yield f"request {entry.id} has the value of {name} in its URL"
                return


@rule(
    "TRA-12",
    "Credentials go to the API alone: not to the storage behind its links, nor to another host.",
    clause="the storage's signed links; RFC 6750 section 5.3",
    severity="must",
    channel="traffic",
)
def _credential_to_storage(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        sent = _credentials(entry)
        if entry.api == "storage" and sent:
            yield f"request {entry.id} to storage carries {', '.join(sent)}"
            return


@rule(
    "TRA-13",
    "No page is larger than the API allows.",
    clause="the list operation's limit",
    severity="must",
    channel="traffic",
)
def _over_limit(case: Case) -> Iterator[str]:
    most = case.subject.max_limit
    for entry in data_calls(case):
        page = case.subject.page(entry)
        if most is not None and page is not None and page.limit > most:
            yield f"request {entry.id} asks for {page.limit} rows a page; the most is {most}"
            return


@rule(
    "TRA-14",
    "Calls carry credentials that were issued to this client.",
    clause="the API's security scheme",
    severity="must",
    channel="traffic",
)
def _without_credentials(case: Case) -> Iterator[str]:
    for entry in data_calls(case):
        if entry.verdict != "auth" or entry.faults:
            continue
        if not _credentials(entry):
            yield f"request {entry.id}: {entry.explanation}"
            return
        if case.take.step.fresh and not _known(case, " ".join(_credentials(entry).values())):
            yield f"request {entry.id} carries a credential that nobody was given: {entry.explanation}"
            return


def _known(case: Case, credential: str) -> bool:
    """Whether there is anything in it that the client was given; what is encoded is not looked into."""
    given = [secret for _, secret in _secrets(case)]
    answers = [each.response_body for each in case.take.traffic if each.operation in case.subject.token_operations]
    token = credential.rpartition(" ")[2]
    fetched = any(token.encode() in body for body in answers)
    return credential.lower().startswith("basic ") or fetched or any(secret in credential for secret in given)


@rule(
    "TRA-15",
    "What may have been done is not done again: a change whose answer was lost is not simply repeated.",
    clause="RFC 9110 section 9.2.2",
    severity="must",
    channel="traffic",
)
def _repeated(case: Case) -> Iterator[str]:
    lost: list[Entry] = []
    for entry in data_calls(case):
        if entry.method not in ("POST", "PATCH") or entry.operation in case.subject.repeatable:
            continue
        first = next((each for each in lost if _same_request(each, entry)), None)
        if first is not None:
            yield f"request {entry.id} repeats request {first.id}, a {entry.method} that may have been carried out"
            return
        if entry.status in (500, 502, 504) or set(_kinds(case, entry)) & _LOSING:
            lost.append(entry)


def _kinds(case: Case, entry: Entry) -> list[str]:
    return [str(case.take.struck[name]["kind"]) for name in entry.faults if name in case.take.struck]


_LOSING = frozenset({"reset", "stall", "stall-body", "truncate", "malformed-json"})


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
        if len(begun) > len(ended):
            yield f"request {begun[-1].id} ({beginning}) was followed by none of {', '.join(sorted(endings))}"


def _settles(entry: Entry) -> bool:
    """Whether an ending was accepted, or came when there was nothing left to end."""
    return not entry.faults and ((entry.status or 500) < 400 or entry.status in (404, 409))


@rule(
    "SEC-01",
    "Secrets are not printed.",
    clause="the environment's credentials",
    severity="must",
    channel="traffic",
)
def _printed(case: Case) -> Iterator[str]:
    for name, secret in _secrets(case):
        if secret in case.take.said:
            yield f"the value of {name} was printed"
            return
        if secret in case.take.outcome.message:
            yield f"the value of {name} stands in the message of the client's error"
            return


def _walks(case: Case) -> dict[str, list[tuple[Entry, Page]]]:
    """The pages of each list that were answered, in order."""
    walks: dict[str, list[tuple[Entry, Page]]] = {}
    for entry in data_calls(case):
        page = case.subject.page(entry)
        if page is not None and entry.operation in case.subject.judged[case.take.step.operation].calls:
            route = routed(case, entry)
            filters = [
                f"{name}={','.join(v)}" for name, v in sorted(route.query.items()) if name not in case.subject.paging
            ]
            place = " ".join([case.take.step.operation, "/".join(route.path.values()), *filters])
            walks.setdefault(place.replace("  ", " ").strip(), []).append((entry, page))
    return walks


def _same_call(one: Entry, other: Entry) -> bool:
    return (one.method, one.operation) == (other.method, other.operation)


def _credentials(entry: Entry) -> dict[str, str]:
    return {name: entry.request_headers[name] for name in _CREDENTIAL_HEADERS if name in entry.request_headers}


def _secrets(case: Case) -> Sequence[tuple[str, str]]:
    env = case.take.asked.env
    return [(name, value) for name, value in env.items() if name.endswith(_SECRETS) and len(value) >= 8]


def _stands_in(secret: str, url: str) -> bool:
    from urllib.parse import quote, unquote

    return secret in unquote(url) or quote(secret, safe="") in url


def _expiring(case: Case) -> bool:
    """Whether time has moved since the client's token was issued."""
    return any(step.advance_s for step in case.scenario.steps)
