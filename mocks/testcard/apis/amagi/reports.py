"""Scheduled reports: which there are, for which periods, and from when on.

Document 001, section 6: a daily report is made on the next day, a weekly one (Monday to Sunday) on the next Monday, a
monthly one on the first of the next month. Until then, and for any other date, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from testcard.apis.amagi.csvfile import file_of
from testcard.apis.amagi.customers import customer_id
from testcard.apis.amagi.filling import given_schedules
from testcard.apis.amagi.refusals import bad
from testcard.apis.amagi.zones import local_midnight_ms
from testcard.exchange import Call, Refused
from testcard.world.rows import Row
from testcard.world.story import now_ms

__all__ = ["download"]

_SPANS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7), "MONTHLY": timedelta(days=30)}


def download(call: Call, schedule_id: str, from_date: date) -> Iterator[bytes]:
    """The file, in pieces; refused with 404 while there is none (ledger AM-71 to AM-76)."""
    schedule = _schedule(call, schedule_id)
    zone = schedule["filters"].get("timezone") or _zone(call)
    end = _end_of_period(call, schedule, from_date)
    made_ms = local_midnight_ms(zone, end)
    _check_made(call, schedule, from_date, made_ms)
    days = [date.fromordinal(number) for number in range(from_date.toordinal(), end.toordinal())]
    return file_of(call, schedule, zone, days)


def _schedule(call: Call, schedule_id: str) -> Row:
    owner = customer_id(call.holder) if call.holder else ""
    for schedule in given_schedules(call.world):
        if schedule["scheduleId"] == schedule_id and schedule["customerId"] == owner:
            return schedule
    raise Refused(404, "no-such-schedule", f"No scheduled report with id {schedule_id}")


def _zone(call: Call) -> str:
    return "US/Pacific" if call.reading("AM-72") == "us-pacific" else "Universal"


def _end_of_period(call: Call, schedule: Row, first: date) -> date:
    """The day after the period that begins on *first*; refused where none does (ledger AM-73)."""
    interval = schedule["interval"]
    begins = {"DAILY": True, "WEEKLY": first.weekday() == 0, "MONTHLY": first.day == 1}[interval]
    if not begins:
        expected = {"WEEKLY": "a Monday", "MONTHLY": "the first of a month"}[interval]
        message = f"{first} is not the first day of a period; a {interval} report begins on {expected}"
        if call.reading("AM-73") == "unprocessable":
            raise bad("from_date", f"{first}", message, location="path")
        raise Refused(404, "no-such-period", f"No report: {message}")
    try:
        if interval == "MONTHLY":
            return (first + timedelta(days=31)).replace(day=1)
        return first + _SPANS[interval]
    except OverflowError:
        raise Refused(404, "not-yet", f"No report from {first} yet") from None


def _check_made(call: Call, schedule: Row, first: date, made_ms: int) -> None:
    """Refuse a report that is not made yet, or was due before its schedule was saved."""
    saved = datetime.fromisoformat(schedule["createdAt"]).astimezone(UTC)
    saved_ms = now_ms(saved)
    if made_ms < saved_ms:
        raise Refused(404, "before-schedule", f"No report from {first}: the schedule was saved later, {saved:%FT%TZ}")
    if call.reading("AM-71") == "time-passed":
        made_ms = max(made_ms, now_ms(saved + _SPANS[schedule["interval"]]))
    if now_ms(call.now) < made_ms:
        due = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=made_ms)
        raise Refused(404, "not-yet", f"No report from {first} yet: it is due at {due:%FT%TZ}")
