"""The clock of a world: real time by default, or set, frozen and moved.

Everything that depends on time asks it, and nothing sleeps. Instants are aware datetimes in UTC; within, they are
microseconds since 1970.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from testcard.errors import UserError

__all__ = ["Clock", "parse_instant", "write_instant"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


class Clock:
    """Tells a world's time. Safe to use from several threads."""

    def __init__(self, now: datetime | None = None, *, frozen: bool | None = None) -> None:
        self._lock = threading.Lock()
        self._offset_us = 0
        self._frozen_us: int | None = None
        if now is not None:
            self.set(now, frozen=True if frozen is None else frozen)

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_us is not None

    @property
    def real(self) -> bool:
        """Whether this is simply the machine's time, so that a client shares it."""
        return self._frozen_us is None and not self._offset_us

    def now(self) -> datetime:
        """The world's instant."""
        return _EPOCH + timedelta(microseconds=self._now_us())

    def now_ms(self) -> int:
        """The world's instant in milliseconds since 1970."""
        return self._now_us() // 1000

    def set(self, now: datetime, *, frozen: bool) -> None:
        """Move to *now* and stand still there, or run on from it."""
        now_us = (now - _EPOCH) // _US
        with self._lock:
            self._offset_us = now_us - _machine_us()
            self._frozen_us = now_us if frozen else None

    def advance(self, seconds: float) -> datetime:
        """Move by *seconds* and return the new instant; a frozen clock stays frozen.

        `OverflowError`, and nothing moves, where the calendar ends.
        """
        step = timedelta(seconds=seconds)
        with self._lock:
            moved = self.now() + step
            self._offset_us += step // _US
            if self._frozen_us is not None:
                self._frozen_us += step // _US
        return moved

    def _now_us(self) -> int:
        frozen_us = self._frozen_us
        return _machine_us() + self._offset_us if frozen_us is None else frozen_us

    def as_json(self) -> dict[str, Any]:
        """``{"now": ISO 8601 with Z, "frozen": bool}``."""
        return {"now": write_instant(self.now()), "frozen": self.frozen}


def _machine_us() -> int:
    """The one place that reads the machine's clock for a world."""
    return time.time_ns() // 1000


def parse_instant(text: str) -> datetime:
    """Read ISO 8601 with an offset; a date alone is its midnight in UTC. Raises `UserError`."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{text!r} is no ISO 8601 instant; expected for example 2026-03-01T12:00:00Z") from None
    if len(text) > len("2026-03-01"):
        raise UserError(f"{text!r} has no offset; add Z or for example +01:00")
    return instant.replace(tzinfo=UTC)


def write_instant(instant: datetime) -> str:
    """Write an instant as ISO 8601 in UTC with ``Z``, with microseconds only when there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
