"""The analytics operations: which rows a query is about, and how its answer is labelled.

Document 002, Streaming, the operations below analytics; facts C25 to C37. Reducing is `analytics`, columns are
`playback` and `ads`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from testcard.apis.videokit.common import refuse
from testcard.apis.videokit.records import Row
from testcard.apis.videokit.searches import moment
from testcard.data import load
from testcard.exchange import Call, heavy
from testcard.world.history import Stretch, story_days
from testcard.world.story import day_of
from testcard.world.world import World

if TYPE_CHECKING:
    from testcard.apis.videokit.analytics import Query
    from testcard.apis.videokit.columns import Frame

__all__ = ["AnalyticsOperations"]

_DAY_MS = 86_400_000
_MOST_ROWS = 200
_MOST_SESSIONS = 2_000_000  # of the story in one timeframe; ads of that many take the best part of a gigabyte
_PEAK = "MAX_CONCURRENT_VIEWERS"
_SESSIONS = {"label": "Sessions", "description": "Number of Sessions"}


class AnalyticsOperations:
    """The nine analytics operations, for `Streaming`."""

    @heavy
    def get_ads_count(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Count ad impressions."""
        return _table(call, body, "count", ads=True)

    @heavy
    def get_ads_sum(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Add up a measure of ad impressions."""
        return _table(call, body, "sum", ads=True)

    @heavy
    def get_ads_avg(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Average a measure of ad impressions."""
        return _table(call, body, "avg", ads=True)

    @heavy
    def get_queries_count(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Count sessions."""
        return _table(call, body, "count")

    @heavy
    def get_queries_sum(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Add up a measure of sessions."""
        return _table(call, body, "sum")

    @heavy
    def get_queries_avg(self, call: Call, *, body: Row) -> dict[str, Any]:
        """Average a measure of sessions."""
        return _table(call, body, "avg")

    @heavy
    def get_queries_median(self, call: Call, *, body: Row) -> dict[str, Any]:
        """The median of a measure of sessions."""
        return _table(call, body, "median")

    @heavy
    def get_max_concurrent_viewers(self, call: Call, *, body: Row) -> dict[str, Any]:
        """The most viewers at once."""
        return _table(call, {**body, "dimension": _PEAK}, "peak")

    @heavy
    def list_impressions(self, call: Call, *, body: Row) -> dict[str, Any]:
        """The ids of sessions, by start (ledger VK-182)."""
        from testcard.apis.videokit.analytics import keep
        from testcard.apis.videokit.columns import Text

        start, end = _window(call, body)
        frame = _frame(call, start, end, ads=False)
        mask = keep(frame, body.get("filters", ())) & (frame.time >= start) & (frame.time < end)
        found = mask.nonzero()[0].tolist()
        if call.reading("VK-182") == "newest-first":
            found.reverse()
        column = frame.column("IMPRESSION_ID")
        if not isinstance(column, Text):
            raise TypeError("IMPRESSION_ID is text")
        few = found[: body.get("limit", _MOST_ROWS)]
        return {"impressions": [{"impressionId": column.word(int(column.codes[at]))} for at in few]}


def _table(call: Call, body: Row, function: str, *, ads: bool = False) -> dict[str, Any]:
    from testcard.apis.videokit.analytics import run

    query = _query(call, body, function, ads=ads)
    frame = _frame(call, query.start, query.end, ads=ads)
    rows = run(frame, query, _sweep(call) if function == "peak" else None)
    offset = body.get("offset", 0)
    few = rows[offset : offset + body.get("limit", _MOST_ROWS)]
    answer: dict[str, Any] = {
        "rowCount": len(rows) if call.reading("VK-169") == "matching" else len(few),
        "rows": few,
        "columnLabels": _labels(call, body["dimension"], query),
    }
    if call.reading("VK-168") == "always" or query.with_sessions:
        about = [] if ads and query.with_sessions else [_about(body["dimension"], function)]
        answer["contextDescription"] = [*about, *([_SESSIONS] if query.with_sessions else [])]
    return answer


def _sweep(call: Call) -> Any:
    from testcard.apis.videokit.concurrency import max_concurrent

    return partial(max_concurrent, per_minute=call.reading("VK-181") == "per-minute")


def _query(call: Call, body: Row, function: str, *, ads: bool) -> Query:
    from testcard.apis.videokit.analytics import Query, Rules, order_column

    dimension = body["dimension"]
    if dimension == "IMPRESSIONS":
        if call.reading("VK-175") == "refused":
            refuse(400, "body '/dimension': 'IMPRESSIONS' is no attribute; did you mean 'IMPRESSION_ID'?")
        dimension = "IMPRESSION_ID"
    start, end = _window(call, body)
    rules = Rules(
        distinct=call.reading("VK-176") == "distinct",
        midpoint=call.reading("VK-177") == "midpoint",
        rounded=call.reading("VK-178") == "rounded",
        ascending=call.reading("VK-173") == "ascending",
        zeros=call.reading("VK-174") == "zero",
    )
    with_sessions = body.get("includeContext", False) and function != "peak"
    with_sessions = with_sessions or (ads and call.reading("VK-166") == "with-session-count")
    query = Query(
        function,
        dimension,
        start,
        end,
        body.get("filters", ()),
        body.get("interval"),
        body.get("groupBy", ()),
        [{**each, "name": dimension if each["name"] == body["dimension"] else each["name"]} for each in _orders(body)],
        with_sessions,
        rules,
    )
    for at, each in enumerate(query.order_by):
        if order_column(query, each["name"]) is None:
            refuse(400, f"body '/orderBy/{at}/name': {each['name']!r} is no column of this answer")
    return query


def _orders(body: Row) -> list[Row]:
    orders: list[Row] = body.get("orderBy", [])
    return orders


def _window(call: Call, body: Row) -> tuple[int, int]:
    """The timeframe in milliseconds, the end not in it (ledger VK-171, VK-172, VK-179, VK-180)."""
    now = call.world.clock.now_ms()
    days = 1 if call.reading("VK-171") == "last-day" else 30
    end = moment(body["end"], "/end") if "end" in body else now + 1
    start = moment(body["start"], "/start") if "start" in body else end - days * _DAY_MS
    if start > end and call.reading("VK-180") == "refused":
        refuse(400, "body '/start': lies after the end")
    if "end" in body and call.reading("VK-172") == "inclusive":
        end += 1
    if call.reading("VK-179") == "thirty-days":
        start = max(start, now - 30 * _DAY_MS)
    return start, max(end, start)


def _frame(call: Call, start: int, end: int, *, ads: bool) -> Frame:
    """The sessions or ads that have begun by now and may lie in the timeframe: of the story, and explicit ones."""
    from testcard.apis.videokit.playback_frames import frame_of

    end = min(end, call.world.clock.now_ms() + 1)
    first, last = day_of(start), day_of(max(end - 1, start))
    if not call.world.rows.replaced("videokit", "adPlayback" if ads else "playback"):
        _refuse_too_much(call.world, Stretch(start, end))
    return frame_of(call.world, first, last if end > start else first, ads=ads)


def _refuse_too_much(world: World, timeframe: Stretch) -> None:
    """A mock's own limit, generous: what is counted at once has to fit into memory."""
    counts = (world.story.count("videokit", part.day) for part in story_days(world, timeframe))
    if any(total > _MOST_SESSIONS for total in accumulate(counts)):
        refuse(400, f"body '/start': more than {_MOST_SESSIONS:,} sessions in the timeframe; ask for less at once")


@cache
def _labels_given() -> Any:
    return load("fixtures/videokit/playback.yaml")["labels"]


def _words(name: str) -> tuple[str, str]:
    """What an attribute is called, and its unit."""
    if name == _PEAK:
        return "Max Concurrent Viewers", ""
    found: list[str] | None = _labels_given().get(name)
    if not found:
        return name.replace("_", " ").title(), ""
    return (found[0], " (ms)" if "ms" in found[1:] else "")


def _labels(call: Call, dimension: str, query: Query) -> list[Mapping[str, str]]:
    """A label for each column but the context's (ledger VK-167)."""
    label, unit = _words(dimension)
    before = {"sum": "Total ", "avg": "Average "}.get(query.function, "")
    after = " Count" if query.function == "count" else ""
    value = {"key": dimension, "label": f"{before}{label}{after}{unit}"}
    if call.reading("VK-167") == "value-only":
        return [value]
    time = [{"key": "TIMESTAMP", "label": "Timestamp"}] if query.interval else []
    groups = [{"key": name, "label": _words(name)[0]} for name in query.group_by]
    return [*time, *groups, value]


def _about(dimension: str, function: str) -> dict[str, str]:
    """What the value is, in the words of the samples."""
    label, unit = _words(dimension)
    plain = label.lower()
    if function == "peak":
        return {"label": label, "description": "Maximum number of concurrent viewers"}
    if function == "count":
        return {"label": label, "description": f"Number of {plain}"}
    title = {"sum": f"Total {label}", "avg": f"Average {label}", "median": label}[function]
    start = {"sum": "Sum of", "avg": "Average", "median": "Median"}[function]
    return {"label": title, "description": f"{start} {plain}" + (" in milliseconds" if unit else "")}
