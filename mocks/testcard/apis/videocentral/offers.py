"""What a channel is sold as, and how many have it. The figures grow from the seed and the days of the period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from testcard.apis.videocentral.sums import Period
from testcard.apis.videocentral.tree import API
from testcard.data import load
from testcard.seed import mix

__all__ = ["Offer", "offers"]


@dataclass(frozen=True)
class Offer:
    """One way to subscribe; *churn* and *trial* in per mille."""

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
def offers() -> tuple[Offer, ...]:
    """Every way to subscribe; all channels have the same."""
    return tuple(Offer(**entry) for entry in load("fixtures/videocentral/reports.yaml")["offers"])
