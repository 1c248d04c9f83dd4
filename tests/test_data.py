"""Where the shipped files are, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from testcard import data
from testcard.data import data_path, load
from testcard.errors import ContractError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder of our own, so that nothing is written beside the real one."""
    monkeypatch.setattr(data, "_PACKAGE", tmp_path)
    monkeypatch.setattr(data, "_CACHE", tmp_path / "__pycache__")
    return tmp_path


def test_contracts_and_fixtures_are_found() -> None:
    assert data_path("contracts/control.yaml").is_file()
    assert data_path("fixtures/story").is_dir()


def test_files_of_an_installed_package_come_first(folder: Path) -> None:
    (folder / "contracts").mkdir()
    (folder / "contracts" / "control.yaml").write_text("ours: true\n")

    assert load("contracts/control.yaml") == {"ours": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("12:30:00", "12:30:00"),
        ("NO", "NO"),  # a country
        ("on", "on"),
        ("true", True),
        ("null", None),
        ("-7", -7),
        ("18446744073709551615", 2**64 - 1),
        ("1.5", 1.5),
        ("-3.2e9", -3.2e9),
        ("1.0.3", "1.0.3"),
    ],
)
def test_plain_text_in_yaml_is_what_it_looks_like(folder: Path, text: str, value: Any) -> None:
    (folder / "x.yaml").write_text(f"it: {text}\n")

    loaded = load("x.yaml")["it"]

    assert loaded == value
    assert type(loaded) is type(value)


def test_a_file_is_parsed_once_and_again_when_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = data._parse

    def counting(name: str, raw: bytes) -> Any:
        parsed.append(name)
        return parse(name, raw)

    monkeypatch.setattr(data, "_parse", counting)
    (folder / "x.yaml").write_text("a: 1\n")
    assert [load("x.yaml"), load("x.yaml")] == [{"a": 1}, {"a": 1}]
    (folder / "x.yaml").write_text("a: 2\n")

    assert load("x.yaml") == {"a": 2}
    assert parsed == ["x.yaml", "x.yaml"]


def test_what_is_loaded_may_be_changed_without_harm(folder: Path) -> None:
    (folder / "x.yaml").write_text("a: [1]\n")
    load("x.yaml")["a"].append(2)

    assert load("x.yaml") == {"a": [1]}


def test_a_folder_that_cannot_be_written_only_costs_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_CACHE", folder / "x.yaml" / "impossible")
    (folder / "x.yaml").write_text("a: 1\n")

    assert load("x.yaml") == {"a": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.yaml", "a: [1", "x.yaml: not YAML"),
        ("x.yaml", "200: {description: Fine.}", "x.yaml: .*quote"),
        ("x.json", "{", "x.json: not JSON"),
    ],
)
def test_a_file_that_does_not_parse_is_named(folder: Path, name: str, content: str, said: str) -> None:
    (folder / name).write_text(content)

    with pytest.raises(ContractError, match=said):
        load(name)


def test_a_missing_file_is_named_with_the_place_where_it_should_be() -> None:
    with pytest.raises(ContractError, match=r"contracts/alpah\.yaml: No such file .* expected it at /"):
        load("contracts/alpah.yaml")


@pytest.mark.parametrize("path", sorted(data_path("fixtures").rglob("*.json")), ids=lambda path: path.name)
def test_every_fixture_in_json_is_json(path: Path) -> None:
    assert orjson.loads(path.read_bytes())
