"""Wrong clients of Amagi Analytics: each is the careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from adapters.amagi import Adapter
from miniatures.amagi import asking, failing, holding, pagination, presuming, reading
from miniatures.amagi.wrong import DAY, LONG, SEVERAL, Wrong
from miniatures.registry import of_classes, of_script

__all__ = ["MINIATURES", "asking", "failing", "holding", "pagination", "presuming", "reading"]

_script = partial(of_script, "amagi", Path(__file__).with_name("scripts.mjs"))

MINIATURES = [
    *of_classes("amagi", Wrong, Adapter),
    _script("first-page-only", "pagination", "Asks for one page of contents.", [LONG]),
    _script("numbers-for-ids", "values", "Makes numbers of ids.", ["one day: get_content_analytics"]),
    _script("null-for-zero", "values", "Takes zero to be nothing.", ["several filters at once"]),
    _script("days-here", "dates", "Takes a day to begin at midnight where it runs.", [DAY], zone="Asia/Tokyo"),
    _script("brackets-for-lists", "encoding", "Says country[] for each of several values.", [SEVERAL]),
    _script("token-in-the-url", "auth", "Puts the token into the query too.", [DAY]),
    _script("milliseconds-for-seconds", "errors", "Waits milliseconds when told seconds.", ["told to wait"]),
    _script("splits-at-commas", "files", "Does not know quotes.", ["a file: 71 from 2024-06-12"]),
    _script("catches-all", "errors", "Returns nothing when anything fails.", ["the second page is refused for good"]),
]
