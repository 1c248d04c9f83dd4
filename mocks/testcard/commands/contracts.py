"""`testcard contracts`: operations, their clauses and the ledger, as tables for people and JSON for programs."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from testcard.apis import APIS, check_names
from testcard.contract import (
    Operation,
    Reading,
    contract_names,
    export_api,
    export_schema,
    open_contract,
    open_ledger,
    operation_rows,
)
from testcard.errors import UserError, near_miss

__all__ = ["export_contracts", "list_operations", "list_readings", "show_operation"]


def list_operations(apis: Sequence[str], as_json: bool, as_markdown: bool) -> None:
    """Print a row per operation: API, operationId, method, path, evidence."""
    rows = [(api, *row) for api in check_names(apis) for row in operation_rows(api)]
    header = ("api", "operationId", "method", "path", "evidence")
    if as_json:
        click.echo(json.dumps([dict(zip(header, row, strict=True)) for row in rows], indent=2))
    elif as_markdown:
        for line in (header, ("---",) * len(header), *rows):
            click.echo(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |")
    else:
        _table(header, rows)


def show_operation(identity: str) -> None:
    """Print the operation of that name, of one API (``amagi.list_channels``) or of each that has it."""
    known = _operations()
    found = [each for name, each in known.items() if identity in (name, each[1].id)]
    if not found:
        names = [*known, *(operation.id for _, operation in known.values())]
        raise UserError(f"no operation {identity!r}{near_miss(identity, names)}")
    for api, operation in found:
        _show(api, operation)


def _show(api: str, operation: Operation) -> None:
    """Everything the contract and the ledger say of an operation."""
    click.echo(f"{operation.id}  {operation.method} {operation.servers[0].base}{operation.path}  ({api})")
    click.echo(f"{operation.summary}\n  {_evidence(operation.evidence)}\n")
    _table(
        ("parameter", "in", "type", "required", "evidence"),
        [
            (each.name, each.location, _type(each.schema), "yes" if each.required else "no", _evidence(each.evidence))
            for each in operation.parameters
        ],
    )
    click.echo()
    responses = operation.responses.values()
    rows = [(each.status, ", ".join(each.content), _evidence(each.evidence)) for each in responses]
    _table(("status", "media type", "evidence"), rows)
    for reading in open_ledger((api,)):
        if any(place.partition(".")[0] == operation.id for place in reading.where):
            click.echo()
            _print_reading(reading)


def list_readings(apis: Sequence[str], as_json: bool) -> None:
    """Print the ledger."""
    names = check_names(apis)
    entries = [each for name in names for each in open_ledger((name,))]
    if as_json:
        click.echo(json.dumps([each.as_json(each.documented) for each in entries], indent=2, ensure_ascii=False))
        return
    for entry in entries:
        _print_reading(entry)
        click.echo()
    switchable = sum(each.switchable for each in entries)
    click.echo(f"{len(entries)} entries, {switchable} of them switchable")


def export_contracts(folder: str, apis: Sequence[str], url: str | None) -> None:
    """Write ``<api>.json`` and ``<api>/schemas/<Name>.json`` for each API."""
    for api in check_names(apis):
        document = export_api(api, base_url=url)
        _write(Path(folder, f"{api}.json"), document)
        for name in document["components"]["schemas"]:
            _write(Path(folder, api, "schemas", f"{name}.json"), export_schema(api, name))
        click.echo(f"{Path(folder, api)}.json: {len(operation_rows(api))} operations")


def _operations() -> dict[str, tuple[str, Operation]]:
    """Every operation by ``api.operationId``; the ids alone are an API's own."""
    return {
        f"{api}.{operation.id}": (api, operation)
        for api in APIS
        for name in contract_names(api)
        for operation in open_contract(name).operations.values()
    }


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _evidence(evidence: Any) -> str:
    return "; ".join(f"{label}: {source}" for label, source in evidence.items())


def _type(schema: Any) -> str:
    if "enum" in schema:
        return "|".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"{_type(schema.get('items', {}))}[]"
    return f"{kind} <{schema['format']}>" if "format" in schema else str(kind)


def _print_reading(entry: Reading) -> None:
    kind = f"{'switchable' if entry.switchable else 'noted'}, {entry.kind}"
    click.echo(f"{click.style(entry.id, bold=True)}  {entry.question}  [{kind}]")
    click.echo(f"    where: {'; '.join(entry.where)}")
    for name, line in entry.readings.items():
        marks = [dialect for dialect in ("documented", "observed") if entry.under(dialect) == name]
        mark = f" ({', '.join(marks)})" if marks else ""
        click.echo(textwrap.fill(f"{name}{mark}: {line}", 110, initial_indent="    - ", subsequent_indent="      "))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table with colour on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in (header, *rows):
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*header)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
