"""Rows of Video Central that a test puts in, and all of them read back."""

from __future__ import annotations

from typing import Any

import pytest

from videocentral_desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_rows_stand_beside_the_story_or_in_its_place(desk: Desk) -> None:
    desk.control("POST", "/rows/videocentral/accounts", {"rows": [{"id": "007", "name": "Mine"}]})
    assert len(desk.all("/accounts")) == 13
    assert desk.get("/accounts/007").json["total"] == 0

    desk.put("accounts", {"id": "007", "name": "Mine"})
    assert desk.all("/accounts") == [{"id": "007", "name": "Mine"}]
    assert desk.get("/accounts/HALYARD1TV").status == 404


def test_a_report_row_is_shown_as_it_was_put_and_its_records_are_the_file(desk: Desk) -> None:
    shown = {
        "numRows": 2,
        "reportDateBegin": "2019-01-01",
        "reportDateEnd": "2019-01-07",
        "modifiedDate": "2020-09-02T21:09:16.045Z",
        "name": "Sales",
        "cadence": "Daily",
    }
    records = [{"Title": 'a "b", c\nd', "Amount": "1.50"}, {"Title": "ä", "Amount": 7, "Note": None}]
    ids = {"accountId": "123", "reportGroupId": "g", "channelId": "c", "reportTypeId": "t"}
    desk.put("reports", {**ids, **shown, "records": records})

    (report,) = desk.data("/accounts/123/g/c/reportTypes/t/reports")
    link = report.pop("downloadUrl")
    assert report == shown
    assert desk.file({"downloadUrl": link}) == [
        {"Title": 'a "b", c\nd', "Amount": "1.50", "Note": ""},
        {"Title": "ä", "Amount": "7", "Note": ""},
    ]


def test_what_a_report_row_leaves_out_is_filled(desk: Desk) -> None:
    desk.put("reports", {"reportDateBegin": "2019-02-04"})
    account = desk.data("/accounts")[0]["id"]
    group = desk.data(f"/accounts/{account}")[0]["id"]
    path = f"/accounts/{account}/{group}/{desk.data(f'/accounts/{account}/{group}')[0]['id']}/reportTypes"

    (report,) = desk.data(f"{path}/{desk.data(path)[0]['id']}/reports")
    assert (report["reportDateEnd"], report["name"], report["cadence"]) == ("2019-02-10", "Content Usage", "Weekly")
    assert report["modifiedDate"] == "2019-02-11T00:00:00.000Z"
    assert len(desk.file(report)) == report["numRows"] > 0


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"numrows": 3}, "numrows"),
        ({"reportDateBegin": "2019-13-01"}, "reportDateBegin"),
        ({"numRows": 3, "records": []}, "numRows"),
        ({"reportDateBegin": "2019-01-02", "reportDateEnd": "2019-01-01"}, "reportDateEnd"),
    ],
)
def test_rows_that_are_none_are_named(desk: Desk, row: dict[str, Any], named: str) -> None:
    path = "/_testcard/worlds/default/rows/videocentral/reports"
    answer = desk.mock.request("PUT", path, json={"rows": [row]})

    assert answer.status == 400
    assert named in answer.text


def test_a_row_of_the_future_is_hidden_until_then() -> None:
    desk = Desk(profile="empty", now="2026-03-02T00:00:00Z")
    ids = {"accountId": "a", "reportGroupId": "g", "channelId": "c", "reportTypeId": "t"}
    desk.put("reports", {**ids, "reportDateBegin": "2026-03-01", "modifiedDate": "2026-03-02T00:30:00.000Z"})

    path = "/accounts/a/g/c/reportTypes/t/reports"
    assert desk.get(path).json["total"] == 0
    desk.advance(seconds=1800)
    assert desk.get(path).json["total"] == 1


def test_the_empty_profile_has_the_tree_and_no_reports() -> None:
    desk = Desk(profile="empty")

    assert len(desk.all("/accounts")) == 12
    assert desk.get(desk.reports_path("Content Usage", "Weekly")).json["total"] == 0


def test_tables_are_read_back_story_and_all(desk: Desk) -> None:
    rows = desk.control("GET", "/rows/videocentral/reportTypes?limit=5")["rows"]
    assert len(rows) == 5
    assert set(rows[0]) == {"accountId", "reportGroupId", "channelId", "name", "cadence", "id"}
    report = desk.control("GET", "/rows/videocentral/reports?limit=1")["rows"][0]
    assert report["reportDateBegin"] == "2018-01-01"
