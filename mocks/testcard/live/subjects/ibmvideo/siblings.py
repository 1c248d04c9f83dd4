"""The sibling families, total-views to viewer-seconds, which the document's summary does not list (I26 to I30).

A service without them answers 404: that is a reading (IB-49), and no failure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from itertools import permutations
from typing import Any

from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector, Relation, Step
from testcard.live.subjects.common import only
from testcard.live.subjects.ibmvideo.lists import BEGIN, END, flag, link_to_next, rows, text, view_listings
from testcard.live.talk import Talk

__all__ = ["DETECTORS", "RELATIONS", "STEPS", "walk"]

_TOTAL, _TOTAL_OF_TYPE, _TOTAL_BY = "get_total_views_summary", "get_total_views_summary_of_type", "list_total_views"
_DEVICES, _KNOWN = "get_unique_devices_summary", "get_authenticated_viewers_summary"
_PEAKS, _PEAK = "list_peak_viewer_numbers", "get_peak_viewer_numbers_summary"
_SECONDS, _SECONDS_IN_ALL = "list_viewer_seconds", "get_viewer_seconds_summary"
_ALL = (_TOTAL, _TOTAL_OF_TYPE, _TOTAL_BY, _DEVICES, _KNOWN, _PEAKS, _PEAK, _SECONDS, _SECONDS_IN_ALL)
_DIMENSIONS = ("hour", "country", "device")
_MANY = 1000
_NOT_FOUND = 404

_PERIOD = (BEGIN, END)
_PAGES = (*_PERIOD, "_limit")
_STEPS_OF_TIME = (*_PAGES, "granularity")
_CONTENT = (*_PERIOD, "content_id")

STEPS = (
    Step("total", _TOTAL, 1, "how many views that hour had, if there is such an endpoint", _PAGES),
    Step("total-of-type", _TOTAL_OF_TYPE, 2, "the same, live and recorded", _PAGES),
    Step("total-by", _TOTAL_BY, len(_DIMENSIONS), "the same by hour, country and device", _PAGES),
    Step("devices", _DEVICES, 1, "how many devices that hour had", _PAGES),
    Step("known", _KNOWN, 1, "how many viewers with a name that hour had", _PAGES),
    Step("peaks", _PEAKS, 1, "the most viewers of each content and minute", _STEPS_OF_TIME),
    Step("peak", _PEAK, 1, "the most viewers of one content that was seen", _CONTENT),
    Step("seconds", _SECONDS, 3, "seconds watched by minute, by hour and as the service likes", _STEPS_OF_TIME),
    Step("seconds-in-all", _SECONDS_IN_ALL, 1, "seconds watched of one content that was seen", _CONTENT),
)


def walk(talk: Talk, view: Mapping[str, Any], begin: datetime, end: datetime) -> None:
    """Ask each family about an hour; where the first call finds nothing, the family is left alone."""
    period = {BEGIN: text(begin), END: text(end)}
    pages: dict[str, str | int] = {**period, "_limit": _MANY}
    content = {**period, "content_id": str(view["content_id"])}
    kind = {"content_type": str(view["content_type"])}
    if _there(talk, talk.ask("total", {}, pages)):
        for each in ("live", "recorded"):
            talk.ask("total-of-type", {"content_type": each}, pages)
        for each in _DIMENSIONS:
            talk.ask("total-by", {"dimension": each}, pages)
    _there(talk, talk.ask("devices", {}, pages))
    _there(talk, talk.ask("known", {}, pages))
    if _there(talk, talk.ask("peaks", {}, {**pages, "granularity": "minute"})):
        talk.ask("peak", kind, content)
    if _there(talk, talk.ask("seconds", {}, {**pages, "granularity": "minute"})):
        talk.ask("seconds", {}, {**pages, "granularity": "hour"})
        talk.ask("seconds", {}, pages)
        talk.ask("seconds-in-all", kind, content)


def _there(talk: Talk, answer: Answer) -> bool:
    if answer.status == _NOT_FOUND:
        talk.not_checked.append(f"{answer.operation}: this service has no such endpoint (404)")
    return answer.ok


# Reading answers


def _values(answer: Answer) -> dict[tuple[str, ...], float]:
    """The numbers of a series by content and time."""
    names = ("content_type", "content_id", "time")
    return {tuple(str(row[name]) for name in names): row["value"] for row in rows(answer)}


def _sum(answer: Answer) -> float:
    return math.fsum(row["value"] for row in rows(answer))


def _whole(seen: Seen, *operations: str) -> list[Answer]:
    """Answers with all their rows, and any at all."""
    return [each for each in seen.good(*operations) if rows(each) and not link_to_next(each)]


def _period(answer: Answer) -> tuple[str, str]:
    return answer.query[BEGIN], answer.query[END]


def _same_period(seen: Seen, one: str, other: str) -> list[tuple[Answer, Answer]]:
    return [(a, b) for a in _whole(seen, one) for b in _whole(seen, other) if _period(a) == _period(b)]


# Relations


def _types(seen: Seen) -> list[str] | None:
    found: dict[object, dict[str, float]] = {}
    for each in _whole(seen, _TOTAL_OF_TYPE):
        found.setdefault(_period(each), {})[each.path["content_type"]] = _sum(each)
    told = [
        (_sum(each), sum(parts.values()))
        for each in _whole(seen, _TOTAL)
        if (parts := found.get(_period(each), {})).keys() == {"live", "recorded"}
    ]
    return [f"live and recorded are {parts}, all {whole}" for whole, parts in told if whole != parts] if told else None


def _parts(seen: Seen) -> list[str] | None:
    told = [(each, _sum(each), _sum(whole)) for whole, each in _same_period(seen, _TOTAL, _TOTAL_BY)]
    wrong = [(each.path["dimension"], parts, whole) for each, parts, whole in told if parts != whole]
    return [f"by {name} there are {parts} views, in all {whole}" for name, parts, whole in wrong] if told else None


def _no_more(seen: Seen) -> list[str] | None:
    pairs = [pair for name in (_DEVICES, _KNOWN) for pair in _same_period(seen, _TOTAL, name)]
    wrong = [(each, _sum(each), _sum(whole)) for whole, each in pairs if _sum(each) > _sum(whole)]
    return [f"{each.operation} is {part}, of {whole} views" for each, part, whole in wrong] if pairs else None


def _views(seen: Seen) -> list[str] | None:
    """Whatever is counted as a view of a period, one that lies wholly in it is."""
    inside = {
        (each.filters[BEGIN], each.filters[END]): each.rows
        for each in view_listings(seen)
        if each.operation == "list_views" and each.complete and not flag(each, "inclusive_range")
    }
    told = [(_sum(each), len(inside[_period(each)])) for each in _whole(seen, _TOTAL) if _period(each) in inside]
    complaints = [f"{count} views are counted, and {listed} are listed" for count, listed in told if count < listed]
    devices = [
        (_sum(each), len({row["client_id"] for row in inside[_period(each)]}))
        for each in _whole(seen, _DEVICES)
        if _period(each) in inside
    ]
    complaints += [
        f"{count} devices are counted, and {listed} are listed" for count, listed in devices if count < listed
    ]
    return complaints if told or devices else None


def _seconds(seen: Seen) -> list[str] | None:
    """Minutes add up to the hour, and both to the content's summary."""
    series = [each for each in _whole(seen, _SECONDS) if each.query.get("granularity")]
    told = [(_sum(one), _sum(other)) for one, other in permutations(series, 2) if _period(one) == _period(other)]
    told += [
        (_of_content(each, whole, sum), _sum(whole))
        for whole in _whole(seen, _SECONDS_IN_ALL)
        for each in series
        if _period(each) == _period(whole)
    ]
    wrong = [(one, other) for one, other in told if abs(one - other) > 0.5]
    return [f"seconds add up to {one} and to {other}" for one, other in dict.fromkeys(wrong)] if told else None


def _peaks(seen: Seen) -> list[str] | None:
    told = [(_of_content(each, whole, max), _sum(whole)) for each, whole in _same_period(seen, _PEAKS, _PEAK)]
    return (
        [f"the highest of the steps is {step}, the peak {peak}" for step, peak in told if step != peak]
        if told
        else None
    )


def _of_content(series: Answer, summary: Answer, put_together: Any) -> float:
    """What a series says of the content that a summary is about."""
    wanted = (summary.path["content_type"], summary.query["content_id"])
    found = [row["value"] for row in rows(series) if (row["content_type"], str(row["content_id"])) == wanted]
    return float(put_together(found or [0]))


RELATIONS = (
    Relation("total-of-types", "total views of live and recorded add up", _types),
    Relation("total-parts", "total views add up over hours, countries and devices", _parts),
    Relation("total-and-views", "no fewer views and devices are counted than are listed wholly inside", _views),
    Relation("no-more-than-views", "there are no more devices or known viewers than views", _no_more),
    Relation("viewer-seconds", "seconds of the minutes add up to the hour and to the summary", _seconds),
    Relation("peak-viewers", "a peak is the highest of its minutes", _peaks),
)


# Readings


def _siblings(seen: Seen) -> str | None:
    asked = seen.to(*_ALL)
    if any(each.ok for each in asked):
        return "sibling-endpoints"
    return only("left-over" if each.status == _NOT_FOUND else "" for each in asked)


def _granularity(seen: Seen) -> str | None:
    """Without a granularity the rows are those of the minutes, or fewer."""
    for bare in [each for each in _whole(seen, _SECONDS) if "granularity" not in each.query]:
        for each in _whole(seen, _SECONDS):
            minutes = each.query.get("granularity") == "minute" and _period(each) == _period(bare)
            if minutes and len(_values(each)) > len({key[:2] for key in _values(each)}):
                return "minute" if _values(each) == _values(bare) else "month"
    return None


DETECTORS = (Detector("IB-49", _siblings), Detector("IB-50", _granularity))
