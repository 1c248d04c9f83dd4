"""Reports and filters, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from testcard.apis.videocentral.periods import moment
from testcard.apis.videocentral.tree import Path, digest

__all__ = ["Filters", "Report", "epoch_ms", "write_ms"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(instant: datetime) -> int:
    """An instant in milliseconds since 1970; what is finer counts as the next millisecond."""
    return -((_EPOCH - instant) // timedelta(milliseconds=1))


def write_ms(ms: int) -> str:
    """An instant as the API writes it: UTC, milliseconds and Z."""
    return f"{moment(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


class Filters(NamedTuple):
    """What a listing is restricted to; all bounds in milliseconds since 1970, a begin counts as its midnight."""

    begin_from: int | None = None
    begin_before: int | None = None
    modified_from: int | None = None

    def lets_in(self, begin_ms: int, modified_ms: int) -> bool:
        """Whether a report passes."""
        return (
            (self.begin_from is None or begin_ms >= self.begin_from)
            and (self.begin_before is None or begin_ms < self.begin_before)
            and (self.modified_from is None or modified_ms >= self.modified_from)
        )


@dataclass(frozen=True)
class Report:
    """One report of the type at *path*. *end* is its last day; *rows* counts its rows of data.

    *serial* is 0 for the story's, and counts explicit rows from 1. *link* is an explicit row's own download address;
    None when the storage has the file. *records* are an explicit row's rows of data. *texts* keeps what has been
    rendered of it, *shown* the whole of it as it was last shown. A *preliminary* one lacks what arrives late, and is
    generated again.
    """

    path: Path
    begin: date
    end: date
    modified_ms: int
    rows: int
    name: str
    cadence: str
    serial: int = 0
    link: str | None = None
    records: tuple[dict[str, Any], ...] | None = None
    preliminary: bool = False
    texts: dict[Any, tuple[bytes, bytes]] = field(default_factory=dict, compare=False, repr=False)
    shown: dict[Any, bytes] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def stem(self) -> str:
        """The file's name without its ending."""
        return f"{_slug(self.name)}_{self.begin}_{self.end}"

    @cached_property
    def key_stem(self) -> str:
        """Under which key the storage has the file, without its ending."""
        return f"{digest(self.path)}/{self.begin}/{self.serial}/{self.stem}"


@lru_cache(maxsize=1024)
def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "report"
