"""With `--allow-writes` one scratch asset is made, and it goes again, whatever happens; without, nothing is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from independent.base import Got, Out, serving
from independent.videokit import VideoKit
from test_live import CREDENTIALS, NOW, judged
from testcard.cli import main
from testcard.errors import MockError, UserError
from testcard.live.addresses import Addresses
from testcard.live.subject import open_subject
from testcard.live.walking import calls_of, judge_service, open_wire
from testcard.live.wire import Wire

ENV = {f"TESTCARD_VIDEOKIT_{name}": value for name, value in CREDENTIALS["videokit"].items()}
WRITES = ("POST /vod/v1/assets", "PATCH /vod/v1/assets/", "DELETE /vod/v1/assets/")


def written(service: VideoKit) -> list[str]:
    return [line for line in service.log if line.startswith(WRITES)]


def command(service: VideoKit, *options: str) -> Any:
    arguments = ["live", "--api", "videokit", "--base-url", service.url, "--delay", "0", *options]
    return CliRunner().invoke(main, arguments, env=ENV)


def test_nothing_is_written_unless_it_is_allowed() -> None:
    with serving(VideoKit()) as service:
        assert isinstance(service, VideoKit)
        ran = command(service)

    assert (ran.exit_code, written(service), service.made) == (0, [], {})
    assert "scratch" not in ran.output
    wire = open_wire(open_subject("videokit"), Addresses(open_subject("videokit"), {}, "http://h"), budget=9, delay_s=0)
    for method in ("POST", "PATCH", "DELETE"):
        with pytest.raises(UserError, match="only reads are sent"):
            wire.send(method, "http://h/vod/v1/assets", {})


def test_one_asset_is_made_read_changed_read_and_removed() -> None:
    with serving(VideoKit()) as service:
        assert isinstance(service, VideoKit)
        ran = command(service, "--allow-writes")

    assert ran.exit_code == 0, ran.output
    made, changed, removed = written(service)
    assert (made, changed, removed) == (
        "POST /vod/v1/assets",
        "PATCH /vod/v1/assets/made-0",
        "DELETE /vod/v1/assets/made-0",
    )
    assert service.made == {}
    assert service.log[-1] == "GET /vod/v1/assets/made-0"  # it is gone


def test_writes_are_on_the_allow_list_and_in_the_dry_run() -> None:
    with serving(VideoKit()) as service:
        assert isinstance(service, VideoKit)
        ran = command(service, "--allow-writes", "--dry-run")

    assert (ran.exit_code, service.log) == (0, [])
    for operation in ("POST", "PATCH", "DELETE"):
        assert f"  {operation} {service.url}/vod/v1/assets" in ran.output
    assert ran.output.count("write, in a scratch asset") == 3
    assert f"  1 x POST {service.url}/vod/v1/assets  makes testcard-live-scratch-…" in ran.output


def test_all_calls_with_the_writes_fit_the_usual_budget() -> None:
    subject = open_subject("videokit")
    listed = calls_of(subject, Addresses(subject, {}, "http://h"), with_token=False, writes=True)

    assert sum(int(line.split(" x ")[0]) for line in listed) <= 60


def test_of_other_services_nothing_is_ever_written() -> None:
    ran = CliRunner().invoke(main, ["live", "--api", "amagi", "--allow-writes", "--dry-run"])

    assert (ran.exit_code, "of amagi nothing is ever written" in ran.output) == (2, True)


@pytest.mark.parametrize("planted", ["breaks", "change-lost", "unanswered"])
def test_it_is_removed_whatever_happens_between(planted: str) -> None:
    with serving(VideoKit({}, planted)) as service:
        assert isinstance(service, VideoKit)
        ran = command(service, "--allow-writes")

    assert service.made == {}
    assert written(service)[-1] == "DELETE /vod/v1/assets/made-0"
    assert "left behind" not in ran.output


def test_a_removal_that_is_refused_is_tried_again_a_little_later() -> None:
    """That a service refuses while it transcodes (VK-046) is news, and no failure."""
    subject, waits = open_subject("videokit"), list[float]()
    with serving(VideoKit({}, "slow-to-die", "still-processing")) as service:
        assert isinstance(service, VideoKit)
        addresses = Addresses(subject, {}, service.url)
        wire = open_wire(subject, addresses, budget=100, delay_s=0, writes=True)
        wire.sleep = waits.append
        report = judge_service(subject, wire, addresses, CREDENTIALS["videokit"], NOW, writes=True)

    assert (service.made, waits, report.violations) == ({}, [2.0, 4.0], [])
    assert {(each.rule, each.operation) for each in report.drift} == {("new-status", "delete_vod_asset")}
    assert report.readings["VK-046"] == "refused"


def test_what_cannot_be_removed_is_named_loudly() -> None:
    with serving(VideoKit({}, "undying")) as service:
        report = judged(service, "videokit")

    assert report.left_behind[0].startswith("asset made-0 titled 'testcard-live-scratch-")
    assert any(line.startswith("  LEFT BEHIND: asset made-0") for line in report.lines())
    assert report.as_json()["leftBehind"] == list(report.left_behind)
    assert service.log.count("DELETE /vod/v1/assets/made-0") == 5
    report.findings.clear()
    assert report.exit_code() == 1


def test_what_an_exception_leaves_behind_is_a_note_on_it() -> None:
    """The service is gone in the middle: nothing can be removed any more."""

    class Vanishing(VideoKit):
        def answer(self, got: Got) -> Out:
            return Out(401, {}) if got.method in ("PATCH", "DELETE") else super().answer(got)

    with serving(Vanishing()) as service, pytest.raises(Exception, match="refused with 401") as caught:
        judged(service, "videokit")

    assert "left behind: asset made-0" in caught.value.__notes__[0]


@pytest.mark.parametrize(("more", "is_written"), [(7, False), (8, True), (20, True)])
def test_the_budgets_last_requests_are_kept_for_removing(more: int, is_written: bool) -> None:
    """The fifth removal is the first that works: without a reserve there would be nothing left for it."""

    class Stubborn(VideoKit):
        def answer(self, got: Got) -> Out:
            self.removals += got.method == "DELETE"
            return Out(409, {}) if got.method == "DELETE" and self.removals < 5 else super().answer(got)

    with serving(VideoKit()) as plain:
        reads = judged(plain, "videokit", writes=False).requests
    with serving(Stubborn()) as service:
        assert isinstance(service, VideoKit)
        report = judged(service, "videokit", budget=reads + more)

    assert (service.made, report.left_behind) == ({}, ())
    assert len(service.log) <= reads + more
    assert bool(written(service)) == is_written
    assert any("writes: the budget keeps too little" in text for text in report.not_checked) == (not is_written)


def test_without_a_file_to_make_it_from_nothing_is_made() -> None:
    class NoFiles(VideoKit):
        def _page(self, got: Got, kind: tuple[str, ...], rows: list[dict[str, Any]]) -> Out:
            return super()._page(got, kind, [] if kind[2] == "files" else rows)

    with serving(NoFiles()) as service:
        report = judged(service, "videokit")

    assert any("no completed file" in text for text in report.not_checked)
    assert not [line for line in service.log if line.startswith("POST /vod")]


class Waiting(VideoKit):
    """Does not answer a change before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()

    def answer(self, got: Got) -> Out:
        if got.method == "PATCH":
            self.reached.set()
            self.go.wait(30)
        return super().answer(got)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_cleans_up(number: signal.Signals) -> None:
    program = [str(Path(sys.executable).with_name("testcard")), "live", "--api", "videokit", "--allow-writes"]
    waiting = Waiting()
    with serving(waiting) as service:
        command = [*program, "--base-url", service.url, "--delay", "0"]
        with subprocess.Popen(command, env={**os.environ, **ENV}, stdout=subprocess.DEVNULL) as process:
            assert waiting.reached.wait(60)
            process.send_signal(number)
            code = process.wait(60)
        waiting.go.set()

    assert code != 0
    assert waiting.made == {}
    assert written(waiting)[-1] == "DELETE /vod/v1/assets/made-0"


def test_a_step_can_be_made_only_as_often_as_it_is_listed() -> None:
    from testcard.live.talk import Talk

    subject = open_subject("videokit")
    talk = Talk(subject, Wire(["h"], 9), Addresses(subject, {}, "http://h"), CREDENTIALS["videokit"], NOW)
    for _ in range(2):
        with pytest.raises((MockError, UserError)):
            talk.ask("scratch-make", body={})
    with pytest.raises(MockError, match="left its step 'scratch-make'"):
        talk.ask("scratch-make", body={})
