"""What holds between Amagi's answers, whatever the truth is."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from testcard.live.listings import at_any_size, disjoint, grouped, within_limit
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Relation
from testcard.live.subjects.amagi.answers import (
    CONTENT_PAGES,
    CONTENTS,
    asked,
    content_listings,
    days,
    named,
    over,
    rows,
    shown,
    viewership,
)
from testcard.live.subjects.common import missing

__all__ = ["RELATIONS"]

_DATES = ("startDate", "endDate")


def _union(seen: Seen) -> list[str] | None:
    """Days without times: those may belong to the whole stretch (AM-31)."""
    daily = [each for each in viewership(seen, interval="DAILY") if over(each) and "startTime" not in each.query]
    alike = grouped(daily, lambda each: asked(each, *_DATES))
    told = [
        (week[first, last], shown(one) + shown(week[begin, last]))
        for week in ({days(each): each for each in group} for group in alike)
        for (first, middle), one in week.items()
        for begin, last in week
        if begin == middle + timedelta(1) and (first, last) in week
    ]
    return ["two parts of a week are not the week" for whole, parts in told if parts != shown(whole)] if told else None


def _totals(seen: Seen) -> list[str] | None:
    answers = viewership(seen)
    wrong = [
        name
        for each in answers
        for name, field in (("totalSessions", "numberOfSession"), ("totalViewershipMinutes", "viewershipMinutes"))
        if sum(row[field] for row in rows(each)) != each.data[name]
    ]
    return [f"the rows do not add up to {name}" for name in wrong] if answers else None


def _derived(seen: Seen) -> list[str] | None:
    """Rounding may go either way, so half of the last digit is left free."""
    answers, wrong = viewership(seen), []
    for each in answers:
        for name, above, below in (
            ("avgSessionDuration", "totalViewershipMinutes", "totalSessions"),
            ("avgSessionPerViewer", "totalSessions", "aggregatedViewers"),
        ):
            if each.data[below] and abs(each.data[name] - each.data[above] / each.data[below]) > 0.0051:
                wrong.append(f"{name} is not {above} by {below}")
    return wrong if answers else None


def _subset(seen: Seen) -> list[str] | None:
    settled = [each for each in viewership(seen) if over(each)]
    alike = grouped(settled, lambda each: asked(each, "channelId"))
    told = [(one, more) for group in alike for one, more in permutations(group, 2) if _fewer(one, more)]
    counts = [(_sessions(one), _sessions(more)) for one, more in told]
    wrong = [sum(count > more.get(time, 0) for time, count in one.items()) for one, more in counts]
    return (
        [f"some channels have more sessions than all of them in {number} rows" for number in wrong if number]
        if told
        else None
    )


def _fewer(one: Answer, more: Answer) -> bool:
    few, many = named(one), named(more)
    return few is not None and (many is None or few < many)


def _sessions(answer: Answer) -> dict[str, int]:
    return {row["time"]: row["numberOfSession"] for row in rows(answer)}


def _in_range(seen: Seen) -> list[str] | None:
    found = [(row["time"][:10], each.query) for each in viewership(seen) for row in rows(each)]
    wrong = sum(not query["startDate"] <= day <= query["endDate"] for day, query in found)
    return ([f"{wrong} rows lie outside the days asked for"] if wrong else []) if found else None


def _ad_totals(seen: Seen) -> list[str] | None:
    answers = seen.good("get_ad_analytics")
    names = ("AdOpportunitiesDetected", "AdRequestsSent", "AdAssetsReceived", "ImpressionsRecorded")
    wrong = [
        name
        for each in answers
        for name in names
        if sum(row[name[0].lower() + name[1:]] for row in each.data["adAnalytics"]) != each.data[f"total{name}"]
    ]
    return [f"the rows do not add up to total{name}" for name in wrong] if answers else None


def _channels_named(seen: Seen) -> list[str] | None:
    lists = seen.good("list_channels")
    names = ("adAnalyticsChannels", "viewershipChannels")
    pairs = [[[row["channelId"] for row in each.data[name]] for name in names] for each in lists]
    sentence = "channels with advertising are among those with viewing"
    return [text for ads, all_ in pairs for text in missing(ads, all_, sentence)] if lists else None


RELATIONS = (
    Relation("union", "two adjacent parts of a week are the week", _union),
    Relation("totals", "rows add up to the totals beside them", _totals),
    Relation("derived", "the two ratios follow from the totals", _derived),
    Relation("subset", "one channel has no more sessions than all", _subset),
    Relation("in-range", "every row lies in the days asked for", _in_range),
    Relation("page-size", "a page has no more rows than its limit",
             lambda seen: within_limit(seen.to(CONTENTS), CONTENT_PAGES)),
    Relation("two-page-sizes", "small pages hold what a large one begins with",
             lambda seen: at_any_size(content_listings(seen))),
    Relation("disjoint-pages", "no content stands on two pages",
             lambda seen: disjoint(content_listings(seen), CONTENT_PAGES)),
    Relation("ad-totals", "rows of advertising add up to the totals beside them", _ad_totals),
    Relation("ad-channels", "channels with advertising are among those with viewing", _channels_named),
)  # fmt: skip
