"""The ledger: its form, its dialects, and how a choice is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from testcard import data
from testcard.contract import Ledger, open_ledger
from testcard.errors import ContractError, UserError

ENTRY = """
- id: {id}
  class: {kind}
  kind: gap
  question: What does a toy weigh?
  where: [000 Toys]
  readings:
    grams: It is given in grams, as the table says.
    ounces: It is given in ounces, as the sample shows.
  documented: {documented}
  observed: ounces
  why: The table stands first, and the sample is careless.
  breaks: A client that assumes one is wrong by a factor of 28.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    schemas = data.data_path("contracts/schemas")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "schemas").symlink_to(schemas)
    monkeypatch.setattr(data, "_PACKAGE", tmp_path)
    monkeypatch.setattr(data, "_CACHE", tmp_path / "__pycache__")
    return tmp_path / "contracts"


def entry(identity: str = "VC-01", kind: str = "switchable", documented: str = "grams") -> str:
    return ENTRY.format(id=identity, kind=kind, documented=documented)


def ledger(folder: Path, text: str) -> Ledger:
    """A ledger of its own name, because ledgers are read once per process."""
    name = f"toys{abs(hash((str(folder), text)))}"
    (folder / f"{name}.readings.yaml").write_text(text)
    return open_ledger((name,))


def test_each_dialect_takes_its_own_reading(folder: Path) -> None:
    (reading,) = ledger(folder, entry())

    assert (reading.under("documented"), reading.under("observed")) == ("grams", "ounces")


def test_an_entry_shows_what_is_in_force(folder: Path) -> None:
    (reading,) = ledger(folder, entry(kind="noted"))
    shown = reading.as_json("ounces")

    assert (shown["class"], shown["inForce"], shown["where"]) == ("noted", "ounces", ["000 Toys"])
    assert list(shown["readings"]) == ["grams", "ounces"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"VC-02": "grams"}, "no reading 'VC-02'; did you mean 'VC-01'?"),
        ({"VC-01": "stones"}, "VC-01: no reading named 'stones'; there are: grams, ounces"),
        ({"VC-11": "ounces"}, "VC-11 is noted, not switchable: the mock always takes 'grams'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(folder: Path, choice: dict[str, str], said: str) -> None:
    entries = ledger(folder, entry() + entry("VC-11", "noted"))

    with pytest.raises(UserError, match="^" + said.replace("?", r"\?")):
        entries.choose(choice)


def test_a_choice_that_can_be_is_kept(folder: Path) -> None:
    entries = ledger(folder, entry() + entry("VC-11", "noted"))

    assert entries.choose({"VC-01": "ounces", "VC-11": "grams"}) == {"VC-01": "ounces", "VC-11": "grams"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry() + entry(), "VC-01 stands twice"),
        (entry(documented="stones"), "VC-01: documented names 'stones', which is not a reading of it"),
        (entry(identity="XY-01"), "/0/id: "),
        (entry(kind="movable"), "/0/class: "),
        (entry().replace("    ounces: It is given in ounces, as the sample shows.\n", ""), "/0/readings: "),
        (entry().replace("  why: The table stands first, and the sample is careless.\n", ""), "/0: "),
    ],
)
def test_a_ledger_that_is_none_does_not_open(folder: Path, text: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        ledger(folder, text)

    assert said in str(caught.value)


def test_ledgers_of_several_files_and_apis_are_one() -> None:
    entries = open_ledger(("videocentral", "videokit"))

    assert {reading.api for reading in entries} == {"videocentral", "videokit"}
    assert [reading.id[:2] for reading in entries.of("videocentral")] == ["VC"] * len(entries.of("videocentral"))
