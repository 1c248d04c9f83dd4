"""What the harness itself costs: the journal on every call, and the plugin on every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.harness import Against, Measured, Settings, run, timed
from benchmarks.inprocess import Mock, inprocess
from testcard.testing import Server
from testcard.world.journal import Journal

__all__ = ["measure"]


class _NoJournal(Journal):
    """Keeps nothing: what is left is a call without a journal."""

    def complete(self, *_: object) -> None:
        """Forget."""
        self.clear()


def measure(settings: Settings) -> Iterator[Measured]:
    """Yield the lines of the table."""
    journalled, plain = inprocess("videocentral"), inprocess("videocentral")
    plain.world.journal = _NoJournal()
    without = Against("the same, forgotten at once", timed(_call(plain), number=200), at_most=1.3)
    yield from run(settings, "a call, written down", timed(_call(journalled), number=200), against=[without])
    with Server() as server:
        yield from run(
            settings,
            "plugin: a test's world, opened, checked, closed",
            timed(lambda: _test(server), number=10),
            at_most=40.0,
        )


def _call(mock: Mock) -> Callable[[], object]:
    headers = {"authorization": f"Bearer {mock.env('videocentral')['TOKEN']}"}
    return lambda: mock.get("/videocentral/apis/v1/accounts?limit=10", headers=headers)


def _test(server: Server) -> None:
    world = server.open_world({})
    world.check()
    world.close()
