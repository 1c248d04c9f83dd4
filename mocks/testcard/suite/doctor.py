"""What is wrong with a driver, found before any verdict: it is the shim that is examined here, not the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from testcard.suite.drivers import Driver
from testcard.suite.protocol import DriverError
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Stage
from testcard.suite.subject import Subject
from testcard.suite.subjects import open_subject

__all__ = ["examine"]

_CALL_S = 20.0


def examine(open_driver: Callable[[], Driver], api: str) -> Iterator[tuple[str, str]]:
    """Yield (what was examined, what is wrong or nothing), the most basic first; stops where nothing can follow."""
    subject = open_subject(api)
    driver = open_driver()
    try:
        driver.start()
    except DriverError as error:
        yield "it starts and introduces itself", str(error)
        return
    yield "it starts and introduces itself", ""
    try:
        yield "its operations are known", _unknown(driver, subject)
        with Stage(api) as stage:
            yield from _calls(stage, driver, subject)
    finally:
        driver.close()


def _unknown(driver: Driver, subject: Subject) -> str:
    mine = driver.operations & set(subject.judged)
    if not mine:
        return f"none of {', '.join(sorted(driver.operations))} is one of {', '.join(subject.judged)}"
    return ""


def _calls(stage: Stage, driver: Driver, subject: Subject) -> Iterator[tuple[str, str]]:
    first: dict[str, Scenario] = {}
    for scenario in subject.named():
        step = scenario.steps[0]
        if not scenario.faults and step.operation in driver.operations:
            first.setdefault(step.operation, replace(scenario, steps=[step]))
    for operation, scenario in first.items():
        yield f"{operation} is answered", _called(stage, driver, scenario)
        fetched = replace(scenario, steps=[replace(scenario.steps[0], token=False)])
        yield f"{operation} is answered without a ready token", _called(stage, driver, fetched)


def _called(stage: Stage, driver: Driver, scenario: Scenario) -> str:
    try:
        take = stage.play(scenario, driver, timeout_s=_CALL_S).takes[0]
    except DriverError as error:
        return str(error)
    match take.outcome.kind:
        case "ok" if not take.traffic:
            return "it returned a result without sending a request; does it use the addresses in env?"
        case "errored" | "hung" | "crashed":
            return f"{take.outcome.kind}: {take.outcome.message}"
        case "failed":
            return f"failed ({take.outcome.failure}): {take.outcome.message}; {len(take.traffic)} requests were sent"
    return ""
