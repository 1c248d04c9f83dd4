"""Cloud Video Kit: five lists of one tenant at two page sizes, a filter by date, and one asset and file of them.

Analytics are not asked and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from testcard.live.subject import Answer, Detector, Relation, Seen, Step, Subject
from testcard.live.subjects.common import missing
from testcard.live.talk import Talk

__all__ = ["SUBJECT"]

_LISTS = {
    "assets": "list_vod_assets",
    "files": "list_files",
    "channels": "list_channels",
    "playables": "list_streaming_assets",
    "presets": "list_presets",
}
_PAGE = ("limit", "page")
_SMALL, _LARGE, _BEYOND_A_HUNDRED = 2, 100, 101

_STEPS = (
    *(Step(name, operation, 1, f"{name}, a large page", _PAGE) for name, operation in _LISTS.items()),
    *(Step(f"{name}-small", operation, 2, f"{name} on pages of two", _PAGE) for name, operation in _LISTS.items()),
    Step("behind", "list_vod_assets", 1, "the page behind the last", _PAGE),
    Step("hundred", "list_vod_assets", 1, "whether a limit above a hundred is served", _PAGE),
    Step("later", "list_vod_assets", 1, "assets created since an instant", (*_PAGE, "createDateStart")),
    Step("asset", "get_vod_asset", 1, "one asset that was seen"),
    Step("file", "get_file", 1, "one file that was seen"),
)


def _walk(talk: Talk) -> None:
    found = {name: talk.ask(name, {}, {"limit": _LARGE, "page": 1}) for name in _LISTS}
    for name in _LISTS:
        for page in (1, 2):
            talk.ask(f"{name}-small", {}, {"limit": _SMALL, "page": page})
    assets, files = _items(found["assets"]), _items(found["files"])
    if found["assets"].ok:
        count = int(found["assets"].data["totalCount"])
        talk.ask("behind", {}, {"limit": _LARGE, "page": -(-count // _LARGE) + 1})
        talk.ask("hundred", {}, {"limit": _BEYOND_A_HUNDRED, "page": 1})
    if assets:
        created = sorted(row["createDate"] for row in assets)
        talk.ask("later", {}, {"limit": _LARGE, "page": 1, "createDateStart": created[len(created) // 2]})
        talk.ask("asset", {"id": assets[0]["id"]})
    if files:
        talk.ask("file", {"id": files[0]["id"]})


def _items(answer: Answer | None) -> list[dict[str, Any]]:
    return list(answer.data["items"]) if answer is not None and answer.ok else []


def _key(row: Mapping[str, Any]) -> str:
    return str(row["id"] if "id" in row else row["name"])


def _keys(answer: Answer | None) -> list[str]:
    return [_key(row) for row in _items(answer)]


def _pages(seen: Seen) -> list[Answer]:
    return [each for each in seen.answers if each.ok and "limit" in each.query]


# Relations


def _limits(seen: Seen) -> list[str]:
    return [
        f"{each.step}: more items than limit" for each in _pages(seen) if len(_items(each)) > int(each.query["limit"])
    ]


def _counts(seen: Seen) -> list[str] | None:
    """The number of pages follows from the total and the limit; the total from a list on one page."""
    pages = [each for each in _pages(seen) if each.step.endswith("-small")]
    wrong = [each.step for each in pages if each.data["pageCount"] != -(-each.data["totalCount"] // _SMALL)]
    whole = [each for name in _LISTS for each in seen.good(name) if len(_items(each)) < _LARGE]
    wrong += [each.step for each in whole if each.data["totalCount"] != len(_items(each))]
    return [f"{step}: counts do not agree" for step in wrong] if pages else None


def _sizes(seen: Seen) -> list[str] | None:
    told = [name for name in _LISTS if seen.first(name) and seen.good(f"{name}-small")]
    small = {name: [key for page in seen.good(f"{name}-small") for key in _keys(page)] for name in told}
    wrong = [name for name in told if small[name] != _keys(seen.first(name))[: len(small[name])]]
    return [f"{name}: pages of {_SMALL} hold others than one large page" for name in wrong] if told else None


def _disjoint(seen: Seen) -> list[str] | None:
    pairs = {name: seen.good(f"{name}-small") for name in _LISTS}
    told = {name: pages for name, pages in pairs.items() if len(pages) > 1 and _items(pages[1])}
    wrong = [name for name, pages in told.items() if set(_keys(pages[0])) & set(_keys(pages[1]))]
    return [f"{name}: an item stands on two pages" for name in wrong] if told else None


def _later(seen: Seen) -> list[str] | None:
    answer, whole = seen.first("later"), seen.first("assets")
    if answer is None or whole is None or whole.data["totalCount"] != len(_items(whole)):
        return None
    since = answer.query["createDateStart"]
    early = sum(row["createDate"] < since for row in _items(answer))
    wrong = [f"{early} assets were created before the instant asked for"] if early else []
    return [*wrong, *missing(_keys(answer), _keys(whole), "assets under a filter are among those without")]


def _same(seen: Seen) -> list[str] | None:
    """What a list and the single resource both say is the same."""
    told, wrong = 0, []
    for one, many in (("asset", "assets"), ("file", "files")):
        single = seen.first(one)
        listed = next((row for row in _items(seen.first(many)) if single and row["id"] == single.data["id"]), None)
        if single is not None and listed is not None:
            told += 1
            wrong += [one for name in ("status", "createDate") if listed[name] != single.data[name]]
    return [f"a list shows its {one} otherwise than it is" for one in wrong] if told else None


# Readings


def _more(seen: Seen) -> str | None:
    first, presets = seen.first("assets-small"), seen.first("presets-small")
    if not first or not presets or min(each.data["totalCount"] for each in (first, presets)) <= _SMALL:
        return None
    shown = (first.data["hasMore"], presets.data["hasMore"])
    return {(True, True): "more-pages", (False, False): "beyond-total", (True, False): "as-worded"}.get(shown)


def _size(seen: Seen) -> str | None:
    for page in [page for name in _LISTS for page in seen.good(name)]:
        if len(_items(page)) < _LARGE:
            return {_LARGE: "asked", len(_items(page)): "items"}.get(page.data["pageSize"])
    return None


def _largest(seen: Seen) -> str | None:
    for answer in seen.of("hundred"):
        if answer.status == 400:
            return "refused"
        size = len(_items(answer)) if answer.data["totalCount"] > _LARGE else answer.data["pageSize"]
        return {_BEYOND_A_HUNDRED: "unbounded", _LARGE: "capped"}.get(size)
    return None


def _behind(seen: Seen) -> str | None:
    for answer in seen.of("behind"):
        if answer.status == 404:
            return "not-found"
        return ("last" if _items(answer) else "empty") if answer.ok else None
    return None


def _has(step: str, field: str, there: str, absent: str) -> Callable[[Seen], str | None]:
    def tells(seen: Seen) -> str | None:
        answer = seen.first(step)
        rows = [] if answer is None else _items(answer) if "items" in answer.data else [answer.data]
        return (there if any(field in row for row in rows) else absent) if rows else None

    return tells


def _spelling(seen: Seen) -> str | None:
    file = seen.first("file")
    names = {"orginalFileName": "orginal", "originalFileName": "original"}
    return next((told for name, told in names.items() if file and name in file.data), None)


def _headers(credentials: Mapping[str, str]) -> dict[str, str]:
    tenant = {"X-Tenant-Id": credentials["TENANT_ID"]} if "TENANT_ID" in credentials else {}
    return {"X-Api-Key": credentials["API_KEY"], **tenant}


SUBJECT = Subject(
    api="videokit",
    steps=_STEPS,
    walk=_walk,
    relations=(
        Relation("page-size", "a page has no more items than its limit", _limits),
        Relation("counts", "totals, limits and numbers of pages agree", _counts),
        Relation("two-page-sizes", "small pages hold what a large one begins with", _sizes),
        Relation("disjoint-pages", "no item stands on two pages", _disjoint),
        Relation("later", "a filter by date keeps its promise, and adds nothing", _later),
        Relation("same", "a list and a single resource say the same", _same),
    ),
    detectors=(
        Detector("VK-007", _more),
        Detector("VK-008", _size),
        Detector("VK-009", _largest),
        Detector("VK-010", _behind),
        Detector("VK-033", _has("assets", "outputs", "full", "summary")),
        Detector("VK-034", _has("asset", "tags", "shown", "hidden")),
        Detector("VK-059", _spelling),
    ),
    ways=(("API_KEY", "TENANT_ID"), ("API_KEY",)),
    headers=_headers,
    plain=frozenset({"status", "accessType", "format", "protection", "code", "type"}),
    opaque=frozenset({"url", "location"}),
    not_checked=("analytics and their queries", "whatever needs a write"),
)
