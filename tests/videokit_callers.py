"""Two ways to reach a world of the kit: in-process, and over a socket through a world of its own."""

from __future__ import annotations

from typing import Any

import requests

from kit import Kit

__all__ = ["KitCaller", "SocketCaller"]


class KitCaller:
    """Calls a kit of this process."""

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


class SocketCaller:
    """Calls a server through a socket, in a fresh world found by its key alone."""

    def __init__(self, url: str, **recipe: Any) -> None:
        self._session = requests.Session()
        made = self._session.post(f"{url}/_testcard/worlds", json=recipe, timeout=30)
        assert made.status_code == 201, made.text
        self._clock = f"{url}/_testcard/worlds/{made.json()['id']}/clock/advance"
        self._base = f"{url}/videokit"
        self._session.headers["X-Api-Key"] = made.json()["env"]["TESTCARD_VIDEOKIT_API_KEY"]

    def call(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """Status and data; None for an empty body."""
        answer = self._session.request(method, self._base + path, json=json, timeout=30)
        assert answer.status_code < 500, answer.text
        return answer.status_code, answer.json() if answer.content else None

    def advance(self, seconds: int) -> None:
        """Move the world's clock."""
        assert self._session.post(self._clock, json={"seconds": seconds}, timeout=30).status_code == 200

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
