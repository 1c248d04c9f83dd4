"""Wrong clients that ask for something else than they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import requests

from known_good.amagi import ClientError, NotYet
from miniatures.amagi.wrong import DAY, DAYS, Wrong


class Asking(Wrong):
    """Asks for something else than it was asked."""

    area = "dates"
    scenarios: ClassVar[Sequence[str]] = (DAYS,)


class EndIsExclusive(Asking):
    """Takes the last day for the first that does not count, and adds one."""

    scenarios = (DAY,)

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        self.bug()
        return super()._ask_range(kind, first, last + timedelta(days=1), **params)


class DropsTheLastDay(Asking):
    """Asks for a day less."""

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        if last > first:
            self.bug()
            last -= timedelta(days=1)
        return super()._ask_range(kind, first, last, **params)


class ForgetsTheZone(Asking):
    """Never says in which zone its days are."""

    scenarios = ("days in Universal",)

    def _ask(self, kind: str, **params: str) -> Any:
        if params.pop("timezone", "US/Pacific") != "US/Pacific":
            self.bug()
        return super()._ask(kind, **params)


class DaysOfItsOwnZone(Asking):
    """Moves its days as if the service's were those of UTC."""

    scenarios = (DAY,)

    def _ask_range(self, kind: str, first: date, last: date, **params: str) -> Any:
        self.bug()
        moved = datetime.combine(first, datetime.min.time(), UTC) - timedelta(hours=8)
        return super()._ask_range(kind, moved.date(), last, **params)


class AlwaysDaily(Asking):
    """Asks for days when hours are wanted."""

    scenarios = ("hours of a day",)

    def _ask(self, kind: str, **params: str) -> Any:
        if params.get("interval") == "HOURLY":
            self.bug()
            params["interval"] = "DAILY"
        return super()._ask(kind, **params)


class ForgetsTheTimes(Asking):
    """Asks for whole days by the hour."""

    scenarios = ("some hours of a day",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "startTime" in params:
            self.bug()
        return super()._ask(
            kind, **{name: each for name, each in params.items() if name not in ("startTime", "endTime")}
        )


class MisspeltFilter(Asking):
    """Says device_type."""

    area = "encoding"
    scenarios = ("only deviceType Smart TV,Roku",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "deviceType" in params:
            self.bug()
            params["device_type"] = params.pop("deviceType")
        return super()._ask(kind, **params)


class FirstOfSeveral(Asking):
    """Sends the first of several values."""

    area = "encoding"
    scenarios = ("only country United States,Canada",)

    def _ask(self, kind: str, **params: str) -> Any:
        if "," in params.get("country", ""):
            self.bug()
            params["country"] = params["country"].partition(",")[0]
        return super()._ask(kind, **params)


class UnencodedAmpersand(Asking):
    """Puts its query together by hand."""

    area = "encoding"
    scenarios = ("only city Réunion & Co",)

    def _ask(self, kind: str, **params: str) -> Any:
        if any("&" in each for each in params.values()):
            self.bug()
        kept, query = self._url, "&".join(f"{name}={each}" for name, each in {"type": kind, **params}.items())
        self._url = f"{kept}?{query}"
        try:
            answer = self._patiently(self._url, {})
        finally:
            self._url = kept
        if answer.status_code != requests.codes.ok:
            raise ClientError(kind, answer.status_code)
        return answer.json()


class SlashesInThePath(Asking):
    """Leaves a schedule's id as it is."""

    area = "encoding"
    scenarios = ("a schedule that there is not",)

    def report(self, schedule: str, from_date: date) -> list[dict[str, str]]:
        if "/" in schedule:
            self.bug()
        link = f"{self._url.removesuffix('/api/v2')}/api/v1/download-reports/{schedule}/{from_date}"
        answer = self._patiently(link, {})
        if answer.status_code != requests.codes.ok:
            raise NotYet(answer.text, answer.status_code)
        return super().report(schedule, from_date)
