"""Amazon Video Central behaves as document 000 and facts A1 to A33 say: its tree and its lists."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from videocentral_desk import BASE, Desk, reason

GOLDEN = "484600f119f5c55f85c33eec3ea7c8b02cb582e1ebdfc67030c71d888c65b254"


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Lists


def test_ten_items_from_the_first_are_the_default(desk: Desk) -> None:
    answer = desk.get("/accounts").json

    assert (len(answer["data"]), answer["total"]) == (10, 12)
    assert parse_qs(urlsplit(answer["next"]).query) == {"offset": ["10"], "limit": ["10"]}
    assert desk.get(answer["next"]).json["next"] is None


@pytest.mark.parametrize("limit", [1, 3, 4, 6, 12, 13, 1000])
def test_next_is_null_on_the_last_page_and_only_there(desk: Desk, limit: int) -> None:
    rows: list[dict[str, Any]] = []
    link, pages = f"/accounts?limit={limit}", 0
    while link:
        page = desk.get(link).json
        rows, link, pages = rows + page["data"], page["next"], pages + 1

    assert (len(rows), pages) == (12, -(-12 // limit))
    assert len({row["id"] for row in rows}) == 12


def test_a_full_last_page_has_a_link_under_another_reading() -> None:
    desk = Desk(readings={"VC-09": "full-page"})
    page = desk.get("/accounts", limit=6, offset=6).json

    assert desk.get(page["next"]).json == {"total": 12, "next": None, "data": []}


def test_next_may_be_absent_under_another_reading() -> None:
    assert "next" not in Desk(readings={"VC-10": "absent"}).get("/accounts", limit=50).json


def test_offset_may_count_pages_under_another_reading() -> None:
    desk = Desk(readings={"VC-01": "pages"})
    page = desk.get("/accounts", limit=5, offset=1).json

    assert page["data"] == Desk().data("/accounts", limit=5, offset=5)
    assert "offset=2" in page["next"]
    assert len(desk.all("/accounts", limit=5)) == 12


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "2147483648", "٣", "1&{name}=2"])
@pytest.mark.parametrize("name", ["limit", "offset"])
def test_numbers_that_are_none_are_refused(desk: Desk, name: str, value: str) -> None:
    answer = desk.get(f"/accounts?{name}={value.format(name=name)}")

    assert reason(answer) == (400, "bad_parameter")
    assert name in answer.json["message"]


def test_a_page_of_nothing_is_refused(desk: Desk) -> None:
    assert reason(desk.get("/accounts?limit=0")) == (400, "bad_parameter")


def test_a_largest_limit_is_a_reading() -> None:
    path = Desk().reports_path("First and Last VOD Title", "Daily", group="channelsPremium")
    assert len(Desk().data(path, limit=150)) == 150
    clamped = Desk(readings={"VC-14": "clamped"})
    assert len(clamped.data(path, limit=150)) == 100
    assert len(clamped.all(path, limit=150, reportDateBeginGte="2025-06-01")) > 200
    assert Desk(readings={"VC-14": "refused"}).get(path, limit=150).status == 400


def test_beyond_the_end_there_is_nothing(desk: Desk) -> None:
    assert desk.get("/accounts", offset=12).json == {"total": 12, "next": None, "data": []}
    assert Desk(readings={"VC-15": "refused"}).get("/accounts", offset=12).status == 400


def test_an_unknown_parameter_is_noted_and_kept_in_the_link(desk: Desk) -> None:
    answer = desk.get("/accounts", limti=3, limit=5)

    assert "did you mean 'limit'" in answer.headers["X-Testcard-Note"]
    assert "limti=3" in answer.json["next"]


@pytest.mark.parametrize("depth", range(1, 5))
def test_unknown_ids_are_not_found_at_any_level(desk: Desk, depth: int) -> None:
    path = desk.reports_path("Content Usage", "Weekly").split("/")
    identity = (2, 3, 4, 6)[depth - 1]
    path[identity] = "nobody"
    whole = {1: 3, 2: 4, 3: 6, 4: 8}[depth]

    answer = desk.get("/".join(path[:whole]))
    assert reason(answer) == (404, "not_found")
    assert "nobody" in answer.json["message"]


def test_paths_that_are_none_and_other_methods_are_refused(desk: Desk) -> None:
    assert reason(desk.get("/studios")) == (404, "not_found")
    answer = desk.mock.post(f"{BASE}/accounts", headers=desk.headers)
    assert reason(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_the_tree_has_the_known_groups_territories_and_cadences(desk: Desk) -> None:
    groups = [group["id"] for group in desk.data("/accounts/HALYARD1TV")]
    channels = desk.all("/accounts/HALYARD1TV/channelsPremium")
    types = desk.all(f"/accounts/HALYARD1TV/channelsPremium/{channels[0]['id']}/reportTypes")

    assert groups == ["channels", "channelsPremium"]
    assert len(channels) == 12
    assert {channel["territory"] for channel in channels} == {"US", "GB", "DE", "AT", "CH"}
    assert {kind["cadence"] for kind in types} == {"Daily", "Weekly", "Monthly", "Quarterly"}
    assert ("First and Last VOD Title", "Daily") in {(kind["name"], kind["cadence"]) for kind in types}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("id", [{"id"}, {"id"}]),
        ("report-type-id", [{"reportTypeId"}, {"reportTypeId"}]),
        ("both", [{"id", "reportTypeId"}] * 2),
        ("mixed", [{"id"}, {"reportTypeId"}]),
    ],
)
def test_the_name_of_a_report_types_id_is_a_reading(name: str, keys: list[set[str]]) -> None:
    desk = Desk(readings={"VC-02": name})
    channel = desk.data("/accounts/HALYARD1TV/channels")[0]["id"]
    types = desk.data(f"/accounts/HALYARD1TV/channels/{channel}/reportTypes", limit=2)

    assert [set(kind) & {"id", "reportTypeId"} for kind in types] == keys


def test_a_territory_may_be_missing_under_observation() -> None:
    path = "/accounts/HALYARD1TV/channels"

    assert all("territory" in channel for channel in Desk().data(path))
    observed = ["territory" in channel for channel in Desk(dialect="observed").data(path)]
    assert True in observed
    assert False in observed


def test_the_samples_singular_address_leads_to_the_reports(desk: Desk) -> None:
    path = desk.reports_path("Content Usage", "Weekly")
    singular = path.replace("/reportTypes/", "/reportType/").removesuffix("/reports")

    first = desk.get(singular, limit=2).json
    assert first["data"] == desk.data(path, limit=2)
    assert urlsplit(first["next"]).path.endswith("/reports")
    assert reason(Desk(readings={"VC-03": "refused"}).get(singular)) == (404, "not_found")
    linked = Desk(readings={"VC-04": "singular"}).get(path, limit=2).json["next"]
    assert "/reportType/" in linked
    assert desk.data(linked) == desk.data(path, limit=2, offset=2)


# Same seed, same bytes


def test_same_seed_same_bytes() -> None:
    """The golden digest: any change of it is a change of every user's recorded truth."""

    def digest() -> str:
        desk = Desk(seed=7, now="2026-03-02T12:00:00Z")
        path = desk.reports_path("Content Usage", "Monthly")
        pages = [desk.get("/accounts").body, desk.get(path, limit=100).body]
        files = [desk.mock.get(row["downloadUrl"]).body for row in desk.data(path, limit=3, offset=90)]
        return hashlib.sha256(b"".join([*pages, *files, desk.env["TOKEN"].encode()])).hexdigest()

    assert digest() == digest() == GOLDEN
