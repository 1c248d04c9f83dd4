"""What the tests share: a mock in-process, the same mock over a real socket, and answers that are easy to assert on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from testcard.exchange import Reply, Request
from testcard.server.build import build
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe, World

__all__ = ["Answer", "Mock", "socket_server"]

ROOT = "http://mock.test"


@dataclass(frozen=True)
class Answer:
    """One answer of the mock."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as data."""
        return orjson.loads(self.body)


class Mock:
    """A whole server without a socket, with one world of its own called ``default``."""

    def __init__(
        self,
        *names: str,
        seed: int = 1729,
        profile: str = "default",
        now: str | None = "2026-03-02T12:00:00Z",
        dialect: str = "documented",
        readings: Mapping[str, str] | None = None,
        extensions: bool = True,
    ) -> None:
        instant = parse_instant(now) if now else None
        recipe = Recipe(seed, profile, instant, None, dialect, readings or {})
        self.switchboard = build(names, recipe, extensions=extensions)

    @property
    def world(self) -> World:
        """The default world."""
        return self.switchboard.worlds.default

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Send one request; *url* is a path, or an absolute link out of an earlier answer."""
        parts = urlsplit(url)
        sent = {"host": parts.netloc or urlsplit(ROOT).netloc}
        if json is not None:
            body, sent["content-type"] = orjson.dumps(json), "application/json"
        if form is not None:
            body, sent["content-type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        sent.update({name.lower(): value for name, value in (headers or {}).items()})
        query = "&".join(filter(None, [parts.query, urlencode(params or {}, doseq=True, quote_via=quote)]))
        scheme = parts.scheme or "http"
        reply: Reply = self.switchboard.answer(Request(method, parts.path, query, sent, body, scheme))
        return Answer(reply.status or 0, reply.headers, reply.content())

    def get(self, url: str, **options: Any) -> Answer:
        """GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Answer:
        """POST."""
        return self.request("POST", url, **options)

    def env(self, api: str, world: str = "default", root: str = ROOT) -> dict[str, str]:
        """The environment of a client of *api*, without its ``TESTCARD_<API>_``."""
        if world != "default":
            root = f"{root}/~{world}"
        exchange = self.switchboard.exchange(api)
        owner = self.switchboard.worlds.get(world)
        exchange.open(owner)
        return dict(exchange.parts[0].environment(owner, owner.credentials.holders(api)[0], root))


@contextlib.contextmanager
def socket_server(mock: Mock) -> Iterator[str]:
    """Serve a mock on a free port of 127.0.0.1; yields its URL and ends it."""
    from testcard.server.serving import Serving

    serving = Serving(mock.switchboard, host="127.0.0.1", port=0)
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    try:
        yield serving.wait_until_ready(10)
    finally:
        serving.stop()
        thread.join(10)
