"""Say how a result differs from the truth: what is missing, too much, twice, altered or out of order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["UNKNOWN_FIELD", "difference"]

UNKNOWN_FIELD = "x_testcard_unknown"  # what the fault of that kind adds

_PLAIN = frozenset({int, float, str, bool, type(None)})


def difference(truth: Any, found: Any, *, ordered: bool = True) -> str:
    """Return the difference in one sentence, or nothing when there is none.

    Values are compared verbatim: ``1`` is not ``1.0``, nor ``"1"``, nor ``True``.
    """
    if isinstance(truth, Mapping) and isinstance(found, Mapping):
        return _mapping(truth, found, ordered=ordered)
    if isinstance(truth, list) and isinstance(found, list):
        return _rows(truth, found, ordered=ordered)
    return "" if _same(truth, found) else f"returned {_short(found)}, expected {_short(truth)}"


def _mapping(truth: Mapping[str, Any], found: Mapping[str, Any], *, ordered: bool) -> str:
    for name, value in truth.items():
        if name not in found:
            return f"{name!r} is missing"
        if problem := difference(value, found[name], ordered=ordered):
            return f"{name!r}: {problem}"
    extra = [name for name in found if name not in truth and name != UNKNOWN_FIELD]
    return f"{extra[0]!r} is too much" if extra else ""


def _rows(truth: list[Any], found: list[Any], *, ordered: bool) -> str:
    if _same(truth, found):
        return ""
    missing, extra = _unmatched(truth, found)
    if len(missing) == len(extra) == 0:
        return "the rows are right and out of order" if ordered else ""
    if missing and extra and len(truth) == len(found):
        return f"{len(missing)} of {len(truth)} rows are altered: {_change(missing[0], extra[0])}"
    if extra and all(any(_same(row, each) for each in truth) for row in extra):
        twice = f"{len(extra)} rows came twice, the first of them {_short(extra[0])}"
        return twice + (f"; and {len(missing)} are missing" if missing else "")
    parts = []
    if missing:
        parts.append(f"{len(missing)} of {len(truth)} rows are missing, the first of them {_short(missing[0])}")
    if extra:
        parts.append(f"{len(extra)} rows are too much, the first of them {_short(extra[0])}")
    return "; ".join(parts)


def _unmatched(truth: list[Any], found: list[Any]) -> tuple[list[Any], list[Any]]:
    """The rows of each side that the other does not have, each row counted."""
    left = list(found)
    missing = []
    for row in truth:
        at = next((at for at, each in enumerate(left) if _same(row, each)), None)
        if at is None:
            missing.append(row)
        else:
            del left[at]
    return missing, left


def _change(truth: Any, found: Any) -> str:
    if isinstance(truth, Mapping) and isinstance(found, Mapping):
        for name in truth:
            if name not in found:
                return f"{name!r} is missing from {_short(found)}"
            if not _same(truth[name], found[name]):
                return f"{name!r} is {_short(found[name])}, expected {_short(truth[name])}"
        for name in found:
            if name not in truth:
                return f"{name!r} is too much in {_short(found)}"
    return f"{_short(found)}, expected {_short(truth)}"


def _same(truth: Any, found: Any) -> bool:
    """Verbatim equality; a truth that is `ANY` equals everything."""
    if (kind := type(truth)) in _PLAIN:  # most of what there is, and the abstract classes are slow to ask
        return kind is type(found) and bool(truth == found)
    if isinstance(truth, Mapping) and isinstance(found, Mapping):
        names = found.keys() - {UNKNOWN_FIELD}  # a client may pass on what it does not know
        return truth.keys() == names and all(_same(value, found[name]) for name, value in truth.items())
    if isinstance(truth, list) and isinstance(found, list):
        return len(truth) == len(found) and all(map(_same, truth, found))
    return bool(truth == found)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 160 else f"{text[:157]}..."
