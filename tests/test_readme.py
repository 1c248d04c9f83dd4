"""The README tells the truth: its commands run, in one shell, against a running server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import Mock, socket_server

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- run -->\n```sh\n(.*?)```", README, re.DOTALL)


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    if missing := [tool for tool in ("bash", "curl", "jq") if not shutil.which(tool)]:
        pytest.skip(f"NOT CHECKED: the README's commands need {', '.join(missing)}")
    with socket_server(Mock(now=None)) as url:
        env = {**os.environ, "TESTCARD_URL": url, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        script = "set -eu -o pipefail\n" + "\n".join(BLOCKS).replace(
            ".venv/bin/testcard env", f"testcard env --url {url}"
        )
        ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    for shown in ("Halyard Television", "Content-Usage_2024-03-04", "did you mean '/apis/v1/accounts'", '"rows":100'):
        assert shown in ran.stdout
    assert "null" not in ran.stdout.splitlines()  # jq's word for a field that an answer does not have
    assert "X-Testcard-Error" not in ran.stdout
    assert '"success":false' not in ran.stdout


def test_the_answers_shown_are_those_given() -> None:
    mock = Mock("videocentral")
    headers = {"Authorization": f"Bearer {mock.env('videocentral')['TOKEN']}"}
    shown = re.search(r'```json\n(\{\n  "total": 12.*?)```', README, re.DOTALL)
    answer = mock.get("/videocentral/apis/v1/accounts?limit=2", headers={**headers, "Host": "127.0.0.1:8900"})

    assert shown is not None
    assert json.loads(shown[1]) == answer.json


def test_the_pytest_example_is_the_file_that_runs() -> None:
    name, code = re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", README, re.DOTALL)[0]

    assert (ROOT / name).read_text(encoding="utf-8") == code


def test_the_table_of_cloud_video_kits_operations_is_that_of_the_contracts() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "testcard", "contracts", "list", "--api", "videokit", "--markdown"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert (ROOT / "docs" / "videokit-operations.md").read_text(encoding="utf-8").endswith(listed)
