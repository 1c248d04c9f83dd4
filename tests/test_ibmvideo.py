"""IBM Video Streaming, clause by clause: refusals, times and links."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from ibmvideo_desk import DAY, Desk, errors, pointers

Row = dict[str, Any]


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def day(desk: Desk) -> list[Row]:
    return desk.attributes("/views", DAY)


def test_every_bad_parameter_has_its_entry(desk: Desk) -> None:
    answer = desk.get("/views/foo", date_time_from="yesterday", inclusive_range="True", _page=0, _limit=10_001)

    assert pointers(answer) == [
        "/path/content_type",
        "/query/date_time_from",
        "/query/date_time_to",
        "/query/inclusive_range",
        "/query/_page",
        "/query/_limit",
    ]


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        (("2026-03-01T00:00:00 01:00", "2026-03-02"), ["/query/date_time_from", "/query/date_time_to"]),
        (("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"), ["/query/date_time_from"]),
        (("2026-03-01T00:00:00 01:00", "2026-02-30T00:00:00Z"), ["/query/date_time_to", "/query/date_time_from"]),
    ],
)
@pytest.mark.parametrize("path", ["/views", "/viewers/live", "/total-views/day", "/peak-viewer-numbers"])
def test_a_bound_that_only_a_reading_refuses_stands_among_the_bad_parameters(
    path: str, bounds: tuple[str, str], named: list[str]
) -> None:
    desk = Desk(readings={"IB-47": "filtered"})
    answer = desk.get(path, date_time_from=bounds[0], date_time_to=bounds[1], _page="0", _limit="x")

    assert sorted(pointers(answer)) == sorted([*named, "/query/_page", "/query/_limit"])


def test_bounds_that_change_nothing_are_not_looked_at() -> None:
    desk = Desk(readings={"IB-47": "ignored"})

    assert desk.get("/viewers", date_time_from="2026-03-02T00:00:00Z", date_time_to="2026-03-01").status == 200


@pytest.mark.parametrize("value", ["0", "-1", "10001", "1.5", "ten", "", "1e1"])
def test_limit_is_a_whole_number_from_1_to_10000(desk: Desk, value: str) -> None:
    assert pointers(desk.get("/viewers", _limit=value)) == ["/query/_limit"]


@pytest.mark.parametrize("value", ["1", "10000"])
def test_limits_at_the_edge_are_taken(desk: Desk, value: str) -> None:
    assert desk.get("/views", query=DAY, _limit=value).status == 200


@pytest.mark.parametrize("value", ["1,x", "1,,2", "", "1;2"])
def test_content_ids_are_numbers_between_commas(desk: Desk, value: str) -> None:
    assert pointers(desk.get("/views/live", query=DAY, content_id=value)) == ["/query/content_id"]


def test_unknown_parameters_change_nothing_and_are_noted(desk: Desk) -> None:
    answer = desk.get("/views", query=DAY, datetime_from="2026-01-01T00:00:00Z")

    assert answer.status == 200
    assert "date_time_from" in answer.headers["X-Testcard-Note"]


@pytest.mark.parametrize("path", ["/nothing", "/channels/1/metrics.json", "/views/live/5", "/viewers/"])
def test_paths_that_do_not_exist_are_a_404_in_the_envelope(desk: Desk, path: str) -> None:
    assert errors(desk.get(path), 404)


def test_other_methods_are_a_405_that_names_the_right_ones(desk: Desk) -> None:
    answer = desk.mock.post("/ibmvideo/v1/views", json={})

    assert errors(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_by_the_documented_host(desk: Desk) -> None:
    url = "https://analytics-api.video.ibm.com/v1/views"

    assert desk.mock.get(url, headers={"Authorization": desk.token}, params=DAY).status == 200


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T10:00:00+00:00",
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:00Z",
        "2026-03-01T10:00:00.000Z",
        "2026-03-01T11:00:00+01:00",
        "2026-03-01T11:00:00+0100",
        "2026-03-01T11:00:00+01",
        "2026-03-01T02:00:00-08:00",
        "2026-03-01T02:00:00",
        "2026-03-01T02:00",
    ],
)
def test_one_instant_has_many_forms(desk: Desk, text: str) -> None:
    expected = desk.attributes("/views", {**DAY, "date_time_from": "2026-03-01T10:00:00+00:00"})

    assert desk.attributes("/views", {**DAY, "date_time_from": text}) == expected


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-03-01", "1772359200", "2026-02-30T00:00:00Z", "2026-03-01T24:00:01Z", "20260301T000000Z",
     "2026-03-01 00:00:00Z", "2026-03-01T00:00:00+24:00", "2026-03-01T00:00:00 Z", "٢٠٢٦-03-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_not_iso_8601_is_refused(desk: Desk, text: str) -> None:
    assert pointers(desk.get("/views", query={**DAY, "date_time_from": text})) == ["/query/date_time_from"]


def test_a_plus_that_arrived_as_a_blank_is_refused_with_the_reason(desk: Desk) -> None:
    answer = desk.get("/views", query={**DAY, "date_time_to": "2026-03-02T00:00:00 00:00"})

    assert pointers(answer) == ["/query/date_time_to"]
    assert "%2B" in answer.text


def test_a_period_that_ends_before_it_begins_is_refused(desk: Desk) -> None:
    answer = desk.get("/views", date_time_from=DAY["date_time_to"], date_time_to=DAY["date_time_from"])

    assert pointers(answer) == ["/query/date_time_from"]


def test_fractions_of_a_second_count() -> None:
    desk = Desk(profile="empty")
    desk.put([{"started_at": "2026-03-01T00:00:01Z", "finished_at": "2026-03-01T00:00:02Z"}])

    def found(begin: str) -> int:
        return len(desk.attributes("/views", {**DAY, "date_time_from": begin}, inclusive_range="false"))

    assert (found("2026-03-01T00:00:01Z"), found("2026-03-01T00:00:01.0001Z")) == (1, 0)


@pytest.mark.parametrize(
    ("local", "utc", "readings"),
    [
        ("2026-03-08T02:30:00", "2026-03-08T10:30:00Z", {}),
        ("2026-03-08T02:30:00", None, {"IB_17": "refused"}),
        ("2026-11-01T01:30:00", "2026-11-01T08:30:00Z", {}),
        ("2026-11-01T01:30:00", "2026-11-01T09:30:00Z", {"IB_18": "second"}),
        ("2026-07-01T00:00:00", "2026-07-01T07:00:00Z", {}),
        ("2026-01-01T00:00:00", "2026-01-01T08:00:00Z", {}),
    ],
)
def test_local_times_through_the_clock_changes(local: str, utc: str | None, readings: dict[str, str]) -> None:
    desk = Desk(profile="empty", now="2026-12-01T00:00:00Z")
    desk.read(**readings)
    moment = utc or "2026-03-08T10:30:00Z"
    desk.put([{"started_at": moment, "finished_at": moment}])
    query = {"date_time_from": local, "date_time_to": local}

    if utc is None:
        assert pointers(desk.get("/views", query=query)) == ["/query/date_time_from", "/query/date_time_to"]
    else:
        assert len(desk.rows("/views", query)) == 1


def test_the_documents_own_year_has_views(desk: Desk) -> None:
    query = {"date_time_from": "2018-07-16T19:20:30+01:00", "date_time_to": "2018-07-17T19:20:30+01:00"}

    assert len(desk.rows("/views", query)) == 10


@pytest.mark.parametrize("century", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
def test_the_ends_of_the_calendar_are_no_trouble(century: str) -> None:
    desk = Desk(profile="small")
    bounds = sorted([century, "2026-03-01T00:00:00Z"])

    answer = desk.get("/views", date_time_from=bounds[0], date_time_to=bounds[1], _limit=1)

    assert answer.status == 200


def test_links_keep_every_parameter(desk: Desk) -> None:
    query = {**DAY, "content_id": "77569623,90210", "inclusive_range": "false", "_limit": "3", "extra": "ü &+"}
    links = desk.get("/views/live", query=query).json["pagination"]

    parts = urlsplit(links["next"]["href"])
    assert parts.path == "/views/live"
    assert dict(parse_qsl(parts.query)) == {**query, "_page": "2"}


def test_a_walk_by_links_is_a_walk_by_pages(desk: Desk, day: list[Row]) -> None:
    walked = [row["attributes"] for page in desk.pages("/views", DAY, _limit=100) for row in page.json["resources"]]

    assert walked == day


def test_self_first_and_last_lead_to_themselves(desk: Desk) -> None:
    page = desk.get("/views", query=DAY, _limit=50, _page=3).json
    for name, number in (("self", 3), ("first", 1), ("prev", 2), ("next", 4)):
        parts = urlsplit(page["pagination"][name]["href"])
        there = desk.get(parts.path, query=dict(parse_qsl(parts.query))).json
        assert there == desk.get("/views", query=DAY, _limit=50, _page=number).json | {
            "pagination": there["pagination"]
        }


def test_a_page_behind_the_last_is_empty_and_leads_back(desk: Desk) -> None:
    page = desk.get("/views", query=DAY, _limit=10_000, _page=7).json

    assert page["resources"] == []
    assert page["pagination"]["next"] is None
    assert "_page=1" in page["pagination"]["prev"]["href"]


def test_whole_paths_lead_back_to_the_callers_address() -> None:
    desk = Desk()
    desk.read(IB_04="with-version")
    headers = {"Authorization": desk.token, "X-Forwarded-Prefix": "/proxy", "X-Forwarded-Host": "example.test"}

    behind = desk.mock.get("/~default/ibmvideo/v1/views", params={**DAY, "_limit": 1}, headers=headers).json
    direct = desk.mock.get(
        "https://analytics-api.video.ibm.com/v1/views", params=DAY, headers={"Authorization": desk.token}
    ).json

    assert behind["pagination"]["next"]["href"].startswith("/proxy/~default/ibmvideo/v1/views?")
    assert direct["pagination"]["next"]["href"].startswith("/v1/views?")
    following = urljoin(
        "http://mock.test/ibmvideo/v1/views", desk.get("/views", query=DAY).json["pagination"]["next"]["href"]
    )
    assert desk.mock.get(following, headers={"Authorization": desk.token}).status == 200


def test_shortened_pages_lose_nothing_and_links_can_be_turned(day: list[Row]) -> None:
    desk = Desk()
    faults = desk.mock.world.faults
    faults.add({"kind": "short-page", "api": "ibmvideo", "rows": 3, "when": {"page": 2}})
    pages = [page.json for page in desk.pages("/views", DAY, _limit=200)]

    assert [len(page["resources"]) for page in pages[:3]] == [200, 3, 200]
    assert [row["attributes"] for page in pages for row in page["resources"]] == day
    faults.clear()
    faults.add({"kind": "next-repeats", "api": "ibmvideo", "when": {"page": 2}})
    links = desk.get("/views", query=DAY, _page=2).json["pagination"]
    assert links["next"] == links["self"]


def test_refusals_of_faults_are_in_the_vendors_words() -> None:
    desk = Desk()
    desk.mock.world.faults.add({"kind": "status", "status": 429, "api": "ibmvideo", "retry_after": 2})

    answer = desk.get("/viewers")

    assert errors(answer, 429)
    assert answer.headers["Retry-After"] == "2"
