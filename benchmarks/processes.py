"""Start a server as its own process, know when it answers, weigh it, stop it."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import orjson

__all__ = ["Process", "free_port", "running", "serving", "testcard_command"]

_PATIENCE_S = 60.0
_POLL_S = 0.001


@dataclass
class Process:
    """A running server. *started_at* is the `time.perf_counter` just before it was started."""

    url: str
    popen: subprocess.Popen[bytes]
    started_at: float
    log: Path = field(repr=False)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.popen.pid

    @cached_property
    def env(self) -> Mapping[str, str]:
        """The variables of a client, from testcard's control interface."""
        variables: dict[str, str] = orjson.loads(self.get("/_testcard/credentials")[1])
        return variables

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE_S)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def rss_mb(self) -> float:
        """Resident memory in MB of the process and its children."""
        return sum(map(_rss_mb, [self.pid, *_children(self.pid)]))

    def cpu_s(self) -> float:
        """Processor time in seconds that the process and its children have taken."""
        return sum(map(_cpu_s, [self.pid, *_children(self.pid)]))

    def stop_ms(self) -> float:
        """Send SIGTERM; milliseconds until the process is gone."""
        start = time.perf_counter()
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        return (time.perf_counter() - start) * 1000

    def wait_for(self, path: str, status: int = 200, headers: Mapping[str, str] | None = None) -> float:
        """Ask for *path* until it answers *status*; milliseconds since the process was started."""
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get(path, headers)[0] == status:
                    return (time.perf_counter() - self.started_at) * 1000
            if self.popen.poll() is not None or time.perf_counter() - self.started_at > _PATIENCE_S:
                raise RuntimeError(f"{self.popen.args!r} does not answer {path}: {self.log.read_text()[-2000:]}")
            time.sleep(_POLL_S)


@contextlib.contextmanager
def running(command: Sequence[str], port: int, *, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run *command*, which serves on *port* of 127.0.0.1; its whole process group ends with the context."""
    with tempfile.TemporaryDirectory(prefix="testcard-bench-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            start = time.perf_counter()
            popen = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**_environment(), **(env or {})},
                start_new_session=True,
            )
        try:
            yield Process(f"http://127.0.0.1:{port}", popen, start, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)
            popen.wait()


@contextlib.contextmanager
def serving(*options: str) -> Iterator[Process]:
    """A real `testcard serve` on a free port, ready to answer; *options* as on the command line."""
    port = free_port()
    with running(testcard_command(port, *options), port) as process:
        process.wait_for("/_testcard/health")
        yield process


def testcard_command(port: int, *options: str) -> list[str]:
    """The command a user types, from this virtual environment."""
    return [str(Path(sys.executable).with_name("testcard")), "serve", "--port", str(port), *options]


def free_port() -> int:
    """A port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """Ours, but every server may keep its byte code, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _rss_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, listed) for each in (child, *_children(child))]
