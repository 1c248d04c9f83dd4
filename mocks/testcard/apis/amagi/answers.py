"""The six kinds of figures: from a question to the data of its answer."""

from __future__ import annotations

from typing import Any

from testcard.apis.amagi import concurrent, shapes
from testcard.apis.amagi.arranged import count_past
from testcard.apis.amagi.catalogue import Catalogue, Content
from testcard.apis.amagi.counting import AdCounts, Counts, count_ads, count_sessions
from testcard.apis.amagi.customers import has_epg
from testcard.apis.amagi.questions import Filters, Page, Period
from testcard.apis.amagi.sessions import ad_events, running, sessions
from testcard.apis.amagi.zones import Span, Window, open_span
from testcard.exchange import Call, Refused
from testcard.world.story import now_ms

__all__ = [
    "ad_analytics",
    "ad_content_analytics",
    "concurrent_users",
    "content_analytics",
    "unique_viewers_analytics",
    "viewership_analytics",
]

Data = dict[str, Any]


def viewership_analytics(call: Call, catalogue: Catalogue, filters: Filters, asked: Period, interval: str) -> Data:
    """Rows per bucket, totals, averages and ratios (facts M11 to M14; ledger AM-38, AM-40 to AM-43)."""
    span = span_of(call, asked)
    counts = _counted(call, catalogue, filters, span)
    viewers_name = "uniqueViewers" if call.reading("AM-38") == "unique-viewers" else "numberOfViewers"
    times = span.times()
    rows = [
        {"time": times[bucket], viewers_name: viewers, "numberOfSession": count, "viewershipMinutes": minutes}
        for bucket, viewers, count, minutes in zip(*_lists(counts), strict=True)
    ]
    sums = {name: int(getattr(counts, name).sum()) for name in ("viewers", "sessions", "minutes")}
    by_name = {
        "NumberOfViewers": sums["viewers"],
        "SessionCount": sums["sessions"],
        "ViewershipMinutes": sums["minutes"],
    }
    aggregated = sums["viewers"] if call.reading("AM-41") == "sum-of-rows" else counts.reach
    prefix = "hourly" if interval == "HOURLY" and call.reading("AM-40") == "hourly" else "daily"
    divisor = len(counts) if call.reading("AM-42") == "rows-present" else len(span)
    digits = 2 if call.reading("AM-43") == "two-decimals" else 0
    return {
        "dateRange": shapes.date_range(asked.first, asked.last, interval, asked.start_time, asked.end_time),
        "viewershipAnalytics": rows,
        **shapes.viewership_figures(sums["sessions"], sums["minutes"], aggregated),
        **shapes.averages(prefix, by_name, divisor, digits),
        "avgSessionDuration": shapes.ratio(sums["minutes"], sums["sessions"]),
        "avgSessionPerViewer": shapes.ratio(sums["sessions"], aggregated),
    }


def content_analytics(call: Call, catalogue: Catalogue, filters: Filters, asked: Period, page: Page) -> Data:
    """A row per date and content (fact M15; ledger AM-27, AM-47 to AM-50)."""
    if not _has_contents(call):
        return {"contentData": [], "contentCount": 0}
    span = span_of(call, asked)
    rows = sessions(call.world, catalogue, filters, span.from_ms, span.to_ms)
    counts = count_sessions(rows, span, rows.content, rounded=call.reading("AM-37") == "per-session")
    own_series = call.reading("AM-49") == "own-series"
    dates = span.dates()
    made = []
    for bucket, group, viewers, count, minutes in zip(*_lists(counts, grouped=True), strict=True):
        content = catalogue.content(catalogue.content_codes.keys[group])
        made.append({
            "date": dates[bucket],
            **_content_fields(call, content, filters),
            "seriesName": content.series if own_series else "",
            "uniqueViewers": viewers,
            "totalSessions": count,
            "viewershipMinutes": minutes,
        })  # fmt: skip
    return _paged(call, made, page, "contentData", "contentCount")


def concurrent_users(call: Call, catalogue: Catalogue, filters: Filters, hours: int) -> list[Data]:
    """A point per minute, UTC (fact M16; ledger AM-51, AM-54, AM-55)."""
    now = now_ms(call.now)
    first, end = concurrent.window(now, hours, lagging=call.reading("AM-51") == "quarter-hour-lag")
    rows = running(call.world, catalogue, filters, first * concurrent.MINUTE_MS, end * concurrent.MINUTE_MS)
    counts = concurrent.open_per_minute(rows, first, end, viewers=call.reading("AM-55") == "viewers")
    return shapes.concurrent_points(first, counts, zeros=call.reading("AM-54") == "zero")


def ad_analytics(call: Call, catalogue: Catalogue, filters: Filters, asked: Period) -> Data:
    """Rows per day and their totals (fact M17; ledger AM-59, AM-60)."""
    span = span_of(call, asked)
    counts = count_ads(ad_events(call.world, catalogue, filters, span.from_ms, span.to_ms), span)
    times = span.times()
    rows = [
        {"time": times[bucket], **_ad_figures(call, counters, total=False)} for bucket, _, counters in _ad_rows(counts)
    ]
    totals = [int(column.sum()) for column in counts.counters]
    return {
        "dateRange": shapes.date_range(asked.first, asked.last, "DAILY", asked.start_time, asked.end_time),
        "adAnalytics": rows,
        **_ad_figures(call, totals, total=True),
    }


def ad_content_analytics(call: Call, catalogue: Catalogue, filters: Filters, asked: Period, page: Page) -> Data:
    """A row per date and content; opportunities are the whole day's (fact M18; ledger AM-61)."""
    if not _has_contents(call):
        return {"adContentData": [], "adContentCount": 0}
    span = span_of(call, asked)
    events = ad_events(call.world, catalogue, filters, span.from_ms, span.to_ms)
    of_day = {bucket: counters[0] for bucket, _, counters in _ad_rows(count_ads(events, span))}
    own = call.reading("AM-61") == "own"
    dates = span.dates()
    made = []
    for bucket, group, counters in _ad_rows(count_ads(events, span, events.content)):
        content = catalogue.content(catalogue.content_codes.keys[group])
        shown = counters if own else [of_day[bucket], *counters[1:]]
        figures = _ad_figures(call, shown, total=True)
        made.append({"date": dates[bucket], **_content_fields(call, content, filters), **figures})
    return _paged(call, made, page, "adContentData", "adContentCount")


def unique_viewers_analytics(call: Call, catalogue: Catalogue, filters: Filters, asked: Period, interval: str) -> Data:
    """Rows one step finer than the interval, and the figures of the range (fact M19; ledger AM-62, AM-63)."""
    span = span_of(call, asked)
    counts = _counted(call, catalogue, filters, span)
    times = span.times()
    rows = [
        {
            "time": times[bucket],
            "uniqueViewers": viewers,
            "sessionPerViewer": shapes.ratio(count, viewers),
            "sessionDurationPerViewer": shapes.ratio(minutes, viewers),
        }
        for bucket, viewers, count, minutes in zip(*_lists(counts), strict=True)
    ]
    key = "uniqueViewerAnalytics" if call.reading("AM-62") == "singular" else "uniqueViewersAnalytics"
    total = shapes.unique_viewers_figures(
        interval.lower(), counts.reach, int(counts.sessions.sum()), int(counts.minutes.sum())
    )
    return {key: rows, **total}


def span_of(call: Call, asked: Period) -> Span:
    """The buckets of a period."""
    window = Window(asked.first_hour, asked.end_hour, asked.each_day)
    repeated = call.reading("AM-45") == "two-rows"
    return open_span(asked.zone, asked.first, asked.last, asked.unit, window, repeated_hours=repeated)


def _has_contents(call: Call) -> bool:
    """Whether the customer has contents; without them it is refused where AM-50 says so."""
    if call.holder is None or has_epg(call.holder):
        return True
    if call.reading("AM-50") == "refused":
        raise Refused(403, "no-epg", "EPG is not enabled for this customer")
    return False


def _counted(call: Call, catalogue: Catalogue, filters: Filters, span: Span) -> Counts:
    rounded = call.reading("AM-37") == "per-session"
    past = count_past(call.world, catalogue, filters, span) if rounded else None
    if past is not None:
        return past
    return count_sessions(sessions(call.world, catalogue, filters, span.from_ms, span.to_ms), span, rounded=rounded)


def _lists(counts: Counts, *, grouped: bool = False) -> list[list[int]]:
    names = ["bucket", *(["group"] if grouped else []), "viewers", "sessions", "minutes"]
    return [getattr(counts, name).tolist() for name in names]


def _ad_rows(counts: AdCounts) -> list[tuple[int, int, list[int]]]:
    columns = zip(*(column.tolist() for column in counts.counters), strict=True)
    return [
        (bucket, group, list(counters))
        for bucket, group, counters in zip(counts.bucket.tolist(), counts.group.tolist(), columns, strict=True)
    ]


def _ad_figures(call: Call, counters: list[int], *, total: bool) -> Data:
    of = counters[3] if call.reading("AM-59") == "of-assets" else counters[0]
    conversion = shapes.rate(counters[4], of, rounded=call.reading("AM-60") == "two-decimals")
    return shapes.ad_figures(counters, conversion, total=total)


def _content_fields(call: Call, content: Content, filters: Filters) -> dict[str, str]:
    studio = content.studio if call.reading("AM-48") == "own-studio" else filters.studio
    return {"contentId": content.id, "contentName": content.name, "studioName": studio}


def _paged(call: Call, rows: list[Data], page: Page, key: str, count: str) -> Data:
    """By date and content id, cut to the page (ledger AM-27)."""
    rows.sort(key=lambda row: (row["date"], row["contentId"]))
    shown = rows[page.start : page.end]
    return {key: shown, count: len(rows) if call.reading("AM-27") == "total" else len(shown)}
