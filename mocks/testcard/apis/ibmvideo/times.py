"""Times as this vendor takes and writes them: ISO 8601, and Los Angeles where no offset is given.

Reading a parameter has two steps. `parse` knows no world and refuses what no reading would take; `resolve` applies the
readings in force. Instants are integers: microseconds since 1970 in parameters, milliseconds in segments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["LOS_ANGELES", "Moment", "los_angeles_offset_s", "parse", "resolve", "to_ms", "write"]

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from a local 1970
_MICROSECOND = timedelta(microseconds=1)
_FORM = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"([Tt](?P<clock>\d\d:\d\d(:\d\d)?)([.,](?P<fraction>\d+))?(?P<zone>[Zz]|(?P<sign>[+\- ])\d\d(:?\d\d)?)?)?",
    re.ASCII,
)
_EXAMPLE = "2018-07-16T19:20:30+01:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date-time as it was sent: *local* by the sender's clock; *offset* is None where none was given.

    *blank* says that a blank stands where the offset's sign should be, *dated* that there was no time of day.
    """

    text: str
    local: datetime
    offset: timedelta | None = None
    blank: bool = False
    dated: bool = False


def parse(text: str) -> Moment:
    """Read a date-time; `ValueError` says what was expected."""
    form = _FORM.fullmatch(text)
    try:
        if form:
            return _moment(text, form)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not an ISO 8601 date and time; expected for example {_EXAMPLE}")


def resolve(moment: Moment, reading: Callable[[str], str]) -> int:
    """Return microseconds since 1970, by the readings in force; `ValueError` when they refuse the form.

    Source: document 003, Introduction and Raw view export; ledger IB-16 to IB-19 and IB-43.
    """
    if moment.dated and reading("IB-43") == "refused":
        raise ValueError(f"{moment.text!r} has no time of day; expected for example {_EXAMPLE}")
    if moment.blank and reading("IB-19") == "refused":
        raise ValueError(
            f"{moment.text!r} has a blank where the sign of the offset belongs: a '+' in a query must be written %2B"
        )
    offset = _offset(moment, reading) if moment.offset is None else moment.offset
    return (moment.local - _EPOCH - offset) // _MICROSECOND


def to_ms(text: str) -> int:
    """Return milliseconds since 1970 of an RFC 3339 date-time with an offset, as explicit rows have them."""
    moment = parse(text)
    if moment.offset is None:
        raise ValueError(f"{text!r} has no offset")
    return (moment.local - _EPOCH - moment.offset) // timedelta(milliseconds=1)


def write(ms: int, zone: str) -> str:
    """Write an instant with whole seconds, in the offset that the reading IB-35 names."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ms // 1000)
    if zone == "los-angeles":
        instant = instant.astimezone(LOS_ANGELES)
    text = instant.isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if zone == "zulu" else text


@lru_cache(maxsize=4096)
def los_angeles_offset_s(hour: int) -> int:
    """Return Los Angeles's offset from UTC, in seconds, in an hour counted from 1970; it changes on full hours."""
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).astimezone(LOS_ANGELES).utcoffset()
    return int((offset or timedelta(0)).total_seconds())


def _moment(text: str, form: re.Match[str]) -> Moment:
    clock = form["clock"]
    local = datetime.fromisoformat(f"{form['day']}T{clock or '00:00'}")
    if form["fraction"]:
        local += int(f"{form['fraction']:0<6.6}") * _MICROSECOND  # what is finer is cut
    return Moment(text, local, _parse_offset(form["zone"]), form["sign"] == " ", clock is None)


def _parse_offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def _offset(moment: Moment, reading: Callable[[str], str]) -> timedelta:
    """The offset of a local time without one."""
    rule = reading("IB-16")
    if rule == "refused":
        raise ValueError(f"{moment.text!r} has no offset; expected for example {_EXAMPLE}")
    if rule == "utc":
        return timedelta(0)
    before, after = (_los_angeles(moment.local, fold) for fold in (0, 1))
    if before < after and reading("IB-17") == "refused":
        raise ValueError(f"{moment.text!r} does not exist in Los Angeles: the clocks skip it")
    if before > after and reading("IB-18") == "second":
        return after
    return before


def _los_angeles(local: datetime, fold: int) -> timedelta:
    return local.replace(tzinfo=LOS_ANGELES, fold=fold).utcoffset() or timedelta(0)
