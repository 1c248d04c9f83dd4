"""The proxy changes nothing, and judges both sides."""

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
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from independent.base import Service, serving
from independent.videocentral import VideoCentral
from known_good.videocentral import Client
from testcard.errors import UserError
from testcard.live.proxy import Proxy
from testcard.live.recording import replay, snapshots
from testcard.live.traffic import Judge

TOKEN = {"Authorization": "Bearer Atza|" + "x" * 400}


@contextlib.contextmanager
def proxied(upstream: str, api: str = "videocentral", ca_file: str | None = None) -> Iterator[tuple[Proxy, str]]:
    proxy = Proxy(upstream, Judge(api, upstream), ca_file=ca_file)
    server = proxy.open()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield proxy, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def raw_upstream(*answers: bytes, hold: threading.Event | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """An upstream that sends bytes; between the first and the next it waits for *hold*."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            with connection.makefile("rb") as file:
                head = b"".join(iter(file.readline, b"\r\n")) + b"\r\n"
                length = re.search(rb"(?i)content-length: (\d+)", head)
                asked.append(head + file.read(int(length[1]) if length else 0))
            for i, piece in enumerate(answers):
                if i and hold:
                    hold.wait(10)
                connection.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        thread.join(10)
        listener.close()


def test_a_good_client_meets_a_good_service_over_https(tmp_path: Path) -> None:
    service: Service = VideoCentral()
    with serving(service, tmp_path), proxied(service.url, ca_file=str(tmp_path / "ca.pem")) as (proxy, url):
        client = Client(f"{url}/apis/v1", f"{url}/auth/o2/token", "c", "s", "Atzr|old", page_size=200)
        with client:
            rows = client.reports("0042", "channels", "c1", "amzn1.daily")

    assert len(rows) == 150
    assert proxy.judge.report.findings == []
    assert [entry.operation for entry in proxy.journal] == ["request_token", "list_reports"]
    assert proxy.judge.report.exit_code() == 0


def test_answers_and_refusals_pass_unchanged() -> None:
    with serving(VideoCentral()) as service, proxied(service.url) as (_, url):
        for path, headers in (("/apis/v1/accounts", TOKEN), ("/apis/v1/accounts", {}), ("/nowhere?x=%2F%20", TOKEN)):
            direct = requests.get(service.url + path, headers=headers, timeout=10)
            through = requests.get(url + path, headers=headers, timeout=10)
            assert (through.status_code, through.content) == (direct.status_code, direct.content)
            assert through.headers["Content-Type"] == direct.headers["Content-Type"]
        assert service.log[-1] == service.log[-2] == "GET /nowhere?x=%2F%20"


def test_both_sides_are_judged() -> None:
    with serving(VideoCentral({}, "new-field")) as service, proxied(service.url) as (proxy, url):
        requests.get(f"{url}/apis/v1/accounts?limit=5&ofset=2", headers=TOKEN, timeout=10)
        reports = "/apis/v1/accounts/0042/channels/c1/reportTypes/amzn1.weekly/reports"
        requests.get(f"{url}{reports}?reportDateBeginGte=soon", headers=TOKEN, timeout=10)
        requests.get(f"{url}/apis/v2/accounts", headers=TOKEN, timeout=10)

    found = {(each.rule, each.operation) for each in proxy.judge.report.findings}
    assert found == {
        ("request", "list_accounts"),
        ("new-field", "list_accounts"),
        ("request", "list_reports"),
        ("request", "GET /apis/v2/accounts"),
    }
    assert any("did you mean 'offset'" in note for entry in proxy.journal for note in entry.notes)
    assert proxy.judge.report.exit_code() == 1


def test_a_body_is_passed_on_while_it_comes() -> None:
    hold = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with (
        raw_upstream(head + b"5\r\n[1, 2\r\n", b"1\r\n]\r\n0\r\n\r\n", hold=hold) as (upstream, _),
        proxied(upstream) as (_, url),
    ):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/apis/v1/accounts")
        answer = connection.getresponse()
        first = answer.read1(100)
        hold.set()
        rest = answer.read()
        connection.close()

    assert (first, rest) == (b"[1, 2", b"]")


def test_any_status_and_header_is_passed_on() -> None:
    raw = b"HTTP/1.1 299 Odd One\r\nX-Odd: a\r\nX-Odd: b\r\nContent-Type: text/odd\r\nContent-Length: 3\r\n\r\nodd"
    with raw_upstream(raw) as (upstream, asked), proxied(upstream) as (_, url):
        answer = requests.post(f"{url}/apis/v1/accounts", data=b"\x00body", headers={"X-Mine": "1"}, timeout=10)

    assert (answer.status_code, answer.reason, answer.content) == (299, "Odd One", b"odd")
    assert answer.headers["X-Odd"] == "a, b"
    assert asked[0].startswith(b"POST /apis/v1/accounts HTTP/1.1\r\nHost: " + upstream.removeprefix("http://").encode())
    assert b"X-Mine: 1\r\n" in asked[0]
    assert asked[0].endswith(b"\r\n\r\n\x00body")


def test_an_answer_cut_short_stays_cut_short() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1, 2"
    short = pytest.raises(requests.exceptions.ChunkedEncodingError)
    with raw_upstream(raw) as (upstream, _), proxied(upstream) as (proxy, url), short:
        requests.get(f"{url}/apis/v1/accounts", timeout=10)

    assert proxy.judge.report.answers == 0


def test_no_answer_is_ever_made_up() -> None:
    with proxied("http://127.0.0.1:9") as (proxy, url):
        answer = requests.get(f"{url}/apis/v1/accounts", headers=TOKEN, timeout=10)

    assert (answer.status_code, answer.content) == (502, b"")
    assert answer.headers["X-Testcard-Proxy"] == "no answer: ConnectionRefusedError"
    assert proxy.judge.report.exit_code() == 4


def test_an_upstream_is_a_scheme_and_a_host() -> None:
    with pytest.raises(UserError, match="expected scheme and host"):
        Proxy("https://api.example/v1", Judge("amagi", ""))


def test_the_command_reports_and_records_when_it_ends(tmp_path: Path) -> None:
    program = [str(Path(sys.executable).with_name("testcard")), "proxy", "--api", "videocentral", "--port", "0"]
    with serving(VideoCentral({}, "new-field")) as service:
        process = subprocess.Popen(
            [*program, "--upstream", service.url, "--record", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(os.environ),
        )
        assert process.stdout is not None
        url = process.stdout.readline().split("url=")[1].split()[0]
        requests.get(f"{url}/apis/v1/accounts", headers=TOKEN, timeout=10)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "drift  new-field  list_accounts /data/*/tier: is not documented (string)" in output
    again = replay(snapshots(tmp_path)["videocentral"][-1])
    assert [str(each) for each in again.drift] == ["list_accounts /data/*/tier: is not documented (string)"]
