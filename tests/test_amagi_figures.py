"""Amagi Analytics, kind by kind: the figures, their filters, and every reading of both."""

from __future__ import annotations

from typing import Any

import pytest

from amagi_desk import DAILY, HOURLY, RANGE, Desk, column, session, viewer

OBSERVED: dict[str, Any] = {"dialect": "observed"}


@pytest.fixture
def desk() -> Desk:
    """An empty catalogue of a customer, and no events."""
    return Desk()


# Filters


@pytest.mark.parametrize(("name", "value"), [
    ("country", "Germany, West"), ("country", "Curaçao"), ("deviceType", "Television"), ("deviceName", "iPhone"),
])  # fmt: skip
def test_what_no_list_has_is_refused_or_empty(desk: Desk, name: str, value: str) -> None:
    desk.put("sessions", session("10:00"))

    assert name in desk.refused("viewershipAnalytics", **{**DAILY, name: value})
    desk.choose(AM_15="empty")
    assert desk.viewership(**{name: value})["totalSessions"] == 0


def test_lost_letters_are_sent_without_or_restored(desk: Desk) -> None:
    desk.put("sessions", session("10:00", country="Curaao", city="Willemstad"))

    assert desk.viewership(country="Curaao")["totalSessions"] == 1
    desk.choose(AM_16="restored")
    assert desk.viewership(country="Curaçao")["totalSessions"] == 1
    assert "country" in desk.refused("viewershipAnalytics", country="Curaao", **DAILY)


def test_several_values_are_one_filter_or_refused(desk: Desk) -> None:
    desk.put("sessions", *(session("10:00", deviceName=name) for name in ("Roku", "LG TV", "Others")))
    both = desk.viewership(deviceType="Roku,Smart TV")

    assert both["totalSessions"] == 2
    assert desk.viewership(deviceType=["Roku", "Smart TV"]) == both
    desk.choose(AM_13="one")
    assert "deviceType" in desk.refused("viewershipAnalytics", deviceType="Roku,Smart TV", **DAILY)


def test_case_and_the_word_all_are_readings(desk: Desk) -> None:
    desk.put("sessions", session("10:00", city="Abbott", country="United States"), session("11:00", country="Canada"))

    assert desk.viewership(city="abbott")["totalSessions"] == 0
    assert "country" in desk.refused("viewershipAnalytics", country="All", **DAILY)
    desk.choose(AM_14="any-case", AM_67="everything")
    assert desk.viewership(city="abbott", country="united states")["totalSessions"] == 1
    assert desk.viewership(country="All", channelId="All")["totalSessions"] == 2


def test_a_name_outside_its_type_is_empty_or_refused(desk: Desk) -> None:
    desk.put("sessions", session("10:00", deviceName="Roku"))

    assert desk.viewership(deviceName="Roku", deviceType="Smart TV")["totalSessions"] == 0
    desk.choose(AM_21="refused")
    assert "deviceName" in desk.refused("viewershipAnalytics", deviceName="Roku", deviceType="Smart TV", **DAILY)


def test_studios_and_tags_filter(desk: Desk) -> None:
    desk.put("contents", {"contentId": "c-1", "studioName": "Brass"}, {"contentId": "c-2", "studioName": "Fjord"})
    desk.put("sessions", session("10:00", contentId="c-1"), session("10:00", contentId="c-2"))
    desk.put("adEvents", {"time": "2024-06-15T10:00:00Z", "adTag": "a"}, {"time": "2024-06-15T10:00:00Z", "adTag": "b"})

    assert desk.viewership(studioName="Brass")["totalSessions"] == 1
    assert desk.ask("adAnalytics", adTag="a", **RANGE)["totalAdRequestsSent"] == 1
    assert desk.ask("adAnalytics", adTag="z", **RANGE)["adAnalytics"] == []


# Viewership


def test_the_samples_arithmetic(desk: Desk) -> None:
    """9,445 sessions of 6,404 viewers in 248,539 minutes are the document's 26.31 and 1.47."""
    extra = 248_539 - 9_445 * 26
    rows = [
        session("2021-09-01T10:00:00Z", 26 + (number < extra), ipAddress=f"viewer {number % 6404}", userAgent="x")
        for number in range(9_445)
    ]
    desk.put("sessions", *rows)
    answer = desk.viewership("2021-09-01")

    assert answer == {
        "dateRange": {
            "startDate": "2021-09-01", "endDate": "2021-09-01", "interval": "DAILY", "startTime": "00:00",
            "endTime": "23:00",
        },
        "viewershipAnalytics": [{
            "time": "2021-09-01 00:00:00", "uniqueViewers": 6404, "numberOfSession": 9445, "viewershipMinutes": 248539,
        }],
        "totalSessions": 9445, "totalViewershipMinutes": 248539, "aggregatedViewers": 6404,
        "dailyAverageNumberOfViewers": 6404, "dailyAverageSessionCount": 9445, "dailyAverageViewershipMinutes": 248539,
        "avgSessionDuration": 26.31, "avgSessionPerViewer": 1.47,
    }  # fmt: skip


def test_rows_are_sparse_and_averages_divide_by_rows(desk: Desk) -> None:
    desk.put("sessions", session("10:00", **viewer(1)), session("12:00", **viewer(1)), session("12:59", **viewer(2)))
    answer = desk.viewership(interval="HOURLY")

    assert column(answer["viewershipAnalytics"], "time") == ["2024-06-15 10:00:00", "2024-06-15 12:00:00"]
    assert answer["hourlyAverageSessionCount"] == 1.5
    assert answer["aggregatedViewers"] == 3
    desk.choose(AM_42="buckets-asked", AM_43="whole", AM_40="daily", AM_41="distinct")
    answer = desk.viewership(interval="HOURLY")
    assert answer["dailyAverageViewershipMinutes"] == round(90 / 24)
    assert answer["aggregatedViewers"] == 2
    assert answer["avgSessionPerViewer"] == 1.5


def test_the_default_zone_is_pacific(desk: Desk) -> None:
    desk.put("sessions", session("2024-06-15T06:59:00Z"))
    answer = desk.ask("viewershipAnalytics", startDate="2024-06-14", endDate="2024-06-15", interval="HOURLY")

    assert column(answer["viewershipAnalytics"], "time") == ["2024-06-14 23:00:00"]
    same = desk.viewership("2024-06-14", zone="US/Pacific", endDate="2024-06-15", interval="HOURLY")
    assert same == answer


def test_the_viewers_field_is_a_reading() -> None:
    desk = Desk(**OBSERVED)
    desk.put("sessions", session("10:00"))
    row = desk.viewership(customerId="AMG00512")["viewershipAnalytics"][0]

    assert row["numberOfViewers"] == 1
    assert "uniqueViewers" not in row


def test_nothing_is_zero(desk: Desk) -> None:
    answer = desk.viewership("2024-01-01")

    assert answer["viewershipAnalytics"] == []
    assert {value for name, value in answer.items() if name not in ("dateRange", "viewershipAnalytics")} == {0}


HOURS = [session(f"{hour:02}:00") for hour in range(24)] + [session(f"2024-06-16T{h:02}:00:00Z") for h in range(10)]


@pytest.mark.parametrize(("readings", "asked", "sessions"), [
    ({}, {"startTime": "08:00", "endTime": "09:00"}, 2),
    ({"AM_30": "excluded"}, {"startTime": "08:00", "endTime": "09:00"}, 1),
    ({}, {"startTime": "22:00", "endTime": "01:00", "endDate": "2024-06-16"}, 4),
    ({"AM_31": "each-day"}, {"startTime": "01:00", "endTime": "02:00", "endDate": "2024-06-16"}, 4),
    ({"AM_33": "hour-of-it"}, {"startTime": "08:30", "endTime": "09:59"}, 2),
    ({}, {}, 24),
    ({}, {"interval": "DAILY", "startTime": "08:00", "endTime": "09:00"}, 24),
    ({"AM_32": "applied"}, {"interval": "DAILY", "startTime": "08:00", "endTime": "09:00"}, 2),
])  # fmt: skip
def test_windows_of_hours(desk: Desk, readings: dict[str, str], asked: dict[str, str], sessions: int) -> None:
    desk.put("sessions", *HOURS)
    desk.choose(**readings)

    assert desk.ask("viewershipAnalytics", **{**HOURLY, **asked})["totalSessions"] == sessions


def test_times_may_be_required_and_ranges_empty(desk: Desk) -> None:
    desk.choose(AM_29="required", AM_34="empty")

    assert "startTime" in desk.refused("viewershipAnalytics", **HOURLY)
    assert "endTime" in desk.refused("viewershipAnalytics", startTime="00:00", **HOURLY)
    assert desk.viewership(endDate="2024-06-01")["viewershipAnalytics"] == []
    assert desk.viewership(interval="HOURLY", startTime="05:00", endTime="04:00")["viewershipAnalytics"] == []


def test_seconds_are_rounded_per_session_or_per_bucket(desk: Desk) -> None:
    rows = [{"start": "2024-06-15T10:00:00Z", "end": "2024-06-15T10:00:20Z"}] * 6
    desk.put("sessions", *rows)

    assert desk.viewership()["totalViewershipMinutes"] == 0
    desk.choose(AM_37="per-bucket")
    assert desk.viewership()["totalViewershipMinutes"] == 2


def test_a_session_that_runs_lasts_until_now(desk: Desk) -> None:
    desk.put("sessions", session("2024-06-16T11:00:00Z", None), session("2024-06-16T12:01:00Z", None))

    assert desk.viewership("2024-06-16")["totalViewershipMinutes"] == 61
    desk.control("clock/advance", {"seconds": 60})
    assert desk.viewership("2024-06-16")["totalSessions"] == 2


# Contents


def test_contents_have_a_row_per_date(desk: Desk) -> None:
    desk.put("contents", {"contentId": "c-1", "contentName": "One", "studioName": "Brass", "seriesName": "Numbers"})
    desk.put("sessions", session("10:00", contentId="c-1"), session("11:00", contentId="c-1"))
    row = {
        "date": "2024-06-15", "contentId": "c-1", "contentName": "One", "studioName": "", "seriesName": "",
        "uniqueViewers": 2, "totalSessions": 2, "viewershipMinutes": 60,
    }  # fmt: skip

    assert desk.ask("contentAnalytics", **DAILY) == {"contentData": [row], "contentCount": 1}
    assert desk.ask("contentAnalytics", studioName="Brass", **DAILY)["contentData"] == [{**row, "studioName": "Brass"}]
    desk.choose(AM_48="own-studio", AM_49="own-series")
    full = {**row, "studioName": "Brass", "seriesName": "Numbers"}
    assert desk.ask("contentAnalytics", **DAILY)["contentData"] == [full]


def test_contents_by_the_hour_are_a_reading(desk: Desk) -> None:
    desk.put("sessions", session("10:00", contentId="c-1"), session("11:00", contentId="c-1"))
    dates = column(desk.ask("contentAnalytics", **HOURLY)["contentData"], "date")

    assert dates == ["2024-06-15 10:00:00", "2024-06-15 11:00:00"]
    desk.choose(AM_47="rows-per-day")
    assert column(desk.ask("contentAnalytics", **HOURLY)["contentData"], "date") == ["2024-06-15"]


def test_paging_of_contents_has_readings(desk: Desk) -> None:
    desk.put("sessions", *(session("10:00", contentId=f"c-{number:02}") for number in range(12)))

    def ids(**paging: int) -> tuple[list[str], int]:
        answer = desk.ask("contentAnalytics", **DAILY, **paging)
        return column(answer["contentData"], "contentId"), answer["contentCount"]

    every = [f"c-{number:02}" for number in range(12)]
    assert ids() == (every, 12)
    assert ids(page=2) == ([], 12)
    assert ids(page=2, limit=5) == (every[5:10], 12)
    assert ids(limit=5) == (every[:5], 12)
    assert ids(page=9, limit=5) == ([], 12)
    desk.choose(AM_25="zero-based", AM_26="ten", AM_27="on-this-page")
    assert ids() == (every[:10], 10)
    assert ids(page=1) == (every[10:], 2)
    assert ids(page=0, limit=5) == (every[:5], 5)


def test_without_a_guide_there_are_no_contents(desk: Desk) -> None:
    desk.put("sessions", session("10:00"))
    env = desk.control("credentials", {"api": "amagi", "grants": {"epg": False}}).json
    token = env["TESTCARD_AMAGI_TOKEN"]

    assert desk.answer(type_="contentAnalytics", token=token, **DAILY).json == {"contentData": [], "contentCount": 0}
    empty = {"adContentData": [], "adContentCount": 0}
    assert desk.answer(type_="adContentAnalytics", token=token, **RANGE).json == empty
    desk.choose(AM_50="refused")
    assert desk.answer(type_="contentAnalytics", token=token, **DAILY).status == 403
    assert desk.answer(type_="adContentAnalytics", token=token, **RANGE).status == 403
    assert desk.ask("contentAnalytics", **DAILY)["contentCount"] == 1


# Concurrent users


def test_the_window_ends_with_the_last_whole_minute() -> None:
    desk = Desk(now="2022-01-23T13:29:14Z")
    desk.put("sessions", session("2022-01-22T00:00:00Z", None))
    points = desk.ask("concurrentUsers", hoursLimit=1)

    assert len(points) == 60
    assert (points[0]["time"], points[-1]["time"]) == ("2022-01-23T12:29:00.000Z", "2022-01-23T13:28:00.000Z")


@pytest.mark.parametrize(("hours", "first"), [
    (1, "2022-01-23T12:15:00.000Z"), (12, "2022-01-23T01:15:00.000Z"), (24, "2022-01-22T13:15:00.000Z"),
    (6, "2022-01-23T07:15:00.000Z"),
])  # fmt: skip
def test_the_window_lagged_when_it_was_recorded(hours: int, first: str) -> None:
    desk = Desk(now="2022-01-23T13:29:14Z", **OBSERVED)
    desk.put("sessions", session("2022-01-22T00:00:00Z", None))
    points = desk.ask("concurrentUsers", hoursLimit=hours, customerId="AMG00512")

    assert len(points) == hours * 60
    assert (points[0]["time"], points[-1]["time"]) == (first, "2022-01-23T13:14:00.000Z")


def test_quiet_minutes_and_second_screens_are_readings(desk: Desk) -> None:
    desk.put(
        "sessions",
        session("2024-06-16T11:10:00Z", 2, **viewer(1)), session("2024-06-16T11:11:30Z", 1, **viewer(1)),
        session("2024-06-16T11:11:00Z", 1, **viewer(2)),
    )  # fmt: skip

    def counts() -> dict[str, int]:
        return {point["time"][11:16]: point["viewerCount"] for point in desk.ask("concurrentUsers", hoursLimit=1)}

    assert counts() == {"11:10": 1, "11:11": 3, "11:12": 1}
    desk.choose(AM_54="zero", AM_55="viewers")
    assert len(counts()) == 60
    assert {minute: count for minute, count in counts().items() if count} == {"11:10": 1, "11:11": 2, "11:12": 1}


# Ads


def event(content: str = "c-1", day: str = "2024-06-15", **counters: int) -> dict[str, Any]:
    names = {
        "opportunities": "adOpportunitiesDetected", "requests": "adRequestsSent", "responses": "adResponsesReceived",
        "assets": "adAssetsReceived", "impressions": "impressionsRecorded",
    }  # fmt: skip
    sent = {names[name]: value for name, value in counters.items()}
    return {"time": f"{day}T10:00:00Z", "contentId": content, **dict.fromkeys(names.values(), 0), **sent}


def test_conversion_is_impressions_of_assets_unrounded(desk: Desk) -> None:
    desk.put("adEvents", event(opportunities=9, assets=3, impressions=2), event(day="2024-06-14", opportunities=1))
    answer = desk.ask("adAnalytics", **{**RANGE, "startDate": "2024-06-14"})

    assert column(answer["adAnalytics"], "conversionRate") == [0, 2 / 3 * 100]
    assert answer["totalConversionRate"] == 2 / 3 * 100
    assert answer["totalAdOpportunitiesDetected"] == 10
    assert answer["dateRange"]["interval"] == "DAILY"
    desk.choose(AM_60="two-decimals")
    assert desk.ask("adAnalytics", **RANGE)["totalConversionRate"] == 66.67
    desk.choose(AM_59="of-opportunities")
    assert desk.ask("adAnalytics", **RANGE)["totalConversionRate"] == 22.22


def test_opportunities_of_the_day_stand_on_every_content(desk: Desk) -> None:
    desk.put("adEvents", event("c-1", opportunities=3, requests=2), event("c-2", opportunities=4, requests=4))
    rows = desk.ask("adContentAnalytics", **RANGE)["adContentData"]

    assert column(rows, "totalAdOpportunitiesDetected") == [7, 7]
    assert column(rows, "totalAdRequestsSent") == [2, 4]
    desk.choose(AM_61="own")
    rows = desk.ask("adContentAnalytics", **RANGE)["adContentData"]
    assert column(rows, "totalAdOpportunitiesDetected") == [3, 4]


def test_the_storys_ad_figures_fall_from_step_to_step() -> None:
    answer = Desk(profile="default").ask("adAnalytics", startDate="2024-06-10", endDate="2024-06-14")
    opportunities, requests, responses = (
        answer[f"total{name}"] for name in ("AdOpportunitiesDetected", "AdRequestsSent", "AdResponsesReceived")
    )

    assert opportunities > requests > responses > 0
    assert answer["totalImpressionsRecorded"] < answer["totalAdAssetsReceived"]


# Unique viewers


def test_unique_viewers_are_one_step_finer(desk: Desk) -> None:
    desk.put("sessions", session("10:00", 30, **viewer(1)), session("12:00", 60, **viewer(1)))
    asked = {**RANGE, "interval": "DAILY"}
    answer = desk.ask("uniqueViewersAnalytics", **asked)

    assert answer == {
        "uniqueViewerAnalytics": [
            {"time": "2024-06-15 10:00:00", "uniqueViewers": 1, "sessionPerViewer": 1, "sessionDurationPerViewer": 30},
            {"time": "2024-06-15 12:00:00", "uniqueViewers": 1, "sessionPerViewer": 1, "sessionDurationPerViewer": 60},
        ],
        "dailyUniqueViewers": 1, "dailyAvgSessionPerViewer": 2, "dailyAvgSessionDurationPerViewer": 90,
    }  # fmt: skip
    desk.choose(AM_62="plural", AM_63="as-asked")
    rows = desk.ask("uniqueViewersAnalytics", **asked)["uniqueViewersAnalytics"]
    assert column(rows, "time") == ["2024-06-15 00:00:00"]


@pytest.mark.parametrize(("interval", "first", "last", "times"), [
    ("WEEKLY", "2024-06-09", "2024-06-15", ["2024-06-09 00:00:00"]),
    ("WEEKLY", "2024-06-08", "2024-06-15", ["2024-06-08 00:00:00", "2024-06-09 00:00:00"]),
    ("MONTHLY", "2024-05-01", "2024-06-16", ["2024-05-01 00:00:00", "2024-06-01 00:00:00"]),
])  # fmt: skip
def test_weeks_begin_on_sunday_where_rows_are_as_asked(interval: str, first: str, last: str, times: list[str]) -> None:
    desk = Desk(profile="small", readings={"AM-63": "as-asked"})
    answer = desk.ask("uniqueViewersAnalytics", startDate=first, endDate=last, interval=interval)

    assert column(answer["uniqueViewerAnalytics"], "time") == times


# Large ranges


def test_a_range_arranged_by_viewer_counts_as_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from testcard.apis.amagi import arranged

    asked = [
        {"interval": "HOURLY", "country": "Canada,United States", "deviceType": "Smart TV"},
        {"interval": "HOURLY", "startTime": "05:00", "endTime": "21:00"},
        {"interval": "DAILY", "channelId": "amg00512-halyard-one-openair", "city": "Portland"},
        {"interval": "DAILY", "studioName": "Halyard Productions"},
        {"interval": "DAILY", "contentId": "069RVIVC", "deviceName": "Roku,LG TV,Others,Apple TV"},
        {"interval": "DAILY", "city": "Nowhere"},
    ]
    desk = Desk(profile="default", readings={"AM-41": "distinct"})
    plain = [desk.viewership("2024-02-20", endDate="2024-03-20", zone="US/Eastern", **each) for each in asked]
    monkeypatch.setattr(arranged, "_WORTH_IT", 0)

    assert [desk.viewership("2024-02-20", endDate="2024-03-20", zone="US/Eastern", **each) for each in asked] == plain
