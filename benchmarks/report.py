"""The measured table: rich on a terminal, Markdown in a pipe, JSON for programs."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from benchmarks.harness import Measured

__all__ = ["as_json", "print_table"]

_HEADER = ("what", "ours", "against", "theirs", "ratio", "target", "")


def print_table(lines: Sequence[Measured]) -> None:
    """Print what was measured."""
    rows = [_row(line) for line in lines]
    if sys.stdout.isatty():
        _print_rich(rows)
    else:
        for row in (_HEADER, tuple("---" for _ in _HEADER), *rows):
            print(f"| {' | '.join(row)} |")


def as_json(lines: Iterable[Measured]) -> str:
    """The same, with every sample, and the machine's name for itself."""
    content = {"python": platform.python_version(), "machine": platform.platform(), "rows": list(map(_object, lines))}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _row(line: Measured) -> tuple[str, ...]:
    return (
        line.what,
        _number(line.value, line.unit),
        line.against,
        "" if line.theirs is None else _number(line.theirs, line.unit),
        "" if line.ratio is None else f"{line.ratio:.2f}x",
        _target(line),
        {True: "met", False: "MISSED", None: ""}[line.met],
    )


def _number(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _target(line: Measured) -> str:
    suffix = f" {line.unit}" if line.theirs is None else "x"
    most = "" if line.at_most is None else f"at most {line.at_most:.3g}{suffix}"
    least = "" if line.at_least is None else f"at least {line.at_least:g}{suffix}"
    return ", ".join(filter(None, (least, most)))


def _object(line: Measured) -> dict[str, Any]:
    return {
        "what": line.what,
        "unit": line.unit,
        "ours": line.value,
        "against": line.against or None,
        "theirs": line.theirs,
        "ratio": line.ratio,
        "at_most": line.at_most,
        "at_least": line.at_least,
        "met": line.met,
        "samples": list(line.samples),
    }


def _print_rich(rows: Iterable[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="testcard: measured", title_style="bold")
    for name in _HEADER:
        table.add_column(name, justify="right" if name in ("ours", "theirs", "ratio") else "left")
    colours = {"met": "green", "MISSED": "bold red"}
    for row in rows:
        verdict = row[-1]
        table.add_row(*row[:-1], f"[{colours[verdict]}]{verdict}[/]" if verdict else "")
    Console().print(table)
