"""What holds between IBM's answers, whatever the truth is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import permutations

from testcard.live.listings import Listing, at_any_size, disjoint, grouped, united, within_limit
from testcard.live.seen import Seen
from testcard.live.subject import Relation
from testcard.live.subjects.common import instant, missing
from testcard.live.subjects.ibmvideo.lists import (
    BEGIN,
    END,
    VIEW_LISTS,
    VIEWER_LISTS,
    VIEWERS,
    VIEWS,
    flag,
    rows,
    view_listings,
    viewer_listings,
    views,
)

__all__ = ["RELATIONS"]


def _union(seen: Seen) -> list[str] | None:
    """Only with views that reach over an edge: without them, those over the middle are in neither half."""
    lists = [each for each in view_listings(seen) if flag(each, "inclusive_range")]
    return united(lists, BEGIN, END, once=False, order=instant)


def _of_types(seen: Seen) -> list[str] | None:
    told = []
    for group in grouped(_complete(seen), lambda each: frozenset(each.filters.items())):
        found = {each.path.get("content_type", ""): set(each.keys) for each in group}
        if found.keys() == {"", "live", "recorded"}:
            told.append(found["live"] | found["recorded"] == found[""])
    return ["live and recorded views are not all views" for held in told if not held] if told else None


def _complete(seen: Seen) -> list[Listing]:
    """Lists of all views, or of those of a content type, that are known whole."""
    operations = ("list_views", "list_views_of_type")
    return [each for each in view_listings(seen) if each.complete and each.operation in operations]


def _among(name: str, sentence: str) -> Callable[[Seen], list[str] | None]:
    """Lists that differ in one switch: what is listed with it off is listed with it on."""

    def holds(seen: Seen) -> list[str] | None:
        pairs = list(_differing(view_listings(seen), name))
        return [text for off, on in pairs for text in missing(off.keys, on.keys, sentence)] if pairs else None

    return holds


def _differing(lists: list[Listing], name: str) -> Iterator[tuple[Listing, Listing]]:
    for group in grouped(lists, lambda each: each.question(name)):
        for off, on in permutations(group, 2):
            if on.complete and flag(on, name) and not flag(off, name):
                yield off, on


def _by_content(seen: Seen) -> list[str] | None:
    told = [
        (whole, narrow)
        for group in grouped(_complete(seen), _without_content)
        for whole, narrow in permutations(group, 2)
        if whole.operation == "list_views" and "content_id" not in whole.filters
        if narrow.operation == "list_views_of_type" and "content_id" in narrow.filters
    ]
    wrong = [narrow for whole, narrow in told if set(narrow.keys) != _of_content(whole, narrow)]
    return ["a content's views are not those of the hour that have its id" for _ in wrong] if told else None


def _without_content(listing: Listing) -> Hashable:
    return frozenset((name, value) for name, value in listing.filters.items() if name != "content_id")


def _of_content(whole: Listing, narrow: Listing) -> set[object]:
    kind, ids = narrow.path["content_type"], narrow.filters["content_id"].split(",")
    found = [row["content_type"] == kind and str(row["content_id"]) in ids for row in whole.rows]
    return {key for key, wanted in zip(whole.keys, found, strict=True) if wanted}


def _of_its_type(seen: Seen) -> list[str] | None:
    answers = seen.good("list_views_of_type")
    wrong = sum(row["content_type"] != each.path["content_type"] for each in answers for row in rows(each))
    return ([f"{wrong} rows are of the other content type"] if wrong else []) if answers else None


def _no_running(seen: Seen) -> list[str] | None:
    answers = [each for each in seen.good(*VIEW_LISTS) if each.query.get("list_unfinished_segments") == "false"]
    listed = [row for each in answers for row in rows(each)]
    wrong = sum(not row.get("finished_at") for row in listed)
    return ([f"{wrong} running segments are listed though they were not wanted"] if wrong else []) if listed else None


def _searched(seen: Seen) -> list[str] | None:
    answers = [each for each in seen.good(*VIEWER_LISTS) if each.query.get("viewer_identifier")]
    wrong = [each for each in answers if not all(_contains(row, each.query["viewer_identifier"]) for row in rows(each))]
    wrong += [each for each in answers if each.step and not rows(each)]  # a walk searches for somebody it has seen
    return ["the search finds other viewers" for _ in wrong] if answers else None


def _contains(row: dict[str, str], wanted: str) -> bool:
    return wanted in row["viewer_identifier"]


def _forwards(seen: Seen) -> list[str] | None:
    segments = [segment for each in seen.good(*VIEWER_LISTS) for row in rows(each) for segment in row["segments"]]
    ended = [row for row in [*views(seen), *segments] if row.get("finished_at")]
    wrong = sum(instant(row["finished_at"]) < instant(row["started_at"]) for row in ended)
    return ([f"{wrong} segments end before they begin"] if wrong else []) if ended else None


RELATIONS = (
    Relation("page-size", "a page has no more rows than its limit",
             lambda seen: within_limit(seen.to(*VIEW_LISTS, *VIEWER_LISTS), VIEWS)),
    Relation("two-page-sizes", "small pages hold what a large one begins with",
             lambda seen: at_any_size(view_listings(seen))),
    Relation("disjoint-pages", "no view stands on two pages", lambda seen: disjoint(view_listings(seen), VIEWS)),
    Relation("union", "two halves together are their hour", _union),
    Relation("union-of-types", "live and recorded together are all views", _of_types),
    Relation("subset-inside", "views wholly inside an hour are among its views",
             _among("inclusive_range", "views wholly inside a period are among its views")),
    Relation("subset-finished", "finished views are among all views",
             _among("list_unfinished_segments", "finished views are among all views")),
    Relation("by-content", "a content's views are those that have its id", _by_content),
    Relation("of-its-type", "every row is of the content type asked for", _of_its_type),
    Relation("no-running", "no running segment is listed where none was wanted", _no_running),
    Relation("viewers-two-page-sizes", "small pages of viewers hold what a large one begins with",
             lambda seen: at_any_size(viewer_listings(seen))),
    Relation("viewers-disjoint", "no viewer stands on two pages",
             lambda seen: disjoint(viewer_listings(seen), VIEWERS)),
    Relation("viewer-search", "a search finds those whose identifier contains the text", _searched),
    Relation("forwards", "no segment ends before it begins", _forwards),
)  # fmt: skip
