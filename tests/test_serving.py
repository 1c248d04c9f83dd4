"""`testcard serve` as a process of its own: how it says it is ready, how it answers, and how it stops."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import requests

from support import Mock, socket_server
from testcard.errors import NotReady
from testcard.exchange import Reply
from testcard.server.serving import Serving
from testcard.server.switchboard import Plan

READY = re.compile(r"ready url=(?P<url>http://\S+) pid=(?P<pid>\d+)\n")


class Served:
    """A running `testcard serve`."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--api", "videocentral", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        self.banner = self._read_until_ready(20)
        found = READY.fullmatch(self.banner.splitlines(keepends=True)[-1] if self.banner else "")
        if found is None:
            self.process.kill()
            raise AssertionError(f"not ready: {self.banner!r} {self.process.communicate()[1]}")
        self.url, self.pid = found["url"], int(found["pid"])

    def _read_until_ready(self, seconds: float) -> str:
        assert self.process.stdout is not None
        giving_up = threading.Timer(seconds, self.process.kill)
        giving_up.start()
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("ready "):
                break
        giving_up.cancel()
        return "".join(lines)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **options)

    def variables(self) -> dict[str, str]:
        found: dict[str, str] = self.get("/_testcard/credentials").json()
        return found

    def slow(self, seconds: float) -> None:
        """Let every answer wait."""
        fault = {"kind": "latency", "seconds": seconds}
        answer = requests.post(f"{self.url}/_testcard/worlds/default/faults", json=fault, timeout=10)
        assert answer.status_code == 201, answer.text

    def wait_for(self, calls: int) -> None:
        """Wait until so many calls have arrived."""
        end = time.monotonic() + 10
        while len(self.get("/_testcard/worlds/default/journal").json()["entries"]) < calls:
            assert time.monotonic() < end
            time.sleep(0.01)

    def connect(self) -> socket.socket:
        """An open connection that has sent nothing."""
        parts = urlsplit(self.url)
        return socket.create_connection((parts.hostname, parts.port or 80), timeout=10)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 10) -> tuple[int, str, float]:
        """Send a signal; returns exit code, what was said on stderr, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=seconds)
        return self.process.returncode, said, time.monotonic() - began


@contextlib.contextmanager
def served(*arguments: str, **environment: str) -> Iterator[Served]:
    server = Served(*arguments, **environment)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    """One server for the tests that do not stop it."""
    with served() as server:
        yield server


# Ready


def test_the_ready_line_names_address_and_process(shared: Served) -> None:
    assert shared.pid == shared.process.pid
    assert shared.url.startswith("http://127.0.0.1:")
    assert shared.get("/_testcard/health").json()["status"] == "ok"


def test_the_banner_in_a_pipe_is_plain_and_complete(shared: Served) -> None:
    lines = shared.banner.splitlines()
    variables = dict(line.strip().split("=", 1) for line in lines if line.startswith("  TESTCARD_"))
    assert lines[0] == "Amazon Video Central"
    assert shared.banner.isascii()
    assert "\x1b" not in shared.banner
    assert {**variables, "TESTCARD_URL": shared.url} == shared.variables()
    assert lines[-2] == "control and health: /_testcard; the same variables: testcard env"


def test_a_terminal_gets_a_table() -> None:
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--api", "videocentral"]
    process = subprocess.Popen(command, stdout=follower, stderr=subprocess.PIPE, env={**os.environ, "COLUMNS": "120"})
    os.close(follower)
    seen = b""
    try:
        while b"ready url=" not in seen:
            seen += os.read(leader, 65536)
    finally:
        process.terminate()
        process.communicate(timeout=10)
        os.close(leader)

    assert "testcard: the mocks are running" in seen.decode()
    assert "┃" in seen.decode()
    assert process.returncode == 0


def test_the_credentials_of_the_banner_work(shared: Served) -> None:
    variables = shared.variables()
    answer = requests.get(
        variables["TESTCARD_VIDEOCENTRAL_URL"] + "/accounts",
        headers={"Authorization": f"Bearer {variables['TESTCARD_VIDEOCENTRAL_TOKEN']}"},
        timeout=10,
    )

    assert answer.status_code == 200
    assert answer.json()["data"]


def test_a_port_that_is_taken_is_exit_code_3(shared: Served) -> None:
    port = str(urlsplit(shared.url).port)
    command = [sys.executable, "-m", "testcard", "serve", "--port", port, "--api", "videocentral"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == (
        f"testcard: 127.0.0.1:{port}: Address already in use; another server may run there: stop it,"
        " or choose another port with --port N (0 takes any free one)\n"
    )


def test_options_reach_the_default_world() -> None:
    with served("--seed", "7", "--dialect", "observed", "--profile", "small", TESTCARD_NOW="2021-05-05") as server:
        state = server.get("/_testcard/worlds/default").json()

    assert (state["seed"], state["dialect"], state["profile"]) == (7, "observed", "small")
    assert state["clock"] == {"now": "2021-05-05T00:00:00Z", "frozen": True}


def test_ipv6_is_served_too() -> None:
    with served("--host", "::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert server.variables()["TESTCARD_URL"] == server.url


# Answering


def test_a_connection_is_kept_for_further_requests(shared: Served) -> None:
    parts = urlsplit(shared.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    ports = set()
    for path in ("/_testcard/health", "/nowhere", "/videocentral/apis/v1/accounts", "/"):
        connection.request("GET", path)
        connection.getresponse().read()
        ports.add(connection.sock.getsockname()[1])
    connection.close()

    assert len(ports) == 1


def test_requests_sent_ahead_are_answered_in_order(shared: Served) -> None:
    with shared.connect() as connection:
        paths = ["/_testcard/health", "/nowhere", "/_testcard/worlds/default"]
        connection.sendall(b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode() for path in paths[:-1]))
        connection.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % paths[-1].encode())
        text = _read_all(connection)

    assert re.findall(rb"HTTP/1.1 (\d+)", text) == [b"200", b"404", b"200"]
    assert text.index(b'"status"') < text.index(b"nothing answers under /nowhere") < text.index(b'"profile"')


def _read_all(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def test_http_1_0_is_answered_and_closed(shared: Served) -> None:
    with shared.connect() as connection:
        connection.sendall(b"GET /_testcard/health HTTP/1.0\r\n\r\n")
        head, _, body = _read_all(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200")
    assert orjson.loads(body)["status"] == "ok"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000, b"431"),
    ],
)
def test_what_is_no_http_is_refused(shared: Served, sent: bytes, status: bytes) -> None:
    with shared.connect() as connection:
        connection.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            assert _read_all(connection).startswith(b"HTTP/1.1 " + status)

    assert shared.get("/_testcard/health").status_code == 200


def test_a_request_that_breaks_off_changes_nothing(shared: Served) -> None:
    """A body of which only a part arrives is no request: nothing may come of it."""
    body = orjson.dumps({"seed": 5})
    before = len(shared.get("/_testcard/worlds").json()["worlds"])
    with shared.connect() as connection:
        head = b"POST /_testcard/worlds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % (len(body) + 100) + body)
        time.sleep(0.05)
    time.sleep(0.05)

    assert len(shared.get("/_testcard/worlds").json()["worlds"]) == before


def test_a_chunked_body_is_read(shared: Served) -> None:
    pieces = iter([b'{"see', b'd": 5}'])
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{shared.url}/_testcard/worlds", data=pieces, headers=headers, timeout=10)

    assert answer.status_code == 201
    assert shared.get(f"/_testcard/worlds/{answer.json()['id']}").json()["seed"] == 5


def test_head_and_gzip_travel_well(shared: Served) -> None:
    path = "/_testcard/contracts/videocentral.json"
    plain = shared.get(path, headers={"Accept-Encoding": "identity"})
    packed = shared.get(path)
    head = requests.head(shared.url + path, headers={"Accept-Encoding": "identity"}, timeout=10)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(plain.content))


def test_a_slow_answer_holds_up_nobody() -> None:
    with served() as server, ThreadPoolExecutor(8) as pool:
        server.slow(1.0)
        slow = [pool.submit(server.get, "/videocentral/apis/v1/accounts") for _ in range(8)]
        server.wait_for(8)
        began = time.monotonic()
        server.get("/_testcard/health")
        took = time.monotonic() - began
        assert {each.result().status_code for each in slow} == {401}

    assert took < 0.5


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_exit_code_0_and_no_complaint(number: int) -> None:
    with served() as server:
        server.get("/_testcard/health")
        code, said, _ = server.stop(number)

    assert (code, said) == (0, "")


def test_idle_connections_do_not_hold_it_up() -> None:
    with served() as server, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(server.connect()) for _ in range(20)]
        silent[0].sendall(b"GET /_testcard/he")
        kept = requests.Session()
        kept.get(f"{server.url}/_testcard/health", timeout=10)
        code, said, took = server.stop()

    assert (code, said) == (0, "")
    assert took < 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_answers_under_way_are_finished(number: int) -> None:
    with served() as server, ThreadPoolExecutor(4) as pool:
        server.slow(0.7)
        variables = server.variables()
        headers = {"Authorization": f"Bearer {variables['TESTCARD_VIDEOCENTRAL_TOKEN']}"}
        under_way = [pool.submit(server.get, "/videocentral/apis/v1/accounts", headers=headers) for _ in range(4)]
        server.wait_for(4)
        code, said, took = server.stop(number)
        answers = [each.result() for each in under_way]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(answer.json()["data"] for answer in answers)
    assert (code, said) == (0, "")
    assert took > 0.2


def test_a_slow_reader_gets_the_rest_of_its_answer() -> None:
    with served() as server, server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /_testcard/contracts/videocentral.json HTTP/1.1\r\nHost: x\r\n\r\n")
        text = connection.recv(1024)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        time.sleep(0.2)
        text += _read_all(connection)
        stopping.join(10)

    head, _, body = text.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    assert length is not None
    assert len(body) == int(length[1])
    assert orjson.loads(body)["openapi"] == "3.1.0"
    assert server.process.returncode == 0


def test_a_stopping_server_takes_no_new_connections() -> None:
    with served() as server, ThreadPoolExecutor(1) as pool:
        server.slow(1.0)
        under_way = pool.submit(server.get, "/videocentral/apis/v1/accounts")
        server.wait_for(1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        with pytest.raises(ConnectionRefusedError), server.connect():
            pass
        assert under_way.result().status_code == 401


# The same in a thread


def test_a_port_is_known_before_it_serves_and_stop_may_come_first() -> None:
    serving = Serving(Mock("videocentral").switchboard, host="127.0.0.1", port=0)
    assert serving.port > 0
    serving.stop()
    thread = threading.Thread(target=serving.run)
    thread.start()
    thread.join(5)

    assert not thread.is_alive()


def test_an_idle_connection_is_closed_and_one_that_is_about_to_send_is_not() -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    serving = Serving(Mock("videocentral").switchboard, host="127.0.0.1", port=0, idle_s=0.05)
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    serving.wait_until_ready(5)
    with contextlib.closing(socket.create_connection(("127.0.0.1", serving.port), timeout=0.2)) as connection:
        connection.sendall(request + request[:20])
        first = connection.recv(65536)
        with pytest.raises(TimeoutError):  # the rest is awaited for longer than a connection may be idle
            connection.recv(65536)
        connection.settimeout(5)
        connection.sendall(request[20:])
        second = _read_all(connection)
    serving.stop()
    thread.join(5)

    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("reply", [Reply(200, headers={"X-Text": "two\nlines"}), RuntimeError("a bug")])
def test_a_bug_below_the_apis_is_said_and_ends_only_its_connection(
    reply: Reply | Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mock = Mock("videocentral")
    whole = mock.switchboard.carry_out

    def carry_out(plan: Plan) -> Reply:
        if plan.request.path != "/broken":
            return whole(plan)
        if isinstance(reply, Exception):
            raise reply
        return reply

    monkeypatch.setattr(mock.switchboard, "carry_out", carry_out)
    with socket_server(mock) as url:
        broken = requests.get(url + "/broken", timeout=5)
        after = requests.get(url + "/", timeout=5)

    assert (broken.status_code, broken.headers["Connection"], broken.text) == (500, "close", "Internal Server Error")
    assert "two" in caplog.text or "a bug" in caplog.text
    assert after.status_code == 200


def test_two_servers_on_one_port_are_refused() -> None:
    first = Serving(Mock("videocentral").switchboard, host="127.0.0.1", port=0)
    with pytest.raises(NotReady, match=f"127.0.0.1:{first.port}: Address already in use"):
        Serving(Mock("videocentral").switchboard, host="127.0.0.1", port=first.port)
    thread = threading.Thread(target=first.run)
    thread.start()
    first.wait_until_ready(5)
    first.stop()
    thread.join(5)
