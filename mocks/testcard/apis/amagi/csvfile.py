"""The file of a scheduled report: its columns, and its lines streamed day by day.

Columns and their order are known from a consumer for viewership (fact M25); their names, and everything about the other
reports, are ours (ledger AM-76 to AM-79).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np

from testcard.apis.amagi import shapes
from testcard.apis.amagi.catalogue import Catalogue, open_catalogue
from testcard.apis.amagi.columns import AdEvents, Sessions
from testcard.apis.amagi.counting import Counts, count_ads, count_sessions
from testcard.apis.amagi.customers import has_epg
from testcard.apis.amagi.questions import Filters, country_as_written
from testcard.apis.amagi.sessions import ad_events, sessions
from testcard.apis.amagi.zones import open_span
from testcard.exchange import Call
from testcard.world.rows import Row

__all__ = ["file_of"]

Line = list[Any]
_CONTENT_COLUMNS = ("Content Id", "Content Name", "Series")


def file_of(call: Call, schedule: Row, zone: str, days: Sequence[date]) -> Iterator[bytes]:
    """The lines of *days*, a piece per day; nothing at all, or the headings, when there are none."""
    catalogue = open_catalogue(call.world)
    filters = _filters(call, catalogue, schedule["filters"])
    report = _REPORTS[schedule["report"]]
    contents = call.reading("AM-79") == "where-epg" and call.holder is not None and has_epg(call.holder)
    header, lines = report(call, catalogue, filters, contents)
    thousands = call.reading("AM-77") == "thousands"
    pieces = (piece for day in days if (piece := _written(lines(zone, day), thousands=thousands)))
    first = next(pieces, None)
    if first is None:
        return iter([_heading(call, header)] if call.reading("AM-76") == "header-only" else [])
    return chain([_heading(call, header), first], pieces)


def _filters(call: Call, catalogue: Catalogue, wanted: Row) -> Filters:
    """A schedule's filters; like those of a question, but for a customer who is not asked again."""
    chosen = {name: [value] if isinstance(value, str) else value for name, value in wanted.items()}
    chosen.pop("timezone", None)
    own = {channel.id for channel in catalogue.visible(call.holder)} if call.holder else set()
    channels = chosen.pop("channelId", None)
    shown = own if channels is None else own & set(channels)
    return Filters(frozenset(shown), {name: frozenset(values) for name, values in chosen.items()})


Lines = Callable[[str, date], Iterator[Line]]
_Report = Callable[[Call, Catalogue, Filters, bool], tuple[Line, Lines]]


def _viewership(call: Call, catalogue: Catalogue, filters: Filters, contents: bool) -> tuple[Line, Lines]:
    """The columns of fact M25, in its order."""
    header = [
        "View Date", "Channel Name", *(_CONTENT_COLUMNS if contents else []), "Device", "Country",
        "Session Count", "Total Viewership Minutes", "Unique Viewers", "Average Session Count",
        "Average Session Duration Per Session", "Average Session Duration Per Viewer",
    ]  # fmt: skip

    def lines(zone: str, day: date) -> Iterator[Line]:
        counts, keys = _counted(call, catalogue, filters, zone, day, contents=contents)
        date_text = str(day)
        for group, viewers, count, minutes in _lists(counts):
            ratios: tuple[shapes.Number, ...] = (1, minutes, minutes)  # of one session, as most lines are
            if count > 1:
                ratios = shapes.ratio(count, viewers), shapes.ratio(minutes, count), shapes.ratio(minutes, viewers)
            yield [date_text, *keys(group), count, minutes, viewers, *ratios]

    return header, lines


def _unique_viewers(call: Call, catalogue: Catalogue, filters: Filters, _contents: bool) -> tuple[Line, Lines]:
    header = ["View Date", "Channel Name", "Unique Viewers", "Sessions Per Viewer", "Session Duration Per Viewer"]

    def lines(zone: str, day: date) -> Iterator[Line]:
        span = open_span(zone, day, day, "day")
        rows = sessions(call.world, catalogue, filters, span.from_ms, span.to_ms)
        counts = count_sessions(rows, span, rows.channel, rounded=call.reading("AM-37") == "per-session")
        for group, viewers, count, minutes in _lists(counts):
            name = catalogue.channels[catalogue.channel_codes.keys[group]].name
            yield [str(day), name, viewers, shapes.ratio(count, viewers), shapes.ratio(minutes, viewers)]

    return header, lines


def _ads(call: Call, catalogue: Catalogue, filters: Filters, contents: bool) -> tuple[Line, Lines]:
    header = [
        "View Date", "Channel Name", *(_CONTENT_COLUMNS if contents else []), "Device", "Country",
        "Ad Opportunities Detected", "Ad Requests Sent", "Ad Responses Received", "Ad Assets Received",
        "Impressions Recorded", "Conversion Rate",
    ]  # fmt: skip

    def lines(zone: str, day: date) -> Iterator[Line]:
        span = open_span(zone, day, day, "day")
        events = ad_events(call.world, catalogue, filters, span.from_ms, span.to_ms)
        group, keys = _groups(call, catalogue, events, contents=contents)
        counts = count_ads(events, span, group)
        columns = zip(*(column.tolist() for column in counts.counters), strict=True)
        for code, counters in zip(counts.group.tolist(), columns, strict=True):
            of = counters[3] if call.reading("AM-59") == "of-assets" else counters[0]
            conversion = shapes.rate(counters[4], of, rounded=True)
            yield [str(day), *keys(code), *counters, conversion]

    return header, lines


_REPORTS: dict[str, _Report] = {
    "viewershipAnalytics": _viewership,
    "contentAnalytics": _viewership,
    "adAnalytics": lambda call, catalogue, filters, _contents: _ads(call, catalogue, filters, False),
    "adContentAnalytics": _ads,
    "uniqueViewersAnalytics": _unique_viewers,
}


def _counted(
    call: Call, catalogue: Catalogue, filters: Filters, zone: str, day: date, *, contents: bool
) -> tuple[Counts, Callable[[int], Line]]:
    span = open_span(zone, day, day, "day")
    rows = sessions(call.world, catalogue, filters, span.from_ms, span.to_ms)
    group, keys = _groups(call, catalogue, rows, contents=contents)
    return count_sessions(rows, span, group, rounded=call.reading("AM-37") == "per-session"), keys


def _lists(counts: Counts) -> Iterator[tuple[int, int, int, int]]:
    return zip(*(getattr(counts, name).tolist() for name in ("group", "viewers", "sessions", "minutes")), strict=True)


def _groups(
    call: Call, catalogue: Catalogue, rows: Sessions | AdEvents, *, contents: bool
) -> tuple[Any, Callable[[int], Line]]:
    """A code per row for channel, content, device and country together, and what a code stands for."""
    lands = list(dict.fromkeys(land for _, land in catalogue.places.keys))
    land_of = np.array([lands.index(land) for _, land in catalogue.places.keys], np.int64)
    names = list(dict.fromkeys(name for name, _ in catalogue.devices.keys))
    name_of = np.array([names.index(name) for name, _ in catalogue.devices.keys], np.int64)
    content = rows.content.astype(np.int64) if contents else np.zeros(len(rows), np.int64)
    titles = len(catalogue.content_codes) if contents else 1
    code = (rows.channel.astype(np.int64) * titles + content) * len(names) + name_of[rows.device]
    code = code * len(lands) + land_of[rows.place]

    places = [country_as_written(call, land) for land in lands]
    channels = [catalogue.channels[identity].name for identity in catalogue.channel_codes.keys]
    shown = [catalogue.content(identity) for identity in catalogue.content_codes.keys]
    cells = [[each.id, each.name, each.series] for each in shown] if contents else [[]]

    def spelled(group: int) -> Line:
        group, land = divmod(group, len(places))
        group, name = divmod(group, len(names))
        channel, title = divmod(group, titles)
        return [channels[channel], *cells[title], names[name], places[land]]

    return code, spelled


def _heading(call: Call, header: Line) -> bytes:
    """The first line; ledger AM-78."""
    snake = call.reading("AM-78") == "snake-case"
    return _written([[each.lower().replace(" ", "_") if snake else each for each in header]], thousands=False)


def _written(lines: Iterable[Line], *, thousands: bool) -> bytes:
    """Lines as CSV, quoted where they must be; ledger AM-77."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if thousands:
        lines = ([f"{each:,}" if isinstance(each, int | float) else each for each in line] for line in lines)
    writer.writerows(lines)
    return text.getvalue().encode()
