"""Verdicts as reports, for people and for other programs. All secrets are redacted."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from testcard.suite.verdict import Verdict

__all__ = ["FORMATS", "write_report"]

FORMATS = ("json", "junit", "sarif", "html", "github", "pytest")


def write_report(form: str, verdicts: Sequence[Verdict], path: Path | None) -> None:
    """Write a report in one of `FORMATS` to *path*, or to standard output; for ``pytest`` the path is a folder."""
    module = importlib.import_module(f"testcard.suite.reports.{form}")
    if form == "pytest":
        module.write_files(verdicts, path)
        return
    text: str = module.render(verdicts)
    if path is None:
        sys.stdout.write(text)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
