"""Moments of the kit: read from text, written as a reading has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["MILLISECOND", "Reads", "Row", "millis", "written"]

Row = dict[str, Any]
Reads = Mapping[str, str]
MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FORMS: Mapping[str, Callable[[str, int], str]] = {
    "z": lambda second, rest: f"{second}.{rest:03d}Z" if rest else f"{second}Z",
    "offset": lambda second, rest: f"{second}.{rest:03d}000+00:00",
    "seven-digits": lambda second, rest: f"{second}.{rest:03d}0000+00:00",
}


def millis(moment: str | datetime) -> int:
    """A moment in whole milliseconds, what is finer cut."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (at - _EPOCH) // MILLISECOND


def written(moment: int, reads: Reads) -> str:
    """A moment as answers have it (ledger VK-019)."""
    whole = _EPOCH + timedelta(seconds=moment // 1000)
    return _FORMS[reads["VK-019"]](f"{whole:%Y-%m-%dT%H:%M:%S}", moment % 1000)
