"""The ledger: what a document leaves open, and each way to read it.

``contracts/<api>.readings.yaml`` (or the ``*.readings.yaml`` of an API's folder) lists the entries; their form is
``contracts/schemas/readings.json``. A *switchable* entry changes what the mock does; a *noted* one records a choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from testcard.contract.schema import Checker
from testcard.data import data_path, load
from testcard.errors import ContractError, UserError, near_miss

__all__ = ["DIALECTS", "Ledger", "Reading", "open_ledger"]

DIALECTS = ("documented", "observed")


class Reading(NamedTuple):
    """One entry of the ledger. *readings* maps each name to its one line; *documented* and *observed* name one."""

    id: str
    api: str
    kind: str
    switchable: bool
    question: str
    where: tuple[str, ...]
    readings: Mapping[str, str]
    documented: str
    observed: str
    why: str
    breaks: str

    def under(self, dialect: str) -> str:
        """The name of the reading a dialect takes."""
        return self.documented if dialect == "documented" else self.observed

    def as_json(self, in_force: str) -> dict[str, Any]:
        """The entry as ``/_testcard/readings`` shows it."""
        return {
            "id": self.id,
            "api": self.api,
            "kind": self.kind,
            "class": "switchable" if self.switchable else "noted",
            "question": self.question,
            "where": list(self.where),
            "readings": dict(self.readings),
            "documented": self.documented,
            "observed": self.observed,
            "why": self.why,
            "breaks": self.breaks,
            "inForce": in_force,
        }


class Ledger:
    """The entries of some APIs, by id."""

    def __init__(self, entries: Mapping[str, Reading]) -> None:
        self.entries = entries
        self._taken = {
            dialect: {identity: entry.under(dialect) for identity, entry in entries.items()} for dialect in DIALECTS
        }

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.entries.values())

    def under(self, dialect: str) -> Mapping[str, str]:
        """The reading that a dialect takes of each entry."""
        return self._taken[dialect]

    def of(self, api: str) -> list[Reading]:
        """The entries of one API."""
        return [entry for entry in self if entry.api == api]

    def choose(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Check a choice of readings, or raise `UserError` naming the near miss."""
        for identity, name in wanted.items():
            entry = self.entries.get(identity)
            if entry is None:
                raise UserError(f"no reading {identity!r}{near_miss(identity, self.entries)}")
            if name not in entry.readings:
                raise UserError(f"{identity}: no reading named {name!r}; there are: {', '.join(entry.readings)}")
            if not entry.switchable and name != entry.documented:
                raise UserError(f"{identity} is noted, not switchable: the mock always takes {entry.documented!r}")
        return dict(wanted)


@cache
def open_ledger(apis: tuple[str, ...]) -> Ledger:
    """Return the entries of *apis*, read once per process."""
    schema = load("contracts/schemas/readings.json")
    checker = Checker(schema, schema)
    entries: dict[str, Reading] = {}
    for api in apis:
        for name in _files(api):
            for raw in _checked(name, load(name), checker):
                if raw["id"] in entries:
                    raise ContractError(f"{name}: {raw['id']} stands twice")
                entries[raw["id"]] = _entry(name, api, raw)
    return Ledger(entries)


def _files(api: str) -> list[str]:
    folder = data_path(f"contracts/{api}")
    if folder.is_dir():
        return [f"contracts/{api}/{path.name}" for path in sorted(folder.glob("*.readings.yaml"))]
    return [f"contracts/{api}.readings.yaml"]


def _checked(name: str, raw: Any, checker: Checker) -> list[Mapping[str, Any]]:
    for place, complaint in checker.complaints(raw):
        raise ContractError(f"{name}: {place}: {complaint}")
    return list(raw)


def _entry(name: str, api: str, raw: Mapping[str, Any]) -> Reading:
    for dialect in DIALECTS:
        if raw[dialect] not in raw["readings"]:
            raise ContractError(f"{name}: {raw['id']}: {dialect} names {raw[dialect]!r}, which is not a reading of it")
    return Reading(
        id=raw["id"],
        api=api,
        kind=raw["kind"],
        switchable=raw["class"] == "switchable",
        question=raw["question"],
        where=tuple(raw["where"]),
        readings=raw["readings"],
        documented=raw["documented"],
        observed=raw["observed"],
        why=raw["why"],
        breaks=raw["breaks"],
    )
