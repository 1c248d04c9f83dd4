"""Miniatures: clients that are wrong in one named way each, and say how often their bug really ran.

Each API has a module here with a list ``MINIATURES``, and one in ``adapters/`` with ``KNOWN_GOOD``, clients that are
right. `tests/kill_matrix.py` holds both against the suite.
"""

from __future__ import annotations

import importlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testcard.suite.drivers import AdapterDriver, Driver, ProcessDriver

__all__ = [
    "Miniature",
    "PythonMiniature",
    "ScriptMiniature",
    "kebab",
    "known_good",
    "miniatures",
    "of_classes",
    "of_script",
]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Miniature:
    """One wrong client. *scenarios* are names of scenarios of which one gives it away, for a quick run.

    With *readings* it is wrong under those alone: what it presumes, the document leaves open.
    """

    api: str
    name: str
    area: str
    bug: str
    language: str
    open: Callable[[], PythonMiniature | ScriptMiniature]
    scenarios: Sequence[str] = ()
    readings: Mapping[str, str] = field(default_factory=dict)


class PythonMiniature(AdapterDriver):
    """An adapter whose client counts in *counter* how often its bug ran."""

    def __init__(self, adapter: Any, counter: Callable[[], int]) -> None:
        super().__init__(adapter)
        self._counter = counter
        self._before = counter()

    @property
    def ran(self) -> int:
        """How often the bug ran since this was made."""
        return self._counter() - self._before


class ScriptMiniature(ProcessDriver):
    """A process that writes ``bug ran`` to standard error when its bug runs."""

    ran = 0

    def said(self) -> str:
        """What else it wrote."""
        time.sleep(0.05)
        said = super().said()
        self.ran += said.count("bug ran\n")
        return said.replace("bug ran\n", "")


def of_classes(api: str, base: type[Any], adapter: type[Any]) -> list[Miniature]:
    """A miniature for each class at the end of a line from *base*: what stands between is shared by those below.

    The class has ``area``, ``scenarios`` and ``ran``, perhaps ``readings``; its docstring says what is wrong with it.
    """
    return [_of_class(api, wrong, adapter) for wrong in _below(base)]


def _of_class(api: str, wrong: Any, adapter: type[Any]) -> Miniature:
    name = kebab(wrong.__name__)
    own = type(wrong.__name__, (adapter,), {"client": name, "client_class": wrong})
    bug = (wrong.__doc__ or "").strip()

    def opened() -> PythonMiniature:
        return PythonMiniature(own(), lambda: wrong.ran)

    return Miniature(api, name, wrong.area, bug, "Python", opened, wrong.scenarios, getattr(wrong, "readings", {}))


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for each in base.__subclasses__():
        if each.__subclasses__():
            yield from _below(each)
        else:
            yield each


def of_script(
    api: str, script: Path, name: str, area: str, bug: str, scenarios: Sequence[str], *, zone: str = "UTC"
) -> Miniature:
    """A miniature that Node runs: *script* with the name of its bug, in a time zone."""

    def opened() -> ScriptMiniature:
        return ScriptMiniature(["node", str(script), name], env={**os.environ, "TZ": zone})

    return Miniature(api, f"node-{name}", area, bug, "Node", opened, scenarios)


def miniatures(api: str) -> list[Miniature]:
    """The miniatures of an API; none where it has no module here."""
    if not (_HERE / f"{api}.py").exists() and not (_HERE / api).is_dir():
        return []
    found: list[Miniature] = importlib.import_module(f"miniatures.{api}").MINIATURES
    return found


def known_good(api: str) -> dict[str, Callable[[], Driver]]:
    """The clients of an API that are right, by name."""
    if not (_HERE.parent / "adapters" / f"{api}.py").exists():
        return {}
    module = importlib.import_module(f"adapters.{api}")
    found: dict[str, Callable[[], Driver]] = getattr(
        module, "KNOWN_GOOD", {"requests": lambda: AdapterDriver(module.Adapter())}
    )
    return found


def kebab(name: str) -> str:
    """``StopsAtFirstPage`` -> ``stops-at-first-page``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
