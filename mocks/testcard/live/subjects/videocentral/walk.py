"""Which calls are made, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from testcard.live.seen import Answer
from testcard.live.subject import Step
from testcard.live.subjects.videocentral.files import look
from testcard.live.subjects.videocentral.lists import FILTERS, PAGE, REPORTS, following, rows, type_id
from testcard.live.talk import Talk

__all__ = ["STEPS", "walk"]

_SMALL, _LARGE, _BEYOND_A_HUNDRED, _WHOLE = 2, 50, 101, 1000

STEPS = (
    Step("accounts", "list_accounts", 1, "the accounts, whose ids are learned", PAGE),
    Step("groups", "list_report_groups", 1, "the groups of the first account", PAGE),
    Step("channels", "list_channels", 3, "the channels of each group, until one has any", PAGE),
    Step("types", "list_report_types", 3, "the report types of channels, until one has any", PAGE),
    Step("reports", REPORTS, 4, "the reports of each type, in large pages", PAGE),
    Step("file", "", 2, "the files of the two reports with the fewest rows, without credentials"),
    Step("small", REPORTS, 4, "the same in pages of two", PAGE),
    Step("whole", REPORTS, 1, "the same in one page that is exactly full", PAGE),
    Step("beyond", REPORTS, 1, "what is behind the end", PAGE),
    Step("hundred", REPORTS, 1, "whether a limit above a hundred is served", PAGE),
    Step("window", REPORTS, 1, "the reports of a window of begin dates", (*PAGE, *FILTERS)),
    Step("halves", REPORTS, 2, "the two halves of that window", (*PAGE, *FILTERS)),
    Step("empty", REPORTS, 1, "a window without length", (*PAGE, *FILTERS)),
    Step("modified", REPORTS, 1, "the reports modified since an instant", (*PAGE, *FILTERS)),
    Step("filtered", REPORTS, 1, "a filtered page with a page behind it", (*PAGE, *FILTERS)),
    Step("singular", "list_reports_singular", 1, "the address of the sample's next link", PAGE),
)


def walk(talk: Talk) -> None:
    """Down from the accounts to the reports of a channel, and then round one list of them."""
    place = _descend(talk)
    if place is None:
        return
    types, where = place
    lists = []
    for kind in types:
        if talk.left("reports"):
            path = {**where, "report_type_id": type_id(kind)}
            lists.append(talk.ask("reports", path, {"limit": _LARGE, "offset": 0}))
    lists = [each for each in lists if rows(each)]
    if lists:
        _files(talk, [row for each in lists for row in rows(each)])
        chosen = max(lists, key=lambda each: (_complete(each), each.data["total"] <= _WHOLE, len(rows(each))))
        _pages(talk, chosen.path, int(chosen.data["total"]))
        longest = max(lists, key=lambda each: int(each.data["total"]))
        talk.ask("hundred", longest.path, {"limit": _BEYOND_A_HUNDRED, "offset": 0})
        _windows(talk, chosen.path, rows(chosen))
        talk.ask("singular", chosen.path, {"limit": _SMALL, "offset": 0})


def _complete(answer: Answer) -> bool:
    return bool(answer.data["total"] == len(rows(answer)))


def _descend(talk: Talk) -> tuple[list[Any], dict[str, str]] | None:
    """The types of the first channel that has any, and the path to the first of them."""
    large = {"limit": _LARGE, "offset": 0}
    for account in rows(talk.ask("accounts", {}, large))[:1]:
        for group in rows(talk.ask("groups", {"account_id": account["id"]}, large)):
            path = {"account_id": account["id"], "reports_group_id": group["id"]}
            if not talk.left("channels"):
                return None
            for channel in rows(talk.ask("channels", path, large)):
                if not talk.left("types"):
                    return None
                path["channel_id"] = channel["id"]
                types = rows(talk.ask("types", path, large))
                if types:
                    return types, {**path, "report_type_id": type_id(types[0])}
    return None


def _files(talk: Talk, reports: list[Any]) -> None:
    """At once, as nobody says how long a link lives; by GET, as a signed link may know no other method."""
    linked = [row for row in reports if row["numRows"] and row.get("downloadUrl")]
    for row in sorted(linked, key=lambda row: int(row["numRows"]))[:2]:
        talk.fetch("file", row["downloadUrl"], partial(look, listed=row["numRows"]))


def _pages(talk: Talk, path: Mapping[str, str], count: int) -> None:
    offset = 0
    while talk.left("small"):
        page = talk.ask("small", path, {"limit": _SMALL, "offset": offset})
        behind = following(page).get("offset")
        if behind is None or int(behind) <= offset:
            break
        offset = int(behind)
    if count <= _WHOLE:
        talk.ask("whole", path, {"limit": count, "offset": 0})
        talk.ask("beyond", path, {"limit": _SMALL, "offset": count})


def _windows(talk: Talk, path: Mapping[str, str], reports: list[Any]) -> None:
    begins = sorted({row["reportDateBegin"] for row in reports})
    first, middle = begins[0], begins[len(begins) // 2]
    last = (date.fromisoformat(begins[-1]) + timedelta(1)).isoformat()
    large = {"limit": _LARGE, "offset": 0}
    talk.ask("window", path, {**large, "reportDateBeginGte": first, "reportDateBeginLt": last})
    talk.ask("halves", path, {**large, "reportDateBeginGte": first, "reportDateBeginLt": middle})
    talk.ask("halves", path, {**large, "reportDateBeginGte": middle, "reportDateBeginLt": last})
    talk.ask("empty", path, {**large, "reportDateBeginGte": middle, "reportDateBeginLt": middle})
    modified = sorted(row["modifiedDate"] for row in reports)
    talk.ask("modified", path, {**large, "modifiedDateGte": modified[len(modified) // 2]})
    talk.ask("filtered", path, {"limit": 1, "offset": 0, "reportDateBeginGte": first})
