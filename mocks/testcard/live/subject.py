"""What is to be known of a service before it is judged: steps, relations and detectors, as tables.

A walk can only make the calls of its steps, each so many times: the listing of a dry run is complete by construction.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from testcard.contract import Contract, Operation, contract_names, open_contract
from testcard.errors import UserError, near_miss

if TYPE_CHECKING:
    from testcard.live.talk import Talk

__all__ = ["SUBJECTS", "Answer", "Detector", "Relation", "Seen", "Step", "Subject", "open_subject", "operations_of"]

SUBJECTS = ("videocentral", "ibmvideo", "amagi", "videokit")


@dataclass(frozen=True)
class Step:
    """A call that a walk may make, at most so often, with no query parameters but these."""

    name: str
    operation: str
    at_most: int
    why: str
    query: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One answer to a step. *data* is None where the body is not JSON; header names are in lower case."""

    step: str
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    data: Any
    at: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is a plain 200 with data."""
        return self.status == 200 and self.data is not None


@dataclass
class Seen:
    """All answers of a walk, in order."""

    answers: list[Answer] = field(default_factory=list)

    def of(self, *steps: str) -> list[Answer]:
        """The answers to some steps, in order."""
        return [answer for answer in self.answers if answer.step in steps]

    def good(self, *steps: str) -> list[Answer]:
        """Those of them that are plain successes."""
        return [answer for answer in self.of(*steps) if answer.ok]

    def first(self, step: str) -> Answer | None:
        """The first success of a step."""
        return next(iter(self.good(step)), None)


@dataclass(frozen=True)
class Relation:
    """What must hold between answers, whatever the truth is. *holds* gives complaints, or None: could not be told."""

    name: str
    sentence: str
    holds: Callable[[Seen], Sequence[str] | None]


@dataclass(frozen=True)
class Detector:
    """Which reading of the ledger's entry *id* a service shows, or None: could not be told."""

    id: str
    tells: Callable[[Seen], str | None]


@dataclass(frozen=True)
class Subject:
    """One API as the live judge knows it.

    *secrets* maps each way to be let in to the names of its credentials (without the ``TESTCARD_<API>_`` prefix), the
    preferred one first; *token_form* makes the form of the token call where the way is not a ready token. *plain* are
    fields whose text may be recorded as it is, *links* those that hold addresses, *opaque* those that are left out;
    numbers under a name in *numbered* are identifiers.
    """

    api: str
    steps: tuple[Step, ...]
    walk: Callable[[Talk], None]
    relations: tuple[Relation, ...]
    detectors: tuple[Detector, ...]
    ways: tuple[tuple[str, ...], ...]
    headers: Callable[[Mapping[str, str]], dict[str, str]]
    token_operation: str = ""
    token_form: Callable[[Mapping[str, str]], dict[str, str]] | None = None
    queries: tuple[str, ...] = ()
    plain: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    not_checked: tuple[str, ...] = ()

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def allowed(self) -> Iterator[tuple[Operation, str]]:
        """The operations that may be called, with why: reads that the walk has steps for, and the token call."""
        operations = operations_of(self.api)
        for identity in dict.fromkeys(step.operation for step in self.steps):
            operation = operations[identity][1]
            if operation.method != "GET" and identity not in self.queries:
                raise UserError(f"{self.api}: {identity} is {operation.method}: a live walk only reads")
            yield operation, "read" if operation.method == "GET" else "documented query"
        if self.token_operation:
            yield operations[self.token_operation][1], "token"


@cache
def operations_of(api: str) -> Mapping[str, tuple[Contract, Operation]]:
    """Every operation of an API by id, with its contract."""
    contracts = [open_contract(name) for name in contract_names(api)]
    return {identity: (contract, each) for contract in contracts for identity, each in contract.operations.items()}


def open_subject(api: str) -> Subject:
    """The subject of an API, or `UserError`."""
    if api not in SUBJECTS:
        raise UserError(f"no API named {api!r}; there are: {', '.join(SUBJECTS)}{near_miss(api, SUBJECTS)}")
    subject: Subject = importlib.import_module(f"testcard.live.subjects.{api}").SUBJECT
    return subject
