"""Mocks of Cloud Video Kit that are wrong in one way each, and the property tests that catch them.

As in `test_mutants`: a bug stands between a mock and the tests, in what is asked or in what is answered.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import support
from kit import Kit
from support import Answer, Mock

Row = dict[str, Any]

VOD = "test_videokit_vod_machine.VodMachine"
LIVE = "test_videokit_live_machine.LiveMachine"
FILTERS = "test_videokit_properties.test_filters_are_the_plain_models"
PAGES = "test_videokit_properties.test_pages_partition_the_list"
BOUNDS = "test_videokit_properties.test_figures_are_the_plain_models"
QUERIES = "test_videokit_analytics.test_queries_equal_the_plain_model"
PEAKS = "test_videokit_analytics.test_the_most_viewers_at_once_equal_the_plain_model"
SESSIONS = "test_videokit_analytics.test_impressions_are_the_sessions_that_match_by_start"
ASSETS, EVENTS, FIGURES = "/vod/v1/assets", "/live/v1/events", "/analytics/"


def same(content: Any) -> Any:
    return content


@dataclass(frozen=True)
class Bug:
    """A bug of what lies below *path*: in how it reads a query or a body, or in what it answers."""

    name: str
    path: str
    properties: str
    asked: Callable[[Row], Row] = same
    sent: Callable[[Any], Any] = same
    answered: Callable[[Any], Any] = same


def without(*names: str) -> Callable[[Row], Row]:
    return lambda content: {name: value for name, value in content.items() if name not in names}


def moved(name: str, **by: float) -> Callable[[Row], Row]:
    def change(content: Row) -> Row:
        if name not in content:
            return content
        at = datetime.fromisoformat(content[name]) + timedelta(**by)
        return {**content, name: at.isoformat()}

    return change


def put(name: str, value: Any) -> Callable[[Row], Row]:
    return lambda content: {**content, name: value}


def in_page(**changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change fields of a page."""

    def change(body: Any) -> Any:
        if not isinstance(body, dict) or "items" not in body:
            return body
        return {**body, **{name: changed(body[name]) for name, changed in changes.items()}}

    return change


def in_each(name: str, value: Callable[[Row], Any]) -> Callable[[Any], Any]:
    """Change a field of each row of a page."""
    return in_page(items=lambda rows: [{**row, name: value(row)} for row in rows])


def in_rows(changed: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    """Change the rows of figures."""
    return lambda body: {**body, "rows": changed(body["rows"])} if "rows" in body else body


def with_last(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return in_rows(lambda rows: [[*row[:-1], change(row[-1])] for row in rows])


def all_succeed(body: Any) -> Any:
    results = isinstance(body, dict) and all(isinstance(each, dict) and "success" in each for each in body.values())
    return {key: {**each, "success": True} for key, each in body.items()} if results else body


def _seconds(value: Any) -> Any:
    return value // 1000 if isinstance(value, int) and value > 10**12 else value


BUGS = [
    Bug("the last row of a page is dropped", ASSETS, FILTERS, answered=in_page(items=lambda rows: rows[:-1])),
    Bug("the first row of a page comes twice", ASSETS, FILTERS, answered=in_page(items=lambda rows: rows[:1] + rows)),
    Bug("rows come in the wrong order", ASSETS, FILTERS, answered=in_page(items=lambda rows: rows[::-1])),
    Bug("the total is one too many", ASSETS, FILTERS, answered=in_page(totalCount=lambda total: total + 1)),
    Bug("there is one page too many", ASSETS, PAGES, answered=in_page(pageCount=lambda count: count + 1)),
    Bug("there is never more", ASSETS, PAGES, answered=in_page(hasMore=lambda _: False)),
    Bug("the limit is ignored", ASSETS, PAGES, asked=put("limit", 100)),
    Bug("every page is the first", ASSETS, PAGES, asked=put("page", 1)),
    Bug("the sort is ignored", ASSETS, FILTERS, asked=without("sort")),
    Bug("the direction is ignored", ASSETS, FILTERS, asked=without("desc")),
    *(Bug(f"{name} is ignored", ASSETS, FILTERS, asked=without(name)) for name in (
        "statuses", "presets", "tags", "attributes", "query", "createDateStart", "createDateEnd", "durationFrom")),
    Bug("the first bound is exclusive", ASSETS, FILTERS, asked=moved("createDateStart", milliseconds=1)),
    Bug("the second bound is exclusive", ASSETS, FILTERS, asked=moved("createDateEnd", milliseconds=-1)),
    Bug("bounds are of another zone", ASSETS, FILTERS, asked=moved("createDateStart", hours=8)),
    Bug("recordings have no states", "/cvr/v1/recordings", FILTERS, asked=without("statuses")),
    Bug("everything is Available at once", ASSETS, VOD, answered=in_each("status", lambda _: "Available")),
    Bug("nothing ever changes", ASSETS, VOD, answered=in_each("lastModificationDate", lambda row: row["createDate"])),
    Bug("metadata is not written", ASSETS, VOD, sent=without("metadata")),
    Bug("tags are not written", ASSETS, VOD, sent=without("tags")),
    Bug("every deletion succeeds", ASSETS, VOD, answered=all_succeed),
    Bug("events end an hour late", EVENTS, LIVE, sent=moved("end", hours=1)),
    Bug("events never hold a channel on", EVENTS, LIVE, sent=put("ensureChannel", False)),
    Bug("filters are ignored", FIGURES, QUERIES, sent=without("filters")),
    Bug("there are no buckets", FIGURES, QUERIES, sent=without("interval")),
    Bug("there are no groups", FIGURES, QUERIES, sent=without("groupBy")),
    Bug("the order is ignored", FIGURES, BOUNDS, sent=without("orderBy")),
    Bug("the offset is ignored", FIGURES, QUERIES, sent=without("offset")),
    Bug("the end is included", FIGURES, BOUNDS, sent=moved("end", milliseconds=1)),
    Bug("the start is excluded", FIGURES, BOUNDS, sent=moved("start", milliseconds=1)),
    Bug("numbers are one too many", FIGURES, QUERIES, answered=with_last(lambda value: value and value + 1)),
    Bug("buckets are in seconds", FIGURES, QUERIES, answered=in_rows(
        lambda rows: [[_seconds(each) for each in row] for row in rows])),
    Bug("one viewer too many at once", FIGURES, PEAKS, answered=with_last(lambda value: value + 1)),
    Bug("sessions come newest first", FIGURES, SESSIONS, answered=lambda body: {
        **body, "impressions": body["impressions"][::-1]} if "impressions" in body else body),
]  # fmt: skip

SAME = [Bug("none", path, properties) for path, properties in sorted({(each.path, each.properties) for each in BUGS})]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Bug], None]]:
    """Put a bug between every mock and its tests."""
    honest = Mock.request

    def plant_it(bug: Bug) -> None:
        def request(mock: Mock, method: str, url: str, **options: Any) -> Answer:
            path = urlsplit(url).path
            return _answer(bug, honest, mock, method, url, options) if bug.path in path else honest(
                mock, method, url, **options)  # fmt: skip

        monkeypatch.setattr(support.Mock, "request", request)

    yield plant_it
    monkeypatch.undo()


def _answer(bug: Bug, honest: Any, mock: Mock, method: str, url: str, options: Mapping[str, Any]) -> Answer:
    more = dict(options)
    if method == "GET":
        more["params"] = bug.asked(dict(more.get("params") or {}))
    if isinstance(more.get("json"), dict):
        more["json"] = bug.sent(more["json"])
    answer: Answer = honest(mock, method, url, **more)
    if answer.status != 200 or not answer.headers.get("Content-Type", "").startswith("application/json"):
        return answer
    return replace(answer, body=orjson.dumps(bug.answered(answer.json)))


class Few:
    """Settings of a run that looks for a bug, and does not simplify what it finds."""

    options: ClassVar[Row] = {"phases": [Phase.explicit, Phase.generate], "database": None, "deadline": None}


def run(properties: str) -> None:
    """Run a state machine, or a property of an empty kit."""
    module, _, name = properties.partition(".")
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type):
        usual: Any = found
        run_state_machine_as_test(found, settings=settings(usual.TestCase.settings, **Few.options))
        return
    usual_settings = found._hypothesis_internal_use_settings
    found._hypothesis_internal_use_settings = settings(usual_settings, **Few.options)
    try:
        needed = "kit" in inspect.signature(found).parameters
        found(**({"kit": Kit(now=importlib.import_module(module).NOW, profile="empty")} if needed else {}))
    finally:
        found._hypothesis_internal_use_settings = usual_settings


@pytest.mark.parametrize("bug", BUGS, ids=lambda each: each.name.replace(" ", "-"))
def test_a_wrong_kit_is_caught(plant: Callable[[Bug], None], bug: Bug) -> None:
    plant(bug)

    with pytest.raises((AssertionError, KeyError, IndexError, TypeError, ValueError, ExceptionGroup)):
        run(bug.properties)


@pytest.mark.parametrize("bug", SAME, ids=lambda each: each.properties.rpartition(".")[2])
def test_what_stands_between_changes_nothing_by_itself(plant: Callable[[Bug], None], bug: Bug) -> None:
    plant(bug)

    run(bug.properties)
