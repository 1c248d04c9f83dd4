"""`testcard verify` and `testcard doctor`: judge a client, and say what is wrong with a driver before any verdict."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from testcard.apis import check_names
from testcard.errors import UserError
from testcard.suite.budget import BUDGETS, Budget, Progress
from testcard.suite.doctor import examine
from testcard.suite.drivers import Driver, ProcessDriver, load_adapter
from testcard.suite.reports import FORMATS, write_report
from testcard.suite.reports.terminal import print_verdict
from testcard.suite.rules import RULES
from testcard.suite.subjects import SUBJECTS, open_subject
from testcard.suite.verdict import Verdict
from testcard.suite.verify import verify
from testcard.world.world import Recipe

__all__ = ["doctor", "exit_code", "list_rules", "verify_client", "wanted_reports"]


def verify_client(
    *,
    driver: str | None,
    adapter: str | None,
    command: Sequence[str],
    apis: Sequence[str],
    budget: str,
    examples: int | None,
    seed: int | None,
    profile: str,
    reports: Sequence[str],
    as_json: bool,
) -> int:
    """Judge a client by a driver, an adapter or its own command; returns the exit code."""
    ways = [way for way in (driver, adapter, command) if way]
    if len(ways) != 1:
        raise UserError("say one of --driver CMD, --adapter MODULE:NAME and -- CMD …")
    wanted = wanted_reports(reports)
    if command:
        verdicts = _watched(command, apis, seed, profile)
    else:
        limits = _limits(budget, examples, seed)
        verdicts = [_judged(driver, adapter, api, limits, quiet=as_json) for api in _apis(apis, driver, adapter)]
    for form, path in wanted:
        write_report(form, verdicts, path)
    if as_json:
        write_report("json", verdicts, None)
    else:
        for verdict in verdicts:
            print_verdict(verdict)
    return exit_code(verdicts)


def doctor(driver: str, api: str) -> int:
    """Examine a driver and say what it finds; 0 when nothing is wrong, else 1."""
    problems = 0
    for name, problem in examine(lambda: ProcessDriver(driver), api):
        problems += bool(problem)
        mark = click.style("wrong", fg="red") if problem else click.style("good", fg="green")
        click.echo(f"{mark}  {name}" + (f": {problem}" if problem else ""))
    return 1 if problems else 0


def list_rules() -> None:
    """Print every rule with channel, severity, sentence and clause; then what is judged of each API, and what not."""
    for rule in sorted(RULES.values(), key=lambda each: each.id):
        click.echo(f"{rule.id}  {rule.channel}, {rule.severity}  {rule.sentence}  [{rule.clause}]")
    for api in SUBJECTS:
        subject = open_subject(api)
        for judged in subject.judged.values():
            click.echo(f"{api}  {judged.id}: {judged.sentence}")
        for name, reason in subject.unjudged.items():
            click.echo(f"{api}  not judged: {name}, {reason}")


def _apis(apis: Sequence[str], driver: str | None, adapter: str | None) -> list[str]:
    """The APIs named, else those the client has operations of."""
    if apis:
        return [api for api in check_names(apis) if open_subject(api)]
    with _open(driver, adapter) as client:
        judged = {api: set(open_subject(api).judged) for api in SUBJECTS}
        named = Counter(name for names in judged.values() for name in names)
        own = {name for name, count in named.items() if count == 1} & client.operations  # a name may be of two APIs
        found = [api for api, names in judged.items() if names & (own or client.operations)]
    if not found:
        raise UserError("the client has no operation that the suite judges; testcard verify --list names them")
    return found


def _open(driver: str | None, adapter: str | None) -> Driver:
    return ProcessDriver(driver) if driver else load_adapter(adapter or "")


def _limits(budget: str, examples: int | None, seed: int | None) -> Budget:
    limits = BUDGETS[budget]
    return replace(limits, examples=limits.examples if examples is None else examples, seed=seed)


def _judged(driver: str | None, adapter: str | None, api: str, limits: Budget, *, quiet: bool) -> Verdict:
    if quiet or not sys.stderr.isatty():
        return verify(_open(driver, adapter), api, limits)
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        return verify(_open(driver, adapter), api, limits, progress=_bar(bars, api))


def _bar(bars: object, api: str) -> Progress:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    shown: dict[str, TaskID] = {}

    def advance(phase: str, done: int, total: int) -> None:
        if isinstance(bars, Bars):
            if phase not in shown:
                shown[phase] = bars.add_task(f"{api}: {phase}")
            bars.update(shown[phase], completed=done, total=total)

    return advance


def _watched(command: Sequence[str], apis: Sequence[str], seed: int | None, profile: str) -> list[Verdict]:
    from testcard.suite.traffic_only import watch_command

    names = [api for api in check_names(apis) if api in SUBJECTS]
    recipe = Recipe(profile=profile) if seed is None else Recipe(seed, profile)
    verdicts, code = watch_command(command, names, recipe)
    called = [verdict for verdict in verdicts if verdict.checked or verdict.violations]
    if code:
        click.echo(f"testcard: the command itself ended with exit code {code}", err=True)
    return called or verdicts[:1]


def wanted_reports(reports: Sequence[str]) -> list[tuple[str, Path]]:
    """Read ``FORMAT=PATH`` options; `UserError` for a format that there is not."""
    wanted = []
    for each in reports:
        form, equals, path = each.partition("=")
        if not equals or form not in FORMATS:
            raise UserError(f"--report {each!r}: expected FORMAT=PATH with one of {', '.join(FORMATS)}")
        wanted.append((form, Path(path)))
    return wanted


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """1 where one is bad, 0 where one is good, 4 where nothing was checked."""
    codes = {verdict.exit_code for verdict in verdicts}
    return 1 if 1 in codes else 0 if 0 in codes else 4
