"""Who asks: customers, their personal access tokens, and what they may see.

A token is a UUID in ``x-access-token``. Rights: ``channels`` (ids; all when absent) and ``epg`` (true when absent).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from testcard.data import load
from testcard.exchange import Call, Refused
from testcard.seed import mix, uuid_from
from testcard.world.credentials import Credential, Holder
from testcard.world.world import World

__all__ = [
    "API",
    "HEADER",
    "add_customer",
    "authenticate",
    "customer_id",
    "fixture",
    "has_epg",
    "main_customer",
    "regenerate",
    "token_of",
]

API = "amagi"
HEADER = "x-access-token"
_KIND = "token"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@cache
def fixture() -> Mapping[str, Any]:
    """The customer that every world begins with, and what it has."""
    found: Mapping[str, Any] = load("fixtures/amagi/customer.yaml")
    return found


def main_customer() -> Mapping[str, str]:
    """That customer's ``{"id", "name"}``."""
    customer: Mapping[str, str] = fixture()["customer"]
    return customer


def add_customer(world: World, name: str, grants: Mapping[str, Any]) -> Holder:
    """Know a customer and give out its token."""
    holder = world.credentials.add_holder(Holder(API, name, grants))
    _issue(world, name)
    return holder


def token_of(world: World, holder: Holder) -> str:
    """The newest token of a customer, one that works if there is any."""
    tokens = list(world.credentials.of(API, _KIND, holder.name))
    return max(enumerate(tokens), key=lambda numbered: (not numbered[1].revoked, numbered[0]))[1].secret


def regenerate(world: World, secret: str) -> str:
    """Replace a token: the old one dies at once (ledger AM-04)."""
    old = world.credentials.find(API, _KIND, secret)
    if old is None:
        raise KeyError(secret)
    old.revoked = True
    return _issue(world, old.holder)


def authenticate(call: Call) -> Holder:
    """Return the customer whose token the request carries, or refuse: ledger AM-01, AM-02, AM-05."""
    secret = call.headers.get(HEADER)
    if secret is None:
        raise _refused(call, "AM-02", "missing", f"Missing header {HEADER}")
    credential = call.world.credentials.find(API, _KIND, secret.strip().lower())
    if not _UUID.fullmatch(secret.strip()):
        raise _refused(call, "AM-01", "malformed", f"Invalid header {HEADER}: not a UUID")
    if credential is None:
        raise _refused(call, "AM-01", "unknown", f"Invalid header {HEADER}: not a token of this service")
    if credential.revoked:
        raise _refused(call, "AM-01", "revoked", f"Invalid header {HEADER}: regenerated or revoked")
    if credential.expired(call.now):
        raise _refused(call, "AM-01", "expired", f"Invalid header {HEADER}: expired")
    holder = call.world.credentials.holder(API, credential.holder)
    if holder is None:
        raise _refused(call, "AM-01", "unknown", f"Invalid header {HEADER}: its customer is gone")
    return holder


def customer_id(holder: Holder) -> str:
    """``AMG`` and five digits; the same in every world for the same name."""
    main = main_customer()
    if holder.name == main["name"]:
        return main["id"]
    return str(holder.grants.get("customerId") or f"AMG{mix(API, 'customer', holder.name) % 100_000:05}")


def has_epg(holder: Holder) -> bool:
    """Whether the customer has a programme guide, and with it contents."""
    return holder.grants.get("epg", True) is not False


def _issue(world: World, name: str) -> str:
    secret = uuid_from(world.mint("amagi token"))
    world.credentials.issue(Credential(API, _KIND, secret, name, world.now()))
    return secret


def _refused(call: Call, entry: str, code: str, message: str) -> Refused:
    if call.reading(entry) == "forbidden-403":
        return Refused(403, f"{code}-token", "Invalid header access-token")
    return Refused(401, f"{code}-token", message)
