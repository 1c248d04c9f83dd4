"""The sibling endpoints, which the document's summary does not list: numbers over the same segments.

Source: facts I22 and I26 to I30; document 003, Parameter definitions, granularity and dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.asking import filter_of, period_of, refuse_unknown, timeline_of
from testcard.apis.ibmvideo.counts import Slice, begun, by_dimension, by_step, summary
from testcard.apis.ibmvideo.envelope import open_page, rows_key
from testcard.apis.ibmvideo.flows import Flow, Value, flow_of, peaks, seconds, steps_of, the_peak, the_seconds
from testcard.apis.ibmvideo.query import Query
from testcard.exchange import Call
from testcard.world.story import now_ms

__all__ = ["breakdown", "over_time", "whole", "whole_of_content"]

_TIMES = ("month", "day", "hour")
T = TypeVar("T")


def whole(call: Call, metric: str, query: Query) -> dict[str, Any]:
    """A metric of the whole period: always one row, whose point is the metric's name (fact I29)."""
    value = summary(_begun(call, query), metric)
    return _list(call, query, [(metric, value)], lambda each: _series("summary", *each))


def breakdown(call: Call, metric: str, query: Query) -> dict[str, Any]:
    """A metric broken down by time, place, device or source; points without a view are left out."""
    part, dimension = _begun(call, query), query.dimension
    if dimension in _TIMES:
        zone = call.reading("IB-35")
        values = [(times.write(at_ms, zone), value) for at_ms, value in by_step(part, metric, dimension)]
    else:
        values = by_dimension(part, metric, dimension)
    return _list(call, query, values, lambda each: _series(dimension, *each))


def over_time(call: Call, metric: str, query: Query) -> dict[str, Any]:
    """Peak viewers or viewer seconds by content and step."""
    flow = _flow(call, query)
    steps = steps_of(flow, query.granularity or call.reading("IB-50"))
    values = peaks(flow, steps) if metric == "peak" else seconds(flow, steps)
    kind = "PeakSeries" if metric == "peak" else "ViewerSecondSeries"
    return _list(call, query, values, lambda value: _of_content(call, kind, value))


def whole_of_content(call: Call, metric: str, query: Query) -> dict[str, Any]:
    """Peak viewers or viewer seconds of one content: one row or none, and no links (fact I28)."""
    flow = _flow(call, query)
    if metric == "peak":
        rows = [_of_content(call, "PeakSummary", value) for value in the_peak(flow)]
    else:
        rows = [_of_content(call, "ViewerSecondSummary", value) for value in the_seconds(flow)]
        for row in rows:
            del row["attributes"]["time"]
    return {"pagination": {}, rows_key(call): rows}


def _begun(call: Call, query: Query) -> Slice:
    """The segments that begin in the period, until now."""
    wanted, period = filter_of(call, query), period_of(call, query)
    timeline = timeline_of(call, period)
    refuse_unknown(call, timeline, wanted)
    return begun(timeline, wanted, period.first_ms, min(period.last_ms, now_ms(call.now)))


def _flow(call: Call, query: Query) -> Flow:
    """What ran in the period, until now."""
    wanted, period = filter_of(call, query), period_of(call, query)
    timeline = timeline_of(call, period)
    refuse_unknown(call, timeline, wanted)
    end_ms = period.last_ms + (call.reading("IB-14") == "half-open")  # a moment lasts no time, whoever it belongs to
    return flow_of(timeline, wanted, period.first_ms, end_ms, now_ms(call.now))


def _series(dimension: str, point: str, value: int) -> dict[str, Any]:
    return {"type": "Series", "attributes": {"dimension_type": dimension, "point": point, "value": value}}


def _of_content(call: Call, kind: str, value: Value) -> dict[str, Any]:
    attributes = {
        "content_type": value.type,
        "content_id": str(value.id) if call.reading("IB-07") == "string" else value.id,
        "time": times.write(value.at_ms, call.reading("IB-35")),
        "value": value.value,
    }
    return {"type": kind, "attributes": attributes}


def _list(call: Call, query: Query, values: Sequence[T], write: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """The envelope of a page, whose values alone are written."""
    start, stop, links = open_page(call, query, len(values))
    return {"pagination": links, rows_key(call): [write(value) for value in values[start:stop]]}
