"""Mocks that are wrong in one way each, and the property tests that catch them.

A bug is put between a mock and the tests: what it does to a request before the mock sees it, or to an answer after, is
what a server with that bug would do. A bug that no property test notices is a hole in the properties.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import orjson
import pytest
from hypothesis import Phase, settings

import support
from support import Answer, Mock
from testcard.world.world import World

Query = dict[str, str]
Body = dict[str, Any]


def same_query(query: Query) -> Query:
    return query


def same_answer(body: Body, query: Query) -> None:
    """Leave it."""


def same_world(world: World, api: str) -> None:
    """Leave it."""


@dataclass(frozen=True)
class Mutant:
    """A bug of a mock of *api*: in how it reads a query, what it answers or what it keeps; *properties* notice it."""

    api: str
    bug: str
    properties: str
    asked: Callable[[Query], Query] = same_query
    answered: Callable[[Body, Query], None] = same_answer
    token: Callable[[str], str] | None = None
    kept: Callable[[World, str], None] = same_world


# What is done to queries.


def without(*names: str) -> Callable[[Query], Query]:
    return lambda query: {name: value for name, value in query.items() if name not in names}


def moved(name: str, **by: float) -> Callable[[Query], Query]:
    def change(query: Query) -> Query:
        if name not in query:
            return query
        text = query[name]
        instant = datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00") + timedelta(**by)
        return {**query, name: instant.isoformat()}

    return change


def moved_days(name: str, days: int) -> Callable[[Query], Query]:
    def change(query: Query) -> Query:
        if name not in query:
            return query
        return {**query, name: str((datetime.fromisoformat(query[name]) + timedelta(days=days)).date())}

    return change


def added(name: str, by: int, *, least: int = 0, default: int | None = None) -> Callable[[Query], Query]:
    def change(query: Query) -> Query:
        if name not in query and default is None:
            return query
        return {**query, name: str(max(least, int(query.get(name, default or 0)) + by))}

    return change


def renamed(one: str, other: str) -> Callable[[Query], Query]:
    names = {one: other, other: one}
    return lambda query: {names.get(name, name): value for name, value in query.items()}


def put(name: str, value: str) -> Callable[[Query], Query]:
    return lambda query: {**query, name: value}


def rewritten(name: str, pattern: str, by: str) -> Callable[[Query], Query]:
    def change(query: Query) -> Query:
        return {each: re.sub(pattern, by, value) if each == name else value for each, value in query.items()}

    return change


# What is done to answers.


def rows_of(body: Body) -> list[Any]:
    """The rows of a page, whatever the vendor calls them."""
    names = ("data", "resources", "contentData", "viewershipAnalytics", "adAnalytics")
    return next((body[name] for name in names if isinstance(body.get(name), list)), [])


def last_row_dropped(body: Body, query: Query) -> None:
    if rows_of(body):
        rows_of(body).pop()


def first_row_twice(body: Body, query: Query) -> None:
    if rows_of(body):
        rows_of(body).insert(0, rows_of(body)[0])


def reversed_rows(body: Body, query: Query) -> None:
    rows_of(body).reverse()


def empty(body: Body, query: Query) -> None:
    rows_of(body).clear()


def total_off(by: int) -> Callable[[Body, Query], None]:
    def change(body: Body, query: Query) -> None:
        if "total" in body:
            body["total"] += by

    return change


def total_of_the_page(body: Body, query: Query) -> None:
    if "total" in body:
        body["total"] = len(body["data"])


def no_next(body: Body, query: Query) -> None:
    if "next" in body:
        body["next"] = None
    if isinstance(body.get("pagination"), dict):
        body["pagination"]["next"] = None


def next_without_filters(body: Body, query: Query) -> None:
    if body.get("next"):
        body["next"] = re.sub(r"(reportDate|modifiedDate)\w+=[^&]*&", "", body["next"])


def next_one_early(body: Body, query: Query) -> None:
    if body.get("next"):
        body["next"] = re.sub(r"offset=(\d+)", lambda at: f"offset={max(1, int(at[1]) - 1)}", body["next"])


def next_skips_one(body: Body, query: Query) -> None:
    if body.get("next"):
        body["next"] = re.sub(r"offset=(\d+)", lambda at: f"offset={int(at[1]) + 1}", body["next"])


def next_elsewhere(body: Body, query: Query) -> None:
    if body.get("next"):
        body["next"] = re.sub(r"^https?://[^/]+", "http://localhost:8900", body["next"])


def next_with_filters_twice(body: Body, query: Query) -> None:
    if body.get("next"):
        body["next"] += "&" + urlsplit(body["next"]).query


def pages_off(body: Body, query: Query) -> None:
    if isinstance(body.get("pagination"), dict):
        body["pagination"]["count"] += 1


def in_rows(name: str, change: Callable[[Any], Any]) -> Callable[[Body, Query], None]:
    def apply(body: Body, query: Query) -> None:
        for row in rows_of(body):
            holder = row.get("attributes", row)
            if name in holder:
                holder[name] = change(holder[name])

    return apply


def beside(name: str, by: int) -> Callable[[Body, Query], None]:
    def apply(body: Body, query: Query) -> None:
        if isinstance(body.get(name), int):
            body[name] += by

    return apply


# What is done to what a mock keeps.


def tokens_never_end(world: World, api: str) -> None:
    for credential in world.credentials.of(api):
        credential.expires_at = None


def tokens_cannot_be_revoked(world: World, api: str) -> None:
    for credential in world.credentials.of(api):
        credential.revoked = False


@cache
def good_token() -> str:
    """What every mock of Video Central with the usual seed gives its user."""
    return str(Mock("videocentral").env("videocentral")["TOKEN"])


FILTERS, PAGES, WALK = "test_filters_are_the_models", "test_pages_partition_the_list", "test_any_offset_is_the_models"
GTE, LT, CHANGED = "reportDateBeginGte", "reportDateBeginLt", "modifiedDateGte"
VIEWS, COUNTS, IBM_PAGES = (
    "test_views_are_those_of_the_model",
    "test_counts_are_sums_of_segments",
    "test_pages_partition",
)
FROM, TO = "date_time_from", "date_time_to"
VIEWERS, TOKENS = "test_viewers_are_those_of_the_model", "test_a_token_is_good_until_its_time_or_a_revocation_ends_it"
DAILY, HOURS = "test_daily_viewership_is_the_models", "test_hours_add_up_to_days_in_every_zone"
CONTENTS, ADS = "test_pages_of_contents_partition_the_models_rows", "test_ad_figures_are_the_models"

MUTANTS = [
    *(
        Mutant("videocentral", bug, properties, **how)
        for bug, properties, how in (
            ("the first bound is ignored", FILTERS, {"asked": without(GTE)}),
            ("the second bound is ignored", FILTERS, {"asked": without(LT)}),
            ("modifiedDateGte is ignored", FILTERS, {"asked": without(CHANGED)}),
            ("the first bound is exclusive", FILTERS, {"asked": moved(GTE, milliseconds=1)}),
            ("the second bound is inclusive", FILTERS, {"asked": moved(LT, milliseconds=1)}),
            ("modifiedDateGte is exclusive", FILTERS, {"asked": moved(CHANGED, milliseconds=1)}),
            ("bounds are Pacific time", FILTERS, {"asked": moved(GTE, hours=8)}),
            ("an offset from UTC is ignored", FILTERS, {"asked": rewritten(GTE, r"[+-]\d\d:\d\d$", "Z")}),
            ("milliseconds are ignored", FILTERS, {"asked": rewritten(CHANGED, r"\.\d+", "")}),
            ("an instant counts as its day", FILTERS, {"asked": rewritten(CHANGED, r"T.*", "")}),
            ("the bounds are swapped", FILTERS, {"asked": renamed(GTE, LT)}),
            ("windows overlap", "test_adjacent_windows_tile", {"asked": moved(LT, days=1)}),
            ("pages overlap", WALK, {"asked": added("offset", -1)}),
            ("pages leave gaps", WALK, {"asked": added("offset", 1)}),
            ("the offset is ignored", WALK, {"asked": without("offset")}),
            ("the limit is one too many", WALK, {"asked": added("limit", 1)}),
            ("the limit is ignored", WALK, {"asked": put("limit", "50")}),
            ("the total is one too many", FILTERS, {"answered": total_off(1)}),
            ("the total is that of the page", WALK, {"answered": total_of_the_page}),
            ("the last row of a page is dropped", FILTERS, {"answered": last_row_dropped}),
            ("the first row of a page comes twice", FILTERS, {"answered": first_row_twice}),
            ("rows come in the wrong order", FILTERS, {"answered": reversed_rows}),
            ("there is never a next page", PAGES, {"answered": no_next}),
            ("the next link loses the filters", PAGES, {"answered": next_without_filters}),
            ("the next link begins one row early", PAGES, {"answered": next_one_early}),
            ("the next link skips a row", PAGES, {"answered": next_skips_one}),
            ("the next link leads to a fixed host", "test_links_lead_back_whatever_the_address",
             {"answered": next_elsewhere}),
            ("the next link names parameters twice", "test_every_next_names_each_parameter_once",
             {"answered": next_with_filters_twice}),
            ("every token of the right form is good", "test_any_other_token_is_refused",
             {"token": lambda header: re.sub(r"^[Bb]earer Atza\|.*", lambda _: f"Bearer {good_token()}", header)}),
            ("a token that expired is good", TOKENS, {"kept": tokens_never_end}),
            ("a token that was revoked is good", TOKENS, {"kept": tokens_cannot_be_revoked}),
            ("numRows counts the header", FILTERS, {"answered": in_rows("numRows", lambda rows: rows + 1)}),
            ("reportDateEnd is the day after", FILTERS, {"answered": in_rows("reportDateEnd", lambda day: str(
                (datetime.fromisoformat(day) + timedelta(days=1)).date()))}),
            ("modifiedDate loses its milliseconds", FILTERS, {"answered": in_rows("modifiedDate", lambda text: re.sub(
                r"\.\d+", ".000", text))}),
        )
    ),
    *(
        Mutant("ibmvideo", bug, properties, **how)
        for bug, properties, how in (
            ("the period begins an hour late", VIEWS, {"asked": moved(FROM, hours=1)}),
            ("the period ends an hour late", VIEWS, {"asked": moved(TO, hours=1)}),
            ("unfinished segments are always in", VIEWS, {"asked": put("list_unfinished_segments", "true")}),
            ("the range is always inclusive", VIEWS, {"asked": put("inclusive_range", "true")}),
            ("the last row of a page is dropped", VIEWS, {"answered": last_row_dropped}),
            ("rows come in the wrong order", IBM_PAGES, {"answered": reversed_rows}),
            ("there is one page too many", IBM_PAGES, {"answered": pages_off}),
            ("pages overlap", IBM_PAGES, {"asked": added("_page", -1, least=1)}),
            ("there is never a next page", IBM_PAGES, {"answered": no_next}),
            ("counts have no rows", COUNTS, {"answered": empty}),
            ("the period ends a second early", VIEWS, {"asked": moved(TO, seconds=-1)}),
            ("unfinished segments are never in", VIEWS, {"asked": put("list_unfinished_segments", "false")}),
            ("the range is never inclusive", VIEWS, {"asked": put("inclusive_range", "false")}),
            ("times without an offset are UTC", "test_naive_and_explicit_times_agree",
             {"asked": lambda query: {name: re.sub(r"(T[\d:.]+)$", r"\1Z", value) for name, value in query.items()}}),
            ("content_id is ignored", "test_content_ids_pick_within_their_type", {"asked": without("content_id")}),
            ("the search for a viewer is ignored", VIEWERS, {"asked": without("viewer_identifier")}),
            ("viewers watched one more", VIEWERS, {"answered": in_rows("videos_watched", lambda count: count + 1)}),
            ("client ids are doubles", VIEWS, {"answered": in_rows("client_id", lambda text: f"{float(text):.0f}")}),
            ("times are an hour off", VIEWS, {"answered": in_rows("started_at", lambda text: (
                datetime.fromisoformat(text) + timedelta(hours=1)).isoformat())}),
            ("the first row of a page comes twice", VIEWS, {"answered": first_row_twice}),
            ("the limit is one too many", IBM_PAGES, {"asked": added("_limit", 1)}),
            ("a token that expired is good", TOKENS, {"kept": tokens_never_end}),
            ("a token that was revoked is good", TOKENS, {"kept": tokens_cannot_be_revoked}),
        )
    ),
    *(
        Mutant("amagi", bug, properties, **how)
        for bug, properties, how in (
            ("days are those of UTC", DAILY, {"asked": put("timezone", "Universal")}),
            ("the last day is left out", DAILY, {"asked": moved_days("endDate", -1)}),
            ("the first day is left out", DAILY, {"asked": moved_days("startDate", 1)}),
            ("one session too many", DAILY, {"answered": beside("totalSessions", 1)}),
            ("the last row of a page is dropped", CONTENTS, {"answered": last_row_dropped}),
            ("rows come in the wrong order", CONTENTS, {"answered": reversed_rows}),
            ("filters by channel are ignored", "test_filters_narrow_commute_and_partition",
             {"asked": without("channelId", "channelIds", "channels")}),
        )
    ),
]  # fmt: skip


_ENDLESS = 400  # more calls than any property makes in one world


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mutant], None]]:
    """Put a bug between every mock and its tests."""
    honest = Mock.request
    calls = 0

    def plant_it(mutant: Mutant) -> None:
        def request(mock: Mock, method: str, url: str, **options: Any) -> Answer:
            nonlocal calls
            calls = 0 if "/_testcard/" in url else calls + 1
            assert calls < _ENDLESS, "a walk without end"
            if f"/{mutant.api}/" not in url or "/_testcard/" in url or "/auth/" in url or "/oauth2/" in url:
                return honest(mock, method, url, **options)
            return _answer(mutant, honest, mock, method, url, options)

        monkeypatch.setattr(support.Mock, "request", request)

    yield plant_it
    monkeypatch.undo()


def _answer(mutant: Mutant, honest: Any, mock: Mock, method: str, url: str, options: Mapping[str, Any]) -> Answer:
    mutant.kept(mock.world, mutant.api)
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {name: str(value) for name, value in (options.get("params") or {}).items()}
    changed = urlencode(mutant.asked(query), quote_via=quote)
    more = {**options, "params": None}
    if mutant.token and more.get("headers"):
        more["headers"] = {name: mutant.token(value) for name, value in more["headers"].items()}
    answer: Answer = honest(mock, method, urlunsplit(parts._replace(query=changed)), **more)
    if (
        mutant.answered is same_answer
        or answer.status != 200
        or not answer.headers.get("Content-Type", "").startswith("application/json")
    ):
        return answer
    body = answer.json
    mutant.answered(body, query)
    return replace(answer, body=orjson.dumps(body))


def run(name: str, api: str) -> None:
    """Run a property test as often as it says, and without simplifying what it finds."""
    module = importlib.import_module(f"test_{api}_properties")
    if api == "ibmvideo":  # its tests share a desk, and begin with what the document says
        module.DESK.read(IB_13="literal", IB_14="closed", IB_15="excluded", IB_34="oldest-first", IB_16="los-angeles")
    test = getattr(module, name)
    quick = settings(test._hypothesis_internal_use_settings, phases=[Phase.explicit, Phase.generate], database=None)
    test._hypothesis_internal_use_settings = quick
    test()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: f"{each.api}-{each.bug.replace(' ', '-')}")
def test_a_wrong_mock_is_caught(plant: Callable[[Mutant], None], mutant: Mutant) -> None:
    plant(mutant)

    with pytest.raises((AssertionError, KeyError, IndexError, ExceptionGroup)):
        run(mutant.properties, mutant.api)


@pytest.mark.parametrize(("api", "name"), sorted({(each.api, each.properties) for each in MUTANTS}))
def test_what_stands_between_changes_nothing_by_itself(plant: Callable[[Mutant], None], api: str, name: str) -> None:
    plant(Mutant(api, "none", name))

    run(name, api)


def test_there_are_enough() -> None:
    assert len({(each.api, each.bug) for each in MUTANTS}) == len(MUTANTS) >= 25
