"""All named scenarios: of each kind in turn, and of each the simplest first."""

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
    return [scenario for turn in turns for scenario in turn if scenario is not None]
