"""The named scenarios of Amagi Analytics, the simplest first."""

from __future__ import annotations

from datetime import UTC, date, datetime

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.amagi_rows import (
    AD_CONTENTS,
    ADS,
    ALL,
    CHANNELS,
    CONTENTS,
    CUSTOMER,
    FILE,
    POINTS,
    RANGED,
    UNIQUE,
    VIEWERSHIP,
    around,
    ask,
    content_id,
    long_sessions,
    many,
    one,
    running,
    session,
    tables_of,
)
from testcard.suite.subjects.ingredients import page_faults

__all__ = ["named"]

_OUT_OF_PLACE = ("token-expired", "next-repeats", "next-cycles")  # tokens last, and pages have numbers


def named() -> list[Scenario]:
    """The simplest first: a client that fails here is told so in the plainest way."""
    plain = around(date(2024, 6, 12))
    small = many(3)
    short, long = around(date(2024, 3, 10)), around(date(2024, 11, 3))
    later = "2024-12-01T00:00:00Z"
    ranged = ("2024-06-11", "2024-06-13")
    return [
        one("the channels", small, ask("list_channels")),
        *(one(f"two days and a bit: {each}", plain, ask(each, *ranged)) for each in (*RANGED, UNIQUE)),
        *(one(f"one day: {each}", plain, ask(each)) for each in (*RANGED, UNIQUE)),
        *(one(f"nothing was watched: {each}", tables_of(), ask(each)) for each in (*RANGED, UNIQUE, POINTS)),
        one("hours of a day", plain, ask(VIEWERSHIP, interval="HOURLY")),
        one("some hours of a day", plain, ask(VIEWERSHIP, interval="HOURLY", startTime="06:00", endTime="18:00")),
        one("one hour", plain, ask(VIEWERSHIP, interval="HOURLY", startTime="00:00", endTime="00:00")),
        one("some hours of two days", plain, ask(
            VIEWERSHIP, *ranged, interval="HOURLY", startTime="20:00", endTime="05:00")),
        one("hours beside days", plain, ask(VIEWERSHIP, *ranged, startTime="06:00", endTime="18:00")),
        one("half an hour", plain, ask(VIEWERSHIP, interval="HOURLY", startTime="06:30", endTime="18:00")),
        one("contents by the hour", plain, ask(CONTENTS, interval="HOURLY")),
        one("the clocks go forward", short, ask(VIEWERSHIP, "2024-03-10", interval="HOURLY"),
             ask(UNIQUE, "2024-03-10"), ask(VIEWERSHIP, "2024-03-10", "2024-03-11")),
        one("the clocks go back", long, ask(VIEWERSHIP, "2024-11-03", interval="HOURLY"),
             ask(UNIQUE, "2024-11-03"), ask(VIEWERSHIP, "2024-11-02", "2024-11-03"), now=later),
        *(one(f"days in {zone}", plain, ask(VIEWERSHIP, *ranged, timezone=zone),
               ask(ADS, *ranged, timezone=zone), ask(CONTENTS, *ranged, timezone=zone))
          for zone in ("US/Eastern", "Universal")),
        one("leap day", around(date(2024, 2, 29)), ask(VIEWERSHIP, "2024-02-28", "2024-03-01")),
        one("weeks and months of viewers", plain, ask(UNIQUE, *ranged, interval="WEEKLY"),
             ask(UNIQUE, "2024-05-01", "2024-06-30", interval="MONTHLY")),
        *(one(f"{size} contents", many(size), ask(CONTENTS), ask(AD_CONTENTS))
          for size in (1, 10, 20, 50, 51, 100, 101, 250)),
        *(one(f"no programme guide: {each}", plain, ask(each), grants={"epg": False, "customerId": CUSTOMER})
          for each in (CONTENTS, AD_CONTENTS)),
        *(one(f"only {name} {value}", plain, *(ask(each, **{name: value}) for each in RANGED))
          for name, value in (
              ("channelId", CHANNELS[1]), ("country", "Canada"), ("country", "United States,Canada"),
              ("city", "Köln"), ("city", "Réunion & Co"), ("deviceName", "Amazon Fire TV"),
              ("deviceType", "Smart TV,Roku"), ("studioName", "Halyard & Sons"), ("studioName", "Kleine Welle +1"),
              ("contentId", content_id(0)))),
        one("an ad tag", plain, ask(ADS, adTag="tag 1 & co"), ask(AD_CONTENTS, adTag="tag 1 & co")),
        one("several filters at once", plain, ask(
            VIEWERSHIP, country="Canada,United States", deviceType="Smart TV", channelId=ALL, interval="HOURLY")),
        one("a device that is not of its type", plain, ask(VIEWERSHIP, deviceName="Roku", deviceType="Smart TV")),
        one("a city in small letters", plain, ask(VIEWERSHIP, city="toronto")),
        one("a country that lost its letters", plain, ask(VIEWERSHIP, country="Runion")),
        one("a city called All", plain, ask(VIEWERSHIP, city="All")),
        one("no channel is named", plain, ask(VIEWERSHIP, channelId="")),
        one("a channel that there is not", plain, ask(VIEWERSHIP, channelId="nobody & here")),
        one("a channel, and a customer who has it not", plain, ask(VIEWERSHIP, customerId="AMG00007")),
        one("a country that there is not", plain, ask(VIEWERSHIP, country="Atlantis")),
        one("the end before the start", plain, ask(VIEWERSHIP, "2024-06-13", "2024-06-12")),
        one("sessions that still run", running(), ask(VIEWERSHIP, "2024-06-16"), ask(POINTS),
             ask(VIEWERSHIP, "2024-06-16", advance_s=3600), ask(POINTS, hoursLimit=12)),
        one("a minute and its neighbours", running(), ask(POINTS), ask(POINTS, hoursLimit=24)),
        one("viewers of one channel at once", running(), ask(POINTS, channelId=CHANNELS[0])),
        one("hours that are not listed", running(), ask(POINTS, hoursLimit=5)),
        *(one(f"a file: {identity} from {first}", plain, ask(FILE, scheduleId=identity, from_date=first),
               now="2024-07-02T00:00:00Z")
          for identity, first in (("71", "2024-06-12"), ("72", "2024-06-10"), ("73", "2024-06-01"),
                                  ("74", "2024-06-12"), ("75", "2024-06-12"), ("71", "2023-01-01"))),
        one("a file with large numbers", long_sessions(), ask(FILE, scheduleId="71", from_date="2024-06-12")),
        one("a file of a schedule that was saved that day", plain, ask(FILE, scheduleId="76", from_date="2024-06-13"),
             ask(FILE, scheduleId="76", from_date="2024-06-13", advance_s=43_200), now="2024-06-14T09:00:00Z"),
        one("a week that begins on a Tuesday", plain, ask(FILE, scheduleId="72", from_date="2024-06-11")),
        one("a file that is not there yet", plain, ask(FILE, scheduleId="71", from_date="2024-06-15"),
             ask(FILE, scheduleId="71", from_date="2024-06-15", advance_s=1), now="2024-06-16T03:59:59Z"),
        one("a schedule that there is not", plain, ask(FILE, scheduleId="no/such one", from_date="2024-06-12")),
        one("another day after the last call", plain, ask(VIEWERSHIP),
             Step(VIEWERSHIP, ask(VIEWERSHIP).arguments, rows=many(5))),
        *_faulted(),
    ]  # fmt: skip


def _faulted() -> list[Scenario]:
    paged, step = many(250), ask(CONTENTS)
    here = {"id": "fault", "api": "amagi", "operation": CONTENTS}
    file = ask(FILE, scheduleId="71", from_date="2024-06-12")
    away = {"kind": "status", "status": 503}
    changed = {**here, "kind": "rows-changed", "table": "amagi/sessions", "when": {"calls": [1, 1]}}
    return [
        *(one(name, paged, step, faults=[{**here, **fault}]) for name, fault in page_faults(*_OUT_OF_PLACE).items()),
        one("fewer rows a page than asked", paged, step, faults=[{**here, "kind": "capped-limit", "limit": 20}]),
        one("rows come while the list is read", paged, step, faults=[
            {**changed, "insert": [session(0, datetime(2024, 6, 12, 20, tzinfo=UTC), 600, 250)]}]),
        one("rows go while the list is read", paged, step, faults=[{**changed, "delete": [0, 249]}]),
        one("the figures are refused for good", paged, ask(VIEWERSHIP), faults=[
            {**here, "operation": VIEWERSHIP, "kind": "status", "status": 500}]),
        one("a file is cut off", paged, file, faults=[
            {**here, "operation": FILE, "kind": "truncate", "after_bytes": 400, "when": {"first": 1}}]),
        one("a file is away", paged, file, faults=[{**here, "operation": FILE, **away}]),
    ]  # fmt: skip
