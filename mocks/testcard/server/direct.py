"""Light answers to requests without a body, written where the request was read.

No task is made for them and no message passes between server and application, which was most of what the server added
to a small answer. Everything else takes uvicorn's own way.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from testcard.exchange import Reply
from testcard.server.asgi import REPLY, AsgiFace
from testcard.server.protocol import Connection

__all__ = ["DirectConnection"]

_log = logging.getLogger("testcard.server")
_FAILED = STATUS_LINE[500] + b"content-type: text/plain; charset=utf-8\r\ncontent-length: 21\r\n"
_WITH_BODY = frozenset({b"content-length", b"transfer-encoding"})


class DirectConnection(Connection):
    """A connection that asks its `AsgiFace` at once wherever that can be done.

    One timer looks whether it has been idle too long, however many answers it gave: setting one for each, as uvicorn
    does, is a third of what such an answer costs beside its making.
    """

    _direct = False
    _idle_since: float | None = None
    _watch: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request: it is not idle."""
        self._idle_since = None
        super().on_message_begin()

    def on_response_complete(self) -> None:
        """An answer is whole: from now on it is idle."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def on_headers_complete(self) -> None:
        """Wait for the end of a request that may be answered directly; start any other."""
        self._direct = self._may_be_direct()
        if self._direct:
            self.head_read()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Answer directly, or leave it to uvicorn, with the answer where there is one by now."""
        if self._direct and not self._answered():
            super().on_headers_complete()
            self._direct = False
        if self._direct:
            self.head_complete()
        else:
            super().on_message_complete()

    def _may_be_direct(self) -> bool:
        """Without a body, not behind an unfinished answer, and to a client that takes what is sent."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
            and _WITH_BODY.isdisjoint(name for name, _ in self.headers)
        )

    def _answered(self) -> bool:
        scope = cast("dict[str, Any]", self.scope)
        url = httptools.parse_url(self.url)
        method = self.parser.get_method().decode()
        scope |= {"method": method, "raw_path": url.path or b"/", "query_string": url.query or b""}
        try:
            reply = cast("AsgiFace", self.config.app).at_once(scope)
            if reply is None:
                return False
            if reply.wire is not None or not isinstance(reply.body, bytes):
                scope[REPLY] = reply
                return False
            head, keep, body = _head(reply), self._keeps(reply), reply.body
        except Exception:  # noqa: BLE001 - whatever fails is our bug, and is said aloud
            _log.exception("%s %s", method, url.path)  # a query may hold a secret
            head, keep, body = _FAILED, False, b"Internal Server Error"
        self._write([head, b"\r\n" if keep else b"connection: close\r\n\r\n", body], keep)
        return True

    def _keeps(self, reply: Reply) -> bool:
        """Whether the connection goes on: both sides have a say, and it took HTTP/1.1 to learn to."""
        if reply.headers.get("Connection") == "close" or not self.parser.should_keep_alive():
            return False
        return all(name != b"connection" for name, _ in self.headers) or self.parser.get_http_version() != "1.0"

    def _write(self, pieces: list[bytes], keep: bool) -> None:
        self.transport.write(b"".join(pieces))
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if not keep:
            self.transport.close()
        elif self._watch is None:
            self._watch = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        left: float = self.timeout_keep_alive
        if self._idle_since is not None:
            left += self._idle_since - self.loop.time()
        if left <= 0:
            self.timeout_keep_alive_handler()
        else:
            self._watch = self.loop.call_later(left, self._close_if_idle)


def _head(reply: Reply) -> bytes:
    lines = [f"{name.lower()}: {value}\r\n" for name, value in reply.headers.items() if name != "Connection"]
    head = "".join(lines).encode("latin-1")
    if head.count(b"\n") != len(lines):
        raise RuntimeError(f"a header has a line break: {reply.headers}")
    return STATUS_LINE[reply.status or 0] + head
