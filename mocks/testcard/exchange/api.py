"""What a vendor module is: an object whose public methods are the operations of its contract.

A handler takes the `Call` and the operation's parameters as keyword arguments, and returns data or a `Reply`. It never
sees a request, so it can be tested without HTTP. Pagination, authentication, error envelopes and date formats are the
vendor's: nothing here knows them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from testcard.contract import Contract, Operation
from testcard.exchange.address import Address
from testcard.exchange.message import Reply, Request
from testcard.exchange.paging import Paging
from testcard.exchange.refusal import Problem, Refused
from testcard.world.credentials import Holder
from testcard.world.faults import Fault
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Api", "Call", "heavy", "is_heavy"]

F = TypeVar("F", bound=Callable[..., Any])


def heavy(handler: F) -> F:
    """Mark a handler that may take long (it generates, aggregates, streams or stores): it is run in a thread, and
    without the world's lock, which it takes itself where it writes."""
    handler.__dict__["heavy"] = True
    return handler


def is_heavy(handler: Callable[..., Any]) -> bool:
    """Whether a handler is marked `heavy`."""
    return bool(getattr(handler, "heavy", False))


@dataclass
class Call:
    """One request to one operation in one world, without its HTTP."""

    world: World
    address: Address
    method: str = "GET"
    operation: Operation | None = None
    holder: Holder | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    api_name: str = ""
    page: int = 1
    faults: Sequence[Fault] = ()
    refused: Refused | None = None
    struck: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The world's instant."""
        return self.world.now()

    def reading(self, identity: str) -> str:
        """The reading in force in the call's world."""
        return self.world.reading(identity)

    def note(self, remark: str) -> None:
        """Leave a remark for the journal and the ``X-Testcard-Note`` header; it changes nothing else."""
        self.notes.append(remark)

    def hit(self, fault: Fault) -> None:
        """Count that a fault took effect on this call."""
        self.world.faults.hit(fault)
        self.struck.append(fault.id)

    @property
    def paging(self) -> Paging:
        """What the world's faults do to the pages of this call's list."""
        operation = self.operation.id if self.operation else ""
        return Paging(self.faults, self.world.faults, self.hit, f"{operation} {self.address.path}", self.address.query)

    def cut(self, page: int, limit: int) -> int:
        """How many rows page number *page* may carry, of a list counted in items; *limit* without faults."""
        return self.paging.cut(page, limit) if self.faults else limit

    def window(self, page: int, limit: int) -> tuple[int, int]:
        """The first row of a page and the row behind its last, of a list counted in pages."""
        return self.paging.window(page, limit) if self.world.faults else ((page - 1) * limit, page * limit)

    def page_count(self, total: int, limit: int) -> int:
        """How many pages a list counted in pages has."""
        return self.paging.count(total, limit) if self.world.faults else -(-total // limit)


class Api(ABC):
    """One contract's worth of a vendor. Public methods are operations; helpers begin with an underscore.

    *name* is the API (several product modules may share it), *contract* the contract or its name, *formats* parse the
    vendor's own lexical forms, *token_operations* are the calls that issue tokens.
    """

    name: ClassVar[str]
    contract: ClassVar[str | Contract]
    formats: ClassVar[Mapping[str, Callable[[str], Any]]] = {}
    token_operations: ClassVar[frozenset[str]] = frozenset()

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables that take explicit rows."""
        return {}

    def open(self, world: World) -> None:
        """Issue the credentials a new world begins with. Called once per API and world."""

    def identify(self, request: Request) -> Iterable[str]:
        """The secrets a request carries, by which its world is found; in order of trust."""
        return ()

    def authenticate(self, call: Call) -> Holder | None:
        """Say who calls (from ``call.headers``), or raise `Refused`."""
        return None

    @abstractmethod
    def refuse(self, refused: Refused, call: Call) -> Reply:
        """Put a refusal into the vendor's words: its status, body and headers."""

    def objections(self, call: Call, arguments: Mapping[str, Any]) -> Iterable[Problem]:
        """What the readings in force have against parameters that the contract takes; *arguments* may lack some."""
        return ()

    def page_of(self, query: Mapping[str, list[str]]) -> int:
        """Which page of a list a raw query asks for, from 1; never raises on junk."""
        text = query.get("page", ["1"])[0]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1

    def relink(self, call: Call, data: Any, page: int) -> bool:
        """Make the link to the next page in an answer lead to *page* instead; whether there is such a link."""
        return False

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """The variables a client of this API needs, without their ``TESTCARD_<API>_``; *root* is our address."""
        return {}

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """Add a further user or customer with those rights only, and issue its credentials."""
        raise NotImplementedError(f"{self.name} has no further users")

    def regenerate(self, world: World, secret: str) -> str:
        """Replace a token as the vendor's dashboard would: the old one dies. Returns the new one."""
        raise NotImplementedError(f"{self.name} tokens are not regenerated")
