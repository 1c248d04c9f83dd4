"""Amagi Analytics as a subject: its seven questions and its files, its scenarios, and the truth by the plain model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import orjson
from hypothesis import strategies as st

from testcard.data import load
from testcard.suite.oracles import amagi as model
from testcard.suite.oracles.amagi import COUNTERS, Asked
from testcard.suite.scenario import Scenario, Step
from testcard.suite.stage import Take
from testcard.suite.subject import Judged, Page, Subject, Truth
from testcard.world.journal import Entry

__all__ = ["Amagi"]

Row = dict[str, Any]
Tables = dict[str, list[Row]]
_CUSTOMER = "AMG00512"
_CHANNELS = ("tc-one-roku", "tc-two-roku", "tc-three-samsung")
_ALL = ",".join(_CHANNELS)
_PLACES = (("Abbott", "United States"), ("Toronto", "Canada"), ("Köln", "Germany"), ("Réunion & Co", "Runion"))
_DEVICES = (("Roku", "Roku"), ("Amazon Fire TV", "Smart TV"), ("LG TV", "Smart TV"), ("Others", "Others"))
_ADDRESSES = ("198.18.0.1", "198.18.0.2", "2001:db8::1")
_AGENTS = ("Roku/DVP-12.5", "Mozilla/5.0 (Web0S)")
_TITLES = ('Comma, "quote"', "Ünïcödé 東京", "<b>&amp;</b>", " blank ", "007", "null", "%2F+%", "two\nlines")
_STUDIOS = ("Halyard & Sons", "Kleine Welle +1", "")
_NOT_FILTERS = frozenset({"startDate", "endDate", "interval", "timezone", "startTime", "endTime", "hoursLimit"})
_RANGED = ("get_viewership_analytics", "get_content_analytics", "get_ad_analytics", "get_ad_content_analytics")
_PAGED = {"get_content_analytics": ("contentData", "contentCount"),
          "get_ad_content_analytics": ("adContentData", "adContentCount")}  # fmt: skip
_NOW = "2024-06-16T12:07:30Z"
_INVALID = Truth(fails=frozenset({"invalid"}))


class Amagi(Subject):
    """Seven questions about channels and what was watched, and the files of scheduled reports."""

    api = "amagi"
    judged: ClassVar = {
        name: Judged(name, sentence, frozenset({name}))
        for name, sentence in {
            "list_channels": "the two lists of channels, by name",
            "get_viewership_analytics": "the rows per day or hour as sent (viewers may be called uniqueViewers) and, "
            "as totals, the other figures",
            "get_content_analytics": "every row per date and content",
            "get_concurrent_users": "the points of the last hours",
            "get_ad_analytics": "the rows per day and, as totals, the other figures",
            "get_ad_content_analytics": "every row per date and content that has ad figures",
            "get_unique_viewers_analytics": "the rows and, as totals, the other figures",
            "download_report": "the records of a scheduled report's file, every cell as sent",
        }.items()
    }
    paging: ClassVar = frozenset({"page", "limit"})
    probes_end = True

    def named(self) -> Sequence[Scenario]:
        """The deterministic scenarios."""
        return _named()

    def scenarios(self, operations: frozenset[str], page_size: int) -> st.SearchStrategy[Scenario]:
        """Sessions around the edges of days and hours, clock changes, filters, sizes around the page, faults."""
        return _scenarios(sorted(operations & set(self.judged)), page_size)

    def truth(self, take: Take) -> Truth | Sequence[Truth]:
        """By the plain model."""
        arguments = take.step.arguments
        match take.step.operation:
            case "list_channels":
                return _channel_lists(take)
            case "download_report":
                return _download(take)
        if _refused(take):
            return _INVALID
        found = _figures(take, arguments)
        unnamed = "channelId" not in arguments and "customerId" not in arguments
        if unnamed and take.readings["AM-10"] == "one-required":
            return [_INVALID, *found]  # who asks for the channels first gets an answer
        return found

    def same_argument(self, operation: str, name: str, asked: Any, sent: Sequence[Any]) -> bool:
        """Several windows may tile the range; values of a filter have no order; the default may be left out."""
        told = [value for value in sent if value is not None]
        if name in ("startDate", "endDate") and told and all(isinstance(each, date) for each in told):
            return len(told) == len(sent) and (min if name == "startDate" else max)(told) == asked
        if isinstance(asked, list):
            return all(isinstance(each, list) and sorted(each) == sorted(asked) for each in sent)
        if name == "timezone" and asked == "US/Pacific":
            return all(each == asked for each in told)
        return super().same_argument(operation, name, asked, sent)

    def page(self, entry: Entry) -> Page | None:
        """Page and limit of the query, count and rows of the answer; the count is of all rows or of the page's."""
        if entry.status != 200 or entry.operation not in _PAGED:
            return None
        key, counted = _PAGED[entry.operation]
        try:
            body = orjson.loads(entry.response_body)
            query = parse_qs(urlsplit(entry.url).query)
            rows, count = len(body[key]), int(body[counted])
            if "limit" not in query:
                return Page(0, max(rows, 1), rows, last=True)
            limit = int(query["limit"][0])
            start = (int(query.get("page", ["1"])[0]) - 1) * limit
        except (ValueError, KeyError, TypeError):
            return None
        of_page = count == rows and (start > 0 or rows < limit)
        return Page(start, limit, rows, not rows or (rows < limit if of_page else start + rows >= count))


def _channel_lists(take: Take) -> Truth:
    rows = [row for row in take.rows["channels"] if row["customerId"] == _CUSTOMER]
    shown = [({"channelName": row["channelName"], "channelId": row["channelId"]}, row["adAnalytics"]) for row in rows]
    lists = {"viewershipChannels": [row for row, _ in shown], "adAnalyticsChannels": [row for row, ads in shown if ads]}
    return Truth(lists=lists)


def _figures(take: Take, arguments: Mapping[str, Any]) -> list[Truth]:
    """The answer to a question that is not refused."""
    asked, rows = _asked(take, arguments), take.rows.get("sessions", [])
    events, contents = take.rows.get("adEvents", []), take.rows.get("contents", [])
    names = {row["contentId"]: row["contentName"] for row in contents}
    interval = arguments.get("interval", "DAILY")
    match take.step.operation:
        case "get_viewership_analytics":
            truth = _split(model.viewership(rows, asked, interval), "viewershipAnalytics")
            if take.readings["AM-38"] == "number-of-viewers":
                renamed = [{**row, "uniqueViewers": row["numberOfViewers"]} for row in truth.rows or ()]
                for row in renamed:
                    del row["numberOfViewers"]
                return [truth, replace(truth, rows=renamed)]
            return [truth]
        case "get_content_analytics":
            series = {row["contentId"]: row["seriesName"] for row in contents}
            return [Truth(rows=model.contents(rows, asked, names, interval=interval, series=series))]
        case "get_concurrent_users":
            hours = int(arguments["hoursLimit"])
            return [Truth(rows=model.concurrent(rows, take.now, hours, asked.filters, take.readings))]
        case "get_ad_analytics":
            return [_split(model.ads(events, asked), "adAnalytics")]
        case "get_ad_content_analytics":
            return [Truth(rows=model.ad_content(events, asked, names))]
    answer = model.unique_viewers(rows, asked, interval)
    return [_split(answer, next(name for name in answer if name.endswith("Analytics")))]


def _split(answer: Row, key: str) -> Truth:
    return Truth(rows=answer[key], totals={name: value for name, value in answer.items() if name != key})


def _asked(take: Take, arguments: Mapping[str, Any]) -> Asked:
    filters = {name: value for name, value in arguments.items() if name not in _NOT_FILTERS}
    own = [row["channelId"] for row in take.rows["channels"] if row["customerId"] == _CUSTOMER]
    filters.pop("customerId", None)
    wanted = filters.get("channelId", _ALL)
    everything = wanted == "All" and take.readings["AM-67"] == "everything"
    filters["channelId"] = ",".join(own if everything else [each for each in wanted.split(",") if each in own])
    if "country" in filters and take.readings["AM-16"] == "restored":
        cut = {whole: name for name, whole in _countries()["restored"].items()}
        filters["country"] = ",".join(cut.get(each, each) for each in filters["country"].split(","))
    return Asked(
        date.fromisoformat(arguments.get("startDate", "2024-01-01")),
        date.fromisoformat(arguments.get("endDate", "2024-01-01")),
        arguments.get("timezone", "US/Pacific"),
        filters,
        take.now,
        (int(arguments.get("startTime", "00")[:2]), int(arguments.get("endTime", "23")[:2])),
        take.readings,
        {row["contentId"]: row["studioName"] for row in take.rows.get("contents", [])},
    )


def _refused(take: Take) -> bool:
    """Whether the question is one that the service refuses, under the readings in force."""
    arguments, readings = take.step.arguments, take.readings
    lists = {name: str(value).split(",") for name, value in arguments.items() if name not in _NOT_FILTERS}
    if readings["AM-13"] == "one" and any(len(values) > 1 for values in lists.values()):
        return True
    if readings["AM-67"] == "everything":
        lists = {name: values for name, values in lists.items() if values != ["All"]}
    own = [row["channelId"] for row in take.rows["channels"] if row["customerId"] == _CUSTOMER]
    if readings["AM-12"] == "refused" and not set(lists.get("channelId", ())) <= set(own):
        return True
    if readings["AM-15"] == "refused" and any(not _listed(take, name, values) for name, values in lists.items()):
        return True
    kinds, names = lists.get("deviceType"), lists.get("deviceName")
    if readings["AM-21"] == "refused" and kinds and names:
        known = {name for kind in kinds for name in _devices().get(kind, ())}
        if not set(names) <= known:
            return True
    if "hoursLimit" in arguments:
        return readings["AM-52"] == "listed" and int(arguments["hoursLimit"]) not in (1, 12, 24)
    return _refused_times(take)


def _refused_times(take: Take) -> bool:
    arguments, readings = take.step.arguments, take.readings
    loud = readings["AM-34"] == "refused"
    if arguments["endDate"] < arguments["startDate"] and loud:
        return True
    if take.step.operation not in ("get_viewership_analytics", "get_content_analytics"):
        return False
    hourly = arguments["interval"] == "HOURLY"
    if take.step.operation == "get_content_analytics" and readings["AM-47"] == "rows-per-day":
        hourly = False
    if not hourly and readings["AM-32"] == "ignored":
        return False
    if hourly and readings["AM-29"] == "required" and not {"startTime", "endTime"} <= set(arguments):
        return True
    begin, end = arguments.get("startTime", "00:00"), arguments.get("endTime", "23:00")
    if readings["AM-33"] == "refused" and (begin[3:], end[3:]) != ("00", "00"):
        return True
    last = int(end[:2]) + (readings["AM-30"] == "included")
    same = readings["AM-31"] == "each-day" or arguments["startDate"] == arguments["endDate"]
    return loud and same and last <= int(begin[:2])


def _listed(take: Take, name: str, values: Sequence[str]) -> bool:
    known = {
        "deviceType": set(_devices()),
        "deviceName": {each for names in _devices().values() for each in names},
        "country": set(_countries()["names"]),
    }.get(name)
    if known is None:
        return True
    if name == "country" and take.readings["AM-16"] == "restored":
        known = {_countries()["restored"].get(each, each) for each in known}
    if take.readings["AM-14"] == "any-case":
        return {each.casefold() for each in values} <= {each.casefold() for each in known}
    return set(values) <= known


@cache
def _countries() -> Mapping[str, Any]:
    found: Mapping[str, Any] = load("fixtures/amagi/countries.yaml")
    return found


@cache
def _devices() -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = load("fixtures/amagi/devices.yaml")["types"]
    return found


def _download(take: Take) -> Truth:
    readings, first = take.readings, date.fromisoformat(take.step.arguments["from_date"])
    missing = Truth(fails=frozenset({"not-found"}))
    schedules = [row for row in take.rows["schedules"] if row["scheduleId"] == take.step.arguments["scheduleId"]]
    if not schedules:
        return missing
    schedule = schedules[0]
    interval, filters = schedule["interval"], dict(schedule["filters"])
    if (interval == "WEEKLY" and first.weekday()) or (interval == "MONTHLY" and first.day != 1):
        return _INVALID if readings["AM-73"] == "unprocessable" else missing
    days = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31}[interval]
    end = first + timedelta(days=days)
    end = end.replace(day=1) if interval == "MONTHLY" else end
    zone = filters.pop("timezone", "Universal" if readings["AM-72"] == "universal" else "US/Pacific")
    due = datetime.combine(end, datetime.min.time(), ZoneInfo(zone))
    saved = datetime.fromisoformat(schedule["createdAt"])
    if due < saved:
        return missing
    if readings["AM-71"] == "time-passed":
        due = max(due, saved + timedelta(days={"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30}[interval]))
    if take.now < due:
        return missing
    joined = {name: value if isinstance(value, str) else ",".join(value) for name, value in filters.items()}
    studios = {row["contentId"]: row["studioName"] for row in take.rows.get("contents", [])}
    plain = {name: value for name, value in readings.items() if name not in ("AM-14", "AM-32", "AM-67")}
    asked = Asked(first, end - timedelta(days=1), zone, joined, take.now, readings=plain, studios=studios)
    records = model.report(take.rows, schedule, asked)
    if readings["AM-16"] == "restored":
        whole = _countries()["restored"]
        heading = "country" if readings["AM-78"] == "snake-case" else "Country"
        shown = [row for row in records if heading in row]
        for row in shown:
            row[heading] = whole.get(row[heading], row[heading])
    return Truth(rows=records, ordered=False)


def _tables(sessions: Sequence[Row] = (), events: Sequence[Row] = (), contents: int = 4) -> Tables:
    """A world's tables: three channels, contents with awkward names, schedules, and these rows."""
    return {
        "channels": [
            {"channelId": each, "channelName": f"Channel {at} {_TITLES[at]}", "customerId": _CUSTOMER,
             "adAnalytics": at != 1}
            for at, each in enumerate(_CHANNELS)
        ],
        "contents": [_content(number) for number in range(contents)],
        "sessions": list(sessions),
        "adEvents": list(events),
        "schedules": [
            _schedule("71", "viewershipAnalytics", "DAILY", timezone="US/Eastern"),
            _schedule("72", "contentAnalytics", "WEEKLY"),
            _schedule("73", "adContentAnalytics", "MONTHLY"),
            _schedule("74", "uniqueViewersAnalytics", "DAILY", deviceType=["Roku", "Smart TV"]),
            _schedule("75", "adAnalytics", "DAILY", country="Canada", timezone="Universal"),
        ],
    }  # fmt: skip


def _content(number: int) -> Row:
    return {
        "contentId": _content_id(number),
        "contentName": f"{_TITLES[number % len(_TITLES)]} {number}",
        "studioName": _STUDIOS[number % len(_STUDIOS)],
        "seriesName": f"Series {number % 2}",
    }


def _content_id(number: int) -> str:
    return f"{number:05d}" if number % 2 else f"9007199254740{993 + number}"  # beyond what a double tells apart


def _schedule(identity: str, report: str, interval: str, **filters: Any) -> Row:
    return {
        "scheduleId": identity, "report": report, "interval": interval, "filters": filters,
        "createdAt": "2020-01-01T00:00:00Z", "customerId": _CUSTOMER,
    }  # fmt: skip


def _who(number: int, contents: int = 4) -> Row:
    city, country = _PLACES[number % len(_PLACES)]
    name, kind = _DEVICES[number // 2 % len(_DEVICES)]
    return {
        "channelId": _CHANNELS[number % len(_CHANNELS)],
        "contentId": _content_id(number % contents),
        "city": city,
        "country": country,
        "deviceName": name,
        "deviceType": kind,
    }


def _session(number: int, start: datetime, seconds: int | None, contents: int = 4) -> Row:
    end = None if seconds is None else _text(start + timedelta(seconds=seconds))
    viewer = {"ipAddress": _ADDRESSES[number % 3], "userAgent": _AGENTS[number // 3 % 2]}
    return {**_who(number, contents), **viewer, "start": _text(start), "end": end}


def _event(number: int, time: datetime, contents: int = 4) -> Row:
    counters = {name: (number * 7 + at * 3) % 11 + 5 - at for at, name in enumerate(COUNTERS)}
    return {**_who(number, contents), "time": _text(time), "adTag": f"tag {number % 2} & co", **counters}


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _around(day: date, zone: str = "US/Pacific") -> Tables:
    """Sessions and events a second before and at every hour from the day's eve to its morrow, in a zone."""
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    starts = [midnight + timedelta(hours=hour, seconds=off) for hour in range(-9, 35) for off in (-1, 0, 1799)]
    lasts = (29, 30, 3600, 90, 5400, 0)
    return _tables(
        [_session(at, start, lasts[at % len(lasts)]) for at, start in enumerate(starts)],
        [_event(at, start) for at, start in enumerate(starts[::2])],
    )


def _many(count: int) -> Tables:
    """One session and one event for each of so many contents."""
    noon = datetime(2024, 6, 12, 19, tzinfo=UTC)
    rows = [_session(at, noon + timedelta(seconds=at), 600 + at, count) for at in range(count)]
    return _tables(rows, [_event(at, noon, count) for at in range(count)], count)


def _step(operation: str, first: str = "2024-06-12", last: str = "", **more: Any) -> Step:
    arguments: Row = {"channelId": _ALL}
    if operation in _RANGED or operation == "get_unique_viewers_analytics":
        arguments |= {"startDate": first, "endDate": last or first, "timezone": more.pop("timezone", "US/Pacific")}
    if operation in ("get_viewership_analytics", "get_content_analytics", "get_unique_viewers_analytics"):
        arguments["interval"] = "DAILY"
    if operation == "get_concurrent_users":
        arguments["hoursLimit"] = 1
    if operation in ("list_channels", "download_report"):
        arguments = {}
    advance = more.pop("advance_s", 0)
    return Step(operation, {name: value for name, value in (arguments | more).items() if value}, advance_s=advance)


def _one(name: str, tables: Tables, *steps: Step, now: str = _NOW, faults: Sequence[Row] = ()) -> Scenario:
    return Scenario(name, "amagi", steps, tables, faults, now)


_VIEWERSHIP, _CONTENTS, _ADS, _AD_CONTENTS = _RANGED
_UNIQUE, _POINTS, _FILE = "get_unique_viewers_analytics", "get_concurrent_users", "download_report"


def _named() -> list[Scenario]:
    """The simplest first: a client that fails here is told so in the plainest way."""
    plain = _around(date(2024, 6, 12))
    small = _many(3)
    short, long = _around(date(2024, 3, 10)), _around(date(2024, 11, 3))
    later = "2024-12-01T00:00:00Z"
    ranged = ("2024-06-11", "2024-06-13")
    return [
        _one("the channels", small, _step("list_channels")),
        *(_one(f"two days and a bit: {each}", plain, _step(each, *ranged)) for each in (*_RANGED, _UNIQUE)),
        *(_one(f"one day: {each}", plain, _step(each)) for each in (*_RANGED, _UNIQUE)),
        *(_one(f"nothing was watched: {each}", _tables(), _step(each)) for each in (*_RANGED, _UNIQUE, _POINTS)),
        _one("hours of a day", plain, _step(_VIEWERSHIP, interval="HOURLY")),
        _one("some hours of a day", plain, _step(_VIEWERSHIP, interval="HOURLY", startTime="06:00", endTime="18:00")),
        _one("one hour", plain, _step(_VIEWERSHIP, interval="HOURLY", startTime="00:00", endTime="00:00")),
        _one("some hours of two days", plain, _step(
            _VIEWERSHIP, *ranged, interval="HOURLY", startTime="20:00", endTime="05:00")),
        _one("contents by the hour", plain, _step(_CONTENTS, interval="HOURLY")),
        _one("the clocks go forward", short, _step(_VIEWERSHIP, "2024-03-10", interval="HOURLY"),
             _step(_UNIQUE, "2024-03-10"), _step(_VIEWERSHIP, "2024-03-10", "2024-03-11")),
        _one("the clocks go back", long, _step(_VIEWERSHIP, "2024-11-03", interval="HOURLY"),
             _step(_UNIQUE, "2024-11-03"), _step(_VIEWERSHIP, "2024-11-02", "2024-11-03"), now=later),
        *(_one(f"days in {zone}", plain, _step(_VIEWERSHIP, *ranged, timezone=zone),
               _step(_ADS, *ranged, timezone=zone), _step(_CONTENTS, *ranged, timezone=zone))
          for zone in ("US/Eastern", "Universal")),
        _one("leap day", _around(date(2024, 2, 29)), _step(_VIEWERSHIP, "2024-02-28", "2024-03-01")),
        _one("weeks and months of viewers", plain, _step(_UNIQUE, *ranged, interval="WEEKLY"),
             _step(_UNIQUE, "2024-05-01", "2024-06-30", interval="MONTHLY")),
        *(_one(f"{size} contents", _many(size), _step(_CONTENTS), _step(_AD_CONTENTS))
          for size in (1, 10, 20, 50, 51, 100, 101, 250)),
        *(_one(f"only {name} {value}", plain, *(_step(each, **{name: value}) for each in _RANGED))
          for name, value in (
              ("channelId", _CHANNELS[1]), ("country", "Canada"), ("country", "United States,Canada"),
              ("city", "Köln"), ("city", "Réunion & Co"), ("deviceName", "Amazon Fire TV"),
              ("deviceType", "Smart TV,Roku"), ("studioName", "Halyard & Sons"), ("studioName", "Kleine Welle +1"),
              ("contentId", _content_id(0)))),
        _one("an ad tag", plain, _step(_ADS, adTag="tag 1 & co"), _step(_AD_CONTENTS, adTag="tag 1 & co")),
        _one("several filters at once", plain, _step(
            _VIEWERSHIP, country="Canada,United States", deviceType="Smart TV", channelId=_ALL, interval="HOURLY")),
        _one("a device that is not of its type", plain, _step(_VIEWERSHIP, deviceName="Roku", deviceType="Smart TV")),
        _one("a city in small letters", plain, _step(_VIEWERSHIP, city="toronto")),
        _one("a country that lost its letters", plain, _step(_VIEWERSHIP, country="Runion")),
        _one("a city called All", plain, _step(_VIEWERSHIP, city="All")),
        _one("no channel is named", plain, _step(_VIEWERSHIP, channelId="")),
        _one("a channel that there is not", plain, _step(_VIEWERSHIP, channelId="nobody & here")),
        _one("a country that there is not", plain, _step(_VIEWERSHIP, country="Atlantis")),
        _one("the end before the start", plain, _step(_VIEWERSHIP, "2024-06-13", "2024-06-12")),
        _one("sessions that still run", _running(), _step(_VIEWERSHIP, "2024-06-16"), _step(_POINTS),
             _step(_VIEWERSHIP, "2024-06-16", advance_s=3600), _step(_POINTS, hoursLimit=12)),
        _one("a minute and its neighbours", _running(), _step(_POINTS), _step(_POINTS, hoursLimit=24)),
        _one("viewers of one channel at once", _running(), _step(_POINTS, channelId=_CHANNELS[0])),
        _one("hours that are not listed", _running(), _step(_POINTS, hoursLimit=5)),
        *(_one(f"a file: {identity} from {first}", plain, _step(_FILE, scheduleId=identity, from_date=first),
               now="2024-07-02T00:00:00Z")
          for identity, first in (("71", "2024-06-12"), ("72", "2024-06-10"), ("73", "2024-06-01"),
                                  ("74", "2024-06-12"), ("75", "2024-06-12"), ("71", "2023-01-01"))),
        _one("a file with large numbers", _long(), _step(_FILE, scheduleId="71", from_date="2024-06-12")),
        _one("a week that begins on a Tuesday", plain, _step(_FILE, scheduleId="72", from_date="2024-06-11")),
        _one("a file that is not there yet", plain, _step(_FILE, scheduleId="71", from_date="2024-06-15"),
             _step(_FILE, scheduleId="71", from_date="2024-06-15", advance_s=1), now="2024-06-16T03:59:59Z"),
        _one("a schedule that there is not", plain, _step(_FILE, scheduleId="no/such one", from_date="2024-06-12")),
        _one("another day after the last call", plain, _step(_VIEWERSHIP),
             Step(_VIEWERSHIP, _step(_VIEWERSHIP).arguments, rows=_many(5))),
        *_faulted(),
    ]  # fmt: skip


def _running() -> Tables:
    """Sessions around the last minutes, some of which still run."""
    now = datetime.fromisoformat(_NOW)
    ends = [None, 0, 29, 30, 60, 61, 1800, None]
    backs = (0, 29, 30, 31, 89, 90, 600, 3599, 3630, 3631, 43200, 86430)
    rows = [_session(at, now - timedelta(seconds=back), ends[at % len(ends)]) for at, back in enumerate(backs)]
    return _tables([*rows, _session(20, now - timedelta(seconds=45), None), _session(20, now, None)])


def _long() -> Tables:
    """Sessions of days: figures beyond a thousand."""
    noon = datetime(2024, 6, 12, 16, tzinfo=UTC)
    return _tables([_session(at, noon + timedelta(seconds=at), 90_000) for at in range(13)])


def _faulted() -> list[Scenario]:
    paged, step = _many(250), _step(_CONTENTS)
    here = {"id": "fault", "api": "amagi", "operation": _CONTENTS}
    cases: dict[str, Row] = {
        "the second page is refused once": {"kind": "status", "status": 503, "when": {"calls": [2, 2]}},
        "the second page is refused for good": {"kind": "status", "status": 500, "when": {"page": 2}},
        "a gateway answers the second page": {"kind": "status", "status": 502, "body": "gateway", "when": {"page": 2}},
        "told to wait": {"kind": "status", "status": 429, "retry_after": 1, "when": {"calls": [2, 2]}},
        "the token is revoked in the middle": {"kind": "token-revoked", "when": {"calls": [2, 2]}},
        "every token is refused": {"kind": "token-revoked"},
        "access is refused": {"kind": "status", "status": 403},
        "the connection is reset": {"kind": "reset", "when": {"calls": [2, 2]}},
        "a page is cut off": {"kind": "truncate", "when": {"page": 2}},
        "a page is not JSON": {"kind": "malformed-json", "when": {"page": 2}},
        "a field that nobody knows": {"kind": "unknown-field"},
        "a short page in the middle": {"kind": "short-page", "rows": 3, "when": {"page": 2}},
        "an empty page in the middle": {"kind": "empty-page", "when": {"page": 2}},
    }
    file = _step(_FILE, scheduleId="71", from_date="2024-06-12")
    away = {"kind": "status", "status": 503}
    return [
        *(_one(name, paged, step, faults=[{**here, **fault}]) for name, fault in cases.items()),
        _one("the figures are refused for good", paged, _step(_VIEWERSHIP), faults=[
            {**here, "operation": _VIEWERSHIP, "kind": "status", "status": 500}]),
        _one("a file is cut off", paged, file, faults=[
            {**here, "operation": _FILE, "kind": "truncate", "after_bytes": 400, "when": {"first": 1}}]),
        _one("a file is away", paged, file, faults=[{**here, "operation": _FILE, **away}]),
    ]  # fmt: skip


def _scenarios(operations: Sequence[str], page_size: int) -> st.SearchStrategy[Scenario]:
    days = st.sampled_from([date(2024, 6, 12), date(2024, 3, 10), date(2024, 11, 3)])
    zones = st.sampled_from(["US/Pacific", "US/Eastern", "Universal"])
    filters = st.fixed_dictionaries({}, optional={
        "country": st.sampled_from(["Canada", "United States,Canada", "Germany"]),
        "city": st.sampled_from([city for city, _ in _PLACES]),
        "deviceType": st.sampled_from(["Roku", "Smart TV,Roku"]),
        "contentId": st.sampled_from([_content_id(number) for number in range(4)]),
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
        sessions = [_session(at, each, lasts[offsets[at] % 6]) for at, each in enumerate(moments)]
        tables = _tables(sessions, [_event(at, each) for at, each in enumerate(moments)])
        more: Row = {}
        if operation == _FILE:
            first = day + timedelta(days=draw(st.integers(-1, 1)))
            more = {"scheduleId": draw(st.sampled_from(["71", "74", "75", "72"])), "from_date": str(first)}
        elif operation in _RANGED:
            more = {**draw(filters), "timezone": draw(zones)}
            if operation in _PAGED and draw(st.booleans()):
                tables, day, more = _many(draw(sizes)), date(2024, 6, 12), {}
            if operation == _VIEWERSHIP and draw(st.booleans()):
                begin, end = draw(hours)
                more |= {"interval": "HOURLY", "startTime": begin, "endTime": end}
        elif operation == _UNIQUE:
            more = {"timezone": draw(zones), "interval": draw(st.sampled_from(["DAILY", "WEEKLY"]))}
        elif operation == _POINTS:
            more = {"hoursLimit": draw(st.sampled_from([1, 12, 24]))}
        first, last = day - timedelta(days=draw(st.integers(0, 1))), day + timedelta(days=draw(st.integers(0, 1)))
        now = _text(base + timedelta(hours=draw(st.sampled_from([600, 30, 12])), seconds=31))
        step = _step(operation, str(first), str(last), **more)
        return _one(f"drawn: {operation}", tables, step, now=now, faults=draw(_faults()))

    return build()


def _faults() -> st.SearchStrategy[list[Row]]:
    when = st.sampled_from([{"calls": [1, 1]}, {"calls": [2, 2]}, {"page": 2}, {"first": 2}])
    kinds = st.sampled_from([
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "body": "gateway"},
        {"kind": "reset"},
        {"kind": "malformed-json"},
        {"kind": "unknown-field"},
        {"kind": "empty-page"},
    ])  # fmt: skip
    fault = st.builds(lambda kind, at: {"api": "amagi", **kind, "when": at}, kinds, when)
    return st.lists(fault, max_size=1)
