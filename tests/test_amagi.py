"""Amagi Analytics: who may ask, by which address, and what the ledger says of it (document 001, the facts)."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest

from amagi_desk import BASE, DAILY, RANGE, Desk, column, session
from testcard.contract import open_ledger

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


# The ledger


def test_every_switchable_reading_is_played_somewhere_in_these_tests() -> None:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_amagi*.py")]
    played = {entry.id for entry in open_ledger(("amagi",)) for text in texts if entry.id in text.replace("AM_", "AM-")}
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
