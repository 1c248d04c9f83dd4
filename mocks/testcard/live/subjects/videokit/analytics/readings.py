"""How analytics read the document, told by their tables."""

from __future__ import annotations

from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector
from testcard.live.subjects.common import instant, only
from testcard.live.subjects.videokit.analytics.tables import (
    ADS,
    AVG,
    COUNT,
    SESSION,
    SUM,
    TABLES,
    numbers,
    place,
    question,
    rows,
    settled,
    totals,
)

__all__ = ["DETECTORS"]

_BAD = 400


def _asks(seen: Seen, *operations: str) -> list[Answer]:
    return [each for each in seen.to(*operations) if isinstance(each.asked, dict)]


def _context(seen: Seen) -> str | None:
    found = [(row, place(each)) for each in _asks(seen, *ADS) for row in rows(each)]
    return only({1: "plain", 2: "with-session-count"}.get(len(row) - at, "") for row, at in found)


def _labels(seen: Seen) -> str | None:
    wide = [each for each in _asks(seen, *TABLES) if each.ok and place(each)]
    return only(
        "every-column" if count > place(each) else "value-only" if count == 1 else ""
        for each in wide
        if (count := len(each.data["columnLabels"]))
    )


def _described(seen: Seen) -> str | None:
    plain = [each for each in _asks(seen, *TABLES) if each.ok and not each.asked.get("includeContext")]
    return only("always" if each.data.get("contextDescription") else "on-request" for each in plain)


def _row_count(seen: Seen) -> str | None:
    cut = [each for each in _asks(seen, *TABLES) if each.ok and len(rows(each)) == each.asked.get("limit")]
    lists = {question(each, "limit"): len(rows(each)) for each in settled(seen, *TABLES)}
    told = [each for each in cut if lists.get(question(each, "limit"), 0) > len(rows(each))]
    return only("returned" if each.data["rowCount"] == len(rows(each)) else "matching" for each in told)


def _order(seen: Seen) -> str | None:
    plain = [each for each in _asks(seen, *TABLES) if each.ok and each.asked.get("interval")]
    buckets = [
        [row[0] for row in rows(each)] for each in plain if not (each.asked.get("groupBy") or each.asked.get("orderBy"))
    ]
    told = [times for times in buckets if len(times) > 4]
    return ("ascending" if all(times == sorted(times) for times in told) else "unordered") if told else None


def _empty_buckets(seen: Seen) -> str | None:
    days = [
        each for each in settled(seen, COUNT) if each.asked.get("interval") == "DAY" and not each.asked.get("groupBy")
    ]
    if any(0 in numbers(each) for each in days):
        return "zero"
    spans = [(instant(each.asked["end"]) - instant(each.asked["start"])).days for each in days]
    return "left-out" if any(0 < len(rows(each)) < span for each, span in zip(days, spans, strict=True)) else None


def _impressions_name(seen: Seen) -> str | None:
    told = [each for each in _asks(seen, COUNT) if each.asked.get("dimension") == "IMPRESSIONS"]
    return only("accepted" if each.ok else "refused" for each in told if each.ok or each.status == _BAD)


def _counted(seen: Seen) -> str | None:
    """A count of countries is the number of groups by country, or of the sessions in them."""
    groups = {
        question(each, "groupBy", "orderBy", "dimension"): [
            number for row, number in zip(rows(each), numbers(each), strict=True) if row[0] is not None
        ]
        for each in settled(seen, COUNT)
        if each.asked.get("groupBy") == ["COUNTRY"] and each.asked["dimension"] == SESSION
    }
    told = [
        {len(found): "distinct", sum(found): "rows"}.get(number, "")
        for each, number in totals(seen, COUNT).values()
        if each.asked["dimension"] == "COUNTRY"
        and len(found := groups.get(question(each, "dimension"), [])) != sum(found)
    ]
    return only(told)


def _rounded(seen: Seen) -> str | None:
    averages = [number for each in _asks(seen, AVG) if each.ok for number in numbers(each)]
    if any(number != int(number) for number in averages):
        return "exact"
    exact = {question(each)[1]: number for each, number in totals(seen, SUM).values()}
    counts = {question(each)[1]: number for each, number in totals(seen, COUNT).values()}
    asked = [question(each)[1] for each, _ in totals(seen, AVG).values()]
    uneven = [query for query in asked if counts.get(query) and query in exact and exact[query] % counts[query]]
    return "rounded" if uneven else None


def _backwards(seen: Seen) -> str | None:
    told = [
        each
        for each in _asks(seen, *TABLES)
        if {"start", "end"} <= each.asked.keys() and instant(each.asked["end"]) < instant(each.asked["start"])
    ]
    return only("empty" if each.ok else "refused" for each in told if each.ok or each.status == _BAD)


DETECTORS = (
    Detector("VK-166", _context),
    Detector("VK-167", _labels),
    Detector("VK-168", _described),
    Detector("VK-169", _row_count),
    Detector("VK-173", _order),
    Detector("VK-174", _empty_buckets),
    Detector("VK-175", _impressions_name),
    Detector("VK-176", _counted),
    Detector("VK-178", _rounded),
    Detector("VK-180", _backwards),
)
