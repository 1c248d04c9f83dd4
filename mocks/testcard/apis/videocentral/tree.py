"""The tree of a world: accounts, report groups, channels or studios, report types.

The story's tree comes from the fixtures; a world without explicit rows shares it. Explicit rows stand beside it or in
its place, and a row's parents exist because the row names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from testcard.data import load
from testcard.seed import hexadecimal, uuid_from
from testcard.world.rows import Rows
from testcard.world.world import World

__all__ = ["LEVELS", "NOWHERE", "PARENTS", "Kind", "Node", "Path", "Source", "Tree", "kind_of", "story_tree", "tree_of"]

API = "videocentral"
LEVELS = ("accounts", "reportGroups", "channels", "reportTypes")
PARENTS = ("accountId", "reportGroupId", "channelId", "reportTypeId")

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Source:
    """Which viewing a channel or studio reports: that of some of the story's channels, or of a studio's titles.

    There is one of each, so that what is kept by it is found quickly.
    """

    channels: tuple[str, ...] = ()
    studio: str = ""
    viewers_in: str = ""


NOWHERE = Source()


@dataclass(frozen=True, eq=False)
class Kind:
    """How a report type is counted; see ``fixtures/videocentral/reports.yaml``. There is one of each."""

    slug: str
    name: str
    rows: str
    ready_h: int
    columns: tuple[str, ...]


@dataclass(slots=True)
class Node:
    """One account, group, channel or type: its row as the API shows it, what hangs below, and its place in the story.

    *source* is a `Source` for the story's channels, a `Kind` for its report types, None for what the story lacks.
    """

    row: dict[str, Any]
    source: Any = None
    children: dict[str, Node] = field(default_factory=dict)
    unnamed_territory: bool = False


class Tree:
    """The nodes of a world by their ids, from the account down."""

    def __init__(self, rows: Rows | None = None) -> None:
        self.root = Node({})
        for level, table in enumerate(LEVELS):
            if rows is None or not rows.replaced(API, table):
                self._add_story(level)
            for row in rows.given(API, table) if rows else ():
                self._add_row(level, row)
        for row in rows.given(API, "reports") if rows else ():
            self._ensure(tuple(row[name] for name in PARENTS))

    def find(self, path: Path) -> Node | None:
        """The node with these ids, or None."""
        node: Node | None = self.root
        for identity in path:
            node = node.children.get(identity) if node else None
        return node

    def walk(self, depth: int) -> Iterator[tuple[Path, Node]]:
        """All nodes of one level (1: accounts, 4: report types), in order."""
        nodes: list[tuple[Path, Node]] = [((), self.root)]
        for _ in range(depth):
            nodes = [((*path, key), child) for path, node in nodes for key, child in node.children.items()]
        return iter(nodes)

    @cached_property
    def types(self) -> dict[str, Path]:
        """The path of each report type by its digest, under which its files are stored."""
        return {digest(path): path for path, _ in self.walk(4)}

    def _add_story(self, level: int) -> None:
        for path, node in _story_nodes()[level]:
            parent = self.find(path[:-1])
            if parent is not None:
                new = Node(node.row, node.source, {}, node.unnamed_territory)
                parent.children[path[-1]] = new

    def _add_row(self, level: int, row: dict[str, Any]) -> None:
        path = (*(row[name] for name in PARENTS[:level]), row["id"])
        shown = {name: value for name, value in row.items() if name not in PARENTS}
        story = _story_index().get(path)
        parent = self._ensure(path[:-1])
        known = parent.children.get(path[-1])
        parent.children[path[-1]] = Node(shown, story.source if story else None, known.children if known else {})

    def _ensure(self, path: Path) -> Node:
        """The node at *path*, made with what is known of it when it is not there."""
        node = self.root
        for level, identity in enumerate(path):
            if identity not in node.children:
                story = _story_index().get(path[: level + 1])
                node.children[identity] = Node(
                    story.row if story else _bare_row(level, identity), story.source if story else None
                )
            node = node.children[identity]
        return node


def tree_of(world: World) -> Tree:
    """The world's tree as it is now."""
    version = world.rows.version
    if version == 0:
        return story_tree()
    kept = world.shelf.get("videocentral/tree")
    if kept is None or kept[0] != version:
        kept = world.shelf["videocentral/tree"] = (version, Tree(world.rows))
    tree: Tree = kept[1]
    return tree


@lru_cache(maxsize=1)
def story_tree() -> Tree:
    """The tree without explicit rows, the same in every world."""
    return Tree()


@lru_cache(maxsize=4096)
def digest(path: Path) -> str:
    """What stands for a report type in the storage."""
    return hexadecimal(32, API, "report type", *path)


@lru_cache(maxsize=32)
def kind_of(slug: str) -> Kind:
    """A kind of report by its name in the fixtures."""
    entry = load("fixtures/videocentral/reports.yaml")["kinds"][slug]
    return Kind(slug, entry["name"], entry["rows"], entry["ready_h"], tuple(entry["columns"]))


def _bare_row(level: int, identity: str) -> dict[str, Any]:
    """A node that only a row below it has named."""
    row = {"id": identity, "name": identity}
    return {**row, "cadence": "Daily"} if level == 3 else row


@lru_cache(maxsize=1)
def _story_index() -> dict[Path, Node]:
    return {path: node for level in _story_nodes() for path, node in level}


@lru_cache(maxsize=1)
def _story_nodes() -> tuple[list[tuple[Path, Node]], ...]:
    """The story's nodes by level, each with its path."""
    levels: tuple[list[tuple[Path, Node]], ...] = ([], [], [], [])
    groups = {group["id"]: group for group in load("fixtures/videocentral/reports.yaml")["groups"]}
    for account in load("fixtures/videocentral/accounts.yaml")["accounts"]:
        levels[0].append(((account["id"],), Node({"id": account["id"], "name": account["name"]})))
        for group_id, channels in account["groups"].items():
            path = (account["id"], group_id)
            levels[1].append((path, Node({"id": group_id, "name": groups[group_id]["name"]})))
            for channel in channels:
                levels[2].append(((*path, channel["id"]), _channel(channel)))
                levels[3].extend(_types((*path, channel["id"]), groups[group_id]))
    return levels


def _channel(entry: dict[str, Any]) -> Node:
    source = Source(tuple(entry.get("story", ())), entry.get("studio", ""), entry.get("viewers_in", ""))
    row = {name: entry[name] for name in ("id", "name", "territory")}
    return Node(row, source, {}, entry.get("unnamed_territory", False))


def _types(path: Path, group: dict[str, Any]) -> Iterator[tuple[Path, Node]]:
    """A type is the same insight for every channel of its group; each cadence is a type of its own."""
    for slug, cadences in group["types"]:
        kind = kind_of(slug)
        for cadence in cadences:
            identity = "amzn1.vcpa.arcs.insight." + uuid_from(API, group["id"], slug, cadence)
            row = {"name": kind.name, "cadence": cadence, "id": identity}
            yield (*path, identity), Node(row, kind)
