"""The four documented operations: unique viewers and the raw view export, and the export by channel beside them."""

from __future__ import annotations

from testcard.apis.ibmvideo.asking import filter_of, period_of, refuse_unknown, rules_of, timeline_of
from testcard.apis.ibmvideo.contents import Filter
from testcard.apis.ibmvideo.envelope import Page, open_page, rows_key
from testcard.apis.ibmvideo.explicit import history_of
from testcard.apis.ibmvideo.rendering import rows_text
from testcard.apis.ibmvideo.selection import Period, select
from testcard.apis.ibmvideo.style import style_of
from testcard.apis.ibmvideo.times import Moment, parse
from testcard.apis.ibmvideo.viewers import Counting, ViewerQuery, find_viewers, viewers_text
from testcard.exchange import Call, Reply
from testcard.world.story import now_ms

__all__ = ["viewers_page", "views_page"]

_BEGIN, _END = parse("0001-01-01T00:00:00Z"), parse("9999-12-31T23:59:59Z")


def views_page(
    call: Call,
    wanted: Filter,
    bounds: tuple[Moment, Moment],
    flags: tuple[bool, bool],
    page: Page,
) -> Reply:
    """One page of Views; *flags* are list_unfinished_segments and inclusive_range."""
    period = period_of(call, *bounds)
    timeline = timeline_of(call, period)
    refuse_unknown(call, timeline, wanted)
    now, positions = now_ms(call.now), timeline.positions(wanted)
    rules = rules_of(call, unfinished=flags[0], inclusive=flags[1])
    selected = select(timeline, positions, period, now, rules)
    total = len(selected)
    start, stop, links = open_page(call, page, total)
    if call.reading("IB-34") == "oldest-first":
        numbers = selected.window(start, stop)
    else:
        numbers = selected.window(total - stop, total - start)[::-1]
    rows = rows_text(timeline, positions, wanted, numbers, style_of(call, view=True), now)
    return Reply.page({"pagination": links}, rows_key(call), *rows)


def viewers_page(
    call: Call,
    wanted: Filter,
    viewer_identifier: str | None,
    period: tuple[Moment | None, Moment | None],
    unfinished: bool,
    page: Page,
) -> Reply:
    """One page of Viewers; a period counts only where the reading IB-47 says so."""
    narrowed = _period(call, period)
    everything = history_of(call.world)
    timeline = timeline_of(call, narrowed) if narrowed else everything
    refuse_unknown(call, timeline, wanted)
    query = ViewerQuery(
        wanted,
        everything,
        filter_of(call),
        narrowed,
        rules_of(call, unfinished=unfinished, inclusive=True),
        viewer_identifier or "",
        call.reading("IB-27") == "any-case",
        now_ms(call.now),
    )
    counting = Counting(
        call.reading("IB-29"),
        call.reading("IB-30"),
        call.reading("IB-31") == "whole",
        call.reading("IB-32") == "kept-empty",
    )
    people = find_viewers(timeline, query, counting)
    start, stop, links = open_page(call, page, len(people))
    on_page = people[start:stop].tolist()
    rows = viewers_text(timeline, query, counting, on_page, style_of(call, view=False))
    return Reply.page({"pagination": links}, rows_key(call), rows)


def _period(call: Call, sent: tuple[Moment | None, Moment | None]) -> Period | None:
    if sent == (None, None):
        return None
    if call.reading("IB-47") == "ignored":
        call.note("date_time_from and date_time_to change nothing here: reading IB-47")
        return None
    return period_of(call, sent[0] or _BEGIN, sent[1] or _END)
