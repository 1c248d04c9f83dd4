"""Explicit rows from files: ``<api>/<table>.json``, ``.csv`` or ``.parquet`` in a folder.

JSON is a list of rows, or ``{"rows": [...]}``. In CSV a cell is read as JSON where it is JSON (``12``, ``true``,
``null``, ``{"a": 1}``) and as text where it is not; put a JSON string where a number must stay
text. An empty cell is left out of its row. Parquet is read by pyarrow, where that is installed (``testcard[parquet]``);
instants and dates become text, and an empty cell is left out there too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from testcard.errors import RowError

__all__ = ["read_folder", "read_rows"]

Row = dict[str, Any]


def read_folder(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield (``api/table``, rows) for each file, in the order of their names; `RowError` when there is none."""
    if not folder.is_dir():
        raise RowError(f"{folder} is no folder; expected one with <api>/<table>.json, .csv or .parquet files")
    files = sorted(path for path in folder.glob("*/*") if path.suffix in _READERS)
    if not files:
        raise RowError(f"{folder}: no <api>/<table>.json, .csv or .parquet in it")
    for path in files:
        yield f"{path.parent.name}/{path.stem}", read_rows(path)


def read_rows(path: Path) -> list[Row]:
    """The rows of one file."""
    try:
        rows = _READERS[path.suffix](path)
    except (ValueError, OSError, csv.Error) as error:
        raise RowError(f"{path}: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RowError(f"{path}: expected a list of rows, each an object")
    return rows


def _read_json(path: Path) -> Any:
    content = orjson.loads(path.read_bytes())
    return content.get("rows") if isinstance(content, dict) else content


def _read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: _cell(text) for name, text in row.items() if text not in ("", None)}
            for row in csv.DictReader(file, strict=True)
        ]


def _cell(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _read_parquet(path: Path) -> list[Row]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise RowError(f"{path}: reading Parquet needs pyarrow: pip install 'testcard[parquet]'") from None
    rows = enumerate(parquet.read_table(path).to_pylist())
    return [{name: _plain(cell, at, name) for name, cell in row.items() if cell is not None} for at, row in rows]


def _plain(cell: Any, row: int, field: str) -> Any:
    """A cell of Parquet as JSON has it."""
    try:
        return orjson.loads(orjson.dumps(cell, _number, orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC))
    except TypeError:
        raise ValueError(f"row {row}: {field}: {cell!r} is no JSON value, instant or date") from None


def _number(value: Any) -> float:
    if not isinstance(value, Decimal):
        raise TypeError(value)
    return float(value)


_READERS = {".json": _read_json, ".csv": _read_csv, ".parquet": _read_parquet}
