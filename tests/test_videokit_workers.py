"""Many at once over a real socket: each finds in its world what it wrote, and those who share one lose nothing."""

from __future__ import annotations

import ast
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from kit import Kit, SocketKit
from support import Mock, socket_server
from test_videokit_core_machine import CoreMachine
from test_videokit_live_machine import LiveMachine
from test_videokit_recorder_machine import RecorderMachine
from test_videokit_streaming_machine import StreamingMachine
from test_videokit_upload_machine import UploadMachine
from test_videokit_vod_machine import VodMachine

WORKERS = 6


@pytest.fixture
def one_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis reads the source of lambdas, and Python 3.11 fails now and then when two threads parse at once."""
    lock, parse = threading.Lock(), ast.parse

    def guarded(*args: Any, **options: Any) -> Any:
        with lock:
            return parse(*args, **options)

    monkeypatch.setattr(ast, "parse", guarded)


MACHINES = [VodMachine, UploadMachine, LiveMachine, RecorderMachine, StreamingMachine, CoreMachine]


@pytest.mark.usefixtures("one_parser")
@pytest.mark.parametrize("machine", MACHINES)
def test_every_machine_holds_for_concurrent_workers_in_worlds_of_their_own(
    machine: type[RuleBasedStateMachine],
) -> None:
    """The module's own machine, over a socket; each worker takes another course."""
    few = settings(max_examples=2, stateful_step_count=8, database=None, derandomize=False)

    def live(url: str, worker: int) -> None:
        class Remote(machine):  # type: ignore[misc, valid-type]  # one of a list
            @staticmethod
            def new_kit(**recipe: object) -> Kit:
                return SocketKit(url, mock, **recipe)

            def teardown(self) -> None:
                super().teardown()
                if machine is not UploadMachine:  # which looks at what is left
                    self.kit.close()

        run_state_machine_as_test(seed(worker)(Remote), settings=few)

    mock = Mock("videokit")
    with socket_server(mock) as url, ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(live, url, worker) for worker in range(WORKERS)]:
            done.result()


def test_workers_of_one_world_lose_nothing() -> None:
    each = 15

    def make(number: int) -> list[str]:
        assets = []
        for at in range(each):
            content = f"{number}/{at}".encode() * 100
            file = kit.upload(content, f"{number}-{at}.mp4")
            link = kit.get(f"/vod/v1/files/{file}/preview").json["link"]
            assert hashlib.md5(kit.send("GET", link).body).digest() == hashlib.md5(content).digest()
            assets.append(kit.asset(file, title=f"{number}-{at}"))
        return assets

    with socket_server(Mock("videokit")) as url, closing(SocketKit(url)) as kit, ThreadPoolExecutor(WORKERS) as pool:
        kit.rows("assets")
        made = [asset for assets in pool.map(make, range(WORKERS)) for asset in assets]
        listed = kit.get("/vod/v1/assets", params={"limit": 1000}).json["items"]

        assert len(set(made)) == WORKERS * each
        assert {row["id"] for row in listed} == set(made)
        assert len({row["title"] for row in listed}) == WORKERS * each


def test_part_uploads_at_once_all_arrive() -> None:
    part = 5 << 20
    readings = {"VK-069": "five-mebibytes", "VK-068": "all"}
    with socket_server(Mock("videokit")) as url, closing(SocketKit(url, readings=readings)) as kit:
        started = kit.start(8 * part)
        with ThreadPoolExecutor(8) as pool:
            blocks = [bytes([at]) * part for at in range(8)]
            tags = [answer.headers["ETag"] for answer in pool.map(kit.put, started["multipartUrls"], blocks)]
        parts = [{"partNumber": at + 1, "eTag": tag} for at, tag in enumerate(tags)]
        done = kit.post("/vod/v1/files/complete", {"fileId": started["fileId"], "parts": parts})
        assert done.status == 200
        link = kit.get(f"/vod/v1/files/{started['fileId']}/preview").json["link"]
        assert kit.send("GET", link).body == b"".join(blocks)
