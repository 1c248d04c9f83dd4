"""A contract: one OpenAPI 3.1 document, read into operations.

``contracts/<name>.yaml`` is the contract called ``<name>``; an API with several product modules has one contract
each, ``contracts/<api>/<module>.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from testcard.contract.evidence import check_evidence
from testcard.contract.operation import Body, Operation, Parameter, Response, Server, snake_case
from testcard.contract.schema import Checker
from testcard.data import data_path, load
from testcard.errors import ContractError

__all__ = ["Contract", "contract_names", "documented_servers", "facts_of", "open_contract"]

T = TypeVar("T")

_METHODS = ("get", "put", "post", "delete", "patch")


@cache
def open_contract(name: str) -> Contract:
    """Return the contract called *name*, e.g. ``videocentral`` or ``videokit/vod``, read once per process."""
    return Contract(name, load(f"contracts/{name}.yaml"))


def contract_names(api: str) -> list[str]:
    """The contracts of one API: its own file, or the files of its folder."""
    folder = data_path(f"contracts/{api}")
    if not folder.is_dir():
        return [api]
    return [f"{api}/{path.stem}" for path in sorted(folder.glob("*.yaml")) if "." not in path.stem]


def documented_servers(api: str) -> list[Server]:
    """The documented addresses of an API, each once."""
    contracts = [open_contract(name) for name in contract_names(api)]
    operations = [operation for contract in contracts for operation in contract.operations.values()]
    return list(dict.fromkeys(server for operation in operations for server in operation.servers))


@cache
def facts_of(api: str) -> Mapping[str, Any]:
    """What is known of *api* beyond its document, by id; empty where there is no such file."""
    name = f"contracts/{api}.facts.yaml"
    return load(name) if data_path(name).exists() else {}


class Contract:
    """One OpenAPI document as `Operation` values; `ContractError` when it is not what it must be."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        for part in ("openapi", "info", "servers", "paths"):
            if part not in document:
                raise ContractError(f"contracts/{name}.yaml: no {part}; expected an OpenAPI 3.1 document")
        self.name = name
        self.api = name.partition("/")[0]
        self.document = document
        self.options: Mapping[str, Any] = document.get("x-testcard", {})
        self.servers = tuple(Server.parse(server["url"]) for server in document["servers"])
        self._named: dict[str, Mapping[str, Any]] = {}
        self._shared: dict[tuple[str, str], Any] = {}
        if not self.options.get("own"):  # our own control interface has no vendor to cite
            check_evidence(f"contracts/{name}.yaml", self._parts(), facts_of(self.api))
        self.operations = {operation.id: operation for operation in self._operations()}
        self.unrouted = {
            status: self._response(status, response) for status, response in document.get("x-unrouted", {}).items()
        }

    def checker(self, schema_name: str) -> Checker:
        """The checker of one schema of the components, by name."""
        return Checker({"$ref": f"#/components/schemas/{schema_name}"}, self.document)

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a local reference to what it names."""
        while "$ref" in node:
            reference = node["$ref"]
            if reference not in self._named:
                self._named[reference] = self._find(reference)
            node = self._named[reference]
        return node

    def _find(self, reference: str) -> Mapping[str, Any]:
        target: Any = self.document
        for step in reference.removeprefix("#/").split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if target else None
        if target is None:
            raise ContractError(f"contracts/{self.name}.yaml: nothing at {reference!r}")
        found: Mapping[str, Any] = target
        return found

    def _once(self, kind: str, node: Mapping[str, Any], make: Callable[[Mapping[str, Any]], T]) -> T:
        """Read what several operations refer to by name only once, so that its checkers are compiled only once."""
        if "$ref" not in node:
            return make(node)
        key = (kind, node["$ref"])
        if key not in self._shared:
            self._shared[key] = make(self.resolve(node))
        shared: T = self._shared[key]
        return shared

    def _items(self) -> Iterator[tuple[str, Mapping[str, Any], str, Mapping[str, Any]]]:
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield path, item, method, item[method]

    def _parts(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Everything that needs evidence, with a name for it."""
        for path, item, method, node in self._items():
            where = node.get("operationId") or f"{method.upper()} {path}"
            yield where, node
            for raw in [*item.get("parameters", []), *node.get("parameters", [])]:
                parameter = self.resolve(raw)
                yield f"{where}: {parameter['in']} {parameter['name']!r}", parameter
            for status, response in node["responses"].items():
                yield f"{where}: response {status}", self.resolve(response)

    def _operations(self) -> Iterator[Operation]:
        seen: set[str] = set()
        for path, item, method, node in self._items():
            identity = node.get("operationId", "")
            if not identity.isidentifier() or identity in seen:
                raise ContractError(
                    f"contracts/{self.name}.yaml: {method.upper()} {path}: operationId {identity!r};"
                    " expected a unique snake_case name"
                )
            seen.add(identity)
            yield self._operation(path, item, method, node)

    def _operation(self, path: str, item: Mapping[str, Any], method: str, node: Mapping[str, Any]) -> Operation:
        raw = [*item.get("parameters", []), *node.get("parameters", [])]
        parameters = tuple(self._once("parameter", each, self._parameter) for each in raw)
        servers = [Server.parse(server["url"]) for server in item.get("servers", [])]
        bare, _, fragment = path.partition("#")
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=bare,
            summary=node.get("summary", ""),
            servers=tuple(servers) or self.servers,
            parameters=parameters,
            body=self._body(node.get("requestBody")),
            responses={status: self._response(status, each) for status, each in node["responses"].items()},
            secured=bool(node.get("security", self.document.get("security", []))),
            extension=bool(node.get("x-extension")),
            variant=self._variant(path, parameters) if fragment else None,
            evidence=node.get("x-evidence", {}),
        )

    def _variant(self, path: str, parameters: tuple[Parameter, ...]) -> tuple[str, str]:
        """The query parameter whose constant picks one of several operations on a path."""
        for parameter in parameters:
            if parameter.location == "query" and parameter.required and "const" in parameter.schema:
                return parameter.name, parameter.schema["const"]
        raise ContractError(f"contracts/{self.name}.yaml: {path}: no required query parameter with a const picks it")

    def _parameter(self, node: Mapping[str, Any]) -> Parameter:
        schema = self.resolve(node["schema"])
        array = None
        if schema.get("type") == "array":
            exploded = node.get("explode", node.get("style", "form") == "form")
            array = node.get("x-array") or ("repeated" if exploded else "comma")
        return Parameter(
            name=node["name"],
            location=node["in"],
            argument="" if node.get("x-argument") is False else node.get("x-argument") or snake_case(node["name"]),
            schema=schema,
            checker=Checker(schema, self.document),
            required=node.get("required", False),
            array=array,
            multi_segment=node.get("x-multi-segment", False),
            evidence=node.get("x-evidence", {}),
        )

    def _content(self, node: Mapping[str, Any]) -> dict[str, Checker | None]:
        return {
            media: Checker(each["schema"], self.document) if _has_data(media) and "schema" in each else None
            for media, each in node.get("content", {}).items()
        }

    def _body(self, node: Mapping[str, Any] | None) -> Body | None:
        if node is None:
            return None
        node = self.resolve(node)
        return Body(node.get("required", False), self._content(node))

    def _response(self, status: str, node: Mapping[str, Any]) -> Response:
        def make(node: Mapping[str, Any]) -> Response:
            headers = {name: self.resolve(header) for name, header in node.get("headers", {}).items()}
            required = frozenset(name.lower() for name, header in headers.items() if header.get("required"))
            return Response(status, self._content(node), tuple(headers), node.get("x-evidence", {}), required)

        return self._once(status, node, make)


def _has_data(media: str) -> bool:
    """Whether a body of this media type is data that a schema can check."""
    return media.endswith("json") or media == "application/x-www-form-urlencoded"
