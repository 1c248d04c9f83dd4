"""Which calls are made, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from testcard.live.subject import Step
from testcard.live.subjects.amagi.reports import walk as fetch_reports
from testcard.live.talk import Talk

__all__ = ["STEPS", "walk"]

_RANGE = ("startDate", "endDate", "timezone", "channelId")
_TIMES = (*_RANGE, "interval", "startTime", "endTime")
_PAGES = (*_RANGE, "interval", "page", "limit")
_LARGE, _SMALL = 500, 3

STEPS = (
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


def walk(talk: Talk) -> None:
    """The channels, then a week of them that ended three days ago, and who watches now."""
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
    fetch_reports(talk, last, everything)


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
