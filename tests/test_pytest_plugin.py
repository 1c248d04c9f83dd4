"""The plugin, driven as users drive it: pytest runs on files of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import Mock, socket_server

pytest_plugins = ["pytester"]

HEAD = "import os, pytest, requests\n"


@pytest.fixture(autouse=True)
def nowhere_in_particular(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set, pytest's summary tells every failure once more, at length."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


def run(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + test)
    own_process = pytester.runpytest_subprocess if "-n" in options else pytester.runpytest_inprocess
    return own_process("-p", "no:cacheprovider", *options)


def test_each_test_has_a_world_of_its_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
seen = []

@pytest.mark.parametrize("number", [1, 2])
def test_world(testcard, number):
    assert list(testcard.rows["videocentral/accounts"].read())[0]["id"] != "1"
    testcard.rows["videocentral/accounts"].put([{"id": "1", "name": "One"}])
    answer = requests.get(f"{testcard.videocentral.url}/accounts", headers=bearer(testcard))
    assert [row["id"] for row in answer.json()["data"]] == ["1"]
    seen.append(testcard.id)
    assert len(set(seen)) == number

def bearer(testcard):
    return {"Authorization": f"Bearer {testcard.videocentral.token}"}
""",
    )

    result.assert_outcomes(passed=2)


def test_the_environment_is_set_and_restored(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_set(testcard):
    assert os.environ["TESTCARD_AMAGI_TOKEN"] == testcard.amagi.token

def test_restored():
    assert "TESTCARD_AMAGI_TOKEN" not in os.environ
""",
    )

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('requests.get(testcard.videocentral.url + "/acounts")', "*unmatched*did you mean '/apis/v1/accounts'*"),
        ('requests.get(testcard.videocentral.url + "/accounts")', "*auth: GET*"),
        (
            'requests.get(testcard.amagi.url, headers={"x-access-token": testcard.amagi.token})',
            "*contract: GET*query 'type'*",
        ),
    ],
)
def test_a_swallowed_refusal_fails_the_test(pytester: pytest.Pytester, call: str, said: str) -> None:
    result = run(pytester, f"def test_swallows(testcard):\n    {call}\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the client sent what it must not:*", said])


def test_a_test_that_fails_is_told_why(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("how", [pytest.fail, ValueError])
def test_fails(testcard, how):
    answer = requests.get(testcard.videocentral.url + "/acounts")
    if how is pytest.fail:
        pytest.fail("no accounts")
    raise ValueError(f"no accounts in {answer.status_code}")

def test_fails_for_itself(testcard):
    raise ValueError("not the client's fault")

def test_skips(testcard):
    requests.get(testcard.videocentral.url + "/acounts")
    pytest.skip("later")
""",
    )

    result.assert_outcomes(failed=3, skipped=1)
    assert str(result.stdout).count("the client sent what it must not:") == 2
    result.stdout.fnmatch_lines(["*no accounts in 404*", "*unmatched: GET*did you mean '/apis/v1/accounts'*"])


def test_what_is_sent_beside_the_test_counts_too(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.fixture
def client(testcard):
    yield
    requests.get(testcard.videocentral.url + "/cleared")

def test_passes(client):
    pass

class TestMethods:
    @pytest.fixture(autouse=True)
    def before(self, testcard):
        requests.get(testcard.videocentral.url + "/prepared")

    def test_passes(self):
        pass

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_waits(testcard):
    requests.get(testcard.videocentral.url + "/awaited")
""",
    )

    result.assert_outcomes(passed=1, errors=1, failed=2)
    shown = str(result.stdout)
    assert [shown.count(f"apis/v1/{word} ->") for word in ("cleared", "prepared", "awaited")] == [1, 1, 1]
    assert "pytest_plugin.py" not in shown


def test_what_the_journal_has_dropped_still_counts(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_long(testcard, testcard_server):
    testcard_server.switchboard.worlds.get(testcard.id).journal.entry_limit = 1
    headers = {"Authorization": f"Bearer {testcard.videocentral.token}"}
    for sent in ({}, headers, headers):
        requests.get(testcard.videocentral.url + "/accounts", headers=sent)

def test_long_and_expected(testcard, testcard_server):
    testcard.expect("auth")
    test_long(testcard, testcard_server)

def test_a_reset_forgives_nothing(testcard):
    requests.get(testcard.videocentral.url + "/accounts")
    testcard.reset()
""",
    )

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*auth: 1 more, which the journal has dropped since*"])


def test_moments_are_taken_as_datetimes_too(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from datetime import datetime, timedelta, timezone
noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

@pytest.mark.testcard(now=noon)
def test_moved(testcard):
    assert testcard.clock.now == "2026-03-01T12:00:00Z"
    assert testcard.clock.advance(timedelta(hours=1)) == "2026-03-01T13:00:00Z"
    testcard.clock.set(noon)
    assert testcard.clock.now == "2026-03-01T12:00:00Z"
    testcard.clock.set(noon.date())
    assert testcard.clock.now == "2026-03-01T00:00:00Z"

@pytest.mark.testcard(now=datetime(2026, 3, 1, 12))
def test_without_a_zone(testcard):
    pass
""",
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*'2026-03-01T12:00:00' has no offset*"])


def test_what_a_test_is_about_is_expected(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_by_verdict(testcard):
    testcard.expect("auth")
    requests.get(testcard.videocentral.url + "/accounts")

def test_not_more_than_that(testcard):
    testcard.expect("auth")
    requests.get(testcard.videocentral.url + "/acounts")
""",
    )

    result.assert_outcomes(passed=1, failed=1)


def test_the_marker_makes_the_world(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.testcard(seed=5, profile="empty", now="2026-03-01T00:00:00Z", dialect="observed", reading="VC-01=pages",
                      faults=[{"kind": "status", "status": 500, "when": {"first": 1}}])
def test_made(testcard):
    assert testcard.clock.now == "2026-03-01T00:00:00Z"
    assert testcard.readings["VC-01"] == "pages"
    assert requests.get(testcard.videocentral.url + "/accounts").status_code == 500
    next(iter(testcard.faults)).assert_fired(1)

@pytest.mark.testcard(sede=5)
def test_typo(testcard):
    pass
""",
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*did you mean 'seed'*"])


def test_dialects_and_weathers_multiply(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.testcard(dialects=["documented", "observed"], weathers=["calm", "storm"])
def test_all(testcard):
    pass
""",
        "-v",
    )

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*test_all?documented-calm*", "*test_all?observed-storm*"])


def test_there_are_transports_without_a_socket(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_transports(testcard):
    headers = {"Authorization": f"Bearer {testcard.videocentral.token}"}
    url = f"{testcard.videocentral.url}/accounts"
    by_requests = testcard.requests_session().get(url, headers=headers)
    assert by_requests.json() == testcard.httpx_client().get(url, headers=headers).json()
    with testcard.intercept():
        assert requests.get("https://videocentral.amazon.com/apis/v1/accounts", headers=headers).json()["total"] == 12
""",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("shared", [False, True])
def test_workers_do_not_meet(pytester: pytest.Pytester, shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    test = """
@pytest.mark.parametrize("number", range(12))
def test_worlds(testcard, number):
    testcard.rows["videocentral/accounts"].put([{"id": str(number), "name": "mine"}])
    headers = {"Authorization": f"Bearer {testcard.videocentral.token}"}
    for _ in range(5):
        data = requests.get(f"{testcard.videocentral.url}/accounts", headers=headers).json()["data"]
        assert [row["id"] for row in data] == [str(number)]
    assert len(testcard.journal.entries()) == 5
"""
    mock = Mock()
    with socket_server(mock) as url:
        if shared:
            monkeypatch.setenv("TESTCARD_URL", url)
        result = run(pytester, test, "-n", "2")

        result.assert_outcomes(passed=12)
        assert len(mock.switchboard.worlds) == 1, "every test drops its world"


def test_it_costs_nothing_until_it_is_used() -> None:
    large = ("flask", "uvicorn", "numpy", "requests", "jsonschema_rs")
    code = f"import sys, testcard.pytest_plugin; print([m for m in sys.modules if m.startswith({large})])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))

    assert ran.stdout.strip() == "[]"


def test_the_example_of_the_readme_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile((Path(__file__).parent / "test_readme_example.py").read_text(encoding="utf-8"))

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=5)
