"""`testcard verify -- CMD` judges a command by its traffic, and by nothing else."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from testcard.cli import main

BEGIN = """
import os, requests
url = os.environ["TESTCARD_VIDEOCENTRAL_URL"]
session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["TESTCARD_VIDEOCENTRAL_TOKEN"]
"""
WALK = """
link = url + "/accounts?limit=2"
while link:
    page = session.get(link).json()
    link = page["next"]
"""


def verified(tmp_path: Path, body: str, *options: str) -> Result:
    script = tmp_path / "job.py"
    script.write_text(BEGIN + textwrap.dedent(body))
    command = ["verify", "--api", "videocentral", *options, "--", sys.executable, str(script)]
    return CliRunner().invoke(main, command)


def rules(tmp_path: Path, body: str) -> set[str]:
    result = verified(tmp_path, body, "--report", f"json={tmp_path / 'report.json'}")
    assert result.exit_code in (0, 1), result.output
    report = json.loads((tmp_path / "report.json").read_text())
    return {each["rule"] for verdict in report["verdicts"] for each in verdict["violations"]}


def test_a_careful_command_is_good(tmp_path: Path) -> None:
    result = verified(tmp_path, WALK)

    assert result.exit_code == 0, result.output
    assert "not checked list_channels: the command never called it" in result.output


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('session.get(url + "/accounts?limt=2")', "TRA-01"),
        ('session.get(url + "/accounts?limit=0")', "TRA-02"),
        ('session.get(url + "/acounts")', "TRA-03"),
        ('[session.get(url + "/accounts?limit=50") for _ in range(5)]', "TRA-06"),
        ('[session.get(url + "/accounts/nobody") for _ in range(2)]', "TRA-09"),
        ('session.get(url + "/accounts?t=" + os.environ["TESTCARD_VIDEOCENTRAL_TOKEN"])', "TRA-11"),
        ('requests.get(url + "/accounts")', "TRA-14"),
    ],
)
def test_a_careless_command_is_told(tmp_path: Path, body: str, rule: str) -> None:
    assert rule in rules(tmp_path, body + "\nsession.get(url + '/accounts?limit=99')\n")


def test_credentials_for_storage_are_told(tmp_path: Path) -> None:
    body = """
    def first(path):
        return session.get(url + path).json()["data"][0]
    path = "/accounts/" + first("/accounts")["id"]
    for more in ("", "", "/reportTypes"):
        path += more
        path += "/" + first(path)["id"]
    session.get(session.get(url + path + "/reports").json()["data"][-1]["downloadUrl"])
    """
    assert "TRA-12" in rules(tmp_path, body)


def test_a_command_that_calls_nothing_is_not_green(tmp_path: Path) -> None:
    result = verified(tmp_path, "print(url)")

    assert result.exit_code == 4
    assert "nothing was checked" in result.output


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    assert "the command itself ended with exit code 3" in verified(tmp_path, WALK + "raise SystemExit(3)").output


def test_a_command_that_there_is_not_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["verify", "--", "/no/such/command"]).exit_code == 2
