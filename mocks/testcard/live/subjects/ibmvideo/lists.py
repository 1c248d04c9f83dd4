"""IBM's lists: rows, links, periods, and which of them can no longer change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testcard.live.listings import Listing, Paging, listings
from testcard.live.seen import Answer, Seen
from testcard.live.subjects.common import instant

__all__ = [
    "BEGIN",
    "BOTH",
    "END",
    "VIEWERS",
    "VIEWER_LISTS",
    "VIEWS",
    "VIEW_LISTS",
    "flag",
    "link_to_next",
    "period",
    "rows",
    "self_link",
    "text",
    "view_listings",
    "viewer_listings",
    "views",
]

BEGIN, END = "date_time_from", "date_time_to"
BOTH = (BEGIN, END, "list_unfinished_segments", "inclusive_range", "_page", "_limit")
VIEW_LISTS = ("list_views", "list_views_of_type", "list_views_of_channels")
VIEWER_LISTS = ("list_viewers", "list_viewers_of_type")
_SETTLED = timedelta(hours=12)


def text(moment: datetime) -> str:
    """A time as it is asked for."""
    return moment.isoformat(timespec="seconds")


def rows(answer: Answer | None) -> list[dict[str, Any]]:
    """The attributes of a page's rows, under either key (IB-01); none where it is a refusal."""
    if answer is None or not answer.ok:
        return []
    found = answer.data["resources"] if "resources" in answer.data else answer.data["data"]
    return [row["attributes"] for row in found]


def views(seen: Seen) -> list[dict[str, Any]]:
    """The views of every page."""
    return [row for answer in seen.good(*VIEW_LISTS) for row in rows(answer)]


def link_to_next(answer: Answer) -> str:
    """The address of the next page, or nothing."""
    link = answer.data["pagination"].get("next") if answer.ok else None
    return str(link["href"]) if link else ""


def self_link(answer: Answer) -> str:
    """The address that a page gives as its own, or nothing."""
    link = answer.data["pagination"].get("self")
    return str(link["href"]) if link else ""


def period(asked: Answer | Listing) -> tuple[datetime, datetime] | None:
    """The period asked for, where both times have an offset."""
    query = asked.filters if isinstance(asked, Listing) else asked.query
    try:
        first, last = instant(query[BEGIN]), instant(query[END])
    except (KeyError, ValueError):
        return None
    return (first, last) if first.tzinfo and last.tzinfo else None


def flag(listing: Listing, name: str) -> bool:
    """One of the two switches, which are on unless they are off."""
    return listing.filters.get(name, "true") == "true"


def _following(answer: Answer) -> str | None:
    return parse_qs(urlsplit(link_to_next(answer)).query).get("_page", [None])[0]


def _over(answer: Answer) -> bool:
    """Views of a period that ended half a day ago: hardly anything runs as long."""
    times = period(answer)
    return times is not None and times[1] <= instant(answer.at) - _SETTLED


VIEWS = Paging("_limit", "_page", rows, lambda row: row["view_id"], _following, settled=_over)
VIEWERS = Paging("_limit", "_page", rows, lambda row: row["viewer_identifier"], _following,
                 settled=lambda answer: bool(answer.step))  # fmt: skip
"""Who watched changes all the time: only within a walk, whose calls are close together, are pages compared."""


def view_listings(seen: Seen) -> list[Listing]:
    """Lists of views of periods that are over."""
    return listings(seen.to(*VIEW_LISTS), VIEWS)


def viewer_listings(seen: Seen) -> list[Listing]:
    """Lists of viewers."""
    return listings(seen.to(*VIEWER_LISTS), VIEWERS)
