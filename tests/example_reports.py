"""The example reports under ``docs/reports``: what `testcard verify` says of one wrong client, in every format.

``make example-reports`` writes them anew. Ports, names of worlds and times are evened out, so that the same client
gets the same files.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from rich.console import Console

from adapters.videocentral import Adapter
from known_good.videocentral import Client, Row
from testcard.suite.budget import BUDGETS
from testcard.suite.drivers import AdapterDriver
from testcard.suite.reports import FORMATS, write_report
from testcard.suite.reports.terminal import print_verdict
from testcard.suite.verdict import Verdict
from testcard.suite.verify import verify
from testcard.world.journal import Entry

__all__ = ["FILES", "FOLDER", "judged", "main"]

FOLDER = Path(__file__).parents[1] / "docs" / "reports"
FILES = {form: f"verdict.{form}" for form in FORMATS if form not in ("junit", "github", "pytest")} | {
    "junit": "verdict.junit.xml",
    "github": "annotations.txt",
    "pytest": "violations",
}


class Hasty(Client):
    """Wrong in four ways that are often seen together."""

    def _read(self, path: str, filters: dict[str, str]) -> tuple[list[Row], set[int]]:
        """Takes a page with fewer rows than it asked for to be the last."""
        rows: list[Row] = []
        while True:
            asked = {**filters, "limit": str(self._page_size), "offset": str(len(rows))}
            page = self._get_json(self._url + path, asked)
            rows += page["data"]
            if len(page["data"]) < self._page_size:
                return rows, {len(rows)}

    def reports(self, *place: str, **filters: str) -> list[Row]:
        """Cuts an instant to its day."""
        return super().reports(*place, **{name: text[:10] for name, text in filters.items()})

    def records(self, report: Row) -> list[dict[str, str]]:
        """Takes blanks off the cells."""
        return [{name: cell.strip() for name, cell in row.items()} for row in super().records(report)]

    def _patiently(self, method: str, link: str, **more: Any) -> requests.Response:
        """Tries again at once when told to wait."""
        for _ in range(5):
            answer = self._session.request(method, link, timeout=30, **more)
            if answer.status_code not in (429, 503):
                break
        return answer


class HastyAdapter(Adapter):
    client = "hasty"
    client_class = Hasty


def judged() -> Verdict:
    """The verdict on the wrong client, evened out, with the first violation of each rule and operation."""
    verdict = verify(AdapterDriver(HastyAdapter()), "videocentral", replace(BUDGETS["default"], seconds=600))
    verdict.seconds = 10.0
    verdict.violations = list({(each.rule, each.operation): each for each in reversed(verdict.violations)}.values())
    verdict.violations.reverse()
    for violation in verdict.violations:
        for entry in violation.take.traffic:
            _even_out(entry)
        object.__setattr__(violation, "message", _even(violation.message))
        outcome = violation.take.outcome
        even = replace(outcome, message=_even(outcome.message), rows=_even_rows(outcome.rows))
        object.__setattr__(violation.take, "outcome", even)
    return verdict


def _even_out(entry: Entry) -> None:
    began = datetime.fromisoformat("2026-03-02T12:00:00+00:00").timestamp()
    entry.wall_time, entry.duration_s = began + entry.id, 0.001
    entry.url = _even(entry.url)
    entry.request_headers = {name: _even(text) for name, text in entry.request_headers.items()}
    kept = {name: text for name, text in entry.response_headers.items() if name not in ("Date", "Content-Length")}
    entry.response_headers = {name: _even(text) for name, text in kept.items()}
    entry.response_body = _even(entry.response_body.decode("latin-1")).encode("latin-1")
    entry.response_size = len(entry.response_body)


def _even_rows(rows: Any) -> Any:
    return rows and [
        {name: _even(text) if isinstance(text, str) else text for name, text in row.items()} for row in rows
    ]


def _even(text: str) -> str:
    for pattern, plain in _UNEVEN.items():
        text = re.sub(pattern, plain, text)
    return text


_UNEVEN = {
    r"127\.0\.0\.1:\d+": "127.0.0.1:8900",
    r"~w\d+": "~w1",
    r"X-Amz-Signature=[0-9a-f]+": "X-Amz-Signature=" + 64 * "0",
    r"/[0-9a-f]{32}/": f"/{32 * '0'}/",
    r"python-requests/[\d.]+": "python-requests/2",
    r"[\d.]+ s after": "0.00 s after",
}


def main() -> int:
    """Write them all."""
    verdict = judged()
    for form, name in FILES.items():
        write_report(form, [verdict], FOLDER / name)
    with (FOLDER / "terminal.txt").open("w", encoding="utf-8") as file:
        print_verdict(verdict, Console(file=file, width=120, soft_wrap=True, highlight=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
