"""Cloud Video Kit's writes, only where they are allowed: one scratch asset, made, read, changed and removed.

It is made from a file and a preset that were seen, so that something is transcoded; the file itself stays as it is.
Whatever happens between, the asset is removed: the budget's last requests are kept for that, and what could not be
removed is named.
"""

from __future__ import annotations

import secrets
from typing import Any

from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector, Relation, Step
from testcard.live.subjects.common import only
from testcard.live.subjects.videokit.lists import items
from testcard.live.talk import Talk

__all__ = ["DETECTORS", "NAMESPACE", "RELATIONS", "STEPS", "write"]

NAMESPACE = "testcard-live-scratch-"
_TAG = "testcard-live"
_WAITS_S = (0.0, 2.0, 4.0, 8.0, 16.0)
_REMOVING = len(_WAITS_S) + 2
_GONE = (200, 202, 204, 404)

STEPS = (
    Step("scratch-make", "create_vod_asset", 1, f"makes {NAMESPACE}…, from a file and a preset that were seen"),
    Step("scratch-read", "get_vod_asset", 2, "reads it back, new and changed"),
    Step("scratch-change", "update_vod_asset", 1, "changes its title and tags"),
    Step("scratch-find", "list_vod_assets", 1, "finds it by its title, where its making was not answered",
         ("limit", "page", "query")),
    Step("scratch-remove", "delete_vod_asset", len(_WAITS_S), "removes it, again where that is refused"),
    Step("scratch-gone", "get_vod_asset", 1, "whether it is gone"),
)  # fmt: skip


def write(talk: Talk) -> None:
    """Make, read, change, read and remove one asset."""
    source = _source(talk.seen)
    if source is None:
        talk.not_checked.append("writes: no completed file or no preset was seen to make the scratch asset from")
    elif not talk.reserve(_REMOVING):
        talk.not_checked.append(f"writes: the budget keeps too little; {_REMOVING} requests are for removing alone")
    else:
        _write(talk, source)


def _source(seen: Seen) -> dict[str, Any] | None:
    """The smallest completed file that was seen, and a preset."""
    files = [row for row in items(seen.first("files")) if row["status"] == "Completed" and row.get("fileSize")]
    presets = items(seen.first("presets"))
    if not files or not presets:
        return None
    smallest = min(files, key=lambda row: int(row["fileSize"]))
    return {"preset": presets[0]["name"], "transcodedSources": [{"fileId": smallest["id"], "fileTypesFlag": "Video"}]}


def _write(talk: Talk, source: dict[str, Any]) -> None:
    title, identity = NAMESPACE + secrets.token_hex(4), ""
    try:
        made = talk.ask("scratch-make", body={**source, "title": title})
        identity = str(made.data["id"])
        talk.ask("scratch-read", {"id": identity})
        talk.ask("scratch-change", {"id": identity}, body={"title": f"{title} changed", "tags": [_TAG]})
        talk.ask("scratch-read", {"id": identity})
    finally:
        talk.reserve(0)
        _remove(talk, title, identity)


def _remove(talk: Talk, title: str, identity: str) -> None:
    removed = False
    try:
        identity = identity or _found(talk, title)
        removed = not identity or _removed(talk, identity)
        if identity and removed:
            talk.ask("scratch-gone", {"id": identity})
    finally:
        if not removed:
            name = f"asset {identity}" if identity else "perhaps an asset"
            talk.left_behind.append(f"{name} titled {title!r}: remove it by hand")


def _found(talk: Talk, title: str) -> str:
    """The id of the asset, where its making may have succeeded without an answer."""
    found = items(talk.ask("scratch-find", {}, {"limit": 100, "page": 1, "query": title}))
    return next((str(row["id"]) for row in found if str(row.get("title", "")).startswith(title)), "")


def _removed(talk: Talk, identity: str) -> bool:
    """A service may refuse while it transcodes (VK-046): ask again, a little later each time."""
    for wait_s in _WAITS_S:
        talk.wait(wait_s)
        if talk.ask("scratch-remove", {"id": identity}).status in _GONE:
            return True
    return False


# What must hold, and what it tells


def _reads_back(seen: Seen) -> list[str] | None:
    """What was written is read, and nothing else has changed."""
    made, changed = seen.of("scratch-make"), seen.of("scratch-change")
    read = [each for each in seen.of("scratch-read") if each.ok]
    if not made or not made[0].asked or len(read) < 2:
        return None
    new, later = (each.data for each in read[:2])
    wrong = [name for name in ("title", "preset") if new.get(name) != made[0].asked[name]]
    wrong += [name for name in ("title", "tags") if name in later and later[name] != changed[0].asked[name]]
    wrong += [name for name in ("id", "preset", "createDate", "metadata") if new.get(name) != later.get(name)]
    return [f"the scratch asset's {name} does not read back" for name in dict.fromkeys(wrong)]


def _gone(seen: Seen) -> list[str] | None:
    gone = seen.of("scratch-gone")
    return ["a removed asset is still there"] if any(each.status != 404 for each in gone) else [] if gone else None


def _status(seen: Seen) -> str | None:
    return only({200: "ok", 201: "created"}.get(each.status, "") for each in seen.of("scratch-make"))


def _while_processing(seen: Seen) -> str | None:
    """Only the first try says something, and only where the asset was still being made."""
    tries, read = seen.of("scratch-remove"), [each for each in seen.of("scratch-read") if each.ok]
    if not tries or not read or read[-1].data["status"] not in ("Pending", "Processing"):
        return None
    return _names(tries[0])


def _names(answer: Answer) -> str | None:
    return {200: "allowed", 202: "allowed", 204: "allowed", 409: "refused"}.get(answer.status)


RELATIONS = (
    Relation("writes-read-back", "what was written is read back, and nothing else changes", _reads_back),
    Relation("removed-is-gone", "what was removed is gone", _gone),
)
DETECTORS = (Detector("VK-028", _status), Detector("VK-046", _while_processing))
