"""One bad client harms nobody else, worlds do not add up, and limits are said plainly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from soak import hammer
from support import Mock, socket_server
from testcard.control.client import Control
from testcard.errors import NotReady, UserError
from testcard.reach.line import Line
from testcard.server.head import MAX_HEAD

ACCOUNTS = "/videocentral/apis/v1/accounts"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket_server(Mock(now=None)) as served:
        yield served


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), 10)


def health(url: str) -> str:
    with urllib.request.urlopen(f"{url}/_testcard/health", timeout=10) as answer:
        return str(json.load(answer)["status"])


def status_of(raw: socket.socket) -> int:
    return int(raw.recv(65536).split()[1])


def _until_closed(raw: socket.socket) -> bytes:
    data = b""
    try:
        while chunk := raw.recv(65536):
            data += chunk
    except OSError:
        pass
    return data


def test_eight_workers_do_not_meet(url: str) -> None:
    assert hammer(url, examples=200) == []


def test_thousands_of_worlds_leave_nothing() -> None:
    mock = Mock("videocentral")
    kept = []
    for round_ in range(3):
        for number in range(300):
            made = mock.post("/_testcard/worlds", json={"profile": "empty", "seed": number}).json
            mock.get(f"/~{made['id']}{ACCOUNTS}")
            mock.request("DELETE", f"/_testcard/worlds/{made['id']}")
        kept.append((round_, len(mock.switchboard.worlds), len(mock.switchboard.worlds._owners)))

    assert len({(worlds, owners) for _, worlds, owners in kept}) == 1
    assert kept[0][1] == 1


def test_a_client_that_leaves_in_the_middle_harms_nobody(url: str) -> None:
    for _ in range(20):
        with connect(url) as raw:
            raw.sendall(b"POST /videocentral/auth/o2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")

    assert health(url) == "ok"


def test_a_client_that_never_reads_harms_nobody(url: str) -> None:
    lazy = [connect(url) for _ in range(5)]
    for raw in lazy:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.sendall(b"GET /_testcard/contracts/videokit.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)

    assert health(url) == "ok"
    for raw in lazy:
        raw.close()


@pytest.mark.parametrize("nonsense", [b"\x00\x01\x02\r\n\r\n", b"HELLO\r\n\r\n", b"GET / SPDY/9\r\n\r\n"])
def test_nonsense_is_a_bad_request(url: str, nonsense: bytes) -> None:
    with connect(url) as raw:
        raw.sendall(nonsense)
        assert status_of(raw) == 400
    assert health(url) == "ok"


def test_a_head_without_end_is_431(url: str) -> None:
    with connect(url) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 80_000)
        assert status_of(raw) == 431
    assert health(url) == "ok"


def _head_of(size: int) -> bytes:
    """A request whose head has so many bytes, the blank line included."""
    line, end = b"GET /_testcard/health HTTP/1.1\r\nHost: x\r\nX-Long: ", b"\r\n\r\n"
    return line + b"a" * (size - len(line) - len(end)) + end


@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 431)])
@pytest.mark.parametrize("held_back", [0, 1, 40_000])
def test_a_head_has_its_limit_to_the_byte_however_it_comes(url: str, more: int, status: int, held_back: int) -> None:
    head = _head_of(MAX_HEAD + more)
    with connect(url) as raw:
        raw.sendall(_head_of(100))  # what was read before does not count
        assert status_of(raw) == 200
        raw.sendall(head[: len(head) - held_back])
        raw.sendall(head[len(head) - held_back :])
        assert status_of(raw) == status
    line = Line(Mock("videocentral").switchboard, "http")
    line.send(head)
    assert int(line.read(65536, 1).split()[1]) == status


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (b"GET /_testcard/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"200"),
        (_head_of(MAX_HEAD + 1), b"431"),
    ],
)
def test_heads_that_come_together_are_measured_one_by_one(url: str, last: bytes, status: bytes) -> None:
    with connect(url) as raw:
        raw.sendall(_head_of(40_000) * 3 + last)
        statuses = [each.split()[0] for each in _until_closed(raw).split(b"HTTP/1.1")[1:]]

    assert statuses[-1] == status
    assert set(statuses[:-1]) <= {b"200"}
    assert status == b"431" or len(statuses) == 4


@pytest.mark.parametrize("sized", [True, False])
def test_a_hundred_megabytes_are_413_in_the_vendors_words(url: str, sized: bool) -> None:
    parts = urlsplit(url)
    answers = bytearray()
    with connect(url) as raw:
        listener = threading.Thread(target=lambda: answers.extend(_until_closed(raw)))
        length = b"Content-Length: 104857600" if sized else b"Transfer-Encoding: chunked"
        host = parts.netloc.encode()
        raw.sendall(b"POST /videokit/vod/v1/assets HTTP/1.1\r\nHost: " + host + b"\r\n" + length + b"\r\n\r\n")
        listener.start()
        try:
            for _ in range(100):
                piece = b"x" * 1048576
                raw.sendall(piece if sized else b"100000\r\n" + piece + b"\r\n")
        except OSError:
            pass  # the server has hung up, which is its right
        listener.join(10)

    assert b" 413 " in bytes(answers).split(b"\r\n", 1)[0]
    assert b'"success":false' in answers
    assert health(url) == "ok"


def test_a_slow_answer_holds_up_nobody(url: str) -> None:
    world = Control(url).create_world()
    world.faults.add("stall", api="videocentral")
    path = urlsplit(world.env["TESTCARD_VIDEOCENTRAL_URL"]).path
    stalled = [connect(url) for _ in range(100)]
    for raw in stalled:
        raw.sendall(f"GET {path}/accounts HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert health(url) == "ok"
    for raw in stalled:
        raw.close()


def test_control_beyond_loopback_asks_for_a_token() -> None:
    command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--host", "0.0.0.0"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert refused.returncode == 2
    assert "--control-token" in refused.stderr


def test_the_control_token_is_asked_for() -> None:
    from testcard.server.build import build
    from testcard.server.serving import Serving

    serving = Serving(build(["videocentral"], control_token="let me in"), host="127.0.0.1", port=0)
    thread = threading.Thread(target=serving.run)
    thread.start()
    address = serving.wait_until_ready(10)
    try:
        with pytest.raises(UserError, match="control token"):
            Control(address).create_world()
        assert Control(address, "let me in").create_world().id == "w1"
    finally:
        serving.stop()
        thread.join()
    with pytest.raises(NotReady, match="no mocks answer there"):
        Control(address).health()


def test_rows_come_from_files(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "videocentral"
    folder.mkdir()
    (folder / "accounts.json").write_text('[{"id": "1", "name": "One"}]')
    (folder / "reportGroups.csv").write_text('accountId,id,name\n"""1""",channels,"Comma, ""quote"""\n')
    world = Control(url).create_world(profile="empty")

    assert world.rows.load(tmp_path) == {"videocentral/accounts": 1, "videocentral/reportGroups": 1}
    groups = [row for row in world.rows["videocentral/reportGroups"].read() if row["accountId"] == "1"]
    assert [row["name"] for row in groups] == ['Comma, "quote"']


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "1"}, {"id": 2}], r"accounts: row 1: id: 2 is not of type"),
        ([{"id": "1", "nmae": "x"}], r"row 0: .*nmae"),
    ],
)
def test_a_bad_row_is_named(url: str, rows: list[dict[str, object]], message: str) -> None:
    world = Control(url).create_world(profile="empty")
    before = list(world.rows["videocentral/accounts"].read())

    with pytest.raises(UserError, match=message):
        world.rows["videocentral/accounts"].put(rows)
    assert list(world.rows["videocentral/accounts"].read()) == before


def test_every_table_has_a_schema(url: str) -> None:
    tables = Control(url).ask("GET", "/tables")

    assert set(tables["videocentral"]) == {"accounts", "reportGroups", "channels", "reportTypes", "reports"}
    assert {"sessions", "adEvents", "schedules", "channels", "contents"} <= set(tables["amagi"])
    assert "segments" in tables["ibmvideo"]
    assert {"assets", "files", "channels", "events", "recordings", "playback", "adPlayback"} <= set(tables["videokit"])
