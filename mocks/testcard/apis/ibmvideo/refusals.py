"""Refusals in the vendor's words: ``errors[]`` from the analytics, ``error`` from the token service.

Only the body of a 400 is documented (document 003, BadRequest); the other refusals of the analytics borrow it
(ledger IB-64).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from testcard.exchange import Call, Problem, Refused, Reply, phrase_of

__all__ = ["TOKEN_OPERATIONS", "refuse"]

TOKEN_OPERATIONS = frozenset({"authorize", "request_token", "revoke_token"})
_DEFINITIONS = {
    "content_type": "contentTypeParameter",
    "content_id": "idsParameter",
    "date_time_from": "dateTimeFromQueryParameter",
    "date_time_to": "dateTimeToQueryParameter",
    "dimension": "dimensionParameter",
    "granularity": "granularityParameter",
    "inclusive_range": "inclusiveRangeParameter",
    "list_unfinished_segments": "unfinishedParameter",
    "viewer_identifier": "viewerIdSearchStringQueryParameter",
    "_limit": "limitParameter",
    "_page": "offestParameter",  # as the document spells it
    "Authorization": "authParameter",
}


def refuse(refused: Refused, call: Call) -> Reply:
    """Put a refusal into words: of the token service for its operations, of the analytics otherwise."""
    if call.operation is not None and call.operation.id in TOKEN_OPERATIONS:
        return _token_error(refused)
    status = refused.status
    if refused.problems and refused.problems[0].name == "content_type" and call.reading("IB-42") == "not-found":
        status = 404
    errors = list(_errors(refused, status, call))
    if call.reading("IB-61") == "first-only":
        del errors[1:]
    return Reply(status, {"errors": errors}, headers=dict(refused.headers))


def _errors(refused: Refused, status: int, call: Call) -> Iterable[Mapping[str, Any]]:
    title = phrase_of(status)
    if not refused.problems:
        yield {"status": status, "title": title, "detail": refused.message}
    for problem in refused.problems:
        yield {"status": status, "title": title, "detail": str(problem), "source": {"pointer": _pointer(problem, call)}}


def _pointer(problem: Problem, call: Call) -> str:
    definition = _DEFINITIONS.get(problem.name)
    if definition and call.reading("IB-39") == "definition":
        return f"#/parameters/{definition}"
    return f"/{problem.location}/{problem.name}"


def _token_error(refused: Refused) -> Reply:
    """The token service's statuses are few: whatever it has no word for is an invalid request.

    Source: fact I6.
    """
    error = refused.data.get("error") or ("server_error" if refused.status >= 500 else "invalid_request")
    status = 400 if refused.status in (406, 415) else refused.status
    body = {"error": error, "error_description": refused.message}
    headers = {"Cache-Control": "no-store", **refused.headers}
    return Reply(status, body, headers=headers)
