"""All named scenarios, the simplest first: a client that fails there is told so in the plainest way."""

from __future__ import annotations

from testcard.suite.scenario import Scenario
from testcard.suite.subjects.videokit.faults import failing
from testcard.suite.subjects.videokit.figures import figures
from testcard.suite.subjects.videokit.files import uploading
from testcard.suite.subjects.videokit.lists import reading
from testcard.suite.subjects.videokit.writes import writing

__all__ = ["named"]


def named() -> list[Scenario]:
    """Every one."""
    return [*reading(), *writing(), *figures(), *uploading(), *failing()]
