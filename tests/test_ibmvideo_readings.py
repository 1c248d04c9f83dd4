"""Each switchable entry of IBM Video Streaming's ledger changes what it says."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ibmvideo_desk import DAY, Desk, errors, pointers
from testcard.contract import open_ledger

_EMPTY_VIEWERS: tuple[tuple[str, list[Any]], ...] = (("dropped", []), ("kept-empty", [("a", 1, [])]))


def test_all_of_them_are_tested_here_or_in_the_properties() -> None:
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_ibmvideo*.py")]
    for entry in open_ledger(("ibmvideo",)):
        if entry.switchable:
            name = entry.id.replace("-", "_")
            assert any(f"{name}=" in text or f'"{name}"' in text for text in texts), entry.id


def test_the_observed_dialect() -> None:
    desk = Desk(dialect="observed")
    page = desk.get("/views", query=DAY, _limit=1).json
    assert set(page) == {"pagination", "data"}
    assert "prev" not in page["pagination"]
    assert page["pagination"]["count"] > 100
    assert page["pagination"]["next"]["href"].startswith("/ibmvideo/v1/views?")
    viewer = desk.get("/viewers", query={**DAY, "_limit": 1}).json["data"][0]["attributes"]
    assert "device_info" not in viewer["segments"][0]
    minutes = desk.get("/viewer-seconds", query=DAY, _limit=2).json["data"]
    assert [each["attributes"]["time"][14:16] for each in minutes] == ["00", "00"]


@pytest.mark.parametrize("key", ["resources", "data"])
def test_the_key_of_the_rows(key: str) -> None:
    desk = _reading(IB_01=key)
    assert set(desk.get("/views", query=DAY).json) == {"pagination", key}
    assert set(desk.get("/viewers").json) == {"pagination", key}
    assert set(desk.get("/total-views/day", query=DAY).json) == {"pagination", key}


def test_the_count() -> None:
    items = _reading(IB_02="items").get("/views", query=DAY, _limit=7).json["pagination"]["count"]
    pages = _reading(IB_02="pages").get("/views", query=DAY, _limit=7).json["pagination"]["count"]
    assert pages == -(-items // 7)


def test_links_that_drop_the_filters() -> None:
    links = _reading(IB_03="dropped").get("/views", query=DAY, _limit=1).json["pagination"]
    assert links["next"]["href"] == "/views?_page=2&_limit=1"


def test_links_as_in_the_sample() -> None:
    links = _reading(IB_06="sample-path", IB_03="dropped").get("/viewers", _limit=1).json["pagination"]
    assert links["first"]["href"] == "/views?_page=1&_limit=1"


def test_absent_links() -> None:
    links = _reading(IB_05="absent").get("/views", query=DAY, _limit=10_000).json["pagination"]
    assert set(links) == {"count", "self", "first", "last"}


def test_types_of_content_ids() -> None:
    assert isinstance(_reading(IB_07="integer").attributes("/views", DAY, _limit=1)[0]["content_id"], int)
    viewer = _reading(IB_08="string").attributes("/viewers", _limit=1)[0]
    assert isinstance(viewer["segments"][0]["content_id"], str)


def test_device_info_may_be_absent() -> None:
    assert "device_info" not in _reading(IB_10="absent").attributes("/views", DAY, _limit=1)[0]
    viewer = _reading(IB_11="absent").attributes("/viewers", _limit=1)[0]
    assert "device_info" not in viewer["segments"][0]


def test_an_end_that_has_not_come_may_be_absent() -> None:
    desk = _reading(IB_12="absent", profile="empty")
    desk.put([{"started_at": "2026-03-01T10:00:00Z", "finished_at": None}])
    assert "finished_at" not in desk.attributes("/views", DAY)[0]


def test_times_without_an_offset() -> None:
    naive = {"date_time_from": "2026-03-01T00:00:00", "date_time_to": "2026-03-02T00:00:00"}
    assert _reading(IB_16="utc").attributes("/views", naive) == Desk().attributes("/views", DAY)
    assert len(pointers(_reading(IB_16="refused").get("/views", query=naive))) == 2


def test_a_blank_may_be_repaired() -> None:
    query = {**DAY, "date_time_from": "2026-03-01T00:00:00 00:00"}
    assert _reading(IB_19="repaired").attributes("/views", query) == Desk().attributes("/views", DAY)


def test_a_period_backwards_may_be_empty() -> None:
    backwards = {"date_time_from": DAY["date_time_to"], "date_time_to": DAY["date_time_from"]}
    assert _reading(IB_20="empty").rows("/views", backwards) == []


def test_a_page_behind_the_last_may_be_a_404() -> None:
    assert errors(_reading(IB_21="not-found").get("/views", query=DAY, _page=10_000), 404)


def test_an_unknown_content_may_be_a_404() -> None:
    assert Desk().rows("/views/live", DAY, content_id="1") == []
    assert pointers(_reading(IB_26="not-found").get("/views/live", query=DAY, content_id="1"), 404)
    assert _reading(IB_26="not-found").rows("/views/live", DAY, content_id="90210")


def test_case_of_the_search() -> None:
    names = {each["viewer_identifier"] for each in Desk().attributes("/viewers", viewer_identifier="WEBER")}
    folded = {
        each["viewer_identifier"]
        for each in _reading(IB_27="any-case").attributes("/viewers", viewer_identifier="WEBER")
    }
    assert names < folded
    assert all("WEBER" in name for name in names)


def test_what_videos_watched_counts() -> None:
    row = {"viewer_identifier": "a", "started_at": "2026-03-01T10:00:00Z", "finished_at": "2026-03-01T11:00:00Z"}
    rows = [
        {**row, "content_type": "live", "content_id": 5},
        {**row, "content_type": "recorded", "content_id": 5},
        {**row, "content_type": "recorded", "content_id": 5},
    ]
    for reading, expected in (("distinct-contents", 2), ("recorded-only", 1), ("segments", 3)):
        desk = _reading(IB_29=reading, profile="empty")
        desk.put(rows)
        assert desk.attributes("/viewers")[0]["videos_watched"] == expected


def test_last_activity_may_be_the_last_end() -> None:
    row = {"viewer_identifier": "a", "started_at": "2026-03-01T10:00:00Z", "finished_at": "2026-03-01T11:00:00Z"}
    desk = _reading(IB_30="last-finish", profile="empty")
    desk.put([row])
    assert desk.attributes("/viewers")[0]["last_activity"] == "2026-03-01T11:00:00+00:00"
    desk.put([{**row, "finished_at": None}])
    assert desk.attributes("/viewers")[0]["last_activity"] == "2026-03-02T12:00:00+00:00"


def test_totals_may_look_at_everything() -> None:
    row = {"viewer_identifier": "a", "started_at": "2026-03-01T10:00:00Z", "finished_at": "2026-03-01T11:00:00Z"}
    rows = [{**row, "content_type": "live"}, {**row, "content_type": "recorded"}]
    for reading, expected in (("listed", 1), ("whole", 2)):
        desk = _reading(IB_31=reading, profile="empty")
        desk.put(rows)
        [viewer] = desk.attributes("/viewers/live")
        assert (viewer["videos_watched"], len(viewer["segments"])) == (expected, 1)


def test_a_viewer_without_segments_may_stay() -> None:
    row = {"viewer_identifier": "a", "started_at": "2026-03-01T10:00:00Z", "finished_at": None}
    for reading, expected in _EMPTY_VIEWERS:
        desk = _reading(IB_32=reading, profile="empty")
        desk.put([row])
        found = desk.attributes("/viewers", list_unfinished_segments="false")
        assert [(each["viewer_identifier"], each["videos_watched"], each["segments"]) for each in found] == expected


def test_the_offset_of_answers() -> None:
    begins = {
        zone: _reading(IB_35=zone).attributes("/views", DAY, _limit=1)[0]["started_at"]
        for zone in ("utc", "zulu", "los-angeles")
    }
    assert len({_moment(begin) for begin in begins.values()}) == 1
    assert [begins[zone][19:] for zone in begins] == ["+00:00", "Z", "-08:00"]


def test_positions_may_be_milliseconds() -> None:
    plain = Desk().attributes("/views/recorded", DAY, _limit=50)
    found = _reading(IB_38="milliseconds").attributes("/views/recorded", DAY, _limit=50)
    assert [(each["from"], each["to"]) for each in found] == [(e["from"] * 1000, e["to"] * 1000) for e in plain]


def test_pointers_may_be_the_documents_definitions() -> None:
    answer = _reading(IB_39="definition").get("/views", query=DAY, _page=0, _limit=0)
    assert pointers(answer) == ["#/parameters/offestParameter", "#/parameters/limitParameter"]


def test_a_wrong_content_type_may_be_a_404() -> None:
    assert errors(_reading(IB_42="not-found").get("/views/Recorded", query=DAY), 404)


def test_a_date_may_be_its_midnight() -> None:
    dates = {"date_time_from": "2026-03-01", "date_time_to": "2026-03-02"}
    found = _reading(IB_43="midnight", IB_16="utc").attributes("/views", dates)
    assert found == Desk().attributes("/views", DAY)


def test_bearer_may_pass() -> None:
    desk = _reading(IB_46="bearer-too")
    assert desk.get("/views", token=f"Bearer {desk.token}", query=DAY).status == 200
    assert desk.get("/views", query=DAY).status == 200


def test_viewers_of_a_period() -> None:
    desk = Desk()
    ignored = desk.get("/viewers", query=DAY, _limit=1)
    assert "IB-47" in ignored.headers["X-Testcard-Note"]
    assert ignored.json["pagination"]["count"] == desk.get("/viewers", _limit=1).json["pagination"]["count"]
    filtered = _reading(IB_47="filtered")
    views = filtered.attributes("/views", DAY)
    viewers = filtered.attributes("/viewers", DAY)
    assert {each["viewer_identifier"] for each in viewers} == {view["viewer_identifier"] for view in views}
    assert sorted(one["id"] for each in viewers for one in each["segments"]) == sorted(v["view_id"] for v in views)


def test_the_default_granularity() -> None:
    minutes = _reading(IB_50="minute").attributes("/viewer-seconds", DAY)
    assert minutes == Desk().attributes("/viewer-seconds", DAY, granularity="minute")
    assert Desk().attributes("/viewer-seconds", DAY) == Desk().attributes("/viewer-seconds", DAY, granularity="month")


@pytest.mark.parametrize(("way", "body", "basic"), [("basic-only", 400, 200), ("body-only", 200, 400)])
def test_one_way_to_prove_oneself(way: str, body: int, basic: int) -> None:
    desk = _reading(IB_52=way)
    form = desk.credentials
    assert desk.ask_token(form).status == body
    secret = form.pop("client_secret")
    assert desk.ask_token(form, authorization=f"Basic {secret}").status == basic


def test_the_pair_may_pass() -> None:
    desk = _reading(IB_53="accepted")
    form = desk.credentials
    pair = base64.b64encode(f"{form['client_id']}:{form.pop('client_secret')}".encode()).decode()
    assert desk.ask_token(form, authorization=f"Basic {pair}").status == 200


def test_a_refresh_token_may_be_used_again() -> None:
    desk = _reading(IB_54="reusable")
    token = desk.ask_token(desk.credentials).json["refresh_token"]
    refresh = {**desk.credentials, "grant_type": "refresh_token", "refresh_token": token}
    assert [desk.ask_token(refresh).status for _ in range(3)] == [200, 200, 200]


def test_a_jwt_may_live_an_hour() -> None:
    desk = _reading(IB_55="one-hour")
    answer = desk.ask_token(desk.credentials, token_type="jwt").json
    assert answer["expires_in"] == 3600
    desk.at("2026-03-02T13:00:00Z")
    assert desk.get("/views", token=answer["access_token"], query=DAY).status == 401


def test_errors_may_come_one_by_one() -> None:
    assert len(errors(_reading(IB_61="first-only").get("/views"), 400)) == 1


def test_statuses_of_the_rfc() -> None:
    desk = _reading(IB_62="rfc")
    assert desk.ask_token({**desk.credentials, "client_secret": "x"}).status == 401
    assert desk.ask_token({**desk.credentials, "grant_type": "password"}).status == 400


def _reading(*, profile: str = "default", **readings: str) -> Desk:
    return Desk(profile=profile, readings={name.replace("_", "-"): value for name, value in readings.items()})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
