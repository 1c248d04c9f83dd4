"""How a service reads the document, told by its answers: each function looks at them and says what they show, or
nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector
from testcard.live.subjects.common import only
from testcard.live.subjects.videocentral.lists import (
    FILTERS,
    PAGE,
    REPORTS,
    following,
    pages,
    report_rows,
    rows,
    type_id,
)

__all__ = ["DETECTORS"]

_BEGIN, _END, _ = FILTERS
_REFUSED = 400
_HUNDRED = 100
_DAYS = {"Daily": 1, "Weekly": 7}


def _first(answer: Answer) -> bool:
    return answer.query.get("offset", "0") == "0"


def _offset(seen: Seen) -> str | None:
    told = [
        (following(each)["offset"], each.query["limit"])
        for each in pages(seen)
        if _first(each) and "limit" in each.query and following(each)
    ]
    return only(
        "items" if offset == limit else "pages" if offset == "1" else offset for offset, limit in told if limit != "1"
    )


def _type_key(seen: Seen) -> str | None:
    types = [row for answer in seen.good("list_report_types") for row in rows(answer)]
    shapes = {("id" in row, "reportTypeId" in row) for row in types}
    if shapes == {(True, False), (False, True)}:
        return "mixed"
    names = {(True, False): "id", (False, True): "report-type-id", (True, True): "both"}
    return names[shapes.pop()] if len(shapes) == 1 else None


def _singular(seen: Seen) -> str | None:
    """Only under a type that is known to be there."""
    there = [answer.path for answer in seen.good(REPORTS)]
    answers = [each for each in seen.to("list_reports_singular") if each.path in there]
    return only("accepted" if each.ok else "refused" for each in answers if each.ok or each.status == 404)


def _link_path(seen: Seen) -> str | None:
    paths = [urlsplit(each.data["next"]).path for each in seen.good(REPORTS) if each.data.get("next")]
    return only("plural" if "/reportTypes/" in path else "singular" for path in paths if "/reportType" in path)


def _no_rows(seen: Seen) -> str | None:
    empty = [row for row in report_rows(seen) if row["numRows"] == 0]
    return only("link" if row.get("downloadUrl") else "empty" if "downloadUrl" in row else "missing" for row in empty)


def _form(seen: Seen) -> str | None:
    return only(each.data["form"] for each in seen.of("file") if each.data and each.data["form"] != "other")


def _tables(seen: Seen) -> list[Any]:
    return [each.data for each in seen.of("file") if each.data and each.data["form"] != "other"]


def _header_counts(seen: Seen) -> str | None:
    names = {0: "data-rows", 1: "lines"}
    differences = {table["listed"] - table["rows"] for table in _tables(seen)}
    return names.get(differences.pop()) if len(differences) == 1 else None


def _mark(seen: Seen) -> str | None:
    return only("spreadsheet" if table["mark"] else "rfc-4180" for table in _tables(seen))


def _full_last(seen: Seen) -> str | None:
    full = [each for each in pages(seen) if _first(each) and each.query.get("limit") == str(each.data["total"])]
    whole = [each for each in full if len(rows(each)) == each.data["total"]]
    return only("full-page" if each.data.get("next") else "null-on-last" for each in whole)


def _no_next(seen: Seen) -> str | None:
    return only("null" if "next" in each.data else "absent" for each in pages(seen) if not each.data.get("next"))


def _order(seen: Seen) -> str | None:
    lists = [[row["reportDateBegin"] for row in rows(each)] for each in seen.good(REPORTS)]
    told = [begins for begins in lists if len(set(begins)) > 1]
    ways = [
        "oldest-first" if begins == sorted(begins) else "newest-first" if begins == sorted(begins, reverse=True) else ""
        for begins in told
    ]
    return only(ways) or None


def _end(seen: Seen) -> str | None:
    found = set()
    for row in report_rows(seen):
        begin, end = (date.fromisoformat(row[name]) for name in ("reportDateBegin", "reportDateEnd"))
        if row["cadence"] in _DAYS:
            found.add((end - begin).days - _DAYS[row["cadence"]])
        elif begin.day == 1:
            found.add(0 if end.day == 1 else -1 if (end + timedelta(1)).day == 1 else 1)
    return {-1: "inclusive", 0: "exclusive"}.get(found.pop()) if len(found) == 1 else None


def _territory(seen: Seen) -> str | None:
    channels = [row for answer in seen.good("list_channels") for row in rows(answer)]
    return ("always" if all("territory" in row for row in channels) else "sometimes") if channels else None


def _largest(seen: Seen) -> str | None:
    asked = [each for each in seen.to(REPORTS) if int(each.query.get("limit", 0)) > _HUNDRED]
    return only(name for each in asked if (name := _served(each)))


def _served(answer: Answer) -> str:
    """A hundred items are a cut page only where there are more."""
    if answer.status == _REFUSED:
        return "refused"
    if not answer.ok or answer.data["total"] <= _HUNDRED:
        return ""
    return {_HUNDRED: "clamped"}.get(len(rows(answer)), "none" if len(rows(answer)) > _HUNDRED else "")


def _behind(seen: Seen) -> str | None:
    """Behind the end by either reading of the offset."""
    totals = {_list(each): each.data["total"] for each in seen.good(REPORTS)}
    asked = [
        each
        for each in seen.to(REPORTS)
        if int(each.query.get("offset", 0)) >= max(1, totals.get(_list(each), 1 << 62))
    ]
    return only("empty-page" if each.ok else "refused" for each in asked if each.ok or each.status == _REFUSED)


def _list(answer: Answer) -> tuple[tuple[str, str], ...]:
    asked = {**answer.path, **{name: value for name, value in answer.query.items() if name not in PAGE}}
    return tuple(sorted(asked.items()))


def _filters_kept(seen: Seen) -> str | None:
    filtered = [each for each in seen.good(REPORTS) if set(FILTERS) & set(each.query) and each.data.get("next")]
    return only("kept" if set(FILTERS) & set(following(each)) else "dropped" for each in filtered)


def _no_window(seen: Seen) -> str | None:
    asked = [each for each in seen.to(REPORTS) if _BEGIN in each.query and each.query[_BEGIN] == each.query.get(_END)]
    return only("empty" if each.ok else "refused" for each in asked if each.ok or each.status == _REFUSED)


def _weekday(seen: Seen) -> str | None:
    weekly = [row for row in report_rows(seen) if row["cadence"] == "Weekly"]
    days = {date.fromisoformat(row["reportDateBegin"]).weekday() for row in weekly}
    return {0: "monday", 1: "tuesday", 6: "sunday"}.get(days.pop()) if len(days) == 1 else None


def _named(seen: Seen) -> str | None:
    names = {type_id(row): row["name"] for answer in seen.good("list_report_types") for row in rows(answer)}
    pairs = {
        row["name"] == names[each.path["report_type_id"]]
        for each in seen.good(REPORTS)
        if each.path["report_type_id"] in names
        for row in rows(each)
    }
    return ("type-name" if pairs == {True} else "own-name") if pairs else None


def _link_order(seen: Seen) -> str | None:
    links = [parse_qs(urlsplit(each.data["next"]).query) for each in pages(seen) if each.data.get("next")]
    orders = [" ".join(name for name in link if name in PAGE) for link in links]
    return only({"offset limit": "offset-first", "limit offset": "limit-first"}.get(order, order) for order in orders)


def _rotates(seen: Seen) -> str | None:
    tokens = [answer.data for answer in seen.good("request_token") if "refreshed" in answer.data]
    return only("stays" if token["refreshed"] else "rotates" for token in tokens)


DETECTORS = (
    Detector("VC-01", _offset),
    Detector("VC-02", _type_key),
    Detector("VC-03", _singular),
    Detector("VC-04", _link_path),
    Detector("VC-05", _no_rows),
    Detector("VC-06", _form),
    Detector("VC-07", _rotates),
    Detector("VC-09", _full_last),
    Detector("VC-10", _no_next),
    Detector("VC-11", _order),
    Detector("VC-12", _end),
    Detector("VC-13", _territory),
    Detector("VC-14", _largest),
    Detector("VC-15", _behind),
    Detector("VC-18", _filters_kept),
    Detector("VC-23", _no_window),
    Detector("VC-25", _weekday),
    Detector("VC-26", _named),
    Detector("VC-35", _header_counts),
    Detector("VC-36", _mark),
    Detector("VC-41", _link_order),
)
