"""Drawn scenarios of Amagi Analytics: sessions around the edges of days, clock changes, filters, sizes, faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from testcard.suite.scenario import Scenario
from testcard.suite.subjects.amagi_rows import (
    FILE,
    PAGED,
    PLACES,
    POINTS,
    RANGED,
    UNIQUE,
    VIEWERSHIP,
    Row,
    ask,
    content_id,
    event,
    many,
    one,
    session,
    tables_of,
    text_of,
)
from testcard.suite.subjects.ingredients import drawn_faults

__all__ = ["drawn"]

_FAULTS = drawn_faults("amagi", without={"truncate", "short-page", "token-expired"})


def drawn(operations: Sequence[str], page_size: int) -> st.SearchStrategy[Scenario]:
    days = st.sampled_from([date(2024, 6, 12), date(2024, 3, 10), date(2024, 11, 3)])
    zones = st.sampled_from(["US/Pacific", "US/Eastern", "Universal"])
    filters = st.fixed_dictionaries({}, optional={
        "country": st.sampled_from(["Canada", "United States,Canada", "Germany"]),
        "city": st.sampled_from([city for city, _ in PLACES]),
        "deviceType": st.sampled_from(["Roku", "Smart TV,Roku"]),
        "contentId": st.sampled_from([content_id(number) for number in range(4)]),
    })  # fmt: skip
    sizes = st.sampled_from([size for pages in (1, 2) for d in (-1, 0, 1) if 0 < (size := pages * page_size + d) < 330])
    hours = st.sampled_from([("00:00", "23:00"), ("06:00", "18:00"), ("02:00", "02:00"), ("01:00", "22:00")])

    @st.composite
    def build(draw: st.DrawFn) -> Scenario:
        operation, day = draw(st.sampled_from(operations)), draw(days)
        base = datetime.combine(day, datetime.min.time(), UTC)
        offsets = draw(st.lists(st.integers(-12 * 60, 40 * 60), max_size=20))
        lasts = (None, 0, 29, 30, 90, 3600)
        moments = [base + timedelta(minutes=each, seconds=-(each % 3 == 0)) for each in offsets]
        sessions = [session(at, each, lasts[offsets[at] % 6]) for at, each in enumerate(moments)]
        tables = tables_of(sessions, [event(at, each) for at, each in enumerate(moments)])
        more: Row = {}
        if operation == FILE:
            first = day + timedelta(days=draw(st.integers(-1, 1)))
            more = {"scheduleId": draw(st.sampled_from(["71", "74", "75", "72"])), "from_date": str(first)}
        elif operation in RANGED:
            more = {**draw(filters), "timezone": draw(zones)}
            if operation in PAGED and draw(st.booleans()):
                tables, day, more = many(draw(sizes)), date(2024, 6, 12), {}
            if operation == VIEWERSHIP and draw(st.booleans()):
                begin, end = draw(hours)
                more |= {"interval": "HOURLY", "startTime": begin, "endTime": end}
        elif operation == UNIQUE:
            more = {"timezone": draw(zones), "interval": draw(st.sampled_from(["DAILY", "WEEKLY"]))}
        elif operation == POINTS:
            more = {"hoursLimit": draw(st.sampled_from([1, 12, 24]))}
        first, last = day - timedelta(days=draw(st.integers(0, 1))), day + timedelta(days=draw(st.integers(0, 1)))
        now = text_of(base + timedelta(hours=draw(st.sampled_from([600, 30, 12])), seconds=31))
        step = ask(operation, str(first), str(last), **more)
        return one(f"drawn: {operation}", tables, step, now=now, faults=draw(_FAULTS))

    return build()
