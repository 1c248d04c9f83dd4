"""Ways to a client: a process that speaks JSON lines, or a Python object that is the same in-process.

A hang is ended, a crash is restarted, and both are outcomes; only a driver that breaks the protocol ends a run.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import queue
import shlex
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import IO, Any, Self, TextIO

import orjson

from testcard.errors import UserError
from testcard.suite.protocol import Asked, DriverError, Outcome, check_answer, check_request, hello

__all__ = ["AdapterDriver", "Driver", "ProcessDriver", "load_adapter"]

_LINE_SHOWN = 200
_STDERR_S = 0.003
_END_S = 1.0


class Driver(ABC):
    """A client under test. *operations* are those it has; *said* is what it wrote to stdout and stderr."""

    client: str = ""
    operations: frozenset[str] = frozenset()

    @abstractmethod
    def start(self) -> None:
        """Introduce; `DriverError` when it cannot be understood."""

    @abstractmethod
    def call(self, asked: Asked, timeout_s: float) -> Outcome:
        """Carry out one call."""

    def said(self) -> str:
        """What the client has printed since last asked: a place where secrets turn up."""
        return ""

    def close(self) -> None:
        """End it."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ProcessDriver(Driver):
    """A driver process, started anew when it crashed or hung."""

    def __init__(
        self, command: str | Sequence[str], *, env: Mapping[str, str] | None = None, hello_s: float = 20
    ) -> None:
        self._command = shlex.split(command) if isinstance(command, str) else list(command)
        self._env = env
        self._hello_s = hello_s
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._said: list[str] = []
        self._listeners: list[threading.Thread] = []
        self._serial = 0
        self.restarts = -1

    def start(self) -> None:
        """Start the process and hear who it is."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._env
            )
        except OSError as error:
            raise DriverError(f"cannot run {self._command[0]!r}: {error.strerror}") from None
        self.restarts += 1
        self._lines = queue.Queue()
        self._listen(self._process.stdout, self._lines.put, end=True)
        self._listen(self._process.stderr, lambda line: self._said.append(line.decode("utf-8", "replace")), end=False)
        try:
            answer = self._exchange(hello(), None, self._hello_s)
            if answer["type"] != "introduced":
                raise DriverError(f"the driver answered hello with {answer['type']!r}; expected 'introduced'")
        except (DriverError, EOFError) as error:
            code = self._kill()
            raise (
                error if isinstance(error, DriverError) else DriverError(f"the driver ended with code {code}")
            ) from None
        self.client = answer["client"]
        self.operations = frozenset(answer["operations"])

    def call(self, asked: Asked, timeout_s: float) -> Outcome:
        """Send a call and read its answer."""
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self.start()
        self._serial += 1
        try:
            return Outcome.of(self._exchange(asked.message(self._serial), self._serial, timeout_s))
        except TimeoutError:
            self._kill()
            return Outcome("hung", message=f"no answer within {timeout_s:g} s")
        except EOFError:
            code = self._kill()
            return Outcome("crashed", message=f"the driver ended with exit code {code} instead of an answer")

    def said(self) -> str:
        """What it wrote to stderr; what it wrote before its answer may come a moment after."""
        time.sleep(_STDERR_S)
        said, self._said[:] = "".join(self._said), []
        return said

    def close(self) -> None:
        """Say bye, and end it if it does not go."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            self._send({"type": "bye"})
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._kill()

    def _exchange(self, message: Mapping[str, Any], expected: int | None, timeout_s: float) -> Mapping[str, Any]:
        try:
            self._send(message)
        except OSError:
            raise EOFError from None
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            if expected is None:
                raise DriverError(f"the driver did not answer hello within {timeout_s:g} s") from None
            raise TimeoutError from None
        if line is None:
            if expected is None:
                code = self._kill()
                said = self.said().strip()[-_LINE_SHOWN:]
                raise DriverError(f"the driver ended with exit code {code} before it answered hello: {said}")
            raise EOFError
        return check_answer(_parse(line), expected)

    def _send(self, message: Mapping[str, Any]) -> None:
        check_request(message)
        pipe = self._process.stdin if self._process else None
        if pipe is None:
            raise OSError("no driver process")
        pipe.write(orjson.dumps(message) + b"\n")
        pipe.flush()

    def _listen(self, pipe: IO[bytes] | None, take: Callable[[Any], object], *, end: bool) -> None:
        def listen() -> None:
            with pipe or contextlib.nullcontext(()) as lines:
                for line in lines:
                    take(line)
            if end:
                take(None)

        self._listeners.append(threading.Thread(target=listen, daemon=True))
        self._listeners[-1].start()

    def _kill(self) -> int:
        if self._process is None:
            return 0
        self._process.kill()
        code = self._process.wait()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        while self._listeners:
            self._listeners.pop().join(_END_S)  # a child of its own may keep its output open
        self._process = None
        return code


def _parse(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        shown = line.decode("utf-8", "replace").strip()[:_LINE_SHOWN]
        raise DriverError(
            f"the driver's standard output has a line that is not JSON: {shown!r};"
            " print everything else to standard error"
        ) from None


class AdapterDriver(Driver):
    """A Python object with a method per operation: the same messages without a process.

    A method takes ``env`` and the operation's arguments as keywords, and returns a list (rows), a dict with ``rows``,
    ``lists`` or ``value`` and perhaps ``totals``; it raises whatever its client raises. ``classify(error)`` maps an
    exception to a failure class, or to ``(class, status)``.
    """

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self._said = ""

    def start(self) -> None:
        """Read which operations there are."""
        self.client = str(getattr(self._adapter, "client", type(self._adapter).__name__))
        self.operations = frozenset(self._adapter.operations)

    def call(self, asked: Asked, timeout_s: float) -> Outcome:
        """Call the method in a thread, so that a hang is an outcome too."""
        box: queue.Queue[Outcome | DriverError] = queue.Queue()
        with _heard() as heard:
            threading.Thread(target=lambda: box.put(self._answered(asked)), daemon=True).start()
            try:
                answer = box.get(timeout=timeout_s)
            except queue.Empty:
                answer = Outcome("hung", message=f"no answer within {timeout_s:g} s")
        self._said += "".join(stream.getvalue() for stream in heard)
        if isinstance(answer, DriverError):
            raise answer
        return answer

    def said(self) -> str:
        """What was printed during calls, by whomever."""
        said, self._said = self._said, ""
        return said

    def _answered(self, asked: Asked) -> Outcome | DriverError:
        try:
            return self._answer(asked)
        except DriverError as error:
            return error

    def _answer(self, asked: Asked) -> Outcome:
        try:
            result = self._adapter.call(asked.operation, deepcopy(dict(asked.arguments)), dict(asked.env), asked.fresh)
        except NotImplementedError as error:
            return Outcome("skipped", message=str(error) or "not implemented")
        except Exception as error:  # noqa: BLE001 - whatever a client raises is its way to fail
            failure = self._adapter.classify(error)
            kind, status = failure if isinstance(failure, tuple) else (failure, None)
            return Outcome("failed", failure=kind, status=status, message=f"{type(error).__name__}: {error}")
        answer = {"rows": result} if isinstance(result, list) else result
        try:
            plain = {"type": "ok", "id": 0, **orjson.loads(orjson.dumps(answer))}
        except TypeError as error:
            raise DriverError(f"the adapter's {asked.operation} returned what JSON has not: {error}") from None
        return Outcome.of(check_answer(plain, 0))


class _Tee(io.StringIO):
    """Keeps what is written, and passes it on."""

    def __init__(self, beyond: TextIO) -> None:
        super().__init__()
        self.beyond = beyond

    def write(self, text: str, /) -> int:
        self.beyond.write(text)
        return super().write(text)


@contextlib.contextmanager
def _heard() -> Iterator[Sequence[io.StringIO]]:
    """Keep what is printed meanwhile, on either stream."""
    out, err = _Tee(sys.stdout), _Tee(sys.stderr)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err


def load_adapter(name: str) -> AdapterDriver:
    """Import ``module:Name``, from where we are too, and wrap it; a class is called without arguments."""
    module_name, colon, attribute = name.partition(":")
    if not colon:
        raise UserError(f"--adapter {name!r}: expected module:Name")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise UserError(f"--adapter {name}: {error}") from None
    return AdapterDriver(found() if isinstance(found, type) else found)
