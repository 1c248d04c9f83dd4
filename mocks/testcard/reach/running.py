"""Run a command so that the documented hosts are the mocks: what `testcard run` does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testcard.errors import UserError
from testcard.reach.addresses import documented_environment
from testcard.reach.authority import Authority
from testcard.reach.gate import Gate
from testcard.reach.hosts import Hosts
from testcard.reach.surroundings import surroundings
from testcard.server.switchboard import Switchboard

__all__ = ["Ran", "run"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_PASSED_ON = [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
_OF_THE_TERMINAL = ("SIGINT", "SIGQUIT")  # a terminal sends these to the command itself


@dataclass(frozen=True)
class Ran:
    """What came of a command: its exit code, how many requests were answered, which hosts were refused how often, what
    it was told of addresses and credentials, and how long it took."""

    code: int
    answered: int
    refused: Mapping[str, int]
    variables: dict[str, str]
    seconds: float


def run(
    command: Sequence[str],
    switchboard: Switchboard,
    environment: Mapping[str, str],
    *,
    allowed: Sequence[str] = (),
    say: Callable[[str], None],
) -> Ran:
    """Run *command* in *environment* with its traffic to the documented hosts answered by *switchboard*.

    Every other host but the *allowed* ones is refused. `UserError` where there is no such command.
    """
    if os.name != "posix":
        raise UserError("run: needs a POSIX system; elsewhere use testcard serve, or testcard.intercept() in Python")
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise UserError(f"run: no command {command[0]!r}; expected a program on the PATH after --")
    with tempfile.TemporaryDirectory(prefix="testcard-run-") as folder:
        return asyncio.run(_run(command, switchboard, environment, tuple(allowed), Path(folder), say))


async def _run(
    command: Sequence[str],
    switchboard: Switchboard,
    environment: Mapping[str, str],
    allowed: tuple[str, ...],
    folder: Path,
    say: Callable[[str], None],
) -> Ran:
    authority = Authority()
    gate = Gate(switchboard, Hosts(allowed, remedy="add --allow-host HOST to testcard run"), authority, say)
    serving = asyncio.create_task(gate.run())
    try:
        changes = surroundings(environment, gate.url, folder, authority, allowed)
        began = time.monotonic()
        variables = {"TESTCARD_URL": gate.url, **documented_environment(switchboard)}
        process = await asyncio.create_subprocess_exec(*command, env={**environment, **changes, **variables})
        with _signals_passed_on(process):
            code = await process.wait()
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    seconds = time.monotonic() - began
    return Ran(code if code >= 0 else 128 - code, gate.answered, gate.refused, variables, seconds)


@contextlib.contextmanager
def _signals_passed_on(process: asyncio.subprocess.Process) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def pass_on(number: signal.Signals) -> None:
        if number.name in _OF_THE_TERMINAL and _is_in_foreground():
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    for number in _PASSED_ON:
        loop.add_signal_handler(number, pass_on, number)
    try:
        yield
    finally:
        for number in _PASSED_ON:
            loop.remove_signal_handler(number)


def _is_in_foreground() -> bool:
    """Whether a terminal's signals reach the command without us."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
