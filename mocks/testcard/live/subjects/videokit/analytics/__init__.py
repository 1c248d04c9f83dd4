"""Cloud Video Kit's analytics: steps, relations and detectors of its documented queries."""

from testcard.live.subjects.videokit.analytics.readings import DETECTORS
from testcard.live.subjects.videokit.analytics.relations import RELATIONS
from testcard.live.subjects.videokit.analytics.tables import QUERIES
from testcard.live.subjects.videokit.analytics.walk import STEPS, walk

__all__ = ["DETECTORS", "QUERIES", "RELATIONS", "STEPS", "walk"]
