"""A tenant survives a snapshot: keys, rows, open and finished uploads with their bytes, and what comes next."""

from __future__ import annotations

import io

from kit import Kit
from testcard.control.snapshots import restore, take

ASSETS, FILES, KEYS = "/vod/v1/assets", "/vod/v1/files", "/core/v1/api-key"


def test_a_restored_tenant_answers_with_the_same_bytes() -> None:
    here = Kit(seed=7)
    here.rows("assets", {"id": "given", "title": "Given"}, replace=False)
    here.patch(f"{ASSETS}/given", {"title": "Changed"})
    asset = here.asset(here.upload(b"abc"))
    started = here.start(3)
    made = here.post(KEYS, {"name": "Robot", "roleId": "role-viewer"}).json["id"]
    there = Kit(seed=1)
    restore(there.mock.world, io.BytesIO(take(here.mock.world)), there.mock.switchboard.worlds.check)

    for kit in (here, there):
        kit.put(started["multipartUrls"][0], b"xyz")
        parts = [{"partNumber": 1, "eTag": None}]
        done = kit.post(f"{FILES}/complete", {"fileId": started["fileId"], "parts": parts}, key=here.key)
        assert done.status == 200
        kit.advance(30)
    for path in (ASSETS, FILES, KEYS, f"{ASSETS}/{asset}", f"{ASSETS}/given", f"{FILES}/{started['fileId']}"):
        first, second = here.get(path, key=here.key), there.get(path, key=here.key)
        assert (first.status, first.body) == (200, second.body)
    assert there.get(f"{ASSETS}/given", key=made).json["title"] == "Changed"
    link = there.get(f"{FILES}/{started['fileId']}/preview", key=here.key).json["link"]
    assert there.send("GET", link).body == b"xyz"
