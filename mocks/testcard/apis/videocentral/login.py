"""Login with Amazon: the consent, the two grants, and refusals as OAuth words them.

Requests and clients are facts A1, A2 and A8, answers A3 and A6, codes A7, refusals A9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from testcard.apis.videocentral.tokens import ACCESS_TOKEN_S, API, LETTERS, basic, forget_old, issue, mint
from testcard.exchange import Call, Refused, Reply
from testcard.seed import text, uuid_from
from testcard.world.credentials import Credential
from testcard.world.world import World

__all__ = ["LOGIN_PATHS", "NO_STORE", "exchange", "issue_code", "refuse_login"]

LOGIN_PATHS = ("/auth/o2/", "/ap/oa")
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CODE_S = 300


def issue_code(world: World, client_id: str, redirect_uri: str) -> str:
    """Issue an authorization code for the user who owns the client; `Refused` when nobody does."""
    client = world.credentials.find(API, "client", client_id)
    if client is None:
        raise Refused(400, "invalid_request", "The request has an invalid parameter : client_id")
    forget_old(world, "code")
    code = "AN" + text(18, world.mint("authorization code"), alphabet=LETTERS[:52])
    expires = world.now() + timedelta(seconds=_CODE_S)
    issue(world, "code", code, client.holder, expires_at=expires, client_id=client_id, redirect_uri=redirect_uri)
    return code


def exchange(call: Call, form: Mapping[str, str]) -> dict[str, Any]:
    """Answer a token request: the grant is good and the client is who it says."""
    client = _client(call, form)
    if form["grant_type"] == "authorization_code":
        return _from_code(call.world, client, form)
    return _from_refresh_token(call, client, form)


def refuse_login(refused: Refused, call: Call) -> Reply:
    """Put a refusal into the login's words."""
    error, message = refused.code, refused.message
    if refused.code == "unsupported-media-type":
        error, message = "invalid_request", "Malformed request"
    elif refused.code not in ("invalid_request", "invalid_grant", "invalid_client"):
        error, message = _login_error(refused)
    status = 400 if refused.status == 415 else refused.status
    request_id = uuid_from(call.world.mint("videocentral request id"))
    body = {"error_description": message, "error": error, "request_id": request_id}
    return Reply(status, body, headers={**refused.headers, **NO_STORE})


def _from_code(world: World, client: Credential, form: Mapping[str, str]) -> dict[str, Any]:
    _need(form, "code", "redirect_uri")
    code = world.credentials.find(API, "code", form["code"])
    if code is None or code.revoked or code.expired(world.now()) or code.data["client_id"] != client.secret:
        raise _invalid_grant("code")
    if code.data["redirect_uri"] != form["redirect_uri"]:
        raise _invalid_grant("redirect_uri")
    code.revoked = True
    return _answer(world, code.holder, client, mint(world, "refresh", code.holder, client.secret).secret)


def _from_refresh_token(call: Call, client: Credential, form: Mapping[str, str]) -> dict[str, Any]:
    _need(form, "refresh_token")
    old = call.world.credentials.find(API, "refresh", form["refresh_token"])
    if old is None or old.data["client_id"] != client.secret:
        raise _invalid_grant("refresh_token")
    if old.revoked or old.expired(call.now):
        raise _invalid_grant("refresh_token. User may have revoked or didn't grant the permission.")
    refresh_token = old.secret
    if call.reading("VC-07") == "rotates":
        refresh_token = mint(call.world, "refresh", old.holder, client.secret).secret
        old.revoked = call.reading("VC-08") == "revoked"
    return _answer(call.world, old.holder, client, refresh_token)


def _answer(world: World, holder: str, client: Credential, refresh_token: str) -> dict[str, Any]:
    return {
        "access_token": mint(world, "access", holder, client.secret).secret,
        "refresh_token": refresh_token,
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_S,
    }


def _client(call: Call, form: Mapping[str, str]) -> Credential:
    """The client, by its body or by Basic (A8); both only when they agree (VC-43)."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    header = call.headers.get("authorization", "")
    if header:
        named, its_secret = basic(header)
        if not named or client_id not in ("", named) or secret not in ("", its_secret):
            raise _invalid_client()
        client_id, secret = named, its_secret
    _need({"client_id": client_id, "client_secret": secret}, "client_id", "client_secret")
    client = call.world.credentials.find(API, "client", client_id)
    if client is None or client.revoked or client.data["client_secret"] != secret:
        raise _invalid_client()
    return client


def _need(form: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not form.get(name):
            raise Refused(400, "invalid_request", f"The request is missing a required parameter : {name}")


def _invalid_grant(what: str) -> Refused:
    return Refused(400, "invalid_grant", f"The request has an invalid grant parameter : {what}")


def _invalid_client() -> Refused:
    return Refused(401, "invalid_client", "Client authentication failed", headers={"WWW-Authenticate": "Basic"})


def _login_error(refused: Refused) -> tuple[str, str]:
    """The login's words for what the contract found."""
    for problem in refused.problems:
        if problem.name == "/grant_type" and problem.found != "":
            return "unsupported_grant_type", "The authorization grant type is not supported by the authorization server"
        missing = re.search(r'"(\w+)" is a required property', problem.message)
        name = missing[1] if missing else problem.name.removeprefix("/")
        if missing or problem.missing:
            return "invalid_request", f"The request is missing a required parameter : {name or 'grant_type'}"
        return "invalid_request", f"The request has an invalid parameter : {name}"
    return "invalid_request", refused.message
