"""What the load generator can do against a server that does nothing: so that it is known not to be the limit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.harness import Measured, Settings, run
from benchmarks.load import load
from benchmarks.processes import free_port, running

__all__ = ["measure"]

_SIZES = (6_000, 60_000)


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield a line per size of answer."""
    responder = str(Path(__file__).parent / "limits" / "responder.py")
    for size in _SIZES:
        port = free_port()
        with running([sys.executable, responder, str(port), str(size)], port) as process:
            process.wait_for("/")
            yield from run(settings, f"load generator's ceiling, {size} bytes", _throughput(process.url), unit="req/s")


def _throughput(url: str) -> Callable[[], float]:
    return lambda: load(url, "/", seconds=1.0).per_second
