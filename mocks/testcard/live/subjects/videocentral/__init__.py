"""Amazon Video Central: walk down from the accounts to the reports of one type, its pages, its filters, two files."""

from __future__ import annotations

from collections.abc import Mapping

from testcard.live.subject import Subject
from testcard.live.subjects.videocentral.readings import DETECTORS
from testcard.live.subjects.videocentral.relations import RELATIONS
from testcard.live.subjects.videocentral.walk import STEPS, walk

__all__ = ["SUBJECT"]


def _headers(credentials: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials['TOKEN']}"}


def _form(credentials: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower(): credentials[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
    return {"grant_type": "refresh_token", **names}


SUBJECT = Subject(
    api="videocentral",
    steps=STEPS,
    walk=walk,
    relations=RELATIONS,
    detectors=DETECTORS,
    ways=(("TOKEN",), ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")),
    headers=_headers,
    token_operation="request_token",  # noqa: S106 - the name of an operation
    token_form=_form,
    storage=("https://*.s3.*.amazonaws.com", "https://s3.*.amazonaws.com", "https://*.s3.amazonaws.com"),
    plain=frozenset({
        "cadence", "territory", "reportDateBegin", "reportDateEnd", "modifiedDate", "code", "token_type", "asked_type",
        "form",
    }),
    links=frozenset({"next"}),
    opaque=frozenset({"downloadUrl"}),
)  # fmt: skip
