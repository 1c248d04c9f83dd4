"""The base of all wrong clients of Cloud Video Kit: the careful one, which counts how often a bug ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from adapters.videokit import Everything

__all__ = ["LONG", "Row", "Wrong"]

Row = dict[str, Any]
LONG = "a list of two pages and a bit: list_vod_assets"


class Wrong(Everything):
    """Counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1
