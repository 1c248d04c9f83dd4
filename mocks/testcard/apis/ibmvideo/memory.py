"""Memory for large pages: how much of it kept rows may take, and that what one page was made in is there for the next.

Fresh memory comes from the system page by page, which costs a third of what making a page of 10,000 rows costs beside.
So glibc is asked not to hand memory of some megabytes back to the system as soon as it is free. Where there is no
glibc, nothing happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from functools import cache
from pathlib import Path

__all__ = ["keep_buffers", "share_of_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT, _LARGEST = 64 << 20, 32 << 20

_CGROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_UNKNOWN = 1 << 30  # taken to be there where the system does not tell


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
