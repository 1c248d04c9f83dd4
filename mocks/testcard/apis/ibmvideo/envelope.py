"""The envelope of a list: rows under one key, and links to the pages around.

Source: document 003, Response definitions; what its samples leave open is in the ledger, IB-01 to IB-06 and IB-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from testcard.exchange import Call, Refused, encode_query

__all__ = ["Page", "pagination", "rows_key"]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are asked for: the *number* of the page, from 1, and the *limit* of rows on it."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.limit

    def last(self, total: int) -> int:
        """The number of the last page; a list without rows has one page."""
        return max(1, -(-total // self.limit))


def rows_key(call: Call) -> str:
    """``resources`` or ``data``."""
    return call.reading("IB-01")


def pagination(call: Call, page: Page, total: int) -> dict[str, Any]:
    """Return count and links; `Refused` with 404 behind the last page where the reading says so."""
    last = page.last(total)
    if page.number > last and call.reading("IB-21") == "not-found":
        raise Refused(404, "no-such-page", f"there is no page {page.number}: the last one is {last}")
    links: dict[str, Any] = {
        "count": last if call.reading("IB-02") == "pages" else total,
        "self": _link(call, page, page.number),
        "first": _link(call, page, 1),
        "prev": _link(call, page, min(page.number - 1, last)) if page.number > 1 else None,
        "next": _link(call, page, page.number + 1) if page.number < last else None,
        "last": _link(call, page, last),
    }
    if call.reading("IB-05") == "absent":
        return {name: link for name, link in links.items() if link is not None}
    return links


def _link(call: Call, page: Page, number: int) -> dict[str, str]:
    if call.reading("IB-03") == "kept":
        query = call.address.query_with(_page=number, _limit=page.limit)
    else:
        query = encode_query([("_page", str(number)), ("_limit", str(page.limit))])
    return {"href": f"{_path(call)}?{query}"}


def _path(call: Call) -> str:
    """The path of a link: relative to the base address, or whole, so that it leads back to the caller's address."""
    base = call.operation.servers[0].base if call.operation else ""
    path = "/views" if call.reading("IB-06") == "sample-path" else call.address.path.removeprefix(base)
    if call.reading("IB-04") == "relative-to-base":
        return path
    return urlsplit(call.address.base).path + base + path
