"""Ways through any API by its contract alone: good requests, bad ones, and where ids come from. Knows no handler."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

from support import Answer, Mock
from testcard.apis import APIS
from testcard.contract import Operation, Parameter, contract_names, open_contract
from testcard.data import data_path, load

__all__ = [
    "API_NAMES",
    "OPERATIONS",
    "Asked",
    "Samples",
    "Visitor",
    "credential_headers",
    "operations_of",
    "samples_of",
]

API_NAMES = list(APIS)
NOW = "2026-03-02T12:00:00Z"


def operations_of(api: str) -> list[Operation]:
    """Every operation of an API, in the order of its contracts."""
    return [each for name in contract_names(api) for each in open_contract(name).operations.values()]


OPERATIONS = [(api, operation) for api in API_NAMES for operation in operations_of(api)]

Samples = list[dict[str, Any]]


@cache
def samples_of(api: str) -> Samples:
    """Every sample payload of an API's document."""
    folder = data_path(f"fixtures/{api}")
    files = sorted(path.name for path in folder.glob("*samples.json"))
    return [sample for name in files for sample in load(f"fixtures/{api}/{name}")]


@dataclass
class Asked:
    """A request, in the parts that tests change."""

    operation: Operation
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def url(self, api: str) -> str:
        """The address below the server."""
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return f"/{api}{self.operation.servers[0].base}{path}"


class Visitor:
    """A client of one API with a mock of its own: knows the contract, its samples, and the answers it has had."""

    def __init__(self, api: str, **options: Any) -> None:
        self.api = api
        self.mock = Mock(api, now=NOW, **options)
        self.env = self.mock.env(api)
        self.headers = credential_headers(api, self.env)

    def send(self, asked: Asked) -> Answer:
        """Send a request as it stands."""
        return self.mock.request(
            asked.operation.method,
            asked.url(self.api),
            params=asked.query,
            headers={"Accept-Encoding": "identity", **asked.headers},
            body=asked.body,
        )

    def good(self, operation: Operation) -> Asked:
        """A request that the contract allows, about things that there are."""
        asked = Asked(operation, headers=dict(self.headers) if operation.secured else {})
        asked.path = self.path_arguments(operation)
        asked.query = {each.name: self._query_value(each) for each in operation.parameters if _asked_for(each)}
        asked.query |= _EXTRA_QUERY.get((self.api, operation.id), {})
        media, body = self._body(operation)
        if media:
            asked.headers["content-type"] = media
            asked.body = body
        return asked

    def path_arguments(self, operation: Operation) -> dict[str, str]:
        """A value for each template: a choice of its schema, or the first id of the collection before it."""
        found: dict[str, str] = {}
        for parameter in operation.parameters:
            if parameter.location == "path":
                found[parameter.name] = self._path_value(operation, parameter, found)
        return found

    def _path_value(self, operation: Operation, parameter: Parameter, found: Mapping[str, str]) -> str:
        fixed = self._fixed(operation, parameter)
        if fixed is not None:
            return fixed
        prefix = operation.path.partition(f"{{{parameter.name}}}")[0].rstrip("/")
        for name, value in found.items():
            prefix = prefix.replace(f"{{{name}}}", quote(value, safe=""))
        url = f"/{self.api}{operation.servers[0].base}{prefix}"
        answer = self.mock.get(url, headers=self.headers)
        return _first_id(answer.json, parameter.name) if answer.status == 200 else "none"

    def _fixed(self, operation: Operation, parameter: Parameter) -> str | None:
        schema = parameter.schema
        if (self.api, operation.id, parameter.name) in _PATHS:
            return str(_PATHS[self.api, operation.id, parameter.name](self))
        if schema.get("enum"):
            return str(schema["enum"][0])
        if schema.get("type") == "integer":
            return str(schema.get("minimum", 1))
        return None

    def _query_value(self, parameter: Parameter) -> Any:
        known = {"client_id": self.env.get("CLIENT_ID", ""), "redirect_uri": "https://client.example/back"}
        schema = parameter.schema
        value = known.get(parameter.name) or schema.get("const") or (schema.get("enum") or [None])[0]
        if value is not None:
            return value
        if parameter.name in ("date_time_from", "date_time_to"):
            return "2026-02-01T00:00:00" if parameter.name.endswith("from") else "2026-02-02T00:00:00"
        if "examples" in schema:
            return schema["examples"][0]
        return "1"

    def _body(self, operation: Operation) -> tuple[str, bytes]:
        if operation.body is None:
            return "", b""
        media = next(iter(operation.body.content))
        if media == "application/x-www-form-urlencoded":
            return media, _FORMS[self.api, operation.id](self).encode()
        samples = (each for each in samples_of(self.api) if each["part"] == "request")
        body: Any = next((each["body"] for each in samples if each["operation"] == operation.id), {})
        change = _BODIES.get((self.api, operation.id))
        return media, json.dumps(change(self, json.loads(json.dumps(body))) if change else body).encode()


def credential_headers(api: str, env: Mapping[str, str]) -> dict[str, str]:
    """The headers that say who calls, as the contract's first security scheme wants them."""
    schemes = open_contract(contract_names(api)[0]).document["components"]["securitySchemes"]
    scheme = next(iter(schemes.values()))
    secret = env.get("API_KEY") or env["TOKEN"]
    if scheme["type"] == "http":
        return {"Authorization": f"Bearer {secret}"}
    tenant = {"X-Tenant-Id": env["TENANT_ID"]} if "TENANT_ID" in env else {}
    return {scheme["name"]: secret, **tenant}


def _asked_for(parameter: Parameter) -> bool:
    return parameter.location == "query" and parameter.required


def _first_id(data: Any, name: str) -> str:
    """The id of the first item of the first list in an answer."""
    for rows in _lists(data):
        for row in rows:
            if isinstance(row, dict):
                for key in ("id", name, "reportTypeId", "Id"):
                    if key in row:
                        return str(row[key])
    return "none"


def _lists(data: Any) -> Iterator[list[Any]]:
    if isinstance(data, list):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _lists(value)


_EXTRA_QUERY: dict[tuple[str, str], dict[str, Any]] = {}
_PATHS: dict[tuple[str, str, str], Any] = {}
_FORMS: dict[tuple[str, str], Any] = {}
for _key in (
    ("videocentral", "request_token"),
    ("ibmvideo", "request_token"),
    ("ibmvideo", "revoke_token"),
    ("videokit", "issue_token"),
):
    _FORMS[_key] = lambda visitor: "grant_type=x"
_BODIES: dict[tuple[str, str], Any] = {}
