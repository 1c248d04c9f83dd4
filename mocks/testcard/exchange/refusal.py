"""What the mock will not do, before a vendor has put it into words.

The core and the handlers raise `Refused`; the vendor module renders it in its vendor's dialect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

__all__ = ["Problem", "Refused", "phrase_of"]


class Problem(NamedTuple):
    """One thing that is wrong with a request.

    *location* is ``query``, ``path``, ``header`` or ``body``; *name* a parameter's name as the vendor writes it, or a
    JSON pointer into the body; *choices* what would have been accepted, when that is a list.
    """

    location: str
    name: str
    found: Any
    message: str
    missing: bool = False
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.location} {self.name!r}" if self.name else self.location
        return f"{where}: {self.message}"


@dataclass
class Refused(Exception):
    """A request is refused with *status*.

    *code* is a short word for machines and vendor modules: ``no-such-path``, ``method-not-allowed``,
    ``not-acceptable``, ``unsupported-media-type``, ``invalid-request`` from the core, and whatever a vendor's handlers
    raise. *problems* lists every bad parameter, not only the first. *data* is the vendor module's own.
    """

    status: int
    code: str
    message: str
    problems: Sequence[Problem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


def phrase_of(status: int) -> str:
    """What HTTP calls a status; gateways have some of their own, which it does not know."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Client Error" if status < 500 else "Server Error"
