"""Rows of Amagi Analytics that a test puts in, and all of them read back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from amagi_desk import NOW, Desk
from testcard.world.story import Story


@pytest.fixture
def desk() -> Desk:
    """An empty catalogue of a customer, and no events."""
    return Desk()


def test_what_a_row_leaves_out_is_filled(desk: Desk) -> None:
    desk.put("sessions", {"start": "2024-06-15T10:00:00Z", "deviceName": "Apple TV", "city": "Wien"})
    row = desk.mock.get("/_testcard/worlds/default/rows/amagi/sessions").json["rows"][0]

    assert row["deviceType"] == "Smart TV"
    assert row["country"] == "Austria"
    assert set(row) == {
        "channelId", "contentId", "start", "end", "country", "city", "deviceType", "deviceName", "ipAddress",
        "userAgent",
    }  # fmt: skip


@pytest.mark.parametrize(("row", "named"), [
    ({}, "start"), ({"start": "noon"}, "start"), ({"start": NOW, "contentid": "x"}, "contentid"),
    ({"start": NOW, "end": "2024-06-16T11:00:00Z"}, "end"),
])  # fmt: skip
def test_a_bad_row_is_named(desk: Desk, row: dict[str, str], named: str) -> None:
    answer = desk.put("sessions", {"start": NOW}, row)

    assert answer.status == 400
    assert "row 1" in answer.json["error"]
    assert named in answer.json["error"]


def test_rows_beside_the_story_count_with_it() -> None:
    desk = Desk(profile="small")
    before = desk.viewership()
    story = desk.mock.get("/_testcard/worlds/default/rows/amagi/sessions", params={"limit": 1}).json["rows"][0]
    desk.put("sessions", {**story, "start": "2024-06-15T10:00:00Z", "end": "2024-06-15T10:30:00Z"}, replace=False)
    after = desk.viewership()

    assert after["totalSessions"] == before["totalSessions"] + 1
    assert after["totalViewershipMinutes"] == before["totalViewershipMinutes"] + 30


def test_a_viewer_of_the_story_stays_one_viewer_in_explicit_rows() -> None:
    desk = Desk(profile="small")
    asked = {"from": "2024-06-15T00:00:00Z", "limit": 1}
    (same,) = desk.mock.get("/_testcard/worlds/default/rows/amagi/sessions", params=asked).json["rows"]
    before = desk.viewership()["aggregatedViewers"]
    desk.put("sessions", {**same, "start": "2024-06-15T23:00:00Z", "end": None}, replace=False)

    assert desk.viewership()["aggregatedViewers"] == before


@pytest.mark.parametrize("table", ["channels", "contents", "sessions", "adEvents", "schedules"])
def test_tables_can_be_read_and_put_back(table: str) -> None:
    desk = Desk(profile="small")
    path = f"/_testcard/worlds/default/rows/amagi/{table}"
    recent = {"from": "2024-06-10T00:00:00Z"} if table in ("sessions", "adEvents") else {}
    rows = desk.mock.get(path, params={**recent, "limit": 10000}).json["rows"]
    asked = {"startDate": "2024-06-14", "endDate": "2024-06-14", "timezone": "Universal"}
    before = [desk.ask(kind, **asked, interval="DAILY") for kind in ("viewershipAnalytics", "adAnalytics")]

    assert rows
    assert desk.put(table, *rows).status == 200
    assert desk.mock.get(path, params={"limit": 10000}).json["rows"] == rows
    if table == "sessions":  # the story's ad events belong to the story's sessions
        before.pop()
    after = [desk.ask(kind, **asked, interval="DAILY") for kind in ("viewershipAnalytics", "adAnalytics")]
    assert after[: len(before)] == before


A_DAY_AND_MORE = {"from": "2024-06-14T20:30:00+00:00", "to": "2024-06-16T00:00:00+01:00"}


@pytest.mark.parametrize(("table", "time"), [("sessions", "start"), ("adEvents", "time")])
def test_a_stretch_of_a_table_is_what_the_whole_has_of_it(table: str, time: str) -> None:
    desk = Desk(profile="small")
    desk.put(table, {time: "2024-06-14T20:30:00Z"}, {time: "2024-06-15T23:00:00Z"}, replace=False)
    whole, part = desk.rows(table), desk.rows(table, A_DAY_AND_MORE)

    assert [row[time] for row in part[:1]] == ["2024-06-14T20:30:00Z"]
    assert part == [row for row in whole if "2024-06-14T20:30" <= row[time] < "2024-06-15T23"]
    assert desk.rows(table, A_DAY_AND_MORE, limit=7) == part


@pytest.mark.parametrize(("profile", "first"), [("small", "2023-06-01"), ("million", "2024-01-01")])
def test_a_table_begins_with_the_profile_or_a_year_back(profile: str, first: str) -> None:
    """The story has no beginning of its own where its profile has none."""
    desk = Desk(profile=profile, now="2024-06-02T12:00:00Z" if profile == "small" else "2024-01-02T12:00:00Z")
    page = desk.mock.get("/_testcard/worlds/default/rows/amagi/sessions", params={"limit": 1}).json

    assert page["rows"][0]["start"].startswith(first)


def test_a_story_without_a_beginning_can_be_read_from_any_day_on() -> None:
    desk = Desk(profile="small")
    found = desk.rows("sessions", {"from": "1066-10-14T00:00:00Z", "to": "1066-10-15T00:00:00Z"})

    assert {row["start"][:10] for row in found} == {"1066-10-14"}


def test_the_whole_table_adds_up_to_the_answers() -> None:
    """A year by the day, counted from the rows that are read back."""
    desk = Desk(profile="small")
    asked = {"startDate": "2023-06-17", "endDate": "2024-06-16", "timezone": "Universal", "interval": "DAILY"}
    sessions = [row for row in desk.rows("sessions", limit=10_000) if row["start"] >= "2023-06-17"]
    events = [row for row in desk.rows("adEvents", limit=10_000) if row["time"] >= "2023-06-17"]

    assert desk.ask("viewershipAnalytics", **asked)["totalSessions"] == len(sessions)
    counted = sum(row["impressionsRecorded"] for row in events)
    assert desk.ask("adAnalytics", **asked)["totalImpressionsRecorded"] == counted


def test_a_page_far_behind_makes_its_own_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(profile="million", now="2024-12-31T12:00:00Z")
    made: set[date] = set()
    viewing = Story.viewing

    def watched(story: Story, platform: str, day: date) -> Any:
        made.add(day)
        return viewing(story, platform, day)

    monkeypatch.setattr(Story, "viewing", watched)
    page = desk.mock.get("/_testcard/worlds/default/rows/amagi/sessions", params={"offset": 900_000, "limit": 5}).json

    assert len(page["rows"]) == 5
    assert page["next"].endswith("offset=900005&limit=5")
    assert 1 <= len(made) <= 2


def test_channels_have_no_time(desk: Desk) -> None:
    answer = desk.mock.get("/_testcard/worlds/default/rows/amagi/channels", params={"from": "2024-06-14T00:00:00Z"})

    assert answer.status == 400
    assert answer.json["error"] == "channels: its rows have no time; leave out 'from' and 'to'"
