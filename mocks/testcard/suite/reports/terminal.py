"""The verdict on a terminal: tables and colour for people, plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from testcard.suite.reports.evidence import evidence, redaction_of, sentence
from testcard.suite.verdict import Verdict

__all__ = ["print_verdict"]

_COLOURS = {"must": "red", "should": "yellow", "note": "blue"}
_CURLS = 3


def print_verdict(verdict: Verdict, console: Console | None = None) -> None:
    """Print what was checked, what is wrong, what it depends on and what was not checked."""
    out = console or Console(soft_wrap=True, highlight=False)
    out.print(f"[bold]{escape(verdict.client)}[/] against [bold]{verdict.api}[/]: {_headline(verdict)}")
    for violations in verdict.by_rule.values():
        first = violations[0]
        colour = _COLOURS[first.severity]
        out.print(f"\n[{colour}]{first.rule}[/] ({first.severity}, {first.channel}) {escape(sentence(first))}")
        out.print(f"  {first.operation}: {escape(redaction_of(first).text(first.message))}")
        out.print(
            f"  scenario: {escape(first.scenario.name)}" + (f"; {len(violations) - 1} more" if violations[1:] else "")
        )
        for line in evidence(first)["curl"][:_CURLS]:
            out.print(f"  {escape(line)}", style="dim")
    _print_lists(out, verdict)


def _headline(verdict: Verdict) -> str:
    scenarios = f"{sum(verdict.checked.values())} calls of {len(verdict.checked)} operations in {verdict.seconds:.1f} s"
    match verdict.exit_code:
        case 0:
            return f"[green]good[/], {scenarios}"
        case 4:
            return "[yellow]nothing was checked[/]"
    return f"[red]{len(verdict.by_rule)} rules broken[/], {scenarios}"


def _print_lists(out: Console, verdict: Verdict) -> None:
    depends = verdict.only_under()
    if verdict.matrix:
        robust = len(verdict.matrix) - len(depends)
        out.print(f"\nreadings: robust under {robust} of {len(verdict.matrix)}")
    for name in depends:
        out.print(f"  breaks under {name} ({verdict.matrix[name]})")
    for name, reason in verdict.not_checked.items():
        out.print(f"[yellow]not checked[/] {escape(name)}: {escape(reason)}")
    if out.is_terminal:
        out.print(_coverage(verdict))


def _coverage(verdict: Verdict) -> Table:
    table = Table("coverage", "exercised", "never", title="What the run exercised")
    for kind, counts in verdict.coverage.items():
        never: Sequence[str] = [name for name, count in counts.items() if not count]
        shown = ", ".join(never[:6]) + (f", … {len(never) - 6} more" if len(never) > 6 else "")
        table.add_row(kind, f"{len(counts) - len(never)} of {len(counts)}", shown)
    return table
