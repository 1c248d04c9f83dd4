"""The kill matrix: every miniature and every known-good client through each channel and through all together.

``python tests/kill_matrix.py [API …] [--far]`` plays the scenarios that a miniature names (with ``--far`` every one),
and with each known-good client every scenario under both dialects, under every reading that would change what it sees,
and in every weather. It writes the table into ``docs/kill-matrix.md``, and its sums by API and by what is wrong into
``README.md``; it ends with 1 when a miniature survives, when its bug never ran, or when a known-good client is accused.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from miniatures.registry import Miniature, known_good, miniatures
from testcard.control.room import weather
from testcard.suite.doubts import choices
from testcard.suite.drivers import Driver
from testcard.suite.matrix import Matrix
from testcard.suite.rules import Violation, judge
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Stage
from testcard.suite.subjects import SUBJECTS, open_subject

__all__ = ["Kill", "accusation", "accusations", "first_of_each", "kill", "main", "swaying", "weathered"]

CHANNELS = ("traffic", "intent", "outcome", "resources")
AT_ONCE = 6
A_JOB = 8  # miniatures
CALL_S = 10.0
AWAY_S = 2.0  # for a call while the service says it is away for longer
_ROOT = Path(__file__).parents[1]
_BEGIN, _END = "<!-- kill matrix: begin -->", "<!-- kill matrix: end -->"


@dataclass
class Kill:
    """What became of a miniature: the rules that caught it by channel, and whether its bug ran."""

    miniature: Miniature
    ran: int = 0
    rules: dict[str, set[str]] = field(default_factory=dict)

    @property
    def killed(self) -> bool:
        """By all channels together."""
        return bool(self.rules)


def kill(miniature: Miniature, stage: Stage, scenarios: Iterable[Scenario], *, stop: bool = False) -> Kill:
    """Play the scenarios with a miniature; with *stop*, only until it is caught."""
    result = Kill(miniature)
    with miniature.open() as driver:
        for scenario in _under(miniature, scenarios):
            found = list(_violations(stage, driver, scenario))
            if driver.ran == result.ran:
                continue  # what shows where the bug did not run is not its doing
            result.ran = driver.ran
            for violation in found:
                result.rules.setdefault(violation.channel, set()).add(violation.rule)
            if stop and result.killed:
                break
    return result


def accusations(driver: Driver, stage: Stage, scenarios: Iterable[Scenario], call_s: float = CALL_S) -> list[Violation]:
    """What a known-good client is accused of, which must be nothing."""
    with driver:
        return [violation for scenario in scenarios for violation in _violations(stage, driver, scenario, call_s)]


def _violations(stage: Stage, driver: Driver, scenario: Scenario, call_s: float = CALL_S) -> Iterator[Violation]:
    if not _has(driver, scenario):
        return
    subject = open_subject(scenario.api)
    yield from judge(stage.play(scenario, driver, timeout_s=call_s), subject, stage.exchange, limit_s=call_s)


def _has(driver: Driver, scenario: Scenario) -> bool:
    return all(step.operation in driver.operations for step in scenario.steps)


def chosen(scenarios: Sequence[Scenario], miniature: Miniature) -> list[Scenario]:
    """The scenarios that a miniature names."""
    by_name = {scenario.name: scenario for scenario in scenarios}
    return [by_name[name] for name in miniature.scenarios] or list(by_name.values())


def _under(miniature: Miniature, scenarios: Iterable[Scenario]) -> list[Scenario]:
    return [replace(each, readings={**each.readings, **miniature.readings}) for each in scenarios]


def dialects(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Each scenario under both."""
    return [replace(each, dialect=dialect) for each in scenarios for dialect in ("documented", "observed")]


def swaying(driver: Driver, stage: Stage, scenarios: Iterable[Scenario], *, most: int | None = None) -> list[Scenario]:
    """The scenarios under each reading that would change what the client sees in them; *most* of them per reading."""
    matrix = Matrix(choices(stage.api))
    with driver:
        for scenario in scenarios:
            if not scenario.faults and _has(driver, scenario):
                matrix.add(stage.play(scenario, driver, timeout_s=CALL_S, choices=matrix.open_to(scenario)))
    rounds: Counter[str] = Counter()
    chosen = []
    for name, scenario in matrix.rounds():
        rounds[name] += 1
        if most is None or rounds[name] <= most:
            chosen.append(scenario)
    return chosen


def weathered(scenarios: Iterable[Scenario], name: str) -> list[Scenario]:
    """The scenarios without faults, in a weather."""
    return [replace(each, faults=weather(name)) for each in scenarios if not each.faults]


def first_of_each(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The first scenario of each operation."""
    return list({each.steps[0].operation: each for each in reversed(list(scenarios))}.values())


def main(apis: Sequence[str]) -> int:
    """Run it all, several clients at a time: most of the time they wait as they are told to. The exit code."""
    far = "--far" in apis
    apis = [api for api in apis if api != "--far"]
    kills: list[Kill] = []
    wrong: list[str] = []
    jobs = [job for api in apis or SUBJECTS for job in _jobs(api, far)]
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        for job, (killed, accused) in zip(jobs, pool.map(_play, jobs), strict=True):
            kills += [Kill(miniatures(job.api)[job.first + at], *found) for at, found in enumerate(killed)]
            wrong += accused
            said = [f"{job.api} known-good {job.good}: {len(accused)} accusations"] if job.good else []
            print(*said, *(_line(each) for each in kills[len(kills) - len(killed) :]), sep="\n", flush=True)
    wrong += [f"{each.miniature.api} {each.miniature.name} survives" for each in kills if not each.killed]
    wrong += [f"{each.miniature.api} {each.miniature.name}: its bug never ran" for each in kills if not each.ran]
    good = sum(bool(job.good) for job in jobs)
    if not apis:
        _write(kills, good, len(wrong))
    print(_sum(kills, good), *wrong, sep="\n")
    return 1 if wrong else 0


class _Job(NamedTuple):
    """What one process plays at a time: some miniatures of an API, or one known-good client."""

    api: str
    far: bool
    first: int = 0
    good: str = ""


def _jobs(api: str, far: bool) -> list[_Job]:
    good = [_Job(api, far, good=name) for name in known_good(api)]
    return good + [_Job(api, far, first) for first in range(0, len(miniatures(api)), A_JOB)]


def _play(job: _Job) -> tuple[list[tuple[int, dict[str, set[str]]]], list[str]]:
    """How often each miniature's bug ran and what caught it; or what the known-good client is accused of."""
    scenarios = list(open_subject(job.api).named())
    with Stage(job.api) as stage:
        if job.good:
            found = _everything(known_good(job.api)[job.good], stage, scenarios)
            return [], [f"{job.api} {job.good} is accused: {accusation(each)}" for each in found]
        some = miniatures(job.api)[job.first : job.first + A_JOB]
        kills = [kill(each, stage, scenarios if job.far else chosen(scenarios, each)) for each in some]
        return [(each.ran, each.rules) for each in kills], []


def _everything(opened: Callable[[], Driver], stage: Stage, scenarios: Sequence[Scenario]) -> list[Violation]:
    """What a known-good client is accused of in any dialect, reading or weather."""
    found = accusations(opened(), stage, dialects(scenarios))
    found += accusations(opened(), stage, swaying(opened(), stage, scenarios))
    for name in ("flaky", "storm"):
        found += accusations(opened(), stage, weathered(scenarios, name))
    return found + accusations(opened(), stage, weathered(first_of_each(scenarios), "maintenance"), AWAY_S)


def accusation(violation: Violation) -> str:
    """A violation in a line, with all that it depends on."""
    scenario = violation.scenario
    under = ", ".join([scenario.dialect, *(f"{entry}={name}" for entry, name in scenario.readings.items())])
    return f"{violation.rule} {scenario.name} ({under}; {len(scenario.faults)} faults): {violation.message}"


def _line(one: Kill) -> str:
    rules = " ".join(f"{channel}:{','.join(sorted(rules))}" for channel, rules in one.rules.items())
    return f"{one.miniature.api} {one.miniature.name}: {rules or 'SURVIVES'} (ran {one.ran})"


def _sum(kills: Sequence[Kill], good: int) -> str:
    alone = Counter(channel for each in kills for channel in each.rules)
    parts = ", ".join(f"{channel} {alone[channel]}" for channel in CHANNELS)
    return (
        f"{len(kills)} wrong clients: {parts}, all together {sum(each.killed for each in kills)}; "
        f"{good} known-good clients under both dialects, every reading and every weather."
    )


def _sums(kills: Sequence[Kill], heading: str, kind: Callable[[Miniature], str]) -> str:
    """How many wrong clients of each kind every channel catches alone, and all together."""
    lines = [f"| {heading} | wrong clients | " + " | ".join(CHANNELS) + " | all together |", "|---" * 7 + "|"]
    for name in dict.fromkeys(kind(each.miniature) for each in kills):
        some = [each for each in kills if kind(each.miniature) == name]
        counts = [sum(channel in each.rules for each in some) for channel in CHANNELS]
        lines.append("| " + " | ".join(map(str, [name, len(some), *counts, sum(each.killed for each in some)])) + " |")
    return "\n".join(lines)


def _by_api_and_bug(kills: Sequence[Kill]) -> str:
    by_api = _sums(kills, "API", lambda miniature: miniature.api)
    return f"{by_api}\n\n{_sums(kills, 'what is wrong', lambda miniature: miniature.area)}"


def _table(kills: Sequence[Kill]) -> str:
    lines = ["| API | client | language | what is wrong | " + " | ".join(CHANNELS) + " | all |", "|---" * 9 + "|"]
    for each in kills:
        mini = each.miniature
        cells = [", ".join(sorted(each.rules.get(channel, ()))) or "–" for channel in CHANNELS]  # noqa: RUF001
        under = "".join(f" ({entry}: {name})" for entry, name in mini.readings.items())
        row = [
            mini.api,
            mini.name,
            mini.language,
            mini.bug + under,
            *cells,
            "killed" if each.killed else "**survives**",
        ]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def _write(kills: Sequence[Kill], good: int, wrong: int) -> None:
    summary = _sum(kills, good) + f" {wrong or 'No'} false accusations or survivors."
    page = _ROOT / "docs" / "kill-matrix.md"
    page.parent.mkdir(exist_ok=True)
    if not page.exists():
        page.write_text(f"{_HEADER}\n{_BEGIN}\n{_END}\n", encoding="utf-8")
    _between(page, f"{summary}\n\n{_table(kills)}")
    _between(_ROOT / "README.md", f"{summary}\n\n{_by_api_and_bug(kills)}")


_HEADER = """# Kill matrix

Each line is a client that is wrong in one way, and the rules that say so, channel by channel. `make kill-matrix` writes
it anew; a wrong client that survives or a right one that is accused breaks the build.
"""


def _between(path: Path, text: str) -> None:
    """Put text between the marks, where the file has them."""
    content = path.read_text(encoding="utf-8")
    if _BEGIN in content:
        before, _, rest = content.partition(_BEGIN)
        after = rest.partition(_END)[2]
        path.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
