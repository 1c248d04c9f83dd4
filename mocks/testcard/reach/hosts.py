"""Which hosts are the documented ones, and what is said to all others.

Knows no vendor: the hosts are those of the contracts.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import cache

from testcard.apis import APIS, SERVICES
from testcard.contract import contract_names, documented_servers, open_contract
from testcard.errors import UserError, near_miss

__all__ = ["HostRefused", "Hosts", "documented_hosts"]

_LOCAL = re.compile(r"localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?(::1|0:0:0:0:0:0:0:1)\]?|0\.0\.0\.0", re.IGNORECASE)


class HostRefused(UserError):
    """A request went to a host that is neither documented nor allowed; nothing was sent to it."""

    def __init__(self, host: str, remedy: str) -> None:
        self.host = host
        near = near_miss(host, documented_hosts())
        super().__init__(
            f"{host}: refused, and nothing was sent to it: expected a documented host ({', '.join(_main_hosts())}, or"
            f" one of their tokens, files and media){near}; if the request is meant to leave this machine, {remedy}"
        )


@cache
def documented_hosts() -> tuple[str, ...]:
    """Every host that a document names, with its variables, each once."""
    servers = (server for name in (*APIS, *SERVICES) for server in documented_servers(name) if server.host)
    return tuple(dict.fromkeys(server.host for server in servers))


@cache
def _main_hosts() -> tuple[str, ...]:
    return tuple(open_contract(contract_names(api)[0]).servers[0].host for api in APIS)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    servers = (server for name in (*APIS, *SERVICES) for server in documented_servers(name) if server.host)
    return tuple(dict.fromkeys(server.pattern for server in servers))


class Hosts:
    """Sorts hosts: documented ones are mocked, local and *allowed* ones (``*.example.org``) are let through."""

    def __init__(self, allowed: Iterable[str] = (), *, remedy: str) -> None:
        self.allowed = tuple(host.lower() for host in allowed)
        self._remedy = remedy

    def mocked(self, host: str) -> bool:
        """Whether the mocks answer for a host; an allowed one is let through even so."""
        bare = host.lower().rstrip(".")
        return any(pattern.fullmatch(bare) for pattern in _patterns()) and not self._named(bare)

    def passed(self, host: str) -> bool:
        """Whether a host is left alone."""
        bare = host.lower().rstrip(".")
        return _LOCAL.fullmatch(bare) is not None or self._named(bare)

    def refusal(self, host: str) -> HostRefused:
        """What is said of any other host."""
        return HostRefused(host, self._remedy)

    def _named(self, bare: str) -> bool:
        return any(fnmatch.fnmatchcase(bare, pattern) for pattern in self.allowed)
