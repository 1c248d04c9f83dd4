"""Wrong answers: something else is made of what the service sent."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

from known_good.videocentral import _parse
from miniatures.videocentral.wrong import TWO_PAGES, Row, Wrong

__all__ = ["Reading"]


class Reading(Wrong):
    """Reads files in its own way."""

    area = "values"
    scenarios = ("a file with every awkward cell",)

    def records(self, report: Row) -> list[dict[str, str]]:
        link = report.get("downloadUrl")
        return self.read(_unzipped(self._download(link))) if link else []

    def read(self, content: bytes) -> list[Row]:
        """The records of a CSV file."""
        return _parse(content)


class NumbersFromCells(Reading):
    """Makes numbers of what looks like them."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return [{name: _number(cell) for name, cell in row.items()} for row in _parse(content)]


class StripsCells(Reading):
    """Takes blanks away."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return [{name: cell.strip() for name, cell in row.items()} for row in _parse(content)]


class SplitsAtCommas(Reading):
    """Does not know quotes."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        header, *lines = content.decode().splitlines()
        return [dict(zip(header.split(","), line.split(","), strict=False)) for line in lines]


class SplitsUnicodeLines(Reading):
    """Takes every line separator that Unicode has for the end of a record."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return list(csv.DictReader(content.decode().splitlines()))


class WrongCharset(Reading):
    """Reads UTF-8 as Latin-1."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return list(csv.DictReader(io.StringIO(content.decode("latin-1"), newline="")))


class HeaderIsARecord(Reading):
    """Counts the header among the records."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        return [dict(zip(rows[0], row, strict=True)) for row in rows]


class DropsLastRecord(Reading):
    """Takes the last line of a file for its end."""

    def read(self, content: bytes) -> list[Row]:
        self.bug()
        return _parse(content)[:-1]


class NullForEmpty(Wrong):
    """Drops what is null or empty."""

    area = "values"
    scenarios = ("a file with every awkward cell",)

    def records(self, report: Row) -> list[dict[str, str]]:
        self.bug()
        return [{name: cell for name, cell in row.items() if cell != "null"} for row in super().records(report)]


class NumbersForIds(Wrong):
    """Takes ids to be numbers."""

    area = "values"
    scenarios = ("a list of two pages and a bit: list_accounts",)

    def accounts(self) -> list[Row]:
        self.bug()
        return [{**row, "id": str(int(row["id"]))} for row in super().accounts()]


class NeedsTerritory(Wrong):
    """Takes an optional field to be there."""

    area = "values"
    scenarios = ("a channel without territory",)

    def channels(self, account: str, group: str) -> list[Row]:
        rows = super().channels(account, group)
        if any("territory" not in row for row in rows):
            self.bug()
        return [{**row, "territory": row["territory"]} for row in rows]


class EmptyTerritory(Wrong):
    """Makes up an empty text for what is absent."""

    area = "values"
    scenarios = ("a channel without territory",)

    def channels(self, account: str, group: str) -> list[Row]:
        rows = super().channels(account, group)
        if any("territory" not in row for row in rows):
            self.bug()
        return [{"territory": "", **row} for row in rows]


class SortsByName(Wrong):
    """Sorts what is sorted."""

    area = "values"
    scenarios = (TWO_PAGES,)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        self.bug()
        found = super().reports(account, group, channel, report_type, **filters)
        return sorted(found, key=lambda row: row["modifiedDate"][11:])


class OwnDates(Wrong):
    """Writes instants in its own way."""

    area = "values"
    scenarios = (TWO_PAGES,)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        self.bug()
        found = super().reports(account, group, channel, report_type, **filters)
        return [{**row, "modifiedDate": row["modifiedDate"].replace("Z", "+00:00")} for row in found]


# Errors and retries.


def _unzipped(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])


def _number(cell: str) -> Any:
    return float(cell) if re.fullmatch(r"[\d.]+", cell) else cell
