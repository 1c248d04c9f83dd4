"""The parts of a contract: operations with their parameters, bodies and responses.

Each is a plain value, built once by `testcard.contract.contract`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testcard.contract.schema import Checker

__all__ = ["Body", "Operation", "Parameter", "Response", "Server", "snake_case"]


def snake_case(name: str) -> str:
    """Return a parameter's name as a Python argument: ``reportDateBeginGte`` -> ``report_date_begin_gte``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_")
    return spaced.strip("_").lower()


class Server(NamedTuple):
    """A documented address: a host, perhaps with variables in it, and the path everything stands under."""

    scheme: str
    host: str
    base: str

    @classmethod
    def parse(cls, url: str) -> Server:
        """Read ``https://{tenant}.api.example/vod/v1``."""
        parts = urlsplit(url)
        return cls(parts.scheme, parts.netloc, parts.path.rstrip("/"))

    @property
    def pattern(self) -> re.Pattern[str]:
        """The host as a pattern whose groups are its variables."""
        pieces = re.split(r"\{(\w+)\}", self.host.lower())
        literal = (re.escape(piece) if i % 2 == 0 else f"(?P<{piece}>[^.]+)" for i, piece in enumerate(pieces))
        return re.compile("".join(literal))


class Parameter(NamedTuple):
    """One path, query or header parameter.

    *argument* is empty where the handler does not take the value (it is only declared, parsed and checked).
    *array* says how several values travel: ``comma``, ``repeated`` or ``either``; None for a single value.
    """

    name: str
    location: str
    argument: str
    schema: Mapping[str, Any]
    checker: Checker
    required: bool
    array: str | None
    multi_segment: bool
    evidence: Mapping[str, str]

    @property
    def default(self) -> Any:
        """The documented value when the caller sends none."""
        return self.schema.get("default")


class Body(NamedTuple):
    """What a request may carry: a schema per media type, or None where any bytes will do."""

    required: bool
    content: Mapping[str, Checker | None]


class Response(NamedTuple):
    """One status an operation may answer: a schema per media type (None: not JSON), and its headers.

    *required* are the headers, in lower case, without which it is not complete.
    """

    status: str
    content: Mapping[str, Checker | None]
    headers: tuple[str, ...]
    evidence: Mapping[str, str]
    required: frozenset[str] = frozenset()


class Operation(NamedTuple):
    """One operation. *variant* is the (query parameter, value) that picks it among others on its path."""

    id: str
    method: str
    path: str
    summary: str
    servers: tuple[Server, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Response]
    secured: bool
    extension: bool
    variant: tuple[str, str] | None
    evidence: Mapping[str, str]

    @property
    def success(self) -> int:
        """The status of a plain answer: the first 2xx, or 3xx where every success sends elsewhere."""
        return next(int(status) for first in "23" for status in self.responses if status.startswith(first))

    def response(self, status: int) -> Response | None:
        """The response documented for *status*, exactly or by its class (``5XX``) or as ``default``."""
        found = self.responses
        return found.get(str(status)) or found.get(f"{status // 100}XX") or found.get("default")
