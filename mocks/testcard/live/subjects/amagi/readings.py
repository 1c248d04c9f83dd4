"""How a service reads the document, told by its answers: each function looks at them and says what they show, or
nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from testcard.live.listings import grouped
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector
from testcard.live.subjects.amagi.answers import (
    CONTENTS,
    REFUSED,
    VIEWERSHIP,
    asked,
    content_listings,
    content_rows,
    days,
    named,
    over,
    rows,
    shown,
    viewers,
    viewership,
)
from testcard.live.subjects.common import instant, only

__all__ = ["DETECTORS"]

_LISTED_HOURS = ("1", "12", "24")
_TEN = 10


def _served(answers: Iterable[Answer], good: str, refused: str) -> str | None:
    return only(good if each.ok else refused for each in answers if each.ok or each.status == REFUSED)


def _without_channel(seen: Seen) -> str | None:
    asked = [each for each in seen.to(VIEWERSHIP) if not {"channelId", "customerId"} & each.query.keys()]
    return _served(_forwards(asked), "optional", "one-required")


def _forwards(answers: Iterable[Answer]) -> list[Answer]:
    """Questions in which nothing else is open: their days in order, by day, without times."""
    return [
        each
        for each in answers
        if each.query.get("interval") == "DAILY" and "startTime" not in each.query and days(each)[0] <= days(each)[1]
    ]


def _several(seen: Seen) -> str | None:
    """Only of channels that are known to be there."""
    known = {row["channelId"] for each in seen.good("list_channels") for row in each.data["viewershipChannels"]}
    asked = [each for each in _forwards(seen.to(VIEWERSHIP)) if (ids := named(each)) and len(ids) > 1 and ids <= known]
    return _served(asked, "several", "one")


def _page_zero(seen: Seen) -> str | None:
    return _served([each for each in seen.to(CONTENTS) if each.query.get("page") == "0"], "zero-based", "one-based")


def _hours_without_times(seen: Seen) -> str | None:
    asked = [
        each for each in seen.to(VIEWERSHIP) if each.query.get("interval") == "HOURLY" and "startTime" not in each.query
    ]
    return _served([each for each in asked if days(each)[0] <= days(each)[1]], "optional", "required")


def _backwards(seen: Seen) -> str | None:
    return _served([each for each in seen.to(VIEWERSHIP) if days(each)[0] > days(each)[1]], "empty", "refused")


def _other_hours(seen: Seen) -> str | None:
    asked = [each for each in seen.to("get_concurrent_users") if each.query.get("hoursLimit") not in _LISTED_HOURS]
    return _served([each for each in asked if each.query.get("hoursLimit")], "up-to-24", "listed")


def _timed_hours(seen: Seen) -> list[Answer]:
    hourly = viewership(seen, interval="HOURLY")
    return [each for each in hourly if {"startTime", "endTime"} <= each.query.keys() and over(each)]


def _last_hour(seen: Seen) -> str | None:
    """Hours without data have no row: the hour before must have one."""
    told = []
    for each in _timed_hours(seen):
        end = datetime.fromisoformat(f"{each.query['endDate']} {each.query['endTime'][:2]}:00:00")
        times = {row["time"] for row in rows(each)}
        if str(end) in times:
            told.append("included")
        elif str(end - timedelta(hours=1)) in times:
            told.append("excluded")
    return only(told)


def _stretch(seen: Seen) -> str | None:
    told = []
    for each in _timed_hours(seen):
        first, last = (int(each.query[name][:2]) for name in ("startTime", "endTime"))
        hours = {int(row["time"][11:13]) for row in rows(each)}
        if hours and days(each)[0] < days(each)[1] and first <= last:
            told.append("one-stretch" if any(not first <= hour <= last for hour in hours) else "each-day")
    return only(told)


def _applied(seen: Seen) -> str | None:
    daily = [each for each in viewership(seen, interval="DAILY") if over(each)]
    pairs = [
        (timed, whole)
        for group in grouped(daily, lambda each: asked(each, "startTime", "endTime"))
        for timed, whole in permutations(group, 2)
        if "startTime" in timed.query and "startTime" not in whole.query and rows(whole)
    ]
    return only("ignored" if shown(timed) == shown(whole) else "applied" for timed, whole in pairs)


def _viewers_key(seen: Seen) -> str | None:
    found = [row for each in viewership(seen) for row in rows(each)]
    return only("unique-viewers" if "uniqueViewers" in row else "number-of-viewers" for row in found)


def _averages_key(seen: Seen) -> str | None:
    hourly = viewership(seen, interval="HOURLY")
    return only("hourly" if "hourlyAverageSessionCount" in each.data else "daily" for each in hourly)


def _aggregated(seen: Seen) -> str | None:
    told = []
    for each in viewership(seen, interval="DAILY"):
        total, found = sum(map(viewers, rows(each))), each.data["aggregatedViewers"]
        if len(rows(each)) > 1:
            told.append("sum-of-rows" if found == total else "distinct" if found < total else "")
    return only(told)


def _exact(seen: Seen) -> str | None:
    """A whole mean says nothing."""
    told = []
    for each in viewership(seen, interval="DAILY"):
        mean = each.data["totalSessions"] / max(1, len(rows(each)))
        if abs(mean - round(mean)) >= 0.01:
            average = each.data["dailyAverageSessionCount"]
            told.append("whole" if average == int(average) else "two-decimals" if round(average, 2) == average else "")
    return only(told)


def _own(field: str, own: str, other: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        answers = [each for each in seen.good(CONTENTS) if field not in each.query]
        found = [row for each in answers for row in content_rows(each)]
        return (own if any(row[field] for row in found) else other) if found else None

    return tells


def _lengths(seen: Seen) -> list[tuple[dict[str, str], int]]:
    """Lists of contents that are known whole, by what was asked, with their lengths."""
    return [({**each.filters}, len(each.keys)) for each in content_listings(seen) if each.complete]


def _counted(seen: Seen) -> str | None:
    told = []
    for query, length in _lengths(seen):
        for each in seen.good(CONTENTS):
            page = len(content_rows(each))
            alike = {name: value for name, value in each.query.items() if name not in ("page", "limit")} == query
            if alike and "limit" in each.query and 0 < page < length:
                told.append({length: "total", page: "on-this-page"}.get(each.data["contentCount"], ""))
    return only(told)


def _without_page(seen: Seen) -> str | None:
    told = [
        {length: "all", _TEN: "ten"}.get(len(content_rows(each)), "")
        for query, length in _lengths(seen)
        for each in seen.good(CONTENTS)
        if dict(each.query) == query and length > _TEN
    ]
    return only(told)


def _minutes(seen: Seen) -> str | None:
    answers = seen.good("get_concurrent_users")
    if any(point["viewerCount"] == 0 for each in answers for point in each.data):
        return "zero"
    for each in answers:
        times = sorted(instant(point["time"]) for point in each.data)
        if times and times[-1] - times[0] > timedelta(minutes=len(times) - 1):
            return "no-point"
    return None


def _rate(seen: Seen) -> str | None:
    return only(way for each in seen.good("get_ad_analytics") if (way := _rate_of(each.data)))


def _rate_of(data: dict[str, Any]) -> str:
    ways = {"of-assets": data["totalAdAssetsReceived"], "of-opportunities": data["totalAdOpportunitiesDetected"]}
    rate, impressions = data["totalConversionRate"], data["totalImpressionsRecorded"]
    good = [name for name, below in ways.items() if below and abs(rate - 100 * impressions / below) < 0.0051]
    return good[0] if len(good) == 1 else ""


def _digits(seen: Seen) -> str | None:
    rates = [row["conversionRate"] for each in seen.good("get_ad_analytics") for row in each.data["adAnalytics"]]
    if len(rates) < 2:
        return None
    return "two-decimals" if all(round(rate, 2) == rate for rate in rates) else "full"


def _opportunities(seen: Seen) -> str | None:
    """Of one day: there the figure of the channel-day is the same on every row."""
    answers = [each for each in seen.good("get_ad_content_analytics") if days(each)[0] == days(each)[1]]
    counts = [[row["totalAdOpportunitiesDetected"] for row in each.data["adContentData"]] for each in answers]
    return only("channel-day" if len(set(found)) == 1 else "own" for found in counts if len(found) > 2)


def _unique_key(seen: Seen) -> str | None:
    answers = seen.good("get_unique_viewers_analytics")
    return only("singular" if "uniqueViewerAnalytics" in each.data else "plural" for each in answers)


def _finer(seen: Seen) -> str | None:
    """Of one day, which has rows by the hour or one row."""
    daily = [each for each in seen.good("get_unique_viewers_analytics") if days(each)[0] == days(each)[1]]
    found = [each.data.get("uniqueViewerAnalytics") or each.data.get("uniqueViewersAnalytics") or [] for each in daily]
    return only("one-finer" if len(each) > 1 else "as-asked" for each in found if each)


DETECTORS = (
    Detector("AM-10", _without_channel),
    Detector("AM-13", _several),
    Detector("AM-25", _page_zero),
    Detector("AM-26", _without_page),
    Detector("AM-27", _counted),
    Detector("AM-29", _hours_without_times),
    Detector("AM-30", _last_hour),
    Detector("AM-31", _stretch),
    Detector("AM-32", _applied),
    Detector("AM-34", _backwards),
    Detector("AM-38", _viewers_key),
    Detector("AM-40", _averages_key),
    Detector("AM-41", _aggregated),
    Detector("AM-43", _exact),
    Detector("AM-48", _own("studioName", "own-studio", "filter-echoed")),
    Detector("AM-49", _own("seriesName", "own-series", "empty")),
    Detector("AM-52", _other_hours),
    Detector("AM-54", _minutes),
    Detector("AM-59", _rate),
    Detector("AM-60", _digits),
    Detector("AM-61", _opportunities),
    Detector("AM-62", _unique_key),
    Detector("AM-63", _finer),
)
