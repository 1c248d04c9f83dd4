"""What all wrong clients of Amagi Analytics share: they count how often their bug runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from known_good.amagi import Client

__all__ = ["DAY", "DAYS", "LONG", "SEVERAL", "Row", "Wrong"]

Row = dict[str, Any]

DAYS = "two days and a bit: get_viewership_analytics"
DAY = "one day: get_viewership_analytics"
LONG = "250 contents"
SEVERAL = "only country United States,Canada"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1
