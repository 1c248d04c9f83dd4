"""Clients and tokens of a world, and what is wrong with a bad one.

Formats and lifetimes are facts A3 to A8. Every secret grows from the world's seed and name, so no two
worlds share one. The last digits of a token are a checksum: a token of another world is told from an invented one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from testcard.exchange import Call, Refused, Request
from testcard.seed import hexadecimal, text
from testcard.world.credentials import Credential, Holder
from testcard.world.world import World

__all__ = [
    "ACCESS_TOKEN_S",
    "API",
    "LETTERS",
    "basic",
    "bearer",
    "enrol",
    "forget_old",
    "issue",
    "mint",
    "renew",
    "secrets_of",
    "token_of",
]

API = "videocentral"
ACCESS_TOKEN_S = 3600
_ACCESS = re.compile(r"Atza\|[A-Za-z0-9_\-]{345,2043}", re.ASCII)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PREFIX = {"access": "Atza|IwEBI", "refresh": "Atzr|IwEBI"}
_KEPT_TOKENS = 4096


def enrol(world: World, holder: Holder) -> Holder:
    """Know a user with a client of its own, a refresh token and an access token."""
    world.credentials.add_holder(holder)
    name = ("videocentral", world.origin, holder.name)
    client_id = "amzn1.application-oa2-client." + hexadecimal(32, world.seed, *name, "client id")
    secret = "amzn1.oa2-cs.v1." + hexadecimal(64, world.seed, *name, "client secret")
    issue(world, "client", client_id, holder.name, lasting=True, client_secret=secret)
    mint(world, "refresh", holder.name, client_id)
    mint(world, "access", holder.name, client_id)
    return holder


def token_of(world: World, holder: Holder, kind: str) -> Credential:
    """The holder's newest good token of a kind (``client``, ``refresh``, ``access``); a new one when none is left."""
    known = [each for each in world.credentials.of(API, kind, holder.name) if not each.revoked]
    good = [each for each in known if not each.expired(world.now())]
    if good:
        return good[-1]
    client = next(world.credentials.of(API, "client", holder.name))
    return mint(world, kind, holder.name, client.secret)


def renew(world: World, secret: str) -> str | None:
    """Revoke a token and issue another of its kind; None when *secret* is no token of this world."""
    for kind in ("access", "refresh"):
        old = world.credentials.find(API, kind, secret)
        if old is not None:
            old.revoked = True
            return mint(world, kind, old.holder, old.data["client_id"]).secret
    return None


def secrets_of(request: Request) -> Iterable[str]:
    """What a request carries: a token, or the form and header of a token request."""
    header = request.header("authorization")
    if header:
        yield header.partition(" ")[2].strip()
        yield basic(header)[0]
    if request.path.endswith("/token") and "form" in request.header("content-type"):
        form = dict(parse_qsl(request.content().decode("utf-8", "replace")))
        yield from (form[name] for name in ("refresh_token", "code", "client_id") if name in form)
    if request.path.endswith("/ap/oa"):
        yield dict(parse_qsl(request.query)).get("client_id", "")


def bearer(call: Call) -> Holder:
    """Say whose access token a call carries, or refuse it with the reason."""
    header = call.headers.get("authorization", "")
    if not header:
        raise _unauthorized("missing_token", "The request has no Authorization header.")
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        raise _unauthorized("malformed_token", "The Authorization header is not of the form: Bearer Atza|...")
    credential = call.world.credentials.find(API, "access", token)
    if credential is None:
        raise _not_ours(call.world, token)
    if credential.revoked:
        raise _unauthorized("revoked_token", "The access token has been revoked.")
    if credential.expired(call.now):
        raise _unauthorized("expired_token", "The access token has expired.")
    holder = call.world.credentials.holder(API, credential.holder)
    if holder is None:
        raise _unauthorized("unknown_token", "The access token's user is not known any more.")
    return holder


def basic(header: str) -> tuple[str, str]:
    """Client id and secret of a Basic header, or two empty strings."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (ValueError, binascii.Error):
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote(client_id), unquote(secret)


def _not_ours(world: World, token: str) -> Refused:
    if world.credentials.find(API, "refresh", token):
        return _unauthorized("foreign_token", "This is a refresh token; exchange it for an access token first.")
    if "%7c" in token.lower():
        return _unauthorized("malformed_token", "The token's bar is percent-encoded; in a header it stands as it is.")
    if not _ACCESS.fullmatch(token):
        return _unauthorized("malformed_token", "The token is not of the form of an access token: Atza|...")
    if token.endswith(_checksum(token[:-12])):
        return _unauthorized("foreign_token", "The access token was issued elsewhere.")
    return _unauthorized("unknown_token", "The access token was never issued.")


def _unauthorized(reason: str, message: str) -> Refused:
    error = "" if reason == "missing_token" else ', error="invalid_token"'
    challenge = {"WWW-Authenticate": f'Bearer realm="Video Central"{error}'}
    return Refused(401, reason, message, headers=challenge)


def mint(world: World, kind: str, holder: str, client_id: str) -> Credential:
    """Issue a new token; access tokens live for an hour of the world's time."""
    body = _PREFIX[kind] + text(360, world.mint(f"videocentral {kind}"), alphabet=LETTERS)
    expires = world.now() + timedelta(seconds=ACCESS_TOKEN_S) if kind == "access" else None
    forget_old(world, kind)
    return issue(world, kind, body + _checksum(body), holder, kind == "refresh", expires, client_id=client_id)


def _checksum(body: str) -> str:
    return hexadecimal(12, "videocentral token", body)


def issue(
    world: World, kind: str, secret: str, holder: str, lasting: bool = False, expires_at: Any = None, **data: str
) -> Credential:
    """Make a secret of this kind valid from now on."""
    return world.credentials.issue(
        Credential(API, kind, secret, holder, world.now(), expires_at, lasting=lasting, data=data)
    )


def forget_old(world: World, kind: str) -> None:
    """Keep a bounded number of tokens, the latest and each user's first: a server may run for weeks."""
    counter = f"videocentral/minted {kind}"
    minted: int = world.shelf.get(counter, 0) + 1
    world.shelf[counter] = minted
    if minted % _KEPT_TOKENS:
        return
    firsts: set[str] = set()
    for credential in list(world.credentials.of(API, kind))[:-_KEPT_TOKENS]:
        if credential.holder in firsts:
            world.credentials.forget(credential)
        firsts.add(credential.holder)
