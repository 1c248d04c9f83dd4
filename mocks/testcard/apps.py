"""WSGI applications for ``flask --app`` and other servers: one per API, and ``everything`` behind one address.

::

    flask --app testcard.apps:videocentral run
    gunicorn testcard.apps:everything

Each is made when it is first asked for, with a default world and worlds of its own. An API's own app answers below its
prefix, as everywhere, and without it too.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from testcard.apis import APIS

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["amagi", "create_app", "everything", "ibmvideo", "videocentral", "videokit"]  # noqa: F822 - made on demand


@cache
def create_app(name: str) -> Flask:
    """Return the app of one API, or of ``everything``; the same one every time."""
    from testcard.server import flask_face
    from testcard.server.build import build

    if name not in APIS:
        return flask_face.create_switchboard_app(build())
    switchboard = build([name], home=name)
    return flask_face.create_app(switchboard.exchange(name), switchboard)


def __getattr__(name: str) -> Flask:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return create_app(name)
