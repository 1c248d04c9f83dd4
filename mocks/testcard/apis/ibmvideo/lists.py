"""The four documented operations: unique viewers and the raw view export, and the export by channel beside them."""

from __future__ import annotations

from testcard.apis.ibmvideo.asking import filter_of, period_of, refuse_unknown, rules_of, timeline_of, visible_to
from testcard.apis.ibmvideo.envelope import open_page, rows_key
from testcard.apis.ibmvideo.explicit import history_of
from testcard.apis.ibmvideo.query import Query
from testcard.apis.ibmvideo.rendering import rows_text
from testcard.apis.ibmvideo.selection import Period, select
from testcard.apis.ibmvideo.style import style_of
from testcard.apis.ibmvideo.viewers import Counting, ViewerQuery, find_viewers, viewers_text
from testcard.exchange import Call, Reply
from testcard.world.story import now_ms

__all__ = ["viewers_page", "views_page"]


def views_page(call: Call, query: Query) -> Reply:
    """One page of Views."""
    wanted, period = filter_of(call, query), period_of(call, query)
    timeline = timeline_of(call, period)
    refuse_unknown(call, timeline, wanted)
    now, positions = now_ms(call.now), timeline.positions(wanted)
    selected = select(timeline, positions, period, now, rules_of(call, query))
    total = len(selected)
    start, stop, links = open_page(call, query, total)
    if call.reading("IB-34") == "oldest-first":
        numbers = selected.window(start, stop)
    else:
        numbers = selected.window(total - stop, total - start)[::-1]
    rows = rows_text(timeline, positions, wanted, numbers, style_of(call, view=True), now)
    return Reply.page({"pagination": links}, rows_key(call), rows)


def viewers_page(call: Call, query: Query) -> Reply:
    """One page of Viewers; a period counts only where the reading IB-47 says so."""
    wanted, period = filter_of(call, query), _period(call, query)
    everything = history_of(call.world)
    timeline = timeline_of(call, period) if period else everything
    refuse_unknown(call, timeline, wanted)
    asked = ViewerQuery(
        wanted,
        everything,
        visible_to(call),
        period,
        rules_of(call, query),
        query.viewer_identifier or "",
        call.reading("IB-27") == "any-case",
        now_ms(call.now),
    )
    counting = Counting(
        call.reading("IB-29"),
        call.reading("IB-30"),
        call.reading("IB-31") == "whole",
        call.reading("IB-32") == "kept-empty",
    )
    people = find_viewers(timeline, asked, counting)
    start, stop, links = open_page(call, query, len(people))
    on_page = people[start:stop].tolist()
    rows = viewers_text(timeline, asked, counting, on_page, style_of(call, view=False))
    return Reply.page({"pagination": links}, rows_key(call), rows)


def _period(call: Call, query: Query) -> Period | None:
    if query.date_time_from is query.date_time_to is None:
        return None
    if call.reading("IB-47") == "ignored":
        call.note("date_time_from and date_time_to change nothing here: reading IB-47")
        return None
    return period_of(call, query)
