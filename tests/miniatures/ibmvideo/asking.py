"""Wrong clients that ask for something else than they were asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from known_good.ibmvideo import Bound
from miniatures.ibmvideo.wrong import VIEWS, Query, Row, Wrong


class Asking(Wrong):
    """Asks for something else than it was asked."""

    area = "filters"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)

    def change(self, query: Query) -> Query:
        """What is sent for what was asked."""
        return query

    def _get(self, path: str, query: Any) -> Row:
        changed = self.change(dict(query))
        if changed != query:
            self.bug()
        return super()._get(path, changed)


class PythonsTruth(Asking):
    """Writes flags as Python does."""

    area = "encoding"

    def change(self, query: Query) -> Query:
        return {name: {"true": "True", "false": "False"}.get(value, value) for name, value in query.items()}


class DropsFalse(Asking):
    """Leaves out what is false, which the service takes for true."""

    scenarios = ("on the edges of a period: finished ones",)

    def change(self, query: Query) -> Query:
        return {name: value for name, value in query.items() if value != "false"}


class SwapsTheFlags(Asking):
    """Sends one flag as the other."""

    scenarios = ("on the edges of a period: whole ones",)

    def change(self, query: Query) -> Query:
        names = {"inclusive_range": "list_unfinished_segments", "list_unfinished_segments": "inclusive_range"}
        return dict(sorted((names.get(name, name), value) for name, value in query.items()))


class MisspeltFlag(Asking):
    """Says inclusive where inclusive_range is meant."""

    scenarios = ("on the edges of a period: whole ones",)

    def change(self, query: Query) -> Query:
        return {name.replace("inclusive_range", "inclusive"): value for name, value in query.items()}


class FirstOfSeveral(Asking):
    """Takes content_id for one number."""

    scenarios = ("several contents",)

    def change(self, query: Query) -> Query:
        return {name: value.partition(",")[0] if name == "content_id" else value for name, value in query.items()}


class JoinsIdsWithBlanks(Asking):
    """Writes ids as one would write them in a sentence."""

    area = "encoding"
    scenarios = ("several contents",)

    def change(self, query: Query) -> Query:
        return {name: value.replace(",", ", ") if name == "content_id" else value for name, value in query.items()}


class EscapesWildcards(Asking):
    """Takes the search for a pattern, and escapes its signs."""

    scenarios = ("viewers by signs that searches know",)

    def change(self, query: Query) -> Query:
        escaped = re.sub(r"([%_])", r"\\\1", query.get("viewer_identifier", ""))
        return {**query, "viewer_identifier": escaped} if escaped else query


class SearchesInSmallLetters(Asking):
    """Takes identifiers to be all small letters."""

    scenarios = ("viewers by a part of their name",)

    def change(self, query: Query) -> Query:
        return {name: value.lower() if name == "viewer_identifier" else value for name, value in query.items()}


class ForgetsTheType(Asking):
    """Asks for all contents, and keeps those with the number."""

    scenarios = ("a channel and a video of one number",)

    def views(self, first: Bound, last: Bound, content_type: Any = None, content_ids: Any = (), **flags: Any) -> Any:
        if not content_ids:
            return super().views(first, last, content_type, **flags)
        self.bug()
        rows = super().views(first, last, **flags)
        return [row for row in rows if row["content_id"] in content_ids]


class CopiesTheExample(Asking):
    """Writes Live and Recorded, as a line of the document does."""

    area = "encoding"
    scenarios = ("a list of two pages and a bit: list_views_of_type",)

    def _get(self, path: str, query: Any) -> Row:
        copied = path.replace("/live", "/Live").replace("/recorded", "/Recorded")
        if copied != path:
            self.bug()
        return super()._get(copied, query)


class UnescapedPlus(Asking):
    """Puts its address together by hand, plus signs and all."""

    area = "encoding"

    def _get(self, path: str, query: Any) -> Row:
        if any("+" in str(value) for value in query.values()):
            self.bug()
        return super()._get(f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}", {})


class EncodesTwice(Asking):
    """Encodes what will be encoded."""

    area = "encoding"
    scenarios = ("viewers by signs that addresses know",)

    def change(self, query: Query) -> Query:
        wanted = query.get("viewer_identifier")
        return {**query, "viewer_identifier": urlencode({"": wanted})[1:]} if wanted else query


class DropsTheNameless(Asking):
    """Takes a viewer without a name for nobody."""

    area = "values"
    scenarios = ("awkward names",)

    def viewers(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().viewers(*place, **more)
        if any(not row["viewer_identifier"] for row in rows):
            self.bug()
        return [row for row in rows if row["viewer_identifier"]]
