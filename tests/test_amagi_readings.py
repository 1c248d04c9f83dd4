"""The careful client of Amagi Analytics is right under each reading; where it is not, the ledger says why.

A few scenarios stand for all here; `testcard verify` plays every one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.amagi import KNOWN_GOOD
from kill_matrix import accusations
from testcard.contract import open_ledger
from testcard.suite.stage import Stage
from testcard.suite.subjects import open_subject

READINGS = [
    (entry.id, name)
    for entry in open_ledger(("amagi",))
    if entry.switchable
    for name in entry.readings
    if name != entry.documented
]
# A client that counts pages from one cannot know that the first was number zero.
DEPENDS = {("AM-25", "zero-based")}
NAMES = frozenset({
    "the clocks go back",
    "some hours of two days",
    "contents by the hour",
    "10 contents",
    "only studioName Halyard & Sons",
    "only country United States,Canada",
    "a device that is not of its type",
    "a city in small letters",
    "a country that lost its letters",
    "a city called All",
    "no channel is named",
    "a channel that there is not",
    "weeks and months of viewers",
    "a minute and its neighbours",
    "hours that are not listed",
    "the end before the start",
    "a file with large numbers",
    "a week that begins on a Tuesday",
    "a file: 75 from 2024-06-12",
    "a file of a schedule that was saved that day",
    "a channel, and a customer who has it not",
    "no programme guide: get_content_analytics",
})  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage("amagi") as made:
        yield made


@pytest.mark.parametrize(("entry", "name"), READINGS, ids=lambda each: each)
def test_the_careful_client_is_right_under_each_reading(stage: Stage, entry: str, name: str) -> None:
    chosen = [each for each in open_subject("amagi").named() if each.name in NAMES]
    scenarios = [replace(each, readings={entry: name}) for each in chosen]
    found = accusations(KNOWN_GOOD["requests"](), stage, scenarios)

    assert len(chosen) == len(NAMES)
    assert {each.rule for each in found} <= ({"OUT-02"} if (entry, name) in DEPENDS else set())
