"""Days of UTC and epoch milliseconds, as the story counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime

__all__ = ["DAY_MS", "day_ms", "day_of", "now_ms"]

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_ms(day: date) -> int:
    """Return the epoch milliseconds at which *day* begins in UTC."""
    return (day.toordinal() - _EPOCH) * DAY_MS


def day_of(ms: int) -> date:
    """Return the UTC day of epoch milliseconds; `date.min` or `date.max` for what lies beyond the calendar."""
    ordinal = ms // DAY_MS + _EPOCH
    return date.fromordinal(max(date.min.toordinal(), min(date.max.toordinal(), ordinal)))


def now_ms(moment: datetime) -> int:
    """Return the epoch milliseconds of an aware *moment*, rounded down."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * DAY_MS + delta.seconds * 1000 + delta.microseconds // 1000
