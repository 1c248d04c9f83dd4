"""Wrong clients of Video Central: each is the careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from adapters.videocentral import Adapter
from miniatures.registry import of_classes, of_script
from miniatures.videocentral import asking, failing, holding, pagination, presuming, reading
from miniatures.videocentral.wrong import LONG, TWO_PAGES, WINDOW, Wrong

__all__ = ["MINIATURES", "asking", "failing", "holding", "pagination", "presuming", "reading"]

_script = partial(of_script, "videocentral", Path(__file__).with_name("scripts.mjs"))

MINIATURES = [
    *of_classes("videocentral", Wrong, Adapter),
    _script("first-page-only", "pagination", "Never follows a link.", [LONG]),
    _script("sorts-as-text", "values", "Sorts rows as JavaScript sorts by default.", [TWO_PAGES]),
    _script("local-midnight", "dates", "Takes a date for local midnight, in Auckland.", [WINDOW]),
    _script(
        "midnight-here", "dates", "Takes a date for midnight where it runs.", ["a window of days"], zone="Asia/Tokyo"
    ),
    _script(
        "day-here", "dates", "Takes an instant's day where it runs.", ["a window of days"], zone="America/Los_Angeles"
    ),
    _script("encode-uri", "encoding", "Encodes ids with encodeURI.", ["awkward ids"]),
    _script("numbers-from-cells", "values", "Makes numbers of cells.", ["a file with every awkward cell"]),
    _script("catches-all", "errors", "Returns nothing when anything fails.", ["the second page is refused for good"]),
    _script("token-to-storage", "storage", "Sends the token to the storage.", ["files with awkward cells"]),
    _script("no-await", "auth", "Renews its token and does not wait for it.", ["no ready token"]),
    _script("dies", "errors", "Ends with an unhandled rejection.", ["the second page is refused for good"]),
    _script("logs-secrets", "auth", "Logs its environment.", [TWO_PAGES]),
]
