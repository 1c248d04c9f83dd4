"""What is shipped: the wheel and the source distribution have every contract and fixture, and work where they lie."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from testcard import __version__

ROOT = Path(__file__).parent.parent
DATA = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("contracts", "fixtures")
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
)
MODULES = sorted(path.relative_to(ROOT / "mocks").as_posix() for path in (ROOT / "mocks").rglob("*.py"))


def _build(kind: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as an installer lays it out."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _run(installed: Path, *arguments: str) -> str:
    """Run the installed package from a folder that has nothing to do with the repository."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=installed.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_every_contract_and_fixture(wheel: Path) -> None:
    assert DATA
    assert {f"testcard/{name}" for name in DATA} <= _names(wheel)


def test_the_wheel_has_every_module_and_its_types(wheel: Path) -> None:
    assert {*MODULES, "testcard/py.typed"} <= _names(wheel)


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    """No tests, no caches, no file of another time."""
    shipped = {name for name in _names(wheel) if not name.startswith(f"testcard-{__version__}.dist-info/")}
    source = {path.relative_to(ROOT / "mocks").as_posix() for path in (ROOT / "mocks").rglob("*") if path.is_file()}

    assert not [
        name
        for name in shipped
        if "__pycache__" in name or (name.startswith("test") and not name.startswith("testcard/"))
    ]
    assert shipped <= source | {f"testcard/{name}" for name in DATA}


def test_the_wheel_knows_its_commands_and_plugins(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        points = archive.read(f"testcard-{__version__}.dist-info/entry_points.txt").decode()

    assert "testcard = testcard.cli:main" in points


def test_the_source_distribution_can_build_the_wheel_again(tmp_path: Path) -> None:
    with tarfile.open(_build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", *DATA, *(f"mocks/{name}" for name in MODULES)} <= names


def test_the_installed_package_reads_its_own_data(installed: Path) -> None:
    code = "import testcard.data as d; print(d.data_path('contracts/control.yaml')); print(d.data_path('fixtures'))"

    assert _run(installed, "-c", code).split() == [
        str(installed / "testcard" / "contracts" / "control.yaml"),
        str(installed / "testcard" / "fixtures"),
    ]


def test_the_installed_package_knows_every_operation(installed: Path) -> None:
    here = json.loads(_run(ROOT / "mocks", "-m", "testcard", "contracts", "list", "--json"))

    assert json.loads(_run(installed, "-m", "testcard", "contracts", "list", "--json")) == here


def test_the_installed_package_answers_as_the_repository_does(installed: Path) -> None:
    code = """
import hashlib
from testcard.exchange import Request
from testcard.server.build import build
from testcard.world.clock import parse_instant
from testcard.world.world import Recipe
board = build((), Recipe(now=parse_instant("2026-03-02T12:00:00Z")))
reply = board.answer(Request("GET", "/_testcard/credentials", "", {"host": "x"}))
print(reply.status, hashlib.sha256(reply.content()).hexdigest())
"""

    assert _run(installed, "-c", code) == _run(ROOT / "mocks", "-c", code)
    assert _run(installed, "-c", code).startswith("200 ")
