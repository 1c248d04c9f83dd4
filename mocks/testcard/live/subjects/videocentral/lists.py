"""Video Central's lists: their rows, and the link to the next page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testcard.live.listings import Paging
from testcard.live.seen import Answer, Seen

__all__ = ["FILTERS", "LISTS", "PAGE", "PAGING", "REPORTS", "following", "pages", "report_rows", "rows", "type_id"]

PAGE = ("limit", "offset")
FILTERS = ("reportDateBeginGte", "reportDateBeginLt", "modifiedDateGte")
REPORTS = "list_reports"
LISTS = ("list_accounts", "list_report_groups", "list_channels", "list_report_types", REPORTS, "list_reports_singular")


def rows(answer: Answer) -> list[Any]:
    """The rows of a page; none where it is a refusal."""
    return list(answer.data["data"]) if answer.ok else []


def type_id(row: Mapping[str, Any]) -> str:
    """A report type's id, whichever name it has (VC-02)."""
    return str(row["id"] if "id" in row else row["reportTypeId"])


def following(answer: Answer) -> dict[str, str]:
    """The query of a page's next link."""
    link = answer.data.get("next") if answer.ok else None
    return {name: values[0] for name, values in parse_qs(urlsplit(link or "").query).items()}


def pages(seen: Seen) -> list[Answer]:
    """Every page of every list."""
    return seen.good(*LISTS)


def report_rows(seen: Seen) -> list[Any]:
    """The reports of every page."""
    return [row for answer in seen.good(REPORTS) for row in rows(answer)]


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["reportDateBegin"], row["reportDateEnd"], row["modifiedDate"], row["numRows"])


PAGING = Paging(
    size="limit",
    position="offset",
    rows=rows,
    key=_key,
    following=lambda answer: following(answer).get("offset"),
    first="0",
    total=lambda answer: int(answer.data["total"]),
)
"""Of reports: other lists have no times to be known by."""
