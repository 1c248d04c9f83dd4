"""The messages between the suite and a driver, and what a call came to.

The protocol is a JSON Schema, ``contracts/schemas/driver.json``; every message is checked against it both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from testcard.contract import Checker
from testcard.data import load
from testcard.errors import UserError

__all__ = ["Asked", "DriverError", "Outcome", "check_answer", "check_request", "hello"]

PROTOCOL = 1


class DriverError(UserError):
    """A driver does not keep the protocol; nothing it says can be judged."""


@dataclass(frozen=True)
class Asked:
    """One call to a client. *env* holds addresses and credentials under the names of the environment variables."""

    operation: str
    arguments: Mapping[str, Any]
    env: Mapping[str, str]
    fresh: bool = False

    def message(self, identity: int) -> dict[str, Any]:
        """The call as it travels."""
        return {
            "type": "call",
            "id": identity,
            "operation": self.operation,
            "arguments": dict(self.arguments),
            "env": dict(self.env),
            "fresh": self.fresh,
        }


@dataclass(frozen=True)
class Outcome:
    """What a call came to: *kind* is ok, failed, skipped, errored, hung or crashed.

    An ok outcome has *rows*, *lists* or *value*; a failed one its *failure* class and HTTP *status*.
    """

    kind: str
    rows: list[Any] | None = None
    lists: Mapping[str, list[Any]] | None = None
    value: Any = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    status: int | None = None
    message: str = ""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Outcome:
        """Read an answer that was checked."""
        return cls(
            answer["type"],
            rows=answer.get("rows"),
            lists=answer.get("lists"),
            value=answer.get("value"),
            totals=answer.get("totals", {}),
            failure=answer.get("class", ""),
            status=answer.get("status"),
            message=answer.get("message") or answer.get("reason") or "",
        )

    @property
    def result(self) -> Any:
        """What an ok outcome returned, whichever form it has."""
        return self.rows if self.rows is not None else self.lists if self.lists is not None else self.value


def hello() -> dict[str, Any]:
    """The first message."""
    return {"type": "hello", "protocol": PROTOCOL}


@cache
def _checker(of: str) -> Checker:
    schema = load("contracts/schemas/driver.json")
    return Checker({"$ref": f"#/$defs/{of}", "$defs": schema["$defs"]}, schema)


def check_request(message: Mapping[str, Any]) -> None:
    """Raise `DriverError` when what we are about to say is not of the protocol."""
    for place, complaint in _checker("request").complaints(message):
        raise DriverError(f"our own message {message.get('type')!r}{place}: {complaint}")


def check_answer(message: Any, expected: int | None) -> Mapping[str, Any]:
    """Return a driver's answer; `DriverError` says what is wrong with it."""
    if not isinstance(message, dict):
        raise DriverError(f"the driver said {message!r}; expected a JSON object")
    kind = message.get("type")
    known = ("introduced", "ok", "failed", "skipped", "errored")
    if kind not in known:
        raise DriverError(f"the driver said type {kind!r}; expected one of {', '.join(known)}")
    for place, complaint in _checker(kind).complaints(message):
        raise DriverError(f"the driver's {kind!r} answer: {place or '/'}: {complaint}")
    if expected is not None and message.get("id") != expected:
        raise DriverError(f"the driver answered call {message.get('id')!r}; expected {expected}")
    return message
