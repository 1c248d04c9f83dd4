"""The lexical form of the filters' dates (VC-20)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

__all__ = ["date_or_date_time"]


def date_or_date_time(text: str) -> datetime:
    """A date is its midnight in UTC; a date-time needs Z or an offset (VC-20)."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", text, re.ASCII):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    hint = "; a '+' in a query must be written %2B" if " " in text else ""
    raise ValueError(
        f"{text!r} is neither a date nor a date-time; expected for example 2026-03-01 or 2026-03-01T12:00:00.000Z{hint}"
    )
