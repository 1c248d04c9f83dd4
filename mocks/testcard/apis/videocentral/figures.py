"""What a report's rows say: titles and offers of the story, and the viewing of the period.

How many rows there are needs no viewing: every title whose licence touches the period has one, watched or not. The
figures of a row are sums of the story's sessions, or, for subscriptions, grow from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from testcard.apis.videocentral.tree import API, Kind, Source
from testcard.data import load
from testcard.seed import mix, text
from testcard.world.story import Story, Title, open_story

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from testcard.world.viewing import Viewing

__all__ = ["Period", "count_rows", "header", "table"]

_KINDS = {"vod": ("vod",), "live": ("live",), "titles": ("live", "vod")}
_CURRENCIES = {"US": "USD", "GB": "GBP", "JP": "JPY", "CH": "CHF", "NO": "NOK"}
_PRICES = (199, 299, 399, 490)  # cents


@dataclass(frozen=True)
class Period:
    """Whose figures of which days: the story, the channel (as the API shows it) and the viewing it reports."""

    story: Story
    source: Source
    channel_id: str
    channel: str
    territory: str
    begin: date
    end: date

    @cached_property
    def sums(self) -> _Sums:
        """The period's viewing by title, made when first asked for."""
        return _Sums(self)


def count_rows(source: Source, rows: str, begin: date, end: date) -> int:
    """How many rows a report of that period has."""
    if rows == "offers":
        return len(_offers())
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
        return _offers()
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


class _Sums:
    """Sessions of a period by title code: how many, for how long, by how many viewers."""

    def __init__(self, period: Period) -> None:
        import numpy as np

        story = period.story
        self._size = len(story.titles)
        viewing = story.viewing_range(API, period.begin, period.end)
        self._viewing = viewing.take(np.flatnonzero(_mask(period, viewing)))
        self.sessions: list[int] = np.bincount(self._viewing.title, minlength=self._size).tolist()
        spent = np.bincount(self._viewing.title, weights=self._viewing.duration_ms, minlength=self._size)
        self.ms: list[int] = [int(value) for value in spent.tolist()]

    @cached_property
    def viewers(self) -> list[int]:
        """Different viewers of each title."""
        import numpy as np

        pairs = self._viewing.viewer.astype(np.int64) * self._size + self._viewing.title
        return self._by_title(np.unique(pairs) % self._size)

    @cached_property
    def first_views(self) -> list[int]:
        """Viewers whose first title on demand it was."""
        import numpy as np

        seen = self._on_demand()
        return self._by_title(seen.title[np.unique(seen.viewer, return_index=True)[1]])

    @cached_property
    def last_views(self) -> list[int]:
        """Viewers whose last title on demand it was."""
        import numpy as np

        seen = self._on_demand()
        return self._by_title(seen.title[::-1][np.unique(seen.viewer[::-1], return_index=True)[1]])

    def _on_demand(self) -> Viewing:
        import numpy as np

        return self._viewing.take(np.flatnonzero(~self._viewing.live))

    def _by_title(self, titles: npt.NDArray[Any]) -> list[int]:
        import numpy as np

        counted: list[int] = np.bincount(titles, minlength=self._size).tolist()
        return counted


def _mask(period: Period, viewing: Viewing) -> npt.NDArray[np.bool_]:
    """Which sessions a channel or studio reports."""
    import numpy as np

    story, source = period.story, period.source
    if source.studio:
        codes = [title.code for title in story.titles if title.studio == source.studio]
        mask = np.isin(viewing.title, codes)
    else:
        mask = np.isin(viewing.channel, [channel.code for channel in story.channels if channel.slug in source.channels])
    if source.viewers_in:
        countries = [code for code, (_, iso) in enumerate(story.audience.countries) if iso == source.viewers_in]
        mask &= np.isin(story.audience.country[viewing.viewer], countries)
    return mask


@dataclass(frozen=True)
class _Offer:
    """What a channel is sold as; *churn* and *trial* in per mille."""

    suffix: str
    subscription: str
    billing_amount: str
    category: str
    audience: int
    churn: int
    trial: int

    def active(self, period: Period) -> int:
        """Subscribers at the end of the period."""
        channel = 400 + mix(period.story.seed, API, "audience", period.channel_id) % 1200
        day = 950 + mix(period.story.seed, API, "active", period.channel_id, self.suffix, period.end.toordinal()) % 100
        return self.audience * channel * day // 1_000_000

    def started(self, period: Period) -> int:
        """Who began in the period."""
        return self._share(period, "started", self.churn + 20)

    def cancelled(self, period: Period) -> int:
        """Who left in the period."""
        return self._share(period, "cancelled", self.churn)

    def converted(self, period: Period) -> int:
        """Who went on to pay."""
        return self.started(period) * self.trial // 1000

    def _share(self, period: Period, what: str, permille: int) -> int:
        days = (period.end - period.begin).days + 1
        noise = mix(period.story.seed, API, what, period.channel_id, self.suffix, period.end.toordinal()) % 200
        return self.active(period) * permille * days * (900 + noise) // 30_000_000


@lru_cache(maxsize=1)
def _offers() -> tuple[_Offer, ...]:
    return tuple(_Offer(**entry) for entry in load("fixtures/videocentral/reports.yaml")["offers"])


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


def _rate(period: Period, offer: _Offer) -> str:
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
