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
from testcard.live.seen import Seen

if TYPE_CHECKING:
    from testcard.live.talk import Talk

__all__ = ["SUBJECTS", "Detector", "Relation", "Step", "Subject", "open_subject", "operations_of"]

SUBJECTS = ("videocentral", "ibmvideo", "amagi", "videokit")


@dataclass(frozen=True)
class Step:
    """A call that a walk may make, at most so often, with no query parameters but these.

    Without an *operation* it reads a file behind a link that was learned, at one of the subject's *storage* hosts.
    """

    name: str
    operation: str
    at_most: int
    why: str
    query: tuple[str, ...] = ()


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
    preferred one first; *token_form* makes the form of the token call where the way is not a ready token. *given* are
    names of further variables whose values only the user can know. *looks* make data of answers that are not JSON, by
    operation. *scratch* are the steps of *write*, which happens
    only where writes are allowed. *plain* are fields whose text may be recorded as it is, *links* those that hold
    addresses, *opaque* those that are left out; numbers under a name in *numbered* are identifiers.
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
    given: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    looks: Mapping[str, Callable[[bytes], Any]] = field(default_factory=dict)
    storage: tuple[str, ...] = ()
    scratch: tuple[Step, ...] = ()
    write: Callable[[Talk], None] | None = None
    plain: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    not_checked: tuple[str, ...] = ()

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in (*self.steps, *self.scratch) if step.name == name)

    def allowed(self, *, writes: bool = False) -> Iterator[tuple[Operation, str]]:
        """The operations that may be called, with why: reads that the walk has steps for, the token call, and writes
        where they are allowed."""
        operations = operations_of(self.api)
        for identity in dict.fromkeys(step.operation for step in self.steps if step.operation):
            operation = operations[identity][1]
            if operation.method != "GET" and identity not in self.queries:
                raise UserError(f"{self.api}: {identity} is {operation.method}: a live walk only reads")
            yield operation, "read" if operation.method == "GET" else "documented query"
        for identity in dict.fromkeys(step.operation for step in self.scratch if writes):
            if operations[identity][1].method != "GET":
                yield operations[identity][1], "write, in a scratch asset"
        if self.token_operation:
            yield operations[self.token_operation][1], "token"

    def looked_at(self, operation: str, status: int, data: Any, body: bytes) -> Any:
        """An answer's data: JSON as it is, and of a text what it says, if that is known."""
        if not isinstance(data, str):
            return data
        return self.looks[operation](body) if status == 200 and operation in self.looks else None

    @property
    def writes(self) -> frozenset[str]:
        """The operations of the whole API that change something."""
        read = {*self.queries, self.token_operation}
        found = {identity for identity, (_, each) in operations_of(self.api).items() if each.method != "GET"}
        return frozenset(found - read)


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
