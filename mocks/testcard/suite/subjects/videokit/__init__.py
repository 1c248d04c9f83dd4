"""Cloud Video Kit as a subject: lists, details and writes of all modules, uploads, analytics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st

from testcard.suite.oracles.videokit.lists import plain_attribute
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Take
from testcard.suite.subject import Page, Subject, Truth, read_json
from testcard.suite.subjects.videokit.drawn import drawn
from testcard.suite.subjects.videokit.judged import ENDINGS, JUDGED, QUERIES, UNJUDGED
from testcard.suite.subjects.videokit.named import named
from testcard.suite.subjects.videokit.truths import left_undone, truth_of
from testcard.world.journal import Entry

__all__ = ["VideoKit"]


class VideoKit(Subject):
    """Six modules over one set of tenants and keys."""

    api = "videokit"
    judged: ClassVar = JUDGED
    unjudged: ClassVar = UNJUDGED
    paging: ClassVar = frozenset({"page", "limit"})
    token_operations: ClassVar = frozenset({"issue_token"})
    probes_end = True
    questions: ClassVar = frozenset({*QUERIES, "list_impressions", "detect_file_tracks"})
    endings: ClassVar = ENDINGS

    def named(self) -> Sequence[Scenario]:
        """The deterministic scenarios."""
        return named()

    def scenarios(self, operations: frozenset[str], page_size: int) -> st.SearchStrategy[Scenario]:
        """Lists of sizes around the page with filters and sorts, writes and what follows them, queries, faults."""
        return drawn(sorted(operations & set(self.judged)), page_size)

    def truth(self, take: Take) -> Truth | Sequence[Truth]:
        """By the plain model."""
        return truth_of(take)

    def shortfall(self, take: Take) -> str:
        """By the requests that were carried out, and the digests of the parts."""
        return left_undone(take)

    def same_argument(self, operation: str, name: str, asked: Any, sent: Sequence[Any]) -> bool:
        """Values of a filter have no order; a sort's letters no case; the default may be left out."""
        if isinstance(asked, list):
            told = {plain_attribute(each) for values in sent if isinstance(values, list) for each in values}
            return None not in sent and told == {plain_attribute(each) for each in asked}
        if name == "sort":
            return all(isinstance(each, str) and each.lower() == asked.lower() for each in sent)
        if name == "desc" and asked is False:
            return True not in sent
        return super().same_argument(operation, name, asked, sent)

    def same_body(self, operation: str, asked: Any, sent: Any) -> bool:
        """A moment may be written otherwise, an attribute with brackets; an order may go on or be the client's own."""
        if isinstance(asked, Mapping) and isinstance(sent, Mapping) and "orderBy" in asked:
            begun = list(sent.get("orderBy") or ())[: len(asked["orderBy"])]
            asked, sent = {**asked, "orderBy": begun and asked["orderBy"]}, {**sent, "orderBy": begun}
        if isinstance(asked, list) and isinstance(sent, list):
            pairs = zip(asked, sent, strict=False)
            return len(asked) == len(sent) and all(self.same_body(operation, one, other) for one, other in pairs)
        if isinstance(asked, str) and isinstance(sent, str):
            return bool(_plain(asked) == _plain(sent))
        return super().same_body(operation, asked, sent)

    def page(self, entry: Entry) -> Page | None:
        """Page and limit of the query, the number of pages and the items of the answer."""
        if entry.status != 200 or not entry.operation.startswith("list_"):
            return None
        query = {name.lower(): values for name, values in parse_qs(urlsplit(entry.url).query).items()}
        try:
            body = read_json(entry)
            page, limit = int(query.get("page", ["1"])[0]), int(query.get("limit", ["100"])[0])
            return Page((page - 1) * limit, limit, len(body["items"]), page >= body["pageCount"])
        except (ValueError, KeyError, TypeError):
            return None


def _plain(text: str) -> Any:
    """A moment as such, an attribute without brackets, any other text as it is."""
    try:
        return datetime.fromisoformat(text).timestamp() if "T" in text else plain_attribute(text)
    except ValueError:
        return plain_attribute(text)
