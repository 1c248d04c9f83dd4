"""Video Central's reports: when each is there, and the file behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from testcard.world.story import open_story
from videocentral_desk import Desk, read_csv, reason, unpack


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Reports on the clock


@pytest.mark.parametrize(
    ("group", "name", "cadence"),
    [
        ("channelsPremium", "First and Last VOD Title", "Daily"),
        ("channels", "Content Usage", "Weekly"),
        ("channels", "Content Usage", "Monthly"),
        ("channelsPremium", "Financial Summary", "Quarterly"),
    ],
)
def test_periods_follow_one_another_from_2018(desk: Desk, group: str, name: str, cadence: str) -> None:
    reports = desk.all(desk.reports_path(name, cadence, group=group), limit=500)

    assert reports[0]["reportDateBegin"] == "2018-01-01"
    for report, following in pairwise(reports):
        gap = date.fromisoformat(following["reportDateBegin"]) - date.fromisoformat(report["reportDateEnd"])
        assert gap == timedelta(days=1)
        assert report["modifiedDate"][:10] > report["reportDateEnd"]


def test_an_end_may_be_the_day_after_under_another_reading() -> None:
    desk = Desk(readings={"VC-12": "exclusive"})
    reports = desk.data(desk.reports_path("Content Usage", "Weekly"), limit=2)

    assert reports[0]["reportDateEnd"] == reports[1]["reportDateBegin"]


def test_the_newest_may_come_first_under_another_reading() -> None:
    path = Desk().reports_path("Content Usage", "Monthly")
    rising = Desk().all(path, limit=50)

    falling = Desk(readings={"VC-11": "newest-first"}).all(path, limit=7)
    assert [row["reportDateBegin"] for row in falling] == [row["reportDateBegin"] for row in rising][::-1]


def test_a_report_appears_after_its_period_and_not_before() -> None:
    desk = Desk(now="2026-03-01T00:00:00Z")
    path = desk.reports_path("First and Last VOD Title", "Daily", group="channelsPremium")
    before = desk.get(path, limit=1).json["total"]
    desk.later(days=1)

    assert desk.get(path, limit=1).json["total"] == before + 1
    now = desk.mock.world.now()
    assert all(datetime.fromisoformat(row["modifiedDate"]) <= now for row in desk.all(path, limit=5000))


def test_nothing_was_reported_before_2018() -> None:
    desk = Desk(now="2017-06-01T00:00:00Z")

    assert desk.get(desk.reports_path("Content Usage", "Weekly")).json["total"] == 0


def test_since_finds_exactly_what_is_new_and_what_was_generated_again() -> None:
    desk = Desk(now="2026-02-01T00:00:00Z")
    path = desk.reports_path("First and Last VOD Title", "Daily", group="channelsPremium")
    old = {row["reportDateBegin"]: row["modifiedDate"] for row in desk.all(path, limit=5000)}
    since = desk.mock.world.now()
    desk.later(days=12)

    new = {row["reportDateBegin"]: row["modifiedDate"] for row in desk.all(path, limit=5000)}
    found = desk.all(path, modifiedDateGte=since.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    changed = {begin: modified for begin, modified in new.items() if old.get(begin) != modified}
    assert {row["reportDateBegin"]: row["modifiedDate"] for row in found} == changed
    assert set(old) <= set(new)
    assert any(begin in old for begin in changed), "some are generated again"
    assert any(begin not in old for begin in changed), "some are new"


@pytest.mark.parametrize(
    ("filters", "begins"),
    [
        ({"reportDateBeginGte": "2019-01-07"}, ["2019-01-07", "2019-01-14", "2019-01-21"]),
        ({"reportDateBeginLt": "2019-01-07"}, ["2018-12-31"]),
        ({"reportDateBeginGte": "2019-01-07", "reportDateBeginLt": "2019-01-21"}, ["2019-01-07", "2019-01-14"]),
        ({"reportDateBeginGte": "2019-01-07T00:00:00.001Z"}, ["2019-01-14", "2019-01-21"]),
        ({"reportDateBeginGte": "2019-01-07T01:00:00+01:00"}, ["2019-01-07", "2019-01-14", "2019-01-21"]),
        ({"reportDateBeginLt": "2019-01-14T00:00:00.001Z"}, ["2018-12-31", "2019-01-07", "2019-01-14"]),
        ({"modifiedDateGte": "2019-01-20T00:00:00.000Z"}, ["2019-01-14", "2019-01-21"]),
        ({"modifiedDateGte": "2019-01-20T00:00:00.001Z"}, ["2019-01-14", "2019-01-21"][1:]),
        ({"modifiedDateGte": "2019-01-20", "reportDateBeginLt": "2019-01-21"}, ["2019-01-14"]),
        ({"reportDateBeginGte": "2019-01-21", "reportDateBeginLt": "2019-01-07"}, []),
        ({"reportDateBeginGte": "9999-12-31"}, []),
        ({"reportDateBeginLt": "0001-01-01"}, []),
    ],
)
def test_filters_are_bounds(filters: dict[str, str], begins: list[str]) -> None:
    desk = Desk(profile="empty")
    ids = {"accountId": "A", "reportGroupId": "channels", "channelId": "C", "reportTypeId": "T", "cadence": "Weekly"}
    rows = [{**ids, "reportDateBegin": begin} for begin in ("2019-01-21", "2018-12-31", "2019-01-14", "2019-01-07")]
    rows[2]["modifiedDate"] = "2019-01-20T00:00:00.000Z"
    for row in (rows[1], rows[3]):
        row["modifiedDate"] = "2019-01-15T00:00:00.000Z"
    desk.put("reports", *rows)

    found = desk.data("/accounts/A/channels/C/reportTypes/T/reports", **filters)
    assert [row["reportDateBegin"] for row in found] == begins


@pytest.mark.parametrize("name", ["reportDateBeginGte", "reportDateBeginLt", "modifiedDateGte"])
@pytest.mark.parametrize(
    "value", ["", "x", "2019-02-30", "2019-1-1", "20190101", "2019-01-01T00:00:00", "2019-01-01T00:00:00 01:00"]
)
def test_dates_that_are_none_are_refused(desk: Desk, name: str, value: str) -> None:
    answer = desk.get(desk.reports_path("Content Usage", "Weekly"), **{name: value})

    assert reason(answer) == (400, "bad_parameter")
    assert name in answer.json["message"]


def test_next_keeps_the_filters(desk: Desk) -> None:
    path = desk.reports_path("First and Last VOD Title", "Daily", group="channelsPremium")
    filters = {"reportDateBeginGte": "2025-01-01", "reportDateBeginLt": "2025-02-01", "modifiedDateGte": "2020-01-01"}

    begins = [row["reportDateBegin"] for row in desk.all(path, limit=7, **filters)]
    assert begins == [f"2025-01-{day:02d}" for day in range(1, 32)]


# Downloads


def latest(desk: Desk, name: str, cadence: str, **where: Any) -> dict[str, Any]:
    """The newest report of a type."""
    path = desk.reports_path(name, cadence, **where)
    total = desk.get(path, limit=1).json["total"]
    return desk.data(path, limit=1, offset=total - 1)[0]


def test_a_report_is_a_zip_with_one_csv_and_as_many_rows_as_it_says(desk: Desk) -> None:
    report = latest(desk, "Content Usage", "Weekly")
    answer = desk.mock.get(report["downloadUrl"])

    assert answer.headers["Content-Type"] == "application/zip"
    text = unpack(answer.body)
    rows = read_csv(text)
    assert len(rows) == report["numRows"] > 0
    assert text.endswith("\r\n")
    assert list(rows[0])[:2] == ["Report Start", "Report End"]
    titles = [row["Title"] for row in rows]
    assert "The Second Line\nof the Telegram" in titles
    assert 'He Said "Maybe"' in titles
    assert "夜の泊まり" in titles


def test_a_report_may_be_plain_csv_under_another_reading(desk: Desk) -> None:
    plain = Desk(readings={"VC-06": "csv"})
    answer = plain.mock.get(latest(plain, "Content Usage", "Weekly")["downloadUrl"])

    assert answer.headers["Content-Type"] == "text/csv"
    packed = desk.mock.get(latest(desk, "Content Usage", "Weekly")["downloadUrl"])
    assert answer.body.decode() == unpack(packed.body)


def test_every_type_of_report_has_a_file_that_fits(desk: Desk) -> None:
    seen = set()
    for account in desk.all("/accounts"):
        for group in desk.all(f"/accounts/{account['id']}"):
            path = f"/accounts/{account['id']}/{group['id']}"
            path += f"/{desk.data(path)[0]['id']}/reportTypes"
            for kind in desk.all(path):
                reports = desk.all(f"{path}/{kind['id']}/reports", reportDateBeginGte="2025-09-28", limit=400)
                assert len(desk.file(reports[-1])) == reports[-1]["numRows"]
                seen.add(kind["name"])
    assert len(seen) == 11


def test_amounts_keep_their_trailing_zeros_and_are_exact(desk: Desk) -> None:
    rows = desk.file(latest(desk, "Sales", "Weekly", group="rentOrBuy"))

    assert any(row["Amount"].endswith("0") for row in rows)
    for row in rows:
        assert Decimal(row["Amount"]) == Decimal(row["Unit Price"]) * int(row["Units"])
        assert row["Amount"].partition(".")[2].__len__() == 2


def test_subscription_files_have_the_known_columns(desk: Desk) -> None:
    rows = desk.file(latest(desk, "Subscriptions", "Monthly"))

    known = ["Report Year", "Report Start", "Report End", "Offer ID", "Subscription", "Billing Amount"]
    assert list(rows[0])[:7] == [*known, "Subscription Category"]
    assert (rows[0]["Report Start"], rows[0]["Report End"]) == ("1/1/2026", "1/31/2026")
    assert {len(row["Offer ID"].partition("-")[0]) for row in rows} == {10}


def test_minutes_streamed_reconcile_with_the_story(desk: Desk) -> None:
    minutes = Decimal(0)
    for channel in range(5):
        for name in ("Content Usage", "Live Usage"):
            path = desk.reports_path(name, "Weekly", channel=channel)
            report = desk.data(path, reportDateBeginGte="2026-02-02", limit=1)[0]  # no edition to come
            minutes += sum(Decimal(row["Minutes Streamed"]) for row in desk.file(report))
    first, last = (date.fromisoformat(report[end]) for end in ("reportDateBegin", "reportDateEnd"))
    viewing = open_story(1729).viewing_range("videocentral", first, last)

    assert abs(minutes - Decimal(int(viewing.duration_ms.sum())) / 60_000) < 1


def test_a_report_generated_again_has_what_came_late() -> None:
    """The same titles, and never fewer minutes; the final edition has all of the story's."""
    desk = Desk()
    path = desk.reports_path("Performance", "Daily", group="includedWithPrime")
    since = {"reportDateBeginGte": "2026-02-15"}
    first = {row["reportDateBegin"]: (row, desk.file(row)) for row in desk.all(path, **since)}
    desk.later(days=9)
    final = {row["reportDateBegin"]: (row, desk.file(row)) for row in desk.all(path, **since)}
    changed = {begin for begin in first if first[begin][1] != final[begin][1]}

    def minutes(rows: list[dict[str, str]]) -> list[Decimal]:
        return [Decimal(row["Minutes Streamed"]) for row in rows]

    assert changed == {begin for begin in first if first[begin][0]["modifiedDate"] < final[begin][0]["modifiedDate"]}
    for begin in changed:
        assert first[begin][0]["numRows"] == final[begin][0]["numRows"]
        pairs = zip(minutes(first[begin][1]), minutes(final[begin][1]), strict=True)
        assert all(before <= after for before, after in pairs)
        assert sum(minutes(first[begin][1])) < sum(minutes(final[begin][1]))
    assert 2 <= len(changed) < len(first)
    assert Desk().file(first[min(changed)][0]) == first[min(changed)][1], "the same in every run"


def test_a_month_is_the_sum_of_its_days(desk: Desk) -> None:
    january = {"reportDateBeginGte": "2026-01-01", "reportDateBeginLt": "2026-02-01"}
    days = desk.all(desk.reports_path("Performance", "Daily", group="includedWithPrime"), **january)
    month = desk.data(desk.reports_path("Performance", "Monthly", group="includedWithPrime"), **january)[0]

    assert len(days) == 31
    streams = sum(int(row["Streams"]) for day in days for row in desk.file(day))
    assert streams == sum(int(row["Streams"]) for row in desk.file(month)) > 0


@pytest.mark.parametrize(("name", "link"), [("link", "https://"), ("missing", None), ("empty", "")])
def test_the_link_of_a_report_without_rows_is_a_reading(name: str, link: str | None) -> None:
    desk = Desk(readings={"VC-05": name})
    report = latest(desk, "Live Usage", "Monthly", channel=4)  # a channel on demand has nothing live

    assert report["numRows"] == 0
    if link == "https://":
        assert desk.file(report) == []
    else:
        assert report.get("downloadUrl") == link


def test_under_the_documented_hosts_links_have_the_documented_hosts(desk: Desk) -> None:
    path = desk.reports_path("Content Usage", "Weekly")
    page = desk.get(f"https://videocentral.amazon.com/apis/v1{path}?limit=1").json

    assert page["next"].startswith("https://videocentral.amazon.com/apis/v1/accounts/")
    assert desk.get(page["next"]).status == 200
    report = page["data"][0]
    assert report["downloadUrl"].startswith("https://packaged-report-v2-prod.s3.us-east-1.amazonaws.com/")
    assert len(desk.file(report)) == report["numRows"]


def test_links_follow_the_worlds_clock(desk: Desk) -> None:
    report = latest(desk, "Content Usage", "Weekly")
    assert datetime.fromisoformat(report["modifiedDate"]) < datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert "X-Amz-Date=20260302T120000Z" in report["downloadUrl"]
