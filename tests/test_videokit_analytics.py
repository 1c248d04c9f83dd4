"""Analytics against a plain model: explicit rows of every kind, and the story's own sums against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit import Kit
from testcard.apis.videokit.playback_frames import given_frame
from testcard.apis.videokit.records import millis
from videokit_analytics_model import answer, impressions, peak_rows

BASE = "/streaming/v1/analytics"
NOW = "2026-03-02T12:00:00Z"
FIRST = 1772323200000  # 2026-03-01T00:00:00Z
WINDOW = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T12:00:00Z"}
FUNCTIONS = ("count", "sum", "avg", "median")
MEASURES = ("PLAYED", "PAGE_LOAD_TIME", "VIDEO_BITRATE")

texts = st.sampled_from(["DE", "US", "Łódź", ""]) | st.none()
numbers = st.integers(0, 5) | st.none()
sessions = st.fixed_dictionaries(
    {
        "TIME": st.integers(FIRST - 3_600_000, FIRST + 40 * 3_600_000),
        "COUNTRY": texts,
        "CITY": texts,
        "EXPERIMENT_NAME": texts,
        "USER_ID": st.sampled_from(["u1", "u2", "u3"]),
        "IS_LIVE": st.booleans(),
        "PLAYED": st.integers(0, 7_200_000),
        "PAGE_LOAD_TIME": numbers,
        "VIDEO_BITRATE": numbers,
        "ERROR_CODE": numbers,
    }
)
touching = st.fixed_dictionaries(
    {
        "TIME": st.integers(-3, 200).map(lambda tens: FIRST + tens * 600_000),
        "COUNTRY": texts,
        "CITY": texts,
        "IS_LIVE": st.booleans(),
        "PLAYED": st.integers(0, 12).map(lambda tens: tens * 600_000),
        "ERROR_CODE": numbers,
    }
)
text_filters = st.one_of(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["COUNTRY", "CITY"]), "operator": st.sampled_from(["EQ", "NE"]), "value": texts}
    ),
    st.fixed_dictionaries(
        {
            "name": st.just("COUNTRY"),
            "operator": st.sampled_from(["CONTAINS", "NOTCONTAINS"]),
            "value": st.sampled_from(["", "D", "ód"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "name": st.just("CITY"),
            "operator": st.just("IN"),
            "value": st.lists(st.sampled_from(["DE", "US", "x"]), max_size=3),
        }
    ),
    st.fixed_dictionaries({"name": st.just("IS_LIVE"), "operator": st.just("EQ"), "value": st.booleans()}),
)
number_filters = st.one_of(
    st.fixed_dictionaries({"name": st.just("ERROR_CODE"), "operator": st.sampled_from(["EQ", "NE"]), "value": numbers}),
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["PAGE_LOAD_TIME", "VIDEO_BITRATE"]),
            "operator": st.sampled_from(["LT", "LTE", "GT", "GTE"]),
            "value": st.integers(0, 5),
        }
    ),
    st.fixed_dictionaries(
        {"name": st.just("VIDEO_BITRATE"), "operator": st.just("IN"), "value": st.lists(st.integers(0, 5))}
    ),
)


@st.composite
def queries(draw: st.DrawFn, *, dimensions: tuple[str, ...]) -> dict[str, Any]:
    """A query of the explicit rows' days, with orders that name its own columns."""
    body: dict[str, Any] = dict(WINDOW)
    if dimensions:
        body["dimension"] = draw(st.sampled_from(dimensions))
    body["filters"] = draw(st.lists(text_filters | number_filters, max_size=2))
    body["groupBy"] = draw(st.lists(st.sampled_from(["COUNTRY", "CITY", "IS_LIVE", "ERROR_CODE"]), max_size=2))
    interval = draw(st.sampled_from([None, "MINUTE", "HOUR", "DAY", "MONTH"]))
    columns = [*dict.fromkeys(body["groupBy"]), "FUNCTION"]
    if interval:
        body["interval"] = interval
        columns.append("TIMESTAMP")
    order = st.fixed_dictionaries({"name": st.sampled_from(columns), "order": st.sampled_from(["ASC", "DESC"])})
    body["orderBy"] = draw(st.lists(order, max_size=2))
    if draw(st.booleans()):
        body |= {"limit": draw(st.integers(1, 5)), "offset": draw(st.integers(0, 4))}
    return body


@pytest.fixture(scope="module")
def kit() -> Kit:
    return Kit(now=NOW, profile="empty")


def ask(kit: Kit, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answered = kit.post(f"{BASE}/{path}", body)
    assert answered.status == 200, answered.text
    return dict(answered.json)


@settings(max_examples=120)
@given(rows=st.lists(sessions, max_size=25), data=st.data(), function=st.sampled_from(FUNCTIONS))
def test_queries_equal_the_plain_model(kit: Kit, rows: list[Any], data: st.DataObject, function: str) -> None:
    dimensions = (*MEASURES, *(("USER_ID", "COUNTRY", "IMPRESSIONS", "IS_LIVE") if function == "count" else ()))
    body = data.draw(queries(dimensions=dimensions))
    context = data.draw(st.booleans())
    filled = kit.rows("playback", *rows)

    answered = ask(kit, f"queries/{function}", {**body, "includeContext": context})

    expected = answer(filled, body, function, context=context)
    assert answered["rows"] == expected
    assert answered["rowCount"] == len(expected)


@settings(max_examples=80)
@given(rows=st.lists(sessions | touching, max_size=20), body=queries(dimensions=()))
def test_the_most_viewers_at_once_equal_the_plain_model(kit: Kit, rows: list[Any], body: dict[str, Any]) -> None:
    filled = kit.rows("playback", *rows)

    assert ask(kit, "metrics/max_concurrentviewers", body)["rows"] == peak_rows(filled, body)


@pytest.mark.parametrize(("gap", "peak"), [(-1, 2), (0, 1), (1, 1)])
def test_who_leaves_as_another_comes_does_not_count_with_them(gap: int, peak: int) -> None:
    kit = Kit(now=NOW, profile="empty")
    kit.rows("playback", {"TIME": FIRST, "PLAYED": 1000}, {"TIME": FIRST + 1000 + gap, "PLAYED": 1000})

    assert ask(kit, "metrics/max_concurrentviewers", WINDOW)["rows"] == [[peak]]


@settings(max_examples=40)
@given(rows=st.lists(sessions, max_size=20), filters=st.lists(text_filters | number_filters, max_size=2))
def test_impressions_are_the_sessions_that_match_by_start(kit: Kit, rows: list[Any], filters: list[Any]) -> None:
    filled = kit.rows("playback", *rows)
    body = {**WINDOW, "filters": filters, "limit": 7}

    answered = ask(kit, "impressions", body)["impressions"]

    assert [each["impressionId"] for each in answered] == impressions(filled, body)


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "TIME": st.integers(FIRST, FIRST + 7_200_000),
                "AD_POSITION": st.sampled_from(["pre", "mid"]) | st.none(),
                "STARTED": st.integers(0, 1),
                "TIME_PLAYED": st.integers(0, 30_000),
            }
        ),
        max_size=15,
    ),
    function=st.sampled_from(["count", "sum", "avg"]),
    dimension=st.sampled_from(["STARTED", "TIME_PLAYED"]),
)
def test_ads_equal_the_plain_model(kit: Kit, rows: list[Any], function: str, dimension: str) -> None:
    filled = kit.rows("adPlayback", *rows)
    body = {**WINDOW, "dimension": dimension, "groupBy": ["AD_POSITION"], "interval": "HOUR"}

    assert ask(kit, f"ads/queries/{function}", body)["rows"] == answer(filled, body, function)


@pytest.fixture(scope="module")
def story() -> Kit:
    return Kit(now=NOW)


WEEK = {"start": "2026-02-22T00:00:00Z", "end": "2026-03-01T00:00:00Z"}


def value(kit: Kit, path: str, **body: Any) -> Any:
    return ask(kit, path, {**WEEK, **body})["rows"][0][-1]


def test_what_groups_hold_adds_up_to_the_whole(story: Kit) -> None:
    whole = value(story, "queries/sum", dimension="PLAYED")
    for group in ("COUNTRY", "IS_LIVE", "DEVICE_CLASS", "VIDEO_TITLE"):
        rows = ask(story, "queries/sum", {**WEEK, "dimension": "PLAYED", "groupBy": [group]})["rows"]
        assert sum(row[-1] for row in rows) == whole
    days = ask(story, "queries/sum", {**WEEK, "dimension": "PLAYED", "interval": "DAY"})["rows"]
    assert len(days) == 7
    assert sum(row[-1] for row in days) == whole


def test_adjacent_timeframes_tile(story: Kit) -> None:
    middle = "2026-02-25T13:37:00.123Z"
    parts = [{**WEEK, "end": middle}, {**WEEK, "start": middle}]
    counts = [ask(story, "queries/count", {**part, "dimension": "PLAYED"})["rows"][0][0] for part in parts]

    assert sum(counts) == value(story, "queries/count", dimension="IMPRESSION_ID")


def test_an_average_is_the_sum_by_the_count(story: Kit) -> None:
    total, count, mean = (value(story, f"queries/{each}", dimension="PLAYED") for each in ("sum", "count", "avg"))

    assert mean == total / count


def test_offsets_walk_through_all_rows(story: Kit) -> None:
    body = {**WEEK, "dimension": "IMPRESSION_ID", "interval": "HOUR", "groupBy": ["COUNTRY"]}
    rows: list[Any] = []
    while part := ask(story, "queries/count", {**body, "limit": 200, "offset": len(rows)})["rows"]:
        rows += part

    assert len(rows) > 200
    assert len({tuple(row[:2]) for row in rows}) == len(rows)
    assert sum(row[-1] for row in rows) == value(story, "queries/count", dimension="IMPRESSION_ID")


def test_ads_belong_to_sessions(story: Kit) -> None:
    ads = ask(story, "ads/queries/count", {**WEEK, "dimension": "VIDEO_IMPRESSION_ID"})["rows"][0][0]
    assert 0 < ads < value(story, "queries/count", dimension="IMPRESSION_ID")
    started, all_ads = (
        ask(story, f"ads/queries/{each}", {**WEEK, "dimension": "STARTED"})["rows"][0][0] for each in ("sum", "count")
    )
    assert 0 < started < all_ads


def test_nothing_later_than_now_is_there_and_the_clock_only_adds() -> None:
    kit = Kit(now=NOW)
    body = {"start": NOW, "end": "2026-03-03T12:00:00Z", "dimension": "IMPRESSION_ID"}
    assert ask(kit, "queries/count", body)["rows"] == [[0]]

    kit.advance(43_200)
    half = ask(kit, "queries/count", body)["rows"][0][0]
    kit.advance(43_200)

    assert 0 < half < ask(kit, "queries/count", body)["rows"][0][0]


@pytest.mark.parametrize("group", ["USER_ID", "CITY", "VIDEO_ID", "IS_LIVE", "CUSTOM_DATA_2", "ERROR_CODE", "BROWSER"])
def test_a_filter_finds_what_a_group_counted(story: Kit, group: str) -> None:
    body = {**WEEK, "dimension": "IMPRESSION_ID"}
    counted = dict(ask(story, "queries/count", {**body, "groupBy": [group]})["rows"])
    shown, count = max(counted.items(), key=lambda pair: pair[1])
    wanted: Any = {"true": True, "false": False}.get(shown, shown)
    if group == "ERROR_CODE" and wanted is not None:
        wanted = int(wanted)
    one = {"name": group, "operator": "EQ", "value": wanted}
    others = {**one, "operator": "NE"}

    assert ask(story, "queries/count", {**body, "filters": [one]})["rows"] == [[count]]
    whole = value(story, "queries/count", dimension="IMPRESSION_ID")
    assert ask(story, "queries/count", {**body, "filters": [others]})["rows"] == [[whole - count]]


def test_a_session_is_found_by_its_id(story: Kit) -> None:
    some = ask(story, "impressions", {**WEEK, "limit": 3})["impressions"][2]["impressionId"]
    only = {"name": "IMPRESSION_ID", "operator": "IN", "value": [some, "nobody"]}

    assert ask(story, "impressions", {**WEEK, "filters": [only]})["impressions"] == [{"impressionId": some}]


@pytest.mark.parametrize(("path", "table"), [("queries/count", "playback"), ("ads/queries/count", "adPlayback")])
def test_more_than_two_million_sessions_at_once_are_refused(path: str, table: str) -> None:
    kit = Kit(profile="ten-million", now=NOW)
    year = {"start": "2023-01-01T00:00:00Z", "end": NOW, "dimension": "VIDEO_ID"}
    refused = kit.post(f"{BASE}/{path}", year)

    assert refused.status == 400
    assert refused.json["status"]["message"] == (
        "body '/start': more than 2,000,000 sessions in the timeframe; ask for less at once"
    )
    kit.rows(table, {"TIME": "2023-01-01T00:00:00Z"})  # in place of the story: there is one
    assert ask(kit, path, year)["rows"] == [[1]]


def test_ten_years_of_the_default_profile_are_not_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit(now=NOW)
    monkeypatch.setattr("testcard.apis.videokit.playback_frames.story_frame", lambda *_, **__: given_frame([], ""))

    assert ask(kit, "queries/count", {"start": "2016-03-02T12:00:00Z", "dimension": "PLAYED"})["rows"] == [[0]]


def test_explicit_sessions_stand_beside_the_storys() -> None:
    kit = Kit(now=NOW)
    before = ask(kit, "queries/count", {**WEEK, "dimension": "IMPRESSION_ID", "groupBy": ["COUNTRY"]})["rows"]
    rows = [{"TIME": "2026-02-23T10:00:00Z", "COUNTRY": country} for country in ("DE", "XX")]
    kit.rows("playback", *rows, replace=False)
    after = ask(kit, "queries/count", {**WEEK, "dimension": "IMPRESSION_ID", "groupBy": ["COUNTRY"]})["rows"]

    assert dict(after) == {**dict(before), "DE": dict(before)["DE"] + 1, "XX": 1}


def test_explicit_sessions_are_those_put_last_and_begun_by_now() -> None:
    kit, counts = Kit(profile="empty", now=NOW), []
    asked = {"start": "2026-03-02T11:00:00Z", "end": "2026-03-02T13:00:00Z", "dimension": "IMPRESSION_ID"}
    for minutes in ((58, 59), (57, 58, 59), (59, 61)):
        kit.rows("playback", *({"TIME": millis(datetime(2026, 3, 2, 11, tzinfo=UTC)) + 60_000 * at} for at in minutes))
        counts += ask(kit, "queries/count", asked)["rows"]
    kit.advance(60)
    counts += ask(kit, "queries/count", asked)["rows"]

    assert counts == [[2], [3], [1], [2]]


WEEK_OF_ROWS = {"from": WEEK["start"], "to": WEEK["end"], "limit": "1000"}


def read_back(kit: Kit, table: str, **stretch: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    path: str | None = f"/_testcard/worlds/default/rows/videokit/{table}?{urlencode(stretch)}"
    while path:
        page = kit.send("GET", path).json
        rows += page["rows"]
        path = page["next"]
    return rows


@pytest.mark.parametrize(("table", "base", "dimension"), [
    ("playback", "queries", "VIEWTIME"), ("adPlayback", "ads/queries", "TIME_PLAYED"),
])  # fmt: skip
def test_playback_can_be_read_and_put_back(table: str, base: str, dimension: str) -> None:
    kit = Kit(now="2026-02-28T20:00:00Z")
    groups: tuple[dict[str, Any], ...] = (
        {},
        {"groupBy": ["IS_LIVE", "CITY"]},
        {"groupBy": ["CUSTOM_DATA_2"]},
        {"interval": "DAY"},
    )
    bodies = [{**WEEK, "dimension": dimension, **each} for each in groups]
    before = [ask(kit, f"{base}/{function}", body)["rows"] for body in bodies for function in ("sum", "count")]
    rows = read_back(kit, table, **WEEK_OF_ROWS)

    assert len(rows) == before[1][0][0]
    kit.rows(table, *rows)
    assert [ask(kit, f"{base}/{function}", body)["rows"] for body in bodies for function in ("sum", "count")] == before
    assert read_back(kit, table, limit="1000") == rows


def test_a_session_that_runs_is_read_back_as_far_as_it_has_come() -> None:
    kit = Kit(now="2026-02-28T20:00:00Z")
    rows = read_back(kit, "playback", **{"from": "2026-02-28T00:00:00Z", "limit": "1000"})
    ends = [row["TIME"] + row["PLAYED"] for row in rows]

    assert max(row["TIME"] for row in rows) <= max(ends) == millis(datetime(2026, 2, 28, 20, tzinfo=UTC))


def test_playback_is_read_a_page_at_a_time_from_a_year_back_on() -> None:
    kit = Kit(now=NOW, profile="small")
    pages = read_back(kit, "playback", limit="999")
    body = {"start": "2025-03-01T00:00:00Z", "end": NOW, "dimension": "IMPRESSION_ID"}

    assert len(pages) == ask(kit, "queries/count", body)["rows"][0][0]
    assert len({row["IMPRESSION_ID"] for row in pages}) == len(pages)
    assert [row["TIME"] for row in pages] == sorted(row["TIME"] for row in pages)


def test_unique_users_are_a_count_of_user_ids(story: Kit) -> None:
    users = value(story, "queries/count", dimension="USER_ID")
    assert 0 < users < value(story, "queries/count", dimension="IMPRESSION_ID")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"dimension": "NOPE"}, "dimension"),
        ({}, "dimension"),
        ({"dimension": "COUNTRY"}, "dimension"),
        ({"dimension": "PLAYED", "limit": 201}, "limit"),
        ({"dimension": "PLAYED", "limit": 0}, "limit"),
        ({"dimension": "PLAYED", "offset": -1}, "offset"),
        ({"dimension": "PLAYED", "interval": "WEEK"}, "interval"),
        ({"dimension": "PLAYED", "filters": [{"name": "PLAYED", "operator": "CONTAINS", "value": 1}]}, "filters"),
        ({"dimension": "PLAYED", "filters": [{"name": "CITY", "operator": "IN", "value": "x"}]}, "filters"),
        ({"dimension": "PLAYED", "orderBy": [{"name": "CITY"}]}, "orderBy"),
        ({"dimension": "PLAYED", "start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}, "start"),
        ({"dimension": "PLAYED", "start": "yesterday"}, "start"),
    ],
)
def test_what_a_query_cannot_mean_is_refused_by_name(story: Kit, body: dict[str, Any], word: str) -> None:
    answered = story.post(f"{BASE}/queries/sum", body)

    assert answered.status == 400
    assert word in answered.json["status"]["message"]


def rows_of(kit: Kit, path: str = "queries/count", **body: Any) -> Any:
    return ask(kit, path, {**WINDOW, "dimension": "USER_ID", **body})


GIVEN = [
    {"TIME": FIRST + 1000, "USER_ID": "u1", "PAGE_LOAD_TIME": 1, "PLAYED": 30_000},
    {"TIME": FIRST + 2000, "USER_ID": "u1", "PAGE_LOAD_TIME": 2, "PLAYED": 30_000},
    {"TIME": FIRST + 90_000_000, "USER_ID": "u2", "PAGE_LOAD_TIME": 4, "PLAYED": 30_000},
]


@pytest.mark.parametrize(
    ("reading", "name", "path", "body", "there", "here"),
    [
        ("VK-167", "value-only", "queries/count", {"interval": "DAY"}, 2, 1),
        ("VK-175", "refused", "queries/count", {"dimension": "IMPRESSIONS"}, [[3]], None),
        ("VK-176", "rows", "queries/count", {}, [[2]], [[3]]),
        ("VK-178", "rounded", "queries/avg", {"dimension": "PAGE_LOAD_TIME"}, [[7 / 3]], [[2]]),
        (
            "VK-174",
            "zero",
            "queries/count",
            {"interval": "DAY", "start": "2026-02-27T00:00:00Z"},
            [[FIRST, 1], [FIRST + 86_400_000, 1]],
            [[FIRST - 172_800_000, 0], [FIRST - 86_400_000, 0], [FIRST, 1], [FIRST + 86_400_000, 1]],
        ),
        ("VK-171", "last-thirty-days", "queries/count", {"start": None, "end": None}, [[1]], [[2]]),
        ("VK-180", "empty", "queries/count", {"end": "2026-02-01T00:00:00Z"}, None, [[0]]),
        ("VK-166", "with-session-count", "ads/queries/count", {"dimension": "AD_ID"}, [[0]], [[0, 0]]),
    ],
)
def test_readings_of_analytics(reading: str, name: str, path: str, body: dict[str, Any], there: Any, here: Any) -> None:
    sent = {**WINDOW, "dimension": "USER_ID", **body}
    sent = {key: each for key, each in sent.items() if each is not None}
    results = []
    for readings in ({}, {reading: name}):
        kit = Kit(now=NOW, profile="empty", readings=readings)
        kit.rows("playback", *GIVEN)
        answered = kit.post(f"{BASE}/{path}", sent)
        key = "columnLabels" if reading == "VK-167" else "rows"
        found = answered.json.get(key) if answered.status == 200 else None
        results.append(len(found or ()) if reading == "VK-167" else found)

    assert results == [there, here]


def test_the_end_may_be_in_the_timeframe() -> None:
    body = {**WINDOW, "dimension": "PLAYED", "end": "2026-03-01T00:00:02Z"}
    counts = []
    for reading in ("exclusive", "inclusive"):
        kit = Kit(now=NOW, profile="empty", readings={"VK-172": reading})
        kit.rows("playback", *GIVEN)
        counts.append(ask(kit, "queries/count", body)["rows"])

    assert counts == [[[1]], [[2]]]


def test_a_median_of_two_is_between_them_or_the_lower() -> None:
    found = []
    for reading in ("midpoint", "lower"):
        kit = Kit(now=NOW, profile="empty", readings={"VK-177": reading})
        kit.rows("playback", *GIVEN[:2])
        found.append(ask(kit, "queries/median", {**WINDOW, "dimension": "PAGE_LOAD_TIME"})["rows"])

    assert found == [[[1.5]], [[1]]]


def test_viewers_may_be_counted_by_the_minute() -> None:
    """Two who watch one after the other within a minute."""
    found = []
    for reading in ("exact", "per-minute"):
        kit = Kit(now=NOW, profile="empty", readings={"VK-181": reading})
        kit.rows("playback", {"TIME": FIRST, "PLAYED": 10_000}, {"TIME": FIRST + 20_000, "PLAYED": 10_000})
        found.append(ask(kit, "metrics/max_concurrentviewers", WINDOW)["rows"])

    assert found == [[[1]], [[2]]]


def test_context_is_described_always_or_on_request() -> None:
    for reading, there in (("always", True), ("on-request", False)):
        kit = Kit(now=NOW, profile="empty", readings={"VK-168": reading})
        plain, asked = (rows_of(kit, includeContext=each) for each in (False, True))
        assert ("contextDescription" in plain) is there
        assert {"label": "Sessions", "description": "Number of Sessions"} in asked["contextDescription"]


def test_row_count_counts_what_is_returned_or_what_matches() -> None:
    for reading, count in (("returned", 1), ("matching", 2)):
        kit = Kit(now=NOW, profile="empty", readings={"VK-169": reading})
        kit.rows("playback", *GIVEN)
        assert rows_of(kit, interval="DAY", limit=1)["rowCount"] == count


def test_rows_without_an_order_may_come_in_any_but_always_the_same() -> None:
    kit = Kit(now=NOW, readings={"VK-173": "unordered"})
    body = {**WEEK, "dimension": "PLAYED", "interval": "HOUR"}
    first, second = (ask(kit, "queries/count", body)["rows"] for _ in range(2))

    assert first == second
    assert first != sorted(first)
    assert ask(kit, "queries/count", {**body, "orderBy": [{"name": "TIMESTAMP"}]})["rows"] == sorted(first)


def test_older_playback_may_be_gone() -> None:
    body = {"start": "2024-09-15T08:10:37.560Z", "end": "2024-09-22T08:10:37.560Z", "dimension": "IMPRESSIONS"}
    counts = [
        ask(Kit(now=NOW, readings={"VK-179": each}), "queries/count", body)["rows"][0][0]
        for each in ("all", "thirty-days")
    ]

    assert counts[0] > 0
    assert counts[1] == 0


def test_impressions_may_come_newest_first() -> None:
    found = []
    for reading in ("oldest-first", "newest-first"):
        kit = Kit(now=NOW, profile="empty", readings={"VK-182": reading})
        kit.rows("playback", *GIVEN)
        found.append([each["impressionId"] for each in ask(kit, "impressions", WINDOW)["impressions"]])

    assert found[0] == found[1][::-1]
    assert len(found[0]) == 3


def test_labels_say_what_the_columns_are(story: Kit) -> None:
    answered = ask(story, "queries/sum", {**WEEK, "dimension": "PLAYED", "interval": "DAY", "groupBy": ["COUNTRY"]})

    assert [each["key"] for each in answered["columnLabels"]] == ["TIMESTAMP", "COUNTRY", "PLAYED"]
    assert answered["columnLabels"][-1]["label"] == "Total Played Time (ms)"
    assert answered["contextDescription"] == [
        {"label": "Total Played Time", "description": "Sum of played time in milliseconds"}
    ]
