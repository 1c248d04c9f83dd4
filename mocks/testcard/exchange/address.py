"""The caller's own address, to which every link in an answer leads back.

An API answers under a prefix of our server (``http://127.0.0.1:8900/~w1/videocentral/...``) or under its documented
host (``https://videocentral.amazon.com/...``), perhaps behind a reverse proxy. Handlers need not know which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

__all__ = ["Address", "encode_query", "query_pairs"]

_quoted = lru_cache(maxsize=4096)(quote)  # names and most values come again and again


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Write query parameters; a blank becomes ``%20``, which everybody reads alike."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in pairs])


@lru_cache(maxsize=1024)
def query_pairs(query: str) -> tuple[tuple[str, str], ...]:
    """Read a raw query, blank values too; it is asked for several times a call."""
    return tuple(parse_qsl(query, keep_blank_values=True))


class Address(NamedTuple):
    """Where a request came in.

    *root* is scheme, host, port, proxy prefix and world prefix; *mount* the API's prefix below it, empty under a
    documented host; *path* and *query* what stood after them, as sent. *host* holds the variables of a documented
    host, such as a tenant's name.
    """

    root: str
    mount: str = ""
    path: str = "/"
    query: str = ""
    hosted: bool = False
    host: Mapping[str, str] = MappingProxyType({})

    @property
    def base(self) -> str:
        """The address of the API: what stands in place of the documented scheme and host."""
        return self.root + self.mount

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return self.root.partition("://")[0]

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The absolute address of a *path* of this API (with its documented base path), already encoded."""
        return self.base + path + (f"?{encode_query(query.items())}" if query else "")

    def here(self, **changes: str | int | None) -> str:
        """The absolute address of this very resource, its query kept but for *changes* (None drops one)."""
        return self.base + self.path_here(**changes)

    def path_here(self, **changes: str | int | None) -> str:
        """The same without scheme, host and mount: path and query."""
        query = self.query_with(**changes)
        return f"{self.path}?{query}" if query else self.path

    def query_with(self, **changes: str | int | None) -> str:
        """The query as sent, with some parameters replaced in place, added at the end, or dropped (None)."""
        return _query_with(self.query, tuple(changes.items()))


@lru_cache(maxsize=1024)
def _query_with(query: str, changes: tuple[tuple[str, str | int | None], ...]) -> str:
    pairs = []
    left = dict(changes)
    changed = frozenset(left)
    for name, value in query_pairs(query):
        if name not in changed:
            pairs.append((name, value))
        elif (new := left.pop(name, None)) is not None:
            pairs.append((name, str(new)))
    pairs += [(name, str(value)) for name, value in left.items() if value is not None]
    return encode_query(pairs)
