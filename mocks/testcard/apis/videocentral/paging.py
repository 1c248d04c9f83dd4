"""Pages of a list: `limit`, `offset`, `total` and `next`, as document 000 (Pagination) has them.

What the document leaves open here is VC-01 (items or pages), VC-09, VC-10 (the last page), VC-14 (largest limit) and
VC-15 (beyond the end).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from testcard.exchange import Call, Problem, Refused

__all__ = ["page"]

T = TypeVar("T")

_LARGEST = 100  # where there is a largest limit at all


def page(call: Call, items: Sequence[T], limit: int, offset: int) -> tuple[Sequence[T], dict[str, Any]]:
    """Return the items of one page, and what stands beside them: `total` and `next`."""
    limit = _bounded(call, limit)
    by_items = call.reading("VC-01") == "items"
    start, stop = _window(call, limit, offset) if by_items else call.window(offset + 1, limit)
    total = len(items)
    if 0 < start >= total and call.reading("VC-15") == "refused":
        raise _bad("offset", offset, f"{offset} is beyond the end: there are {total} items")
    shown = items[start:stop]
    envelope: dict[str, Any] = {"total": total, "next": None}
    full = len(shown) == limit and call.reading("VC-09") == "full-page"
    if stop < total or full:
        envelope["next"] = _address(call, stop if by_items else offset + 1, limit)
    elif call.reading("VC-10") == "absent":
        del envelope["next"]
    return shown, envelope


def _window(call: Call, limit: int, offset: int) -> tuple[int, int]:
    """The items of a page, of a list counted in items; a fault may cut it short."""
    return offset, offset + call.cut(offset // limit + 1, limit)


def _address(call: Call, offset: int, limit: int) -> str:
    """This resource with all its filters, and offset and limit behind them (VC-18, VC-41)."""
    here = call.address.here(offset=None, limit=None)
    return f"{here}{'&' if '?' in here else '?'}offset={offset}&limit={limit}"


def _bounded(call: Call, limit: int) -> int:
    reading = "none" if limit <= _LARGEST else call.reading("VC-14")
    if reading == "none":
        return limit
    if reading == "refused":
        raise _bad("limit", limit, f"{limit} is more than the maximum of {_LARGEST}")
    return _LARGEST


def _bad(name: str, found: int, message: str) -> Refused:
    problem = Problem("query", name, found, message)
    return Refused(400, "invalid-request", str(problem), [problem])
