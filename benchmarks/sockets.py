"""Lists of 10 and of 100 over a real socket, 32 connections.

The limit is the trivial Flask app that returns the same bytes: on our own server (uvicorn, which can run WSGI only in
threads) and, stricter, on the WSGI servers that run it fastest, where the peers' folder has them. Prism does the work
that ours does with our contract: it checks token, parameters and rows. With a document that has none of these it is
the stricter limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import orjson

from benchmarks.harness import Against, Measured, Settings, run
from benchmarks.listing import NOW, find_listing
from benchmarks.load import load
from benchmarks.peers import PEERS, flask_on, installed, peer
from benchmarks.processes import Process, serving

__all__ = ["measure"]

_SIZES = ("10", "100")
_LEAST = {"uvicorn": 0.6, "Prism": 2.0, "Prism with our contract": 2.0, "Mockoon": 2.0, "moto": 8.0}


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    with ExitStack() as stack:
        server = stack.enter_context(serving("--now", NOW))
        listing = find_listing(
            lambda path, headers: orjson.loads(server.get(path, headers)[1]), server.env["TESTCARD_VIDEOCENTRAL_TOKEN"]
        )
        paths = {size: listing.of(int(size)) for size in _SIZES}
        bodies = {size: server.get(path, listing.headers)[1] for size, path in paths.items()}
        others = list(_flasks(stack, bodies)) + (list(_peers(stack, bodies)) if settings.peers else [])
        for size in _SIZES:
            against = [
                Against(name, _throughput(process, lists[size], headers), at_least=least)
                for name, process, lists, headers, least in others
            ]
            ours = _throughput(server, paths[size], listing.headers)
            what = f"socket, list of {size} ({len(bodies[size])} bytes), 32 connections"
            yield from run(settings, what, ours, unit="req/s", against=against)
            work = [
                Against(name, _processor_us(process, lists[size], headers), at_most=1 / least if least else None)
                for name, process, lists, headers, least in others
                if "Flask" in name
            ]
            ours = _processor_us(server, paths[size], listing.headers)
            yield from run(
                settings, f"the same, list of {size}: processor time of an answer", ours, unit="us", against=work
            )


def _throughput(process: Process, path: str, headers: Mapping[str, str] | None = None) -> Callable[[], float]:
    return lambda: load(process.url, path, headers=headers, connections=32, seconds=1.0).per_second


def _processor_us(process: Process, path: str, headers: Mapping[str, str] | None = None) -> Callable[[], float]:
    """What an answer costs its server: steadier than throughput, on a machine that others use too."""

    def measure() -> float:
        before = process.cpu_s()
        answers = load(process.url, path, headers=headers, connections=32, seconds=0.7).answers
        return (process.cpu_s() - before) * 1e6 / answers

    return measure


Other = tuple[str, Process, Mapping[str, str], Mapping[str, str], float | None]


def _flasks(stack: ExitStack, bodies: Mapping[str, bytes]) -> Iterator[Other]:
    paths = {size: f"/items/{size}" for size in _SIZES}
    commands = {"uvicorn": "uvicorn", "waitress": "waitress-serve", "granian": "granian"}
    for name, command in commands.items():
        if name == "uvicorn" or installed(command):
            yield f"trivial Flask on {name}", stack.enter_context(flask_on(name, bodies)), paths, {}, _LEAST.get(name)


def _peers(stack: ExitStack, bodies: Mapping[str, bytes]) -> Iterator[Other]:
    for entry in PEERS:
        process = stack.enter_context(peer(entry, bodies))
        process.wait_for(entry.ready, headers=entry.headers)
        entry.fill(process)
        yield entry.name, process, entry.lists, entry.headers, _LEAST.get(entry.name)
