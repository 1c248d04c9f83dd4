"""IBM Video Streaming Analytics as a subject: its operations, and the truth by the plain model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st

from testcard.suite.oracles import ibmvideo as model
from testcard.suite.oracles.ibmvideo import Asked
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Take
from testcard.suite.subject import Judged, Page, Subject, Truth, read_json
from testcard.suite.subjects.ibmvideo_drawn import drawn
from testcard.suite.subjects.ibmvideo_scenarios import named
from testcard.world.journal import Entry

__all__ = ["IbmVideo"]

Row = dict[str, Any]
Period = tuple[datetime, datetime]

_BOUNDS = ("date_time_from", "date_time_to")
_FLAGS = ("list_unfinished_segments", "inclusive_range")
_METRICS = {"total_views": "views", "unique_devices": "distinct devices", "authenticated_viewers": "distinct viewers"}
_FLOWS = {"peak_viewer_numbers": "viewers at once", "viewer_seconds": "seconds watched"}
_TYPES = {
    "peak_viewer_numbers": ("PeakSeries", "PeakSummary"),
    "viewer_seconds": ("ViewerSecondSeries", "ViewerSecondSummary"),
}
# How a client that knows the zone may help a bound of which the service does not tell what it is.
_HELPED = {"IB-16": "los-angeles", "IB-17": "shifted", "IB-18": "first", "IB-43": "midnight"}
_INVALID = Truth(fails=frozenset({"invalid"}))


def _sentences() -> Mapping[str, str]:
    kind = "live or of recorded contents"
    found = {
        "list_views": "the attributes of every view segment of a period",
        "list_views_of_type": f"the attributes of every view segment of {kind} of a period",
        "list_viewers": "the attributes of every viewer, segments and all",
        "list_viewers_of_type": f"the attributes of every viewer of {kind}, segments and all",
    }
    for name, what in _METRICS.items():
        found[f"get_{name}_summary"] = f"the attributes of the one row that counts the {what} of a period"
        found[f"get_{name}_summary_of_type"] = f"the attributes of the one row that counts the {what} of {kind}"
        found[f"list_{name}"] = f"the attributes of every row of the {what} by a dimension"
        found[f"list_{name}_of_type"] = f"the attributes of every row of the {what} of {kind} by a dimension"
    for name, what in _FLOWS.items():
        found[f"list_{name}"] = f"the attributes of every row of the {what} by content and step"
        found[f"list_{name}_of_type"] = f"the attributes of every row of the {what} of {kind} by content and step"
        found[f"get_{name}_summary"] = f"the attributes of the one row of a content's {what}, or no row"
    return found


class IbmVideo(Subject):
    """Views and viewers, and the sibling families of numbers. Rows may be given whole, too, as the service has them."""

    api = "ibmvideo"
    judged: ClassVar = {name: Judged(name, sentence, frozenset({name})) for name, sentence in _sentences().items()}
    paging: ClassVar = frozenset({"_page", "_limit"})
    token_operations: ClassVar = frozenset({"request_token"})
    repeatable: ClassVar = frozenset({"revoke_token"})
    max_limit = 10_000
    probes_end = True  # what pagination.count counts is open (IB-02)
    follows_links = True

    def named(self) -> Sequence[Scenario]:
        """The deterministic scenarios."""
        return named()

    def scenarios(self, operations: frozenset[str], page_size: int) -> st.SearchStrategy[Scenario]:
        """Segments on and beside the edges of periods, flags, zones, sizes around the page, faults."""
        return drawn(sorted(operations & set(self.judged)), page_size)

    def truth(self, take: Take) -> Truth | Sequence[Truth]:
        """By the plain model; an order is nowhere documented."""
        arguments, rows = take.step.arguments, take.rows.get("segments", ())
        kind, ids = arguments.get("content_type"), _ids(arguments)
        if kind not in (None, "live", "recorded"):
            return Truth(fails=frozenset({"invalid", "not-found", "other"}))  # the client may know it before it asks
        known = {str(row["content_id"]) for row in model.of_contents(rows, kind)}
        found = self._found(take, kind, ids)
        if take.readings["IB-26"] == "not-found" and ids and not known.issuperset(ids):
            found.append(Truth(fails=frozenset({"not-found"})))  # though what has no rows may be known all the same
        return found

    def _found(self, take: Take, kind: str | None, ids: list[str] | None) -> list[Truth]:
        arguments, rows = take.step.arguments, take.rows.get("segments", ())
        if _BOUNDS[0] not in arguments:
            shown = model.shown_viewers(rows, {**arguments, "content_id": ids}, take.now, take.readings)
            return [Truth(rows=_as_returned(shown, "Viewer", take), ordered=False)]
        found = [_of_period(take, model.of_contents(rows, kind, ids), period) for period in _periods(take)]
        if any(_without_offset(arguments[name]) for name in _BOUNDS) and not any(
            entry.operation in self.judged for entry in take.traffic
        ):
            found.append(Truth(fails=frozenset({"invalid", "other"})))  # a careful client may decline such a time
        return found

    def same_argument(self, operation: str, name: str, asked: Any, sent: Sequence[Any]) -> bool:
        """Periods may tile the one asked for, ids may be asked for one by one; what is the default may be left out."""
        told = [value for value in sent if value is not None]
        if name in _BOUNDS and told:
            moments = [moment for value in told if (moment := _moment(value))]
            edge = (min if name == _BOUNDS[0] else max)(moments, default=None)
            return len(moments) == len(sent) and edge == _moment(asked)
        if isinstance(asked, list):
            return len(told) == len(sent) and {each for some in told for each in some} == set(asked)
        if (name in _FLAGS and asked is True) or asked == "":
            return all(value == asked for value in told)
        return super().same_argument(operation, name, asked, sent)

    def page(self, entry: Entry) -> Page | None:
        """Page and limit of the query, rows and next link of the answer."""
        if entry.status != 200 or entry.operation not in self.judged:
            return None
        try:
            body = read_json(entry)
            query = parse_qs(urlsplit(entry.url).query)
            limit, page = (int(query.get(name, [default])[0]) for name, default in (("_limit", "10"), ("_page", "1")))
            rows = body["resources"] if "resources" in body else body["data"]
            return Page((page - 1) * limit, limit, len(rows), not body["pagination"].get("next"))
        except (ValueError, KeyError, TypeError):
            return None


def _ids(arguments: Mapping[str, Any]) -> list[str] | None:
    """The contents asked for: a list of ids, or the one of a summary."""
    ids = arguments.get("content_id")
    return ids if ids is None or isinstance(ids, list) else [ids]


def _moment(value: Any) -> datetime | None:
    """What a bound means, as asked for or as sent; None for junk."""
    try:
        return model.instant(getattr(value, "text", value), _HELPED)
    except ValueError:
        return None


def _without_offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is None


def _periods(take: Take) -> list[Period | None]:
    """What the bounds mean by the readings in force; and what they mean to a client that makes them plain itself."""
    found: list[Period | None] = []
    for readings in (take.readings, {**take.readings, **_HELPED}):
        first, last = (model.instant(take.step.arguments[name], readings) for name in _BOUNDS)
        period = None if first is None or last is None else (first, last)
        found += [] if period in found else [period]
    return found


def _of_period(take: Take, rows: Sequence[Mapping[str, Any]], period: Period | None) -> Truth:
    if period is None or (period[0] > period[1] and take.readings["IB-20"] == "refused"):
        return _INVALID
    operation, arguments = take.step.operation, take.step.arguments
    name = operation.partition("_")[2].removesuffix("_of_type").removesuffix("_summary")
    asked = Asked(*period, *(arguments.get(flag, True) for flag in _FLAGS))
    if name == "views":
        found = model.views(rows, asked, take.now, take.readings)
        shown = [model.shown_view(row, take.now, take.readings) for row in found]
        return Truth(rows=_as_returned(shown, "View", take), ordered=False)
    summary = "summary" in operation
    if name in _METRICS:
        begun = model.started(rows, asked, take.now, take.readings)
        counted = _counted(begun, name, "summary" if summary else arguments["dimension"], take)
        return Truth(rows=_as_returned(counted, "Series", take), ordered=False)
    flowed = _whole(rows, asked, name, take) if summary else _over_time(rows, asked, name, take)
    return Truth(rows=_as_returned(flowed, _TYPES[name][summary], take), ordered=False)


def _counted(begun: Sequence[Mapping[str, Any]], name: str, dimension: str, take: Take) -> list[Row]:
    if dimension == "summary":
        points = {name: model.metric(begun, name)}
    else:
        points = model.breakdown(begun, name, model.point_of(dimension, take.readings))
    return [{"dimension_type": dimension, "point": point, "value": value} for point, value in points.items()]


def _over_time(rows: Sequence[Mapping[str, Any]], asked: Asked, name: str, take: Take) -> list[Row]:
    step = take.step.arguments.get("granularity", take.readings["IB-50"])
    found = model.over_time(rows, asked, take.now, step, peak=name.startswith("peak"))
    return [
        {**_content(kind, number, take), "time": model.write(at, take.readings), "value": value}
        for at, kind, number, value in found
    ]


def _whole(rows: Sequence[Mapping[str, Any]], asked: Asked, name: str, take: Take) -> list[Row]:
    peak = name.startswith("peak")
    found = model.whole(rows, asked, take.now, peak=peak)
    if found is None:
        return []
    content = _content(take.step.arguments["content_type"], int(take.step.arguments["content_id"]), take)
    at = {"time": model.write(found[0], take.readings)} if peak else {}
    return [{**content, **at, "value": found[1]}]


def _content(kind: str, number: int, take: Take) -> Row:
    return {"content_type": kind, "content_id": number if take.readings["IB-07"] == "integer" else str(number)}


def _as_returned(rows: list[Row], kind: str, take: Take) -> list[Row]:
    """The rows' attributes; or the rows whole, where the client returned such."""
    returned = take.outcome.rows or ()
    if returned and all(isinstance(row, dict) and {"type", "attributes"} <= row.keys() for row in returned):
        return [{"type": kind, "attributes": row} for row in rows]
    return rows
