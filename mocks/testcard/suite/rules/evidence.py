"""What rules look at in a take's traffic: its requests, where they lead, its walks, its credentials."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from testcard.exchange import Exchange, Route
from testcard.suite.rules.registry import Case
from testcard.suite.subject import Page
from testcard.world.journal import Entry

__all__ = ["asked_to_wait", "credentials_of", "data_calls", "routed", "same_request", "secrets_of", "walks_of"]

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


def walks_of(case: Case) -> dict[str, list[tuple[Entry, Page]]]:
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


def asked_to_wait(entry: Entry) -> float | None:
    """Seconds from the answer on; a date counts from the service's clock, in whole seconds."""
    asked = entry.response_headers.get("Retry-After", "")
    if asked.isdigit():
        return int(asked)
    try:
        return (parsedate_to_datetime(asked) - entry.world_time).total_seconds() - 1 if asked else None
    except ValueError:
        return None


def same_request(one: Entry, other: Entry) -> bool:
    """Whether one repeats the other."""
    return (one.method, one.url, one.request_body) == (other.method, other.url, other.request_body)


def credentials_of(entry: Entry) -> dict[str, str]:
    """The headers that say who calls."""
    return {name: entry.request_headers[name] for name in _CREDENTIAL_HEADERS if name in entry.request_headers}


def secrets_of(case: Case) -> Sequence[tuple[str, str]]:
    """What the client was given and must keep to itself, with the names of the variables."""
    env = case.take.asked.env
    return [(name, value) for name, value in env.items() if name.endswith(_SECRETS) and len(value) >= 8]
