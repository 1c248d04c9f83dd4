"""Judge any command by its traffic alone: it runs its own tests or jobs against the mocks.

Nothing is known of what it wanted or got, so only the traffic's rules apply, to every request it sent.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence

from testcard.control.environment import environment
from testcard.errors import UserError
from testcard.exchange import Exchange
from testcard.server.build import build
from testcard.server.serving import Serving
from testcard.server.switchboard import Switchboard
from testcard.suite.coverage import Coverage
from testcard.suite.protocol import Asked, Outcome
from testcard.suite.rules import judge
from testcard.suite.scenario import Scenario, Step
from testcard.suite.stage import Play, Take
from testcard.suite.subject import Subject
from testcard.suite.subjects import open_subject
from testcard.suite.verdict import Verdict
from testcard.world.journal import Entry
from testcard.world.world import Recipe

__all__ = ["judge_traffic", "keep_traffic", "watch_command"]


def watch_command(command: Sequence[str], apis: Sequence[str], recipe: Recipe) -> tuple[list[Verdict], int]:
    """Run *command* with the mocks' addresses and credentials in its environment; verdicts and its exit code."""
    switchboard = build(apis, recipe)
    serving = Serving(switchboard, host="127.0.0.1", port=0)
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    try:
        url = serving.wait_until_ready(10)
        keep_traffic(switchboard)
        env = environment([switchboard.exchange(api) for api in apis], switchboard.worlds.default, url)
        began = time.monotonic()
        code = _run(command, env)
        return judge_traffic(switchboard, apis, env, time.monotonic() - began), code
    finally:
        serving.stop()
        thread.join(10)


def keep_traffic(switchboard: Switchboard) -> None:
    """Have the default world remember all of a command's traffic, and whole pages of it."""
    journal = switchboard.worlds.default.journal
    journal.body_limit, journal.entry_limit = 8 * 1024 * 1024, 100_000


def judge_traffic(switchboard: Switchboard, apis: Sequence[str], env: dict[str, str], seconds: float) -> list[Verdict]:
    """The verdicts on what the default world has seen; *env* is what the command found in its environment."""
    world = switchboard.worlds.default
    entries, readings = list(world.journal), world.readings()
    return [_verdict(api, entries, env, readings, world.recipe, seconds, switchboard.exchange(api)) for api in apis]


def _run(command: Sequence[str], env: dict[str, str]) -> int:
    try:
        return subprocess.run(list(command), env={**os.environ, **env}, check=False).returncode  # noqa: S603
    except OSError as error:
        raise UserError(f"cannot run {command[0]!r}: {error.strerror}") from None


def _verdict(
    api: str,
    entries: Sequence[Entry],
    env: dict[str, str],
    readings: dict[str, str],
    recipe: Recipe,
    seconds: float,
    exchange: Exchange,
) -> Verdict:
    subject = open_subject(api)
    mine = [entry for entry in entries if entry.api in (api, "storage") or (not entry.api and not entry.operation)]
    verdict = Verdict(api, "the command", seconds=seconds)
    coverage = Coverage(exchange, subject)
    tokens = [entry for entry in mine if entry.operation in subject.token_operations]
    for operation, own in _shared_out(subject, mine).items():
        if not own:
            verdict.not_checked[operation] = "the command never called it"
            continue
        scenario = Scenario("the command's own traffic", api, [Step(operation)], profile=recipe.profile)
        traffic = sorted([*own, *tokens], key=lambda entry: entry.id)
        asked, watched = Asked(operation, {}, env), Outcome("watched")
        take = Take(scenario.steps[0], asked, watched, traffic, {}, readings, own[0].world_time, seconds)
        verdict.checked[operation] += len(own)
        play = Play(scenario, [take])
        coverage.add(play)
        verdict.violations += judge(play, subject, exchange, channels=["traffic"])
    verdict.coverage = coverage.as_counts()
    return verdict


def _shared_out(subject: Subject, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Each request under the first operation that may send it; what is nobody's, such as storage, under the first."""
    left = [entry for entry in entries if entry.operation not in subject.token_operations]
    shares: dict[str, list[Entry]] = {}
    for name, judged in subject.judged.items():
        shares[name] = [entry for entry in left if entry.operation in judged.calls]
        left = [entry for entry in left if entry.operation not in judged.calls]
    if left:
        first = next((name for name, own in shares.items() if own), next(iter(shares)))
        shares[first] += left
    return shares
