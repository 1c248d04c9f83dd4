"""Miniatures: clients that are wrong in one named way each, and say how often their bug really ran.

Each API has a module here with a list ``MINIATURES``, and one in ``adapters/`` with ``KNOWN_GOOD``, clients that are
right. `tests/kill_matrix.py` holds both against the suite.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Miniature:
    """One wrong client. *scenarios* are names of scenarios of which one gives it away, for a quick run."""

    api: str
    name: str
    area: str
    bug: str
    language: str
    open: Callable[[], PythonMiniature | ScriptMiniature]
    scenarios: Sequence[str] = ()


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


def miniatures(api: str) -> list[Miniature]:
    """The miniatures of an API; none where it has no module here."""
    if not (_HERE / f"{api}.py").exists():
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
