"""A report type in a world: the story's reports and the explicit rows among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from testcard.apis.videocentral.figures import count_rows
from testcard.apis.videocentral.periods import midnight_ms
from testcard.apis.videocentral.reports import Filters, Report, epoch_ms
from testcard.apis.videocentral.story_reports import StoryReports, story_reports
from testcard.apis.videocentral.tree import API, PARENTS, Kind, Node, Path, Source, Tree
from testcard.world.world import World

__all__ = ["ReportType"]


class ReportType:
    """One report type of one channel in one world."""

    def __init__(self, world: World, tree: Tree, path: Path, node: Node) -> None:
        self.world = world
        self.path = path
        self.node = node
        self.channel = tree.find(path[:3]) or Node({})

    @property
    def kind(self) -> Kind | None:
        """How the story counts it; None for a type that only explicit rows know."""
        return self.node.source if isinstance(self.node.source, Kind) else None

    @property
    def source(self) -> Source | None:
        """Which viewing its channel reports."""
        return self.channel.source if isinstance(self.channel.source, Source) else None

    @property
    def story(self) -> StoryReports | None:
        """The story's reports, or None where the story has none or does not count."""
        kind, source, world = self.kind, self.source, self.world
        if kind is None or source is None or world.profile == "empty" or world.rows.replaced(API, "reports"):
            return None
        return story_reports(world.seed, self.path, self.node.row["cadence"], source, kind)

    def select(self, filters: Filters, *, newest_first: bool = False) -> Sequence[Report]:
        """The visible reports that pass, by rising or falling begin."""
        now_ms = self.world.clock.now_ms()
        story = self.story
        found: Sequence[Report] = story.select(filters, now_ms) if story else ()
        given = [
            report
            for report in self._given()
            if report.modified_ms <= now_ms and filters.lets_in(midnight_ms(report.begin), report.modified_ms)
        ]
        if given:
            found = sorted([*found, *given], key=lambda each: (each.begin, each.end, each.serial))
        return found[::-1] if newest_first else found

    def find(self, begin: date, serial: int) -> Report | None:
        """The visible report with that begin, by its number among explicit rows (0: the story's)."""
        begin_ms = midnight_ms(begin)
        found = self.select(Filters(begin_ms, begin_ms + 1))
        return next((report for report in found if report.serial == serial), None)

    def count(self, begin: date, end: date) -> int:
        """How many rows of data the story has for a period."""
        return count_rows(self.source, self.kind.rows, begin, end) if self.kind and self.source else 0

    def _given(self) -> Iterator[Report]:
        for serial, row in enumerate(self.world.rows.given(API, "reports"), start=1):
            if all(row[name] == value for name, value in zip(PARENTS, self.path, strict=True)):
                yield _given_report(self.path, row, serial)


def _given_report(path: Path, row: dict[str, Any], serial: int) -> Report:
    records = row.get("records")
    return Report(
        path,
        date.fromisoformat(row["reportDateBegin"]),
        date.fromisoformat(row["reportDateEnd"]),
        epoch_ms(datetime.fromisoformat(row["modifiedDate"])),
        row["numRows"],
        row["name"],
        row["cadence"],
        serial,
        row.get("downloadUrl"),
        None if records is None else tuple(records),
    )
