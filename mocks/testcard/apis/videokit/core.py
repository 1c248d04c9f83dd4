"""Core: the tenant's status and its API keys, which work and stop working at once.

Document 002, Core; the legacy token call is an extension (fact C1).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from testcard.apis.videokit.common import (
    KEYS,
    TENANTS,
    Videokit,
    conflict,
    drop_key,
    issue_key,
    key_credential,
    not_found,
    role_of,
    tenant_of,
)
from testcard.apis.videokit.lists import ordered, page_of, text_in
from testcard.apis.videokit.records import Kind, Row, stamp
from testcard.exchange import Call, Refused, Reply
from testcard.seed import hexadecimal
from testcard.world.credentials import Credential

__all__ = ["Core"]

_TOKEN_S = 3600
_OAUTH = {400: "invalid_request", 401: "invalid_client"}


class Core(Videokit):
    """The six operations of Core, and the token call."""

    contract: ClassVar[str] = "videokit/core"

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """The token call is refused as RFC 6749 has it, everything else as everywhere."""
        if call.operation is None or call.operation.id != "issue_token":
            return super().refuse(refused, call)
        granted = all(problem.name != "/grant_type" for problem in refused.problems)
        error = _OAUTH.get(refused.status, "invalid_request") if granted else "unsupported_grant_type"
        return Reply.json({"error": error, "error_description": refused.message}, refused.status)

    def get_tenant_status(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 - the parameter's name
        """The status of a tenant that the key sees (ledger VK-094)."""
        own = call.holder.grants["tenants"] if call.holder else ()
        tenant = call.world.store.get(TENANTS, id.lower())
        if tenant is None or tenant["id"] not in own:
            not_found("tenant", id)
        return {"status": tenant["status"], "message": tenant["message"]}

    def list_api_keys(
        self, call: Call, *, query: str | None, sort: str | None, desc: bool, page: int, limit: int
    ) -> dict[str, Any]:
        """A page of the tenant's keys."""
        rows = ordered(call, _Keys(call), text_in(call, query, _KEYS), sort, desc)
        size = 100 if call.reading("VK-090") == "ignored" else limit
        return page_of(call, rows, size, page, lambda row: _listed(call, row))

    def get_api_key(self, call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002
        """One key."""
        return _shown(call, _key(call, id))

    def create_api_key(self, call: Call, *, body: Row) -> Reply:
        """Make a key for this tenant; where its value is learned is ledger VK-088."""
        role = _role(body["roleId"])
        row = issue_key(call.world, body["name"], role, [tenant_of(call)])
        shown = _shown(call, row)
        if call.reading("VK-088") == "value-once":
            shown["value"] = row["secret"]
        return Reply.json(shown, 201 if call.reading("VK-028") == "created" else 200)

    def update_api_key(self, call: Call, *, id: str, body: Row) -> dict[str, Any]:  # noqa: A002
        """Give a key another name and role; both hold from the next call on."""
        row, role = _key(call, id), _role(body["roleId"])
        if role != row["role"]:
            _guard_last_admin(call, row)
        changed = row | {"name": body["name"], "role": role}
        call.world.store.put(KEYS, row["id"], changed)
        return _shown(call, changed)

    def delete_api_key(self, call: Call, *, id: str) -> Reply:  # noqa: A002
        """Delete a key, and with it every token made with it."""
        row = _key(call, id)
        _guard_last_admin(call, row)
        drop_key(call.world, row)
        return Reply(200 if call.reading("VK-029") == "ok" else 204)

    def issue_token(self, call: Call, *, body: Row) -> dict[str, Any]:
        """A bearer token for a key; its id is the client's id, its value the client's secret (our choice)."""
        world = call.world
        known = key_credential(call, body["client_secret"])
        if known is None or known.holder != body["client_id"] or known.revoked or known.expired(call.now):
            raise Refused(401, "", "the client is unknown, or its secret is wrong")
        token = hexadecimal(64, world.mint("videokit token"))
        ends = call.now + timedelta(seconds=_TOKEN_S)
        world.credentials.issue(Credential("videokit", "access-token", token, known.holder, call.now, ends))
        return {"access_token": token, "expires_in": _TOKEN_S, "token_type": "Bearer"}


def _role_name(row: Row, _now: int) -> str:
    role = role_of(row["role"])
    return str(role["name"] if role else row["role"])


_KEYS = Kind(
    "keys",
    sorts={
        "id": lambda row, _: row["id"],
        "name": lambda row, _: row["name"],
        "roleid": lambda row, _: row["role"],
        "rolename": _role_name,
        "createdat": lambda row, _: row["created"],
    },
    names=lambda row: (row["name"], _role_name(row, 0)),
)


class _Keys:
    """The keys of the call's tenant, as the source of a list."""

    kind = _KEYS

    def __init__(self, call: Call) -> None:
        tenant, store = tenant_of(call), call.world.store
        self._rows = [row for _, row in store.scan(KEYS) if tenant in row["tenants"]]

    def state(self, now: int) -> tuple[tuple[str, str, str], ...]:
        """There are few keys, and their values are compared."""
        return tuple((row["id"], row["name"], row["role"]) for row in self._rows)

    def rows(self) -> Any:
        """Every key."""
        return iter(self._rows)


def _key(call: Call, identity: str) -> Row:
    row: Row | None = call.world.store.get(KEYS, identity)
    if row is None or tenant_of(call) not in row["tenants"]:
        not_found("API key", identity)
    return row


def _role(wanted: str) -> str:
    role = role_of(wanted)
    if role is None:
        not_found("role", wanted)
    return str(role["id"])


def _guard_last_admin(call: Call, row: Row) -> None:
    """Under one reading somebody must remain who manages keys (ledger VK-092)."""
    if call.reading("VK-092") == "allowed":
        return
    others = (each for _, each in call.world.store.scan(KEYS) if each["id"] != row["id"])
    if not any(tenant_of(call) in each["tenants"] and _manages(each) for each in others) and _manages(row):
        conflict("this is the tenant's last Admin key")


def _manages(row: Row) -> bool:
    role = role_of(row["role"])
    return bool(role and role["manages_keys"])


def _shown(call: Call, row: Row) -> dict[str, Any]:
    shown = {"id": row["id"], "name": row["name"], "roleId": row["role"]}
    return _listed(call, row) if call.reading("VK-087") == "everywhere" else shown


def _listed(call: Call, row: Row) -> dict[str, Any]:
    created = stamp(call.world, row["created"])
    shown = {"id": row["id"], "name": row["name"], "roleName": _role_name(row, 0), "roleId": row["role"]}
    return shown | {"createdAt": created}
