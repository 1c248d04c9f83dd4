"""Lists are put together from their pages, and compared only where nothing may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from testcard.live.listings import Listing, Paging, at_any_size, disjoint, listings, narrowed, united, within_limit
from testcard.live.seen import Answer, Seen
from testcard.live.subject import open_subject

AT = datetime(2026, 3, 2, 12, tzinfo=UTC).isoformat()


def _following(answer: Answer) -> str | None:
    found: str | None = answer.data.get("next")
    return found


PAGING = Paging("limit", "offset", lambda answer: answer.data["rows"] if answer.ok else [], str, _following, first="0")


def page(
    rows: str, offset: int = 0, limit: int = 2, behind: int | None = None, status: int = 200, **more: str
) -> Answer:
    query = {"limit": str(limit), "offset": str(offset), **more}
    following = None if behind is None else str(behind)
    return Answer("", "list_letters", {"of": "x"}, query, status, {}, {"rows": list(rows), "next": following}, AT)


def lists(*pages: Answer) -> list[Listing]:
    return listings(pages, PAGING)


def test_pages_are_put_together_in_order_whenever_they_came() -> None:
    (found,) = lists(page("cd", 2, behind=4), page("e", 4), page("ab", 0, behind=2))

    assert ("".join(found.rows), found.complete, len(found.pages)) == ("abcde", True, 3)
    assert (found.filters, found.size, found.path) == ({}, "2", {"of": "x"})


def test_a_list_ends_where_a_page_was_not_asked_for() -> None:
    (found,) = lists(page("ab", 0, behind=2), page("e", 4))

    assert ("".join(found.rows), found.complete) == ("ab", False)


def test_without_its_first_page_there_is_no_list() -> None:
    assert lists(page("cd", 2, behind=4), page("", status=404)) == []


def test_the_same_page_asked_again_counts_once() -> None:
    (found,) = lists(page("ab"), page("ba"))

    assert "".join(found.rows) == "ab"


def test_a_link_that_leads_back_ends_a_list() -> None:
    (found,) = lists(page("ab", 0, behind=2), page("cd", 2, behind=0))

    assert ("".join(found.rows), found.complete) == ("abcd", False)


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([page("ab", behind=2), page("cd", 2, behind=4)], []),
        ([page("ab", behind=2), page("bc", 2)], ["list_letters: 1 rows stand on two pages"]),
        ([page("ab", behind=2), page("", 2)], None),
        ([page("ab")], None),
    ],
)
def test_pages_do_not_repeat_each_other(pages: Sequence[Answer], told: list[str] | None) -> None:
    assert disjoint(lists(*pages), PAGING) == told


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (page("abc", limit=3), []),
        (page("ab", limit=9), []),
        (page("a", limit=9), ["list_letters: pages of 2 and of 9 hold other rows"]),
        (page("acb", limit=3), ["list_letters: pages of 2 and of 3 hold other rows"]),
        (page("xyz", limit=3, name="x"), None),
        (page("", limit=3), None),
    ],
)
def test_pages_of_any_size_begin_alike(other: Answer, told: list[str] | None) -> None:
    """A list that has ended is no beginning of a longer one."""
    small = page("ab", behind=2) if len(other.data["rows"]) > 1 else page("ab")

    assert at_any_size(lists(small, other)) == told


@pytest.mark.parametrize(
    ("narrow", "told"),
    [
        (page("a", since="b"), []),
        (page("ax", since="b", until="c"), ["list_letters: 1 rows under a filter are not there without it"]),
        (page("x", like="b"), None),
    ],
)
def test_a_filter_adds_nothing(narrow: Answer, told: list[str] | None) -> None:
    assert narrowed(lists(page("ab"), narrow), {"since", "until"}) == told
    assert narrowed(lists(page("ab", behind=2), narrow), {"since", "until"}) is None  # not known whole


@pytest.mark.parametrize(
    ("first", "second", "once", "told"),
    [
        ("ab", "c", True, True),
        ("ab", "bc", False, True),
        ("ab", "bc", True, False),
        ("a", "c", False, False),
        ("ab", "cd", False, False),
    ],
)
def test_two_windows_are_the_window_of_both(first: str, second: str, once: bool, told: bool) -> None:
    found = lists(
        page("abc", limit=9, since="1", until="3"),
        page(first, limit=9, since="1", until="2"),
        page(second, limit=9, since="2", until="3"),
    )

    assert (united(found, "since", "until", once=once) == []) is told
    assert united(found[:2], "since", "until", once=once) is None


def test_a_page_has_no_more_than_its_limit() -> None:
    assert within_limit([page("ab"), page("abc")], PAGING) == ["list_letters: 3 rows on a page of 2"]
    assert within_limit([page("", status=404)], PAGING) is None


def judged(api: str, *answers: Answer) -> dict[str, list[str] | None]:
    """What each relation says of these answers, where it can be told."""
    found = {}
    for relation in open_subject(api).relations:
        try:
            found[relation.name] = relation.holds(Seen(list(answers)))
        except (KeyError, TypeError, AttributeError):
            continue
    return {name: list(each) for name, each in found.items() if each is not None}


def counted(start: str, end: str, rows: list[list[Any]], **more: Any) -> Answer:
    asked = {"start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z", "dimension": "IMPRESSION_ID", **more}
    table = {"rowCount": len(rows), "rows": rows, "columnLabels": []}
    return Answer("", "get_queries_count", {}, {}, 200, {}, table, AT, asked)


@pytest.mark.parametrize(("end", "told"), [("2026-02-28", True), ("2026-03-01", True), ("2026-03-02", False)])
def test_playback_of_yesterday_may_still_come_in(end: str, told: bool) -> None:
    whole, parts = counted("2026-02-01", end, [[9]]), counted("2026-02-01", end, [["DE", 4]], groupBy=["COUNTRY"])

    assert judged("videokit", whole, parts).get("parts-by-group") == (
        ["get_queries_count: parts add up to 4, the whole is 9"] if told else None
    )


@pytest.mark.parametrize(("last", "told"), [("2026-02-28", True), ("2026-03-01", False)])
def test_viewing_of_the_last_two_days_may_still_come_in(last: str, told: bool) -> None:
    def viewing(sessions: int, **more: str) -> Answer:
        query = {"interval": "DAILY", "startDate": last, "endDate": last, **more}
        row = {"time": f"{last} 00:00:00", "uniqueViewers": 1, "numberOfSession": sessions, "viewershipMinutes": 1}
        return Answer("", "get_viewership_analytics", {}, query, 200, {}, {"viewershipAnalytics": [row]}, AT)

    found = judged("amagi", viewing(3), viewing(5, channelId="one"))

    assert found.get("subset") == (["some channels have more sessions than all of them in 1 rows"] if told else None)


@pytest.mark.parametrize(("end", "told"), [("2026-03-02T00:00:00Z", True), ("2026-03-02T00:00:01Z", False)])
def test_views_of_the_last_hours_may_still_end(end: str, told: bool) -> None:
    def viewed(*ids: str, unfinished: str) -> Answer:
        query = {"date_time_from": "2026-03-01T00:00:00Z", "date_time_to": end, "list_unfinished_segments": unfinished}
        rows = [{"attributes": {"view_id": each}} for each in ids]
        data = {"resources": rows, "pagination": {"next": None}}
        return Answer("", "list_views", {}, query, 200, {}, data, AT)

    found = judged("ibmvideo", viewed("a", "b", unfinished="true"), viewed("c", unfinished="false"))

    assert found.get("subset-finished") == (["finished views are among all views: 1 are not"] if told else None)
