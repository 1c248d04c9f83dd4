"""Columns of sessions and of ad events, and what can be done with either: take some, join several."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from testcard.apis.amagi.zones import Ints

__all__ = ["AdEvents", "Sessions", "joined", "take"]

C = TypeVar("C", bound="Sessions | AdEvents")


@dataclass(frozen=True, eq=False)
class Sessions:
    """Sessions in the order of their start. *visitor* is equal for the same (IP address, user agent)."""

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    visitor: Ints
    place: Ints
    device: Ints
    channel: Ints
    content: Ints

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, eq=False)
class AdEvents:
    """Advertising breaks in the order of their time, each with what came of it."""

    start: npt.NDArray[np.int64]
    place: Ints
    device: Ints
    channel: Ints
    content: Ints
    tag: Ints
    opportunities: Ints
    requests: Ints
    responses: Ints
    assets: Ints
    impressions: Ints

    def __len__(self) -> int:
        return len(self.start)

    @property
    def counters(self) -> tuple[Ints, ...]:
        """The five counters, in the order of the answers."""
        return self.opportunities, self.requests, self.responses, self.assets, self.impressions


def take(rows: C, chosen: slice | npt.NDArray[Any]) -> C:
    """Some rows: a slice, a mask, or positions."""
    return type(rows)(*(getattr(rows, each.name)[chosen] for each in fields(rows)))


def joined(kind: type[C], parts: list[C]) -> C:
    """All rows of the parts, by time."""
    if len(parts) == 1:
        return parts[0]
    names = [each.name for each in fields(kind)]
    if not parts:
        return kind(*(np.empty(0, np.int64) for _ in names))
    whole = kind(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return take(whole, np.argsort(whole.start, kind="stable"))
