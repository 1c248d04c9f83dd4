"""The example drivers are clients that the suite has nothing against."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kill_matrix import accusations
from testcard.suite.drivers import ProcessDriver
from testcard.suite.stage import Stage
from testcard.suite.subjects import open_subject

EXAMPLES = Path(__file__).parents[1] / "examples" / "drivers"
DRIVERS = {
    "python_requests.py": [sys.executable],
    "python_httpx.py": [sys.executable],
    "node_fetch.mjs": ["node"],
    "Driver.java": ["java"],
    "shell_curl_jq.sh": ["bash"],
}
SCENARIOS = (
    "a list of two pages and a bit: list_channels",
    "a window of several pages",
    "reports under awkward ids",
    "an account that there is not",
    "no ready token",
    "the token expires in the middle",
    "a page is not JSON",
    "the next link leads back",
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage("videocentral") as stage:
        yield stage


@pytest.mark.parametrize("name", DRIVERS)
def test_an_example_is_not_accused(stage: Stage, name: str) -> None:
    tools = [*DRIVERS[name], *(["curl", "jq"] if name.endswith(".sh") else [])]
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        pytest.skip(f"no {missing[0]} here")
    scenarios = [each for each in open_subject("videocentral").named() if each.name in SCENARIOS]
    found = accusations(ProcessDriver([*DRIVERS[name], str(EXAMPLES / name)]), stage, scenarios)

    assert len(scenarios) == len(SCENARIOS)
    assert [f"{each.rule} {each.scenario.name}: {each.message}" for each in found] == []


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == set(DRIVERS)
