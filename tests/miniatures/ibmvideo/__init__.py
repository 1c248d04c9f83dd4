"""Wrong clients of IBM Video Streaming Analytics: each is a careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from adapters.ibmvideo import Adapter
from miniatures.ibmvideo import asking, failing, holding, pagination, presuming, reading, timing
from miniatures.ibmvideo.wrong import TWO_PAGES, VIEWS, Wrong
from miniatures.registry import of_classes, of_script

__all__ = ["MINIATURES", "asking", "failing", "holding", "pagination", "presuming", "reading", "timing"]

_script = partial(of_script, "ibmvideo", Path(__file__).with_name("scripts.mjs"))

MINIATURES = [
    *of_classes("ibmvideo", Wrong, Adapter),
    _script("first-page-only", "pagination", "Never follows a link.", [TWO_PAGES]),
    _script("joins-addresses", "pagination", "Joins base and link by new URL, which loses the version.", [TWO_PAGES]),
    _script("rounds", "values", "Reads ids as numbers.", ["ids beyond what a double tells apart"]),
    _script(
        "times-here",
        "dates",
        "Takes times without an offset for those where it runs.",
        ["times with no offset: Los Angeles time"],
        zone="Pacific/Auckland",
    ),
    _script("drops-false", "filters", "Sends what is true.", ["on the edges of a period: whole ones"]),
    _script("encode-uri", "encoding", "Encodes the query with encodeURI.", ["viewers by signs that addresses know"]),
    _script("catches-all", "errors", "Returns nothing when anything fails.", ["the second page is refused for good"]),
    _script("no-await", "auth", "Renews its token and does not wait for it.", ["no ready token"]),
    _script("dies", "errors", "Ends with an unhandled rejection.", ["the second page is refused for good"]),
    _script("logs-secrets", "auth", "Logs its environment.", [VIEWS]),
]
