"""A reading is tried where it matters to a client, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.videocentral import Adapter
from testcard.suite.budget import Budget
from testcard.suite.doubts import choices
from testcard.suite.drivers import AdapterDriver
from testcard.suite.matrix import Matrix
from testcard.suite.protocol import Asked, Outcome
from testcard.suite.scenario import Scenario, Step
from testcard.suite.stage import Play, Stage, Take
from testcard.suite.subjects.videocentral import VideoCentral

CHOICES = choices("videocentral")
NAMED = {scenario.name: scenario for scenario in VideoCentral().named()}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage("videocentral") as stage:
        yield stage


def played(stage: Stage, scenario: Scenario) -> Play:
    with AdapterDriver(Adapter()) as driver:
        return stage.play(scenario, driver, timeout_s=10, choices=CHOICES)


@pytest.mark.parametrize(
    ("name", "sways", "does_not"),
    [
        ("a list of two pages and a bit: list_report_types", "VC-02=mixed", "VC-11=newest-first"),
        ("a list of two pages and a bit: list_reports", "VC-11=newest-first", "VC-02=mixed"),
        ("1 reports", "VC-12=exclusive", "VC-01=pages"),
        ("20 reports", "dialect=observed", "VC-09=full-page"),
        ("no ready token", "VC-08=revoked", "VC-05=empty"),
    ],
)
def test_a_choice_sways_what_it_would_have_changed(stage: Stage, name: str, sways: str, does_not: str) -> None:
    found = played(stage, NAMED[name]).swayed

    assert sways in found
    assert does_not not in found


def seen(play: Play) -> list[tuple[Any, list[int | None]]]:
    """What the client returned, less links into a world, and how each of its requests was answered."""
    rows = [[{**row, "downloadUrl": ""} for row in take.outcome.result] for take in play.takes]
    return [(row, [entry.status for entry in take.traffic]) for row, take in zip(rows, play.takes, strict=True)]


@pytest.mark.parametrize("name", ["10 reports", "files with awkward cells", "the token ends between two calls"])
def test_what_does_not_sway_a_client_changes_nothing(stage: Stage, name: str) -> None:
    plain = played(stage, NAMED[name])
    others = set(CHOICES) - plain.swayed

    assert len(others) > 5
    for other in others:
        again = played(stage, replace(NAMED[name], readings=CHOICES[other]))
        assert seen(again) == seen(plain), other


def test_working_out_answers_again_leaves_no_trace(stage: Stage) -> None:
    with AdapterDriver(Adapter()) as driver:
        plain = stage.play(NAMED["a list that grew since the last call"], driver, timeout_s=10)
    watched = played(stage, NAMED["a list that grew since the last call"])

    assert seen(watched) == seen(plain)
    assert [take.readings for take in watched.takes] == [take.readings for take in plain.takes]
    assert watched.swayed
    assert not plain.swayed


def taken(operation: str, *sways: str) -> Take:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return Take(Step(operation), Asked(operation, {}, {}), Outcome("ok"), (), {}, {}, now, 0, swayed=frozenset(sways))


def swayed_play(name: str, operation: str, *sways: str) -> Play:
    return Play(Scenario(name, "videocentral", [Step(operation)]), [taken(operation, *sways)])


def test_every_choice_has_its_most_telling_scenario_before_any_has_its_next() -> None:
    matrix = Matrix({"A=1": {"A": "1"}, "B=1": {"B": "1"}, "C=1": {"C": "1"}})
    matrix.add(swayed_play("one", "list_reports", "A=1"))
    matrix.add(swayed_play("two", "list_reports", "A=1", "B=1"))
    matrix.add(swayed_play("three", "list_accounts", "A=1"))
    order = [(name, each.name, dict(each.readings), matrix.left) for name, each in matrix.rounds()]

    assert order == [
        ("A=1", "one", {"A": "1"}, 3),
        ("B=1", "two", {"B": "1"}, 2),
        ("A=1", "three", {"A": "1"}, 1),
        ("A=1", "two", {"A": "1"}, 0),
    ]
    assert matrix.touched == {"A=1": 3, "B=1": 1, "C=1": 0}


def test_a_choice_is_tried_with_so_many_scenarios_of_each_operation() -> None:
    matrix = Matrix({"A=1": {"A": "1"}}, 2)
    for number, operation in enumerate(["list_reports"] * 4 + ["list_accounts"]):
        matrix.add(swayed_play(f"{number}", operation, "A=1"))

    assert matrix.left == 3
    assert [each.name for _, each in matrix.rounds()] == ["0", "4", "1"]
    assert (matrix.left, matrix.touched) == (0, {"A=1": 3})


def test_a_scenario_counts_for_every_operation_that_a_choice_sways_in_it() -> None:
    matrix = Matrix({"A=1": {"A": "1"}, "B=1": {"B": "1"}}, 1)
    both = [("list_reports", "A=1"), ("list_accounts", "A=1")]
    for name, takes in {"one": both, "two": both[:1], "three": [("get_report", "B=1"), both[1]], "four": []}.items():
        matrix.add(Play(Scenario(name, "videocentral", ()), [taken(*each) for each in takes]))
    matrix.add(Play(Scenario("five", "videocentral", ()), [taken("get_report", "A=1"), taken("list_reports", "A=1")]))

    assert [(name, each.name) for name, each in matrix.rounds()] == [("A=1", "one"), ("B=1", "three"), ("A=1", "five")]


def test_only_choices_that_want_more_are_asked_about() -> None:
    matrix = Matrix({"A=1": {"A": "1"}, "B=1": {"B": "1"}}, 1)
    matrix.add(swayed_play("one", "list_reports", "A=1"))

    assert set(matrix.open_to(Scenario("two", "videocentral", [Step("list_reports")]))) == {"B=1"}
    both = Scenario("three", "videocentral", [Step("list_reports"), Step("list_accounts")])
    assert set(matrix.open_to(both)) == {"A=1", "B=1"}


def test_a_choice_that_broke_a_client_is_settled() -> None:
    matrix = Matrix({"A=1": {"A": "1"}})
    for number in range(3):
        matrix.add(swayed_play(f"{number}", "list_reports", "A=1"))
    for name, _ in matrix.rounds():
        matrix.settle(name)

    assert matrix.left == 0
    assert list(matrix.rounds()) == []


def test_each_phase_leaves_time_to_those_behind_it() -> None:
    phases = ("named scenarios", "drawn scenarios", "readings")
    ends = [Budget(seconds=60).until(phase) for phase in phases]
    without = [Budget(seconds=10, matrix=False).until(phase) for phase in phases]

    assert ends == sorted(set(ends))
    assert ends[-1] == 60
    assert without[0] < without[1] == 10
