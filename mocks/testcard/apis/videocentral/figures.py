"""What a report's rows say: titles and offers of the story, and the viewing of the period.

How many rows there are needs no viewing: every title whose licence touches the period has one, watched or not. The
figures of a row are sums of the story's sessions, or, for subscriptions, grow from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from testcard.apis.videocentral.offers import Offer, offers
from testcard.apis.videocentral.sums import Period
from testcard.apis.videocentral.tree import API, Kind, Source
from testcard.data import load
from testcard.seed import text
from testcard.world.story import Title, open_story

__all__ = ["count_rows", "header", "table"]

_KINDS = {"vod": ("vod",), "live": ("live",), "titles": ("live", "vod")}
_CURRENCIES = {"US": "USD", "GB": "GBP", "JP": "JPY", "CH": "CHF", "NO": "NOK"}
_PRICES = (199, 299, 399, 490)  # cents


def count_rows(source: Source, rows: str, begin: date, end: date) -> int:
    """How many rows a report of that period has."""
    if rows == "offers":
        return len(offers())
    low, high = begin.toordinal(), end.toordinal()
    return sum(first <= high and last >= low for _, first, last in _titles(source, rows))


def header(kind: Kind) -> list[str]:
    """The names of a kind's columns."""
    names = load("fixtures/videocentral/reports.yaml")["columns"]
    return [names[column] for column in kind.columns]


def table(period: Period, kind: Kind) -> list[list[str]]:
    """The rows of data, as text, in the order of the titles or offers."""
    values = [_VALUES[column] for column in kind.columns]
    return [[value(period, what) for value in values] for what in _subjects(period, kind.rows)]


def _subjects(period: Period, rows: str) -> Iterable[Any]:
    if rows == "offers":
        return offers()
    low, high = period.begin.toordinal(), period.end.toordinal()
    return [title for title, first, last in _titles(period.source, rows) if first <= high and last >= low]


@lru_cache(maxsize=256)
def _titles(source: Source, rows: str) -> tuple[tuple[Title, int, int], ...]:
    """The titles that a channel or studio reports, each with first and last day (ordinals) of its licence."""
    slugs = set(source.channels)
    return tuple(
        (title, (title.licensed_from or date.min).toordinal(), (title.licensed_to or date.max).toordinal())
        for title in open_story(0).titles
        if title.kind in _KINDS[rows]
        and (title.studio == source.studio or any(channel.slug in slugs for channel in title.channels))
    )


def _date(day: date) -> str:
    """M/D/YYYY, as in subscription files (A27)."""
    return f"{day.month}/{day.day}/{day.year}"


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


def _price(title: Title) -> int:
    return _PRICES[title.id % len(_PRICES)]


def _royalty(ms: int) -> int:
    """Cents: six and a half an hour."""
    return (ms * 65 + 18_000_000) // 36_000_000


def _rate(period: Period, offer: Offer) -> str:
    started = offer.started(period)
    return _hundredths(offer.converted(period) * 10_000 // started if started else 0)


_VALUES: dict[str, Callable[[Period, Any], str]] = {
    "year": lambda period, _: str(period.end.year),
    "start": lambda period, _: _date(period.begin),
    "end": lambda period, _: _date(period.end),
    "channel": lambda period, _: period.channel,
    "territory": lambda period, _: period.territory,
    "currency": lambda period, _: _CURRENCIES.get(period.territory, "EUR"),
    "title-id": lambda _, title: f"B0{title.catalogue}",
    "title": lambda _, title: title.name,
    "series": lambda _, title: title.series,
    "studio": lambda _, title: title.studio,
    "streams": lambda period, title: str(period.sums.sessions[title.code]),
    "units": lambda period, title: str(period.sums.sessions[title.code]),
    "free-units": lambda period, title: str(period.sums.sessions[title.code]),
    "viewers": lambda period, title: str(period.sums.viewers[title.code]),
    "minutes": lambda period, title: _hundredths((period.sums.ms[title.code] + 300) // 600),
    "hours": lambda period, title: _hundredths((period.sums.ms[title.code] + 18_000) // 36_000),
    "royalty": lambda period, title: _hundredths(_royalty(period.sums.ms[title.code])),
    "price": lambda _, title: _hundredths(_price(title)),
    "sales": lambda period, title: _hundredths(_price(title) * period.sums.sessions[title.code]),
    "first-views": lambda period, title: str(period.sums.first_views[title.code]),
    "last-views": lambda period, title: str(period.sums.last_views[title.code]),
    "offer-id": lambda period, offer: f"B0{text(8, API, period.channel_id)}-{offer.suffix}",
    "subscription": lambda _, offer: offer.subscription,
    "billing-amount": lambda _, offer: offer.billing_amount,
    "category": lambda _, offer: offer.category,
    "started": lambda period, offer: str(offer.started(period)),
    "cancelled": lambda period, offer: str(offer.cancelled(period)),
    "converted": lambda period, offer: str(offer.converted(period)),
    "conversion-rate": _rate,
    "active": lambda period, offer: str(offer.active(period)),
}
