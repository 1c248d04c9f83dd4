"""IBM Video Streaming: an hour of views of the day before, its halves and subsets, what runs now, viewers, siblings."""

from __future__ import annotations

from collections.abc import Mapping

from testcard.live.subject import Subject
from testcard.live.subjects.ibmvideo.readings import DETECTORS
from testcard.live.subjects.ibmvideo.relations import RELATIONS
from testcard.live.subjects.ibmvideo.siblings import DETECTORS as SIBLING_DETECTORS
from testcard.live.subjects.ibmvideo.siblings import RELATIONS as SIBLING_RELATIONS
from testcard.live.subjects.ibmvideo.siblings import STEPS as SIBLING_STEPS
from testcard.live.subjects.ibmvideo.walk import STEPS, walk

__all__ = ["SUBJECT"]


def _form(credentials: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower(): credentials[name] for name in ("CLIENT_ID", "CLIENT_SECRET")}
    return {"grant_type": "client_credentials", "token_type": "jwt", **names}


SUBJECT = Subject(
    api="ibmvideo",
    steps=(*STEPS, *SIBLING_STEPS),
    walk=walk,
    relations=(*RELATIONS, *SIBLING_RELATIONS),
    detectors=(*DETECTORS, *SIBLING_DETECTORS),
    ways=(("TOKEN",), ("CLIENT_ID", "CLIENT_SECRET")),
    headers=lambda credentials: {"Authorization": credentials["TOKEN"]},
    token_operation="request_token",  # noqa: S106 - the name of an operation
    token_form=_form,
    plain=frozenset({
        "type", "content_type", "started_at", "finished_at", "last_activity", "country", "view_type", "family", "brand",
        "model", "major", "minor", "patch", "patch_minor", "pointer", "date_time_from", "date_time_to", "token_type",
        "asked_type", "dimension", "dimension_type", "granularity", "list_unfinished_segments", "inclusive_range",
        "_page", "_limit",
    }),
    links=frozenset({"href"}),
    numbered=frozenset({"content_id"}),
)  # fmt: skip
