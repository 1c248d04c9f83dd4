"""From method and path to an operation: the contract is the router.

A tree of path segments, literal ones before templates; a template matches one segment, percent-decoded, or all the
rest where the parameter says it spans several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

__all__ = ["Found", "Router"]

T = TypeVar("T")


@dataclass
class _Node(Generic[T]):
    literal: dict[str, _Node[T]] = field(default_factory=dict)
    template: _Node[T] | None = None
    rest: _Node[T] | None = None
    targets: dict[str, list[tuple[tuple[str, ...], T]]] = field(default_factory=dict)


class Found(NamedTuple, Generic[T]):
    """Where a path leads: the targets of the method (several only where a query parameter picks one), with the
    path's arguments; *allowed* lists the methods the path has."""

    targets: Sequence[tuple[Mapping[str, str], T]]
    allowed: tuple[str, ...]


class Router(Generic[T]):
    """Finds targets by method and path."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, target: T, *, rest: Iterable[str] = ()) -> None:
        """Lead *path*, with ``{templates}``, to *target*; those named in *rest* span several segments."""
        node = self._root
        names = []
        spanning = set(rest)
        for segment in path.strip("/").split("/"):
            if not segment.startswith("{"):
                node = node.literal.setdefault(segment, _Node())
                continue
            names.append(segment.strip("{}"))
            if names[-1] in spanning:
                node.rest = node = node.rest or _Node()
            else:
                node.template = node = node.template or _Node()
        node.targets.setdefault(method, []).append((tuple(names), target))

    def find(self, method: str, path: str) -> Found[T] | None:
        """Return the targets for *path*, or None when no operation has that path.

        A literal segment wins over a template, unless only the template has the method.
        """
        segments = path[1:].split("/")
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        allowed: dict[str, None] = {}
        for node, values in _walk(self._root, segments, 0):
            targets = node.targets.get(method)
            if targets:
                found = [(dict(zip(names, values, strict=True)), target) for names, target in targets]
                return Found(found, tuple(node.targets))
            allowed.update(dict.fromkeys(node.targets))
        return Found([], tuple(allowed)) if allowed else None


def _walk(node: _Node[T], segments: list[str], at: int) -> Iterator[tuple[_Node[T], list[str]]]:
    """Every node that *segments* lead to, the most literal first, with the templates' values."""
    if at == len(segments):
        if node.targets:
            yield node, []
        return
    segment = segments[at]
    if segment in node.literal:
        yield from _walk(node.literal[segment], segments, at + 1)
    if node.template is not None and segment:
        for found, values in _walk(node.template, segments, at + 1):
            yield found, [segment, *values]
    if node.rest is not None and segment:
        yield node.rest, ["/".join(segments[at:])]
