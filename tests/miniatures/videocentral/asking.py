"""Wrong requests: other filters, other days, other encodings than were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

import requests

from miniatures.videocentral.pagination import Trusting
from miniatures.videocentral.wrong import TWO_PAGES, Row, Wrong

__all__ = ["Filtering"]


class Filtering(Wrong):
    """Changes the filters on their way."""

    area = "filters"
    scenarios = ("a window of days",)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        changed = self.change(dict(filters))
        if changed != filters:
            self.bug()
        return super().reports(account, group, channel, report_type, **changed)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        """What is sent for what was asked."""
        return filters


class MisspeltFilter(Filtering):
    """Spells a filter in its own way."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name.replace("Gte", "GTE"): value for name, value in filters.items()}


class DropsAFilter(Filtering):
    """Knows two filters of three."""

    scenarios = ("what changed since an instant",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in filters.items() if name != "modifiedDateGte"}


class InclusiveEnd(Filtering):
    """Takes the end of a window for its last day."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return _moved(filters, "reportDateBeginLt", 1)


class ExclusiveBegin(Filtering):
    """Takes the begin of a window for the day before it."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return _moved(filters, "reportDateBeginGte", 1)


class SwapsTheBounds(Filtering):
    """Sends one bound as the other."""

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        names = {"reportDateBeginGte": "reportDateBeginLt", "reportDateBeginLt": "reportDateBeginGte"}
        return {names.get(name, name): value for name, value in filters.items()}


class CutsInstants(Filtering):
    """Sends the day of an instant."""

    area = "dates"
    scenarios = ("what changed since an instant",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value[:10] for name, value in filters.items()}


class LosesMilliseconds(Filtering):
    """Cuts an instant to its second."""

    area = "dates"
    scenarios = ("reports modified in one second",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r"\.\d+", "", value) for name, value in filters.items()}


class RoundsUpToTheSecond(Filtering):
    """Moves a watermark on to the next second."""

    area = "dates"
    scenarios = ("reports modified in one second",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r":00\.[1-9]\d+", ":01", value) for name, value in filters.items()}


class LosesTheOffset(Filtering):
    """Takes every instant to be in UTC."""

    area = "dates"
    scenarios = ("an instant with an offset",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r"[+-]\d\d:\d\d$", "Z", value) for name, value in filters.items()}


class LocalDates(Filtering):
    """Takes a day to begin at local midnight, in Auckland."""

    area = "dates"

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        zone = ZoneInfo("Pacific/Auckland")
        return {name: datetime.fromisoformat(value).replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).date().isoformat()
                for name, value in filters.items()}  # fmt: skip


class NoLeapDays(Filtering):
    """Has no 29 February."""

    area = "dates"
    scenarios = ("leap day",)

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: value.replace("-02-29", "-02-28") for name, value in filters.items()}


class SecondsForDates(Filtering):
    """Sends seconds since 1970."""

    area = "dates"

    def change(self, filters: dict[str, str]) -> dict[str, str]:
        return {name: str(int(datetime.fromisoformat(f"{each}T00:00Z").timestamp())) for name, each in filters.items()}


class OwnNameForLimit(Wrong):
    """Calls the limit pageSize."""

    area = "filters"
    scenarios = (TWO_PAGES,)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        if params and "limit" in params:
            self.bug()
            params = {"pageSize": params.pop("limit"), **params}
        return super()._get_json(link, params)


class RawPlus(Wrong):
    """Does not encode a plus sign in a query."""

    area = "encoding"
    scenarios = ("an instant with an offset",)

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        if params and any("+" in value for value in params.values()):
            self.bug()
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        return super()._with_token(f"{link}?{query}" if query else link, None)


class RawIds(Wrong):
    """Writes ids into a path as they are."""

    area = "encoding"
    scenarios = ("awkward ids",)

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        if quote(account + group + channel, safe="") != account + group + channel:
            self.bug()
        return self._all(f"/accounts/{account}/{group}/{channel}/reportTypes")


class PlusForBlank(Wrong):
    """Encodes a path like a query."""

    area = "encoding"
    scenarios = ("awkward ids",)

    def report_types(self, account: str, group: str, channel: str) -> list[Row]:
        path = "/".join(quote(each, safe=" ").replace(" ", "+") for each in (account, group, channel))
        if "+" in path:
            self.bug()
        return self._all(f"/accounts/{path}/reportTypes")


class EncodesTwice(Wrong):
    """Encodes what is encoded."""

    area = "encoding"
    scenarios = ("reports under awkward ids",)

    def reports(self, account: str, group: str, channel: str, report_type: str, **filters: str) -> list[Row]:
        encoded = quote(report_type, safe="")
        if "%" in encoded:
            self.bug()
        return super().reports(account, group, channel, encoded, **filters)


class RebuildsLinks(Trusting):
    """Takes a link apart and decodes what it should pass on."""

    area = "encoding"
    scenarios = ("reports under awkward ids", "an instant with an offset")

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        self._page_size = 5
        page = self.at(path, filters, 0)
        yield page
        while page["next"]:
            self.bug()
            parts = urlsplit(page["next"])
            query = "&".join(f"{name}={value}" for name, value in parse_qsl(parts.query))
            page = self._get_json(f"{parts.scheme}://{parts.netloc}{parts.path}?{query}", None)
            yield page


# Values.


def _moved(filters: dict[str, str], name: str, days: int) -> dict[str, str]:
    if name not in filters or "T" in filters[name]:
        return filters
    return {**filters, name: str(date.fromisoformat(filters[name]) + timedelta(days=days))}
