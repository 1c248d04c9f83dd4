"""Amagi Analytics: a week that is over, its halves, hours, contents and channels, and the user's scheduled reports."""

from __future__ import annotations

from testcard.live.subject import Subject
from testcard.live.subjects.amagi.readings import DETECTORS
from testcard.live.subjects.amagi.relations import RELATIONS
from testcard.live.subjects.amagi.reports import DETECTORS as REPORT_DETECTORS
from testcard.live.subjects.amagi.reports import RELATIONS as REPORT_RELATIONS
from testcard.live.subjects.amagi.reports import STEPS as REPORT_STEPS
from testcard.live.subjects.amagi.reports import look
from testcard.live.subjects.amagi.walk import STEPS, walk

__all__ = ["SUBJECT"]

SUBJECT = Subject(
    api="amagi",
    steps=(*STEPS, *REPORT_STEPS),
    walk=walk,
    relations=(*RELATIONS, *REPORT_RELATIONS),
    detectors=(*DETECTORS, *REPORT_DETECTORS),
    ways=(("TOKEN",),),
    given=("SCHEDULES",),
    looks={"download_report": look},
    headers=lambda credentials: {"x-access-token": credentials["TOKEN"]},
    plain=frozenset({"time", "interval", "startTime", "endTime", "timezone", "type", "error", "style", "thousands"}),
)
