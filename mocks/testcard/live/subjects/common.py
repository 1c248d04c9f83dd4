"""What the subjects share: comparisons of lists and times, without any vendor."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime

__all__ = ["instant", "missing", "only"]


def instant(text: str) -> datetime:
    """An RFC 3339 time."""
    return datetime.fromisoformat(text)


def missing(part: Iterable[Hashable], whole: Iterable[Hashable], sentence: str) -> list[str]:
    """A complaint when *part* has what *whole* has not; *sentence* says what was expected."""
    lost = len(set(part) - set(whole))
    return [f"{sentence}: {lost} are not"] if lost else []


def only(values: Iterable[str]) -> str | None:
    """The one value that all of *values* are, or None."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
