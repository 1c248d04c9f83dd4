"""Show what goes through a running server: a line for people, JSON lines for programs, counters for Prometheus."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
import orjson

from testcard.control.journal_views import as_json, redaction_of
from testcard.world.journal import Entry
from testcard.world.world import World

__all__ = ["Metrics", "log_json", "log_lines"]

_COLOURS = {"ok": "green", "refused": "yellow", "faulted": "magenta"}


def log_lines(world: World, entry: Entry) -> None:
    """One line for each exchange that is complete; its verdict is coloured on a terminal."""
    if entry.status is None:
        return
    verdict = click.style(f"{entry.verdict:<10}", fg=_COLOURS.get(entry.verdict, "red"))
    milliseconds = max(entry.duration_s, 0) * 1000
    remarks = [*entry.notes, *filter(None, [entry.explanation])]
    notes = f"  [{'; '.join(remarks)}]" if remarks else ""
    where = f"{entry.api} {entry.operation}".strip()
    line = redaction_of(world).text(f"{entry.url}  {where} {milliseconds:.1f} ms{notes}")
    click.echo(f"{verdict} {entry.status} {entry.method} {line}", color=_coloured())


def log_json(world: World, entry: Entry) -> None:
    """One JSON object a line for each exchange that is complete."""
    if entry.status is not None:
        line = {"world": world.id, **as_json(entry, redaction_of(world))}
        click.echo(orjson.dumps(line).decode())


def _coloured() -> bool | None:
    return None if sys.stdout.isatty() else False


class Metrics:
    """Counts and times of the exchanges, in the format of Prometheus."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

        self._registry = CollectorRegistry()
        self._render: Callable[[Any], bytes] = generate_latest
        self._exchanges = Counter(
            "testcard_exchanges",
            "Exchanges, by API, operation, status and verdict.",
            ["api", "operation", "status", "verdict"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "testcard_exchange_seconds",
            "The mock's own time for an answer, without faults' delays.",
            ["api", "operation"],
            registry=self._registry,
        )

    def watch(self, _world: World, entry: Entry) -> None:
        """Count an exchange that is complete."""
        if entry.status is not None:
            self._exchanges.labels(entry.api, entry.operation, str(entry.status), entry.verdict).inc()
            self._seconds.labels(entry.api, entry.operation).observe(max(entry.duration_s, 0))

    def render(self) -> bytes:
        """The page ``/metrics``."""
        return self._render(self._registry)
