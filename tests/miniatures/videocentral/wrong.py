"""The base of all wrong clients of Video Central: the careful one, which counts how often its bug ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn

from known_good.videocentral import Client, ClientError

__all__ = ["LONG", "TWO_PAGES", "WINDOW", "Row", "Wrong"]

Row = dict[str, Any]

TWO_PAGES = "a list of two pages and a bit: list_reports"
LONG = "101 reports"
WINDOW = "a window of days"


class Wrong(Client):
    """The base of all: it counts."""

    ran: ClassVar[int] = 0
    area: ClassVar[str] = ""
    scenarios: ClassVar[Sequence[str]] = ()

    @classmethod
    def bug(cls) -> None:
        """Called where the bug is."""
        cls.ran += 1

    @staticmethod
    def fail(message: str) -> NoReturn:
        """Fail as a client does that does not understand an answer."""
        raise ClientError(message)
