"""Amagi's scheduled reports: only those whose ids the user gives, as they stand in the dashboard alone.

A report's filters are not known either, so that its sums are held to be no more than the API's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector, Relation, Step
from testcard.live.subjects.amagi.answers import REFUSED, rows, viewership
from testcard.live.subjects.common import only
from testcard.live.talk import Talk

__all__ = ["DETECTORS", "RELATIONS", "STEPS", "look", "walk"]

_DOWNLOAD = "download_report"
_MOST = 2
_WIDTHS = (10, 13)  # of a viewership report, without and with contents (M25)
_THOUSAND = 1000
_ZONES = ("US/Pacific", "Universal")
_PLAIN = frozenset({"type", "interval", "startDate", "endDate", "timezone"})

STEPS = (
    Step("report", _DOWNLOAD, 3 * _MOST, "reports by the ids in TESTCARD_AMAGI_SCHEDULES: of a day, a week or a month"),
    Step("reported", "get_viewership_analytics", 2 * _MOST, "the days of such a report by the API, in both time zones",
         ("interval", "startDate", "endDate", "channelId", "timezone")),
)  # fmt: skip


def walk(talk: Talk, last: date, everything: Mapping[str, str]) -> None:
    """Fetch each report of the newest period that is over; which kind of period it has, its address tells."""
    given = [each.strip() for each in talk.given.get("SCHEDULES", "").split(",") if each.strip()]
    if not given:
        talk.not_checked.append("scheduled reports: set TESTCARD_AMAGI_SCHEDULES to ids that the dashboard shows")
    if len(given) > _MOST:
        talk.not_checked.append(f"scheduled reports behind the first {_MOST}")
    for identity in given[:_MOST]:
        for first in _beginnings(last):
            answer = talk.ask("report", {"scheduleId": identity, "from_date": str(first)})
            if answer.ok:
                _compare(talk, answer, everything)
                break


def _beginnings(last: date) -> list[date]:
    """The first days of the newest day, week and month that are over by *last*."""
    sunday = last - timedelta((last.weekday() + 1) % 7)
    month = ((last + timedelta(1)).replace(day=1) - timedelta(1)).replace(day=1)
    return [last, sunday - timedelta(6), month]


def _compare(talk: Talk, answer: Answer, everything: Mapping[str, str]) -> None:
    days = sorted(answer.data["days"])
    if days:
        for zone in _ZONES:
            span = {"startDate": days[0], "endDate": days[-1], "timezone": zone}
            talk.ask("reported", {}, {"interval": "DAILY", **span, **everything})


def look(body: bytes) -> dict[str, Any]:
    """What a report says: *days* has the minutes of each, *unlike* counts rows whose average is not their own."""
    table = [row for row in csv.reader(io.StringIO(body.decode(errors="replace"), newline="")) if row]
    header, lines = (table[0], table[1:]) if table else ([], [])
    days: dict[str, float] = {}
    unlike = 0
    if len(header) in _WIDTHS and all(len(line) == len(header) for line in lines):
        for line in lines:
            sessions, minutes, _, _, average, _ = map(_value, line[-6:])
            days[line[0]] = days.get(line[0], 0) + minutes
            unlike += not _is_average(average, minutes, sessions)
    style = "snake-case" if any("_" in name for name in header) else "words" if header else ""
    found = {"columns": len(header), "rows": len(lines), "days": days, "unlike": unlike}
    return {**found, "thousands": _thousands(lines), "style": style}


def _is_average(average: float, minutes: float, sessions: float) -> bool:
    """In minutes or in seconds; minutes may have been rounded before."""
    free = 0.5 / sessions + 0.0051 if sessions else 0
    ways = (minutes / sessions, 60 * minutes / sessions) if sessions else (0.0,)
    return any(abs(average - way) <= free * factor for way, factor in zip(ways, (1, 60), strict=False))


def _thousands(lines: list[list[str]]) -> str:
    """How numbers from a thousand on are written, where there are any."""
    numbers = [text for line in lines for text in line[-6:]]
    large = [text for text in numbers if text.replace(",", "").split(".")[0].isdigit() and _value(text) >= _THOUSAND]
    return ("thousands" if any("," in text for text in large) else "plain") if large else ""


def _value(text: str) -> float:
    return float(text.replace(",", ""))


# Relations


def _files(seen: Seen) -> list[Answer]:
    return [each for each in seen.good(_DOWNLOAD) if isinstance(each.data, dict) and each.data["days"]]


def _by_zone(seen: Seen) -> list[tuple[Answer, dict[str, float]]]:
    """Each report with the minutes of its days by the API, in both zones that its days may be of (AM-72)."""
    whole: dict[tuple[str, str], dict[str, float]] = {}
    for each in viewership(seen, interval="DAILY"):
        if each.query.keys() <= _PLAIN or each.step == "reported":
            minutes = whole.setdefault((each.query["startDate"], each.query["endDate"]), {})
            minutes[each.query.get("timezone", _ZONES[0])] = sum(row["viewershipMinutes"] for row in rows(each))
    spans = [(each, whole.get((min(each.data["days"]), max(each.data["days"])), {})) for each in _files(seen)]
    return [(each, minutes) for each, minutes in spans if minutes.keys() >= set(_ZONES)]


def _sums(seen: Seen) -> list[str] | None:
    told = [(each.data, sum(each.data["days"].values()), max(zones.values())) for each, zones in _by_zone(seen)]
    wrong = [(found, most) for data, found, most in told if found > most + 0.5 * data["rows"] + 0.5]
    return [f"a report has {found:g} minutes, the API {most:g} for its days" for found, most in wrong] if told else None


def _zone(seen: Seen) -> str | None:
    """The one zone in which the sums are equal."""
    told = [
        [name for name, zone in zip(("us-pacific", "universal"), _ZONES, strict=True) if minutes[zone] == found]
        for each, minutes in _by_zone(seen)
        if (found := sum(each.data["days"].values()))
    ]
    return only(names[0] if len(names) == 1 else "" for names in told)


def _averages(seen: Seen) -> list[str] | None:
    files = _files(seen)
    return (
        [f"{each.data['unlike']} rows' averages are not their own" for each in files if each.data["unlike"]]
        if files
        else None
    )


def _periods(seen: Seen) -> list[str] | None:
    """A report begins with its period, and a month is the longest."""
    files = _files(seen)
    starts = [
        (date.fromisoformat(each.path["from_date"]), sorted(map(date.fromisoformat, each.data["days"])))
        for each in files
    ]
    wrong = [days for first, days in starts if days[0] < first or days[-1] >= first + timedelta(31)]
    return ["a report has days outside its period" for _ in wrong] if files else None


RELATIONS = (
    Relation("report-sums", "a scheduled report has no more minutes than the API for its days", _sums),
    Relation("report-averages", "a row's average session is its minutes by its sessions", _averages),
    Relation("report-period", "a report's days lie in its period", _periods),
)


# Readings


def _told(name: str) -> Callable[[Seen], str | None]:
    return lambda seen: only(
        each.data[name] for each in seen.good(_DOWNLOAD) if isinstance(each.data, dict) and each.data[name]
    )


def _empty(seen: Seen) -> str | None:
    files = [each.data for each in seen.good(_DOWNLOAD) if isinstance(each.data, dict) and not each.data["rows"]]
    return only("header-only" if file["columns"] else "blank" for file in files)


def _with_contents(seen: Seen) -> str | None:
    """Files without them may be a customer's without an EPG."""
    return "where-epg" if any(each.data["columns"] == max(_WIDTHS) for each in _files(seen)) else None


def _no_period(seen: Seen) -> str | None:
    """How a date was refused that was no period's first, where another date of that schedule was none of that."""
    good = {each.path["scheduleId"] for each in seen.good(_DOWNLOAD)}
    refused = [each for each in seen.to(_DOWNLOAD) if not each.ok and each.path["scheduleId"] in good]
    return only({404: "not-found", REFUSED: "unprocessable"}.get(each.status, "") for each in refused)


DETECTORS = (
    Detector("AM-72", _zone),
    Detector("AM-73", _no_period),
    Detector("AM-76", _empty),
    Detector("AM-77", _told("thousands")),
    Detector("AM-78", _told("style")),
    Detector("AM-79", _with_contents),
)
