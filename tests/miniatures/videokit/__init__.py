"""Wrong clients of Cloud Video Kit: each is the careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from adapters.videokit import Adapter
from miniatures.registry import of_classes, of_script
from miniatures.videokit import calls, figures, lists, uploads
from miniatures.videokit.wrong import LONG, Wrong

__all__ = ["MINIATURES", "calls", "figures", "lists", "uploads"]

_script = partial(of_script, "videokit", Path(__file__).with_name("scripts.mjs"))
_REFUSED = "the second page is refused for good"
_SMALL = "a small file is uploaded"

MINIATURES = [
    *of_classes("videokit", Wrong, Adapter),
    _script("first-page-only", "pagination", "Never turns a page.", [LONG]),
    _script("more-by-the-size", "pagination", "Divides down by the size of a page.", [LONG]),
    _script("doubles", "values", "Reads whole numbers as doubles.", ["a file of more bytes than a double counts"]),
    _script("sorts-as-text", "values", "Sorts rows as JavaScript sorts text.", ["20 assets"]),
    _script("local-bounds", "dates", "Takes a bound for the hands of its own clock.", ["assets since a moment"]),
    _script("encode-uri", "encoding", "Encodes ids with encodeURI.", ["awkward ids: get_vod_asset"]),
    _script("commas-in-values", "encoding", "Splits values at spaces.", ["assets by attribute"]),
    _script("catches-all", "errors", "Returns nothing when anything fails.", [_REFUSED]),
    _script("key-to-the-storage", "storage", "Sends its key to the storage.", [_SMALL]),
    _script("no-await", "storage", "Completes before its parts are there.", [_SMALL]),
    _script("two-bytes-a-letter", "storage", "Writes text as UTF-16.", [_SMALL]),
    _script("one-link-for-all", "storage", "Puts every part where the first one goes.", ["a file of three parts"]),
    _script("offset-in-pages", "analytics", "Counts pages where rows are counted.", ["450 minutes"]),
    _script("results-unread", "writes", "Reads no result of several.", ["assets are deleted, and one is not there"]),
    _script("repeats-all", "errors", "Makes again what may have been made.", [
        "making an asset is carried out and its answer lost"]),
    _script("dies", "errors", "Ends with an unhandled rejection.", [_REFUSED]),
    _script("logs-secrets", "auth", "Logs its environment.", [LONG]),
]  # fmt: skip
