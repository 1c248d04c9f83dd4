"""Tokens: who may call, and how a client comes by its JWT.

A client proves itself with its raw secret, behind ``Basic`` or in the body. The analytics take a bare JWT alone: an
opaque token, which the same service gives to a client that does not ask for a JWT, is refused.

Source: document 003, Authentication and Obtaining the Access token; facts I1 to I9; ledger IB-46 and IB-52 to IB-56.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from testcard.exchange import Call, Problem, Refused, Reply, Request, encode_query
from testcard.seed import hexadecimal
from testcard.world.credentials import Credential, Holder
from testcard.world.world import World

if TYPE_CHECKING:
    from jwt import PyJWT

__all__ = [
    "NAME",
    "add_customer",
    "authenticate",
    "authorize",
    "current_token",
    "issue_token",
    "request",
    "revoke",
    "secrets",
]

NAME = "ibmvideo"
_ISSUER = "https://video.ibm.com"
_REFRESH_LIFE = timedelta(days=30)
_CODE_LIFE = timedelta(minutes=10)
_LIFE = {"one-day": timedelta(days=1), "one-hour": timedelta(hours=1)}
_FORM_SECRETS = ("client_secret", "refresh_token", "code", "token")


def add_customer(world: World, name: str, grants: Mapping[str, Any]) -> Holder:
    """Add a customer with a client of its own and a first JWT; *grants* may name ``channels``."""
    holder = world.credentials.add_holder(Holder(NAME, name, grants))
    client_id, secret = (_mint(world, label, 40) for label in ("client id", "client secret"))
    data = {"client_id": client_id}
    world.credentials.issue(Credential(NAME, "client", secret, name, world.now(), lasting=True, data=data))
    issue_token(world, name, jwt=True)
    return holder


def secrets(sent: Request) -> Iterable[str]:
    """The secrets in the Authorization header or in a form."""
    header = sent.header("authorization")
    scheme, _, rest = header.partition(" ")
    if rest:
        yield rest.strip()
        if scheme.lower() == "basic" and (pair := _pair(rest.strip())):
            yield pair[1]
    elif header:
        yield header
    if sent.method == "POST" and "form" in sent.header("content-type"):
        fields = dict(parse_qsl(sent.content().decode("utf-8", "replace")))
        yield from (fields[name] for name in _FORM_SECRETS if name in fields)
    if sent.path.endswith("/authorize"):
        yield dict(parse_qsl(sent.query)).get("client_id", "")


def authenticate(call: Call) -> Holder | None:
    """Say whose JWT it is; `Refused` with 401 and the reason otherwise."""
    header = call.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    token = header
    if not header:
        raise _unauthorized(None, "is required: the JWT itself")
    if rest:
        if scheme.lower() != "bearer" or call.reading("IB-46") == "bare-only":
            raise _unauthorized(header, f"begins with {scheme!r}; expected the JWT alone, without a scheme")
        token = rest.strip()
    credential = _checked(call, token)
    return call.world.credentials.holder(NAME, credential.holder)


def request(call: Call, form: Mapping[str, str]) -> Reply:
    """Answer the token endpoint: a pair of tokens for a client's credentials, a code or a refresh token."""
    grant = form["grant_type"]
    if grant not in ("client_credentials", "authorization_code", "refresh_token"):
        status = 501 if call.reading("IB-62") == "vendor" else 400
        raise _refused(status, "unsupported_grant_type", f"grant_type {grant!r} is not supported")
    client = _client(call, form)
    holder = client.holder
    if grant == "authorization_code":
        holder = _spend(call, client, form, "code")
    elif grant == "refresh_token":
        holder = _spend(call, client, form, "refresh_token")
    return _answer(call, holder, jwt=form.get("token_type") == "jwt", openid="openid" in form.get("scope", "").split())


def revoke(call: Call, token: str) -> Reply:
    """Make a token worthless; one that is none is answered alike.

    Source: fact I1.
    """
    for kind in ("access_token", "refresh_token"):
        found = call.world.credentials.find(NAME, kind, token)
        if found is not None:
            found.revoked = True
    return Reply(200)


def authorize(call: Call, client_id: str, redirect_uri: str, state: str | None) -> Reply:
    """Send the browser back with a code that is good once, for ten minutes, at that address."""
    client = _client_of(call, client_id)
    if client is None:
        raise _refused(400, "invalid_client", f"no client has the id {client_id!r}")
    code = _mint(call.world, "code", 40)
    data = {"client_id": client_id, "redirect_uri": redirect_uri}
    issued = Credential(NAME, "code", code, client.holder, call.now, call.now + _CODE_LIFE, lasting=True, data=data)
    call.world.credentials.issue(issued)
    query = encode_query([("code", code), *([("state", state)] if state is not None else [])])
    return Reply(302, headers={"Location": f"{redirect_uri}?{query}"})


def issue_token(world: World, holder: str, *, jwt: bool) -> Credential:
    """Issue an access token: a signed JWT, or 40 hex digits that the analytics refuse."""
    now = world.now()
    expires = now + _LIFE[world.reading("IB-55")]
    serial = _mint(world, "token", 32)
    secret = _sign(world, holder, now, expires, serial) if jwt else _mint(world, "opaque token", 40)
    kind, data = "access_token", {"jwt": jwt}
    return world.credentials.issue(Credential(NAME, kind, secret, holder, now, expires, data=data))


def current_token(world: World, holder: str) -> str:
    """The newest JWT of a holder; a new one where its time is over."""
    issued = [each for each in world.credentials.of(NAME, "access_token", holder) if each.data["jwt"]]
    if not issued or (issued[-1].expired(world.now()) and not issued[-1].revoked):
        return issue_token(world, holder, jwt=True).secret
    return issued[-1].secret


def replace_token(world: World, secret: str) -> str:
    """Revoke an access token and return another for its holder; `NotImplementedError` when it is none."""
    found = world.credentials.find(NAME, "access_token", secret)
    if found is None:
        raise NotImplementedError(f"{NAME}: only access tokens are regenerated")
    found.revoked = True
    return issue_token(world, found.holder, jwt=found.data["jwt"]).secret


def _answer(call: Call, holder: str, *, jwt: bool, openid: bool) -> Reply:
    world = call.world
    access = issue_token(world, holder, jwt=jwt)
    refresh = _mint(world, "refresh token", 40)
    until = call.now + _REFRESH_LIFE
    world.credentials.issue(Credential(NAME, "refresh_token", refresh, holder, call.now, until, lasting=True))
    life = _LIFE[world.reading("IB-55")]
    body = {
        "access_token": access.secret,
        "refresh_token": refresh,
        "token_type": "bearer",
        "expires_in": int(life.total_seconds()),
    }
    if openid:
        body["id_token"] = _sign(world, holder, call.now, call.now + life, _mint(world, "id token", 32))
    return Reply.json(body, 200, content_type="application/json; charset=UTF-8", cache_control="no-store")


def _client(call: Call, form: Mapping[str, str]) -> Credential:
    """The client that the form and the header prove."""
    if "client_id" not in form:
        raise _refused(400, "invalid_request", "client_id is missing")
    client = _client_of(call, form["client_id"])
    if client is None or client.revoked or client.secret not in _proofs(call, form):
        status = 400 if call.reading("IB-62") == "vendor" else 401
        raise _refused(status, "invalid_client", "the client is not known, or its secret is not this")
    return client


def _client_of(call: Call, client_id: str) -> Credential | None:
    clients = call.world.credentials.of(NAME, "client")
    return next((each for each in clients if each.data["client_id"] == client_id), None)


def _proofs(call: Call, form: Mapping[str, str]) -> Iterable[str]:
    """The secrets offered, where the readings let them count."""
    way = call.reading("IB-52")
    if way != "basic-only" and "client_secret" in form:
        yield form["client_secret"]
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    if way != "body-only" and scheme.lower() == "basic":
        yield rest.strip()
        pair = _pair(rest.strip())
        if call.reading("IB-53") == "accepted" and pair and pair[0] == form["client_id"]:
            yield pair[1]


def _spend(call: Call, client: Credential, form: Mapping[str, str], kind: str) -> str:
    """Take a code or a refresh token of this client; return its holder."""
    if kind not in form:
        raise _refused(400, "invalid_request", f"{kind} is missing")
    found = call.world.credentials.find(NAME, kind, form[kind])
    if found is None or found.revoked or found.holder != client.holder:
        raise _refused(400, "invalid_grant", f"the {kind} is not one of this client, was used or was revoked")
    if found.expired(call.now):
        raise _refused(400, "invalid_grant", f"the {kind} has expired")
    if kind == "code" and form.get("redirect_uri") != found.data["redirect_uri"]:
        raise _refused(400, "invalid_grant", "redirect_uri is not the one the code was given for")
    if kind == "code" or call.reading("IB-54") == "rotated":
        found.revoked = True
    return found.holder


def _checked(call: Call, token: str) -> Credential:
    """The credential of a JWT whose signature, time and standing are good."""
    fault = _fault(token, _key(call.world))
    found = call.world.credentials.find(NAME, "access_token", token)
    if fault:
        opaque = "is an opaque token; ask for one with token_type=jwt in the body"
        raise _unauthorized(token, opaque if found else f"is no JWT of this service: {fault}")
    if found is None:
        raise _unauthorized(token, "was not issued here")
    if found.revoked:
        raise _unauthorized(token, "was revoked")
    if found.expired(call.now):
        raise _unauthorized(token, f"expired at {found.expires_at:%Y-%m-%dT%H:%M:%SZ}")
    return found


@lru_cache(maxsize=256)
def _fault(token: str, key: str) -> str:
    """What is wrong with a token's form, claims or signature; it takes a quarter of a small answer to find out."""
    from jwt import InvalidTokenError

    try:
        _decoder().decode(token, key, algorithms=["HS256"], issuer=_ISSUER)
    except InvalidTokenError as error:
        return str(error) or type(error).__name__
    return ""


def _sign(world: World, holder: str, now: datetime, expires: datetime, serial: str) -> str:
    """An HS256 JWT, written out: PyJWT loads cryptography, which would be a fifth of the server's start."""
    claims = {
        "iss": _ISSUER,
        "sub": holder,
        "iat": int(now.timestamp()),
        "exp": int(expires.timestamp()),
        "jti": serial,
    }
    head, body = (_base64(orjson.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.digest(_key(world).encode(), head + b"." + body, "sha256")
    return b".".join((head, body, _base64(signature))).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@cache
def _decoder() -> PyJWT:
    """The library, told not to look at the machine's clock: the world has its own."""
    from jwt import PyJWT

    return PyJWT(options={"verify_exp": False, "verify_iat": False, "verify_nbf": False})


def _key(world: World) -> str:
    return _signing_key(world.seed, world.origin)


@lru_cache(maxsize=1024)
def _signing_key(seed: int, origin: str) -> str:
    return hexadecimal(64, seed, origin, NAME, "signing key")


def _mint(world: World, label: str, length: int) -> str:
    return hexadecimal(length, world.mint(f"{NAME} {label}"))


def _pair(text: str) -> tuple[str, str] | None:
    """The client id and secret of the usual Basic header, if it is one."""
    try:
        name, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, secret) if colon else None


def _refused(status: int, error: str, message: str) -> Refused:
    return Refused(status, error.replace("_", "-"), message, data={"error": error})


def _unauthorized(found: str | None, message: str) -> Refused:
    problem = Problem("header", "Authorization", found, message, missing=found is None)
    return Refused(401, "unauthorized", str(problem), [problem])
