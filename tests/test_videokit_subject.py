"""Cloud Video Kit as a subject: nothing is passed over in silence, and steps may use what others returned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.videokit import Adapter
from testcard.server.build import build
from testcard.suite.doubts import choices
from testcard.suite.drivers import AdapterDriver
from testcard.suite.oracles.videokit import READS, WRITES, content
from testcard.suite.protocol import Outcome
from testcard.suite.rules import judge
from testcard.suite.stage import Stage, resolved
from testcard.suite.subjects import open_subject

SUBJECT = open_subject("videokit")


def test_every_operation_is_judged_or_said_not_to_be() -> None:
    operations = set(build(["videokit"]).exchange("videokit").operations)
    judged = {call for each in SUBJECT.judged.values() for call in each.calls}

    assert judged | set(SUBJECT.unjudged) == operations
    assert judged.isdisjoint(SUBJECT.unjudged)


def test_the_plain_model_knows_every_judged_operation() -> None:
    assert set(SUBJECT.judged) == READS | WRITES | {"upload_file"}


def test_every_judged_operation_has_a_scenario() -> None:
    played = {step.operation for scenario in SUBJECT.named() for step in scenario.steps}

    assert played == set(SUBJECT.judged)


def test_scenarios_have_names_of_their_own() -> None:
    names = [scenario.name for scenario in SUBJECT.named()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": {"$result": 0}}, {"id": "made"}),
        ([{"fileId": {"$result": 0}}], [{"fileId": "made"}]),
        ({"id": {"$env": "TENANT"}}, {"id": "t-1"}),
        ({"body": {"metadata": {"$result": 0, "more": 1}}}, {"body": {"metadata": {"$result": 0, "more": 1}}}),
    ],
)
def test_arguments_take_what_the_scenario_could_not_know(value: Any, expected: Any) -> None:
    assert resolved(value, [Outcome("ok", value="made")], {"TENANT": "t-1"}) == expected


@pytest.mark.parametrize("outcome", [Outcome("failed", failure="server"), Outcome("ok")])
def test_what_a_step_did_not_return_cannot_be_asked_for(outcome: Outcome) -> None:
    with pytest.raises(LookupError):
        resolved({"$result": 0}, [outcome], {})


@pytest.mark.parametrize(("size", "expected"), [(0, b""), (2, b"ab"), (7, b"abcabca")])
def test_a_files_content_is_its_pattern_again_and_again(size: int, expected: bytes) -> None:
    assert content("abc", size) == expected


@pytest.mark.parametrize(
    ("asked", "sent", "same"),
    [
        ({"start": "2026-03-03T20:15:00+01:00"}, {"start": "2026-03-03T19:15:00Z", "limit": 200}, True),
        ({"start": "2026-03-03T20:15:00+01:00"}, {"start": "2026-03-03T20:15:00Z"}, False),
        ({"attributes": ["k=v"]}, {"attributes": ["[k]=v"]}, True),
        ({"attributes": ["k=v"]}, {"attributes": []}, False),
        ({"orderBy": [{"name": "HOUR"}]}, {"orderBy": [{"name": "HOUR"}, {"name": "COUNTRY"}]}, True),
        ({"orderBy": [{"name": "HOUR"}]}, {"orderBy": [{"name": "COUNTRY"}, {"name": "HOUR"}]}, False),
        ({"orderBy": [{"name": "HOUR"}]}, {}, True),  # who has all rows may sort them
        ({"tags": ["x"]}, {"title": "x"}, False),
        ({"title": None}, {"title": None}, True),
        ({"title": None}, {}, False),
    ],
)
def test_a_body_expresses_what_was_asked(asked: Any, sent: Any, same: bool) -> None:
    assert SUBJECT.same_body("get_queries_count", asked, sent) is same


@pytest.mark.parametrize(
    ("name", "asked", "sent", "same"),
    [
        ("statuses", ["a", "b"], [["b", "a"]], True),
        ("statuses", ["a", "b"], [["a"], ["b"]], True),
        ("statuses", ["a", "b"], [["a"]], False),
        ("attributes", ["[k]=v"], [["k=v"], ["k=v"]], True),
        ("statuses", ["a"], [["a"], None], False),
        ("sort", "CreateDate", ["createDate"], True),
        ("sort", "CreateDate", [None], False),
        ("desc", False, [None], True),
        ("desc", True, [None], False),
    ],
)
def test_parameters_express_what_was_asked(name: str, asked: Any, sent: list[Any], same: bool) -> None:
    assert SUBJECT.same_argument("list_vod_assets", name, asked, sent) is same


def test_what_a_client_wrote_is_remembered() -> None:
    scenario = next(each for each in SUBJECT.named() if each.name == "an asset is made and deleted")
    with Stage("videokit") as stage, AdapterDriver(Adapter()) as driver:
        play = stage.play(scenario, driver, timeout_s=10)
        found = list(judge(play, SUBJECT, stage.exchange))

    made = play.takes[0].outcome.value
    assert play.takes[1].step.arguments == {"id": made}
    assert made not in [row["id"] for row in play.takes[2].outcome.rows or ()]
    assert [violation.message for violation in found] == []


@pytest.mark.parametrize(
    ("name", "sways"),
    [("hours by country", {"VK-167=value-only"}), ("the ids of some sessions", {"VK-182=newest-first"})],
)
def test_a_reading_that_changes_no_figure_is_not_tried(name: str, sways: set[str]) -> None:
    scenario, others = next(each for each in SUBJECT.named() if each.name == name), choices("videokit")
    with Stage("videokit") as stage, AdapterDriver(Adapter()) as driver:
        plain = stage.play(scenario, driver, timeout_s=10, choices=others)
        for other in set(others) - plain.swayed:
            again = stage.play(replace(scenario, readings=others[other]), driver, timeout_s=10)
            assert [take.outcome for take in again.takes] == [take.outcome for take in plain.takes], other

    assert plain.swayed & {"VK-167=value-only", "VK-176=rows", "VK-182=newest-first"} == sways


def test_what_takes_patience_comes_last() -> None:
    waits = {
        "told to wait",
        "told to wait until a date",
        "an upload is told to wait",
        "making an asset is told to wait",
    }
    names = [each.name for each in SUBJECT.named()]
    slow = names[names.index("told to wait") :]

    assert waits <= set(slow)
    assert len(slow) < len(names) / 20
