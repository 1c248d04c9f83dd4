"""Amagi Analytics, kind by kind: document 001, the facts, and every reading that can be switched."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date
from typing import Any

import pytest

from amagi_desk import BASE, NOW, Desk, column, session, viewer
from testcard.contract import open_ledger
from testcard.world.story import Story

RANGE: dict[str, Any] = {"startDate": "2024-06-15", "endDate": "2024-06-15", "timezone": "Universal"}
DAILY: dict[str, Any] = {**RANGE, "interval": "DAILY"}
HOURLY: dict[str, Any] = {**RANGE, "interval": "HOURLY"}
OBSERVED: dict[str, Any] = {"dialect": "observed"}


@pytest.fixture
def desk() -> Desk:
    """An empty catalogue of a customer, and no events."""
    return Desk()


# Tokens


def test_the_token_is_a_uuid_in_a_header_of_any_case(desk: Desk) -> None:
    assert uuid.UUID(desk.token).version == 4
    answer = desk.mock.get(BASE, params={"type": "channelList"}, headers={"X-Access-Token": desk.token.upper()})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("token", [None, "nonsense", "0f6f0f9e-1d5b-4a4b-8d0a-111111111111"])
@pytest.mark.parametrize("kind", ["channelList", "adAnalytics", "nonsense"])
def test_a_bad_token_is_401_before_anything_else(desk: Desk, token: str | None, kind: str) -> None:
    answer = desk.answer(type_=kind, token=token)

    assert answer.status == 401
    assert answer.json["error"] == "Unauthorized"
    assert set(answer.json) == {"statusCode", "error", "message"}


@pytest.mark.parametrize("token", [None, "nonsense", "0f6f0f9e-1d5b-4a4b-8d0a-111111111111"])
def test_a_bad_token_was_403_when_it_was_recorded(token: str | None) -> None:
    answer = Desk(**OBSERVED).answer(type_="channelList", token=token)

    assert answer.json == {"statusCode": 403, "error": "Forbidden", "message": "Invalid header access-token"}


@pytest.mark.parametrize(("token", "entry"), [(None, "AM_02"), ("nonsense", "AM_01")])
def test_missing_and_wrong_tokens_are_two_readings(desk: Desk, token: str | None, entry: str) -> None:
    desk.choose(**{entry: "forbidden-403"})

    assert desk.answer(type_="channelList", token=token).status == 403
    assert desk.answer(type_="channelList", token=None if token else "nonsense").status == 401


def test_a_regenerated_token_replaces_the_old_one(desk: Desk) -> None:
    new = desk.control("tokens/regenerate", {"api": "amagi"}).json["token"]

    assert desk.answer(type_="channelList").status == 401
    assert "regenerated" in desk.answer(type_="channelList").json["message"]
    assert desk.answer(type_="channelList", token=new).status == 200
    assert desk.mock.env("amagi")["TOKEN"] == new


@pytest.mark.parametrize("verb", ["expire", "revoke"])
def test_tokens_can_end(desk: Desk, verb: str) -> None:
    desk.control(f"tokens/{verb}", {"api": "amagi"})

    assert desk.answer(type_="channelList").status == 401


def test_a_token_finds_its_world_and_is_foreign_in_another(desk: Desk) -> None:
    other = desk.mock.post("/_testcard/worlds", json={"profile": "small"}).json
    token = other["env"]["TESTCARD_AMAGI_TOKEN"]

    assert other["env"]["TESTCARD_AMAGI_URL"].endswith(f"/~{other['id']}/amagi/api/v2")
    assert token != desk.token
    assert desk.answer(type_="channelList", token=token).status == 200
    assert desk.answer(type_="channelList", path=f"/~{other['id']}{BASE}").status == 401


def test_a_further_customer_sees_its_channels_only(desk: Desk) -> None:
    ids = column(desk.ask("channelList")["viewershipChannels"], "channelId")
    env = desk.control("credentials", {"api": "amagi", "grants": {"channels": ids[:2]}}).json
    token = env["TESTCARD_AMAGI_TOKEN"]
    desk.put("sessions", *(session("10:00", channelId=each) for each in ids))
    mine = desk.answer(type_="viewershipAnalytics", token=token, **DAILY).json

    assert column(desk.answer(type_="channelList", token=token).json["viewershipChannels"], "channelId") == ids[:2]
    assert mine["totalSessions"] == 2
    assert desk.viewership()["totalSessions"] == len(ids)
    foreign = desk.answer(type_="viewershipAnalytics", token=token, channelId=ids[5], **DAILY)
    assert foreign.status == 422
    assert "channelId" in foreign.json["message"]


# One address


def test_the_documented_host_answers_too(desk: Desk) -> None:
    answer = desk.mock.get(
        "https://api-analytics.amagi.tv/api/v2", params={"type": "channelList"}, headers={"x-access-token": desk.token}
    )

    assert answer.status == 200


@pytest.mark.parametrize("kind", [None, "viewershipanalytics", "channellist", ""])
def test_a_missing_or_unknown_type_lists_the_choices(desk: Desk, kind: str | None) -> None:
    answer = desk.answer(**({} if kind is None else {"type_": kind}))

    assert answer.status == 422
    assert answer.json["error"] == "Unprocessable Entity"
    for each in ("type", "viewershipAnalytics", "uniqueViewersAnalytics", "channelList"):
        assert each in answer.json["message"]


@pytest.mark.parametrize(("kind", "missing"), [
    ("viewershipAnalytics", ["startDate", "endDate", "interval"]),
    ("contentAnalytics", ["startDate", "endDate", "interval"]),
    ("concurrentUsers", ["hoursLimit"]),
    ("adAnalytics", ["startDate", "endDate"]),
    ("adContentAnalytics", ["startDate", "endDate"]),
    ("uniqueViewersAnalytics", ["startDate", "endDate", "interval"]),
])  # fmt: skip
def test_every_missing_parameter_is_named(desk: Desk, kind: str, missing: list[str]) -> None:
    message = desk.refused(kind)

    assert all(name in message for name in missing)


@pytest.mark.parametrize(("kind", "changes", "named"), [
    ("viewershipAnalytics", {"startDate": "2024-02-30"}, "startDate"),
    ("viewershipAnalytics", {"endDate": "15/06/2024"}, "endDate"),
    ("viewershipAnalytics", {"startDate": "2024-06-16"}, "endDate"),
    ("viewershipAnalytics", {"interval": "WEEKLY"}, "interval"),
    ("viewershipAnalytics", {"interval": "daily"}, "DAILY"),
    ("viewershipAnalytics", {"timezone": "Europe/Berlin"}, "US/Eastern"),
    ("viewershipAnalytics", {"startTime": "24:00"}, "startTime"),
    ("viewershipAnalytics", {"interval": "HOURLY", "endTime": "23:59"}, "endTime"),
    ("viewershipAnalytics", {"customerId": "AMG1"}, "customerId"),
    ("viewershipAnalytics", {"city": ""}, "city"),
    ("viewershipAnalytics", {"startDate": "2001-01-01"}, "endDate"),
    ("contentAnalytics", {"page": "0"}, "page"),
    ("contentAnalytics", {"page": "1.0"}, "page"),
    ("contentAnalytics", {"limit": "0"}, "limit"),
    ("uniqueViewersAnalytics", {"interval": "HOURLY"}, "MONTHLY"),
    ("concurrentUsers", {"hoursLimit": "2"}, "12"),
    ("concurrentUsers", {"hoursLimit": "25"}, "hoursLimit"),
    ("concurrentUsers", {"hoursLimit": "one"}, "hoursLimit"),
])  # fmt: skip
def test_every_bad_parameter_is_named(desk: Desk, kind: str, changes: dict[str, str], named: str) -> None:
    base = {} if kind == "concurrentUsers" else DAILY

    assert named in desk.refused(kind, **{**base, **changes})


def test_parameters_of_another_kind_are_noted_and_passed_over(desk: Desk) -> None:
    answer = desk.answer(type_="adAnalytics", interval="DAILY", **RANGE)

    assert answer.status == 200
    assert answer.json["dateRange"]["interval"] == "DAILY"
    assert "interval" in answer.headers["X-Testcard-Note"]


def test_other_paths_and_methods_are_refused_in_the_same_words(desk: Desk) -> None:
    nowhere = desk.mock.get("/amagi/api/v3")
    posted = desk.mock.post(BASE, headers={"x-access-token": desk.token})

    assert (nowhere.status, nowhere.json["error"]) == (404, "Not Found")
    assert (posted.status, posted.json["error"]) == (405, "Method Not Allowed")
    assert "GET" in posted.headers["Allow"]


# Customers and channels


def test_channels_with_advertising_are_a_list_of_their_own(desk: Desk) -> None:
    answer = desk.ask("channelList")
    every, advertised = (column(answer[name], "channelId") for name in ("viewershipChannels", "adAnalyticsChannels"))

    assert len(every) == 6
    assert set(advertised) < set(every)
    assert all(identity == identity.lower() for identity in every)


def test_one_of_channel_and_customer_may_be_required() -> None:
    desk = Desk(**OBSERVED)
    refusal = desk.answer(type_="uniqueViewersAnalytics", **DAILY)

    assert refusal.json == {
        "statusCode": 422,
        "error": "Unprocessable Entity",
        "message": "customer_id or channel_id should be sent in query",
    }
    assert desk.answer(type_="uniqueViewersAnalytics", customerId="AMG00512", **DAILY).status == 200


def test_a_customer_stands_for_its_channels_and_a_channel_decides(desk: Desk) -> None:
    desk.put("sessions", session("10:00"), session("11:00"))
    channel = desk.ask("channelList")["viewershipChannels"][0]["channelId"]
    alone = desk.viewership(channelId=channel)

    assert desk.viewership(customerId="AMG00512") == desk.viewership()
    assert desk.viewership(customerId="AMG99999", channelId=channel) == alone
    assert "customerId" in desk.refused("viewershipAnalytics", customerId="AMG99999", **DAILY)
    desk.choose(AM_11="both-narrow", AM_12="empty")
    assert desk.viewership(customerId="AMG99999", channelId=channel)["totalSessions"] == 0


def test_an_unknown_channel_may_be_empty(desk: Desk) -> None:
    assert "channelId" in desk.refused("concurrentUsers", hoursLimit=1, channelId="amg00512-halyard-won-openair")
    desk.choose(AM_12="empty")
    assert desk.ask("concurrentUsers", hoursLimit=1, channelId="amg00512-halyard-won-openair") == []


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


# Scheduled reports


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


# Rows


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


# The ledger


def test_every_switchable_reading_is_played_somewhere_here() -> None:
    played = set()
    for path in (__file__, __file__.replace("test_amagi.py", "test_amagi_properties.py")):
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
        played |= {entry.id for entry in open_ledger(("amagi",)) if entry.id in text.replace("AM_", "AM-")}
    played |= {"AM-10", "AM-38", "AM-51", "AM-52"}  # by the observed dialect

    assert {entry.id for entry in open_ledger(("amagi",)) if entry.switchable} <= played


def test_the_ledger_is_long() -> None:
    assert len(list(open_ledger(("amagi",)))) >= 45


# Same seed, same bytes

GOLDEN = "97f40be9577726f8"


def test_the_same_seed_gives_the_same_bytes() -> None:
    """On any machine and any day; a change here breaks every recorded expectation of our users."""
    desk = Desk(profile="default", now="2026-03-02T12:00:30Z")
    asked = {"startDate": "2021-07-01", "endDate": "2021-07-02"}
    answers = [
        desk.answer(type_="channelList"),
        *(desk.answer(type_=kind, interval="DAILY", **asked) for kind in KINDS),
        desk.answer(type_="concurrentUsers", hoursLimit=12),
        desk.download("20411", "2021-12-06"),
    ]

    assert {answer.status for answer in answers} == {200}
    assert hashlib.sha256(b"".join(answer.body for answer in answers)).hexdigest()[:16] == GOLDEN


KINDS = ("viewershipAnalytics", "contentAnalytics", "adAnalytics", "adContentAnalytics", "uniqueViewersAnalytics")


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
