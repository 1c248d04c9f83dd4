"""Check an answer against the contract before it leaves: one that breaks it is our bug, and loud."""

from __future__ import annotations

import orjson

from testcard.contract import Response
from testcard.errors import MockError
from testcard.exchange.message import NOTHING, Reply

__all__ = ["render"]


def render(where: str, reply: Reply, response: Response | None) -> None:
    """Turn a reply's data into bytes, after checking status, media type and data; raise `MockError`.

    *response* is what the contract documents for the status; None where it documents nothing.
    """
    if response is None:
        raise MockError(f"{where}: answered {reply.status}, which the contract does not have")
    _check_media(where, reply, response)
    if reply.data is NOTHING:
        return
    checker = response.content.get(reply.media or "")
    if checker is not None and not checker.accepts(reply.data):
        place, complaint = checker.complaints(reply.data)[0]
        raise MockError(f"{where}: answer {reply.status} at {place or '/'}: {complaint}")
    reply.body = _with_rows(reply) if reply.rows else orjson.dumps(reply.data)


def _check_media(where: str, reply: Reply, response: Response) -> None:
    media = (reply.media or "").partition(";")[0]
    anything = media and "*/*" in response.content
    if not anything and media not in response.content and (media or response.content):
        expected = ", ".join(response.content) or "no body"
        raise MockError(f"{where}: answered {media or 'no body'} with {reply.status}, the contract has {expected}")


def _with_rows(reply: Reply) -> bytes:
    """Join ready rows into their envelope: the key with its empty list occurs once, at the top level."""
    envelope = orjson.dumps({key: value for key, value in reply.data.items() if key != reply.rows_key})
    key = orjson.dumps(reply.rows_key)
    comma = b"," if len(envelope) > len(b"{}") else b""
    return b"".join((envelope[:-1], comma, key, b":[", reply.rows or b"", b"]}"))
