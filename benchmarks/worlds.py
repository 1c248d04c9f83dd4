"""A private world per test: create it, ask it once, drop it, all through the control interface."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess

__all__ = ["measure"]


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the line of the table."""
    mock = inprocess()
    what = "world: create, first answer, drop"
    yield from run(settings, what, timed(lambda: _life(mock), number=20), at_most=10.0)


def _life(mock: Mock) -> None:
    created = mock.send("POST", "/_testcard/worlds").json
    headers = {"authorization": f"Bearer {created['env']['TESTCARD_VIDEOCENTRAL_TOKEN']}"}
    answers = [
        mock.get("/videocentral/apis/v1/accounts?limit=10", headers=headers).status,
        mock.send("DELETE", f"/_testcard/worlds/{created['id']}").status,
    ]
    if answers != [200, 204]:
        raise RuntimeError(f"world {created['id']}: answered {answers}")
