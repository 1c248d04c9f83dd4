"""How the broadcaster uses live: the fixture, read once."""

from __future__ import annotations

from functools import cache
from typing import Any

from testcard.data import load

__all__ = ["live_fixture"]


@cache
def live_fixture() -> Any:
    """Its settings, seconds, limit and regular event."""
    return load("fixtures/videokit/live.yaml")
