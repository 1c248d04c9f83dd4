"""What a client's run exercised, and what it never did: operations, parameters, statuses, page edges, faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from testcard.exchange import Exchange
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Play
from testcard.suite.subject import Subject
from testcard.world.journal import Entry

__all__ = ["Coverage"]

_KINDS = ("operations", "parameters", "statuses", "pages", "faults", "tokens", "readings")


class Coverage:
    """Counts over all plays of a run."""

    def __init__(self, exchange: Exchange, subject: Subject) -> None:
        self._exchange = exchange
        self._subject = subject
        self.used_operations: set[str] = set()
        self.page_size: int | None = None
        self._counts: dict[str, Counter[str]] = {
            kind: Counter()
            for kind in ("operations", "parameters", "statuses", "pages", "faults", "tokens", "readings")
        }

    def add(self, play: Play) -> None:
        """Count what a play exercised."""
        for take in play.takes:
            for entry in take.traffic:
                self._add_entry(entry)
            self._counts["faults"].update(fault["kind"] for fault in take.struck.values())
        self._add_tokens(play.scenario)

    def add_readings(self, touched: Mapping[str, int]) -> None:
        """Count the scenarios that each choice of readings is tried with."""
        self._counts["readings"].update(touched)

    def as_counts(self) -> dict[str, Mapping[str, int]]:
        """Counts by kind; what could have been exercised and was not has 0."""
        for bound in self._exchange.operations.values():
            operation = bound.operation
            self._counts["operations"][operation.id] += 0
            for parameter in operation.parameters:
                self._counts["parameters"][f"{operation.id}.{parameter.name}"] += 0
            for status in operation.responses:
                self._counts["statuses"][f"{operation.id} {status}"] += 0
        return {kind: dict(sorted(counts.items())) for kind, counts in self._counts.items()}

    def _add_entry(self, entry: Entry) -> None:
        if entry.api != self._subject.api or not entry.operation:
            return
        self.used_operations.add(entry.operation)
        self._counts["operations"][entry.operation] += 1
        self._counts["statuses"][f"{entry.operation} {entry.status}"] += 1
        for name in self._sent(entry):
            self._counts["parameters"][f"{entry.operation}.{name}"] += 1
        page = self._subject.page(entry)
        if page is not None:
            self.page_size = page.limit
            edge = "empty" if not page.rows else "full" if page.rows == page.limit else "short"
            self._counts["pages"][f"{'last' if page.last else 'middle'}, {edge}"] += 1

    def _sent(self, entry: Entry) -> list[str]:
        query = entry.url.partition("?")[2]
        sent = {pair.partition("=")[0] for pair in query.split("&") if pair}
        parameters = self._exchange.operations[entry.operation].operation.parameters
        return [each.name for each in parameters if each.location == "path" or each.name in sent]

    def _add_tokens(self, scenario: Scenario) -> None:
        for step in scenario.steps:
            self._counts["tokens"]["ready" if step.token else "to be fetched"] += 1
            if step.advance_s:
                self._counts["tokens"]["after the clock moved"] += 1
