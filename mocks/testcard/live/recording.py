"""Dated, redacted snapshots of what a service answered, and judging them again without a network.

``DIR/<api>/<when>/`` holds ``about.json``, ``answers.jsonl`` and ``report.json``; ``DIR/<api>/drift.json`` says when
each drift was first seen in this folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from testcard import __version__
from testcard.contract import open_ledger
from testcard.errors import UserError
from testcard.live.judging import Finding, judge_answer
from testcard.live.redacting import Redactor
from testcard.live.report import Report, judge_walk
from testcard.live.seen import Answer, Seen
from testcard.live.subject import SUBJECTS, Subject, open_subject, operations_of

__all__ = ["Recording", "readings_from", "replay", "snapshots"]

_ABOUT, _ANSWERS, _REPORT, _DRIFT = "about.json", "answers.jsonl", "report.json", "drift.json"


class Recording:
    """Writes one snapshot as the answers come; a folder that exists already is never written over."""

    def __init__(self, folder: Path, subject: Subject, when: datetime, *, key: bytes | None = None) -> None:
        self._subject = subject
        self._home = folder / subject.api
        self._folder = self._home / when.strftime("%Y-%m-%dT%H%M%SZ")
        self._when = when
        self._redactor = Redactor(subject, key)
        try:
            self._folder.mkdir(parents=True)
            (self._folder / _ANSWERS).touch()
            about = {"api": subject.api, "date": when.date().isoformat(), "testcard": __version__, "redacted": True}
            _write(self._folder / _ABOUT, about)
        except OSError as error:
            raise UserError(f"--record {self._folder}: {error.strerror}") from None

    def add(self, answer: Answer) -> None:
        """Keep one answer, redacted."""
        kept = self._redactor.answer(answer)
        damaged = sorted(_broken(self._subject, kept) - _broken(self._subject, answer))
        kept = replace(kept, damaged=tuple(damaged))
        with (self._folder / _ANSWERS).open("ab") as file:
            file.write(orjson.dumps(vars(kept), option=orjson.OPT_APPEND_NEWLINE))

    def finish(self, report: Report) -> None:
        """Date the drift, and keep what was found."""
        path = self._home / _DRIFT
        dates: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
        for each in report.drift:
            dates.setdefault(str(each), self._when.date().isoformat())
        _write(path, dates)
        report.first_seen = dates
        notes = {"notChecked": list(self._subject.not_checked), "leftBehind": []}
        kept = {**report.as_json(), **notes, "source": ""}  # hosts and titles may name a tenant
        kept["violations"] = [{**each, "message": ""} for each in kept["violations"]]  # messages quote what was found
        _write(self._folder / _REPORT, kept)


def _findings(subject: Subject, answer: Answer) -> list[Finding]:
    """What an answer breaks by itself. Of a token call only what is harmless is there, and files have no operation."""
    operations = operations_of(subject.api)
    if answer.operation == subject.token_operation or answer.operation not in operations:
        return []
    contract, operation = operations[answer.operation]
    found = judge_answer(contract, operation, answer.status, answer.headers.get("content-type", ""), answer.data)
    return [each for each in found if _name(each) not in answer.damaged]


def _name(finding: Finding) -> str:
    return f"{finding.rule} {finding.place}"


def _broken(subject: Subject, answer: Answer) -> set[str]:
    return {_name(each) for each in _findings(subject, answer)}


def snapshots(folder: Path) -> dict[str, list[Path]]:
    """The snapshots below a recording folder by API, oldest first; *folder* may be one of them."""
    if (folder / _ABOUT).exists():
        return {str(orjson.loads((folder / _ABOUT).read_bytes())["api"]): [folder]}
    found = {api: sorted(path.parent for path in (folder / api).glob(f"*/{_ABOUT}")) for api in SUBJECTS}
    return {api: paths for api, paths in found.items() if paths}


def replay(folder: Path) -> Report:
    """Judge one snapshot again."""
    subject = open_subject(str(_read(folder / _ABOUT)["api"]))
    report = Report(subject.api, str(folder))
    seen = Seen(list(_answers(folder)))
    for answer in seen.answers:
        report.findings += _findings(subject, answer)
    report.findings += [
        Finding("request", answer.operation, "", f"{where} is not as documented; what was sent is not kept")
        for answer in seen.answers
        for where in answer.wrong
    ]
    dates = folder.parent / _DRIFT
    report.first_seen = dict(_read(dates)) if dates.exists() else {}
    judge_walk(subject, seen, report)
    return report


def readings_from(folder: Path) -> dict[str, str]:
    """The switchable readings that the latest snapshot of each API shows."""
    found: dict[str, str] = {}
    latest = [paths[-1] for paths in snapshots(folder).values()]
    if not latest:
        raise UserError(f"--readings-from {folder}: no recording there; testcard live --record DIR makes one")
    for path in latest:
        report = replay(path)
        entries = open_ledger((report.api,)).entries
        found |= {identity: name for identity, name in report.readings.items() if entries[identity].switchable}
    return found


def _answers(folder: Path) -> Iterator[Answer]:
    for line in (folder / _ANSWERS).read_bytes().splitlines():
        try:
            yield Answer(**orjson.loads(line))
        except (ValueError, TypeError):
            raise UserError(f"{folder / _ANSWERS}: not a recording of testcard") from None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        read: Mapping[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        raise UserError(f"{path}: not a recording of testcard") from None
    return read


def _write(path: Path, data: Any) -> None:
    path.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
