"""The operations of Video Central: two of the login, five lists and the second address of the last.

Source: document 000; what it leaves open is in ``contracts/videocentral.readings.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from testcard.apis.videocentral import login, tokens
from testcard.apis.videocentral.instants import date_or_date_time
from testcard.apis.videocentral.paging import page
from testcard.apis.videocentral.report_types import ReportType
from testcard.apis.videocentral.reports import Filters
from testcard.apis.videocentral.showing import Shower
from testcard.apis.videocentral.tables import TABLES
from testcard.apis.videocentral.tree import Node, Path, tree_of
from testcard.errors import UserError
from testcard.exchange import Api, Call, Refused, Reply, Request
from testcard.world.credentials import Holder
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["VideoCentral"]

_EXCEPTIONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServer",
    503: "ServiceUnavailable",
}
_REASONS = {"invalid-request": "bad_parameter", "no-such-path": "not_found", "method-not-allowed": "method_not_allowed"}
_WHAT = ("account", "report group", "channel or studio", "report type")


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class VideoCentral(Api):
    """Accounts, report groups, channels, report types, reports; and the tokens that open them."""

    name = "videocentral"
    contract = "videocentral"
    formats: ClassVar = {"date-or-date-time": date_or_date_time}
    tables: ClassVar[Mapping[str, Table]] = TABLES
    token_operations: ClassVar = frozenset({"request_token"})

    def open(self, world: World) -> None:
        """One user with all rights, its client, a refresh token and an access token."""
        tokens.enrol(world, Holder(self.name, "default"))

    def identify(self, request: Request) -> Iterable[str]:
        """The token, or what a token request names."""
        return tokens.secrets_of(request)

    def authenticate(self, call: Call) -> Holder:
        """The user of a good access token."""
        return tokens.bearer(call)

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """Addresses, the client and good tokens."""
        client = tokens.token_of(world, holder, "client")
        return {
            "URL": f"{root}/videocentral/apis/v1",
            "TOKEN_URL": f"{root}/videocentral/auth/o2/token",
            "CLIENT_ID": client.secret,
            "CLIENT_SECRET": client.data["client_secret"],
            "REFRESH_TOKEN": tokens.token_of(world, holder, "refresh").secret,
            "TOKEN": tokens.token_of(world, holder, "access").secret,
        }

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """A further user; ``{"accounts": [ids]}`` are the ones it may see, all when left out."""
        unknown = set(grants) - {"accounts"}
        if unknown:
            raise UserError(f"videocentral grants {min(unknown)!r}; expected accounts, a list of account ids")
        accounts = grants.get("accounts", [])
        if not isinstance(accounts, list) or not all(isinstance(each, str) for each in accounts):
            raise UserError(f"videocentral grants accounts {accounts!r}; expected a list of account ids")
        return tokens.enrol(world, Holder(self.name, name, dict(grants)))

    def regenerate(self, world: World, secret: str) -> str:
        """Revoke a token and issue another of its kind."""
        new = tokens.renew(world, secret)
        if new is None:
            raise NotImplementedError("videocentral regenerates access and refresh tokens, and this is neither")
        return new

    def page_of(self, query: Mapping[str, list[str]]) -> int:
        """Offsets count items: which page of that size it is."""
        offset, limit = (_digits(query.get(name, [""])[0]) for name in ("offset", "limit"))
        return (offset or 0) // (limit or 10) + 1

    def relink(self, call: Call, data: Any, page: int) -> bool:
        """Turn the next link of a list to another page of it."""
        if not isinstance(data, dict) or not data.get("next"):
            return False
        limit = _digits(dict(parse_qsl(call.address.query)).get("limit", "")) or 10
        step = limit if call.reading("VC-01") == "items" else 1
        data["next"] = call.address.here(offset=(page - 1) * step, limit=limit)
        return True

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """The login refuses as OAuth does (A9), the API with an exception of our own shape (VC-31)."""
        if call.address.path.startswith(login.LOGIN_PATHS) and refused.code != "no-such-path":
            return login.refuse_login(refused, call)
        exception = _EXCEPTIONS.get(refused.status, "NotAcceptable" if refused.status == 406 else "BadRequest")
        body = {
            "code": f"{exception}Exception",
            "reason": _REASONS.get(refused.code, refused.code.replace("-", "_")),
            "message": refused.message,
        }
        return Reply(refused.status, body, headers=dict(refused.headers))

    def authorize(
        self,
        call: Call,
        *,
        client_id: str,
        response_type: str,
        redirect_uri: str,
        scope: str | None,
        state: str | None,
    ) -> Reply:
        """Consent at once, and send the browser back with a code (A7)."""
        del response_type, scope  # one value each that matters: checked by the contract, and published nowhere
        code = login.issue_code(call.world, client_id, redirect_uri)
        back = {"code": code} if state is None else {"code": code, "state": state}
        return Reply(302, headers={"Location": f"{redirect_uri}?{urlencode(back)}"})

    def request_token(self, call: Call, *, body: dict[str, str]) -> Reply:
        """Exchange a code or a refresh token (A1, A3, A6)."""
        return Reply(200, login.exchange(call, body), headers=dict(login.NO_STORE))

    def list_accounts(self, call: Call, *, limit: int, offset: int) -> dict[str, Any]:
        """The accounts that the user may see."""
        accounts = list(tree_of(call.world).root.children.values())
        if _is_limited(call):
            accounts = [node for node in accounts if _may_see(call, node.row["id"])]
        if not accounts and _is_limited(call) and call.reading("VC-17") == "forbidden":
            raise Refused(403, "no_access", "The user has no right to any account.")
        return _rows(call, [node.row for node in accounts], limit, offset)

    def list_report_groups(self, call: Call, *, account_id: str, limit: int, offset: int) -> dict[str, Any]:
        """The report groups of an account."""
        node = _node(call, (account_id,))
        return _rows(call, [child.row for child in node.children.values()], limit, offset)

    def list_channels(
        self, call: Call, *, account_id: str, reports_group_id: str, limit: int, offset: int
    ) -> dict[str, Any]:
        """The channels or studios of a report group."""
        node = _node(call, (account_id, reports_group_id))
        hidden = call.reading("VC-13") == "sometimes"
        rows = [_without_territory(child) if hidden else child.row for child in node.children.values()]
        return _rows(call, rows, limit, offset)

    def list_report_types(
        self, call: Call, *, account_id: str, reports_group_id: str, channel_id: str, limit: int, offset: int
    ) -> dict[str, Any]:
        """The report types of a channel or studio."""
        node = _node(call, (account_id, reports_group_id, channel_id))
        reading = call.reading("VC-02")
        rows = [_type_row(child.row, reading, at) for at, child in enumerate(node.children.values())]
        return _rows(call, rows, limit, offset)

    def list_reports(
        self,
        call: Call,
        *,
        account_id: str,
        reports_group_id: str,
        channel_id: str,
        report_type_id: str,
        report_date_begin_gte: int | None,
        report_date_begin_lt: int | None,
        modified_date_gte: int | None,
        limit: int,
        offset: int,
    ) -> Reply:
        """The reports of a type that have been generated by now."""
        path = (account_id, reports_group_id, channel_id, report_type_id)
        filters = Filters(report_date_begin_gte, report_date_begin_lt, modified_date_gte)
        found = ReportType(call.world, tree_of(call.world), path, _node(call, path))
        reports = found.select(filters, newest_first=call.reading("VC-11") == "newest-first")
        shown, envelope = page(call, reports, limit, offset)
        if envelope.get("next"):
            envelope["next"] = _address_of_reports(call, envelope["next"])
        return Reply.page(envelope, "data", Shower(call).rows(shown))

    def list_reports_singular(
        self,
        call: Call,
        *,
        account_id: str,
        reports_group_id: str,
        channel_id: str,
        report_type_id: str,
        report_date_begin_gte: int | None,
        report_date_begin_lt: int | None,
        modified_date_gte: int | None,
        limit: int,
        offset: int,
    ) -> Reply:
        """The same at the address of the sample's next link, unless VC-03 says that there is nothing."""
        if call.reading("VC-03") == "refused":
            raise Refused(404, "not_found", "There is nothing at this address; reports are below reportTypes.")
        return self.list_reports(
            call,
            account_id=account_id,
            reports_group_id=reports_group_id,
            channel_id=channel_id,
            report_type_id=report_type_id,
            report_date_begin_gte=report_date_begin_gte,
            report_date_begin_lt=report_date_begin_lt,
            modified_date_gte=modified_date_gte,
            limit=limit,
            offset=offset,
        )


def _rows(call: Call, rows: list[dict[str, Any]], limit: int, offset: int) -> dict[str, Any]:
    shown, envelope = page(call, rows, limit, offset)
    return {**envelope, "data": shown}


def _without_territory(node: Node) -> dict[str, Any]:
    if not node.unnamed_territory:
        return node.row
    return {name: value for name, value in node.row.items() if name != "territory"}


def _type_row(row: Mapping[str, Any], reading: str, at: int) -> dict[str, Any]:
    """A report type under the key or keys that VC-02 gives its id."""
    shown = {name: value for name, value in row.items() if name != "id"}
    if reading in ("id", "both") or (reading == "mixed" and at % 2 == 0):
        shown["id"] = row["id"]
    if reading in ("report-type-id", "both") or (reading == "mixed" and at % 2):
        shown["reportTypeId"] = row["id"]
    return shown


def _node(call: Call, path: Path) -> Node:
    """The node at *path*: 404 for the first id that leads nowhere, 403 (VC-16) for an account of others."""
    node = tree_of(call.world).root
    hidden = _is_limited(call) and not _may_see(call, path[0])
    for level, identity in enumerate(path):
        child = node.children.get(identity)
        if child is None or (hidden and call.reading("VC-16") == "not-found"):
            raise Refused(404, "not_found", f"There is no {_WHAT[level]} {identity!r} here.")
        if hidden:
            raise Refused(403, "no_access", f"The user has no right to the account {identity!r}.")
        node = child
    return node


def _is_limited(call: Call) -> bool:
    return call.holder is not None and "accounts" in call.holder.grants


def _may_see(call: Call, account_id: str) -> bool:
    return not _is_limited(call) or (call.holder is not None and account_id in call.holder.grants["accounts"])


def _address_of_reports(call: Call, link: str) -> str:
    """How a page of reports names the next (VC-04): the resource's own address, or the sample's."""
    if call.reading("VC-04") == "singular":
        return re.sub(r"/reportTypes/([^/?]+)/reports(?=\?|$)", r"/reportType/\1", link)
    if "/reportType/" not in link:
        return link
    return re.sub(r"/reportType/([^/?]+)(?=\?|$)", r"/reportTypes/\1/reports", link)
