"""Apply a world's faults to one call: before it is looked at, to the data it answers, and to the bytes that leave.

Knows HTTP and JSON Schema and no vendor: a refusal is worded by the vendor module, and a page's next link is set by it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from testcard.contract import Checker
from testcard.exchange.api import Api, Call
from testcard.exchange.message import Reply
from testcard.exchange.refusal import Refused, phrase_of
from testcard.exchange.wire import Wire
from testcard.world.faults import Fault
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["disturb_answer", "disturb_bytes", "disturb_request"]

_GATEWAY = """<html>
<head><title>{status} {reason}</title></head>
<body><center><h1>{status} {reason}</h1></center><hr><center>gateway</center></body>
</html>
"""
_FOREIGN = "https://elsewhere.invalid"


def disturb_request(call: Call, api: Api) -> Reply | None:
    """Do what faults do before a call is looked at; a reply ends it there, in the vendor's words or a gateway's."""
    for fault in call.faults:
        if fault.kind in _CREDENTIAL_FAULTS:
            _CREDENTIAL_FAULTS[fault.kind](call.world, api.name)
            call.hit(fault)
        elif fault.kind == "status":
            call.hit(fault)
            return _refusal(fault, call, api)
        elif fault.kind == "redirect":
            call.hit(fault)
            return _redirect(fault, call)
    return None


def disturb_answer(call: Call, api: Api, reply: Reply, checker: Checker | None) -> None:
    """Change the data of an answer, after it was checked: a hostile but possible server."""
    for fault in call.faults:
        if fault.kind == "unknown-field" and isinstance(reply.data, dict | list):
            before, reply.data = reply.data, _with_unknown_fields(reply.data)
            if reply.data != before:
                call.hit(fault)
        elif fault.kind == "null-field" and checker is not None:
            reply.data, changed = _with_nulls(reply.data, checker)
            if changed:
                call.hit(fault)
        elif fault.kind in ("next-repeats", "next-cycles"):
            page = call.page if fault.kind == "next-repeats" else max(1, call.page - fault.option("back", 1))
            if api.relink(call, reply.data, page):
                call.hit(fault)


def disturb_bytes(call: Call, reply: Reply, tables: Mapping[str, Table]) -> None:
    """Change the bytes of an answer, or how they travel; and what happens once it is made."""
    for fault in call.faults:
        if fault.kind in _OF_A_BODY and _size(reply) == 0:
            continue
        if fault.kind in _BODY_FAULTS:
            _BODY_FAULTS[fault.kind](fault, reply)
        elif fault.kind in _WIRE_FAULTS:
            reply.wire = _WIRE_FAULTS[fault.kind](fault, reply).beside(reply.wire)
        elif fault.kind == "rows-changed":
            _change_rows(fault, call.world, tables)
        elif fault.kind == "refresh-token-revoked":
            _revoke_refresh_tokens(call.world, call.api_name, reply)
        else:
            continue
        call.hit(fault)


def _refusal(fault: Fault, call: Call, api: Api) -> Reply:
    status = int(fault.spec["status"])
    headers = _retry_after(fault, call)
    if fault.option("body", "vendor") == "gateway":
        page = _GATEWAY.format(status=status, reason=phrase_of(status))
        return Reply(status, body=page.encode(), media="text/html", headers=headers)
    refused = Refused(
        status, phrase_of(status).lower().replace(" ", "-"), f"a fault of this world answers {status}", headers=headers
    )
    reply = api.refuse(refused, call)
    reply.status = status
    reply.headers.update(headers)
    return reply


def _retry_after(fault: Fault, call: Call) -> dict[str, str]:
    """Seconds, or a date; a date only where the client's clock is the world's."""
    seconds = fault.option("retry_after")
    if seconds is None:
        return {}
    if fault.option("retry_after_form") == "date":
        if call.world.clock.real:
            instant = (call.now + timedelta(seconds=math.ceil(seconds))).replace(microsecond=0)
            return {"Retry-After": format_datetime(instant, usegmt=True)}
        call.note("Retry-After in seconds: a date would be wrong for a client whose clock is not the world's")
    return {"Retry-After": str(math.ceil(seconds))}


def _redirect(fault: Fault, call: Call) -> Reply:
    here = call.address.here()
    target = here if fault.option("to", "same") == "same" else _FOREIGN + call.address.path_here()
    return Reply(fault.option("status", 307), headers={"Location": target})


def _expire(world: World, api: str) -> None:
    for credential in world.credentials.of(api):
        if not credential.lasting:
            credential.expires_at = world.now()


def _revoke(world: World, api: str) -> None:
    for credential in world.credentials.of(api):
        credential.revoked = credential.revoked or not credential.lasting


_CREDENTIAL_FAULTS: Mapping[str, Callable[[World, str], None]] = {"token-expired": _expire, "token-revoked": _revoke}


def _revoke_refresh_tokens(world: World, api: str, reply: Reply) -> None:
    for credential in world.credentials.of(api):
        if credential.kind.startswith("refresh") and credential.secret.encode() not in reply.content():
            credential.revoked = True


def _with_unknown_fields(data: Any) -> Any:
    extra = {"x_testcard_unknown": {"kind": "a field that the contract does not have"}}
    if isinstance(data, list):
        return [{**row, **extra} if isinstance(row, dict) else row for row in data]
    rows = {key: _with_unknown_fields(value) for key, value in data.items() if isinstance(value, list)}
    return {**data, **rows, **extra}


def _with_nulls(data: Any, checker: Checker) -> tuple[Any, bool]:
    """Put null, one place after the other, wherever the schema still accepts the answer."""
    changed = copy.deepcopy(data)
    places = 0
    for holder, key in list(_places(changed)):
        value = holder[key]
        if value is None or isinstance(value, dict | list):
            continue
        holder[key] = None
        if checker.accepts(changed):
            places += 1
        else:
            holder[key] = value
    return changed, places > 0


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key), for lists only in their first rows: they are all alike."""
    keys: Sequence[Any] = list(node) if isinstance(node, dict) else range(min(len(node), 3)) if _is_list(node) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])


def _is_list(node: Any) -> bool:
    return isinstance(node, list)


def _cut_json(_fault: Fault, reply: Reply) -> None:
    body = reply.content()
    reply.body = body[: max(1, len(body) * 2 // 3)]


def _mistype(fault: Fault, reply: Reply) -> None:
    reply.media = fault.option("media", "text/html; charset=utf-8")
    reply.headers.pop("Content-Type", None)


def _mischarset(_fault: Fault, reply: Reply) -> None:
    reply.body = reply.content().decode("utf-8", "replace").encode("utf-16")
    reply.media = f"{(reply.media or 'text/plain').partition(';')[0]}; charset=utf-8"


def _misencode(_fault: Fault, reply: Reply) -> None:
    reply.body = reply.content()
    reply.headers["Content-Encoding"] = "gzip"


_BODY_FAULTS: Mapping[str, Callable[[Fault, Reply], None]] = {
    "malformed-json": _cut_json,
    "wrong-content-type": _mistype,
    "wrong-charset": _mischarset,
    "wrong-encoding": _misencode,
}


def _size(reply: Reply) -> int | None:
    """The bytes of a body; None where nobody knows yet."""
    if isinstance(reply.body, bytes):
        return len(reply.body)
    length = reply.headers.get("Content-Length")
    return int(length) if length else None


def _stop(fault: Fault, reply: Reply) -> int:
    """After how many bytes a body stops: as the fault says, or at half of it; always before its end."""
    size = _size(reply)
    if size is None:
        return int(fault.option("after_bytes", 1024))
    return min(int(fault.option("after_bytes", size // 2)), size - 1)


_WIRE_FAULTS: Mapping[str, Callable[[Fault, Reply], Wire]] = {
    "latency": lambda fault, _reply: Wire(delay_s=fault.spec["seconds"]),
    "stall": lambda fault, _reply: Wire(delay_s=fault.option("seconds")),
    "drip": lambda fault, _reply: Wire(bytes_per_s=fault.spec["bytes_per_second"]),
    "stall-body": lambda fault, reply: Wire(
        stop_at=_stop(fault, reply), ending="stall", stall_s=fault.option("seconds")
    ),
    "reset": lambda fault, reply: Wire(
        stop_at=_stop(fault, reply) if "after_bytes" in fault.spec else -1, ending="reset"
    ),
    "truncate": lambda fault, reply: Wire(stop_at=_stop(fault, reply), ending="close"),
}
_OF_A_BODY = frozenset({*_BODY_FAULTS, "drip", "stall-body", "truncate"})  # without one they do not take effect


def _change_rows(fault: Fault, world: World, tables: Mapping[str, Table]) -> None:
    api, _, name = str(fault.spec["table"]).partition("/")
    gone = set(fault.option("delete", ()))
    given = world.rows.given(api, name)
    kept = [row for at, row in enumerate(given) if at not in gone]
    added = [tables[name].fill(world, dict(row), len(given) + at) for at, row in enumerate(fault.option("insert", ()))]
    world.rows.change(api, name, [*kept, *added])
