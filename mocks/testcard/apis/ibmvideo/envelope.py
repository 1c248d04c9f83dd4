"""The envelope of a list: rows under one key, and links to the pages around.

Source: document 003, Response definitions; what its samples leave open is in the ledger, IB-01 to IB-06 and IB-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from testcard.apis.ibmvideo.query import Query
from testcard.exchange import Call, Refused, encode_query

__all__ = ["link_to", "open_page", "page_of", "rows_key"]


def rows_key(call: Call) -> str:
    """``resources`` or ``data``."""
    return call.reading("IB-01")


def page_of(query: Mapping[str, list[str]]) -> int:
    """The number of the page that a raw query asks for; 1 for junk."""
    return _natural(query.get("_page", [""])[0], 1)


def open_page(call: Call, query: Query, total: int) -> tuple[int, int, dict[str, Any]]:
    """Return the first row, the row behind the last, and count and links of a page.

    `Refused` with 404 behind the last page where the reading says so.
    """
    page, limit = query.page, query.limit
    start, stop = call.window(page, limit)
    last = max(1, call.page_count(total, limit))
    if page > last and call.reading("IB-21") == "not-found":
        raise Refused(404, "no-such-page", f"there is no page {page}: the last one is {last}")
    links: dict[str, Any] = {
        "count": last if call.reading("IB-02") == "pages" else total,
        "self": _link(call, page, limit),
        "first": _link(call, 1, limit),
        "prev": _link(call, min(page - 1, last), limit) if page > 1 else None,
        "next": _link(call, page + 1, limit) if stop < total else None,
        "last": _link(call, last, limit),
    }
    if call.reading("IB-05") == "absent":
        links = {name: link for name, link in links.items() if link is not None}
    return min(start, total), min(stop, total), links


def link_to(call: Call, number: int) -> dict[str, str]:
    """The link to another page of the list that was asked for."""
    limit = dict(parse_qsl(call.address.query)).get("_limit", "")
    return _link(call, number, _natural(limit, 10))


def _natural(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else otherwise


def _link(call: Call, page: int, limit: int) -> dict[str, str]:
    if call.reading("IB-03") == "kept":
        query = call.address.query_with(_page=page, _limit=limit)
    else:
        query = encode_query([("_page", str(page)), ("_limit", str(limit))])
    return {"href": f"{_path(call)}?{query}"}


def _path(call: Call) -> str:
    """The path of a link: relative to the base address, or whole, so that it leads back to the caller's address."""
    base = call.operation.servers[0].base if call.operation else ""
    path = "/views" if call.reading("IB-06") == "sample-path" else call.address.path.removeprefix(base)
    if call.reading("IB-04") == "relative-to-base":
        return path
    return urlsplit(call.address.base).path + base + path
