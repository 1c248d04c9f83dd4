"""Wrong clients that change the bounds of periods."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from known_good.ibmvideo import Bound
from miniatures.ibmvideo.asking import Asking
from miniatures.ibmvideo.wrong import Query, Row


class Timing(Asking):
    """Changes the bounds of periods."""

    area = "dates"

    def change(self, query: Query) -> Query:
        return {name: self.bound(name, v) if name.startswith("date_time") else v for name, v in query.items()}

    def bound(self, name: str, text: str) -> str:
        """What is sent for a bound."""
        return text


class EndIsExclusive(Timing):
    """Takes the end not to belong to the period, and makes up for it."""

    scenarios = ("on the edges of a period: all",)

    def bound(self, name: str, text: str) -> str:
        return text if name.endswith("from") else (datetime.fromisoformat(text) + timedelta(seconds=1)).isoformat()


class BeginIsExclusive(Timing):
    """Begins behind the begin, so as to have nothing twice."""

    scenarios = ("on the edges of a period: all",)

    def bound(self, name: str, text: str) -> str:
        return text if name.endswith("to") else (datetime.fromisoformat(text) + timedelta(seconds=1)).isoformat()


class LosesTheOffset(Timing):
    """Sends the clock of a time without its offset."""

    scenarios = ("times with an offset east of UTC",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"[+-]\d\d:\d\d$", "", text)


class OffsetMeansUtc(Timing):
    """Takes every offset for none."""

    scenarios = ("times with an offset west of UTC",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"[+-]\d\d:\d\d$", "Z", text)


class HalfHoursAreLost(Timing):
    """Knows offsets of whole hours."""

    scenarios = ("times with an offset of half an hour",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"([+-]\d\d):30$", r"\1:00", text)


class NaiveIsUtc(Timing):
    """Takes times without an offset for UTC."""

    scenarios = ("times with no offset: Los Angeles time",)

    def bound(self, name: str, text: str) -> str:
        return text if re.search(r"(Z|[+-]\d\d:\d\d)$", text) else f"{text}Z"


class NaiveIsLocal(Timing):
    """Takes times without an offset for those of its own place, Auckland."""

    scenarios = ("times with no offset: Los Angeles time",)

    def bound(self, name: str, text: str) -> str:
        moment = datetime.fromisoformat(text)
        return text if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Pacific/Auckland")).isoformat()


class AlwaysWinter(Timing):
    """Takes Los Angeles to be at minus eight hours all year."""

    scenarios = ("the clocks go forward, and times have no offset",)

    def bound(self, name: str, text: str) -> str:
        return f"{text}-08:00" if len(text) == len("2026-03-08T00:00:00") else text


class CutsFractions(Timing):
    """Knows whole seconds."""

    scenarios = ("times with fractions of a second",)

    def bound(self, name: str, text: str) -> str:
        return re.sub(r"\.\d+", "", text)


class DaysForTimes(Timing):
    """Sends the day of a time."""

    def bound(self, name: str, text: str) -> str:
        return text[:10]


class SecondsForTimes(Timing):
    """Sends seconds since 1970."""

    def bound(self, name: str, text: str) -> str:
        return str(int(datetime.fromisoformat(text).timestamp()))


class SwapsTheBounds(Timing):
    """Sends one bound as the other."""

    def change(self, query: Query) -> Query:
        names = {"date_time_from": "date_time_to", "date_time_to": "date_time_from"}
        return {names.get(name, name): value for name, value in query.items()}


class HalvesOverlap(Timing):
    """Asks for two halves of a period, and has twice what reaches into both."""

    scenarios = ("on the edges of a period: all",)

    def views(self, first: Bound, last: Bound, *place: Any, **flags: Any) -> list[Row]:
        begin, end = (datetime.fromisoformat(each) for each in (str(first), str(last)))
        middle = begin + (end - begin) / 2
        self.bug()
        return super().views(begin, middle, *place, **flags) + super().views(middle, end, *place, **flags)
