"""From the command to the first 200, every contract known; and how fast it is gone again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.harness import Against, Measured, Settings, run
from benchmarks.peers import PEERS, Peer, peer
from benchmarks.processes import free_port, running, testcard_command

__all__ = ["measure"]

_MOST = {"moto": 0.6, "Prism": 0.2}
_BODIES = {size: b'{"data": [%s]}' % b",".join([b'{"name": "a row"}'] * int(size)) for size in ("10", "100")}


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    peers = [Against(each.name, _peer_start(each), _MOST.get(each.name)) for each in PEERS] if settings.peers else []
    yield from run(settings, "command to first 200", _start("health"), against=peers)
    yield from run(settings, "command to an answer of each of the four APIs", _start("all"), against=peers)


def _start(what: str) -> Callable[[], float]:
    def measure() -> float:
        port = free_port()
        with running(testcard_command(port), port) as process:
            ready = process.wait_for("/_testcard/health")
            return ready if what == "health" else max(process.wait_for(path, 401) for path in _REFUSING)

    return measure


# One path of each API that refuses a caller without a token: to know that, it has read its contract.
_REFUSING = (
    "/videocentral/apis/v1/accounts",
    "/amagi/api/v2",
    "/videokit/vod/v1/assets",
    "/ibmvideo/v1/views",
)


def _peer_start(entry: Peer) -> Callable[[], float]:
    def measure() -> float:
        with peer(entry, _BODIES) as process:
            return process.wait_for(entry.ready, headers=entry.headers)

    return measure
