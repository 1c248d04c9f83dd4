"""The files behind the download links: a CSV, alone or in a ZIP (VC-06), made when it is asked for.

UTF-8, commas, quotes where needed, CRLF and one header row (VC-36).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from testcard.apis.storage import Bucket, StoredObject, register
from testcard.apis.videocentral.figures import header, table
from testcard.apis.videocentral.periods import moment
from testcard.apis.videocentral.report_types import ReportType
from testcard.apis.videocentral.reports import Report
from testcard.apis.videocentral.sums import Period
from testcard.apis.videocentral.tree import NOWHERE, Kind, kind_of, tree_of
from testcard.world.world import World

__all__ = ["BUCKET", "content_of"]

BUCKET = "packaged-report-v2-prod"
_KEY = re.compile(r"([0-9a-f]{32})/([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{1,9})/[^/]+\.(zip|csv)", re.ASCII)
_MEDIA = {"zip": "application/zip", "csv": "text/csv"}
_KEPT_FILES = 16


class _Reports(Bucket):
    """The bucket of packaged reports."""

    def find(self, world: World, key: str) -> StoredObject | None:
        shape = _KEY.fullmatch(key)
        place = _place(world, shape) if shape else None
        if shape is None or place is None or f"{place[1].key_stem}.{shape[4]}" != key:
            return None
        report_type, report = place
        name = (key, report.modified_ms, world.rows.version)
        kept: dict[tuple[str, int, int], StoredObject] = world.shelf.setdefault("videocentral/files", {})
        made = kept.get(name)
        if made is None:
            while len(kept) >= _KEPT_FILES:
                kept.pop(next(iter(kept)), None)
            body = _body(report_type, report, shape[4])
            made = kept[name] = StoredObject.of(body, _MEDIA[shape[4]], _modified(report))
        return made


register(BUCKET, _Reports())


def content_of(report_type: ReportType, report: Report) -> list[list[str]]:
    """Header and rows of a report's file, as text."""
    kind = report_type.kind or kind_of("performance")
    if report.records is not None:
        return _given_content(report.records, kind)
    rows = table(_period(report_type, report), kind)
    if len(rows) != report.rows:  # an explicit row says how many: repeat or cut
        rows = [rows[at % len(rows)] if rows else [""] * len(kind.columns) for at in range(report.rows)]
    return [header(kind), *rows]


def _place(world: World, shape: re.Match[str]) -> tuple[ReportType, Report] | None:
    """The report type and the report that a key names."""
    tree = tree_of(world)
    path = tree.types.get(shape[1])
    node = tree.find(path) if path else None
    if path is None or node is None:
        return None
    try:
        begin = date.fromisoformat(shape[2])
    except ValueError:
        return None
    report_type = ReportType(world, tree, path, node)
    report = report_type.find(begin, int(shape[3]))
    return (report_type, report) if report else None


def _given_content(records: Sequence[dict[str, Any]], kind: Kind) -> list[list[str]]:
    names = list(dict.fromkeys(name for record in records for name in record)) or header(kind)
    return [names, *([_text(record.get(name)) for name in names] for record in records)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _period(report_type: ReportType, report: Report) -> Period:
    channel = report_type.channel.row
    return Period(
        report_type.world.story,
        report_type.source or NOWHERE,
        report_type.path[2],
        channel.get("name", ""),
        channel.get("territory", ""),
        report.begin,
        report.end,
        report.preliminary,
    )


def _body(report_type: ReportType, report: Report, ending: str) -> bytes:
    content = _csv(content_of(report_type, report))
    if ending == "csv":
        return content
    packed = io.BytesIO()
    stamp = _modified(report).timetuple()[:6]
    entry = zipfile.ZipInfo(f"{report.stem}.csv", (max(stamp[0], 1980), *stamp[1:]))
    entry.create_system = 3  # the same bytes on every system; stored, for compressors differ too
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, content)
    return packed.getvalue()


def _modified(report: Report) -> datetime:
    return moment(report.modified_ms).astimezone(UTC)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
