"""The list that calls and sockets are measured with: Video Central's daily reports of one channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["NOW", "Listing", "find_listing"]

NOW = "2026-03-02T12:00:00Z"

Fetch = Callable[[str, Mapping[str, str]], Any]


@dataclass(frozen=True)
class Listing:
    """A path whose list is long, and the headers of a caller who may read it."""

    path: str
    headers: Mapping[str, str]

    def of(self, rows: int) -> str:
        """The path of a page of so many rows."""
        return f"{self.path}?limit={rows}&reportDateBeginGte=2020-01-01"


def find_listing(fetch: Fetch, token: str, *, rows: int = 100) -> Listing:
    """Walk down from the accounts to the first report type with so many reports.

    *fetch* gets a path and headers, and returns an answer's data.
    """
    headers = {"authorization": f"Bearer {token}"}

    def children(path: str) -> list[str]:
        data = fetch(f"{path}?limit=100", headers)["data"]
        return [str(row.get("id") or row["reportTypeId"]) for row in data]

    top = "/videocentral/apis/v1/accounts"
    for account in children(top):
        for group in children(f"{top}/{account}"):
            for channel in children(f"{top}/{account}/{group}"):
                types = f"{top}/{account}/{group}/{channel}/reportTypes"
                for report_type in children(types):
                    listing = Listing(f"{types}/{report_type}/reports", headers)
                    if len(fetch(listing.of(rows), headers)["data"]) == rows:
                        return listing
    raise RuntimeError(f"no report type has {rows} reports")
