"""Which calls are made, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from testcard.live.seen import Answer
from testcard.live.subject import Step
from testcard.live.subjects.common import instant
from testcard.live.subjects.ibmvideo.lists import BOTH, link_to_next, rows, text
from testcard.live.subjects.ibmvideo.siblings import walk as ask_siblings
from testcard.live.talk import Talk

__all__ = ["STEPS", "walk"]

_LARGE, _SMALL = 1000, 4

STEPS = (
    Step("hour", "list_views", 3, "finished views of an hour of a day, back until one has some", BOTH),
    Step("halves", "list_views", 2, "the two halves of that hour", BOTH),
    Step("inside", "list_views", 1, "views that lie wholly in that hour", BOTH),
    Step("all", "list_views", 1, "the same hour with running segments", BOTH),
    Step("small", "list_views", 3, "that hour in pages of four", BOTH),
    Step("behind", "list_views", 1, "the page behind the last", BOTH),
    Step("edge", "list_views", 1, "a period that ends when a view begins", BOTH),
    Step("by-type", "list_views_of_type", 2, "that hour, live and recorded", BOTH),
    Step("by-content", "list_views_of_type", 1, "that hour, one content that was seen", (*BOTH, "content_id")),
    Step("running", "list_views", 1, "the latest hour with running segments", BOTH),
    Step("running-inside", "list_views", 1, "the same, wholly inside", BOTH),
    Step("local", "list_views", 1, "that hour, as a clock in Los Angeles shows it, without an offset", BOTH),
    Step("universal", "list_views", 1, "that hour in UTC, without an offset", BOTH),
    Step("backwards", "list_views", 1, "a period that ends before it begins", BOTH),
    Step("day", "list_views", 1, "a period of dates without times", BOTH),
    Step("viewers", "list_viewers", 1, "viewers with their finished segments", BOTH),
    Step("viewers-small", "list_viewers", 2, "viewers in pages of four", BOTH),
    Step("viewer", "list_viewers", 1, "one viewer that was seen", (*BOTH, "viewer_identifier")),
    Step("viewers-long-ago", "list_viewers", 1, "viewers of a minute of long ago", BOTH),
)


def walk(talk: Talk) -> None:
    """Look for an hour with views, and round it; then at what runs now, and who watched."""
    begin = talk.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    while talk.left("hour"):
        hour = _ask(talk, "hour", begin, begin + timedelta(hours=1))
        if rows(hour):
            break
        begin -= timedelta(hours=6)
    if rows(hour):
        _subsets(talk, hour, begin)
        _times(talk, hour, begin)
        ask_siblings(talk, rows(hour)[0], begin, begin + timedelta(hours=1))
    _running(talk)
    _viewers(talk)


def _subsets(talk: Talk, hour: Answer, begin: datetime) -> None:
    middle, end = begin + timedelta(minutes=30), begin + timedelta(hours=1)
    for first, last in ((begin, middle), (middle, end)):
        _ask(talk, "halves", first, last)
    _ask(talk, "inside", begin, end, inclusive_range="false")
    _ask(talk, "all", begin, end, list_unfinished_segments="true")
    for page in (1, 2, 3):
        _ask(talk, "small", begin, end, _page=str(page), _limit=str(_SMALL))
    for kind in ("live", "recorded"):
        _ask(talk, "by-type", begin, end, {"content_type": kind})
    row = rows(hour)[0]
    path = {"content_type": row["content_type"]}
    _ask(talk, "by-content", begin, end, path, content_id=str(row["content_id"]))
    pages = -(-len(rows(hour)) // _LARGE)
    if not link_to_next(hour):
        _ask(talk, "behind", begin, end, _page=str(pages + 1))


def _times(talk: Talk, hour: Answer, begin: datetime) -> None:
    end = begin + timedelta(hours=1)
    starts = sorted(instant(row["started_at"]) for row in rows(hour))
    _ask(talk, "edge", begin - timedelta(minutes=30), starts[len(starts) // 2])
    local = ZoneInfo("America/Los_Angeles")
    first, last = (each.astimezone(local).replace(tzinfo=None) for each in (begin, end))
    _ask(talk, "local", first, last)
    _ask(talk, "universal", begin.replace(tzinfo=None), end.replace(tzinfo=None))
    _ask(talk, "backwards", end, begin)
    days = {"date_time_from": begin.date().isoformat(), "date_time_to": (begin + timedelta(1)).date().isoformat()}
    talk.ask("day", {}, {**days, "_limit": _SMALL})


def _running(talk: Talk) -> None:
    end = talk.now.replace(microsecond=0)
    answer = _ask(talk, "running", end - timedelta(hours=1), end, list_unfinished_segments="true")
    if any(row.get("finished_at") is None for row in rows(answer)):
        options = {"inclusive_range": "false", "list_unfinished_segments": "true"}
        _ask(talk, "running-inside", end - timedelta(hours=1), end, None, **options)


def _viewers(talk: Talk) -> None:
    finished = {"list_unfinished_segments": "false"}
    answer = talk.ask("viewers", {}, {**finished, "_limit": 50})
    for page in (1, 2):
        talk.ask("viewers-small", {}, {**finished, "_limit": _SMALL, "_page": page})
    found = rows(answer)
    if found:
        talk.ask("viewer", {}, {**finished, "viewer_identifier": found[0]["viewer_identifier"], "_limit": 50})
        long_ago = talk.now.replace(microsecond=0) - timedelta(days=3000)
        period = {"date_time_from": text(long_ago), "date_time_to": text(long_ago + timedelta(minutes=1))}
        talk.ask("viewers-long-ago", {}, {**finished, **period, "_limit": 50})


def _ask(
    talk: Talk, step: str, first: datetime, last: datetime, path: Mapping[str, str] | None = None, **query: str
) -> Answer:
    """Ask for views of a period; finished ones and those that reach over an edge, unless said otherwise."""
    usual = {"list_unfinished_segments": "false", "inclusive_range": "true", "_limit": str(_LARGE)}
    period = {"date_time_from": text(first), "date_time_to": text(last)}
    return talk.ask(step, path, {**usual, **period, **query})
