"""What a vendor module is: an object whose public methods are the operations of its contract.

A handler takes the `Call` and the operation's parameters as keyword arguments, and returns data or a `Reply`. It never
sees a request, so it can be tested without HTTP. Pagination, authentication, error envelopes and date formats are the
vendor's: nothing here knows them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from testcard.contract import Contract, Operation
from testcard.exchange.address import Address
from testcard.exchange.message import Reply, Request
from testcard.exchange.refusal import Refused
from testcard.world.credentials import Holder
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


class Api(ABC):
    """One contract's worth of a vendor. Public methods are operations; helpers begin with an underscore.

    *name* is the API (several product modules may share it), *contract* the contract or its name, *formats* parse the
    vendor's own lexical forms, *tables* take explicit rows.
    """

    name: ClassVar[str]
    contract: ClassVar[str | Contract]
    formats: ClassVar[Mapping[str, Callable[[str], Any]]] = {}
    tables: ClassVar[Mapping[str, Table]] = {}

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

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """The variables a client of this API needs, without their ``TESTCARD_<API>_``; *root* is our address."""
        return {}

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """Add a further user or customer with those rights only, and issue its credentials."""
        raise NotImplementedError(f"{self.name} has no further users")

    def regenerate(self, world: World, secret: str) -> str:
        """Replace a token as the vendor's dashboard would: the old one dies. Returns the new one."""
        raise NotImplementedError(f"{self.name} tokens are not regenerated")
