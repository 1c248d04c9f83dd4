"""One JSON Schema (2020-12) of a contract, compiled when it is first needed.

jsonschema-rs does the work: it is a hundred times faster than ``jsonschema``, which the tests use as the second
opinion. Formats are asserted, not annotated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = ["Checker", "needed_schemas"]


class Checker:
    """Checks values against *schema*, whose references point into the *document* it stands in."""

    def __init__(self, schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        self.schema = schema
        self._document = document

    @cached_property
    def standalone(self) -> dict[str, Any]:
        """The schema with the components its references need, so that it can be used on its own."""
        named = self._document.get("components", {}).get("schemas", {})
        return {**self.schema, "components": {"schemas": needed_schemas(self.schema, named)}}

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        import jsonschema_rs  # 30 ms to import, and many commands never check a value

        return jsonschema_rs.Draft202012Validator(self.standalone, validate_formats=True)

    def accepts(self, value: Any) -> bool:
        """Whether *value* fits."""
        return self._validator.is_valid(value)

    def complaints(self, value: Any) -> list[tuple[str, str]]:
        """Say what does not fit: (place as a JSON pointer, what was found and expected), in document order."""
        return [
            ("".join(f"/{step}" for step in error.instance_path), error.message)
            for error in self._validator.iter_errors(value)
        ]


def needed_schemas(start: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the *named* schemas that *start* refers to, directly or not, in their order."""
    found: set[str] = set()
    todo: list[Any] = [start]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/").partition("/")[0]
            if name in named and name not in found:
                found.add(name)
                todo.append(named[name])
            todo.extend(node.values())
    return {name: schema for name, schema in named.items() if name in found}
