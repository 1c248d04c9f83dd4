"""From a call's parameters to what is asked of the timeline: periods, filters, flags, by the readings in force."""

from __future__ import annotations

from collections.abc import Iterable

from testcard.apis.ibmvideo.contents import Filter, channel_ids, story_contents
from testcard.apis.ibmvideo.explicit import world_timeline
from testcard.apis.ibmvideo.query import Query
from testcard.apis.ibmvideo.selection import Period, Rules
from testcard.apis.ibmvideo.timeline import Timeline
from testcard.apis.ibmvideo.times import parse, resolve
from testcard.exchange import Call, Problem, Refused
from testcard.world.story import day_of, now_ms
from testcard.world.viewing import LONGEST_MS

__all__ = ["filter_of", "period_of", "refuse_unknown", "rules_of", "timeline_of", "visible_to"]

_BEGIN, _END = parse("0001-01-01T00:00:00Z"), parse("9999-12-31T23:59:59Z")


def period_of(call: Call, query: Query) -> Period:
    """The period in milliseconds, both ends inclusive, of bounds that nothing objects to; without them, all time.

    Source: document 003, Raw view export; ledger IB-14.
    """
    bounds = (query.date_time_from or _BEGIN, query.date_time_to or _END)
    first_us, last_us = (resolve(moment, call.reading) for moment in bounds)
    first_ms = -(-first_us // 1000)
    if call.reading("IB-14") == "closed":
        return Period(first_ms, last_us // 1000)
    return Period(first_ms, -(-last_us // 1000) - 1)


def rules_of(call: Call, query: Query) -> Rules:
    """The flags with their readings, IB-13 and IB-15."""
    return Rules(
        query.list_unfinished_segments, query.inclusive_range, call.reading("IB-13"), call.reading("IB-15") == "kept"
    )


def filter_of(call: Call, query: Query) -> Filter:
    """The contents that are asked for and that the customer may see."""
    ids = [query.content_id] if isinstance(query.content_id, int) else query.content_id
    return Filter(query.content_type, _set(ids), _set(query.channel_id), visible_to(call).allowed)


def visible_to(call: Call) -> Filter:
    """All contents that the customer may see."""
    allowed = call.holder.grants.get("channels") if call.holder else None
    return Filter(allowed=_set(allowed and [channel_ids().get(each, each) for each in allowed]))


def _set(numbers: Iterable[int] | None) -> frozenset[int] | None:
    return None if numbers is None else frozenset(numbers)


def timeline_of(call: Call, period: Period) -> Timeline:
    """The world's segments of a period, and of the hours before in which they may have begun."""
    now = now_ms(call.now)
    first = day_of(min(period.first_ms, now) - LONGEST_MS)
    return world_timeline(call.world, first, max(first, day_of(min(period.last_ms, now))))


def refuse_unknown(call: Call, timeline: Timeline, wanted: Filter) -> None:
    """`Refused` with 404 for a content that does not exist, where the reading IB-26 says so."""
    if wanted.ids is None or call.reading("IB-26") == "empty":
        return
    contents = (*story_contents(call.world.story), *timeline.contents)
    known = {content.id for content in contents if wanted.type in (None, content.type)}
    unknown = sorted(wanted.ids - known)
    if unknown:
        problem = Problem("query", "content_id", unknown[0], f"there is no {wanted.type or 'content'} {unknown[0]}")
        raise Refused(404, "no-such-content", str(problem), [problem])
