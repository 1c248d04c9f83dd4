"""Who calls the toy: requests on a contract of our own, without a socket."""

from __future__ import annotations

from typing import Any

import orjson

from testcard.exchange import Reply, Request
from toy import Toy, toy_switchboard

__all__ = ["Caller", "data"]


class Caller:
    """Sends requests to a toy, and remembers what its handlers were given."""

    def __init__(self) -> None:
        self.toy = Toy()
        self.switchboard = toy_switchboard(self.toy)

    def send(self, method: str, path: str, query: str = "", body: bytes = b"", **headers: Any) -> Reply:
        sent = {"host": "mock.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.switchboard.answer(Request(method, f"/toy/v1{path}", query, sent, body))

    def get(self, path: str, query: str = "", **headers: Any) -> Reply:
        return self.send("GET", path, query, **headers)

    def seen(self, query: str, **headers: Any) -> dict[str, Any]:
        """The arguments with which a good query arrives at the handler."""
        reply = self.get("/things", query, **headers)
        assert reply.status == 200, reply.content()
        return self.toy.seen[-1][1]

    def problems(self, query: str, **headers: Any) -> list[str]:
        """What is wrong with a bad query, which never arrives at the handler."""
        before = len(self.toy.seen)
        reply = self.get("/things", query, **headers)
        assert reply.status == 400, reply.content()
        assert len(self.toy.seen) == before
        problems: list[str] = orjson.loads(reply.content())["problems"]
        return problems


def data(reply: Reply) -> Any:
    """The data of an answer."""
    return orjson.loads(reply.content())
