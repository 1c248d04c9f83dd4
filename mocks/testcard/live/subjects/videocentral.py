"""Amazon Video Central: walk down from the accounts to the reports of one type, and look at its pages and filters.

Files behind download links are not fetched: their storage is none of the documented hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testcard.live.subject import Answer, Detector, Relation, Seen, Step, Subject
from testcard.live.subjects.common import missing
from testcard.live.talk import Talk

__all__ = ["SUBJECT"]

_PAGE = ("limit", "offset")
_FILTERS = ("reportDateBeginGte", "reportDateBeginLt", "modifiedDateGte")
_SMALL, _LARGE, _BEYOND_A_HUNDRED, _WHOLE = 2, 50, 101, 1000

_STEPS = (
    Step("accounts", "list_accounts", 1, "the accounts, whose ids are learned", _PAGE),
    Step("groups", "list_report_groups", 1, "the groups of the first account", _PAGE),
    Step("channels", "list_channels", 3, "the channels of each group, until one has any", _PAGE),
    Step("types", "list_report_types", 3, "the report types of channels, until one has any", _PAGE),
    Step("reports", "list_reports", 4, "the reports of each type, in large pages", _PAGE),
    Step("small", "list_reports", 4, "the same in pages of two", _PAGE),
    Step("whole", "list_reports", 1, "the same in one page that is exactly full", _PAGE),
    Step("beyond", "list_reports", 1, "what is behind the end", _PAGE),
    Step("hundred", "list_reports", 1, "whether a limit above a hundred is served", _PAGE),
    Step("window", "list_reports", 1, "the reports of a window of begin dates", (*_PAGE, *_FILTERS)),
    Step("halves", "list_reports", 2, "the two halves of that window", (*_PAGE, *_FILTERS)),
    Step("empty", "list_reports", 1, "a window without length", (*_PAGE, *_FILTERS)),
    Step("modified", "list_reports", 1, "the reports modified since an instant", (*_PAGE, *_FILTERS)),
    Step("filtered", "list_reports", 1, "a filtered page with a page behind it", (*_PAGE, *_FILTERS)),
    Step("singular", "list_reports_singular", 1, "the address of the sample's next link", _PAGE),
)


def _walk(talk: Talk) -> None:
    place = _descend(talk)
    if place is None:
        return
    types, where = place
    lists = []
    for kind in types:
        if talk.left("reports"):
            path = {**where, "report_type_id": _type_id(kind)}
            lists.append(talk.ask("reports", path, {"limit": _LARGE, "offset": 0}))
    lists = [each for each in lists if _data(each)]
    if lists:
        chosen = max(lists, key=lambda each: (_complete(each), each.data["total"] <= _WHOLE, len(_data(each))))
        _pages(talk, chosen.path, int(chosen.data["total"]))
        longest = max(lists, key=lambda each: int(each.data["total"]))
        talk.ask("hundred", longest.path, {"limit": _BEYOND_A_HUNDRED, "offset": 0})
        _windows(talk, chosen.path, _data(chosen))
        talk.ask("singular", chosen.path, {"limit": _SMALL, "offset": 0})


def _descend(talk: Talk) -> tuple[list[Any], dict[str, str]] | None:
    """The types of the first channel that has any, and the path to the first of them."""
    large = {"limit": _LARGE, "offset": 0}
    for account in _data(talk.ask("accounts", {}, large))[:1]:
        for group in _data(talk.ask("groups", {"account_id": account["id"]}, large)):
            path = {"account_id": account["id"], "reports_group_id": group["id"]}
            if not talk.left("channels"):
                return None
            for channel in _data(talk.ask("channels", path, large)):
                if not talk.left("types"):
                    return None
                path["channel_id"] = channel["id"]
                types = _data(talk.ask("types", path, large))
                if types:
                    return types, {**path, "report_type_id": _type_id(types[0])}
    return None


def _pages(talk: Talk, path: Mapping[str, str], count: int) -> None:
    offset = 0
    while talk.left("small"):
        page = talk.ask("small", path, {"limit": _SMALL, "offset": offset})
        following = _next(page).get("offset")
        if following is None or int(following) <= offset:
            break
        offset = int(following)
    if count <= _WHOLE:
        talk.ask("whole", path, {"limit": count, "offset": 0})
        talk.ask("beyond", path, {"limit": _SMALL, "offset": count})


def _windows(talk: Talk, path: Mapping[str, str], rows: list[Any]) -> None:
    begins = sorted({row["reportDateBegin"] for row in rows})
    first, middle = begins[0], begins[len(begins) // 2]
    last = (date.fromisoformat(begins[-1]) + timedelta(1)).isoformat()
    large = {"limit": _LARGE, "offset": 0}
    talk.ask("window", path, {**large, "reportDateBeginGte": first, "reportDateBeginLt": last})
    talk.ask("halves", path, {**large, "reportDateBeginGte": first, "reportDateBeginLt": middle})
    talk.ask("halves", path, {**large, "reportDateBeginGte": middle, "reportDateBeginLt": last})
    talk.ask("empty", path, {**large, "reportDateBeginGte": middle, "reportDateBeginLt": middle})
    modified = sorted(row["modifiedDate"] for row in rows)
    talk.ask("modified", path, {**large, "modifiedDateGte": modified[len(modified) // 2]})
    talk.ask("filtered", path, {"limit": 1, "offset": 0, "reportDateBeginGte": first})


# Reading answers


def _data(answer: Answer) -> list[Any]:
    return list(answer.data["data"]) if answer.ok else []


def _type_id(row: Mapping[str, Any]) -> str:
    return str(row["id"] if "id" in row else row["reportTypeId"])


def _next(answer: Answer) -> dict[str, str]:
    """The query of an answer's next link."""
    link = answer.data.get("next") if answer.ok else None
    return {name: values[0] for name, values in parse_qs(urlsplit(link or "").query).items()}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["reportDateBegin"], row["reportDateEnd"], row["modifiedDate"], row["numRows"])


def _keys(answer: Answer | None) -> list[tuple[Any, ...]]:
    return [_key(row) for row in answer.data["data"]] if answer else []


def _large(seen: Seen) -> Answer | None:
    """The largest page of the type whose pages were looked at."""
    looked = seen.first("small")
    pages = [each for each in seen.good("reports", "whole") if looked and each.path == looked.path]
    return max(pages, key=lambda each: len(each.data["data"]), default=None)


def _complete(answer: Answer | None) -> bool:
    return answer is not None and answer.data["total"] == len(answer.data["data"])


def _rows(seen: Seen) -> list[Any]:
    return [row for answer in seen.good("reports") for row in answer.data["data"]]


# Relations


def _totals(seen: Seen) -> list[str] | None:
    lists = [each for each in seen.answers if each.ok and each.operation != "request_token" and each.query.get("limit")]
    wrong = [
        f"{each.operation}: total is {each.data['total']} where a page without a next has {len(each.data['data'])}"
        for each in lists
        if each.query.get("offset") == "0"
        and not each.data.get("next")
        and each.data["total"] != len(each.data["data"])
    ]
    return wrong if lists else None


def _sizes(seen: Seen) -> list[str] | None:
    large, small = _large(seen), [key for page in seen.good("small") for key in _keys(page)]
    if not large or not small:
        return None
    expected = _keys(large)[: len(small)]
    return [] if small == expected else [f"pages of {_SMALL} hold other reports than a page of {_LARGE}"]


def _disjoint(seen: Seen) -> list[str] | None:
    pages = [set(_keys(page)) for page in seen.good("small")]
    if len(pages) < 2:
        return None
    return [f"page {i + 2} repeats reports of page {i + 1}" for i in range(len(pages) - 1) if pages[i] & pages[i + 1]]


def _too_many(seen: Seen) -> list[str] | None:
    pages = [each for each in seen.answers if each.ok and "limit" in each.query]
    wrong = [each for each in pages if len(each.data["data"]) > int(each.query["limit"])]
    return [f"{each.operation}: {len(each.data['data'])} items at limit {each.query['limit']}" for each in wrong]


def _subset(seen: Seen) -> list[str] | None:
    large = _large(seen)
    filtered = seen.good("window", "halves", "modified", "filtered")
    if not large or not _complete(large) or not filtered:
        return None
    found = [key for answer in filtered for key in _keys(answer)]
    return missing(found, _keys(large), "reports under a filter are among the reports without")


def _in_window(seen: Seen) -> list[str] | None:
    filtered = seen.good("window", "halves", "filtered")
    bad = sum(not _passes(row["reportDateBegin"], each.query) for each in filtered for row in each.data["data"])
    return ([f"{bad} reports begin outside the window asked for"] if bad else []) if filtered else None


def _passes(begin: str, query: Mapping[str, str]) -> bool:
    return query.get("reportDateBeginGte", "") <= begin < query.get("reportDateBeginLt", "9")


def _union(seen: Seen) -> list[str] | None:
    whole, halves = seen.first("window"), seen.good("halves")
    if len(halves) != 2 or not all(_complete(each) for each in (whole, *halves)):
        return None
    parts = sorted(key for half in halves for key in _keys(half))
    held = parts == sorted(_keys(whole))
    return [] if held else [f"two halves have {len(parts)} reports where their window has {len(_keys(whole))}"]


def _since(seen: Seen) -> list[str] | None:
    answer, large = seen.first("modified"), _large(seen)
    if not answer or not large or not _complete(large) or not _complete(answer):
        return None
    since = answer.query["modifiedDateGte"]
    expected = {_key(row) for row in large.data["data"] if row["modifiedDate"] >= since}
    return [] if set(_keys(answer)) == expected else ["modifiedDateGte gives other reports than those modified since"]


# Readings: each looks at answers and says what they show, or nothing.


def _offset(seen: Seen) -> str | None:
    page = seen.first("small")
    following = _next(page).get("offset") if page else None
    return {"1": "pages", str(_SMALL): "items"}.get(following or "")


def _type_key(seen: Seen) -> str | None:
    types = [row for answer in seen.good("types") for row in answer.data["data"]]
    shapes = {("id" in row, "reportTypeId" in row) for row in types}
    if shapes == {(True, False), (False, True)}:
        return "mixed"
    names = {(True, False): "id", (False, True): "report-type-id", (True, True): "both"}
    return names[shapes.pop()] if len(shapes) == 1 else None


def _status(step: str, good: str, *refused: tuple[int, str]) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        for answer in seen.of(step):
            return good if answer.ok else dict(refused).get(answer.status)
        return None

    return tells


def _link_path(seen: Seen) -> str | None:
    links = [each.data["next"] for each in seen.good("reports", "small") if each.data.get("next")]
    if not links:
        return None
    path = urlsplit(links[0]).path
    return "plural" if "/reportTypes/" in path else "singular" if "/reportType/" in path else None


def _no_rows(seen: Seen) -> str | None:
    empty = [row for row in _rows(seen) if row["numRows"] == 0]
    shown = {"link" if row.get("downloadUrl") else "empty" if "downloadUrl" in row else "missing" for row in empty}
    return shown.pop() if len(shown) == 1 else None


def _full_last(seen: Seen) -> str | None:
    page = seen.first("whole")
    if not page or len(page.data["data"]) != int(page.query["limit"]) or not _complete(page):
        return None
    return "full-page" if page.data.get("next") else "null-on-last"


def _no_next(seen: Seen) -> str | None:
    ends = {
        "next" in each.data for each in seen.answers if each.ok and each.step != "token" and not each.data.get("next")
    }
    return ("null" if ends.pop() else "absent") if len(ends) == 1 else None


def _order(seen: Seen) -> str | None:
    lists = [[row["reportDateBegin"] for row in each.data["data"]] for each in seen.good("reports")]
    told = [begins for begins in lists if len(set(begins)) > 1]
    if told and all(begins == sorted(begins) for begins in told):
        return "oldest-first"
    return "newest-first" if told and all(begins == sorted(begins, reverse=True) for begins in told) else None


_DAYS = {"Daily": 1, "Weekly": 7}


def _end(seen: Seen) -> str | None:
    found = set()
    for row in _rows(seen):
        begin, end = (date.fromisoformat(row[name]) for name in ("reportDateBegin", "reportDateEnd"))
        if row["cadence"] in _DAYS:
            found.add((end - begin).days - _DAYS[row["cadence"]])
        elif begin.day == 1:
            found.add(0 if end.day == 1 else -1 if (end + timedelta(1)).day == 1 else 1)
    return {-1: "inclusive", 0: "exclusive"}.get(found.pop()) if len(found) == 1 else None


def _territory(seen: Seen) -> str | None:
    rows = [row for answer in seen.good("channels") for row in answer.data["data"]]
    return ("always" if all("territory" in row for row in rows) else "sometimes") if rows else None


def _largest(seen: Seen) -> str | None:
    for answer in seen.of("hundred"):
        if answer.status == 400:
            return "refused"
        return {_BEYOND_A_HUNDRED: "none", _BEYOND_A_HUNDRED - 1: _clamped(answer)}.get(len(answer.data["data"]))
    return None


def _clamped(answer: Answer) -> str | None:
    """A hundred items are a cut page only where there are more."""
    return "clamped" if answer.data["total"] >= _BEYOND_A_HUNDRED else None


def _filters_kept(seen: Seen) -> str | None:
    page = seen.first("filtered")
    if not page or not page.data.get("next"):
        return None
    return "kept" if "reportDateBeginGte" in _next(page) else "dropped"


def _weekday(seen: Seen) -> str | None:
    days = {date.fromisoformat(row["reportDateBegin"]).weekday() for row in _rows(seen) if row["cadence"] == "Weekly"}
    return {0: "monday", 1: "tuesday", 6: "sunday"}.get(days.pop()) if len(days) == 1 else None


def _named(seen: Seen) -> str | None:
    names = {_type_id(row): row["name"] for answer in seen.good("types") for row in answer.data["data"]}
    pairs = {
        row["name"] == names[each.path["report_type_id"]] for each in seen.good("reports") for row in each.data["data"]
    }
    return ("type-name" if pairs == {True} else "own-name") if pairs else None


def _link_order(seen: Seen) -> str | None:
    link = next((each.data["next"] for each in seen.good("small") if each.data.get("next")), "")
    names = " ".join(name for name in parse_qs(urlsplit(link).query) if name in _PAGE)
    return {"offset limit": "offset-first", "limit offset": "limit-first"}.get(names)


def _rotates(seen: Seen) -> str | None:
    for answer in seen.of("token"):
        return "stays" if answer.data["refreshed"] else "rotates"
    return None


def _headers(credentials: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials['TOKEN']}"}


def _form(credentials: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower(): credentials[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    return {"grant_type": "refresh_token", **names}


SUBJECT = Subject(
    api="videocentral",
    steps=_STEPS,
    walk=_walk,
    relations=(
        Relation("total", "a list on one page has as many items as its total says", _totals),
        Relation("page-size", "a page has no more items than its limit", _too_many),
        Relation("two-page-sizes", "a walk in small pages gives what one in large pages gives", _sizes),
        Relation("disjoint-pages", "no page repeats items of the one before", _disjoint),
        Relation("subset", "reports under a filter are among those without", _subset),
        Relation("in-window", "every report of a window begins in it", _in_window),
        Relation("union", "two adjacent windows together are the window of both", _union),
        Relation("modified-since", "modifiedDateGte gives exactly the reports modified since", _since),
    ),
    detectors=(
        Detector("VC-01", _offset),
        Detector("VC-02", _type_key),
        Detector("VC-03", _status("singular", "accepted", (404, "refused"))),
        Detector("VC-04", _link_path),
        Detector("VC-05", _no_rows),
        Detector("VC-07", _rotates),
        Detector("VC-09", _full_last),
        Detector("VC-10", _no_next),
        Detector("VC-11", _order),
        Detector("VC-12", _end),
        Detector("VC-13", _territory),
        Detector("VC-14", _largest),
        Detector("VC-15", _status("beyond", "empty-page", (400, "refused"))),
        Detector("VC-18", _filters_kept),
        Detector("VC-23", _status("empty", "empty", (400, "refused"))),
        Detector("VC-25", _weekday),
        Detector("VC-26", _named),
        Detector("VC-41", _link_order),
    ),
    ways=(("TOKEN",), ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")),
    headers=_headers,
    token_operation="request_token",  # noqa: S106 - the name of an operation
    token_form=_form,
    plain=frozenset({"cadence", "territory", "reportDateBegin", "reportDateEnd", "modifiedDate", "code", "token_type"}),
    links=frozenset({"next"}),
    opaque=frozenset({"downloadUrl"}),
    not_checked=("the files behind downloadUrl: their storage is not a documented host",),
)
