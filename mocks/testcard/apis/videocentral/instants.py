"""The lexical form of the filters' dates (VC-20)."""

from __future__ import annotations

import re
from datetime import date, datetime

from testcard.apis.videocentral.periods import midnight_ms
from testcard.apis.videocentral.reports import epoch_ms

__all__ = ["date_or_date_time"]


def date_or_date_time(text: str) -> int:
    """Milliseconds since 1970: a date is its midnight in UTC; a date-time needs Z or an offset (VC-20)."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return midnight_ms(date.fromisoformat(text))
        if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", text, re.ASCII):
            return epoch_ms(datetime.fromisoformat(text))
    except ValueError:
        pass
    hint = "; a '+' in a query must be written %2B" if " " in text else ""
    raise ValueError(
        f"{text!r} is neither a date nor a date-time; expected for example 2026-03-01 or 2026-03-01T12:00:00.000Z{hint}"
    )
