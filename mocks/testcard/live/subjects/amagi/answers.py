"""Amagi's answers: rows, which column counts viewers, days asked for, and what can no longer change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from testcard.live.listings import Listing, Paging, listings
from testcard.live.seen import Answer, Seen
from testcard.live.subjects.common import instant

__all__ = [
    "CONTENTS",
    "REFUSED",
    "VIEWERSHIP",
    "asked",
    "content_keys",
    "content_listings",
    "content_rows",
    "days",
    "named",
    "over",
    "rows",
    "shown",
    "viewers",
    "viewership",
]

VIEWERSHIP, CONTENTS = "get_viewership_analytics", "get_content_analytics"
REFUSED = 422
_SETTLED = timedelta(days=2)


def rows(answer: Answer) -> list[dict[str, Any]]:
    """The rows of viewership; none where it is refused."""
    return list(answer.data["viewershipAnalytics"]) if answer.ok else []


def content_rows(answer: Answer) -> list[dict[str, Any]]:
    """The rows of contents; none where it is refused."""
    return list(answer.data["contentData"]) if answer.ok else []


def viewers(row: Mapping[str, Any]) -> int:
    """A row's viewers, under either name (AM-38)."""
    return int(row["uniqueViewers"] if "uniqueViewers" in row else row["numberOfViewers"])


def shown(answer: Answer) -> list[tuple[Any, ...]]:
    """What the rows of viewership say."""
    return [(row["time"], viewers(row), row["numberOfSession"], row["viewershipMinutes"]) for row in rows(answer)]


def viewership(seen: Seen, **query: str) -> list[Answer]:
    """Answers about viewership whose query has these arguments."""
    return [each for each in seen.good(VIEWERSHIP) if query.items() <= each.query.items()]


def days(answer: Answer) -> tuple[date, date]:
    """The days asked for, first and last."""
    return date.fromisoformat(answer.query["startDate"]), date.fromisoformat(answer.query["endDate"])


def over(answer: Answer) -> bool:
    """Whether the days asked for are over everywhere, and what was late is in."""
    return days(answer)[1] <= instant(answer.at).date() - _SETTLED


def named(answer: Answer) -> frozenset[str] | None:
    """The channels asked for; None for all."""
    text = answer.query.get("channelId")
    return frozenset(text.split(",")) if text else None


def asked(answer: Answer, *but: str) -> Hashable:
    """What was asked, without some arguments."""
    return answer.operation, frozenset((name, value) for name, value in answer.query.items() if name not in but)


def content_keys(answer: Answer) -> list[tuple[Any, ...]]:
    """What the rows of contents are known by."""
    return [(row["date"], row["contentId"]) for row in content_rows(answer)]


def _following(answer: Answer) -> str | None:
    full = len(content_rows(answer)) == int(answer.query["limit"])
    return str(int(answer.query["page"]) + 1) if full else None


CONTENT_PAGES = Paging(
    "limit", "page", content_rows, lambda row: (row["date"], row["contentId"]), _following, settled=over
)


def content_listings(seen: Seen) -> list[Listing]:
    """Lists of contents; none where nothing tells which the first page is (AM-25)."""
    bases = {"0" if each.ok else "1" for each in seen.to(CONTENTS) if each.query.get("page") == "0"}
    paged = [each for each in seen.to(CONTENTS) if {"page", "limit"} <= each.query.keys()]
    return listings(paged, replace(CONTENT_PAGES, first=bases.pop())) if len(bases) == 1 else []
