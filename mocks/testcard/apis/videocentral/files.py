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

from testcard.apis.storage import Bucket, StoredObject, register
from testcard.apis.videocentral.figures import Period, header, table
from testcard.apis.videocentral.periods import moment
from testcard.apis.videocentral.reports import Report, ReportType
from testcard.apis.videocentral.tree import Source, kind_of, tree_of
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
        report = _report(world, shape) if shape else None
        if shape is None or report is None or report.key(shape[4]) != key:
            return None
        name = (key, report.modified_ms, world.rows.version)
        kept: dict[tuple[str, int, int], StoredObject] = world.shelf.setdefault("videocentral/files", {})
        if name not in kept:
            while len(kept) >= _KEPT_FILES:
                kept.pop(next(iter(kept)), None)
            kept[name] = StoredObject.of(_body(report, shape[4]), _MEDIA[shape[4]], _modified(report))
        return kept.get(name)


register(BUCKET, _Reports())


def content_of(report: Report) -> list[list[str]]:
    """Header and rows of a report's file, as text."""
    if report.records is not None:
        return _given_content(report)
    kind = report.type.kind or kind_of("performance")
    rows = table(_period(report), kind)
    if len(rows) != report.rows:  # an explicit row says how many: repeat or cut
        rows = [rows[at % len(rows)] if rows else [""] * len(kind.columns) for at in range(report.rows)]
    return [header(kind), *rows]


def _report(world: World, shape: re.Match[str]) -> Report | None:
    tree = tree_of(world)
    path = tree.types.get(shape[1])
    node = tree.find(path) if path else None
    try:
        begin = date.fromisoformat(shape[2])
    except ValueError:
        return None
    return ReportType(world, tree, path, node).find(begin, int(shape[3])) if path and node else None


def _given_content(report: Report) -> list[list[str]]:
    records = report.records or ()
    names = list(dict.fromkeys(name for record in records for name in record))
    if not names:
        names = header(report.type.kind or kind_of("performance"))
    return [names, *([_text(record.get(name)) for name in names] for record in records)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _period(report: Report) -> Period:
    world, channel = report.type.world, report.type.channel
    return Period(
        world.story,
        report.type.source or Source(),
        report.type.path[2],
        channel.row.get("name", ""),
        channel.row.get("territory", ""),
        report.begin,
        report.end,
    )


def _body(report: Report, ending: str) -> bytes:
    content = _csv(content_of(report))
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
