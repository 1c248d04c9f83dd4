"""`python -m benchmarks`: measure, print the table, and exit 1 when a target is missed."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator

import click

from benchmarks import MODULES
from benchmarks.harness import Measured, Settings
from benchmarks.report import as_json, print_table


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", multiple=True, metavar="NAME", type=click.Choice(MODULES), help="Only this module of ours.")
@click.option("--peers", is_flag=True, help="Install the peers that PyPI and npm have, and measure them too.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Measurements of each.")
@click.option("--json", "json_too", is_flag=True, help="Print JSON in place of the table.")
def main(only: tuple[str, ...], peers: bool, rounds: int, json_too: bool) -> None:
    """Measure testcard against its limits and, with --peers, beside its peers."""
    if peers:
        from benchmarks.peers import install

        install()
    lines = list(_measured(only or MODULES, Settings(rounds, peers)))
    if json_too:
        print(as_json(lines))
    else:
        print_table(lines)
    missed = [line for line in lines if line.met is False]
    sys.exit(1 if missed else 0 if lines else 4)


def _measured(names: Iterable[str], settings: Settings) -> Iterator[Measured]:
    for name in names:
        if importlib.util.find_spec(f"benchmarks.{name}") is None:
            continue
        for line in importlib.import_module(f"benchmarks.{name}").measure(settings):
            print(f"{name}: {line.what} {line.against}: {line.value:.4g} {line.unit}", file=sys.stderr, flush=True)
            yield line


if __name__ == "__main__":
    main()
