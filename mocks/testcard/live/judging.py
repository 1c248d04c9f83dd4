"""One answer against its contract: what breaks it, and what has only moved on (drift).

Drift is a new field, a new value of a list of choices, a wider type, or something documented that is absent: a live
service may do so without being wrong. All else that does not fit is a violation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from testcard.contract import Checker, Contract, Operation

__all__ = ["DRIFTS", "Finding", "data_of", "judge_answer"]

DRIFTS = ("new-field", "new-value", "wider-type", "absent", "new-status")

_TRANSPORT = frozenset({400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 429, 431, 500, 502, 503, 504})
_CONFLICT = 409  # about the state of a thing, which a document may leave out
Nodes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that does not fit. *rule* is a kind of drift, or ``schema``, ``status``, ``media``, a relation…;
    *place* is a JSON pointer with ``*`` for any index."""

    rule: str
    operation: str
    place: str
    message: str

    @property
    def is_drift(self) -> bool:
        """Whether it is a report rather than a failure."""
        return self.rule in DRIFTS

    def __str__(self) -> str:
        return f"{self.operation}{self.place and ' ' + self.place}: {self.message}"


def data_of(media: str, body: bytes) -> Any:
    """A body as data: JSON parsed, text that says it is none as it is; None for nothing and for what does not parse."""
    if media.startswith("text/"):
        return body.decode(errors="replace")
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return None


def judge_answer(
    contract: Contract, operation: Operation, status: int, media: str, data: Any, *, quiet: bool = False
) -> list[Finding]:
    """Everything about one answer that its contract does not say; *data* is None where it is not JSON.

    *quiet* keeps what was found out of the messages, for answers that hold secrets.
    """
    response = operation.response(status)
    if response is None:
        if status in _TRANSPORT:  # HTTP itself may bring these to any path, in whatever words
            return []
        rule = "new-status" if 200 <= status < 300 or status == _CONFLICT else "status"
        listed = ", ".join(operation.responses)
        return [Finding(rule, operation.id, "", f"answered {status}, expected one of {listed}")]
    if not response.content:
        return []
    name = media.partition(";")[0].strip().lower()
    if name not in response.content:
        expected = " or ".join(response.content)
        return [Finding("media", operation.id, "", f"{status} is {name or 'of no type'}, expected {expected}")]
    checker = response.content[name]
    if checker is None:
        return []
    if data is None:
        return [Finding("media", operation.id, "", f"{status} says it is {name} and does not parse")]
    found = [*_broken(contract, checker, operation.id, data, quiet), *_new(contract, checker, operation.id, data)]
    return list(dict.fromkeys(found))


def _broken(contract: Contract, checker: Checker, operation: str, data: Any, quiet: bool) -> Iterator[Finding]:
    import jsonschema_rs

    if checker.accepts(data):
        return
    validator = jsonschema_rs.Draft202012Validator(checker.standalone, validate_formats=True)
    for error in validator.iter_errors(data):
        path = list(error.instance_path)
        keyword = next((step for step in reversed(error.schema_path) if isinstance(step, str)), "")
        value = _at(data, path)
        nodes = _nodes_at(contract, [checker.schema], path)
        yield _classified(operation, _place(path), keyword, value, nodes, error.message, quiet)


def _classified(
    operation: str, place: str, keyword: str, value: Any, nodes: Nodes, message: str, quiet: bool
) -> Finding:
    types = _types(nodes)
    if keyword == "required" or (keyword in ("anyOf", "oneOf") and isinstance(value, dict) and _lacks(nodes, value)):
        missing = [name for node in nodes for name in node.get("required", ()) if name not in value]
        return Finding("absent", operation, place, f"{' or '.join(dict.fromkeys(missing))} is documented and absent")
    if types and not _of_type(value, types):
        return Finding("wider-type", operation, place, f"is {_type(value)}, documented as {' or '.join(sorted(types))}")
    if keyword in ("enum", "const"):
        shown = "another value" if quiet else repr(value)
        return Finding("new-value", operation, place, f"{shown} is not one of {_choices(nodes)}")
    return Finding("schema", operation, place, f"does not fit {keyword}" if quiet else message)


def _lacks(nodes: Nodes, value: Mapping[str, Any]) -> bool:
    """Whether an object fits none of the alternatives only because keys are missing."""
    wanted = [set(node["required"]) for node in nodes if node.get("required") and "properties" not in node]
    return bool(wanted) and not any(names <= set(value) for names in wanted)


def _new(contract: Contract, checker: Checker, operation: str, data: Any) -> Iterator[Finding]:
    """Fields that no schema names. What a place's schemas are is worked out once, however many rows there are."""
    schemas: dict[tuple[Any, ...], Nodes] = {(): _flat(contract, [checker.schema])}
    todo: list[tuple[tuple[Any, ...], Any]] = [((), data)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, list):
            inner = (*path, 0)
            if inner not in schemas:
                schemas[inner] = _flat(contract, [node["items"] for node in schemas[path] if "items" in node])
            todo.extend((inner, item) for item in value)
        elif isinstance(value, dict):
            for name, item in value.items():
                place = (*path, name)
                if place not in schemas:
                    schemas[place] = _children(contract, schemas[path], name)
                if schemas[place]:
                    todo.append((place, item))
                elif _is_closed(schemas[path]):
                    yield Finding("new-field", operation, _place(place), f"is not documented ({_type(item)})")


def _is_closed(nodes: Nodes) -> bool:
    """Whether the schema names its fields, so that another one is news."""
    named = any(node.get("properties") for node in nodes)
    return named and not any(isinstance(node.get("additionalProperties"), dict) for node in nodes)


def _children(contract: Contract, nodes: Nodes, name: str) -> Nodes:
    own = [node["properties"][name] for node in nodes if name in node.get("properties", {})]
    rest = [node["additionalProperties"] for node in nodes if isinstance(node.get("additionalProperties"), dict)]
    return _flat(contract, own or rest)


def _flat(contract: Contract, nodes: Nodes) -> Nodes:
    """Each node with its references followed, and all its alternatives beside it."""
    found: list[Mapping[str, Any]] = []
    for each in nodes:
        node = {**contract.resolve(each), **{key: value for key, value in each.items() if key != "$ref"}}
        found.append(node)
        for key in ("allOf", "anyOf", "oneOf"):
            found.extend(_flat(contract, node.get(key, ())))
    return found


def _nodes_at(contract: Contract, nodes: Nodes, path: Sequence[Any]) -> Nodes:
    nodes = _flat(contract, nodes)
    for step in path:
        if isinstance(step, int):
            nodes = _flat(contract, [node["items"] for node in nodes if "items" in node])
        else:
            nodes = _children(contract, nodes, step)
    return nodes


def _at(data: Any, path: Sequence[Any]) -> Any:
    for step in path:
        data = data[step]
    return data


def _place(path: Sequence[Any]) -> str:
    return "".join("/*" if isinstance(step, int) else f"/{step}" for step in path)


def _types(nodes: Nodes) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        kind = node.get("type", ())
        found.update([kind] if isinstance(kind, str) else kind)
        found.update(_type(value) for value in [*node.get("enum", ()), *([node["const"]] if "const" in node else [])])
    return found


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "integer", float: "number", type(None): "null"}
    return names[type(value)]


def _of_type(value: Any, types: set[str]) -> bool:
    kind = _type(value)
    whole = isinstance(value, float) and value.is_integer()
    return kind in types or (kind == "integer" and "number" in types) or (whole and "integer" in types)


def _choices(nodes: Nodes) -> str:
    choices = [
        value for node in nodes for value in [*node.get("enum", ()), *([node["const"]] if "const" in node else [])]
    ]
    return ", ".join(map(repr, dict.fromkeys(choices)))
