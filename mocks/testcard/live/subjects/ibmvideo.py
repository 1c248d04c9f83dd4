"""IBM Video Streaming: one hour of views of the day before, its halves and subsets, running segments, and viewers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from testcard.live.subject import Answer, Detector, Relation, Seen, Step, Subject
from testcard.live.subjects.common import instant, missing, only
from testcard.live.talk import Talk

__all__ = ["SUBJECT"]

_PERIOD = ("date_time_from", "date_time_to", "list_unfinished_segments", "inclusive_range")
_PAGE = ("_page", "_limit")
_BOTH = (*_PERIOD, *_PAGE)
_LARGE, _SMALL = 1000, 4
_BAD = 400

_STEPS = (
    Step("hour", "list_views", 3, "finished views of an hour of a day, back until one has some", _BOTH),
    Step("halves", "list_views", 2, "the two halves of that hour", _BOTH),
    Step("inside", "list_views", 1, "views that lie wholly in that hour", _BOTH),
    Step("all", "list_views", 1, "the same hour with running segments", _BOTH),
    Step("small", "list_views", 3, "that hour in pages of four", _BOTH),
    Step("behind", "list_views", 1, "the page behind the last", _BOTH),
    Step("edge", "list_views", 1, "a period that ends when a view begins", _BOTH),
    Step("by-type", "list_views_of_type", 2, "that hour, live and recorded", _BOTH),
    Step("by-content", "list_views_of_type", 1, "that hour, one content that was seen", (*_BOTH, "content_id")),
    Step("running", "list_views", 1, "the latest hour with running segments", _BOTH),
    Step("running-inside", "list_views", 1, "the same, wholly inside", _BOTH),
    Step("local", "list_views", 1, "that hour, as a clock in Los Angeles shows it, without an offset", _BOTH),
    Step("universal", "list_views", 1, "that hour in UTC, without an offset", _BOTH),
    Step("backwards", "list_views", 1, "a period that ends before it begins", _BOTH),
    Step("day", "list_views", 1, "a period of dates without times", _BOTH),
    Step("viewers", "list_viewers", 1, "viewers with their finished segments", _BOTH),
    Step("viewers-small", "list_viewers", 2, "viewers in pages of four", _BOTH),
    Step("viewer", "list_viewers", 1, "one viewer that was seen", (*_BOTH, "viewer_identifier")),
    Step("viewers-long-ago", "list_viewers", 1, "viewers of a minute of long ago", _BOTH),
)


def _walk(talk: Talk) -> None:
    begin = talk.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    while talk.left("hour"):
        hour = _ask(talk, "hour", begin, begin + timedelta(hours=1))
        if _rows(hour):
            break
        begin -= timedelta(hours=6)
    if _rows(hour):
        _subsets(talk, hour, begin)
        _times(talk, hour, begin)
    _running(talk)
    _viewers(talk)


def _subsets(talk: Talk, hour: Answer, begin: datetime) -> None:
    middle, end = begin + timedelta(minutes=30), begin + timedelta(hours=1)
    for first, last in ((begin, middle), (middle, end)):
        _ask(talk, "halves", first, last)
    _ask(talk, "inside", begin, end, inclusive_range="false")
    _ask(talk, "all", begin, end, list_unfinished_segments="true")
    for page in (1, 2, 3):
        _ask(talk, "small", begin, end, _page=str(page), _limit=str(_SMALL))
    for kind in ("live", "recorded"):
        _ask(talk, "by-type", begin, end, {"content_type": kind})
    row = _rows(hour)[0]
    path = {"content_type": row["content_type"]}
    _ask(talk, "by-content", begin, end, path, content_id=str(row["content_id"]))
    pages = -(-len(_rows(hour)) // _LARGE)
    if not _next(hour):
        _ask(talk, "behind", begin, end, _page=str(pages + 1))


def _times(talk: Talk, hour: Answer, begin: datetime) -> None:
    end = begin + timedelta(hours=1)
    starts = sorted(instant(row["started_at"]) for row in _rows(hour))
    _ask(talk, "edge", begin - timedelta(minutes=30), starts[len(starts) // 2])
    local = ZoneInfo("America/Los_Angeles")
    first, last = (each.astimezone(local).replace(tzinfo=None) for each in (begin, end))
    _ask(talk, "local", first, last)
    _ask(talk, "universal", begin.replace(tzinfo=None), end.replace(tzinfo=None))
    _ask(talk, "backwards", end, begin)
    days = {"date_time_from": begin.date().isoformat(), "date_time_to": (begin + timedelta(1)).date().isoformat()}
    talk.ask("day", {}, {**days, "_limit": _SMALL})


def _running(talk: Talk) -> None:
    end = talk.now.replace(microsecond=0)
    answer = _ask(talk, "running", end - timedelta(hours=1), end, list_unfinished_segments="true")
    if any(row.get("finished_at") is None for row in _rows(answer)):
        options = {"inclusive_range": "false", "list_unfinished_segments": "true"}
        _ask(talk, "running-inside", end - timedelta(hours=1), end, None, **options)


def _viewers(talk: Talk) -> None:
    finished = {"list_unfinished_segments": "false"}
    answer = talk.ask("viewers", {}, {**finished, "_limit": 50})
    for page in (1, 2):
        talk.ask("viewers-small", {}, {**finished, "_limit": _SMALL, "_page": page})
    rows = _rows(answer)
    if rows:
        talk.ask("viewer", {}, {**finished, "viewer_identifier": rows[0]["viewer_identifier"], "_limit": 50})
        long_ago = talk.now.replace(microsecond=0) - timedelta(days=3000)
        period = {"date_time_from": _text(long_ago), "date_time_to": _text(long_ago + timedelta(minutes=1))}
        talk.ask("viewers-long-ago", {}, {**finished, **period, "_limit": 50})


def _ask(
    talk: Talk, step: str, first: datetime, last: datetime, path: Mapping[str, str] | None = None, **query: str
) -> Answer:
    """Ask for views of a period; finished ones and those that reach over an edge, unless said otherwise."""
    usual = {"list_unfinished_segments": "false", "inclusive_range": "true", "_limit": str(_LARGE)}
    period = {"date_time_from": _text(first), "date_time_to": _text(last)}
    return talk.ask(step, path, {**usual, **period, **query})


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# Reading answers


def _rows(answer: Answer | None) -> list[dict[str, Any]]:
    if answer is None or not answer.ok:
        return []
    rows = answer.data["resources"] if "resources" in answer.data else answer.data["data"]
    return [row["attributes"] for row in rows]


def _next(answer: Answer) -> str:
    link = answer.data["pagination"].get("next") if answer.ok else None
    return str(link["href"]) if link else ""


def _whole(answer: Answer | None) -> bool:
    return answer is not None and answer.ok and not _next(answer)


def _ids(*answers: Answer | None) -> list[str]:
    return [row["view_id"] for answer in answers for row in _rows(answer)]


def _hour(seen: Seen) -> Answer | None:
    """The hour that everything else is about: the last that was asked for."""
    hours = seen.good("hour")
    return hours[-1] if hours and _rows(hours[-1]) else None


def _segments(seen: Seen) -> list[dict[str, Any]]:
    return [segment for each in seen.good("viewers") for row in _rows(each) for segment in row["segments"]]


def _views(seen: Seen) -> list[dict[str, Any]]:
    return [row for each in seen.answers if each.ok and each.operation.startswith("list_views") for row in _rows(each)]


def _lists(seen: Seen) -> list[Answer]:
    return [each for each in seen.answers if each.ok and each.step != "token"]


# Relations


def _union(*steps: str) -> Callable[[Seen], list[str] | None]:
    def holds(seen: Seen) -> list[str] | None:
        whole, parts = _hour(seen), [part for step in steps for part in seen.good(step)]
        if len(parts) != 2 or not all(_whole(each) for each in (whole, *parts)):
            return None
        lost, gained = len({*_ids(whole)} - {*_ids(*parts)}), len({*_ids(*parts)} - {*_ids(whole)})
        return [f"the parts lack {lost} views of the hour and have {gained} others"] if lost or gained else []

    return holds


def _subset(part: str, whole: str, sentence: str) -> Callable[[Seen], list[str] | None]:
    def holds(seen: Seen) -> list[str] | None:
        inner, outer = seen.first(part), _hour(seen) if whole == "hour" else seen.first(whole)
        if part == "hour":
            inner = _hour(seen)
        if inner is None or outer is None or not _whole(outer):
            return None
        return missing(_ids(inner), _ids(outer), sentence)

    return holds


def _by_content(seen: Seen) -> list[str] | None:
    answer, whole = seen.first("by-content"), _hour(seen)
    if answer is None or whole is None or not _whole(whole) or not _whole(answer):
        return None
    wanted = (answer.path["content_type"], answer.query["content_id"])
    expected = {row["view_id"] for row in _rows(whole) if (row["content_type"], str(row["content_id"])) == wanted}
    return [] if expected == set(_ids(answer)) else ["a content's views are not those of the hour that have its id"]


def _of_its_type(seen: Seen) -> list[str] | None:
    answers = seen.good("by-type", "by-content")
    wrong = sum(row["content_type"] != each.path["content_type"] for each in answers for row in _rows(each))
    return ([f"{wrong} rows are of the other content type"] if wrong else []) if answers else None


def _prefix(small: str, large: str, key: str) -> Callable[[Seen], list[str] | None]:
    def holds(seen: Seen) -> list[str] | None:
        whole = _hour(seen) if large == "hour" else seen.first(large)
        pages = [row[key] for page in seen.good(small) for row in _rows(page)]
        if whole is None or not pages:
            return None
        same = pages == [row[key] for row in _rows(whole)][: len(pages)]
        return [] if same else [f"pages of {_SMALL} hold other rows than one large page"]

    return holds


def _disjoint(small: str, key: str) -> Callable[[Seen], list[str] | None]:
    def holds(seen: Seen) -> list[str] | None:
        pages = [[row[key] for row in _rows(page)] for page in seen.good(small)]
        rows = [each for page in pages for each in page]
        if len(pages) < 2 or not pages[1]:
            return None
        return [] if len(set(rows)) == len(rows) else ["a row stands on two pages"]

    return holds


def _limits(seen: Seen) -> list[str]:
    pages = [each for each in _lists(seen) if "_limit" in each.query]
    wrong = [each for each in pages if len(_rows(each)) > int(each.query["_limit"])]
    return [f"{each.operation}: {len(_rows(each))} rows at limit {each.query['_limit']}" for each in wrong]


def _one_viewer(seen: Seen) -> list[str] | None:
    answer = seen.first("viewer")
    if answer is None:
        return None
    wanted = answer.query["viewer_identifier"]
    found = [row["viewer_identifier"] for row in _rows(answer)]
    return [] if wanted in found and all(wanted in each for each in found) else ["the search finds other viewers"]


def _forwards(seen: Seen) -> list[str] | None:
    ended = [row for row in [*_views(seen), *_segments(seen)] if row.get("finished_at")]
    wrong = sum(instant(row["finished_at"]) < instant(row["started_at"]) for row in ended)
    return ([f"{wrong} segments end before they begin"] if wrong else []) if ended else None


def _no_running(seen: Seen) -> list[str] | None:
    answers = [each for each in _lists(seen) if each.query.get("list_unfinished_segments") == "false"]
    views = [row for each in answers if each.operation.startswith("list_views") for row in _rows(each)]
    wrong = sum(not row.get("finished_at") for row in views)
    return ([f"{wrong} running segments are listed though they were not wanted"] if wrong else []) if views else None


# Readings


def _key(seen: Seen) -> str | None:
    return only("resources" if "resources" in each.data else "data" for each in _lists(seen))


def _count(seen: Seen) -> str | None:
    page, whole = seen.first("small"), _hour(seen)
    if page is None or whole is None or not _whole(whole) or len(_rows(whole)) <= _SMALL:
        return None
    rows = len(_rows(whole))
    return {-(-rows // _SMALL): "pages", rows: "items"}.get(page.data["pagination"]["count"])


def _self(seen: Seen, step: str) -> str:
    page = seen.first(step)
    return str(page.data["pagination"]["self"]["href"]) if page else ""


def _kept(seen: Seen) -> str | None:
    link = _self(seen, "small")
    return ("kept" if "date_time_from" in link else "dropped") if link else None


def _relative(seen: Seen) -> str | None:
    link = _self(seen, "small")
    return ("with-version" if "/v1/" in link.partition("?")[0] else "relative-to-base") if link else None


def _no_link(seen: Seen) -> str | None:
    firsts = [each.data["pagination"] for each in seen.good("hour", "small", "viewers") if "_page" not in each.query]
    return only("null-link" if "prev" in each else "absent" for each in firsts if not each.get("prev"))


def _own_path(seen: Seen) -> str | None:
    link = _self(seen, "viewers").partition("?")[0]
    return ("own-path" if link.endswith("/viewers") else "sample-path") if link else None


def _id_type(rows: Callable[[Seen], list[dict[str, Any]]]) -> Callable[[Seen], str | None]:
    return lambda seen: only("string" if isinstance(row["content_id"], str) else "integer" for row in rows(seen))


def _device(rows: Callable[[Seen], list[dict[str, Any]]]) -> Callable[[Seen], str | None]:
    return lambda seen: only("present" if "device_info" in row else "absent" for row in rows(seen))


def _unfinished(seen: Seen) -> str | None:
    rows = [row for row in _views(seen) if row.get("finished_at") is None]
    return only("null-value" if "finished_at" in row else "absent" for row in rows)


def _edge(seen: Seen) -> str | None:
    answer, whole = seen.first("edge"), _hour(seen)
    if answer is None or whole is None or not _whole(answer):
        return None
    end = instant(answer.query["date_time_to"])
    at_edge = {row["view_id"] for row in _rows(whole) if instant(row["started_at"]) == end}
    if not at_edge:
        return None
    return "closed" if at_edge & set(_ids(answer)) else "half-open"


def _running_kept(seen: Seen) -> str | None:
    answer, running = seen.first("running-inside"), seen.first("running")
    if answer is None or running is None:
        return None
    begin = instant(answer.query["date_time_from"])
    rows = [row for row in _rows(running) if row.get("finished_at") is None and instant(row["started_at"]) > begin]
    if not rows:
        return None
    return "kept" if any(row.get("finished_at") is None for row in _rows(answer)) else "excluded"


def _naive(seen: Seen) -> str | None:
    whole, local, universal = _hour(seen), *(next(iter(seen.of(step)), None) for step in ("local", "universal"))
    if whole is None or local is None or universal is None:
        return None
    if local.status == _BAD and universal.status == _BAD:
        return "refused"
    same = [name for name, each in (("los-angeles", local), ("utc", universal)) if _ids(each) == _ids(whole)]
    return same[0] if len(same) == 1 else None


def _status(step: str, good: str, **refused: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        for answer in seen.of(step):
            return good if answer.ok else refused.get(f"s{answer.status}")
        return None

    return tells


def _behind(seen: Seen) -> str | None:
    return _status("behind", "empty", s404="not-found")(seen) if not _rows(seen.first("behind")) else None


def _watched(seen: Seen) -> str | None:
    ways: dict[str, Callable[[list[dict[str, Any]]], int]] = {
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
    """The one way in which all viewers fit."""
    rows = [row for each in seen.good("viewers") for row in _rows(each) if row["segments"]]
    good = [way for way in ways if rows and all(fits(row, way) for row in rows)]
    return good[0] if len(good) == 1 else None


def _order(seen: Seen) -> str | None:
    starts = [instant(row["started_at"]) for row in _rows(_hour(seen))]
    if len(set(starts)) < 2:
        return None
    return {True: "oldest-first"}.get(starts == sorted(starts)) or (
        "newest-first" if starts == sorted(starts, reverse=True) else None
    )


def _offset(seen: Seen) -> str | None:
    texts = {row["started_at"] for row in _views(seen)}
    return only("zulu" if text[-1] == "Z" else "utc" if text[-6:] == "+00:00" else "los-angeles" for text in texts)


def _fractions(seen: Seen) -> str | None:
    texts = [row["started_at"] for row in _views(seen)]
    return ("fractions" if any("." in text for text in texts) else "whole-seconds") if texts else None


def _unit(seen: Seen) -> str | None:
    """Nobody watches a thousand seconds of a video in one."""
    rows = [row for row in _views(seen) if row["content_type"] == "recorded" and row.get("finished_at")]
    watched = sum(row["to"] - row["from"] for row in rows)
    passed = sum((instant(row["finished_at"]) - instant(row["started_at"])).total_seconds() for row in rows)
    if not watched or not passed:
        return None
    return "milliseconds" if watched / passed > 100 else "seconds" if watched / passed < 10 else None


def _pointer(seen: Seen) -> str | None:
    for answer in seen.of("backwards", "day"):
        if answer.status == _BAD:
            pointer = str(answer.data["errors"][0]["source"]["pointer"])
            return "definition" if pointer.startswith("#/") else "location"
    return None


def _narrowed(seen: Seen) -> str | None:
    ago, now = seen.first("viewers-long-ago"), seen.first("viewers")
    if ago is None or now is None:
        return None
    same = [row["viewer_identifier"] for row in _rows(ago)] == [row["viewer_identifier"] for row in _rows(now)]
    return "ignored" if same else "filtered" if not _rows(ago) else None


def _same_id(seen: Seen) -> str | None:
    return (
        "same-value" if {each["id"] for each in _segments(seen)} & {each["view_id"] for each in _views(seen)} else None
    )


def _lifetime(seen: Seen) -> str | None:
    for answer in seen.of("token"):
        return {86400: "one-day", 3600: "one-hour"}.get(answer.data["expires_in"])
    return None


def _form(credentials: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower(): credentials[name] for name in ("CLIENT_ID", "CLIENT_SECRET")}
    return {"grant_type": "client_credentials", "token_type": "jwt", **names}


SUBJECT = Subject(
    api="ibmvideo",
    steps=_STEPS,
    walk=_walk,
    relations=(
        Relation("page-size", "a page has no more rows than its limit", _limits),
        Relation("two-page-sizes", "small pages hold what a large one begins with",
                 _prefix("small", "hour", "view_id")),
        Relation("disjoint-pages", "no view stands on two pages", _disjoint("small", "view_id")),
        Relation("union", "two halves together are their hour", _union("halves")),
        Relation("union-of-types", "live and recorded together are all views", _union("by-type")),
        Relation("subset-inside", "views wholly inside an hour are among its views",
                 _subset("inside", "hour", "views wholly inside an hour are among its views")),
        Relation("subset-finished", "finished views are among all views",
                 _subset("hour", "all", "finished views are among all views")),
        Relation("by-content", "a content's views are those that have its id", _by_content),
        Relation("of-its-type", "every row is of the content type asked for", _of_its_type),
        Relation("no-running", "no running segment is listed where none was wanted", _no_running),
        Relation("viewers-two-page-sizes", "small pages of viewers hold what a large one begins with",
                 _prefix("viewers-small", "viewers", "viewer_identifier")),
        Relation("viewers-disjoint", "no viewer stands on two pages", _disjoint("viewers-small", "viewer_identifier")),
        Relation("viewer-search", "a search finds those whose identifier contains the text", _one_viewer),
        Relation("forwards", "no segment ends before it begins", _forwards),
    ),
    detectors=(
        Detector("IB-01", _key),
        Detector("IB-02", _count),
        Detector("IB-03", _kept),
        Detector("IB-04", _relative),
        Detector("IB-05", _no_link),
        Detector("IB-06", _own_path),
        Detector("IB-07", _id_type(_views)),
        Detector("IB-08", _id_type(_segments)),
        Detector("IB-09", _same_id),
        Detector("IB-10", _device(_views)),
        Detector("IB-11", _device(_segments)),
        Detector("IB-12", _unfinished),
        Detector("IB-14", _edge),
        Detector("IB-15", _running_kept),
        Detector("IB-16", _naive),
        Detector("IB-20", _status("backwards", "empty", s400="refused")),
        Detector("IB-21", _behind),
        Detector("IB-29", _watched),
        Detector("IB-30", _activity),
        Detector("IB-34", _order),
        Detector("IB-35", _offset),
        Detector("IB-36", _fractions),
        Detector("IB-38", _unit),
        Detector("IB-39", _pointer),
        Detector("IB-43", _status("day", "midnight", s400="refused")),
        Detector("IB-47", _narrowed),
        Detector("IB-55", _lifetime),
    ),
    ways=(("TOKEN",), ("CLIENT_ID", "CLIENT_SECRET")),
    headers=lambda credentials: {"Authorization": credentials["TOKEN"]},
    token_operation="request_token",  # noqa: S106 - the name of an operation
    token_form=_form,
    plain=frozenset({
        "type", "content_type", "started_at", "finished_at", "last_activity", "country", "view_type", "family", "brand",
        "model", "major", "minor", "patch", "patch_minor", "pointer", "date_time_from", "date_time_to", "token_type",
        "list_unfinished_segments", "inclusive_range", "_page", "_limit",
    }),
    links=frozenset({"href"}),
    numbered=frozenset({"content_id"}),
    not_checked=("the sibling families that the document's summary does not list",),
)  # fmt: skip
