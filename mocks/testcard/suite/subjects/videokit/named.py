"""All named scenarios: of each kind in turn, of each the simplest first, and those that take patience behind all."""

from __future__ import annotations

from itertools import zip_longest

from testcard.suite.scenario import Scenario
from testcard.suite.subjects.videokit.faults import failing
from testcard.suite.subjects.videokit.figures import figures
from testcard.suite.subjects.videokit.files import uploading
from testcard.suite.subjects.videokit.lists import reading
from testcard.suite.subjects.videokit.writes import writing

__all__ = ["named"]


def named() -> list[Scenario]:
    """Every one; a run that has little time sees something of everything."""
    turns = zip_longest(reading(), writing(), figures(), uploading(), failing())
    return sorted((scenario for turn in turns for scenario in turn if scenario is not None), key=_takes_patience)


def _takes_patience(scenario: Scenario) -> bool:
    """Whether the service has a client wait: for what takes a second, twenty others can be played."""
    return any("retry_after" in fault or fault["kind"] in _SLOW for fault in scenario.faults)


_SLOW = frozenset({"latency", "drip", "stall", "stall-body"})
