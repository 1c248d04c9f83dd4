"""Typed parameters and bodies: from a request's text to a handler's arguments, or to a list of problems.

Every bad parameter is reported, not only the first. Unknown query parameters never fail a call: they are noted, with
the near miss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from testcard.contract import Body, Operation, Parameter
from testcard.errors import near_miss
from testcard.exchange.address import query_pairs
from testcard.exchange.message import Request
from testcard.exchange.refusal import Problem, Refused

__all__ = ["Formats", "read_body", "read_parameters", "read_value", "split_query", "unknown_parameters"]

Formats = Mapping[str, Callable[[str], Any]]

_EXACT = 2**53  # below that a float is exactly the integer it looks like
_FRACTION = re.compile(rb"[0-9][.eE]")
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


def split_query(query: str, *, fold_case: bool) -> dict[str, list[str]]:
    """Read a raw query: each name with its values in order."""
    values: dict[str, list[str]] = {}
    for name, value in query_pairs(query):
        values.setdefault(name.lower() if fold_case else name, []).append(value)
    return values


def unknown_parameters(operation: Operation, query: Mapping[str, list[str]], *, fold_case: bool) -> list[str]:
    """Say which query parameters the operation does not have, and what they probably meant."""
    if not query:
        return []
    known = {each.name.lower() if fold_case else each.name for each in operation.parameters}
    if known.issuperset(query):
        return []
    names = [each.name for each in operation.parameters if each.location == "query"]
    return [
        f"{operation.id}: query {name!r} is not a parameter of this operation{near_miss(name, names)}"
        for name in query
        if name not in known
    ]


def read_parameters(
    operation: Operation,
    path: Mapping[str, str],
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
    formats: Formats,
    *,
    fold_case: bool,
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the arguments for a handler, and what was wrong."""
    arguments: dict[str, Any] = {}
    problems: list[Problem] = []
    for parameter in operation.parameters:
        texts = _texts(parameter, path, query, headers, fold_case=fold_case)
        if not texts:
            arguments[parameter.argument] = parameter.default
            if parameter.required:
                problems.append(_problem(parameter, None, "is required, and was not sent", missing=True))
            continue
        try:
            arguments[parameter.argument] = read_value(parameter, texts, formats, fold_case=fold_case)
        except ValueError as error:
            problems.append(_problem(parameter, ",".join(texts), str(error)))
    arguments.pop("", None)
    return arguments, problems


def _texts(
    parameter: Parameter,
    path: Mapping[str, str],
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
    *,
    fold_case: bool,
) -> list[str]:
    if parameter.location == "query":
        return query.get(parameter.name.lower() if fold_case else parameter.name, [])
    if parameter.location == "path":
        return [path[parameter.name]]
    value = headers.get(parameter.name.lower())
    return [] if value is None else [value]


def read_value(parameter: Parameter, texts: list[str], formats: Formats, *, fold_case: bool) -> Any:
    """Convert and check; `ValueError` says what was expected."""
    if parameter.array is None:
        if len(texts) > 1:
            raise ValueError(f"was sent {len(texts)} times, expected once")
        return _single(texts[0], parameter.schema, formats, parameter, fold_case=fold_case)
    if parameter.array != "repeated":
        texts = [piece for text in texts for piece in text.split(",")]
    items: Mapping[str, Any] = parameter.schema.get("items", {})
    values = [_convert(text, items, formats, fold_case=fold_case) for text in texts]
    _check(parameter, [text if isinstance(value, date) else value for value, text in zip(values, texts, strict=True)])
    return values


def _single(text: str, schema: Mapping[str, Any], formats: Formats, parameter: Parameter, *, fold_case: bool) -> Any:
    value = _convert(text, schema, formats, fold_case=fold_case)
    if schema.get("format") not in formats:
        _check(parameter, value if isinstance(value, str | int | float) else text)
    return value


def _check(parameter: Parameter, value: Any) -> None:
    if not parameter.checker.accepts(value):
        raise ValueError(parameter.checker.complaints(value)[0][1])


def _convert(text: str, schema: Mapping[str, Any], formats: Formats, *, fold_case: bool) -> Any:
    kind = schema.get("type")
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise ValueError(f"{text!r} is not an integer")
        return int(text)
    if kind == "number":
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{text!r} is not a number")
        return float(text) if set(text) & set(".eE") else int(text)
    if kind == "boolean":
        return _boolean(text.lower() if fold_case else text)
    form = schema.get("format", "")
    if form in formats:
        return formats[form](text)
    return _FORMATS[form](text) if form in _FORMATS else text


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is not a boolean; expected true or false")
    return text == "true"


def _date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a date; expected YYYY-MM-DD")


def _date_time(text: str) -> datetime:
    shape = _DATE_TIME.fullmatch(text)
    try:
        if shape:
            fraction = (shape[2] or "")[:7]  # a datetime holds microseconds; what is finer is cut
            return datetime.fromisoformat(shape[1].upper() + fraction + shape[3].upper())
    except ValueError:
        pass
    hint = "; a '+' in a query must be written %2B" if " " in text else ""
    raise ValueError(f"{text!r} is not a date-time; expected for example 2026-03-01T12:00:00Z{hint}")


_FORMATS: Formats = {"date": _date, "date-time": _date_time}


def _problem(parameter: Parameter, found: Any, message: str, *, missing: bool = False) -> Problem:
    schema = parameter.schema.get("items", parameter.schema) if parameter.array else parameter.schema
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return Problem(
        parameter.location,
        parameter.name,
        found,
        message,
        missing=missing,
        choices=tuple(str(each) for each in choices),
    )


def read_body(body: Body, request: Request) -> tuple[Any, list[Problem]]:
    """Return a request's body as data (or as an open file where it is not data), and what was wrong with it."""
    media = request.header("content-type").partition(";")[0].strip().lower()
    if request.body == b"" and (not media or media.endswith("json")):  # many clients name a type for no body at all
        missing = Problem("body", "", None, "is required, and was not sent", missing=True)
        return None, [missing] if body.required else []
    if media not in body.content and "*/*" not in body.content:
        expected = " or ".join(body.content)
        raise Refused(
            415, "unsupported-media-type", f"Content-Type is {media or 'missing'}, expected {expected}",
            data={"found": media, "expected": list(body.content)},
        )  # fmt: skip
    checker = body.content.get(media, body.content.get("*/*"))
    if checker is None:
        return request.stream(), []
    try:
        value = _form(request.content()) if "form" in media else _json(request.content())
    except ValueError as error:
        return None, [Problem("body", "", None, f"is not {media}: {error}")]
    return value, [Problem("body", place, None, complaint) for place, complaint in checker.complaints(value)]


def _json(raw: bytes) -> Any:
    """Read JSON; 3.0 is an integer there, as it is to a schema."""
    value = orjson.loads(raw)
    return _whole(value) if _FRACTION.search(raw) else value


def _whole(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _whole(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_whole(value) for value in node]
    return int(node) if isinstance(node, float) and node.is_integer() and abs(node) < _EXACT else node


def _form(raw: bytes) -> dict[str, str]:
    pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict")
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise ValueError(f"field {twice!r} was sent more than once")
    return fields
