"""What holds between Video Central's answers, whatever the truth is."""

from __future__ import annotations

from collections.abc import Mapping

from testcard.live.listings import Listing, at_any_size, disjoint, listings, narrowed, united, within_limit
from testcard.live.seen import Seen
from testcard.live.subject import Relation
from testcard.live.subjects.common import instant
from testcard.live.subjects.videocentral.lists import FILTERS, PAGING, REPORTS, pages, rows

__all__ = ["RELATIONS"]

_BEGIN, _END, _MODIFIED = FILTERS


def _lists(seen: Seen) -> list[Listing]:
    return listings(seen.to(REPORTS), PAGING)


def _totals(seen: Seen) -> list[str] | None:
    told = [each for each in pages(seen) if each.query.get("offset", "0") == "0" and not each.data.get("next")]
    wrong = [each for each in told if each.data["total"] != len(rows(each))]
    texts = [f"{each.operation}: total is {each.data['total']} where a page without a next has {len(rows(each))}"
             for each in wrong]  # fmt: skip
    return texts if told else None


def _in_window(seen: Seen) -> list[str] | None:
    filtered = [each for each in seen.good(REPORTS) if _BEGIN in each.query or _END in each.query]
    bad = sum(not _passes(row["reportDateBegin"], each.query) for each in filtered for row in rows(each))
    return ([f"{bad} reports begin outside the window asked for"] if bad else []) if filtered else None


def _passes(begin: str, query: Mapping[str, str]) -> bool:
    return query.get(_BEGIN, "") <= begin < query.get(_END, "9")


def _since(seen: Seen) -> list[str] | None:
    """Only where the instant is one: nobody says which moment of it a bare date is."""
    lists = [each for each in _lists(seen) if each.complete]
    told = [
        (wide, narrow)
        for narrow in lists
        for wide in lists
        if wide.beside(narrow)
        and "T" in narrow.filters.get(_MODIFIED, "")
        and {**wide.filters, _MODIFIED: narrow.filters[_MODIFIED]} == narrow.filters
        and _MODIFIED not in wide.filters
    ]
    wrong = [narrow for wide, narrow in told if set(narrow.keys) != _modified_since(wide, narrow.filters[_MODIFIED])]
    return ["modifiedDateGte gives other reports than those modified since" for _ in wrong] if told else None


def _modified_since(wide: Listing, since: str) -> set[object]:
    later = [instant(row["modifiedDate"]) >= instant(since) for row in wide.rows]
    return {key for key, kept in zip(wide.keys, later, strict=True) if kept}


def _files(seen: Seen) -> list[str] | None:
    files = seen.of("file")
    dead = [f"a link just handed out was answered {each.status}" for each in files if each.status != 200]
    looked = [each.data for each in files if each.data]
    odd = ["a file is neither a table nor an archive of one" for data in looked if data["form"] == "other"]
    differences = {data["listed"] - data["rows"] for data in looked if data["form"] != "other"}
    held = differences <= {0} or differences <= {1}  # VC-35: the header may count
    return [*dead, *odd, *([] if held else ["numRows does not count the rows of the file"])] if files else None


RELATIONS = (
    Relation("total", "a list on one page has as many items as its total says", _totals),
    Relation("page-size", "a page has no more items than its limit", lambda seen: within_limit(pages(seen), PAGING)),
    Relation("two-page-sizes", "a walk in small pages gives what one in large pages gives",
             lambda seen: at_any_size(_lists(seen))),
    Relation("disjoint-pages", "no page repeats items of the one before", lambda seen: disjoint(_lists(seen), PAGING)),
    Relation("subset", "reports under a filter are among those without", lambda seen: narrowed(_lists(seen), FILTERS)),
    Relation("in-window", "every report of a window begins in it", _in_window),
    Relation("union", "two adjacent windows together are the window of both",
             lambda seen: united(_lists(seen), _BEGIN, _END, once=True)),
    Relation("modified-since", "modifiedDateGte gives exactly the reports modified since", _since),
    Relation("files", "a link leads to a table with as many rows as its report says", _files),
)  # fmt: skip
