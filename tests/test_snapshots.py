"""A world as a file: the same bytes wherever it is restored, writes, tokens, clock, faults and files included."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support import Answer, Mock, socket_server
from testcard.control.client import Control
from testcard.control.snapshots import restore, take
from testcard.errors import UserError

ACCOUNTS = "/videocentral/apis/v1/accounts"
ZIP = {"content-type": "application/zip"}


def furnished() -> Mock:
    """A mock whose default world has been lived in."""
    mock = Mock(seed=99, now="2026-03-02T12:00:00Z")
    env = mock.env("videocentral")
    mock.request(
        "PUT",
        "/_testcard/worlds/default/rows/videocentral/accounts",
        json={"rows": [{"id": "7", "name": "Seven"}]},
    )
    mock.request("PUT", "/_testcard/worlds/default/readings", json={"VC-10": "absent"})
    form = {name.lower(): env[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    mock.post("/videocentral/auth/o2/token", form={"grant_type": "refresh_token", **form})
    mock.post("/_testcard/worlds/default/clock/advance", json={"seconds": 90})
    fault = {"kind": "status", "status": 503, "operation": "list_accounts", "when": {"calls": [2, 2]}}
    mock.post("/_testcard/worlds/default/faults", json=fault)
    key = {"X-Api-Key": mock.env("videokit")["API_KEY"]}
    started = mock.post(
        "/videokit/vod/v1/files/start", headers=key, json={"name": "a.mp4", "friendlyName": "a", "fileSize": 3}
    )
    mock.request("PUT", started.json["multipartUrls"][0], body=b"abc")
    return mock


def answers(mock: Mock, prefix: str, token: str) -> list[Answer]:
    """What a client sees: the list, a fault, a fresh token's bytes."""
    headers = {"Authorization": f"Bearer {token}"}
    return [mock.get(f"{prefix}{ACCOUNTS}", headers=headers) for _ in range(3)]


def test_another_machine_gives_the_same_bytes() -> None:
    here = furnished()
    token = here.env("videocentral")["TOKEN"]
    file = take(here.world)
    there = Mock(seed=1)
    restored = there.request("POST", "/_testcard/worlds/default/restore", body=file, headers=ZIP)

    assert restored.status == 200
    assert there.world.clock.as_json() == here.world.clock.as_json() == {"now": "2026-03-02T12:01:30Z", "frozen": True}
    seen = [(each.status, each.body) for each in answers(there, "", token)]
    assert seen == [(each.status, each.body) for each in answers(here, "", token)]
    assert [status for status, _ in seen] == [200, 503, 200]
    assert b'"next"' not in seen[0][1]
    assert take(there.world) == take(here.world)


def test_what_happens_next_is_the_same_too() -> None:
    here, there = furnished(), Mock(seed=1)
    restore(there.world, io.BytesIO(take(here.world)), there.switchboard.worlds.check)
    here.world.faults.clear()
    there.world.faults.clear()
    env = here.env("videocentral")
    form = {name.lower(): env[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    tokens = [
        mock.post("/videocentral/auth/o2/token", form={"grant_type": "refresh_token", **form}).body
        for mock in (here, there)
    ]

    assert tokens[0] == tokens[1]


def test_files_are_part_of_it() -> None:
    here, there = furnished(), Mock(seed=1)
    restore(there.world, io.BytesIO(take(here.world)), there.switchboard.worlds.check)
    contents = [[path.read_bytes() for path in mock.world.files()] for mock in (here, there)]

    assert contents[0] == contents[1] == [b"abc"]


def test_a_copy_beside_its_original_is_reached_by_its_prefix() -> None:
    mock = furnished()
    token = mock.env("videocentral")["TOKEN"]
    copied = mock.post("/_testcard/worlds", json={}).json["id"]
    mock.request("POST", f"/_testcard/worlds/{copied}/restore", body=take(mock.world), headers=ZIP)
    mock.world.faults.clear()
    mock.switchboard.worlds.get(copied).faults.clear()
    mock.request("PUT", f"/_testcard/worlds/{copied}/rows/videocentral/accounts", json={"rows": []})

    assert answers(mock, f"/~{copied}", token)[0].json["total"] == 0
    assert answers(mock, "", token)[0].json["total"] == 1


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_snapshot_is_refused_and_changes_nothing(content: bytes) -> None:
    mock = furnished()
    before = take(mock.world)
    answer = mock.request("POST", "/_testcard/worlds/default/restore", body=content, headers=ZIP)

    assert answer.status == 400
    assert take(mock.world) == before


@pytest.mark.parametrize("name", ["files/../../escaped", "files//etc/escaped", "files/a\\..\\escaped"])
def test_no_file_leaves_the_worlds_folder(name: str) -> None:
    packed = io.BytesIO(take(furnished().world))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, b"x")
    mock = Mock()
    before = take(mock.world)

    with pytest.raises(UserError, match="outside the world's folder"):
        restore(mock.world, packed, mock.switchboard.worlds.check)
    assert take(mock.world) == before


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 2, "snapshot format 2: expected 1, of this version of testcard"),
        (("origin",), None, "world.json /origin: null is not of type"),
        (("clock", "now"), "noon", "world.json /clock/now"),
        (("recipe", "seed"), "7", "world.json /recipe/seed"),
        (("recipe", "profile"), "smal", "did you mean 'small'"),
        (("recipe", "dialect"), "observd", "did you mean 'observed'"),
        (("credentials", "credentials"), [{}], "world.json /credentials/credentials/0"),
        (("rows",), {}, "world.json /rows"),
        (("faults", "faults"), [{"id": "f1"}], "world.json /faults/faults/0"),
    ],
)
def test_a_state_that_is_none_is_named_and_changes_nothing(place: tuple[str, ...], value: object, said: str) -> None:
    mock = furnished()
    before = take(mock.world)
    state = json.loads(zipfile.ZipFile(io.BytesIO(before)).read("world.json"))
    holder = state
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    answer = mock.request("POST", "/_testcard/worlds/default/restore", body=zipped(state), headers=ZIP)

    assert answer.status == 400
    assert said in answer.json["error"]
    assert take(mock.world) == before


def test_a_broken_file_is_noticed_before_anything_changes() -> None:
    mock = furnished()
    before = take(mock.world)
    packed = next(each for each in zipfile.ZipFile(io.BytesIO(before)).infolist() if each.filename.startswith("files/"))
    at = packed.header_offset + 30 + len(packed.filename)  # the first byte of the file itself
    broken = before[:at] + bytes([before[at] ^ 0xFF]) + before[at + 1 :]
    answer = mock.request("POST", "/_testcard/worlds/default/restore", body=broken, headers=ZIP)

    assert answer.status == 400
    assert take(mock.world) == before


def zipped(state: object) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("world.json", json.dumps(state))
    return packed.getvalue()


def test_a_restored_world_is_reset_to_its_own_first_day() -> None:
    here = furnished()
    there = Mock(seed=1, now=None)
    restore(there.world, io.BytesIO(take(here.world)), there.switchboard.worlds.check)
    there.post("/_testcard/worlds/default/reset")

    assert there.world.seed == 99
    assert there.world.clock.as_json() == {"now": "2026-03-02T12:00:00Z", "frozen": True}


def test_a_server_begins_with_a_snapshot(tmp_path: Path) -> None:
    mock = furnished()
    mock.world.faults.clear()
    file = tmp_path / "world.zip"
    file.write_bytes(take(mock.world))
    command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--world", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        lines = iter(server.stdout or ())
        ready = next(line for line in lines if line.startswith("ready "))
        world = Control(ready.split("url=")[1].split()[0]).world()
        names = [row["name"] for row in world.rows["videocentral/accounts"].read()]
        server.terminate()

    assert names == ["Seven"]
    assert server.returncode == 0


def test_the_client_takes_and_restores() -> None:
    mock = Mock("videocentral")
    with socket_server(mock) as url:
        world = Control(url).create_world(profile="empty")
        world.rows["videocentral/accounts"].put([{"id": "1", "name": "One"}])
        kept = world.snapshot()
        world.rows["videocentral/accounts"].put([])
        world.restore(kept)

        assert [row["id"] for row in world.rows["videocentral/accounts"].read()] == ["1"]
