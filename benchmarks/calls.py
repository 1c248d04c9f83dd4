"""What a call costs without a socket: an authenticated list of 10, its parameters and its answer checked.

The limit is a bare Flask route that returns the same bytes and checks nothing. Ours is measured through its Flask face,
like for like, and as the core alone, as the other faces pay for it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from benchmarks.harness import Against, Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess
from benchmarks.limits.flask_app import create_flask_app
from benchmarks.listing import NOW, Listing, find_listing
from testcard.server.flask_face import create_app

__all__ = ["measure"]

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    mock = inprocess("videocentral", now=NOW)
    listing = find_listing(
        lambda path, headers: mock.get(path, headers=headers).json, mock.env("videocentral")["TOKEN"]
    )
    answer = mock.get(listing.of(10), headers=listing.headers)
    bare = _wsgi(create_flask_app({"10": answer.body}), "/items/10", {})
    app = create_app(mock.switchboard.exchange("videocentral"), mock.switchboard)
    limit = [Against("bare Flask route", timed(bare, number=500), at_most=3.0)]
    faced = _wsgi(app, listing.of(10), listing.headers)
    yield from run(settings, "in-process list of 10, through Flask", timed(faced, number=500), against=limit)
    yield from run(settings, "in-process list of 10, the core alone", _core(mock, listing), against=limit)


def _core(mock: Mock, listing: Listing) -> Callable[[], float]:
    return timed(lambda: mock.get(listing.of(10), headers=listing.headers), number=500)


def _wsgi(app: WsgiApp, path: str, headers: Mapping[str, str]) -> Callable[[], bytes]:
    """Return a call of a WSGI app with nothing between."""
    bare, _, query = path.partition("?")
    base = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": bare,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8900",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8900",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }

    def call() -> bytes:
        statuses: list[str] = []
        content = b"".join(app({**base, "wsgi.input": io.BytesIO()}, lambda status, *_: statuses.append(status)))
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path}: {statuses[0]}: {content[:300]!r}")
        return content

    return call
