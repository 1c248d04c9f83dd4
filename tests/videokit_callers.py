"""Calls through a kit, as status and data."""

from __future__ import annotations

from typing import Any

from kit import Kit

__all__ = ["KitCaller"]


class KitCaller:
    """Calls a kit."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def call(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """Status and data; None for an empty body."""
        answer = self.kit.call(method, path, json=json)
        assert answer.status < 500, answer.text
        return answer.status, answer.json if answer.body else None

    def advance(self, seconds: int) -> None:
        """Move the world's clock."""
        self.kit.advance(seconds)
