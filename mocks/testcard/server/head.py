"""How long the head of a request may be, and what it measures: the same for every way a request comes in.

A head is measured as it is usually written: single spaces, CR and LF, the blank line included.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["MAX_HEAD", "TOO_LONG", "head_size"]

MAX_HEAD = 64 * 1024  # bytes of request line and headers
TOO_LONG = f"request line and headers are longer than {MAX_HEAD} bytes\n".encode()
_AROUND_LINE = len("  HTTP/1.1\r\n") + len("\r\n")
_AROUND_HEADER = len(": \r\n")


def head_size(method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The bytes of a request's head."""
    fields = sum(len(name) + len(value) + _AROUND_HEADER for name, value in headers)
    return len(method) + len(target) + _AROUND_LINE + fields
