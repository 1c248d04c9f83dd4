"""Tokens of IBM Video Streaming: how a client comes by one, and every way one can be bad."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from ibmvideo_desk import DAY, Desk, errors, pointers


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_client_credentials_give_a_jwt_that_works(desk: Desk) -> None:
    answer = desk.ask_token(desk.credentials, token_type="jwt")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert set(answer.json) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("bearer", 86400)
    assert desk.get("/views", token=answer.json["access_token"], query=DAY).status == 200


def test_the_jwt_is_signed_and_says_who_and_until_when(desk: Desk) -> None:
    token = desk.ask_token(desk.credentials, token_type="jwt").json["access_token"]

    claims = jwt.decode(token, options={"verify_signature": False})

    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert claims["iss"] == "https://video.ibm.com"
    assert claims["exp"] - claims["iat"] == 86400


@pytest.mark.parametrize("where", ["absent", "query"])
def test_without_token_type_in_the_body_the_token_is_opaque_and_refused(desk: Desk, where: str) -> None:
    url = "/ibmvideo/oauth2/token" + ("?token_type=jwt" if where == "query" else "")
    token = desk.mock.post(url, form=desk.credentials).json["access_token"]

    assert len(token) == 40
    assert "opaque" in errors(desk.get("/views", token=token, query=DAY), 401)[0]["detail"]


def test_the_raw_secret_behind_basic_is_a_proof(desk: Desk) -> None:
    form = desk.credentials
    secret = form.pop("client_secret")

    assert desk.ask_token(form, authorization=f"Basic {secret}").status == 200


def test_the_usual_base64_pair_is_refused(desk: Desk) -> None:
    form = desk.credentials
    pair = base64.b64encode(f"{form['client_id']}:{form.pop('client_secret')}".encode()).decode()

    answer = desk.ask_token(form, authorization=f"Basic {pair}")

    assert (answer.status, answer.json["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "password"}, 501, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 400, "invalid_client"),
        ({"client_secret": "wrong"}, 400, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_client"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "0" * 40}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "0" * 40}, 400, "invalid_grant"),
    ],
)
def test_token_errors(desk: Desk, change: Mapping[str, Any], status: int, error: str) -> None:
    form = {name: value for name, value in {**desk.credentials, **change}.items() if value is not None}

    answer = desk.ask_token(form)

    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["error_description"]


def test_a_json_body_is_an_invalid_request(desk: Desk) -> None:
    answer = desk.mock.post("/ibmvideo/oauth2/token", json=desk.credentials)

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_a_refresh_replaces_both_tokens(desk: Desk) -> None:
    first = desk.ask_token(desk.credentials, token_type="jwt").json
    refresh = {**desk.credentials, "grant_type": "refresh_token", "token_type": "jwt"}

    second = desk.ask_token(refresh, refresh_token=first["refresh_token"])

    assert second.status == 200
    assert second.json["access_token"] != first["access_token"]
    assert second.json["refresh_token"] != first["refresh_token"]
    again = desk.ask_token(refresh, refresh_token=first["refresh_token"])
    assert (again.status, again.json["error"]) == (400, "invalid_grant")


def test_a_refresh_token_lasts_thirty_days() -> None:
    desk = Desk(now="2026-03-01T00:00:00Z")
    token = desk.ask_token(desk.credentials).json["refresh_token"]
    refresh = {**desk.credentials, "grant_type": "refresh_token", "refresh_token": token}

    desk.at("2026-03-31T00:00:00Z")

    assert desk.ask_token(refresh).json["error"] == "invalid_grant"


def test_a_code_is_good_once_at_its_address(desk: Desk) -> None:
    wanted = {"response_type": "code", "client_id": desk.environment["CLIENT_ID"], "state": "s t"[0]}
    back = "https://client.test/back"
    there = desk.mock.get("/ibmvideo/authorize", params={**wanted, "redirect_uri": back})
    assert there.status == 302
    sent = dict(parse_qsl(urlsplit(there.headers["Location"]).query))
    assert sent["state"] == "s"
    form = {**desk.credentials, "grant_type": "authorization_code", "code": sent["code"], "token_type": "jwt"}

    assert desk.ask_token(form, redirect_uri="https://other.test/").json["error"] == "invalid_grant"
    answer = desk.ask_token(form, redirect_uri=back)
    assert desk.get("/views", token=answer.json["access_token"], query=DAY).status == 200
    assert desk.ask_token(form, redirect_uri=back).json["error"] == "invalid_grant"


def test_an_id_token_comes_with_openid_only(desk: Desk) -> None:
    assert "id_token" in desk.ask_token(desk.credentials, scope="openid").json
    assert "id_token" not in desk.ask_token(desk.credentials, scope="offline").json


def test_a_revoked_token_is_refused_and_a_bad_one_is_answered_alike(desk: Desk) -> None:
    token = desk.ask_token(desk.credentials, token_type="jwt").json["access_token"]

    for each in (token, "no token at all"):
        assert desk.mock.post("/ibmvideo/oauth2/token/revoke", form={"token": each}).status == 200

    assert "revoked" in errors(desk.get("/views", token=token, query=DAY), 401)[0]["detail"]


def test_every_way_a_token_can_be_bad_is_a_401(desk: Desk) -> None:
    claims = jwt.decode(desk.token, options={"verify_signature": False})
    bad = {
        "": "required",
        f"Bearer {desk.token}": "Bearer",
        f"Basic {desk.token}": "Basic",
        "not.a.jwt": "no JWT",
        desk.token[:-4] + "AAAA": "ignature",
        jwt.encode(claims, "another key of thirty-two octets!", algorithm="HS256"): "ignature",
        jwt.encode(claims, "", algorithm="none"): "no JWT",
        Desk(seed=2).token: "ignature",
    }
    for token, reason in bad.items():
        answer = desk.get("/views", token=token, query=DAY)
        assert pointers(answer, 401) == ["/header/Authorization"]
        assert reason in answer.text, (token, answer.text)


def test_no_authorization_header_is_a_401(desk: Desk) -> None:
    assert pointers(desk.mock.get("/ibmvideo/v1/viewers"), 401) == ["/header/Authorization"]


def test_a_token_expires_on_the_worlds_clock() -> None:
    desk = Desk(now="2026-03-01T00:00:00Z")
    desk.at("2026-03-01T23:59:59Z")
    assert desk.get("/views", query=DAY).status == 200

    desk.at("2026-03-02T00:00:00Z")

    assert "expired" in errors(desk.get("/views", query=DAY), 401)[0]["detail"]


def test_a_token_finds_its_world_and_is_foreign_in_another(desk: Desk) -> None:
    made = desk.mock.post("/_testcard/worlds", json={"profile": "empty", "now": "2026-03-02T12:00:00Z"}).json
    token = made["env"]["TESTCARD_IBMVIDEO_TOKEN"]

    assert desk.get("/views", token=token, query=DAY).json["resources"] == []
    foreign = desk.mock.get(f"/~{made['id']}/ibmvideo/v1/views", headers={"Authorization": desk.token}, params=DAY)
    assert foreign.status == 401


def test_the_token_service_answers_by_its_host(desk: Desk) -> None:
    for host in ("video.ibm.com", "www.ustream.tv"):
        assert desk.mock.post(f"https://{host}/oauth2/token", form=desk.credentials).status == 200


def test_a_customer_of_one_channel_sees_that_channel(desk: Desk) -> None:
    body = {"api": "ibmvideo", "grants": {"channels": ["halyard-sport"]}}
    made = desk.mock.post("/_testcard/worlds/default/credentials", json=body)
    assert made.status == 201, made.text
    token = next(value for name, value in made.json.items() if name.endswith("IBMVIDEO_TOKEN"))

    seen = desk.attributes("/views", DAY, token=token)

    assert {(each["content_type"], each["content_id"]) for each in seen} == {("live", "90210")}


def test_a_regenerated_token_works_and_the_old_one_dies() -> None:
    desk = Desk()
    made = desk.mock.post("/_testcard/worlds/default/tokens/regenerate", json={"api": "ibmvideo"})

    assert made.status == 200, made.text
    assert desk.get("/views", token=made.json["token"], query=DAY).status == 200
    assert "revoked" in errors(desk.get("/views", query=DAY), 401)[0]["detail"]


def test_a_client_secret_is_not_regenerated() -> None:
    desk = Desk()
    body = {"api": "ibmvideo", "token": desk.environment["CLIENT_SECRET"]}

    assert desk.mock.post("/_testcard/worlds/default/tokens/regenerate", json=body).status == 400
