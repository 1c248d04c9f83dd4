"""The pytest plugin: a private world per test, on a server for the whole session.

Costs nothing until a test asks for the fixture ``testcard``: whatever is large is imported then.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from testcard.testing import Server, TestWorld

__all__ = ["testcard", "testcard_server"]

_MARK = "testcard"


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker takes."""
    config.addinivalue_line(
        "markers",
        "testcard(seed=, profile=, now=, frozen=, dialect=, reading=, faults=, weather=, dialects=, weathers=):"
        " the world that the fixture `testcard` gives this test; dialects and weathers run it once for each",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each dialect and weather that its marker lists."""
    if "testcard" not in metafunc.fixturenames:
        return
    options = _options(metafunc.definition)
    dialects, weathers = options.get("dialects", [None]), options.get("weathers", [None])
    if dialects == [None] and weathers == [None]:
        return
    variants = [
        {name: value for name, value in (("dialect", dialect), ("weather", weather)) if value is not None}
        for dialect, weather in product(dialects, weathers)
    ]
    metafunc.parametrize(
        "_testcard_variant", variants, ids=["-".join(each.values()) for each in variants], indirect=True
    )


@pytest.fixture
def _testcard_variant(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(getattr(request, "param", {}))


@pytest.fixture(scope="session")
def testcard_server() -> Iterator[Server]:
    """The server of the session: the one at ``TESTCARD_URL`` when that is set, else one of our own."""
    from testcard.testing import Server

    url = os.environ.get("TESTCARD_URL")
    with Server(url, os.environ.get("TESTCARD_CONTROL_TOKEN")) as server:
        yield server


@pytest.fixture
def testcard(
    request: pytest.FixtureRequest,
    testcard_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    _testcard_variant: dict[str, str],
) -> Iterator[TestWorld]:
    """A private world, with its addresses and credentials in the environment of this test.

    What other fixtures send when they are torn down is looked at too.
    """
    __tracebackhide__ = True
    world = testcard_server.open_world({**_options(request.node), **_testcard_variant})
    for name, value in world.env.items():
        monkeypatch.setenv(name, value)
    yield world
    try:
        world.check()
    finally:
        world.close()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Fail a test whose client was refused for its own fault, even if the client swallowed it.

    A test that fails for another reason is told about it too: it is often why.
    """
    __tracebackhide__ = True
    world: Any = pyfuncitem.funcargs.get("testcard")
    if world is None or not hasattr(world, "trouble"):
        return (yield)
    try:
        result = yield
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
        with contextlib.suppress(Exception):  # what the test failed for says more than a server that is gone
            if trouble := world.trouble():
                error.add_note(trouble)
        raise
    world.check()
    return result


def _options(node: pytest.Item | Any) -> dict[str, Any]:
    """The marker's options, those of the closest marker first."""
    options: dict[str, Any] = {}
    for mark in node.iter_markers(_MARK):
        if mark.args:
            raise pytest.UsageError(f"@pytest.mark.testcard takes keywords only, found {mark.args!r}")
        options = {**mark.kwargs, **options}
    return options
