"""Contracts for other tools: one self-contained OpenAPI document per API, one JSON Schema per name.

An API with several contract files is exported as one document: each path carries its file's server, and component
names that mean different things in two files are told apart by the file's name.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from testcard.contract.contract import Contract, contract_names, open_contract
from testcard.contract.schema import needed_schemas
from testcard.errors import UserError, near_miss

__all__ = ["export_api", "export_schema", "operation_rows"]


def export_api(api: str, *, base_url: str | None = None) -> dict[str, Any]:
    """Return the whole API as one OpenAPI 3.1 document, served from the vendor or from a mock at *base_url*."""
    merged: dict[str, Any] = {}
    for name in contract_names(api):
        _merge(merged, open_contract(name), base_url)
    return merged


def export_schema(api: str, schema_name: str) -> dict[str, Any]:
    """Return one schema of an API with everything it refers to."""
    document = export_api(api)
    schemas = document["components"]["schemas"]
    if schema_name not in schemas:
        raise UserError(f"{api} has no schema {schema_name!r}{near_miss(schema_name, schemas)}")
    reference = {"$ref": f"#/components/schemas/{schema_name}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name,
        **reference,
        "components": {"schemas": needed_schemas(reference, schemas)},
    }


def operation_rows(api: str) -> list[tuple[str, str, str, str]]:
    """List an API's operations as (operationId, method, path, evidence), in the order of the vendor's pages."""
    rows = []
    for name in contract_names(api):
        for operation in open_contract(name).operations.values():
            evidence = "; ".join(f"{label}: {source}" for label, source in operation.evidence.items())
            rows.append((operation.id, operation.method, operation.servers[0].base + operation.path, evidence))
    return rows


def _merge(merged: dict[str, Any], contract: Contract, base_url: str | None) -> None:
    document = copy.deepcopy(dict(contract.document))
    if not merged:
        merged.update({key: value for key, value in document.items() if key not in ("paths", "components", "servers")})
        merged.update(servers=_servers(contract.api, document["servers"], base_url), paths={}, components={})
    renamed = _clashes(merged["components"], document.get("components", {}), contract.name)
    document = _rename(document, renamed)
    for path, item in document["paths"].items():
        item["servers"] = _servers(contract.api, item.get("servers", document["servers"]), base_url)
        merged["paths"][_free(path, item, merged["paths"])] = item
    for kind, named in document.get("components", {}).items():
        merged["components"].setdefault(kind, {}).update(named)


def _servers(api: str, servers: list[dict[str, Any]], base_url: str | None) -> list[dict[str, Any]]:
    if base_url is None:
        return servers
    bases = dict.fromkeys("/" + server["url"].partition("://")[2].partition("/")[2] for server in servers)
    return [{"url": f"{base_url}/{api}{base.rstrip('/')}"} for base in bases]


def _free(path: str, item: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
    """Two modules may have the same path under different servers: a fragment keeps the keys apart."""
    if path not in taken:
        return path
    module = item["servers"][0]["url"].rstrip("/").split("/")[-2]
    return f"{path}#{module}"


def _clashes(have: Mapping[str, Any], new: Mapping[str, Any], name: str) -> dict[str, str]:
    """Pointers of components that another file already uses for something else, with their new pointers.

    A component that refers to one of these means something else too, though it reads the same.
    """
    module = name.rpartition("/")[2].capitalize()
    renamed: dict[str, str] = {}
    while True:
        found = {
            f"#/components/{kind}/{key}": f"#/components/{kind}/{module}{key}"
            for kind, named in new.items()
            for key, value in named.items()
            if key in have.get(kind, {}) and (have[kind][key] != value or _refers(value, renamed))
        }
        if found == renamed:
            return found
        renamed = found


def _refers(node: Any, pointers: Mapping[str, str]) -> bool:
    if isinstance(node, dict):
        return node.get("$ref") in pointers or any(_refers(each, pointers) for each in node.values())
    return isinstance(node, list) and any(_refers(each, pointers) for each in node)


def _rename(document: dict[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: renamed.get(value, value) if key == "$ref" and isinstance(value, str) else walk(value)
                for key, value in node.items()
            }
        return [walk(each) for each in node] if isinstance(node, list) else node

    walked: dict[str, Any] = walk(document)
    for old, new in renamed.items():
        _, _, kind, key = old.split("/")
        walked["components"][kind][new.rpartition("/")[2]] = walked["components"][kind].pop(key)
    return walked
