"""Cloud Video Kit: five lists of one tenant, its analytics, and (only where allowed) one scratch asset of our own."""

from __future__ import annotations

from collections.abc import Mapping

from testcard.live.subject import Subject
from testcard.live.subjects.videokit import analytics, lists, scratch
from testcard.live.talk import Talk

__all__ = ["SUBJECT"]


def _walk(talk: Talk) -> None:
    lists.walk(talk)
    analytics.walk(talk)


def _headers(credentials: Mapping[str, str]) -> dict[str, str]:
    tenant = {"X-Tenant-Id": credentials["TENANT_ID"]} if "TENANT_ID" in credentials else {}
    return {"X-Api-Key": credentials["API_KEY"], **tenant}


SUBJECT = Subject(
    api="videokit",
    steps=(*lists.STEPS, *analytics.STEPS),
    walk=_walk,
    relations=(*lists.RELATIONS, *analytics.RELATIONS, *scratch.RELATIONS),
    detectors=(*lists.DETECTORS, *analytics.DETECTORS, *scratch.DETECTORS),
    ways=(("API_KEY", "TENANT_ID"), ("API_KEY",)),
    headers=_headers,
    queries=analytics.QUERIES,
    scratch=scratch.STEPS,
    write=scratch.write,
    plain=frozenset({
        "status", "accessType", "format", "protection", "code", "type", "dimension", "interval", "groupBy",
        "operator", "order", "key",
    }),
    opaque=frozenset({"url", "location"}),
    not_checked=("live channels, recordings and events beyond their list: to change them would be on the air",),
)  # fmt: skip
