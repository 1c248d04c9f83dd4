"""Login with Amazon: tokens, who gets them, and what they open (facts A1 to A33)."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from support import Answer
from testcard.apis.videocentral import tokens
from videocentral_desk import BASE, TOKEN_PATH, Desk, reason


@pytest.fixture
def desk() -> Desk:
    return Desk()


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


def test_tokens_do_not_pile_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_KEPT_TOKENS", 8)
    for _ in range(100):
        assert desk.token().status == 200, "a user's first refresh token stays"

    assert len(list(desk.mock.world.credentials.of("videocentral"))) < 40
