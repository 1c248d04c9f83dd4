"""Amazon Video Central behaves as document 000 and facts A1 to A33 say."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from support import Answer
from testcard.apis.videocentral import tokens
from testcard.world.story import open_story
from videocentral_desk import BASE, TOKEN_PATH, Desk, read_csv, unpack


@pytest.fixture
def desk() -> Desk:
    return Desk()


def reason(answer: Answer) -> tuple[int, str]:
    """Status and reason of a refusal."""
    return answer.status, answer.json["reason"]


GOLDEN = "484600f119f5c55f85c33eec3ea7c8b02cb582e1ebdfc67030c71d888c65b254"

# Login


def test_a_refresh_token_buys_an_access_token_for_an_hour(desk: Desk) -> None:
    answer = desk.token()

    token = answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.status, token["token_type"], token["expires_in"]) == (200, "bearer", 3600)
    assert token["access_token"].startswith("Atza|")
    assert 350 <= len(token["access_token"]) <= 2048
    assert token["refresh_token"].startswith("Atzr|")

    desk.env["TOKEN"] = token["access_token"]
    desk.advance(seconds=3599)
    assert desk.get("/accounts").status == 200
    desk.advance(seconds=1)
    assert reason(desk.get("/accounts")) == (401, "expired_token")


def test_a_client_may_name_itself_by_basic(desk: Desk) -> None:
    pair = f"{desk.env['CLIENT_ID']}:{desk.env['CLIENT_SECRET']}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    form = {"grant_type": "refresh_token", "refresh_token": desk.env["REFRESH_TOKEN"]}

    assert desk.mock.post(TOKEN_PATH, form=form, headers=headers).status == 200
    assert desk.mock.post(TOKEN_PATH, form={**form, "client_id": "another"}, headers=headers).status == 401


@pytest.mark.parametrize(
    ("form", "status", "error", "named"),
    [
        ({"grant_type": None}, 400, "invalid_request", "grant_type"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "grant type"),
        ({"refresh_token": None}, 400, "invalid_request", "refresh_token"),
        ({"refresh_token": "Atzr|none"}, 400, "invalid_grant", "refresh_token"),
        ({"client_id": None}, 400, "invalid_request", "client_id"),
        ({"client_secret": None}, 400, "invalid_request", "client_secret"),
        ({"client_id": "amzn1.application-oa2-client.0"}, 401, "invalid_client", "authentication"),
        ({"client_secret": "wrong"}, 401, "invalid_client", "authentication"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request", "code"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": "y"}, 400, "invalid_grant", "code"),
    ],
)
def test_bad_token_requests_are_refused_as_oauth_does(
    desk: Desk, form: dict[str, Any], status: int, error: str, named: str
) -> None:
    answer = desk.token(**form)

    assert (answer.status, answer.json["error"]) == (status, error)
    assert named in answer.json["error_description"]


def test_a_token_request_has_to_be_a_form(desk: Desk) -> None:
    answer = desk.mock.post(TOKEN_PATH, json={"grant_type": "refresh_token"})

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_tokens_are_only_posted_for(desk: Desk) -> None:
    answer = desk.mock.get(TOKEN_PATH)

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("host", ["api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp"])
def test_the_login_answers_on_its_three_hosts(desk: Desk, host: str) -> None:
    answer = desk.mock.post(f"https://{host}/auth/o2/token", form={"grant_type": "refresh_token"})

    assert answer.json["error"] == "invalid_request"


def consent(desk: Desk) -> str:
    """The code that the consent page sends back."""
    query = {"client_id": desk.env["CLIENT_ID"], "response_type": "code", "redirect_uri": "https://a.example/back"}
    answer = desk.mock.get("/videocentral/ap/oa", params={**query, "state": "s1"})
    assert answer.status == 302
    back = urlsplit(answer.headers["Location"])
    assert (back.netloc, back.path) == ("a.example", "/back")
    sent = dict(parse_qsl(back.query))
    assert sent["state"] == "s1"
    return sent["code"]


def redeem(desk: Desk, code: str, **form: str) -> Answer:
    usual = {"grant_type": "authorization_code", "refresh_token": None, "code": code}
    return desk.token(**{**usual, "redirect_uri": "https://a.example/back", **form})  # type: ignore[arg-type]


def test_a_code_buys_tokens_once(desk: Desk) -> None:
    code = consent(desk)
    first = redeem(desk, code)

    assert first.status == 200
    assert desk.token(refresh_token=first.json["refresh_token"]).status == 200
    assert redeem(desk, code).json["error"] == "invalid_grant"


def test_a_code_is_good_for_five_minutes(desk: Desk) -> None:
    code = consent(desk)
    desk.advance(seconds=300)

    assert redeem(desk, code).json["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_address_and_its_client(desk: Desk) -> None:
    other = desk.grant(accounts=[])

    assert redeem(desk, consent(desk), redirect_uri="https://b.example/").json["error"] == "invalid_grant"
    assert redeem(other, consent(desk)).json["error"] == "invalid_grant"


def test_a_refresh_token_is_bound_to_its_client(desk: Desk) -> None:
    other = desk.grant(accounts=[])

    assert other.token(refresh_token=desk.env["REFRESH_TOKEN"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("rotation", "old", "changes", "again"),
    [("rotates", "stays-valid", True, 200), ("rotates", "revoked", True, 400), ("stays", "stays-valid", False, 200)],
)
def test_rotation_is_a_reading(rotation: str, old: str, changes: bool, again: int) -> None:
    desk = Desk(readings={"VC-07": rotation, "VC-08": old})
    new = desk.token().json["refresh_token"]

    assert (new != desk.env["REFRESH_TOKEN"]) is changes
    assert desk.token(refresh_token=new).status == 200
    assert desk.token().status == again


def test_a_revoked_refresh_token_is_no_grant(desk: Desk) -> None:
    desk.control("POST", "/tokens/revoke", {"token": desk.env["REFRESH_TOKEN"]})

    answer = desk.token()
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert "revoked" in answer.json["error_description"]


# Access


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "missing_token"),
        ("", "missing_token"),
        ("Atza|{token}", "malformed_token"),
        ("Basic YTpi", "malformed_token"),
        ("Bearer", "malformed_token"),
        ("Bearer Atza|auth_token", "malformed_token"),
        ("Bearer {encoded}", "malformed_token"),
        ("Bearer {mutilated}", "malformed_token"),
        ("Bearer {changed}", "unknown_token"),
        ("Bearer {refresh}", "foreign_token"),
        ("Bearer {elsewhere}", "foreign_token"),
    ],
)
def test_every_bad_token_is_refused_with_its_reason(desk: Desk, header: str | None, expected: str) -> None:
    token = desk.env["TOKEN"]
    words = {
        "token": token[5:],
        "encoded": token.replace("|", "%7C"),
        "mutilated": token[:200],
        "changed": token[:-20] + "A" * 20,
        "refresh": desk.env["REFRESH_TOKEN"],
        "elsewhere": Desk(seed=2).env["TOKEN"],
    }
    headers = {} if header is None else {"Authorization": header.format(**words)}
    answer = desk.mock.get(f"{BASE}/accounts", headers=headers)

    assert reason(answer) == (401, expected)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_access_token_is_refused(desk: Desk) -> None:
    desk.control("POST", "/tokens/revoke", {"api": "videocentral"})

    assert reason(desk.get("/accounts")) == (401, "revoked_token")
    assert desk.token().status == 200, "refresh tokens are left alone"


def test_the_scheme_is_spelled_as_one_likes(desk: Desk) -> None:
    answer = desk.mock.get(f"{BASE}/accounts", headers={"Authorization": f"bearer {desk.env['TOKEN']}"})

    assert answer.status == 200


def test_a_token_finds_its_world_and_is_foreign_in_another(desk: Desk) -> None:
    created = [desk.mock.post("/_testcard/worlds", json={}).json for _ in range(2)]
    token = created[0]["env"]["TESTCARD_VIDEOCENTRAL_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}

    assert desk.mock.get(f"{BASE}/accounts", headers=headers).status == 200
    assert desk.mock.get(f"/~{created[0]['id']}{BASE}/accounts", headers=headers).status == 200
    elsewhere = desk.mock.get(f"/~{created[1]['id']}{BASE}/accounts", headers=headers)
    assert reason(elsewhere) == (401, "foreign_token")


def test_users_see_the_accounts_they_have_a_right_to(desk: Desk) -> None:
    mine, yours = [account["id"] for account in desk.data("/accounts", limit=2)]
    user = desk.grant(accounts=[mine])

    assert [account["id"] for account in user.data("/accounts")] == [mine]
    assert user.get(f"/accounts/{mine}").status == 200
    assert reason(user.get(f"/accounts/{yours}")) == (403, "no_access")
    assert reason(user.get("/accounts/none")) == (404, "not_found")


def test_accounts_of_others_are_hidden_under_another_reading() -> None:
    user = Desk(readings={"VC-16": "not-found"}).grant(accounts=[])

    assert reason(user.get("/accounts/HALYARD1TV")) == (404, "not_found")


def test_a_user_without_accounts_sees_none() -> None:
    assert Desk().grant(accounts=[]).get("/accounts").json == {"total": 0, "next": None, "data": []}
    refused = Desk(dialect="observed").grant(accounts=[]).get("/accounts")
    assert reason(refused) == (403, "no_access")


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


# Explicit rows


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


def test_links_follow_the_worlds_clock(desk: Desk) -> None:
    report = latest(desk, "Content Usage", "Weekly")
    assert datetime.fromisoformat(report["modifiedDate"]) < datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert "X-Amz-Date=20260302T120000Z" in report["downloadUrl"]


def test_tokens_do_not_pile_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_KEPT_TOKENS", 8)
    for _ in range(100):
        assert desk.token().status == 200, "a user's first refresh token stays"

    assert len(list(desk.mock.world.credentials.of("videocentral"))) < 40
