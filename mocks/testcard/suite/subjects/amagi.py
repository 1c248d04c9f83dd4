"""Amagi Analytics as a subject: its seven questions and its files, its scenarios, and the truth by the plain model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from testcard.data import load
from testcard.suite.oracles import amagi as model
from testcard.suite.oracles.amagi import Asked
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Take
from testcard.suite.subject import Judged, Page, Subject, Truth, read_json
from testcard.suite.subjects.amagi_drawn import drawn
from testcard.suite.subjects.amagi_rows import ALL, CUSTOMER, PAGED, Row
from testcard.suite.subjects.amagi_scenarios import named
from testcard.world.journal import Entry

__all__ = ["Amagi"]

_NOT_FILTERS = frozenset({"startDate", "endDate", "interval", "timezone", "startTime", "endTime", "hoursLimit"})
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
        return named()

    def scenarios(self, operations: frozenset[str], page_size: int) -> st.SearchStrategy[Scenario]:
        """Sessions around the edges of days and hours, clock changes, filters, sizes around the page, faults."""
        return drawn(sorted(operations & set(self.judged)), page_size)

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
        if take.step.operation in PAGED and take.grants.get("epg") is False:
            return Truth(fails=frozenset({"forbidden"})) if take.readings["AM-50"] == "refused" else Truth(rows=[])
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
        if entry.status != 200 or entry.operation not in PAGED:
            return None
        key, counted = PAGED[entry.operation]
        try:
            body = read_json(entry)
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
    rows = [row for row in take.rows["channels"] if row["customerId"] == CUSTOMER]
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
    own = [row["channelId"] for row in take.rows["channels"] if row["customerId"] == CUSTOMER]
    if filters.pop("customerId", CUSTOMER) != CUSTOMER and take.readings["AM-11"] == "both-narrow":
        own = []  # nothing is his, and every question with a customer names channels too
    wanted = filters.get("channelId", ALL)
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
    own = [row["channelId"] for row in take.rows["channels"] if row["customerId"] == CUSTOMER]
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
