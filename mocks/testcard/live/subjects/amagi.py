"""Amagi Analytics: a week that is over, its halves, its hours, its contents and one of its channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from testcard.live.subject import Answer, Detector, Relation, Seen, Step, Subject
from testcard.live.subjects.common import instant, missing, only
from testcard.live.talk import Talk

__all__ = ["SUBJECT"]

_RANGE = ("startDate", "endDate", "timezone", "channelId")
_TIMES = (*_RANGE, "interval", "startTime", "endTime")
_PAGES = (*_RANGE, "interval", "page", "limit")
_LARGE, _SMALL = 500, 3
_REFUSED = 422

_STEPS = (
    Step("channels", "list_channels", 1, "the channels, whose ids are learned"),
    Step("open", "get_viewership_analytics", 1, "a day without naming a channel", _TIMES),
    Step("week", "get_viewership_analytics", 1, "a week by day", _TIMES),
    Step("halves", "get_viewership_analytics", 2, "the two parts of that week", _TIMES),
    Step("one", "get_viewership_analytics", 1, "that week of one channel", _TIMES),
    Step("two", "get_viewership_analytics", 1, "that week of two channels", _TIMES),
    Step("timed-days", "get_viewership_analytics", 1, "that week by day, with times", _TIMES),
    Step("hours", "get_viewership_analytics", 1, "a day by hour without times", _TIMES),
    Step("morning", "get_viewership_analytics", 1, "the same hours of two days", _TIMES),
    Step("backwards", "get_viewership_analytics", 1, "a range that ends before it begins", _TIMES),
    Step("contents", "get_content_analytics", 1, "the contents of a day, on a large page", _PAGES),
    Step("small", "get_content_analytics", 2, "the same on pages of three", _PAGES),
    Step("bare", "get_content_analytics", 1, "the same without page and limit", _PAGES),
    Step("zero", "get_content_analytics", 1, "whether there is a page zero", _PAGES),
    Step("ads", "get_ad_analytics", 1, "advertising of that week", _RANGE),
    Step("ad-contents", "get_ad_content_analytics", 1, "advertising of a day by content", (*_RANGE, "page", "limit")),
    Step("unique", "get_unique_viewers_analytics", 1, "unique viewers of a day", (*_RANGE, "interval")),
    Step("now", "get_concurrent_users", 1, "who watches now", ("hoursLimit", "channelId")),
    Step("three-hours", "get_concurrent_users", 1, "whether three hours may be asked for", ("hoursLimit", "channelId")),
)


def _walk(talk: Talk) -> None:
    channels = talk.ask("channels")
    ids = [row["channelId"] for row in channels.data["viewershipChannels"]]
    last = talk.now.date() - timedelta(days=3)
    first, middle = last - timedelta(days=6), last - timedelta(days=3)
    everything: dict[str, str] = {} if talk.ask("open", {}, _days(last, last)).ok else {"channelId": ",".join(ids)}
    talk.ask("week", {}, _days(first, last, **everything))
    talk.ask("halves", {}, _days(first, middle, **everything))
    talk.ask("halves", {}, _days(middle + timedelta(1), last, **everything))
    if ids:
        talk.ask("one", {}, _days(first, last, channelId=ids[0]))
    if len(ids) > 1:
        talk.ask("two", {}, _days(first, last, channelId=",".join(ids[:2])))
    talk.ask("timed-days", {}, _days(first, last, **everything, startTime="10:00", endTime="12:00"))
    talk.ask("hours", {}, _days(last, last, **everything, interval="HOURLY"))
    times = {"interval": "HOURLY", "startTime": "10:00", "endTime": "12:00"}
    talk.ask("morning", {}, _days(last - timedelta(1), last, **everything, **times))
    talk.ask("backwards", {}, _days(last, first, **everything))
    page = _contents(talk, last, everything)
    days = {name: value for name, value in _days(first, last, **everything).items() if name != "interval"}
    talk.ask("ads", {}, days)
    talk.ask("ad-contents", {}, {**days, "startDate": str(last), "page": page, "limit": _LARGE})
    talk.ask("unique", {}, _days(last, last, **everything))
    talk.ask("now", {}, {"hoursLimit": 1, **everything})
    talk.ask("three-hours", {}, {"hoursLimit": 3, **everything})


def _contents(talk: Talk, day: date, everything: Mapping[str, str]) -> int:
    """Ask for contents; returns the number of the first page."""
    query = _days(day, day, **everything)
    first = 0 if talk.ask("zero", {}, {**query, "page": 0, "limit": _SMALL}).ok else 1
    talk.ask("contents", {}, {**query, "page": first, "limit": _LARGE})
    for page in (first, first + 1):
        talk.ask("small", {}, {**query, "page": page, "limit": _SMALL})
    talk.ask("bare", {}, query)
    return first


def _days(first: date, last: date, **more: str) -> dict[str, str]:
    return {"interval": "DAILY", "startDate": str(first), "endDate": str(last), "timezone": "Universal", **more}


# Reading answers


def _rows(answer: Answer | None) -> list[dict[str, Any]]:
    return list(answer.data["viewershipAnalytics"]) if answer else []


def _viewers(row: Mapping[str, Any]) -> int:
    return int(row["uniqueViewers"] if "uniqueViewers" in row else row["numberOfViewers"])


def _shown(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["time"], _viewers(row), row["numberOfSession"], row["viewershipMinutes"])


def _viewership(seen: Seen) -> list[Answer]:
    return [each for each in seen.answers if each.ok and each.operation == "get_viewership_analytics"]


def _content_keys(answer: Answer | None) -> list[tuple[Any, ...]]:
    return [(row["date"], row["contentId"]) for row in answer.data["contentData"]] if answer else []


# Relations


def _union(seen: Seen) -> list[str] | None:
    week, halves = seen.first("week"), seen.good("halves")
    if week is None or len(halves) != 2:
        return None
    parts = [_shown(row) for half in halves for row in _rows(half)]
    return [] if parts == [_shown(row) for row in _rows(week)] else ["two parts of a week are not the week"]


def _totals(seen: Seen) -> list[str] | None:
    wrong = [
        f"{each.step}: the rows do not add up to {name}"
        for each in _viewership(seen)
        for name, field in (("totalSessions", "numberOfSession"), ("totalViewershipMinutes", "viewershipMinutes"))
        if sum(row[field] for row in _rows(each)) != each.data[name]
    ]
    return wrong if _viewership(seen) else None


def _derived(seen: Seen) -> list[str] | None:
    """Rounding may go either way, so half of the last digit is left free."""
    wrong = []
    for each in _viewership(seen):
        data = each.data
        for name, above, below in (
            ("avgSessionDuration", "totalViewershipMinutes", "totalSessions"),
            ("avgSessionPerViewer", "totalSessions", "aggregatedViewers"),
        ):
            if data[below] and abs(data[name] - data[above] / data[below]) > 0.0051:
                wrong.append(f"{each.step}: {name} is not {above} by {below}")
    return wrong if _viewership(seen) else None


def _subset(seen: Seen) -> list[str] | None:
    one, week = seen.first("one"), seen.first("week")
    if one is None or week is None:
        return None
    whole = {row["time"]: row for row in _rows(week)}
    more = [
        row["time"]
        for row in _rows(one)
        if row["time"] not in whole or row["numberOfSession"] > whole[row["time"]]["numberOfSession"]
    ]
    return [f"one channel has more sessions than all of them on {len(more)} days"] if more else []


def _in_range(seen: Seen) -> list[str] | None:
    rows = [(row["time"][:10], each.query) for each in _viewership(seen) for row in _rows(each)]
    wrong = sum(not query["startDate"] <= day <= query["endDate"] for day, query in rows)
    return ([f"{wrong} rows lie outside the days asked for"] if wrong else []) if rows else None


def _sizes(seen: Seen) -> list[str] | None:
    large, small = seen.first("contents"), [key for page in seen.good("small") for key in _content_keys(page)]
    if large is None or not small:
        return None
    held = small == _content_keys(large)[: len(small)]
    return [] if held else [f"pages of {_SMALL} hold other contents than one large page"]


def _disjoint(seen: Seen) -> list[str] | None:
    pages = [set(_content_keys(page)) for page in seen.good("small")]
    if len(pages) < 2 or not pages[1]:
        return None
    return ["a content stands on two pages"] if pages[0] & pages[1] else []


def _limits(seen: Seen) -> list[str]:
    pages = seen.good("contents", "small", "zero")
    return [
        f"{each.step}: more rows than limit" for each in pages if len(_content_keys(each)) > int(each.query["limit"])
    ]


def _ad_totals(seen: Seen) -> list[str] | None:
    week = seen.first("ads")
    if week is None:
        return None
    names = ("AdOpportunitiesDetected", "AdRequestsSent", "AdAssetsReceived", "ImpressionsRecorded")
    return [
        f"the rows do not add up to total{name}"
        for name in names
        if sum(row[name[0].lower() + name[1:]] for row in week.data["adAnalytics"]) != week.data[f"total{name}"]
    ]


def _channels_named(seen: Seen) -> list[str] | None:
    lists = seen.first("channels")
    if lists is None:
        return None
    ads, all_ = (
        [row["channelId"] for row in lists.data[name]] for name in ("adAnalyticsChannels", "viewershipChannels")
    )
    return missing(ads, all_, "channels with advertising are among those with viewing")


# Readings


def _status(step: str, good: str, refused: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        for answer in seen.of(step):
            return good if answer.ok else refused if answer.status == _REFUSED else None
        return None

    return tells


def _applied(seen: Seen) -> str | None:
    answer, week = seen.first("timed-days"), seen.first("week")
    if answer is None or week is None or not _rows(week):
        return None
    return "ignored" if [_shown(row) for row in _rows(answer)] == [_shown(row) for row in _rows(week)] else "applied"


def _morning(seen: Seen) -> list[str]:
    return [row["time"] for row in _rows(seen.first("morning"))]


def _last_hour(seen: Seen) -> str | None:
    answer = seen.first("morning")
    if answer is None or not _rows(answer):
        return None
    return "included" if f"{answer.query['endDate']} 12:00:00" in _morning(seen) else "excluded"


def _stretch(seen: Seen) -> str | None:
    hours = {int(time[11:13]) for time in _morning(seen)}
    return ("one-stretch" if any(hour > 12 or hour < 10 for hour in hours) else "each-day") if hours else None


def _viewers_key(seen: Seen) -> str | None:
    rows = [row for each in _viewership(seen) for row in _rows(each)]
    return only("unique-viewers" if "uniqueViewers" in row else "number-of-viewers" for row in rows)


def _averages_key(seen: Seen) -> str | None:
    hours = seen.good("hours", "morning")
    return only("hourly" if "hourlyAverageSessionCount" in each.data else "daily" for each in hours)


def _aggregated(seen: Seen) -> str | None:
    week = seen.first("week")
    if week is None or len(_rows(week)) < 2:
        return None
    total, found = sum(map(_viewers, _rows(week))), week.data["aggregatedViewers"]
    return "sum-of-rows" if found == total else "distinct" if found < total else None


def _exact(seen: Seen) -> str | None:
    week = seen.first("week")
    if week is None or not _rows(week):
        return None
    average, mean = week.data["dailyAverageSessionCount"], week.data["totalSessions"] / len(_rows(week))
    if abs(mean - round(mean)) < 0.01:  # a whole mean says nothing
        return None
    return "whole" if average == int(average) else "two-decimals" if round(average, 2) == average else None


def _own(field: str, own: str, other: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        answer = seen.first("contents")
        rows = answer.data["contentData"] if answer else []
        return (own if any(row[field] for row in rows) else other) if rows else None

    return tells


def _counted(seen: Seen) -> str | None:
    page, large = seen.first("small"), seen.first("contents")
    if page is None or large is None or not _SMALL < len(_content_keys(large)) < _LARGE:
        return None
    return {len(_content_keys(large)): "total", _SMALL: "on-this-page"}.get(page.data["contentCount"])


def _without_page(seen: Seen) -> str | None:
    bare, large = seen.first("bare"), seen.first("contents")
    if bare is None or large is None or not 10 < len(_content_keys(large)) < _LARGE:
        return None
    return {len(_content_keys(large)): "all", 10: "ten"}.get(len(_content_keys(bare)))


def _minutes(seen: Seen) -> str | None:
    points = [each for answer in seen.good("now", "three-hours") for each in answer.data]
    if any(each["viewerCount"] == 0 for each in points):
        return "zero"
    for answer in seen.good("now"):
        times = sorted(instant(each["time"]) for each in answer.data)
        if times and times[-1] - times[0] > timedelta(minutes=len(times) - 1):
            return "no-point"
    return None


def _rate(seen: Seen) -> str | None:
    week = seen.first("ads")
    if week is None or not week.data["totalAdAssetsReceived"]:
        return None
    data = week.data
    ways = {"of-assets": data["totalAdAssetsReceived"], "of-opportunities": data["totalAdOpportunitiesDetected"]}
    rate, shown = data["totalConversionRate"], data["totalImpressionsRecorded"]
    good = [name for name, below in ways.items() if below and abs(rate - 100 * shown / below) < 0.0051]
    return good[0] if len(good) == 1 else None


def _digits(seen: Seen) -> str | None:
    rates = [row["conversionRate"] for each in seen.good("ads") for row in each.data["adAnalytics"]]
    if len(rates) < 2:
        return None
    return "two-decimals" if all(round(rate, 2) == rate for rate in rates) else "full"


def _opportunities(seen: Seen) -> str | None:
    answer = seen.first("ad-contents")
    rows = answer.data["adContentData"] if answer else []
    if len(rows) < 3:
        return None
    return "channel-day" if len({row["totalAdOpportunitiesDetected"] for row in rows}) == 1 else "own"


def _unique_key(seen: Seen) -> str | None:
    answer = seen.first("unique")
    return None if answer is None else "singular" if "uniqueViewerAnalytics" in answer.data else "plural"


def _finer(seen: Seen) -> str | None:
    answer = seen.first("unique")
    if answer is None:
        return None
    rows = answer.data.get("uniqueViewerAnalytics") or answer.data.get("uniqueViewersAnalytics") or []
    return ("one-finer" if len(rows) > 1 else "as-asked") if rows else None


SUBJECT = Subject(
    api="amagi",
    steps=_STEPS,
    walk=_walk,
    relations=(
        Relation("union", "two adjacent parts of a week are the week", _union),
        Relation("totals", "rows add up to the totals beside them", _totals),
        Relation("derived", "the two ratios follow from the totals", _derived),
        Relation("subset", "one channel has no more sessions than all", _subset),
        Relation("in-range", "every row lies in the days asked for", _in_range),
        Relation("page-size", "a page has no more rows than its limit", _limits),
        Relation("two-page-sizes", "small pages hold what a large one begins with", _sizes),
        Relation("disjoint-pages", "no content stands on two pages", _disjoint),
        Relation("ad-totals", "rows of advertising add up to the totals beside them", _ad_totals),
        Relation("ad-channels", "channels with advertising are among those with viewing", _channels_named),
    ),
    detectors=(
        Detector("AM-10", _status("open", "optional", "one-required")),
        Detector("AM-13", _status("two", "several", "one")),
        Detector("AM-25", _status("zero", "zero-based", "one-based")),
        Detector("AM-26", _without_page),
        Detector("AM-27", _counted),
        Detector("AM-29", _status("hours", "optional", "required")),
        Detector("AM-30", _last_hour),
        Detector("AM-31", _stretch),
        Detector("AM-32", _applied),
        Detector("AM-34", _status("backwards", "empty", "refused")),
        Detector("AM-38", _viewers_key),
        Detector("AM-40", _averages_key),
        Detector("AM-41", _aggregated),
        Detector("AM-43", _exact),
        Detector("AM-48", _own("studioName", "own-studio", "filter-echoed")),
        Detector("AM-49", _own("seriesName", "own-series", "empty")),
        Detector("AM-52", _status("three-hours", "up-to-24", "listed")),
        Detector("AM-54", _minutes),
        Detector("AM-59", _rate),
        Detector("AM-60", _digits),
        Detector("AM-61", _opportunities),
        Detector("AM-62", _unique_key),
        Detector("AM-63", _finer),
    ),
    ways=(("TOKEN",),),
    headers=lambda credentials: {"x-access-token": credentials["TOKEN"]},
    plain=frozenset({"time", "interval", "startTime", "endTime", "timezone", "type", "error"}),
    not_checked=("scheduled reports: their ids stand in the dashboard only",),
)
