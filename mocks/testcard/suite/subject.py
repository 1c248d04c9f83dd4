"""What the suite must know of one API to judge its clients, beside the contract.

A subject belongs to its vendor as its module in ``apis/`` does, and shares no code with it: the oracle in it is a plain
model over a scenario's rows.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from testcard.suite.scenario import Scenario
from testcard.world.journal import Entry

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from testcard.suite.stage import Take

__all__ = ["ANY", "Judged", "Page", "Subject", "Truth", "read_json"]


class _Any:
    """Equal to everything: a value that the server makes up, such as a link."""

    def __repr__(self) -> str:
        return "ANY"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


ANY: Any = _Any()


@dataclass(frozen=True)
class Judged:
    """An operation that clients are judged by. *calls* are the contract's operations it may send."""

    id: str
    sentence: str
    calls: frozenset[str]


@dataclass(frozen=True)
class Truth:
    """What a call must come to: *rows*, *lists* or *value*, or a failure of one of the classes *fails*.

    *ordered* is False where no document gives an order. *totals* are checked where the client returns them.
    """

    rows: list[Any] | None = None
    lists: Mapping[str, list[Any]] | None = None
    value: Any = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    ordered: bool = True

    @property
    def result(self) -> Any:
        """Whatever there is of rows, lists and value."""
        return self.rows if self.rows is not None else self.lists if self.lists is not None else self.value


@dataclass(frozen=True)
class Page:
    """One page of a list as a client saw it: the items before it, how many were asked for and came, is it the last."""

    start: int
    limit: int
    rows: int
    last: bool


class Subject(ABC):
    """One API as the suite sees it. *unjudged* maps operations that are not judged to the reason.

    *paging* are the parameters that a walk changes; with *probes_end* one look behind the end is fair, with
    *follows_links* a page of any size has a link that leads on. *questions* are POSTs that change nothing, *repeatable*
    those that change nothing more when they are sent again; *endings* maps an operation that begins something to those
    of which one must follow.
    """

    api: ClassVar[str]
    judged: ClassVar[Mapping[str, Judged]]
    unjudged: ClassVar[Mapping[str, str]] = {}
    paging: ClassVar[frozenset[str]] = frozenset()
    token_operations: ClassVar[frozenset[str]] = frozenset()
    max_limit: ClassVar[int | None] = None
    probes_end: ClassVar[bool] = False
    follows_links: ClassVar[bool] = False
    questions: ClassVar[frozenset[str]] = frozenset()
    repeatable: ClassVar[frozenset[str]] = frozenset()
    endings: ClassVar[Mapping[str, frozenset[str]]] = {}

    @abstractmethod
    def named(self) -> Sequence[Scenario]:
        """The deterministic scenarios that every client plays, the simplest first."""

    @abstractmethod
    def scenarios(self, operations: frozenset[str], page_size: int) -> SearchStrategy[Scenario]:
        """Scenarios for the operations a client has, around the page size it was seen to use."""

    @abstractmethod
    def truth(self, take: Take) -> Truth | Sequence[Truth]:
        """What the step must come to, from its rows, readings and instant; several where each is the truth."""

    def page(self, entry: Entry) -> Page | None:
        """Read a list's page out of an exchange; None for anything else."""
        return None

    def same_argument(self, operation: str, name: str, asked: Any, sent: Sequence[Any]) -> bool:
        """Whether the values sent for a parameter, over all requests of a call, express what was asked."""
        return all(value == asked for value in sent)

    def same_body(self, operation: str, asked: Any, sent: Any) -> bool:
        """Whether a request's body expresses what was asked; it may say more."""
        if isinstance(asked, Mapping) and isinstance(sent, Mapping):
            return all(name in sent and self.same_body(operation, each, sent[name]) for name, each in asked.items())
        return bool(asked == sent)

    def shortfall(self, take: Take) -> str:
        """What the service has not got, of what a client says it has done; empty where nothing is amiss."""
        return ""


def read_json(entry: Entry) -> Any:
    """An answer's data, in UTF-16 too, which some clients see through; `ValueError` when it is no JSON."""
    return json.loads(entry.response_body)
