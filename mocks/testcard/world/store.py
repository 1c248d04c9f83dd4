"""What has been written in a world: collections of values by key.

Four verbs, so that a shared or persistent back end can stand here without a vendor noticing. Values are plain data
(what JSON can hold): a snapshot of a world is a copy of its store.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from typing import Any, Protocol

__all__ = ["MemoryStore", "Store"]

_ABSENT = object()


class Store(Protocol):
    """Collections of values by key; a scan yields them in the order they were first put."""

    def get(self, collection: str, key: str) -> Any:
        """The value, or None."""

    def put(self, collection: str, key: str, value: Any) -> None:
        """Keep *value*, in place of an earlier one."""

    def delete(self, collection: str, key: str) -> bool:
        """Forget the value; whether there was one."""

    def scan(self, collection: str) -> Iterator[tuple[str, Any]]:
        """Every (key, value) there was when the scan began."""

    def count(self, collection: str) -> int:
        """How many values there are."""

    def dump(self) -> dict[str, dict[str, Any]]:
        """Everything, as a copy."""

    def restore(self, content: dict[str, dict[str, Any]]) -> None:
        """Exactly this content, in place of all there was."""


class MemoryStore:
    """A `Store` in dictionaries; each verb is atomic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._collections: dict[str, dict[str, Any]] = {}

    def get(self, collection: str, key: str) -> Any:
        """The value, or None."""
        return self._collections.get(collection, {}).get(key)

    def put(self, collection: str, key: str, value: Any) -> None:
        """Keep *value*, in place of an earlier one."""
        with self._lock:
            self._collections.setdefault(collection, {})[key] = value

    def delete(self, collection: str, key: str) -> bool:
        """Forget the value; whether there was one."""
        with self._lock:
            return self._collections.get(collection, {}).pop(key, _ABSENT) is not _ABSENT

    def scan(self, collection: str) -> Iterator[tuple[str, Any]]:
        """Every (key, value) there was when the scan began."""
        with self._lock:
            items = list(self._collections.get(collection, {}).items())
        return iter(items)

    def count(self, collection: str) -> int:
        """How many values there are."""
        return len(self._collections.get(collection, {}))

    def dump(self) -> dict[str, dict[str, Any]]:
        """Everything, as a copy."""
        with self._lock:
            return copy.deepcopy(self._collections)

    def restore(self, content: dict[str, dict[str, Any]]) -> None:
        """Exactly this content, in place of all there was."""
        with self._lock:
            self._collections = copy.deepcopy(content)
