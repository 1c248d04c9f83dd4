"""What holds between the numbers of queries, whatever the truth is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from testcard.live.listings import Paging, at_any_size, listings
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Relation
from testcard.live.subjects.videokit.analytics.tables import (
    AD,
    ADDITIVE,
    ADS,
    AVG,
    COUNT,
    IMPRESSIONS,
    LONGEST,
    PEAK,
    SESSION,
    SUM,
    TABLES,
    close,
    numbers,
    over,
    place,
    question,
    rows,
    settled,
    totals,
)

__all__ = ["RELATIONS"]


def _adds_up(parts: str) -> Callable[[Seen], list[str] | None]:
    """The numbers by *parts* (``interval`` or ``groupBy``) add up to the number without."""

    def holds(seen: Seen) -> list[str] | None:
        single = totals(seen, *ADDITIVE)
        divided = [each for each in settled(seen, *ADDITIVE) if each.asked.get(parts) and _counts_sessions(each)]
        pairs = [(each, single[key][1]) for each in divided if (key := question(each, parts, "orderBy")) in single]
        wrong = [(each, whole) for each, whole in pairs if not close(sum(numbers(each)), whole)]
        return (
            [f"{each.operation}: parts add up to {sum(numbers(each))}, the whole is {whole}" for each, whole in wrong]
            if pairs
            else None
        )

    return holds


def _counts_sessions(answer: Answer) -> bool:
    """Other things than sessions may be counted in several parts (VK-176)."""
    return answer.operation not in (COUNT, ADS[0]) or answer.asked["dimension"] in (SESSION, AD)


def _windows(seen: Seen) -> list[str] | None:
    single = [(each, number) for each, number in totals(seen, *ADDITIVE).values() if _counts_sessions(each)]
    whole = {
        (question(each, "start", "end"), each.asked["start"], each.asked["end"]): number for each, number in single
    }
    told = [
        (number, whole[query, start, middle] + whole[query, middle, end])
        for (query, start, end), number in whole.items()
        for (other, begin, middle) in whole
        if other == query and begin == start and (query, middle, end) in whole and middle not in (start, end)
    ]
    wrong = [(number, parts) for number, parts in told if not close(number, parts)]
    return (
        [f"two windows have {parts} where the window of both has {number}" for number, parts in wrong] if told else None
    )


def _filtered(seen: Seen) -> list[str] | None:
    """A condition on one attribute's value picks that value's group."""
    groups = {
        (question(each, "groupBy", "orderBy"), each.asked["groupBy"][0], row[0]): number
        for each in settled(seen, *ADDITIVE)
        if len(each.asked.get("groupBy", ())) == 1 and "interval" not in each.asked
        for row, number in zip(rows(each), numbers(each), strict=True)
    }
    told = [
        (number, groups[key])
        for each, number in totals(seen, *ADDITIVE).values()
        if len(conditions := each.asked.get("filters", ())) == 1 and conditions[0]["operator"] == "EQ"
        if (key := (question(each, "filters"), conditions[0]["name"], conditions[0]["value"])) in groups
    ]
    wrong = [(number, group) for number, group in told if not close(number, group)]
    return [f"a filter finds {number} where its group has {group}" for number, group in wrong] if told else None


def _subset(seen: Seen) -> list[str] | None:
    single = totals(seen, COUNT, ADS[0])
    told = [
        (number, single[key][1])
        for each, number in single.values()
        if each.asked.get("filters") and (key := question(each, "filters")) in single
    ]
    return (
        [f"a filter finds {part}, and without it there are {whole}" for part, whole in told if part > whole]
        if told
        else None
    )


def _derived(seen: Seen) -> list[str] | None:
    """A sum is its average as often as there are values; an average may be rounded to a whole number (VK-178)."""
    told = []
    for average, total in ((AVG, SUM), (ADS[2], ADS[1])):
        sums = {question(each)[1]: number for each, number in totals(seen, total).values()}
        counts = {question(each)[1]: number for each, number in totals(seen, COUNT).values()}
        for each, number in totals(seen, average).values():
            query = question(each)[1]
            if sums.get(query) is not None and counts.get(query):
                told.append((number, sums[query] / counts[query]))
    wrong = [
        (found, expected) for found, expected in told if not (close(found, expected) or abs(found - expected) <= 0.5)
    ]
    return [f"an average is {found} where sum by count is {expected}" for found, expected in wrong] if told else None


def _peaks(seen: Seen) -> list[str] | None:
    single = totals(seen, PEAK)
    days = [each for each in settled(seen, PEAK) if each.asked.get("interval")]
    told = [
        (max(numbers(each), default=0), single[key][1])
        for each in days
        if (key := question(each, "interval")) in single
    ]
    return (
        [f"the highest of its parts is {part}, the peak {whole}" for part, whole in told if part != whole]
        if told
        else None
    )


def _tables(seen: Seen) -> list[str] | None:
    tables = [each for each in seen.good(*TABLES) if isinstance(each.asked, dict)]
    limits = [(each, min(LONGEST, int(each.asked.get("limit", LONGEST)))) for each in tables]
    wrong = [
        f"{each.operation}: {len(rows(each))} rows at limit {limit}"
        for each, limit in limits
        if len(rows(each)) > limit
    ]
    narrow = [each for each in tables if any(len(row) <= place(each) for row in rows(each))]
    wrong += [f"{each.operation}: a row lacks a column that was asked for" for each in narrow]
    short = [each for each in tables if each.data["rowCount"] < len(rows(each))]
    return [*wrong, *(f"{each.operation}: rowCount is less than the rows" for each in short)] if tables else None


def _impressions(seen: Seen) -> list[str] | None:
    lists = [each for each in seen.good(IMPRESSIONS) if isinstance(each.asked, dict)]
    ids = [[row["impressionId"] for row in each.data["impressions"]] for each in lists]
    wrong = ["a session is listed twice" for found in ids if len(set(found)) < len(found)]
    longest = [int(each.asked.get("limit", LONGEST)) for each in lists]
    wrong += [
        f"{len(found)} sessions at limit {most}" for found, most in zip(ids, longest, strict=True) if len(found) > most
    ]
    return wrong if lists else None


_PAGING = Paging(
    "limit",
    "offset",
    rows=rows,
    key=tuple,
    following=lambda answer: (
        str(int(answer.query["offset"]) + len(rows(answer)))
        if len(rows(answer)) >= int(answer.query["limit"])
        else None
    ),
    first="0",
)


def _ordered(seen: Seen) -> Iterable[Answer]:
    """Ordered queries as a list's pages, whose filters are the query."""
    for each in seen.good(*TABLES):
        if over(each) and each.asked.get("orderBy"):
            page = {"limit": str(each.asked.get("limit", LONGEST)), "offset": str(each.asked.get("offset", 0))}
            query = {**page, "query": repr(question(each, "limit", "offset"))}
            yield Answer(each.step, each.operation, {}, query, each.status, {}, each.data, each.at, each.asked)


RELATIONS = (
    Relation("parts-by-group", "the numbers of all groups add up to the number without", _adds_up("groupBy")),
    Relation("parts-by-time", "the numbers of all buckets add up to the number without", _adds_up("interval")),
    Relation("windows", "two adjacent windows add up to the window of both", _windows),
    Relation("filter-picks", "a filter by a value gives the number of that value's group", _filtered),
    Relation("filter-subset", "a filter adds nothing", _subset),
    Relation("derived", "an average is the sum by the count", _derived),
    Relation("peaks", "a peak is the highest of its days' peaks", _peaks),
    Relation("tables", "a table has the columns asked for, and no more rows than its limit", _tables),
    Relation("ordered-pages", "the first rows in an order are the first at any limit",
             lambda seen: at_any_size(listings(_ordered(seen), _PAGING))),
    Relation("impressions", "no session is listed twice, and no more than asked for", _impressions),
)  # fmt: skip
