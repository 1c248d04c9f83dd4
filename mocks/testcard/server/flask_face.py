"""The Flask face: each API as its own Flask app, for ``flask --app``, gunicorn, test clients and Flask's own tools.

Thin on purpose: a rule per operation, so that ``flask routes`` shows them, and one view that hands the request's parts
to the core. Bytes are the same as through any other face.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

from testcard.contract import Operation
from testcard.exchange import Exchange, Request
from testcard.server.switchboard import Switchboard

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["create_app", "create_switchboard_app"]


def create_app(exchange: Exchange, switchboard: Switchboard) -> Flask:
    """Return one API as a Flask app whose rules are its operations, below the API's prefix; bare too at its home."""
    app = _plain_app(exchange.name)
    view = _view(switchboard)
    prefixes = [f"/{exchange.name}", *([""] if switchboard.home == exchange.name else [])]
    for bound in exchange.operations.values():
        operation = bound.operation
        for base in dict.fromkeys(prefix + server.base for prefix in prefixes for server in operation.servers):
            app.add_url_rule(
                _rule(base, operation), operation.id, view, methods=[operation.method], strict_slashes=False
            )
    _add_catch_all(app, view)
    return app


def _rule(base: str, operation: Operation) -> str:
    """The operation's path as Flask writes it. A value with an encoded slash does not match, and is caught with all
    that matches nothing; rules for whole paths would take three times as long to match."""
    spanning = {each.name for each in operation.parameters if each.multi_segment}
    return re.sub(
        r"\{(\w+)\}", lambda name: f"<{'path:' if name[1] in spanning else ''}{name[1]}>", base + operation.path
    )


def create_switchboard_app(switchboard: Switchboard) -> Flask:
    """Return everything behind one address as a Flask app."""
    app = _plain_app("testcard")
    _add_catch_all(app, _view(switchboard))
    return app


def _plain_app(name: str) -> Flask:
    app = Flask(name, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # the core answers OPTIONS itself
    return app


def _add_catch_all(app: Flask, view: Callable[..., Response]) -> None:
    """Refusals are the core's business too: an unknown path or method reaches it like any other."""
    app.register_error_handler(404, lambda _error: view())
    app.register_error_handler(405, lambda _error: view())
    app.url_map.merge_slashes = False


def _view(switchboard: Switchboard) -> Callable[..., Response]:
    def answer(**_arguments: Any) -> Response:
        reply = switchboard.answer(_parts())
        return _AsGiven(reply.body, reply.status, reply.headers)

    return answer


class _AsGiven(Response):
    """A response whose headers leave as the core made them: no type, length or address of Flask's own."""

    default_mimetype = None
    automatically_set_content_length = False

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers, unchanged."""
        return self.headers


def _parts() -> Request:
    environ = request.environ
    headers = _headers(environ)
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    path, mounted = raw.partition("?")[0], environ.get("SCRIPT_NAME", "")
    if not path.startswith("/"):
        path = quote((mounted + environ["PATH_INFO"]).encode("latin-1"), safe="/~!$&'()*+,;=:@")
    if mounted and path.startswith(mounted):
        path = path.removeprefix(mounted) or "/"
        headers["x-forwarded-prefix"] = headers.get("x-forwarded-prefix", "").rstrip("/") + mounted
    body = request.get_data(cache=False) if "wsgi.input_terminated" in environ or "content-length" in headers else b""
    query = environ.get("QUERY_STRING", "")
    return Request(environ["REQUEST_METHOD"], path, query, headers, body, environ["wsgi.url_scheme"])


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The request's headers, by their lower-case names."""
    headers = {name[5:].replace("_", "-").lower(): each for name, each in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers
