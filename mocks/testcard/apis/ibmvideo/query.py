"""What an operation was asked: its parameters by name, whichever of them it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from testcard.apis.ibmvideo.times import Moment

__all__ = ["Query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Parameters as the contract reads them; what an operation does not have is as if it had not been sent.

    Page *number* counts from 1 and has at most *limit* rows.
    """

    date_time_from: Moment | None = None
    date_time_to: Moment | None = None
    content_type: str | None = None
    content_id: Sequence[int] | int | None = None
    channel_id: Sequence[int] | None = None
    viewer_identifier: str | None = None
    list_unfinished_segments: bool = True
    inclusive_range: bool = True
    dimension: str = ""
    granularity: str | None = None
    page: int = 1
    limit: int = 10
