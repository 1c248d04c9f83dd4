"""What goes wrong, by whose fault it is.

::

    TestcardError
    ├── UserError            somebody set us up wrongly
    │   ├── ContractError    a contract, ledger or fixture file is not what it must be
    │   ├── BindError        an API object and its contract do not fit
    │   ├── RowError         an explicit row is not of its table
    │   └── NotReady         a port is taken, a target does not answer
    └── MockError            the mock broke its own contract: our bug, always loud

What a *client* of the mocks does wrong is no exception here but a refusal, in its vendor's dialect
(`testcard.exchange.refusal`).

Every message says where, what was found, what was expected and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BindError",
    "ContractError",
    "MockError",
    "NotReady",
    "RowError",
    "TestcardError",
    "UserError",
    "near_miss",
]


class TestcardError(Exception):
    """The root of the tree."""

    __test__ = False  # the name begins with "Test", but pytest has nothing to collect here


class UserError(TestcardError):
    """Somebody set testcard up wrongly: exit code 2."""


class ContractError(UserError):
    """A contract, ledger or fixture file is not what it must be."""


class BindError(UserError):
    """An API object and its contract do not fit each other."""


class RowError(UserError):
    """An explicit row is not of its table."""


class NotReady(UserError):
    """A port is taken or a target does not answer: exit code 3."""


class MockError(TestcardError):
    """The mock broke its own contract. Please report it: this is never the client's fault."""


def near_miss(found: str, known: Iterable[str]) -> str:
    """Say which known name *found* probably meant, as ``"; did you mean 'limit'?"``, or nothing."""
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(found.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {names[close[0]]!r}?" if close else ""
