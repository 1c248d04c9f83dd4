"""The example workflow is YAML, says what the commands understand, and uses the reports that it has written."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from testcard.cli import main
from testcard.suite.reports import FORMATS
from testcard.suite.subjects import SUBJECTS

FILE = Path(__file__).parents[1] / "examples" / "github-workflow.yml"


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())["jobs"]["verify"]["steps"]
    return found


def options_of(command: str) -> dict[str, Any]:
    """What the command line's own parser makes of it; it raises where something is unknown."""
    name, verb, *words = shlex.split(command)
    assert name == "testcard"
    return main.commands[verb].make_context(verb, words).params


def test_its_commands_are_understood(steps: list[dict[str, Any]]) -> None:
    commands = [step["run"] for step in steps if step.get("run", "").startswith("testcard ")]
    doctor, verify = map(options_of, commands)

    assert doctor["driver"] == verify["driver"] == "$DRIVER"
    assert doctor["api"] in SUBJECTS
    assert set(verify["apis"]) <= set(SUBJECTS)
    assert {each.partition("=")[0] for each in verify["reports"]} <= set(FORMATS)


def test_it_uses_the_reports_it_has_written(steps: list[dict[str, Any]]) -> None:
    verify = next(step["run"] for step in steps if step.get("run", "").startswith("testcard verify"))
    paths = dict(each.partition("=")[::2] for each in options_of(verify)["reports"])
    used = {name: value for step in steps for name, value in step.get("with", {}).items()}

    assert used["report_paths"] == paths["junit"]
    assert used["sarif_file"] == paths["sarif"]
    assert {path.partition("/")[0] for path in paths.values()} == {used["path"]}
    assert any(step.get("run") == f"cat {paths['github']}" for step in steps)


def test_what_follows_a_verdict_runs_whatever_it_is(steps: list[dict[str, Any]]) -> None:
    at = next(number for number, step in enumerate(steps) if "verify" in step.get("run", ""))

    assert {step.get("if") for step in steps[at + 1 :]} == {"always()"}


def test_it_judges_an_example_that_there_is() -> None:
    driver = yaml.safe_load(FILE.read_text())["jobs"]["verify"]["env"]["DRIVER"]

    assert (FILE.parents[1] / driver.split()[-1]).is_file()
