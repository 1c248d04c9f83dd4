"""What the scenarios of every API have in common: awkward texts, and the faults that strike a list or a drawn call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hypothesis import strategies as st

__all__ = ["AWKWARD", "drawn_faults", "page_faults"]

AWKWARD = (
    'Comma, "quote"',
    "Ünïcödé 東京",
    "<b>&amp;</b>",
    " blank ",
    "line\u2028separator",
    "007",
    "null",
    "%2F+%",
    "two\r\nlines",
)
_KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "body": "gateway"},
    {"kind": "reset"},
    {"kind": "truncate"},
    {"kind": "malformed-json"},
    {"kind": "unknown-field"},
    {"kind": "short-page", "rows": 1},
    {"kind": "empty-page"},
    {"kind": "token-expired"},
)
_WHEN: tuple[dict[str, Any], ...] = ({"calls": [1, 1]}, {"calls": [2, 2]}, {"page": 2}, {"first": 2})
_SECOND: Mapping[str, Any] = {"when": {"calls": [2, 2]}}
_PAGE: Mapping[str, Any] = {"when": {"page": 2}}
_PAGES: Mapping[str, dict[str, Any]] = {
    "the second page is refused once": {"kind": "status", "status": 503, **_SECOND},
    "the second page is refused for good": {"kind": "status", "status": 500, **_PAGE},
    "a gateway answers the second page": {"kind": "status", "status": 502, "body": "gateway", **_PAGE},
    "told to wait": {"kind": "status", "status": 429, "retry_after": 1, **_SECOND},
    "access is refused": {"kind": "status", "status": 403},
    "the token is revoked in the middle": {"kind": "token-revoked", **_SECOND},
    "every token is refused": {"kind": "token-revoked"},
    "the token expires in the middle": {"kind": "token-expired", **_SECOND},
    "the connection is reset": {"kind": "reset", **_SECOND},
    "a page is cut off": {"kind": "truncate", **_PAGE},
    "a page stops in the middle": {"kind": "stall-body", "seconds": 0.2, **_SECOND},
    "a page is slow to begin": {"kind": "latency", "seconds": 0.2, **_SECOND},
    "a page is slow": {"kind": "drip", "bytes_per_second": 100_000, **_SECOND},
    "a page takes its time": {"kind": "stall", "seconds": 0.2, **_SECOND},
    "a page is not JSON": {"kind": "malformed-json", **_PAGE},
    "a page is called HTML": {"kind": "wrong-content-type", **_PAGE},
    "a page is in another charset than it says": {"kind": "wrong-charset", **_PAGE},
    "a page is not packed as it says": {"kind": "wrong-encoding", **_PAGE},
    "a page leads to itself": {"kind": "redirect", "to": "same"},
    "a page leads to a foreign host": {"kind": "redirect", "to": "foreign", **_PAGE},
    "a field that nobody knows": {"kind": "unknown-field"},
    "a short page in the middle": {"kind": "short-page", "rows": 3, **_PAGE},
    "an empty page in the middle": {"kind": "empty-page", **_PAGE},
    "the next link repeats": {"kind": "next-repeats", **_PAGE},
    "the next link leads back": {"kind": "next-cycles", **_PAGE},
}


def page_faults(*without: str) -> dict[str, dict[str, Any]]:
    """What may go wrong in a list of two pages or more, by the scenario's name; not of the kinds *without*."""
    return {name: fault for name, fault in _PAGES.items() if fault["kind"] not in without}


def drawn_faults(
    api: str, *, without: Collection[str] = (), operation: str | None = None
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One fault of *api*, or none; *without* are the kinds that it has no use for."""
    where = {"api": api} if operation is None else {"api": api, "operation": operation}
    kinds = st.sampled_from([kind for kind in _KINDS if kind["kind"] not in without])
    fault = st.builds(lambda kind, at: {**where, **kind, "when": at}, kinds, st.sampled_from(_WHEN))
    return st.lists(fault, max_size=1)
