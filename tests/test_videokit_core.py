"""Core: who may call, for which tenant, and keys that work and stop working at once."""

from __future__ import annotations

from typing import Any

import pytest

from kit import Kit
from support import Mock

KEYS = "/core/v1/api-key"
ASSETS = "/vod/v1/assets"


@pytest.fixture
def kit() -> Kit:
    return Kit()


def key_named(kit: Kit, name: str) -> dict[str, Any]:
    return next(row for row in kit.get(KEYS).json["items"] if row["name"] == name)


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({}, "no X-Api-Key"),
        ({"X-Api-Key": "wrong"}, "unknown"),
        ({"Authorization": "Bearer wrong"}, "unknown"),
        ({"Authorization": "Basic d3Jvbmc="}, "no X-Api-Key"),
    ],
)
def test_a_call_without_a_good_key_is_401_and_says_why(kit: Kit, headers: dict[str, str], word: str) -> None:
    answer = kit.mock.get(f"/videokit{ASSETS}", headers=headers)

    assert answer.status == 401
    assert answer.json["success"] is False
    assert answer.json["status"]["code"] == "unauthorized"
    assert answer.json["status"]["status"] == 401
    assert word in answer.json["status"]["message"]


@pytest.mark.parametrize("action", ["expire", "revoke"])
def test_a_key_that_was_expired_or_revoked_is_401(kit: Kit, action: str) -> None:
    kit.mock.post(f"/_testcard/worlds/default/tokens/{action}", json={"api": "videokit", "token": kit.key})

    answer = kit.get(ASSETS)

    assert answer.status == 401
    assert action in answer.json["status"]["message"]


def test_a_regenerated_key_replaces_the_old_one(kit: Kit) -> None:
    url = "/_testcard/worlds/default/tokens/regenerate"
    fresh = kit.mock.post(url, json={"api": "videokit", "token": kit.key}).json["token"]

    assert kit.get(ASSETS).status == 401
    assert kit.get(ASSETS, key=fresh).status == 200


def test_header_names_do_not_mind_case_and_query_names_neither(kit: Kit) -> None:
    lower = kit.mock.get("/videokit/vod/v1/assets?LIMIT=1&Page=2", headers={"x-api-key": kit.key})

    assert lower.status == 200
    assert (lower.json["pageSize"], lower.json["pageNumber"]) == (1, 2)


@pytest.mark.parametrize("path", ["/vod/filetypes", "/vod/filetypes/", "/vod/v1/filetypes/"])
def test_paths_without_version_and_with_a_slash_are_accepted(kit: Kit, path: str) -> None:
    assert kit.get(path).json == kit.get("/vod/v1/filetypes").json


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/vod/v1/progress", 404, "not_found"),
        ("PUT", "/vod/v1/assets", 405, "method_not_allowed"),
        ("POST", "/core/v1/settings/tenant/x/status", 405, "method_not_allowed"),
    ],
)
def test_what_is_no_operation_is_refused_in_the_one_shape(
    kit: Kit, method: str, path: str, status: int, code: str
) -> None:
    answer = kit.call(method, path)

    assert (answer.status, answer.json["status"]["code"]) == (status, code)
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_foreign_tenant_is_refused_and_the_own_one_is_not(kit: Kit) -> None:
    other = Kit(Mock("videokit", seed=5)).tenant

    assert kit.get(ASSETS, headers={"X-Tenant-Id": kit.tenant.upper()}).status == 200
    assert kit.get(ASSETS, headers={"X-Tenant-Id": other}).status == 403


@pytest.mark.parametrize(("reading", "status"), [("forbidden", 403), ("not-found", 404), ("unauthorized", 401)])
def test_how_a_foreign_tenant_is_refused_is_a_reading(reading: str, status: int) -> None:
    kit = Kit(readings={"VK-002": reading})

    assert kit.get(ASSETS, headers={"X-Tenant-Id": "elsewhere"}).status == status


def test_a_key_of_several_tenants_must_name_one(kit: Kit) -> None:
    key = kit.grant("Admin", "all")
    other = next(t["id"] for _, t in kit.mock.world.store.scan("videokit/tenants") if t["id"] != kit.tenant)

    assert kit.get(ASSETS, key=key).status == 400
    assert kit.get(ASSETS, key=key, headers={"X-Tenant-Id": kit.tenant}).json["totalCount"] > 0
    assert kit.get(ASSETS, key=key, headers={"X-Tenant-Id": other}).json["totalCount"] == 0


@pytest.mark.parametrize(
    ("reading", "without", "several"), [("several-tenants", 200, 400), ("one-tenant", 400, 400), ("always", 400, 400)]
)
def test_when_the_tenant_header_is_needed_is_a_reading(reading: str, without: int, several: int) -> None:
    kit = Kit(readings={"VK-001": reading})

    assert kit.get(ASSETS).status == without
    assert kit.get(ASSETS, key=kit.grant("Admin", "all")).status == several
    assert kit.get(ASSETS, headers={"X-Tenant-Id": kit.tenant}).status == 200


@pytest.mark.parametrize(
    ("host", "tenant", "status"),
    [("halyard", None, 200), ("nightwatch", None, 403), ("nobody", None, 403), ("nightwatch", "own", 403)],
)
def test_the_host_names_the_tenant_too(kit: Kit, host: str, tenant: str | None, status: int) -> None:
    headers = {"X-Api-Key": kit.key} | ({"X-Tenant-Id": kit.tenant} if tenant else {})
    answer = kit.mock.get(f"https://{host}.api.videokit.cloud{ASSETS}", headers=headers)

    assert answer.status == status


def test_tenants_do_not_see_each_other(kit: Kit) -> None:
    key = kit.grant("Admin", ["nightwatch"])
    mine = kit.asset()

    assert kit.get(f"{ASSETS}/{mine}", key=key).status == 404
    assert kit.get(ASSETS, key=key).json["items"] == []


def test_a_viewer_reads_and_an_editor_writes_but_only_an_admin_manages_keys(kit: Kit) -> None:
    viewer, editor = kit.grant("Viewer"), kit.grant("role-editor")
    start = {"name": "a.mp4", "friendlyName": "A", "fileSize": 1}

    assert kit.get(ASSETS, key=viewer).status == 200
    assert kit.post("/vod/v1/files/start", start, key=viewer).status == 403
    assert kit.post("/vod/v1/files/start", start, key=editor).status == 200
    for key in (viewer, editor):
        assert kit.get(KEYS, key=key).status == 403
        assert kit.post(KEYS, {"name": "x", "roleId": "role-viewer"}, key=key).status == 403
        assert kit.get("/core/v1/settings/tenant/" + kit.tenant + "/status", key=key).status == 200


def test_unknown_roles_and_tenants_cannot_be_granted(kit: Kit) -> None:
    url = "/_testcard/worlds/default/credentials"

    for grants in ({"role": "Owner"}, {"tenants": ["nobody"]}):
        assert kit.mock.post(url, json={"api": "videokit", "grants": grants}).status == 400


def test_a_tenants_status_is_known_to_its_own_keys_only(kit: Kit) -> None:
    foreign = next(t["id"] for _, t in kit.mock.world.store.scan("videokit/tenants") if t["id"] != kit.tenant)

    mine = kit.get(f"/core/v1/settings/tenant/{kit.tenant}/status")
    assert mine.json == {"status": "Active", "message": "Tenant is active and running."}
    assert kit.get(f"/core/v1/settings/tenant/{foreign}/status").status == 404


def test_a_new_key_works_at_once_and_a_deleted_one_no_more(kit: Kit) -> None:
    made = kit.post(KEYS, {"name": "Robot", "roleId": "role-editor"}).json
    assert set(made) == {"id", "name", "roleId"}
    assert kit.get(ASSETS, key=made["id"]).status == 200

    gone = kit.delete(f"{KEYS}/{made['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert kit.get(ASSETS, key=made["id"]).status == 401
    assert kit.get(f"{KEYS}/{made['id']}").status == 404
    assert kit.delete(f"{KEYS}/{made['id']}").status == 404


def test_the_value_of_a_new_key_is_a_reading() -> None:
    kit = Kit(readings={"VK-088": "value-once"})
    made = kit.post(KEYS, {"name": "Robot", "roleId": "role-editor"}).json

    assert kit.get(ASSETS, key=made["value"]).status == 200
    assert kit.get(ASSETS, key=made["id"]).status == 401
    assert "value" not in kit.get(f"{KEYS}/{made['id']}").json


def test_a_changed_role_holds_from_the_next_call_on(kit: Kit) -> None:
    made = kit.post(KEYS, {"name": "Robot", "roleId": "role-viewer"}).json
    start = {"name": "a.mp4", "friendlyName": "A", "fileSize": 1}
    assert kit.post("/vod/v1/files/start", start, key=made["id"]).status == 403

    changed = kit.call("PUT", f"{KEYS}/{made['id']}", json={"name": "Robot 2", "roleId": "role-editor"})

    assert changed.json == {"id": made["id"], "name": "Robot 2", "roleId": "role-editor"}
    assert kit.post("/vod/v1/files/start", start, key=made["id"]).status == 200
    assert key_named(kit, "Robot 2")["roleName"] == "Editor"


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": "x"}, 400), ({"name": "", "roleId": "role-admin"}, 400), ({"name": "x", "roleId": "role-owner"}, 404)],
)
def test_keys_of_wrong_bodies_are_refused(kit: Kit, body: dict[str, str], status: int) -> None:
    before = kit.get(KEYS).json["totalCount"]

    assert kit.post(KEYS, body).status == status
    assert kit.get(KEYS).json["totalCount"] == before


def test_the_list_of_keys_shows_every_role_and_no_value(kit: Kit) -> None:
    listed = kit.get(f"{KEYS}?Query=R&Sort=NAME&Desc=true&Page=1&Limit=2").json

    assert [row["name"] for row in listed["items"]] == sorted([r["name"] for r in listed["items"]], reverse=True)
    assert listed["pageSize"] == 2
    everything = kit.get(KEYS)
    assert {row["roleName"] for row in everything.json["items"]} == {"Admin", "Editor", "Viewer"}
    assert kit.key not in everything.text


def test_readings_of_keys_change_what_is_answered() -> None:
    kit = Kit(readings={"VK-087": "everywhere", "VK-090": "ignored", "VK-092": "refused", "VK-029": "ok"})
    admin = key_named(kit, "Control room")

    assert kit.get(f"{KEYS}/{admin['id']}").json == admin
    assert kit.get(f"{KEYS}?Limit=1").json["pageSize"] == 100
    assert kit.delete(f"{KEYS}/{admin['id']}").status == 409
    assert kit.call("PUT", f"{KEYS}/{admin['id']}", json={"name": "x", "roleId": "role-viewer"}).status == 409
    viewer = key_named(kit, "Wall display")
    assert kit.delete(f"{KEYS}/{viewer['id']}").status == 200


def test_the_last_admin_key_may_go_by_default(kit: Kit) -> None:
    assert kit.delete(f"{KEYS}/{key_named(kit, 'Control room')['id']}").status == 204
    assert kit.get(ASSETS).status == 401


def test_the_legacy_token_works_until_it_expires(kit: Kit) -> None:
    form = {"client_id": key_named(kit, "Control room")["id"], "client_secret": kit.key}
    issued = kit.mock.post("/videokit/oauth/token", form={**form, "grant_type": "client_credentials"}).json
    headers = {"Authorization": f"Bearer {issued['access_token']}"}

    assert kit.mock.get(f"/videokit{ASSETS}", headers=headers).status == 200
    kit.advance(issued["expires_in"])
    late = kit.mock.get(f"/videokit{ASSETS}", headers=headers)
    assert (late.status, "expired" in late.text) == (401, True)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"client_id": None}, 400, "invalid_request"),
    ],
)
def test_bad_token_requests_are_refused_as_oauth_does(
    kit: Kit, changes: dict[str, str | None], status: int, error: str
) -> None:
    form: dict[str, str | None] = {"client_id": key_named(kit, "Control room")["id"], "client_secret": kit.key}
    form |= {"grant_type": "client_credentials", **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    answer = kit.mock.post("/videokit/oauth/token", form=sent)

    assert (answer.status, answer.json["error"]) == (status, error)


def test_a_credential_finds_its_world(kit: Kit) -> None:
    other = kit.mock.post("/_testcard/worlds", json={"seed": 1729, "now": "2026-03-02T12:00:00Z"}).json
    key = other["env"]["TESTCARD_VIDEOKIT_API_KEY"]
    assert key != kit.key

    started = kit.post("/vod/v1/files/start", {"name": "a.mp4", "friendlyName": "A", "fileSize": 1}, key=key).json

    assert kit.get(f"/vod/v1/files/{started['fileId']}", key=key).status == 200
    assert kit.get(f"/vod/v1/files/{started['fileId']}").status == 404


def test_presets_come_in_pages(kit: Kit) -> None:
    everything = kit.get("/transcoder/v1/presets").json
    page = kit.get("/transcoder/v1/presets?limit=2&page=2").json

    assert page["items"] == everything["items"][2:4]
    assert (page["pageCount"], page["pageNumber"], page["hasMore"]) == (3, 2, True)
    assert {"name": "mp4", "createsDownload": True}.items() <= everything["items"][3].items()
    literal = Kit(readings={"VK-007": "as-worded"})
    assert literal.get("/transcoder/v1/presets?limit=2").json["hasMore"] is False
    assert literal.get(f"{ASSETS}?limit=2").json["hasMore"] is True
