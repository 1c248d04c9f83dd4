"""A client is judged alike wherever it runs, unless where it runs makes it wrong."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from kill_matrix import kill
from miniatures.registry import miniatures, of_script
from testcard.suite.budget import Budget
from testcard.suite.drivers import ProcessDriver
from testcard.suite.stage import Stage
from testcard.suite.subjects.videocentral import VideoCentral
from testcard.suite.verify import verify

EXAMPLES = Path(__file__).parents[1] / "examples" / "drivers"
COMMANDS = {
    "requests": [sys.executable, str(EXAMPLES / "python_requests.py")],
    "fetch": ["node", str(EXAMPLES / "node_fetch.mjs")],
}
SCRIPTS = Path(__file__).parent / "miniatures" / "videocentral"
ZONES = ("Asia/Tokyo", "America/Los_Angeles")
ABOUT_DATES = (
    "a window of days",
    "bounds on a report's very day",
    "leap day",
    "what changed since an instant",
    "an instant with an offset",
    "files with awkward cells",
    "told to wait until a date",
)


@pytest.fixture
def about_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [each for each in VideoCentral().named() if each.name in ABOUT_DATES]
    monkeypatch.setattr(VideoCentral, "named", lambda self: named)


@pytest.mark.usefixtures("about_dates")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_right_client_gets_the_same_verdict_in_every_zone(name: str) -> None:
    def verdict(zone: str) -> dict[str, Any]:
        driver = ProcessDriver(COMMANDS[name], env={**os.environ, "TZ": zone})
        found = verify(driver, "videocentral", Budget(examples=0, matrix=False, seconds=300)).as_json()
        return {part: found[part] for part in ("exitCode", "checked", "notChecked", "violations", "coverage")}

    east, west = [verdict(zone) for zone in ZONES]

    assert east["violations"] == []
    assert sum(east["checked"].values()) == len(ABOUT_DATES)
    assert east == west


@pytest.mark.parametrize("name", ["node-midnight-here", "node-day-here"])
def test_a_client_of_local_days_is_caught_only_away_from_greenwich(name: str) -> None:
    wrong = next(each for each in miniatures("videocentral") if each.name == name)
    script = SCRIPTS / "scripts.mjs"
    at_home = of_script("videocentral", script, name.removeprefix("node-"), wrong.area, wrong.bug, wrong.scenarios)
    scenarios = [each for each in VideoCentral().named() if each.name in wrong.scenarios]
    with Stage("videocentral") as stage:
        abroad, home = kill(wrong, stage, scenarios), kill(at_home, stage, scenarios)

    assert abroad.ran
    assert abroad.rules["intent"] == {"INT-01"}
    assert home.ran
    assert not home.killed
