"""How a service reads the document, told by its answers: each function looks at them and says what they show, or
nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any

from testcard.live.listings import Listing, grouped
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector
from testcard.live.subjects.common import instant, only
from testcard.live.subjects.ibmvideo.lists import (
    BEGIN,
    END,
    VIEW_LISTS,
    VIEWER_LISTS,
    flag,
    link_to_next,
    period,
    rows,
    self_link,
    view_listings,
    views,
)

__all__ = ["DETECTORS"]

_BAD, _NOT_FOUND = 400, 404
_LONG_AGO = timedelta(days=1000)
Rows = list[dict[str, Any]]


def _lists(seen: Seen) -> list[Answer]:
    return seen.good(*VIEW_LISTS, *VIEWER_LISTS)


def _segments(seen: Seen) -> Rows:
    return [segment for each in seen.good(*VIEWER_LISTS) for row in rows(each) for segment in row["segments"]]


def _key(seen: Seen) -> str | None:
    return only("resources" if "resources" in each.data else "data" for each in _lists(seen))


def _count(seen: Seen) -> str | None:
    """A list that is known whole has so many rows, and so many pages of that size."""
    lengths = {_list(each): len(each.keys) for each in view_listings(seen) if each.complete}
    told = []
    for each in seen.good(*VIEW_LISTS):
        size, length = int(each.query.get("_limit", 0)), lengths.get(_list(each), 0)
        if 1 < size < length:
            told.append({-(-length // size): "pages", length: "items"}.get(each.data["pagination"]["count"], ""))
    return only(told)


def _list(asked: Answer | Listing) -> Hashable:
    """Which list a page or the whole of it is of."""
    filters = asked.filters if isinstance(asked, Listing) else _filters(asked)
    return asked.operation, frozenset(asked.path.items()), frozenset(filters.items())


def _filters(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.query.items() if name not in ("_page", "_limit")}


def _kept(seen: Seen) -> str | None:
    links = [self_link(each) for each in seen.good(*VIEW_LISTS)]
    return only("kept" if BEGIN in link else "dropped" for link in links if link)


def _relative(seen: Seen) -> str | None:
    links = [self_link(each).partition("?")[0] for each in _lists(seen)]
    return only("with-version" if "/v1/" in link else "relative-to-base" for link in links if link)


def _no_link(seen: Seen) -> str | None:
    firsts = [each.data["pagination"] for each in _lists(seen) if each.query.get("_page", "1") == "1"]
    return only("null-link" if "prev" in each else "absent" for each in firsts if not each.get("prev"))


def _own_path(seen: Seen) -> str | None:
    links = [self_link(each).partition("?")[0] for each in seen.good("list_viewers")]
    return only("own-path" if link.endswith("/viewers") else "sample-path" for link in links if link)


def _id_type(found: Callable[[Seen], Rows]) -> Callable[[Seen], str | None]:
    return lambda seen: only("string" if isinstance(row["content_id"], str) else "integer" for row in found(seen))


def _device(found: Callable[[Seen], Rows]) -> Callable[[Seen], str | None]:
    return lambda seen: only("present" if "device_info" in row else "absent" for row in found(seen))


def _unfinished(seen: Seen) -> str | None:
    running = [row for row in views(seen) if row.get("finished_at") is None]
    return only("null-value" if "finished_at" in row else "absent" for row in running)


def _edge(seen: Seen) -> str | None:
    """Whether a view is listed that begins when a period ends."""
    begun: dict[datetime, set[object]] = {}
    for row in views(seen):
        if row.get("finished_at"):
            begun.setdefault(instant(row["started_at"]), set()).add(row["view_id"])
    told = []
    for listing in view_listings(seen):
        times = period(listing)
        if times and listing.operation == "list_views" and listing.complete and flag(listing, "inclusive_range"):
            at_edge = begun.get(times[1], set())
            told += ["closed" if at_edge & set(listing.keys) else "half-open"] if at_edge else []
    return only(told)


def _running_kept(seen: Seen) -> str | None:
    """Whether a running view counts as wholly inside the period that it began in."""
    asked = [each for each in seen.good("list_views") if each.query.get("list_unfinished_segments") != "false"]
    told = []
    for group in grouped((each for each in asked if period(each)), period):
        inside = [each for each in group if each.query.get("inclusive_range") == "false"]
        beside = [row for each in group if each.query.get("inclusive_range") != "false" for row in rows(each)]
        if any(_runs(row) and instant(row["started_at"]) > instant(group[0].query[BEGIN]) for row in beside):
            told += ["kept" if any(_runs(row) for row in rows(each)) else "excluded" for each in inside]
    return only(told)


def _runs(row: dict[str, Any]) -> bool:
    return row.get("finished_at") is None


def _naive(seen: Seen) -> str | None:
    """The walk asks for one hour thrice: with an offset, as Los Angeles shows it and as UTC does, without one."""
    hours, local, universal = (seen.of(step) for step in ("hour", "local", "universal"))
    if not hours or not local or not universal:
        return None
    if local[0].status == universal[0].status == _BAD:
        return "refused"
    wanted = [row["view_id"] for row in rows(hours[-1])]
    same = [
        name
        for name, each in (("los-angeles", local[0]), ("utc", universal[0]))
        if [row["view_id"] for row in rows(each)] == wanted
    ]
    return same[0] if len(same) == 1 else None


def _backwards(seen: Seen) -> str | None:
    asked = [each for each in seen.to(*VIEW_LISTS) if (times := period(each)) and times[1] < times[0]]
    return only("empty" if each.ok else "refused" for each in asked if each.ok or each.status == _BAD)


def _behind(seen: Seen) -> str | None:
    """The page behind the last of a list, as the links of the last say that there is none."""
    lasts = {_page_of(each, 1) for each in seen.good(*VIEW_LISTS) if not link_to_next(each)}
    asked = [each for each in seen.to(*VIEW_LISTS) if _page_of(each) in lasts and not rows(each)]
    return only("empty" if each.ok else "not-found" for each in asked if each.ok or each.status == _NOT_FOUND)


def _page_of(answer: Answer, more: int = 0) -> tuple[object, ...]:
    page = int(answer.query.get("_page", 1)) + more
    filters = sorted({**answer.path, **_filters(answer)}.items())
    return answer.operation, answer.query.get("_limit"), page, *filters


def _watched(seen: Seen) -> str | None:
    ways: dict[str, Callable[[Rows], int]] = {
        "distinct-contents": lambda all_: len({(each["content_type"], str(each["content_id"])) for each in all_}),
        "recorded-only": lambda all_: len(
            {str(each["content_id"]) for each in all_ if each["content_type"] == "recorded"}
        ),
        "segments": len,
    }
    return _the_way(seen, lambda row, way: row["videos_watched"] == ways[way](row["segments"]), list(ways))


def _activity(seen: Seen) -> str | None:
    ends = {"last-start": "started_at", "last-finish": "finished_at"}

    def fits(row: dict[str, Any], way: str) -> bool:
        latest = max(instant(each[ends[way]]) for each in row["segments"])
        return instant(row["last_activity"]) == latest

    return _the_way(seen, fits, list(ends))


def _the_way(seen: Seen, fits: Callable[[dict[str, Any], str], bool], ways: list[str]) -> str | None:
    """The one way in which all viewers fit that were listed with what is finished."""
    answers = [each for each in seen.good("list_viewers") if each.query.get("list_unfinished_segments") == "false"]
    found = [row for each in answers for row in rows(each) if row["segments"]]
    good = [way for way in ways if found and all(fits(row, way) for row in found)]
    return good[0] if len(good) == 1 else None


def _order(seen: Seen) -> str | None:
    told = []
    for listing in view_listings(seen):
        starts = [instant(row["started_at"]) for row in listing.rows]
        if len(set(starts)) > 1:
            ways = {"oldest-first": sorted(starts), "newest-first": sorted(starts, reverse=True)}
            told.append(next((way for way, ordered in ways.items() if starts == ordered), ""))
    return only(told)


def _offset(seen: Seen) -> str | None:
    texts = {row["started_at"] for row in views(seen)}
    return only("zulu" if text[-1] == "Z" else "utc" if text[-6:] == "+00:00" else "los-angeles" for text in texts)


def _fractions(seen: Seen) -> str | None:
    texts = [row["started_at"] for row in views(seen)]
    return ("fractions" if any("." in text for text in texts) else "whole-seconds") if texts else None


def _unit(seen: Seen) -> str | None:
    """Nobody watches a thousand seconds of a video in one."""
    recorded = [row for row in views(seen) if row["content_type"] == "recorded" and row.get("finished_at")]
    watched = sum(row["to"] - row["from"] for row in recorded)
    passed = sum((instant(row["finished_at"]) - instant(row["started_at"])).total_seconds() for row in recorded)
    if not watched or not passed:
        return None
    return "milliseconds" if watched / passed > 100 else "seconds" if watched / passed < 10 else None


def _pointer(seen: Seen) -> str | None:
    refused = [each for each in seen.to(*VIEW_LISTS, *VIEWER_LISTS) if each.status == _BAD and each.data]
    pointers = [str(each.data["errors"][0]["source"]["pointer"]) for each in refused]
    return only("definition" if pointer.startswith("#/") else "location" for pointer in pointers)


def _midnight(seen: Seen) -> str | None:
    """Whether a date stands for its midnight."""
    days = [
        each for each in seen.to(*VIEW_LISTS) if len(each.query.get(BEGIN, "")) == len(each.query.get(END, "")) == 10
    ]
    return only("midnight" if each.ok else "refused" for each in days if each.ok or each.status == _BAD)


def _narrowed(seen: Seen) -> str | None:
    """Whether viewers of long ago are the viewers of now."""
    lists = seen.good("list_viewers")
    ago = [each for each in lists if (times := period(each)) and times[1] < instant(each.at) - _LONG_AGO]
    now = [each for each in lists if BEGIN not in each.query and "viewer_identifier" not in each.query]
    for each in ago:
        for other in now:
            if other.query.get("_limit") == each.query.get("_limit") and rows(other):
                return "filtered" if not rows(each) else "ignored" if _names(each) == _names(other) else None
    return None


def _names(answer: Answer) -> list[str]:
    return [row["viewer_identifier"] for row in rows(answer)]


def _same_id(seen: Seen) -> str | None:
    shared = {each["id"] for each in _segments(seen)} & {each["view_id"] for each in views(seen)}
    return "same-value" if shared else None


def _lifetime(seen: Seen) -> str | None:
    tokens = [answer.data for answer in seen.good("request_token") if answer.data["asked_type"] == "jwt"]
    return only({86400: "one-day", 3600: "one-hour"}.get(token["expires_in"], "") for token in tokens)


DETECTORS = (
    Detector("IB-01", _key),
    Detector("IB-02", _count),
    Detector("IB-03", _kept),
    Detector("IB-04", _relative),
    Detector("IB-05", _no_link),
    Detector("IB-06", _own_path),
    Detector("IB-07", _id_type(views)),
    Detector("IB-08", _id_type(_segments)),
    Detector("IB-09", _same_id),
    Detector("IB-10", _device(views)),
    Detector("IB-11", _device(_segments)),
    Detector("IB-12", _unfinished),
    Detector("IB-14", _edge),
    Detector("IB-15", _running_kept),
    Detector("IB-16", _naive),
    Detector("IB-20", _backwards),
    Detector("IB-21", _behind),
    Detector("IB-29", _watched),
    Detector("IB-30", _activity),
    Detector("IB-34", _order),
    Detector("IB-35", _offset),
    Detector("IB-36", _fractions),
    Detector("IB-38", _unit),
    Detector("IB-39", _pointer),
    Detector("IB-43", _midnight),
    Detector("IB-47", _narrowed),
    Detector("IB-55", _lifetime),
)
