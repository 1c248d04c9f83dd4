"""What a path that matches nothing probably meant: the closest operation, what differs, and the path to send instead.

Paths are compared segment by segment: one may be spelt otherwise, missing, or too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Nearest", "nearest"]

_FAR = 0.5  # of a path's segments may differ, at the most
_MISSING = 0.75  # for a segment left out: base addresses often are
_TOO_MUCH = 1.0  # for one more
_TEMPLATE = 0.05  # for a value where a template stands: literal words are surer
_OTHERWISE = 1.2  # for another word, less as far as it is alike
_ALIKE = 0.5
_OTHER_METHOD = 0.1
_LONGEST = 500  # characters of a path that is looked at


class Nearest(NamedTuple):
    """An operation that is probably meant: *path* is its path with the caller's own values."""

    operation: str
    path: str
    differences: Sequence[str]

    def __str__(self) -> str:
        return f"; closest is {self.operation}, but {', '.join(self.differences)}; did you mean {self.path!r}?"


def nearest(method: str, path: str, templates: Iterable[tuple[str, str, str]]) -> Nearest | None:
    """The closest of *templates* (method, path template, operation), or None where nothing is close."""
    if len(path) > _LONGEST:
        return None
    found = path.strip("/").split("/")
    best, closest = float("inf"), None
    for its_method, template, operation in templates:
        wanted = template.strip("/").split("/")
        most = _FAR * max(len(found), len(wanted))
        if abs(len(found) - len(wanted)) > most / _MISSING:
            continue
        costs = _costs(found, wanted)
        cost = costs[-1][-1] + (0 if its_method == method else _OTHER_METHOD)
        if costs[-1][-1] <= most and cost < best:
            best, closest = cost, (operation, wanted, costs)
    return _explained(found, *closest) if closest else None


def _costs(found: Sequence[str], wanted: Sequence[str]) -> list[list[float]]:
    """What it takes to turn the first segments found into the first ones wanted, for every number of both."""
    table = [[at * _MISSING for at in range(len(wanted) + 1)]]
    for segment in found:
        above = table[-1]
        row = [above[0] + _TOO_MUCH]
        for at, other in enumerate(wanted):
            row.append(min(above[at] + _unlike(segment, other), row[at] + _MISSING, above[at + 1] + _TOO_MUCH))
        table.append(row)
    return table


def _explained(found: Sequence[str], operation: str, wanted: Sequence[str], costs: list[list[float]]) -> Nearest:
    """Go the cheapest way back through the table of costs, and tell what it changes."""
    path: list[str] = []
    differences: list[str] = []
    row, at = len(found), len(wanted)
    while row or at:
        here = costs[row][at]
        if row and at and here == costs[row - 1][at - 1] + _unlike(found[row - 1], wanted[at - 1]):
            row, at = row - 1, at - 1
            same = found[row] == wanted[at] or (wanted[at].startswith("{") and found[row])
            path.append(found[row] if same else wanted[at])
            differences += [] if same else [f"{found[row]!r} is not {wanted[at]!r}"]
        elif at and here == costs[row][at - 1] + _MISSING:
            at -= 1
            path.append(wanted[at])
            differences.append(f"{wanted[at]!r} is missing")
        else:
            row -= 1
            differences.append(f"{found[row]!r} is too much" if found[row] else _SLASH)
    return Nearest(operation, "/" + "/".join(reversed(path)), list(reversed(differences)) or [_SLASH])


_SLASH = "a slash is too much"


@lru_cache(maxsize=8192)
def _unlike(found: str, wanted: str) -> float:
    if found == wanted:
        return 0
    if wanted.startswith("{"):
        return _TEMPLATE if found else _TOO_MUCH
    match = SequenceMatcher(None, found.lower(), wanted.lower())
    unlike = match.real_quick_ratio() < _ALIKE or match.quick_ratio() < _ALIKE  # mostly so, and soon known
    return _OTHERWISE if unlike else _OTHERWISE - match.ratio()
