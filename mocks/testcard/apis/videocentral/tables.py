"""Explicit rows: accounts, report groups, channels, report types and reports, in the API's own field names.

What a row leaves out is filled: parents with the first ones there are, ids and names from the row's number, a report's
end from its cadence and its generation with the end of its period. A report may carry `records`, the rows of its file
as objects by column: an extension of the test card, never shown by the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from testcard.apis.videocentral.periods import CADENCES, midnight_ms, next_begin
from testcard.apis.videocentral.report_types import ReportType
from testcard.apis.videocentral.reports import Filters, write_ms
from testcard.apis.videocentral.tree import LEVELS, PARENTS, Node, Path, tree_of
from testcard.errors import RowError
from testcard.seed import digits, uuid_from
from testcard.world.rows import Row, Table
from testcard.world.world import World

__all__ = ["TABLES"]

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_CADENCE = {"enum": list(CADENCES)}
_FIRST_BEGIN = date(2019, 1, 1)
_NAMES = ("Account", "Report group", "Channel", "Report type")


def _schema(level: int, **more: Any) -> dict[str, Any]:
    fields = dict.fromkeys(PARENTS[:level], _TEXT)
    return {"type": "object", "additionalProperties": False, "properties": {**fields, **more}}


def _fill_node(level: int, world: World, row: Row, index: int) -> Row:
    path = _parents(world, row, level)
    named = row.get("reportTypeId") if level == 3 else None
    identity = row.get("id") or named or _new_id(level, world, index)
    filled = {**dict(zip(PARENTS[:level], path, strict=True)), **row, "id": identity}
    if level == 3:
        filled.pop("reportTypeId", None)
        filled.setdefault("cadence", "Daily")
    known = tree_of(world).find((*path, identity))
    filled.setdefault("name", known.row["name"] if known else f"{_NAMES[level]} {index + 1}")
    return filled


def _new_id(level: int, world: World, index: int) -> str:
    seed = (world.seed, "videocentral", LEVELS[level], index)
    made = {0: digits(10, *seed), 1: f"group{index + 1}", 2: uuid_from(*seed)}
    return made.get(level) or f"amzn1.vcpa.arcs.insight.{uuid_from(*seed)}"


def _parents(world: World, row: Row, depth: int) -> Path:
    """The ids of a row's parents: as given, else the first there is, else of our own making."""
    node: Node | None = tree_of(world).root
    path: list[str] = []
    for level in range(depth):
        first = next(iter(node.children), None) if node else None
        path.append(row.get(PARENTS[level]) or first or _new_id(level, world, 0))
        node = node.children.get(path[-1]) if node else None
    return tuple(path)


def _fill_report(world: World, row: Row, index: int) -> Row:
    path = _parents(world, row, 4)
    tree = tree_of(world)
    node = tree.find(path) or Node({"id": path[-1], "name": path[-1], "cadence": "Daily"})
    cadence = row.get("cadence") or node.row.get("cadence", "Daily")
    begin = date.fromisoformat(row["reportDateBegin"]) if "reportDateBegin" in row else _begin(cadence, index)
    end = (
        date.fromisoformat(row["reportDateEnd"])
        if "reportDateEnd" in row
        else next_begin(cadence, begin) - timedelta(days=1)
    )
    if end < begin:
        raise RowError(f"reports: row {index}: reportDateEnd: {end} is before reportDateBegin {begin}")
    records = row.get("records")
    rows = row.get("numRows")
    if records is not None and rows not in (None, len(records)):
        raise RowError(f"reports: row {index}: numRows: {rows}, but there are {len(records)} records; leave one out")
    if rows is None:
        rows = ReportType(world, tree, path, node).count(begin, end) if records is None else len(records)
    return {
        **dict(zip(PARENTS, path, strict=True)),
        "name": node.row["name"],
        "modifiedDate": write_ms(midnight_ms(end + timedelta(days=1))),
        **row,
        "cadence": cadence,
        "reportDateBegin": begin.isoformat(),
        "reportDateEnd": end.isoformat(),
        "numRows": rows,
    }


def _begin(cadence: str, index: int) -> date:
    """Without dates, rows are periods one after the other."""
    begin = _FIRST_BEGIN
    for _ in range(index):
        begin = next_begin(cadence, begin)
    return begin


def _read_nodes(level: int, world: World) -> Iterable[Row]:
    for path, node in tree_of(world).walk(level + 1):
        yield {**dict(zip(PARENTS[:level], path, strict=False)), **node.row}


def _read_reports(world: World) -> Iterable[Row]:
    tree = tree_of(world)
    for path, node in tree.walk(4):
        for report in ReportType(world, tree, path, node).select(Filters()):
            row: Row = {
                **dict(zip(PARENTS, path, strict=True)),
                "numRows": report.rows,
                "reportDateBegin": report.begin.isoformat(),
                "reportDateEnd": report.end.isoformat(),
                "modifiedDate": write_ms(report.modified_ms),
                "name": report.name,
                "cadence": report.cadence,
            }
            if report.link is not None:
                row["downloadUrl"] = report.link
            if report.records is not None:
                row["records"] = list(report.records)
            yield row


def _node_table(level: int, **fields: Any) -> Table:
    return Table(
        LEVELS[level],
        _schema(level, **fields),
        lambda world, row, index: _fill_node(level, world, row, index),
        lambda world: _read_nodes(level, world),
    )


_CELL = {"type": ["string", "number", "boolean", "null"]}
TABLES = {
    "accounts": _node_table(0, id=_TEXT, name={"type": "string"}),
    "reportGroups": _node_table(1, id=_TEXT, name={"type": "string"}),
    "channels": _node_table(2, id=_TEXT, name={"type": "string"}, territory={"type": "string"}),
    "reportTypes": _node_table(3, id=_TEXT, reportTypeId=_TEXT, name={"type": "string"}, cadence=_CADENCE),
    "reports": Table(
        "reports",
        _schema(
            4,
            name={"type": "string"},
            cadence=_CADENCE,
            numRows={"type": "integer", "minimum": 0, "maximum": 1_000_000},
            downloadUrl={"type": "string"},
            reportDateBegin={"type": "string", "format": "date"},
            reportDateEnd={"type": "string", "format": "date"},
            modifiedDate={"type": "string", "format": "date-time"},
            records={"type": "array", "items": {"type": "object", "additionalProperties": _CELL}},
        ),
        _fill_report,
        _read_reports,
    ),
}
