"""Recordings hold nothing personal, and are judged again exactly as the service was."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from independent.amagi import Amagi
from independent.base import Service, serving
from independent.ibmvideo import IbmVideo
from independent.videocentral import VideoCentral
from independent.videokit import VideoKit
from support import Mock, socket_server
from testcard.cli import main
from testcard.errors import UserError
from testcard.live.addresses import Addresses
from testcard.live.recording import Recording, readings_from, replay, snapshots
from testcard.live.redacting import Redactor
from testcard.live.report import Report
from testcard.live.seen import Answer
from testcard.live.subject import open_subject
from testcard.live.walking import judge_service, open_wire

NOW = datetime(2026, 3, 2, 12, 0, 17, tzinfo=UTC)
CREDENTIALS = {
    "videocentral": {"CLIENT_ID": "client-1", "CLIENT_SECRET": "hush-hush", "REFRESH_TOKEN": "Atzr|old"},
    "ibmvideo": {"CLIENT_ID": "client-1", "CLIENT_SECRET": "s3cret-s3cret"},
    "amagi": {"TOKEN": "0b8e5a5e-0000-4000-8000-000000000000"},
    "videokit": {"API_KEY": "k3y-k3y-k3y", "TENANT_ID": "t-1"},
}
CASES: dict[str, Any] = {
    "videocentral": lambda: VideoCentral({"VC-01": "pages", "VC-05": "missing"}, "new-field", "overlap"),
    "ibmvideo": lambda: IbmVideo(NOW, {"IB-01": "data", "IB-07": "integer"}, "new-value", "union-broken"),
    "amagi": lambda: Amagi(NOW, {"AM-10": "one-required", "AM-62": "plural"}, "new-field", "overlap"),
    "videokit": lambda: VideoKit({"VK-167": "value-only", "VK-028": "created"}, "new-field", "undead"),
}


def record(service: Service, api: str, folder: Path, when: datetime = NOW) -> Report:
    subject = open_subject(api)
    recording = Recording(folder, subject, when, key=b"for the test")
    with serving(service):
        addresses = Addresses(subject, {}, service.url)
        writes = bool(subject.write)
        wire = open_wire(subject, addresses, budget=100, delay_s=0, writes=writes)
        given = {"SCHEDULES": "daily-1,weekly-2"}
        report = judge_service(
            subject, wire, addresses, CREDENTIALS[api], NOW, recording.add, given=given, writes=writes
        )
    recording.finish(report)
    return report


@pytest.mark.parametrize("api", CASES)
def test_a_recording_is_judged_as_the_service_was(api: str, tmp_path: Path) -> None:
    live = record(CASES[api](), api, tmp_path)
    again = replay(snapshots(tmp_path)[api][-1])

    assert {each.rule for each in live.violations} == {each.rule for each in again.violations} != set()
    assert [str(each) for each in again.drift] == [str(each) for each in live.drift] != []
    assert (again.relations, again.readings) == (live.relations, live.readings)


@pytest.mark.parametrize("api", CASES)
def test_a_recording_of_the_mocks_is_as_good_as_they_are(api: str, tmp_path: Path) -> None:
    """Redaction leaves a text in its shape; where that is not enough for its schema, the recording says so."""
    mock, subject = Mock(api), open_subject(api)
    recording = Recording(tmp_path, subject, NOW, key=b"for the test")
    with socket_server(mock) as url:
        addresses = Addresses(subject, {}, f"{url}/{api}")
        wire = open_wire(subject, addresses, budget=100, delay_s=0)
        live = judge_service(subject, wire, addresses, mock.env(api), mock.world.now(), recording.add)
    recording.finish(live)
    again = replay(snapshots(tmp_path)[api][-1])

    assert (again.violations, again.drift) == ([], [])
    assert (again.relations, again.readings) == (live.relations, live.readings)


def test_what_redaction_breaks_is_not_held_against_the_service(tmp_path: Path) -> None:
    """The kind of a file is one of a few words, which its schema spells in a pattern; what was wrong is wrong again."""
    recording = Recording(tmp_path, open_subject("videokit"), NOW, key=b"for the test")
    times = {"createDate": "2026-01-01T00:00:00Z", "lastModificationDate": "yesterday"}
    data = {"id": "a", "status": "Available", **times, "sources": [{"fileId": "f", "fileTypesFlag": "Video"}]}
    recording.add(Answer("", "get_vod_asset", {"id": "a"}, {}, 200, {"content-type": "application/json"}, data))
    recording.finish(Report("videokit", ""))
    again = replay(snapshots(tmp_path)["videokit"][-1])

    assert [each.place for each in again.violations] == ["/lastModificationDate"]


@pytest.mark.parametrize("api", CASES)
def test_nothing_personal_or_secret_is_kept(api: str, tmp_path: Path) -> None:
    record(CASES[api](), api, tmp_path)
    kept = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())

    words = [
        "0042",
        "Acme",
        "amzn1.weekly",
        "example.org",
        "viewer0",
        "Berlin",
        "1234567890",
        "Signature",
        "files.example",
    ]
    secrets = [
        "hush",
        "s3cret",
        "Atz",
        "aa.bb.cc",
        "client-1",
        "gold",
        "0b8e5a5e",
        "amg00001",
        "Title",
        "127.0.0.1",
        "7003",
        '"c1"',
        "k3y",
        "weekly-2",
        "vod-assets",
        "preset_",
        "testcard-live-scratch",
    ]
    assert [word for word in words + secrets if word in kept] == []


def test_one_value_becomes_one_other_everywhere() -> None:
    subject = open_subject("ibmvideo")
    redactor = Redactor(subject, b"key")
    data = {"resources": [{"content_id": 7003, "viewer_identifier": "Ann.Lee7@example.org"}, {"content_id": "7003"}]}
    kept = redactor.answer(Answer("", "list_views", {}, {"content_id": "7003"}, 200, {}, data))

    number, text = (row["content_id"] for row in kept.data["resources"])
    assert str(number) == text == kept.query["content_id"] != "7003"
    name = kept.data["resources"][0]["viewer_identifier"]
    assert (len(name), name[3], name[8], name[0].isupper()) == (20, ".", "@", True)
    assert Redactor(subject).answer(Answer("", "", {}, {}, 200, {}, data)) != kept  # another recording, another key


def test_a_query_is_kept_by_its_words_and_without_its_values() -> None:
    redactor = Redactor(open_subject("videokit"), b"key")
    condition = {"name": "VIDEO_TITLE", "operator": "EQ", "value": "Secret Pilot"}
    asked = {
        "dimension": "IMPRESSION_ID",
        "start": "2026-02-01T00:00:00Z",
        "groupBy": ["COUNTRY"],
        "filters": [condition],
    }
    data = {"rows": [["Secret Pilot", 3]], "columnLabels": [{"key": "VIDEO_TITLE", "label": "Secret Pilot"}]}
    kept = redactor.answer(Answer("", "get_queries_count", {}, {}, 200, {}, data, "", asked))

    value = kept.asked["filters"][0]["value"]
    assert kept.asked == {**asked, "filters": [{**condition, "value": value}]}
    assert kept.data["rows"] == [[value, 3]]
    assert kept.data["columnLabels"] == [{"key": "VIDEO_TITLE", "label": value}]
    assert (len(value), value[6], value == "Secret Pilot") == (12, " ", False)


def test_drift_keeps_the_date_it_was_first_seen(tmp_path: Path) -> None:
    record(VideoCentral({}, "new-field"), "videocentral", tmp_path)
    report = record(VideoCentral({}, "new-field", "absent"), "videocentral", tmp_path, NOW + timedelta(days=3))

    dates = {each["rule"]: each["firstSeen"] for each in report.as_json()["drift"]}
    assert dates == {"new-field": "2026-03-02", "absent": "2026-03-05"}
    assert any("first seen 2026-03-02" in line for line in report.lines())
    assert len(snapshots(tmp_path)["videocentral"]) == 2


def test_replay_needs_no_network_and_has_the_exit_codes(tmp_path: Path) -> None:
    record(VideoCentral({"VC-11": "newest-first"}, "new-field"), "videocentral", tmp_path)
    good = CliRunner().invoke(main, ["replay", str(tmp_path)])
    strict = CliRunner().invoke(main, ["replay", str(tmp_path), "--fail-on", "drift", "--json"])

    assert (good.exit_code, strict.exit_code) == (0, 1)
    assert "this service answers VC-11=newest-first  (documented: oldest-first)" in good.output
    (tmp_path / "empty").mkdir()
    assert CliRunner().invoke(main, ["replay", str(tmp_path / "empty")]).exit_code == 2


def test_the_mocks_take_over_the_readings_of_a_recording(tmp_path: Path) -> None:
    record(VideoCentral({"VC-11": "newest-first", "VC-25": "tuesday"}), "videocentral", tmp_path)
    readings = readings_from(tmp_path)

    assert readings["VC-11"] == "newest-first"
    assert "VC-25" not in readings  # noted: the mock always takes one
    with pytest.raises(UserError, match="no recording there"):
        readings_from(tmp_path / "videocentral")


def test_serve_reads_the_document_as_the_recorded_service_did(tmp_path: Path) -> None:
    record(VideoCentral({"VC-11": "newest-first", "VC-12": "exclusive", "VC-03": "refused"}), "videocentral", tmp_path)
    record(IbmVideo(NOW, {"IB-01": "data"}), "ibmvideo", tmp_path)
    options = ["--now", "2026-03-02T12:00:00Z", "--readings-from", str(tmp_path), "--reading", "VC-12=inclusive"]
    with served(*options) as url:
        found = requests.get(f"{url}/_testcard/readings", timeout=10).json()["readings"]
        env = requests.get(f"{url}/_testcard/credentials", timeout=10).json()
        headers = {"Authorization": env["TESTCARD_IBMVIDEO_TOKEN"]}
        period = {"date_time_from": "2026-03-01T12:00:00Z", "date_time_to": "2026-03-01T12:10:00Z"}
        views = requests.get(f"{env['TESTCARD_IBMVIDEO_URL']}/views", period, headers=headers, timeout=30).json()

    in_force = {each["id"]: each["inForce"] for each in found}
    wanted = {"VC-11": "newest-first", "VC-12": "inclusive", "VC-03": "refused", "IB-01": "data", "IB-02": "pages"}
    assert in_force.items() >= wanted.items()  # an option goes before the recording
    assert "data" in views


@contextlib.contextmanager
def served(*options: str) -> Iterator[str]:
    """The mocks, by the command."""
    program = [str(Path(sys.executable).with_name("testcard")), "serve", "--port", "0", *options]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        try:
            yield ready.split("url=")[1].split()[0]
        finally:
            process.terminate()
