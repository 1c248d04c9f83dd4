"""A driver that breaks the protocol is told so plainly; a client that hangs or dies is an outcome."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner

from testcard.cli import main
from testcard.errors import UserError
from testcard.suite.drivers import AdapterDriver, ProcessDriver, load_adapter
from testcard.suite.protocol import Asked, DriverError

SCRIPT = Path(__file__).with_name("drivers_for_tests.py")
ASKED = Asked("list_accounts", {}, {"TESTCARD_URL": "http://127.0.0.1:1"}, fresh=True)


def driver(way: str, **options: Any) -> ProcessDriver:
    return ProcessDriver([sys.executable, str(SCRIPT), way], **options)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("dies-at-once", "exit code 1 before it answered hello: cannot import my client"),
        ("prints-first", "not JSON: 'Debugger attached.'; print everything else to standard error"),
        ("not-an-object", "expected a JSON object"),
        ("other-protocol", "'introduced' answer: /protocol"),
        ("answers-ok", "answered hello with 'ok'"),
    ],
)
def test_a_bad_introduction_is_told(way: str, said: str) -> None:
    with pytest.raises(DriverError) as error, driver(way):
        pass

    assert said in str(error.value)


def test_silence_is_told() -> None:
    with (
        pytest.raises(DriverError, match=r"did not answer hello within 0\.3 s"),
        driver("never-introduces", hello_s=0.3),
    ):
        pass


def test_a_command_that_there_is_not_is_told() -> None:
    with pytest.raises(DriverError, match="cannot run '/no/such/client'"), ProcessDriver("/no/such/client --fast"):
        pass


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("wrong-id", "answered call -7; expected 1"),
        ("wrong-type", "type 'maybe'; expected one of introduced, ok"),
        ("no-class", "the driver's 'failed' answer"),
        ("rows-and-value", "the driver's 'ok' answer"),
        ("unknown-class", "the driver's 'failed' answer: /class"),
        ("rows-are-an-object", "the driver's 'ok' answer: /rows"),
        ("prints", "not JSON: 'GET /accounts'"),
    ],
)
def test_a_bad_answer_is_told(way: str, said: str) -> None:
    with driver(way) as client, pytest.raises(DriverError) as error:
        client.call(ASKED, 10)

    assert said in str(error.value)


def test_a_hang_is_an_outcome_and_the_driver_is_started_anew() -> None:
    with driver("hangs") as client:
        assert client.call(ASKED, 0.5).kind == "hung"
        assert client.restarts == 0
        assert client.call(ASKED, 0.5).kind == "hung"
        assert client.restarts == 1


def test_a_crash_is_an_outcome_and_says_how() -> None:
    with driver("crashes") as client:
        outcome = client.call(ASKED, 10)
        assert (outcome.kind, outcome.message) == (
            "crashed",
            "the driver ended with exit code 3 instead of an answer",
        )
        assert client.call(ASKED, 10).kind == "crashed"
        assert client.restarts == 1


@pytest.mark.parametrize(
    ("way", "kind"), [("errs", "errored"), ("skips", "skipped"), ("fails", "failed"), ("without-traffic", "ok")]
)
def test_each_answer_is_its_outcome(way: str, kind: str) -> None:
    with driver(way) as client:
        assert client.client == "a test"
        assert client.operations == {"list_accounts"}
        assert client.call(ASKED, 10).kind == kind


def test_what_it_writes_to_stderr_is_kept() -> None:
    with driver("talks") as client:
        client.call(ASKED, 10)
        client.call(ASKED, 10)
        assert "a secret" in client.said()


LET_GO = threading.Event()  # ends a hang


class Adapter:
    """Does as the operation's name says."""

    operations: ClassVar = frozenset({"returns", "raises", "skips", "prints", "hangs", "spoils", "breaks"})

    def call(self, operation: str, arguments: dict[str, Any], env: dict[str, str], fresh: bool) -> Any:
        match operation:
            case "raises":
                raise ValueError("no")
            case "skips":
                raise NotImplementedError
            case "prints":
                print("to out")
                print("to err", file=sys.stderr)
            case "hangs":
                LET_GO.wait(5)
            case "spoils":
                arguments["ids"].clear()
            case "breaks":
                return {"rows": {}}
        return [] if operation == "hangs" else [arguments]

    def classify(self, error: Exception) -> tuple[str, int]:
        return "invalid", 400


def adapted(operation: str, **arguments: Any) -> AdapterDriver:
    client = AdapterDriver(Adapter())
    client.start()
    return client


def test_an_adapter_is_the_same_in_process() -> None:
    client = adapted("returns")

    assert client.client == "Adapter"
    assert client.call(Asked("returns", {"day": "2026-03-01"}, {}), 5).rows == [{"day": "2026-03-01"}]
    failed = client.call(Asked("raises", {}, {}), 5)
    assert (failed.kind, failed.failure, failed.status, failed.message) == ("failed", "invalid", 400, "ValueError: no")
    assert client.call(Asked("skips", {}, {}), 5).kind == "skipped"


def test_an_adapter_that_breaks_the_protocol_is_told() -> None:
    with pytest.raises(DriverError, match="/rows"):
        adapted("breaks").call(Asked("breaks", {}, {}), 5)


def test_an_adapter_that_returns_no_data_is_told() -> None:
    with pytest.raises(DriverError, match="returned what JSON has not"):
        adapted("returns").call(Asked("returns", {"object": object()}, {}), 5)


def test_an_adapter_that_hangs_is_left_alone() -> None:
    LET_GO.clear()
    assert adapted("hangs").call(Asked("hangs", {}, {}), 0.1).kind == "hung"
    LET_GO.set()


def test_what_an_adapter_does_to_its_arguments_is_its_own_matter() -> None:
    arguments = {"ids": ["1"]}
    assert adapted("spoils").call(Asked("spoils", arguments, {}), 5).rows == [{"ids": []}]
    assert arguments == {"ids": ["1"]}


def test_what_an_adapter_prints_is_kept_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    client = adapted("prints")
    client.call(Asked("prints", {}, {}), 5)

    assert client.said() == "to out\nto err\n"
    assert client.said() == ""
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("to out\n", "to err\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing", "expected module:Name"), ("no_such_module:A", "No module named"), ("json:Nothing", "no attribute")],
)
def test_an_adapter_that_cannot_be_loaded_is_told(name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        load_adapter(name)


DOCTOR = {
    "dies-at-once": "before it answered hello",
    "prints-first": "not JSON: 'Debugger attached.'",
    "unknown-operations": "none of fetch_everything is one of",
    "wrong-id": "expected 1",
    "wrong-type": "type 'maybe'",
    "prints": "not JSON",
    "crashes": "crashed",
    "errs": "errored: the shim is broken",
    "fails": "failed (auth): no token; 0 requests were sent",
    "without-traffic": "without sending a request; does it use the addresses in env?",
}


@pytest.mark.parametrize(("way", "said"), DOCTOR.items())
def test_the_doctor_finds_what_is_wrong(way: str, said: str) -> None:
    result = CliRunner().invoke(main, ["doctor", "--driver", f"{sys.executable} {SCRIPT} {way}"])

    assert said in result.output
    assert result.exit_code == 1


def test_the_doctor_finds_nothing_wrong_with_the_example() -> None:
    example = Path(__file__).parents[1] / "examples" / "drivers" / "python_requests.py"
    result = CliRunner().invoke(main, ["doctor", "--driver", f"{sys.executable} {example}"])

    assert result.exit_code == 0, result.output
    assert "good  download_report is answered without a ready token" in result.output


def test_the_doctor_ends_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testcard.suite.doctor._CALL_S", 0.5)
    result = CliRunner().invoke(main, ["doctor", "--driver", f"{sys.executable} {SCRIPT} hangs"])

    assert "hung: no answer within 0.5 s" in result.output
