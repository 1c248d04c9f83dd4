"""A careful client meets every reading that it can meet, in a scenario that has a name."""

from __future__ import annotations

import pytest

from kill_matrix import swaying
from miniatures.registry import known_good
from testcard.contract import open_ledger
from testcard.suite.stage import Stage
from testcard.suite.subjects import SUBJECTS, open_subject

# Readings of what only a careless client sends: a bad token, a page behind the end, a limit beyond the largest.
_CARELESS = {
    "videocentral": {"VC-03=refused", "VC-14=clamped", "VC-14=refused", "VC-15=refused"},
    "amagi": {"AM-01=forbidden-403", "AM-02=forbidden-403"},
    "ibmvideo": {"IB-19=repaired", "IB-21=not-found", "IB-46=bearer-too", "IB-53=accepted", "IB-62=rfc"},
    "videokit": {
        "VK-001=always", "VK-001=one-tenant", "VK-002=not-found", "VK-002=unauthorized", "VK-007=as-worded",
        "VK-009=capped", "VK-009=refused", "VK-010=last", "VK-010=not-found", "VK-071=refused",
    },
}  # fmt: skip
# Readings of what this client does not leave to the service, or asks in another way.
_SAID = {
    "videocentral": {"VC-45=refused"},
    "amagi": {"AM-26=ten"},
    "ibmvideo": {"IB-47=filtered", "IB-50=minute", "IB-54=reusable"},
    "videokit": {"VK-171=last-thirty-days", "VK-173=unordered"},
}
# Readings of operations that are not judged, or of what is not in explicit rows.
_NOT_JUDGED = {
    "videokit": {
        "VK-052=preset", "VK-101=name", "VK-106=channel", "VK-107=array", "VK-108=last-day", "VK-110=on-the-clock",
        "VK-111=zero", "VK-116=withheld", "VK-117=number", "VK-118=forbidden", "VK-120=merge-by-id", "VK-121=allowed",
        "VK-123=refused", "VK-126=refused", "VK-131=start-only", "VK-151=output-id", "VK-152=preset", "VK-170=cascade",
        "VK-190=replaced", "VK-192=both", "VK-193=items", "VK-196=false", "VK-197=withheld",
    },
}  # fmt: skip


@pytest.mark.parametrize("api", SUBJECTS)
def test_the_named_scenarios_meet_every_reading_that_a_careful_client_can_meet(api: str) -> None:
    with Stage(api) as stage:
        played = swaying(known_good(api)["requests"](), stage, open_subject(api).named(), most=1)
    met = {f"{entry}={name}" for each in played if len(each.readings) == 1 for entry, name in each.readings.items()}
    every = {
        f"{entry.id}={name}"
        for entry in open_ledger((api,))
        for name in entry.readings
        if entry.switchable and name != entry.documented
    }

    assert every - met == {each for table in (_CARELESS, _SAID, _NOT_JUDGED) for each in table.get(api, ())}
