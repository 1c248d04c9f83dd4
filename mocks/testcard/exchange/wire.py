"""How an answer is to travel, when it is not to travel well.

A face that owns its socket does these things truly; an in-process transport raises what its library raises for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Wire"]


@dataclass
class Wire:
    """What the connection does to an answer.

    *delay_s* comes before the status line (None: it never comes). The body stops after *stop_at* bytes (-1: before
    the status line), and then *ending* happens: ``stall`` for *stall_s* (None: until the client goes), ``close``
    short of the Content-Length, or ``reset``. *bytes_per_s* slows the body down.
    """

    delay_s: float | None = 0.0
    stop_at: int | None = None
    ending: str = "close"
    stall_s: float | None = None
    bytes_per_s: int | None = None

    def beside(self, other: Wire | None) -> Wire:
        """Both at once: delays add up, the body stops where it stops first, and the slower pace counts."""
        if other is None:
            return self
        first = min((self, other), key=lambda wire: float("inf") if wire.stop_at is None else wire.stop_at)
        endless = self.delay_s is None or other.delay_s is None
        return replace(
            first,
            delay_s=None if endless else (self.delay_s or 0) + (other.delay_s or 0),
            bytes_per_s=min(filter(None, (self.bytes_per_s, other.bytes_per_s)), default=None),
        )
