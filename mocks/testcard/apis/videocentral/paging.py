"""Pages of a list: `limit`, `offset`, `total` and `next`, as document 000 (Pagination) has them.

What the document leaves open here is VC-01 (items or pages), VC-09, VC-10 (the last page), VC-14 (largest limit) and
VC-15 (beyond the end).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from testcard.exchange import Call, Problem, Refused

__all__ = ["page"]

T = TypeVar("T")

_LARGEST = 100  # where there is a largest limit at all


def page(
    call: Call,
    items: Sequence[T],
    limit: int,
    offset: int,
    show: Callable[[T], dict[str, Any]],
    *,
    link: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return one page of *items*; *link* may rewrite the address of the next."""
    limit = _bounded(call, limit)
    by_items = call.reading("VC-01") == "items"
    start = offset if by_items else offset * limit
    total = len(items)
    if 0 < start >= total and call.reading("VC-15") == "refused":
        raise _bad("offset", offset, f"{offset} is beyond the end: there are {total} items")
    shown = items[start : start + limit]
    envelope: dict[str, Any] = {"total": total, "next": None, "data": [show(item) for item in shown]}
    full = len(shown) == limit and call.reading("VC-09") == "full-page"
    if start + limit < total or full:
        following = offset + limit if by_items else offset + 1
        envelope["next"] = link(call.address.here(offset=following, limit=limit))
    elif call.reading("VC-10") == "absent":
        del envelope["next"]
    return envelope


def _bounded(call: Call, limit: int) -> int:
    reading = call.reading("VC-14")
    if limit <= _LARGEST or reading == "none":
        return limit
    if reading == "refused":
        raise _bad("limit", limit, f"{limit} is more than the maximum of {_LARGEST}")
    return _LARGEST


def _bad(name: str, found: int, message: str) -> Refused:
    problem = Problem("query", name, found, message)
    return Refused(400, "invalid-request", str(problem), [problem])
