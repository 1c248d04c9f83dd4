"""What the scenarios of every API have in common: awkward texts, and faults that may strike a drawn one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

__all__ = ["AWKWARD", "drawn_faults"]

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


def drawn_faults(
    api: str, *, without: Collection[str] = (), operation: str | None = None
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One fault of *api*, or none; *without* are the kinds that it has no use for."""
    where = {"api": api} if operation is None else {"api": api, "operation": operation}
    kinds = st.sampled_from([kind for kind in _KINDS if kind["kind"] not in without])
    fault = st.builds(lambda kind, at: {**where, **kind, "when": at}, kinds, st.sampled_from(_WHEN))
    return st.lists(fault, max_size=1)
