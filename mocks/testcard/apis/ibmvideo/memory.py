"""Memory for large pages: how much of it kept rows may take, and what pages are made in, which is kept for the next.

Fresh memory comes from the system page by page. So rows are written where others were written a moment ago, which the
processor still has at hand; and glibc is asked not to hand memory of some megabytes back to the system as soon as it is
free, which took four fifths of the time of joining a page of 10,000 rows. Where there is no glibc, nothing happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["keep_buffers", "lent", "share_of_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT, _LARGEST = 64 << 20, 32 << 20
_BUFFERS, _LONGEST = 4, 4 << 20  # that are kept to be lent

_CGROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_UNKNOWN = 1 << 30  # taken to be there where the system does not tell

_free: list[npt.NDArray[np.uint8]] = []


def share_of_memory(most: int) -> int:
    """*most* bytes, but no more than a quarter of what the machine has, or the container."""
    there = [_UNKNOWN]
    with contextlib.suppress(AttributeError, OSError, ValueError):
        there = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in _CGROUPS:
        with contextlib.suppress(OSError, ValueError):
            there.append(int(limit.read_text()))
    return min(most, min(there) // 4)


@cache
def keep_buffers() -> bool:
    """Do it, once for the process; whether it was done."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST) and mallopt(_TRIM_THRESHOLD, _KEPT))


@contextlib.contextmanager
def lent(size: int) -> Iterator[npt.NDArray[np.uint8]]:
    """At least so many bytes, with anything in them; they are another's afterwards."""
    try:
        buffer = _free.pop()
    except IndexError:  # others have them all
        buffer = np.empty(0, np.uint8)
    if len(buffer) < size:
        buffer = np.empty(size, np.uint8)
    yield buffer
    if len(_free) < _BUFFERS and len(buffer) <= _LONGEST:
        _free.append(buffer)
