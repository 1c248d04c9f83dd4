"""The Flask face: each API as its own Flask app, for ``flask --app``, gunicorn, test clients and Flask's own tools.

Thin on purpose: a rule per operation, so that ``flask routes`` shows them, and one view that hands the request's parts
to the core. Bytes are the same as through any other face.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

from testcard.exchange import Exchange, Request
from testcard.server.switchboard import Switchboard

__all__ = ["create_app", "create_switchboard_app"]


def create_app(exchange: Exchange, switchboard: Switchboard) -> Flask:
    """Return one API as a Flask app whose rules are its operations, below the API's prefix and bare."""
    app = _plain_app(exchange.name)
    view = _view(switchboard)
    for bound in exchange.operations.values():
        operation = bound.operation
        for server in operation.servers:
            rule = re.sub(r"\{(\w+)\}", r"<path:\1>", f"/{exchange.name}{server.base}{operation.path}")
            app.add_url_rule(rule, operation.id, view, methods=[operation.method], strict_slashes=False)
    _add_catch_all(app, view)
    return app


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
        response = Response(reply.body, reply.status, reply.headers)
        response.automatically_set_content_length = False
        if "Content-Type" not in reply.headers:
            response.headers.pop("Content-Type", None)
        return response

    return answer


def _parts() -> Request:
    environ = request.environ
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    path = raw.partition("?")[0]
    if not path.startswith("/"):
        path = quote((environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1"), safe="/~!$&'()*+,;=:@")
    headers = {name.lower(): value for name, value in request.headers}
    return Request(
        request.method, path, environ.get("QUERY_STRING", ""), headers, request.get_data(cache=False), request.scheme
    )
