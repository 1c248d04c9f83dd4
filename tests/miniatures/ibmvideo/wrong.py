"""What all wrong clients of IBM Video Streaming Analytics share: they count how often their bug runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from known_good.ibmvideo import Client

__all__ = ["LONG", "TWO_PAGES", "VIEWS", "Query", "Row", "Wrong"]

Row = dict[str, Any]
Query = dict[str, Any]

VIEWS = "a list of two pages and a bit: list_views"
TWO_PAGES = "101 views"
LONG = "250 views"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1
