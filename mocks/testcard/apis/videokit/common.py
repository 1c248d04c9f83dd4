"""What all six product modules share: keys, tenants, roles, and the one shape of a refusal.

A key belongs to one or more tenants and has one role (`fixtures/videokit/world.yaml`). Lists are in `lists`, rows in
`records`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NoReturn
from urllib.parse import parse_qsl

from testcard.apis.videokit.records import Collection, Kind, Row, collection, fixture, millis, new_id, tenant_ids
from testcard.errors import UserError
from testcard.exchange import Api, Call, Refused, Reply, Request
from testcard.seed import hexadecimal
from testcard.world.clock import parse_instant
from testcard.world.credentials import Credential, Holder
from testcard.world.world import World

__all__ = [
    "KEYS",
    "TENANTS",
    "Videokit",
    "conflict",
    "drop_key",
    "issue_key",
    "key_credential",
    "not_found",
    "refuse",
    "role_of",
    "rows_of",
    "service_response",
    "tenant_of",
]

KEYS = "videokit/keys"
TENANTS = "videokit/tenants"
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
}
_MEDIA = re.compile(r"/media/([0-9a-f]{20})/")  # a link to something that plays names its world (`links`)
_OUR_CODES = ("no-such-path", "method-not-allowed", "not-acceptable", "unsupported-media-type", "invalid-request", "")


def refuse(status: int, message: str, code: str = "") -> NoReturn:
    """Refuse a request; *code* replaces the status's own word."""
    raise Refused(status, code, message)


def not_found(what: str, key: str) -> NoReturn:
    """Refuse because there is nothing of that id."""
    refuse(404, f"{what} not found: {key}")


def conflict(message: str) -> NoReturn:
    """Refuse because the state of things does not allow it."""
    refuse(409, message)


def tenant_of(call: Call) -> str:
    """The id of the tenant a call is about."""
    if call.holder is None:
        raise RuntimeError("a secured operation has a holder")
    return str(call.holder.grants["tenant"])


def rows_of(call: Call, kind: Kind) -> Collection:
    """The collection of a kind in the call's tenant."""
    return collection(call.world, tenant_of(call), kind)


def service_response(call: Call, message: str, *, failed: int | None = None, shown: str = "status") -> dict[str, Any]:
    """One row of a delete-many answer.

    *failed* is the HTTP status of a failure. *shown* is what a successful row of this page has beside its code
    (``status``, ``message`` or ``both``); failed rows have all (ledger VK-004, VK-005).
    """
    full = failed is not None or shown == "both" or call.reading("VK-005") == "complete"
    code = "success" if failed is None else "common_1" if call.reading("VK-004") == "common-1" else "error"
    status: dict[str, Any] = {"code": code}
    if full or shown == "status":
        status["status"] = failed or 200
    if full or shown == "message":
        status["message"] = message
    return {"status": status, "success": failed is None}


def role_of(key: str) -> dict[str, Any] | None:
    """The role of that id or name, in any case."""
    wanted = key.lower()
    return next((role for role in fixture()["roles"] if wanted in (role["id"], role["name"].lower())), None)


def issue_key(world: World, name: str, role: str, tenants: list[str], *, created: int | None = None) -> Row:
    """Make a key with the role of that id: a row among the keys, and a credential that works at once.

    The id is claimed like the secret, because under one reading it is the key (ledger VK-088).
    """
    identity, now = new_id(world), world.now()
    secret = hexadecimal(40, world.seed, world.origin, "videokit key", world.mint("videokit key"))
    made = millis(now) if created is None else created
    row: Row = {"id": identity, "name": name, "role": role, "tenants": tenants, "secret": secret, "created": made}
    world.store.put(KEYS, identity, row)
    world.credentials.add_holder(Holder("videokit", identity, {"role": role, "tenants": tenants}))
    world.credentials.issue(Credential("videokit", "api-key", secret, identity, now))
    world.credentials.issue(Credential("videokit", "key-id", identity, identity, now, lasting=True))
    return row


def drop_key(world: World, row: Row) -> None:
    """Delete a key with everything that was issued for it."""
    world.store.delete(KEYS, row["id"])
    for credential in list(world.credentials.of("videokit", holder=row["id"])):
        world.credentials.forget(credential)


class Videokit(Api):
    """What the six modules have in common: who calls, for which tenant, and how they are refused."""

    name: ClassVar[str] = "videokit"
    token_operations: ClassVar[frozenset[str]] = frozenset({"issue_token"})

    def open(self, world: World) -> None:
        """Set up tenants and keys, once for all modules."""
        if world.store.count(TENANTS):
            return
        given = fixture()
        tenants = tenant_ids(world)
        for identity, tenant in zip(tenants, given["tenants"], strict=True):
            world.store.put(TENANTS, identity, {"id": identity, **tenant})
        for key in given["keys"]:
            created = millis(parse_instant(key["created"]))
            issue_key(world, key["name"], key["role"], tenants[:1], created=created)

    def identify(self, request: Request) -> Iterable[str]:
        """The key, the bearer token, the token of a media link, or the client secret of a token request."""
        key, bearer = request.header("x-api-key"), _bearer(request.headers)
        yield from filter(None, (key, bearer))
        if shown := _MEDIA.search(request.path):
            yield shown[1]
        if request.path.rstrip("/").endswith("/oauth/token"):
            fields = dict(parse_qsl(request.content().decode("utf-8", "replace")))
            yield from filter(None, (fields.get("client_secret"), fields.get("client_id")))

    def authenticate(self, call: Call) -> Holder:
        """Say who calls and for which tenant; the role must allow the operation."""
        key = _key_of(call)
        role = role_of(key["role"])
        operation = call.operation.id if call.operation else ""
        if operation.endswith(("_api_key", "_api_keys")) and not (role and role["manages_keys"]):
            refuse(403, "only an Admin key manages API keys")
        if not operation.startswith(("get_", "list_")) and not (role and role["writes"]):
            refuse(403, f"a key of the role {role['name'] if role else key['role']} may only read")
        tenant = _choose_tenant(call, key["tenants"])
        return Holder("videokit", key["id"], {"role": key["role"], "tenants": key["tenants"], "tenant": tenant})

    def page_of(self, query: Mapping[str, list[str]]) -> int:
        """The page a query asks for; names are matched without case."""
        return super().page_of({name.lower(): values for name, values in query.items()})

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """Our one shape: a ServiceResponse that failed (ledger VK-003)."""
        code = _CODES.get(refused.status, "error") if refused.code in _OUR_CODES else refused.code
        status = {"code": code, "status": refused.status, "message": refused.message}
        reply = Reply.json({"status": status, "success": False}, refused.status)
        reply.headers.update(refused.headers)
        return reply

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """Where the modules are, the key, and the tenant it is for."""
        keys = [each.secret for each in world.credentials.of("videokit", "api-key", holder.name) if not each.revoked]
        tenant = world.store.get(TENANTS, holder.grants["tenants"][0])
        return {
            "URL": f"{root}/videokit",
            "API_KEY": keys[-1] if keys else "",
            "TENANT_ID": tenant["id"],
            "TENANT_NAME": tenant["name"],
        }

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """Add a key; *grants* may name its ``role`` (id or name) and its ``tenants`` (ids or names, or ``all``)."""
        role = role_of(str(grants.get("role", "Admin")))
        if role is None:
            raise UserError(f"role {grants['role']!r}: there are {', '.join(r['name'] for r in fixture()['roles'])}")
        row = issue_key(world, name, role["id"], _tenants_named(world, grants.get("tenants")))
        holder = world.credentials.holder("videokit", row["id"])
        if holder is None:
            raise RuntimeError("a new key has a holder")
        return holder

    def regenerate(self, world: World, secret: str) -> str:
        """Give a key another value."""
        old = world.credentials.find("videokit", "api-key", secret)
        row = world.store.get(KEYS, old.holder) if old else None
        if old is None or row is None:
            raise UserError("that is no API key of this world")
        fresh = hexadecimal(40, world.seed, world.origin, "videokit key", world.mint("videokit key"))
        world.credentials.forget(old)
        world.credentials.issue(Credential("videokit", "api-key", fresh, old.holder, world.now()))
        world.store.put(KEYS, row["id"], {**row, "secret": fresh})
        return fresh


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _key_of(call: Call) -> Row:
    """The row of the key a call carries, by itself or through a token."""
    sent, bearer = call.headers.get("x-api-key", ""), _bearer(call.headers)
    if not sent and not bearer:
        refuse(401, "no X-Api-Key header, and no bearer token")
    credential = key_credential(call, sent) if sent else call.world.credentials.find("videokit", "access-token", bearer)
    kind = "API key" if sent else "access token"
    if credential is None:
        refuse(401, f"the {kind} is unknown")
    if credential.revoked:
        refuse(401, f"the {kind} was revoked")
    if credential.expired(call.now):
        refuse(401, f"the {kind} has expired")
    row: Row | None = call.world.store.get(KEYS, credential.holder)
    if row is None:
        refuse(401, f"the {kind} belongs to a key that was deleted")
    return row


def key_credential(call: Call, sent: str) -> Credential | None:
    """The credential of the key that was sent: by its value, or by its id where that is the value (ledger VK-088)."""
    find = call.world.credentials.find
    found = find("videokit", "api-key", sent)
    if found is not None or call.reading("VK-088") != "id-is-key" or find("videokit", "key-id", sent) is None:
        return found
    row = call.world.store.get(KEYS, sent)
    return find("videokit", "api-key", row["secret"]) if row else None


def _choose_tenant(call: Call, own: list[str]) -> str:
    """The tenant named by header or host, or the only one there is (ledger VK-001, VK-002)."""
    sent = call.headers.get("x-tenant-id", "").strip().lower()
    host = call.address.host.get("tenant_name", "")
    if not sent:
        rule = call.reading("VK-001")
        if rule == "always" or (rule == "one-tenant" and len(own) == 1):
            refuse(400, "header 'X-Tenant-Id' is required, and was not sent")
    named = {sent} if sent else set()
    if host:
        named.add(next((t["id"] for _, t in call.world.store.scan(TENANTS) if t["name"] == host), host))
    if not named and len(own) > 1:
        refuse(400, f"the key sees {len(own)} tenants: header 'X-Tenant-Id' must name one")
    chosen = named.pop() if named else own[0]
    if named or chosen not in own:
        _refuse_tenant(call, "the host names another tenant than the header" if named else f"not of tenant {chosen}")
    return chosen


def _refuse_tenant(call: Call, message: str) -> NoReturn:
    statuses = {"forbidden": 403, "not-found": 404, "unauthorized": 401}
    refuse(statuses[call.reading("VK-002")], f"the key may not do this: {message}")


def _tenants_named(world: World, wanted: Any) -> list[str]:
    known = [tenant for _, tenant in world.store.scan(TENANTS)]
    if wanted == "all":
        return [tenant["id"] for tenant in known]
    names = [wanted] if isinstance(wanted, str) else wanted or [known[0]["id"]]
    found = [tenant["id"] for name in names for tenant in known if name in (tenant["id"], tenant["name"])]
    if len(found) < len(names):
        raise UserError(f"tenants {names}: there are {', '.join(tenant['name'] for tenant in known)}")
    return found
