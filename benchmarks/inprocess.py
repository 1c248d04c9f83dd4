"""The mocks without a socket: what a call costs in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from testcard.exchange import Reply, Request
from testcard.server.build import build
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe, World

__all__ = ["Answer", "Mock", "inprocess"]

_ROOT = "http://127.0.0.1:8900"
_HOST = {"host": "127.0.0.1:8900"}


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return orjson.loads(self.body)


class Mock:
    """A switchboard that is asked directly; see `inprocess`."""

    def __init__(self, names: tuple[str, ...], recipe: Recipe) -> None:
        self.switchboard = build(names, recipe)

    @property
    def world(self) -> World:
        """The default world."""
        return self.switchboard.worlds.default

    def get(
        self, path: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
    ) -> Answer:
        """GET *path*, whose query may stand in it or in *params*."""
        return self.send("GET", path, headers=headers, params=params)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send a request; *body* travels as JSON. Header names are written in lower case."""
        bare, _, query = path.partition("?")
        query = "&".join(filter(None, [query, urlencode(params or {}, doseq=True, quote_via=quote)]))
        sent = {**_HOST, **(headers or {})}
        if body is not None:
            sent["content-type"] = "application/json"
        content = b"" if body is None else orjson.dumps(body)
        reply: Reply = self.switchboard.answer(Request(method, bare, query, sent, content))
        return Answer(reply.status or 0, reply.content())

    def env(self, api: str) -> dict[str, str]:
        """The environment of a client of *api*, without its ``TESTCARD_<API>_``."""
        exchange = self.switchboard.exchange(api)
        exchange.open(self.world)
        holder = self.world.credentials.holders(api)[0]
        return dict(exchange.parts[0].environment(self.world, holder, _ROOT))


def inprocess(*names: str, seed: int = 1729, profile: str = "default", now: str = "2026-03-02T12:00:00Z") -> Mock:
    """Mocks of the APIs named, or of all, with one world whose clock stands still."""
    return Mock(names, Recipe(seed, profile, parse_instant(now)))
