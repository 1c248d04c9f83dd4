"""The limit: a trivial Flask app that returns ready bytes, for any WSGI server to run.

It imports nothing of testcard, so that any environment with Flask can serve it: ``flask_app:create``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response

__all__ = ["create", "create_flask_app"]


def create_flask_app(bodies: Mapping[str, bytes]) -> Flask:
    """Return an app with one route, ``/items/<name>``, that answers the bytes of that name."""
    app = Flask("trivial")

    @app.get("/items/<name>")
    def items(name: str) -> Response:
        return Response(bodies[name], mimetype="application/json")

    return app


def create() -> Flask:
    """The app over the ``*.json`` files of the folder that TESTCARD_BENCH_BODIES names."""
    folder = Path(os.environ["TESTCARD_BENCH_BODIES"])
    return create_flask_app({path.stem: path.read_bytes() for path in folder.glob("*.json")})
