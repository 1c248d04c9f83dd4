"""Reports as the API shows them: rendered and checked once, and joined with a link made for the caller.

Readings: VC-05 (no rows, no link?), VC-06 (what the link ends in), VC-12 (the last day or the day after).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

import orjson

from testcard.apis.storage import signer
from testcard.apis.videocentral.files import BUCKET
from testcard.apis.videocentral.reports import Report, write_ms
from testcard.contract import Checker, open_contract
from testcard.errors import MockError
from testcard.exchange import Call

__all__ = ["Shower"]


class Shower:
    """Writes reports for one answer."""

    def __init__(self, call: Call) -> None:
        self._signer = signer(call.world, call.address, BUCKET)
        self._exclusive = call.reading("VC-12") == "exclusive"
        self._without_rows = call.reading("VC-05")
        self._ending = call.reading("VC-06")
        self._style = f"{self._signer.mark} {self._exclusive} {self._without_rows} {self._ending}"

    def rows(self, reports: Iterable[Report]) -> bytes:
        """The reports as JSON texts, joined by commas; the order of their fields is the sample's.

        Within a second of the world's time a report's link stays the same, and so does its text.
        """
        style = self._style
        return b",".join([report.shown.get(style) or self._row(report) for report in reports])

    def _row(self, report: Report) -> bytes:
        report.shown.clear()
        row = report.shown[self._style] = self._written(report)
        return row

    def _written(self, report: Report) -> bytes:
        texts = report.texts.get(self._exclusive)
        if texts is None:
            texts = report.texts[self._exclusive] = _render(report, exclusive=self._exclusive)
        link = self._link(report)
        if link is None:
            return b",".join(texts)
        return b'%b,"downloadUrl":%b,%b' % (texts[0], orjson.dumps(link), texts[1])

    def _link(self, report: Report) -> str | None:
        if report.link is not None:
            return report.link
        if report.rows == 0 and self._without_rows != "link":
            return "" if self._without_rows == "empty" else None
        return self._signer.link(f"{report.key_stem}.{self._ending}")


def _render(report: Report, *, exclusive: bool) -> tuple[bytes, bytes]:
    """What comes before and after the link; checked against the contract, with a link of the same form."""
    rest: dict[str, Any] = {
        "reportDateBegin": report.begin.isoformat(),
        "reportDateEnd": (report.end + timedelta(days=int(exclusive))).isoformat(),
        "modifiedDate": write_ms(report.modified_ms),
        "name": report.name,
        "cadence": report.cadence,
    }
    row = {"numRows": report.rows, "downloadUrl": "https://", **rest}
    for place, complaint in () if _checker().accepts(row) else _checker().complaints(row):
        raise MockError(f"videocentral: report of {'/'.join(report.path)}: {place}: {complaint}")
    return b'{"numRows":%d' % report.rows, orjson.dumps(rest)[1:]


@cache
def _checker() -> Checker:
    return open_contract("videocentral").checker("Report")
