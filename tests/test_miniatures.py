"""The suite catches every wrong client, and accuses no right one; `make kill-matrix` does the same at length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kill_matrix import accusation, accusations, chosen, dialects, first_of_each, kill, swaying, weathered
from miniatures.registry import Miniature, known_good, miniatures
from testcard.suite.drivers import AdapterDriver
from testcard.suite.stage import Stage
from testcard.suite.subjects import SUBJECTS, open_subject

ALL = [each for api in SUBJECTS for each in miniatures(api)]
GOOD = [(api, name) for api in SUBJECTS for name in known_good(api)]
IN_PROCESS = [(api, name) for api, name in GOOD if isinstance(known_good(api)[name](), AdapterDriver)]


@pytest.fixture(scope="module")
def stages() -> Iterator[dict[str, Stage]]:
    with ExitStack() as stack:
        yield {api: stack.enter_context(Stage(api)) for api in SUBJECTS}


@pytest.mark.parametrize("miniature", ALL, ids=lambda each: f"{each.api}-{each.name}")
def test_a_wrong_client_is_caught(stages: dict[str, Stage], miniature: Miniature) -> None:
    scenarios = list(open_subject(miniature.api).named())
    result = kill(miniature, stages[miniature.api], chosen(scenarios, miniature), stop=True)

    assert result.ran, "its bug never ran"
    assert result.killed, "it survives"


@pytest.mark.parametrize("miniature", [each for each in ALL if each.readings], ids=lambda each: each.name)
def test_a_client_that_presumes_a_reading_is_right_without_it(stages: dict[str, Stage], miniature: Miniature) -> None:
    scenarios = chosen(list(open_subject(miniature.api).named()), miniature)

    assert list(map(accusation, accusations(miniature.open(), stages[miniature.api], scenarios))) == []


@pytest.mark.parametrize(("api", "name"), GOOD)
def test_a_right_client_is_not_accused(stages: dict[str, Stage], api: str, name: str) -> None:
    client = known_good(api)[name]()
    scenarios = list(open_subject(api).named())
    both = isinstance(client, AdapterDriver)  # processes are slow: the kill matrix plays the other dialect too
    found = accusations(client, stages[api], dialects(scenarios) if both else scenarios)

    assert list(map(accusation, found)) == []


@pytest.mark.parametrize(("api", "name"), IN_PROCESS)
def test_a_right_client_is_not_accused_under_any_reading(stages: dict[str, Stage], api: str, name: str) -> None:
    client = known_good(api)[name]
    some = list(open_subject(api).named())[::3]
    readings = swaying(client(), stages[api], some, most=1)

    assert len({str(scenario.readings) for scenario in readings}) > 5
    assert list(map(accusation, accusations(client(), stages[api], readings))) == []


@pytest.mark.parametrize("weather", ["calm", "flaky", "storm"])
@pytest.mark.parametrize(("api", "name"), IN_PROCESS)
def test_a_right_client_is_not_accused_in_any_weather(
    stages: dict[str, Stage], api: str, name: str, weather: str
) -> None:
    scenarios = weathered(first_of_each(open_subject(api).named()), weather)

    assert list(map(accusation, accusations(known_good(api)[name](), stages[api], scenarios))) == []


@pytest.mark.parametrize(("api", "name"), IN_PROCESS)
def test_a_client_that_waits_as_told_does_not_hang(stages: dict[str, Stage], api: str, name: str) -> None:
    scenarios = weathered(first_of_each(open_subject(api).named())[:1], "maintenance")

    assert list(map(accusation, accusations(known_good(api)[name](), stages[api], scenarios, call_s=0.5))) == []


def test_the_scenarios_that_miniatures_name_exist() -> None:
    names = {(api, scenario.name) for api in SUBJECTS for scenario in open_subject(api).named()}

    assert {(each.api, name) for each in ALL for name in each.scenarios} <= names


def test_each_miniature_is_named_once_and_says_what_is_wrong() -> None:
    assert [name for name, count in Counter((each.api, each.name) for each in ALL).items() if count > 1] == []
    assert all(re.fullmatch(r"[A-Z].*\.", each.bug) and each.area for each in ALL)
    assert len({each.language for each in ALL}) >= 2
