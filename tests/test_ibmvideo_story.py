"""The segments of IBM Video Streaming: the story's, a test's own, and the numbers the siblings make of them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from ibmvideo_desk import DAY, Desk, errors, pointers
from testcard.apis.ibmvideo.cast import device_info
from testcard.contract import open_contract
from testcard.world.story import open_story

Row = dict[str, Any]

GOLDEN = "854f2ef5c83bf6de"
ROW: Row = {
    "view_id": "4bfc69b5-1320-4a44-a8d6-1fe1f397fb94",
    "content_type": "live",
    "content_id": "112342345",
    "started_at": "2018-07-16T19:20:30+01:00",
    "finished_at": "2018-07-16T19:20:42+01:00",
    "from": 0,
    "to": 0,
    "viewer_identifier": "some.viewer@example.com",
    "city": "Budapest",
    "country": "HU",
    "client_id": "13602851710424434669",
    "is_mobile_view": True,
    "view_session_id": "7f66d911:8b7aa82c",
    "view_type": "offsite",
}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def day(desk: Desk) -> list[Row]:
    return desk.attributes("/views", DAY)


def test_sessions_have_segments_one_after_another(day: list[Row]) -> None:
    sessions = defaultdict(list)
    for view in day:
        sessions[view["view_session_id"]].append(view)

    assert {len(each) for each in sessions.values()} == {1, 2, 3, 4}
    for segments in sessions.values():
        same = ("viewer_identifier", "client_id", "content_id", "content_type", "device_info", "city", "view_type")
        assert all(len({json.dumps(each[name]) for each in segments}) == 1 for name in same)
        for earlier, later in itertools.pairwise(segments):
            assert earlier["finished_at"] <= later["started_at"]
    assert len({view["view_id"] for view in day}) == len(day)


def test_positions_lie_within_the_recording_and_live_has_none(day: list[Row]) -> None:
    lengths = {title.id: title.duration_s for title in open_story(1).titles}
    for view in day:
        if view["content_type"] == "live":
            assert (view["from"], view["to"]) == (0, 0)
            continue
        played = _moment(view["finished_at"]) - _moment(view["started_at"])
        assert view["to"] - view["from"] == played.total_seconds() > 0
        assert view["to"] <= lengths[int(view["content_id"])]


def test_pauses_go_on_where_they_were_and_seeks_jump(day: list[Row]) -> None:
    sessions = defaultdict(list)
    for view in day:
        if view["content_type"] == "recorded":
            sessions[view["view_session_id"]].append(view)
    pairs = [pair for each in sessions.values() for pair in itertools.pairwise(each)]

    paused = [pair for pair in pairs if pair[0]["finished_at"] < pair[1]["started_at"]]
    jumps = {earlier["to"] == later["from"] for earlier, later in pairs}
    assert paused
    assert all(earlier["to"] == later["from"] for earlier, later in paused)
    assert jumps == {True, False}


def test_devices_are_read_as_the_library_reads_them() -> None:
    from ua_parser import user_agent_parser

    for device in open_story(1).devices:
        for _, agent in device.agents:
            parsed = user_agent_parser.Parse(agent)  # type: ignore[no-untyped-call]
            kept = device_info(agent)
            for ours, theirs in (("browser", "user_agent"), ("os", "os"), ("device", "device")):
                assert kept[ours] == {name: parsed[theirs][name] for name in kept[ours]}, agent


def test_flags_agree_with_the_device(day: list[Row]) -> None:
    for view in day:
        family = view["device_info"]["device"]["family"]
        if family in ("iPhone", "iPad", "iPod"):
            assert view["is_mobile_view"]
        if family.startswith(("Roku", "Philips TV")):
            assert not view["is_mobile_view"]
            assert view["view_type"] == "onsite"
    assert {view["view_type"] for view in day} == {"onsite", "offsite"}


def test_client_ids_are_text_beyond_64_bits(day: list[Row]) -> None:
    assert {len(view["client_id"]) for view in day} == {20, 21, 22}
    assert max(int(view["client_id"]) for view in day) > 1 << 64


def test_a_viewer_at_one_device_keeps_client_and_device(day: list[Row]) -> None:
    devices = defaultdict(set)
    for view in day:
        devices[view["client_id"]].add((view["viewer_identifier"], json.dumps(view["device_info"])))

    assert all(len(each) == 1 for each in devices.values())


def test_unfinished_segments_are_those_that_run_now() -> None:
    desk = Desk(now="2026-03-01T20:00:00Z")
    query = {**DAY, "inclusive_range": "true"}

    running = [view for view in desk.attributes("/views", query) if view["finished_at"] is None]
    desk.at("2026-03-02T12:00:00Z")
    later = {view["view_id"]: view for view in desk.attributes("/views", query)}

    assert running
    now = _moment("2026-03-01T20:00:00+00:00")
    for view in running:
        finished = later[view["view_id"]]
        assert _moment(view["started_at"]) <= now < _moment(finished["finished_at"])
        if view["content_type"] == "recorded":
            assert view["to"] - view["from"] == (now - _moment(view["started_at"])).total_seconds()
    assert all(view["started_at"] <= "2026-03-01T20:00:00" for view in running)


def test_a_moving_clock_only_adds_and_finishes() -> None:
    desk = Desk(now="2026-03-01T06:00:00Z")
    before = desk.attributes("/views", DAY)
    desk.at("2026-03-01T09:00:00Z")
    after = {view["view_id"]: view for view in desk.attributes("/views", DAY)}

    assert len(after) > len(before)
    for view in before:
        grown = after[view["view_id"]]
        if view["finished_at"] is not None:
            assert grown == view


def test_periods_show_the_same_segments_however_they_are_cut(desk: Desk, day: list[Row]) -> None:
    parts: list[Row] = []
    for hour in range(24):
        begin = _moment(DAY["date_time_from"]) + timedelta(hours=hour)
        bounds = {
            "date_time_from": begin.isoformat(),
            "date_time_to": (begin + timedelta(seconds=3599)).isoformat(),
        }
        parts += [view for view in desk.attributes("/views", bounds) if view["started_at"] >= bounds["date_time_from"]]

    assert parts == [view for view in day if view["started_at"] >= DAY["date_time_from"]]


def test_viewers_and_views_tell_one_story(desk: Desk) -> None:
    viewers = desk.attributes("/viewers", viewer_identifier="weber")
    year = {"date_time_from": "2025-03-02T00:00:00Z", "date_time_to": "2026-03-02T12:00:00Z"}
    views = {view["view_id"]: view for view in desk.attributes("/views", year, _limit=10_000, _page=1)}
    for page in range(2, 40):
        more = desk.attributes("/views", year, _limit=10_000, _page=page)
        views |= {view["view_id"]: view for view in more}
        if not more:
            break

    assert viewers
    for viewer in viewers:
        assert "weber" in viewer["viewer_identifier"]
        assert viewer["segments"]
        for segment in viewer["segments"]:
            assert views[segment["id"]]["viewer_identifier"] == viewer["viewer_identifier"]
            assert views[segment["id"]]["started_at"] == segment["started_at"]


def test_same_seed_same_bytes() -> None:
    """Golden: a change here changes every user's world, and wants a line in the changelog."""
    text = b"".join(
        Desk().get(path, query={**query, "_limit": 200}).body
        for path, query in (("/views", DAY), ("/viewers", {"viewer_identifier": "weber"}), ("/viewer-seconds", DAY))
    )

    assert hashlib.sha256(text).hexdigest()[:16] == GOLDEN


def test_the_documents_view_can_be_put_and_comes_back() -> None:
    desk = Desk(profile="empty")
    desk.put([ROW])
    hour = {"date_time_from": "2018-07-16T19:00:00+01:00", "date_time_to": "2018-07-16T20:00:00+01:00"}

    [view] = desk.attributes("/views", hour)

    utc = {"started_at": "2018-07-16T18:20:30+00:00", "finished_at": "2018-07-16T18:20:42+00:00"}
    assert {**view, "device_info": None} == {**ROW, **utc, "device_info": None}
    [viewer] = desk.attributes("/viewers")
    assert viewer["viewer_identifier"] == "some.viewer@example.com"
    assert viewer["segments"][0]["id"] == ROW["view_id"]


def test_what_is_left_out_is_filled_from_the_story_alike_each_time() -> None:
    tables = []
    for _ in range(2):
        desk = Desk()
        desk.put([{"viewer_identifier": "me"}, {"content_type": "recorded", "finished_at": None}])
        tables.append(desk.table())

    assert tables[0] == tables[1]
    assert tables[0][0]["viewer_identifier"] == "me"


def test_appended_rows_stand_among_the_storys(desk: Desk, day: list[Row]) -> None:
    other = Desk()
    row = {**ROW, "started_at": "2026-03-01T12:00:00.500Z", "finished_at": "2026-03-01T12:30:00Z"}
    answer = other.mock.post("/_testcard/worlds/default/rows/ibmvideo/segments", json={"rows": [row]})
    assert answer.status in (200, 201), answer.text

    views = other.attributes("/views", DAY)

    assert len(views) == len(day) + 1
    assert [view for view in views if view["view_id"] != row["view_id"]] == day
    begins = [view["started_at"] for view in views]
    assert begins == sorted(begins)


@pytest.mark.parametrize(
    "change",
    [{"colour": 1}, {"content_type": "vod"}, {"started_at": "yesterday"}, {"from": -1}, {"view_id": "x"},
     {"finished_at": "2018-07-16T18:00:00Z"}, {"country": "Hungary"}],
)  # fmt: skip
def test_rows_that_are_none_are_refused(change: Row) -> None:
    desk = Desk(profile="empty")

    answer = desk.mock.request(
        "PUT", "/_testcard/worlds/default/rows/ibmvideo/segments", json={"rows": [{**ROW, **change}]}
    )

    assert 400 <= answer.status < 500
    assert next(iter(change)) in answer.text


def test_the_table_reads_back_what_the_lists_show() -> None:
    desk = Desk(profile="small")

    table = {row["view_id"]: row for row in desk.table()}

    for view in desk.attributes("/views", DAY):
        assert table[view["view_id"]] == {**view, "content_id": int(view["content_id"])}


def test_they_can_be_switched_off() -> None:
    desk = Desk(extensions=False)
    for operation in open_contract("ibmvideo").operations.values():
        path = operation.path.format(content_type="live", dimension="day")
        if operation.extension:
            assert errors(desk.get(path, query=DAY), 404), path
    assert desk.get("/views", query=DAY).status == 200


def test_literal_segments_win(desk: Desk) -> None:
    [row] = desk.attributes("/total-views/summary", DAY, _limit=10)
    [live] = desk.attributes("/total-views/live/summary", DAY, _limit=10)

    assert row["point"] == live["point"] == "total_views"
    assert row["value"] > live["value"] > 0


def test_recordings_by_channel_are_no_content_type(desk: Desk) -> None:
    assert pointers(desk.get("/views/recorded/channel", query=DAY)) == ["/query/channel_id"]
    found = desk.attributes("/views/recorded/channel", DAY, channel_id="23940271,7")
    assert {view["content_type"] for view in found} == {"recorded"}
    assert desk.attributes("/views/recorded/channel", DAY, channel_id="90210") == []


def test_a_days_seconds_are_the_sum_of_its_segments(desk: Desk) -> None:
    desk.read(IB_13="overlap")
    views = desk.attributes("/views", DAY)
    desk.read(IB_13="literal")
    begin, end = (_moment(DAY[name]) for name in ("date_time_from", "date_time_to"))
    watched: dict[tuple[str, str], float] = defaultdict(float)
    for view in views:
        span = min(_moment(view["finished_at"]), end) - max(_moment(view["started_at"]), begin)
        watched[view["content_type"], view["content_id"]] += max(0.0, span.total_seconds())

    found = desk.attributes("/viewer-seconds", DAY, granularity="day")

    assert {(each["content_type"], each["content_id"]): each["value"] for each in found} == {
        key: value for key, value in watched.items() if value
    }


def test_source_device_and_region_add_up(desk: Desk, day: list[Row]) -> None:
    begun = [view for view in day if DAY["date_time_from"] <= view["started_at"] <= DAY["date_time_to"]]
    for dimension in ("view-source", "device"):
        counts: dict[str, int] = defaultdict(int)
        for view in begun:
            point = view["view_type"] if dimension == "view-source" else view["device_info"]["device"]["family"]
            counts[point] += 1
        found = desk.attributes(f"/total-views/{dimension}", DAY)
        assert {each["point"]: each["value"] for each in found} == counts
    regions = desk.attributes("/total-views/region", DAY)
    assert sum(each["value"] for each in regions) == len(begun)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_table_reads_back_any_stretch_of_the_whole_story() -> None:
    """A day five years ago, as the list of views has it."""
    desk = Desk(profile="small")
    path = (
        "/_testcard/worlds/default/rows/ibmvideo/segments?from=2021-05-04T00:00:00Z&to=2021-05-05T00:00:00Z&limit=500"
    )
    rows = desk.mock.get(path).json["rows"]
    views = desk.attributes(
        "/views", {**DAY, "date_time_from": "2021-05-04T00:00:00Z", "date_time_to": "2021-05-04T23:59:59Z"}
    )

    assert rows
    assert rows == [{**view, "content_id": int(view["content_id"])} for view in views]
    afternoon = desk.mock.get(path.replace("from=2021-05-04T00", "from=2021-05-04T12")).json["rows"]
    assert afternoon == [row for row in rows if row["started_at"] >= "2021-05-04T12"]


def test_the_table_begins_a_year_back_with_the_first_of_the_month() -> None:
    desk = Desk(profile="small", now="2026-03-02T12:00:00Z")

    first = desk.mock.get("/_testcard/worlds/default/rows/ibmvideo/segments?limit=1").json["rows"][0]

    assert first["started_at"].startswith("2025-03-01")
