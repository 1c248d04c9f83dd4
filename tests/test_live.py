"""The live judge on second servers of our own, which are not the mocks: what is planted is found, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from independent.amagi import Amagi
from independent.base import Service, serving
from independent.ibmvideo import IbmVideo
from independent.planted import DRIFTS, READINGS, VIOLATIONS
from independent.videocentral import VideoCentral
from independent.videokit import VideoKit
from support import Mock, socket_server
from testcard.contract import open_ledger
from testcard.errors import NotReady, UserError
from testcard.live.addresses import Addresses
from testcard.live.recording import Recording
from testcard.live.report import Report
from testcard.live.subject import SUBJECTS, open_subject
from testcard.live.walking import calls_of, judge_service, open_wire
from testcard.live.wire import Wire

NOW = datetime(2026, 3, 2, 12, 0, 17, tzinfo=UTC)
CREDENTIALS: dict[str, dict[str, str]] = {
    "videocentral": {"CLIENT_ID": "client-1", "CLIENT_SECRET": "hush-hush", "REFRESH_TOKEN": "Atzr|old"},
    "ibmvideo": {"CLIENT_ID": "client-1", "CLIENT_SECRET": "s3cret-s3cret"},
    "amagi": {"TOKEN": "0b8e5a5e-0000-4000-8000-000000000000"},
    "videokit": {"API_KEY": "k3y-k3y-k3y", "TENANT_ID": "t-1"},
}
APIS = list(CREDENTIALS)
GIVEN = {"SCHEDULES": "daily-1,weekly-2"}


def service_of(api: str, readings: Mapping[str, str] | None = None, *planted: str) -> Service:
    if api == "videocentral":
        return VideoCentral(readings, *planted)
    if api == "videokit":
        return VideoKit(readings, *planted)
    kind = IbmVideo if api == "ibmvideo" else Amagi
    return kind(NOW, dict(readings or {}), *planted)


def judged(service: Service, api: str, **more: Any) -> Report:
    """Walk a service that is being served."""
    subject = open_subject(api)
    addresses = Addresses(subject, {}, service.url)
    writes = bool(subject.write)
    options = {"budget": 100, "delay_s": 0.0, "writes": writes, **more}
    wire = open_wire(subject, addresses, **options)
    wire.sleep = lambda _: None
    return judge_service(subject, wire, addresses, CREDENTIALS[api], NOW, given=GIVEN, writes=options["writes"])


def report_on(api: str, readings: Mapping[str, str] | None = None, *planted: str) -> Report:
    """Judge a service over HTTPS, by the certificates of an authority of our own."""
    with tempfile.TemporaryDirectory() as folder, serving(service_of(api, readings, *planted), Path(folder)) as service:
        assert service.url.startswith("https://")
        return judged(service, api, ca_file=f"{folder}/ca.pem")


@pytest.mark.parametrize("api", APIS)
def test_a_service_as_documented_is_good(api: str) -> None:
    report = report_on(api)
    ledger = open_ledger((api,)).entries

    assert (report.violations, report.drift) == ([], [])
    assert set(report.relations.values()) == {True}
    assert report.readings == {identity: ledger[identity].documented for identity in report.readings}
    untold = {each.id for each in open_subject(api).detectors} - set(report.readings)
    assert untold <= {"AM-76", "VK-046"}  # a file without data, an asset that is still being made


@pytest.mark.parametrize(
    ("api", "reading"), [(api, reading) for api, readings in READINGS.items() for reading in readings.split()]
)
def test_a_reading_is_found_and_no_other(api: str, reading: str) -> None:
    identity, _, name = reading.partition("=")
    report = report_on(api, {identity: name})
    ledger = open_ledger((api,)).entries

    assert (report.violations, report.drift) == ([], [])
    others = {each: told for each, told in report.readings.items() if told != ledger[each].documented}
    assert others == {identity: name}


@pytest.mark.parametrize(("api", "planted"), DRIFTS)
def test_drift_is_found_and_is_no_failure(api: str, planted: str) -> None:
    report = report_on(api, None, planted)
    rule, operation, place = DRIFTS[api, planted]

    assert report.violations == []
    assert {each.rule for each in report.drift} == {rule}
    assert (operation, place) in {(each.operation, each.place) for each in report.drift}
    assert (report.exit_code(), report.exit_code(fail_on_drift=True)) == (0, 1)


@pytest.mark.parametrize(("api", "planted"), VIOLATIONS)
def test_what_cannot_be_is_a_violation(api: str, planted: str) -> None:
    report = report_on(api, None, planted)

    assert VIOLATIONS[api, planted] <= {each.rule for each in report.violations}
    assert report.drift == []
    assert report.exit_code() == 1


@pytest.mark.parametrize("dialect", ["documented", "observed"])
@pytest.mark.parametrize("api", APIS)
def test_the_mocks_are_read_as_they_were_told(api: str, dialect: str) -> None:
    mock = Mock(api, dialect=dialect)
    subject = open_subject(api)
    writes, given = bool(subject.write), {"SCHEDULES": "20411,20412"}
    with socket_server(mock) as url:
        addresses = Addresses(subject, {}, f"{url}/{api}")
        wire = open_wire(subject, addresses, budget=100, delay_s=0, writes=writes)
        report = judge_service(subject, wire, addresses, mock.env(api), mock.world.now(), given=given, writes=writes)

    assert (report.violations, report.drift, report.left_behind) == ([], [], ())
    assert [name for name, held in report.relations.items() if held is None] == UNTOLD.get(api, [])
    assert len(report.readings) > 16
    assert report.readings == {identity: mock.world.reading(identity) for identity in report.readings}


UNTOLD = {"videocentral": ["modified-since"]}  # its story has more reports than one page


@pytest.mark.parametrize("api", APIS)
def test_only_reads_are_allowed(api: str) -> None:
    subject = open_subject(api)

    for operation, why in subject.allowed():
        assert operation.method == "GET" or why != "read"
        assert operation.method == "GET" or operation.id in (subject.token_operation, *subject.queries)
        assert operation.id not in subject.writes
    assert subject.writes.isdisjoint(subject.queries)


def test_the_wire_refuses_other_hosts_and_methods() -> None:
    wire = Wire(["127.0.0.1:1"], 10, 0)

    with pytest.raises(UserError, match=r"elsewhere\.example: not one of 127\.0\.0\.1:1; nothing was sent"):
        wire.send("GET", "https://elsewhere.example/apis", {})
    with pytest.raises(UserError, match="only reads are sent"):
        wire.send("DELETE", "http://127.0.0.1:1/x", {})
    with pytest.raises(UserError, match="only reads are sent"):
        wire.send("POST", "http://127.0.0.1:1/x", {})
    assert wire.sent == 0


@pytest.mark.parametrize("api", APIS)
def test_the_walk_makes_no_call_that_the_dry_run_does_not_list(api: str) -> None:
    subject = open_subject(api)
    with serving(service_of(api)) as service:
        report = judged(service, api, writes=False)
        listed = calls_of(subject, Addresses(subject, {}, service.url), with_token=bool(subject.token_operation))

    most = sum(int(line.split(" x ")[0]) for line in listed)
    assert report.requests == len(service.log) <= most <= 60
    posted = {line for line in service.log if not line.startswith("GET ")} - {
        "POST /auth/o2/token",
        "POST /oauth2/token",
    }
    assert all(line.startswith("POST /streaming/v1/analytics/") for line in posted)


def test_no_more_is_asked_than_the_budget_allows() -> None:
    with serving(service_of("ibmvideo")) as service:
        report = judged(service, "ibmvideo", budget=5)

    assert len(service.log) == report.requests == 5
    assert report.ended_early == "the budget of 5 requests is used up"
    assert report.exit_code() == 0


def test_retry_after_is_honoured_and_requests_are_apart() -> None:
    service = service_of("videocentral", None, "busy-once")
    subject, waits = open_subject("videocentral"), list[float]()
    with serving(service):
        addresses = Addresses(subject, {}, service.url)
        wire = open_wire(subject, addresses, budget=100, delay_s=0.5)
        wire.sleep = waits.append
        report = judge_service(subject, wire, addresses, CREDENTIALS["videocentral"], NOW)

    assert waits[:4] == [0.5, 7.0, 0.5, 0.5]
    assert len(waits) == report.requests  # one between any two, and the one that was asked for
    assert report.violations == []


@pytest.mark.parametrize("wrong", ["TOKEN", "REFRESH_TOKEN"])
def test_a_refusal_ends_the_walk_at_once(wrong: str) -> None:
    subject = open_subject("videocentral")
    with serving(service_of("videocentral")) as service:
        addresses = Addresses(subject, {}, service.url)
        wire = open_wire(subject, addresses, budget=100, delay_s=0)
        with pytest.raises(NotReady, match="refused with 40"):
            judge_service(subject, wire, addresses, {**CREDENTIALS["videocentral"], wrong: "not-mine"}, NOW)

    assert len(service.log) == 1


@pytest.mark.parametrize("api", APIS)
def test_every_relation_has_been_seen_to_break(api: str) -> None:
    broken = {rule for (name, _), rules in VIOLATIONS.items() if name == api for rule in rules}

    assert {each.name for each in open_subject(api).relations} <= broken


def manual() -> str:
    return (Path(__file__).parent.parent / "docs" / "live.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("api", SUBJECTS)
def test_the_manual_lists_every_call_relation_and_reading(api: str) -> None:
    subject = open_subject(api)
    addresses = Addresses(subject, {"TENANT_NAME": "your-tenant"})
    calls = calls_of(subject, addresses, with_token=bool(subject.token_operation), writes=True)
    relations = [f"* {each.name}: {each.sentence}" for each in subject.relations]
    readings = f"Readings that are told apart: {', '.join(each.id for each in subject.detectors)}."

    assert [line for line in [*calls, *relations, readings] if line not in manual()] == []


def test_the_manual_lists_what_was_planted() -> None:
    """At least twenty over the four, and each of them is a case of the tests above."""
    readings = [
        f"| {api} | reading `{reading}` | this service answers {reading} |"
        for api, names in READINGS.items()
        for reading in names.split()
    ]
    drifts = [
        f"| {api} | drift `{name}` | drift {rule} at {operation} `{place}` |"
        for (api, name), (rule, operation, place) in DRIFTS.items()
    ]
    violations = [
        f"| {api} | `{name}` | violation of {', '.join(sorted(rules))} |" for (api, name), rules in VIOLATIONS.items()
    ]
    table = [line for line in manual().splitlines() if line.startswith(tuple(f"| {api} |" for api in APIS))]

    counts = f"{len(readings)} readings, {len(drifts)} drifts and {len(violations)} things that cannot be."
    assert sorted(table) == sorted([*readings, *drifts, *violations])
    assert f"{len(table)} in all: {counts}" in manual()
    assert min(sum(line.startswith(f"| {api} |") for line in [*readings, *drifts]) for api in APIS) >= 5


def test_the_manuals_drift_report_is_what_is_printed(tmp_path: Path) -> None:
    planted = ("new-field", "nested-new-field", "new-value", "wider-type", "absent")
    subject = open_subject("videocentral")
    recording = Recording(tmp_path, subject, NOW)
    with serving(
        service_of("videocentral", {"VC-01": "pages", "VC-05": "missing", "VC-13": "sometimes"}, *planted)
    ) as service:
        report = judged(service, "videocentral")
    recording.finish(report)

    assert "\n".join(["```text", *report.lines(), "```"]) in manual()
