"""Cloud Video Kit's lists: five of them at two page sizes, a filter by date, and one asset and file of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from testcard.live.listings import Listing, Paging, at_any_size, disjoint, listings, narrowed, within_limit
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector, Relation, Step
from testcard.live.subjects.common import instant, only
from testcard.live.talk import Talk

__all__ = ["DETECTORS", "RELATIONS", "STEPS", "items", "walk"]

_LISTS = {
    "assets": "list_vod_assets",
    "files": "list_files",
    "channels": "list_channels",
    "playables": "list_streaming_assets",
    "presets": "list_presets",
}
_PAGE = ("limit", "page")
_SINCE = "createDateStart"
_SMALL, _LARGE, _BEYOND_A_HUNDRED = 2, 100, 101

STEPS = (
    *(Step(name, operation, 1, f"{name}, a large page", _PAGE) for name, operation in _LISTS.items()),
    *(Step(f"{name}-small", operation, 2, f"{name} on pages of two", _PAGE) for name, operation in _LISTS.items()),
    Step("behind", "list_vod_assets", 1, "the page behind the last", _PAGE),
    Step("hundred", "list_vod_assets", 1, "whether a limit above a hundred is served", _PAGE),
    Step("later", "list_vod_assets", 1, "assets created since an instant", (*_PAGE, _SINCE)),
    Step("asset", "get_vod_asset", 1, "one asset that was seen"),
    Step("file", "get_file", 1, "one file that was seen"),
)


def walk(talk: Talk) -> None:
    """Every list at both sizes, and then more of the assets."""
    found = {name: talk.ask(name, {}, {"limit": _LARGE, "page": 1}) for name in _LISTS}
    for name in _LISTS:
        for page in (1, 2):
            talk.ask(f"{name}-small", {}, {"limit": _SMALL, "page": page})
    assets, files = items(found["assets"]), items(found["files"])
    if found["assets"].ok:
        count = int(found["assets"].data["totalCount"])
        talk.ask("behind", {}, {"limit": _LARGE, "page": max(1, -(-count // _LARGE)) + 1})
        talk.ask("hundred", {}, {"limit": _BEYOND_A_HUNDRED, "page": 1})
    if assets:
        created = sorted(row["createDate"] for row in assets)
        talk.ask("later", {}, {"limit": _LARGE, "page": 1, _SINCE: created[len(created) // 2]})
        talk.ask("asset", {"id": assets[0]["id"]})
    if files:
        talk.ask("file", {"id": files[0]["id"]})


# Reading answers


def items(answer: Answer | None) -> list[dict[str, Any]]:
    """The rows of a page; none where it is a refusal."""
    return list(answer.data["items"]) if answer is not None and answer.ok else []


def _key(row: Mapping[str, Any]) -> str:
    return str(row["id"] if "id" in row else row["name"])


def _following(answer: Answer) -> str | None:
    page = int(answer.query.get("page", 1))
    return str(page + 1) if page * int(answer.query.get("limit", _LARGE)) < answer.data["totalCount"] else None


_PAGING = Paging("limit", "page", items, _key, _following, total=lambda answer: int(answer.data["totalCount"]))


def _pages(seen: Seen, *operations: str) -> list[Answer]:
    """Pages of a size that any service serves."""
    pages = seen.good(*(operations or _LISTS.values()))
    return [each for each in pages if 0 < int(each.query.get("limit", 0)) <= _LARGE]


def _firsts(seen: Seen, *operations: str) -> list[Answer]:
    return [each for each in _pages(seen, *operations) if each.query.get("page", "1") == "1"]


def _lists(seen: Seen) -> list[Listing]:
    return listings(_pages(seen), _PAGING)


# Relations


def _counts(seen: Seen) -> list[str] | None:
    """The number of pages follows from the total and the limit; the total from a list on one page."""
    pages = _pages(seen)
    wrong = [
        each for each in pages if each.data["pageCount"] != -(-each.data["totalCount"] // int(each.query["limit"]))
    ]
    whole = [each for each in _firsts(seen) if len(items(each)) < int(each.query["limit"])]
    wrong += [each for each in whole if each.data["totalCount"] != len(items(each))]
    return [f"{each.operation}: counts do not agree" for each in wrong] if pages else None


def _later(seen: Seen) -> list[str] | None:
    filtered = [each for each in seen.good("list_vod_assets") if _SINCE in each.query]
    early = sum(instant(row["createDate"]) < instant(each.query[_SINCE]) for each in filtered for row in items(each))
    wrong = [f"{early} assets were created before the instant asked for"] if early else []
    return [*wrong, *(narrowed(_lists(seen), {_SINCE}) or [])] if filtered else None


def _same(seen: Seen) -> list[str] | None:
    """What a list and the single resource both say is the same."""
    pairs = [
        (listed, single.data)
        for one, many in (("get_vod_asset", "list_vod_assets"), ("get_file", "list_files"))
        for single in seen.good(one)
        for page in seen.good(many)
        for listed in items(page)
        if listed["id"] == single.data["id"] and not single.step.startswith("scratch")
    ]
    names = [name for listed, single in pairs for name in ("status", "createDate") if listed[name] != single[name]]
    return [f"a list shows another {name} than the resource itself" for name in names] if pairs else None


RELATIONS = (
    Relation("page-size", "a page has no more items than its limit", lambda seen: within_limit(_pages(seen), _PAGING)),
    Relation("counts", "totals, limits and numbers of pages agree", _counts),
    Relation("two-page-sizes", "small pages hold what a large one begins with", lambda seen: at_any_size(_lists(seen))),
    Relation("disjoint-pages", "no item stands on two pages", lambda seen: disjoint(_lists(seen), _PAGING)),
    Relation("later", "a filter by date keeps its promise, and adds nothing", _later),
    Relation("same", "a list and a single resource say the same", _same),
)


# Readings


def _more(seen: Seen) -> str | None:
    longer = {
        name: {each.data["hasMore"] for each in _firsts(seen, _LISTS[name]) if each.data["pageCount"] > 1}
        for name in ("assets", "presets")
    }
    if any(len(shown) != 1 for shown in longer.values()):
        return None
    shown = (longer["assets"].pop(), longer["presets"].pop())
    return {(True, True): "more-pages", (False, False): "beyond-total", (True, False): "as-worded"}.get(shown)


def _size(seen: Seen) -> str | None:
    short = [each for each in _pages(seen) if len(items(each)) < int(each.query["limit"])]
    sizes = [
        {int(each.query["limit"]): "asked", len(items(each)): "items"}.get(each.data["pageSize"], "") for each in short
    ]
    return only(sizes)


def _largest(seen: Seen) -> str | None:
    asked = [each for each in seen.to(*_LISTS.values()) if int(each.query.get("limit", 0)) > _LARGE]
    return only(name for each in asked if (name := _served(each)))


def _served(answer: Answer) -> str:
    if answer.status == 400:
        return "refused"
    if not answer.ok:
        return ""
    size = len(items(answer)) if answer.data["totalCount"] > _LARGE else answer.data["pageSize"]
    return {int(answer.query["limit"]): "unbounded", _LARGE: "capped"}.get(size, "")


def _behind(seen: Seen) -> str | None:
    """Pages behind the last are known by what other pages of the list say."""
    counts = {_list(each): each.data["pageCount"] for each in _pages(seen)}
    asked = [
        each
        for each in seen.to(*_LISTS.values())
        if int(each.query.get("page", 1)) > max(1, counts.get(_list(each), 1 << 62))
    ]
    names = {200: "empty", 404: "not-found"}
    return only("last" if items(each) else names[each.status] for each in asked if each.status in names)


def _list(answer: Answer) -> tuple[object, ...]:
    return answer.operation, *sorted((name, value) for name, value in answer.query.items() if name != "page")


def _has(operation: str, field: str, there: str, absent: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        answers = [each for each in seen.good(operation) if not each.step.startswith("scratch")]
        rows = [row for each in answers for row in (items(each) if "items" in each.data else [each.data])]
        return (there if any(field in row for row in rows) else absent) if rows else None

    return tells


def _spelling(seen: Seen) -> str | None:
    names = {"orginalFileName": "orginal", "originalFileName": "original"}
    return only(told for file in seen.good("get_file") for name, told in names.items() if name in file.data)


DETECTORS = (
    Detector("VK-007", _more),
    Detector("VK-008", _size),
    Detector("VK-009", _largest),
    Detector("VK-010", _behind),
    Detector("VK-033", _has("list_vod_assets", "outputs", "full", "summary")),
    Detector("VK-034", _has("get_vod_asset", "tags", "shown", "hidden")),
    Detector("VK-059", _spelling),
)
