"""Draw scenarios with Hypothesis, and shrink those that break a rule to the simplest that still does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed

from testcard.suite.budget import Budget, Progress
from testcard.suite.rules import Violation
from testcard.suite.scenario import Scenario

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["draw"]


class _Broken(Exception):
    """A scenario broke a rule that was not known to break."""


def draw(
    scenarios: SearchStrategy[Scenario],
    violations_of: Callable[[Scenario], list[Violation]],
    known: set[str],
    budget: Budget,
    out_of_time: Callable[[], bool],
    progress: Progress,
) -> list[Violation]:
    """Return one violation, as simple as could be found, for each further rule that breaks."""
    found: list[Violation] = []
    ignored = set(known)
    while not out_of_time():
        simplest = _search(scenarios, violations_of, ignored, budget, out_of_time, progress)
        if simplest is None:
            break
        found.append(simplest)
        ignored.add(simplest.rule)
    return found


def _search(
    scenarios: SearchStrategy[Scenario],
    violations_of: Callable[[Scenario], list[Violation]],
    ignored: set[str],
    budget: Budget,
    out_of_time: Callable[[], bool],
    progress: Progress,
) -> Violation | None:
    last: dict[str, Violation] = {}
    done = 0

    @settings(
        max_examples=budget.examples,
        deadline=None,
        database=None,
        derandomize=budget.seed is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @given(scenarios)
    def try_one(scenario: Scenario) -> None:
        nonlocal done
        if out_of_time():
            return
        done += 1
        progress("drawn scenarios", min(done, budget.examples), budget.examples)
        fresh = [each for each in violations_of(scenario) if each.rule not in ignored]
        wanted = [each for each in fresh if each.rule in last] if last else fresh
        if wanted:
            last.clear()
            last[wanted[0].rule] = wanted[0]
            raise _Broken(wanted[0].rule)

    runner = with_seed(budget.seed)(try_one) if budget.seed is not None else try_one
    try:
        runner()
    except Exception as error:
        if not last:
            raise RuntimeError(f"drawing failed: {error}") from error
    return next(iter(last.values()), None)
