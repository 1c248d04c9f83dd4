"""Scheduled reports of Amagi Analytics: when they are there, and what is in the file."""

from __future__ import annotations

from typing import Any

import pytest

from amagi_desk import DAILY, Desk, session, viewer

OBSERVED: dict[str, Any] = {"dialect": "observed"}


@pytest.fixture
def desk() -> Desk:
    """An empty catalogue of a customer, and no events."""
    return Desk()


def test_a_report_is_there_when_its_period_is_over() -> None:
    """Daily, weekly from Monday, monthly; in US/Pacific unless the schedule says another zone."""
    desk = Desk(profile="small", now="2021-12-05T00:00:00Z")
    due = {
        ("20411", "2021-12-06"): "2021-12-07T08:00:00Z",
        ("20412", "2021-12-06"): "2021-12-13T08:00:00Z",
        ("20413", "2021-12-01"): "2022-01-01T08:00:00Z",
        ("20415", "2021-12-06"): "2021-12-07T05:00:00Z",
    }
    for (schedule, day), instant in due.items():
        desk.control("clock", {"now": instant.replace(":00Z", ":00Z")}, "PUT")
        assert desk.download(schedule, day).status == 200
        desk.control("clock/advance", {"seconds": -1})
        early = desk.download(schedule, day)
        assert early.status == 404
        assert instant in early.json["message"]


@pytest.mark.parametrize(("schedule", "day"), [("20412", "2021-12-07"), ("20413", "2021-12-02"), ("1", "2021-12-06")])
def test_other_days_and_schedules_are_not_found(schedule: str, day: str) -> None:
    desk = Desk(profile="small")

    assert desk.download(schedule, day).status == 404
    desk.choose(AM_73="unprocessable")
    assert desk.download(schedule, day).status == (404 if schedule == "1" else 422)


def test_periods_in_universal_time_are_a_reading() -> None:
    desk = Desk(profile="small", now="2021-12-07T00:00:00Z", readings={"AM-72": "universal"})

    assert desk.download("20411", "2021-12-06").status == 200


def test_a_schedule_makes_nothing_from_before_it_was_saved(desk: Desk) -> None:
    desk.put("schedules", {"scheduleId": "7", "interval": "WEEKLY", "createdAt": "2024-06-05T12:00:00Z"})

    assert desk.download("7", "2024-05-27").status == 404
    assert desk.download("7", "2024-06-03").status == 200
    desk.choose(AM_71="time-passed")
    desk.control("clock", {"now": "2024-06-12T11:59:59Z"}, "PUT")
    assert desk.download("7", "2024-06-03").status == 404
    desk.control("clock/advance", {"seconds": 1})
    assert desk.download("7", "2024-06-03").status == 200


def test_a_report_belongs_to_its_customer(desk: Desk) -> None:
    token = desk.control("credentials", {"api": "amagi"}).json["TESTCARD_AMAGI_TOKEN"]

    assert desk.download("20411", "2024-06-14").status == 200
    assert desk.download("20411", "2024-06-14", token=token).status == 404
    assert desk.download("20411", "2024-06-14", token="nonsense").status == 401
    assert desk.download("20411", "yesterday").status == 422


def test_the_file_adds_up_to_the_answer() -> None:
    desk = Desk(profile="default")
    lines = desk.lines("20411", "2024-06-14")
    answer = desk.ask("viewershipAnalytics", startDate="2024-06-14", endDate="2024-06-14", interval="DAILY")

    assert list(lines[0]) == [
        "View Date", "Channel Name", "Content Id", "Content Name", "Series", "Device", "Country", "Session Count",
        "Total Viewership Minutes", "Unique Viewers", "Average Session Count", "Average Session Duration Per Session",
        "Average Session Duration Per Viewer",
    ]  # fmt: skip
    assert sum(int(line["Session Count"]) for line in lines) == answer["totalSessions"]
    assert sum(int(line["Total Viewership Minutes"]) for line in lines) == answer["totalViewershipMinutes"]


def test_the_file_narrows_as_its_schedule_says() -> None:
    desk = Desk(profile="busy")
    lines = desk.lines("20415", "2024-06-14")
    asked = {"startDate": "2024-06-14", "endDate": "2024-06-14", "timezone": "US/Eastern"}
    answer = desk.ask(
        "viewershipAnalytics", **asked, interval="DAILY", country="Canada,United States", deviceType="Roku"
    )

    assert {line["Device"] for line in lines} == {"Roku"}
    assert {line["Country"] for line in lines} == {"Canada", "United States"}
    assert sum(int(line["Session Count"]) for line in lines) == answer["totalSessions"]


@pytest.mark.parametrize("report", ["contentAnalytics", "adAnalytics", "adContentAnalytics", "uniqueViewersAnalytics"])
def test_every_kind_can_be_scheduled(report: str) -> None:
    desk = Desk(profile="default")
    desk.put("schedules", {"scheduleId": "7", "report": report, "filters": {"timezone": "Universal"}})
    lines = desk.lines("7", "2024-06-14")
    answer = desk.ask(report, **{**DAILY, "startDate": "2024-06-14", "endDate": "2024-06-14"})

    assert lines
    if report == "contentAnalytics":
        total = sum(row["totalSessions"] for row in answer["contentData"])
        assert sum(int(line["Session Count"]) for line in lines) == total
    if report == "adAnalytics":
        total = answer["totalImpressionsRecorded"]
        assert sum(int(line["Impressions Recorded"]) for line in lines) == total


def test_no_data_is_a_blank_file_or_headings(desk: Desk) -> None:
    blank = desk.download("20411", "2024-06-14")

    assert (blank.status, blank.body) == (200, b"")
    assert blank.headers["Content-Type"].startswith("text/csv")
    desk.choose(AM_76="header-only", AM_78="snake-case")
    assert desk.download("20411", "2024-06-14").text.startswith("view_date,channel_name,content_id")


def test_numbers_and_columns_of_the_file_are_readings() -> None:
    desk = Desk(**OBSERVED, now="2024-06-17T12:00:00Z")
    many = [session("18:00", 60, **viewer(number), contentId="a, b", country="Canada") for number in range(25)]
    desk.put("sessions", *({**each, "channelId": "x", "deviceName": "Roku"} for each in many))

    assert '"a, b","a, b",,Roku,Canada,25,"1,500",25,1,60,60' in desk.download("20411", "2024-06-15").text
    desk.choose(AM_77="plain", AM_79="never")
    assert "2024-06-15,x,Roku,Canada,25,1500,25,1,60,60\n" in desk.download("20411", "2024-06-15").text


def test_countries_are_written_as_the_reading_has_them(desk: Desk) -> None:
    desk.put("sessions", session("2024-06-14T18:00:00Z", country="Runion", city="Saint-Denis"))

    assert desk.lines("20411", "2024-06-14")[0]["Country"] == "Runion"
    desk.choose(AM_16="restored")
    assert desk.lines("20411", "2024-06-14")[0]["Country"] == "Réunion"
