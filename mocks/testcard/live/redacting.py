"""Make answers fit to be kept: identifiers and texts become others of the same shape, the same everywhere.

Safe by default: a text is kept as it is only where its field is known to be harmless (a subject's *plain* names), or
where it is a time. The key is thrown away with the recording's process, so that nothing can be turned back or guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from testcard.contract import Operation
from testcard.live.seen import Answer
from testcard.live.subject import Subject, operations_of

__all__ = ["OPAQUE", "Redactor"]

OPAQUE = "https://redacted.invalid/"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}")
_LOWER, _UPPER, _DIGITS, _HEX = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    "0123456789abcdef",
)
_MORE = 64


class Redactor:
    """Transforms the answers of one recording consistently."""

    def __init__(self, subject: Subject, key: bytes | None = None) -> None:
        self._subject = subject
        self._key = key or secrets.token_bytes(32)
        self._known: dict[str, str] = {}
        self._taken: set[str] = set()
        operations = [operation for _, operation in operations_of(subject.api).values()]
        addresses = [server.base + operation.path for operation in operations for server in operation.servers]
        self._literal = {part for address in addresses for part in address.split("/") if not part.startswith("{")}
        self._counts = {
            parameter.name
            for operation in operations
            for parameter in operation.parameters
            if parameter.schema.get("type") in ("integer", "boolean") and parameter.name not in subject.numbered
        }
        self._choices = {
            str(choice)
            for operation in operations
            for parameter in operation.parameters
            for choice in [*parameter.schema.get("enum", ()), parameter.schema.get("const", "")]
        } | {word for name in subject.queries for word in _words(operations_of(subject.api)[name][1])}

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept."""
        return replace(
            answer,
            path={name: value if _TIME.fullmatch(value) else self._text(value) for name, value in answer.path.items()},
            query={name: self._argument(name, value) for name, value in answer.query.items()},
            data=self._value("", answer.data),
            asked=self._value("", answer.asked),
        )

    def _argument(self, name: str, value: str) -> str:
        if name in self._subject.plain or name in self._counts:
            return value
        return value if _TIME.fullmatch(value) else ",".join(self._text(piece) for piece in value.split(","))

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._value(key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._value(name, each) for each in value]
        if isinstance(value, str):
            return self._string(name, value)
        if isinstance(value, int) and not isinstance(value, bool) and self._is_number(name):
            return int(self._text(str(value)))
        return value

    def _is_number(self, name: str) -> bool:
        return name in self._subject.numbered

    def _string(self, name: str, value: str) -> str:
        if name in self._subject.opaque:
            return value and OPAQUE
        if name in self._subject.links:
            return self._link(value)
        if name in self._subject.plain or _TIME.fullmatch(value):
            return value
        return self._text(value)

    def _link(self, value: str) -> str:
        """An address: what the contract names stays, arguments change as they do elsewhere, strange hosts go."""
        parts = urlsplit(value)
        segments = [self._segment(segment) for segment in parts.path.split("/")]
        query = [(name, self._argument(name, each)) for name, each in parse_qsl(parts.query, keep_blank_values=True)]
        host = parts.netloc and "redacted.invalid"
        return urlunsplit((parts.scheme, host, "/".join(segments), urlencode(query), ""))

    def _segment(self, segment: str) -> str:
        bare = unquote(segment)
        return segment if bare in self._literal else quote(self._text(bare), safe="")

    def _text(self, value: str) -> str:
        """Another text of the same shape, and of none that another text has become."""
        if value in self._choices:
            return value
        if value not in self._known:
            tries = (self._shaped(value, number) for number in range(_MORE))
            self._known[value] = next(
                (each for each in tries if each not in self._taken), value and self._shaped(value, 0)
            )
            self._taken.add(self._known[value])
        return self._known[value]

    def _shaped(self, value: str, number: int) -> str:
        stream = self._stream(value, number, len(value))
        if _UUID.fullmatch(value):
            return "".join(_HEX[byte % 16] if each != "-" else "-" for each, byte in zip(value, stream, strict=True))
        shaped = [_letter(each, byte) for each, byte in zip(value, stream, strict=True)]
        if value[:1].isdigit() and value[0] != "0" and shaped[0] == "0":
            shaped[0] = "7"
        return "".join(shaped)

    def _stream(self, value: str, number: int, length: int) -> bytes:
        found = b""
        while len(found) < length:
            message = f"{number}/{len(found)}/{value}".encode()
            found += hmac.new(self._key, message, hashlib.sha256).digest()
        return found[:length]


def _letter(each: str, byte: int) -> str:
    if each.isdigit():
        return _DIGITS[byte % 10]
    if not each.isalpha():
        return each
    letters = _UPPER if each.isupper() else _LOWER
    return letters[byte % 26]


def _words(operation: Operation) -> Iterator[str]:
    """The choices that the contract names for the members of a query, such as attributes."""
    todo: list[Any] = [each.standalone for each in operation.body.content.values() if each] if operation.body else []
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            yield from (str(each) for each in [*node.get("enum", ()), node.get("const", "")])
            todo += node.values()
        elif isinstance(node, list):
            todo += node
