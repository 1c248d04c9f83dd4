"""The truth of a call, by the plain model: from explicit rows, and from what earlier calls have done to them."""

from __future__ import annotations

from typing import Any

from testcard.suite.oracles.videokit import WRITES, Kit, Refused
from testcard.suite.oracles.videokit.moments import millis
from testcard.suite.stage import Take
from testcard.suite.subject import ANY, Truth
from testcard.suite.subjects.videokit.judged import QUERIES
from testcard.suite.subjects.videokit.uploads import Upload, answer, carried_out

__all__ = ["left_undone", "truth_of"]

_LISTS = (*QUERIES, "list_impressions")
_UNORDERED = frozenset({"list_channel_statuses", "list_presets", "list_languages"})
_KEY_ENDS = frozenset({"token-expired", "token-revoked"})
_MANY_FAIL = frozenset({"other", "not-found", "conflict", "invalid", "protocol", "server"})
_TOO_MANY = frozenset({"other", "protocol", "invalid"})
_MOST_SESSIONS = 200  # what an answer of impressions holds; there is no next one


def truth_of(take: Take) -> list[Truth]:
    """What a call must come to; more than one where a careful client may do either."""
    operation, now = take.step.operation, millis(take.now)
    if any(fault["kind"] in _KEY_ENDS for each in take.before for fault in each.struck.values()):
        return [Truth(fails=frozenset({"auth"}))]  # a key cannot be renewed
    if _forbidden(take):
        return [Truth(fails=frozenset({"forbidden"}))]
    if operation == "upload_file":
        if take.step.arguments["size"] < 1:
            return [Truth(fails=frozenset({"invalid"}))]
        return [Truth(value=Upload(take).started.get("fileId", ANY))]
    kit = _kit(take)
    try:
        if operation in WRITES:
            result = getattr(kit, operation)(take.step.arguments, now, _made(take))
            return _written(operation, result)
        result = getattr(kit, operation)(take.step.arguments, now)
    except Refused as refused:
        return [Truth(fails=frozenset({refused.kind}))]
    return _read(take, operation, result)


def left_undone(take: Take) -> str:
    """What a client calls done and the service has not done."""
    operation = take.step.operation
    if operation == "upload_file":
        return Upload(take).shortfall()
    if operation in WRITES and not carried_out(take, operation):
        return f"it was called done, and no request for {operation} was carried out"
    return ""


def _kit(take: Take) -> Kit:
    """The kit as earlier calls have left it, since the rows were last put."""
    kit, since = Kit({name: [*map(dict, rows)] for name, rows in take.rows.items()}, take.readings), 0
    for number, each in enumerate((*take.before, take)):
        since = number if each.step.rows else since
    for each in take.before[since:]:
        if each.step.operation == "upload_file":
            Upload(each).leave(kit, millis(each.now))
        elif carried_out(each, each.step.operation) and each.step.operation in WRITES:
            getattr(kit, each.step.operation)(each.step.arguments, millis(each.now), _made(each))
    return kit


def _made(take: Take) -> Any:
    """The id of what a call has made; the answer may have been lost."""
    return answer(carried_out(take, take.step.operation)).get("id", ANY)


def _forbidden(take: Take) -> bool:
    """Whether the client's key may not do that (ledger VK-086)."""
    role, operation = take.grants.get("role", "Admin"), take.step.operation
    writes = operation == "upload_file" or operation in WRITES
    return (role == "Viewer" and writes) or (role != "Admin" and operation.endswith(("_api_key", "_api_keys")))


def _written(operation: str, result: Any) -> list[Truth]:
    if operation.startswith("delete_") and isinstance(result, dict):
        truth = Truth(lists=result, ordered=False)
        return [truth, Truth(fails=_MANY_FAIL)] if result["failed"] else [truth]
    return [Truth(value=result)]


def _read(take: Take, operation: str, result: Any) -> list[Truth]:
    if operation not in _LISTS:
        by_unknown_ids = operation == "list_api_keys" and take.readings["VK-015"] == "id"
        ordered = operation not in _UNORDERED and not by_unknown_ids
        return [Truth(rows=result, ordered=ordered) if operation.startswith("list_") else Truth(value=result)]
    ordered = bool(take.step.arguments["body"].get("orderBy")) or operation == "list_impressions"
    truths = [Truth(rows=result, ordered=ordered)]
    if operation == "list_impressions" and len(result) >= _MOST_SESSIONS:
        truths.append(Truth(fails=_TOO_MANY))
    if operation.startswith("get_ads") and take.readings["VK-166"] == "with-session-count":
        truths.append(Truth(rows=[[*row, ANY] for row in result], ordered=ordered))
    return truths
