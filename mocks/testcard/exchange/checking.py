"""Check an answer against the contract before it leaves: one that breaks it is our bug, and loud."""

from __future__ import annotations

import orjson

from testcard.contract import Response
from testcard.errors import MockError
from testcard.exchange.message import NOTHING, Reply

__all__ = ["check", "write"]

_JOINED = 256 * 1024  # bytes; joining more costs more than sending it in pieces


def check(where: str, reply: Reply, response: Response | None) -> None:
    """Raise `MockError` unless status, media type and data are what the contract has.

    *response* is what the contract documents for the status; None where it documents nothing.
    """
    if response is None:
        raise MockError(f"{where}: answered {reply.status}, which the contract does not have")
    _check_media(where, reply, response)
    if response.required:
        _check_headers(where, reply, response)
    checker = response.content.get(reply.media or "")
    if checker is not None and reply.data is not NOTHING and not checker.accepts(reply.data):
        place, complaint = checker.complaints(reply.data)[0]
        raise MockError(f"{where}: answer {reply.status} at {place or '/'}: {complaint}")


def write(reply: Reply) -> None:
    """Turn a reply's data into bytes."""
    if reply.rows is not None:
        envelope = orjson.dumps(reply.data)  # it ends in the empty list that the rows belong into
        whole = reply.rows.between(envelope[:-2], envelope[-2:])
        reply.body = whole if whole.size > _JOINED else b"".join(whole)
    elif reply.data is not NOTHING:
        reply.body = orjson.dumps(reply.data)


def _check_media(where: str, reply: Reply, response: Response) -> None:
    media = (reply.media or "").partition(";")[0]
    anything = media and "*/*" in response.content
    if not anything and media not in response.content and (media or response.content):
        expected = ", ".join(response.content) or "no body"
        raise MockError(f"{where}: answered {media or 'no body'} with {reply.status}, the contract has {expected}")


def _check_headers(where: str, reply: Reply, response: Response) -> None:
    sent = {name.lower() for name in reply.headers}
    missing = [name for name in response.headers if name.lower() in response.required - sent]
    if missing:
        raise MockError(f"{where}: answered {reply.status} without {', '.join(missing)}, which the contract requires")
