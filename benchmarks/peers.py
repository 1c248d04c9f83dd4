"""Peers that PyPI and npm have: installed into a temporary folder, each serving lists as long as ours."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.processes import Process, free_port, running
from testcard.contract import export_api

__all__ = ["PEERS", "Peer", "flask_on", "install", "installed", "peer"]

_FOLDER = Path(tempfile.gettempdir(), "testcard-peers")
_LIMITS = Path(__file__).parent / "limits"
_PYPI = ("moto[server]", "granian", "waitress", "flask")
_NPM = ("@stoplight/prism-cli", "@mockoon/cli", "json-server")


def install() -> None:
    """Install every peer, once per machine; remove the folder to get newer ones."""
    if not _python("moto_server").exists():
        subprocess.run([sys.executable, "-m", "venv", _FOLDER / "venv"], check=True)
        subprocess.run([_python("python"), "-m", "pip", "install", "--quiet", *_PYPI], check=True)
    if not _node("prism").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", _FOLDER / "node", *_NPM], check=True)


def installed(name: str) -> bool:
    """Whether a command of a peer is there."""
    return _python(name).exists() or _node(name).exists()


@dataclass(frozen=True)
class Peer:
    """A peer: *command* gets its port and a folder to write its set-up into, and *lists* the path of each length.

    Once *ready* is answered it is there; *headers* are sent with every request.
    """

    name: str
    command: Callable[[int, Path, Mapping[str, bytes]], list[str]]
    lists: Mapping[str, str]
    ready: str
    fill: Callable[[Process], None] = lambda _: None
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def peer(entry: Peer, bodies: Mapping[str, bytes]) -> Iterator[Process]:
    """Run a peer that answers these *bodies* (``10`` and ``100``) or as good as these; it is just being started."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="testcard-peer-")))
        port = free_port()
        yield stack.enter_context(running(entry.command(port, folder, bodies), port))


@contextmanager
def flask_on(server: str, bodies: Mapping[str, bytes]) -> Iterator[Process]:
    """Run the trivial Flask app on ``uvicorn`` (ours), ``waitress`` or ``granian`` (from the peers' folder)."""
    with tempfile.TemporaryDirectory(prefix="testcard-peer-") as folder:
        for name, body in bodies.items():
            Path(folder, f"{name}.json").write_bytes(body)
        port = free_port()
        variables = {"PYTHONPATH": str(_LIMITS), "TESTCARD_BENCH_BODIES": folder}
        with running(_flask_command(server, str(port)), port, env=variables) as process:
            process.wait_for("/items/10")
            yield process


def _flask_command(server: str, port: str) -> list[str]:
    if server == "waitress":
        return [
            str(_python("waitress-serve")),
            "--listen",
            f"127.0.0.1:{port}",
            "--threads=8",
            "--call",
            "flask_app:create",
        ]
    if server == "granian":
        return [str(_python("granian")), "--port", port, "--interface", "wsgi", "--factory", "flask_app:create"]
    uvicorn = [sys.executable, "-W", "ignore", "-m", "uvicorn", "--port", port, "--interface", "wsgi", "--factory"]
    return [*uvicorn, "--http", "httptools", "--loop", "asyncio", "--no-access-log", "flask_app:create"]


def _prism(port: int, folder: Path, bodies: Mapping[str, bytes]) -> list[str]:
    paths = {
        f"/items/{name}": {
            "get": {
                "responses": {
                    "200": {
                        "description": "A list.",
                        "content": {"application/json": {"schema": {"type": "object"}, "example": orjson.loads(body)}},
                    }
                }
            }
        }
        for name, body in bodies.items()
    }
    document = _write(folder, {"openapi": "3.1.0", "info": {"title": "lists", "version": "1"}, "paths": paths})
    return [str(_node("prism")), "mock", "--port", str(port), "--verboseLevel", "silent", document]


def _prism_with_contract(port: int, folder: Path, bodies: Mapping[str, bytes]) -> list[str]:
    """Prism with the contract that our list is checked by: the same parameters, token and rows, and our answer."""
    contract = export_api("videocentral", base_url="")
    operation = contract["paths"][_REPORTS]["get"]
    success = operation["responses"]["200"]
    paths = {}
    for name, body in bodies.items():
        content = {"application/json": {**success["content"]["application/json"], "example": orjson.loads(body)}}
        responses = {**operation["responses"], "200": {**success, "content": content}}
        paths[f"/{name}{_REPORTS}"] = {"get": {**operation, "responses": responses, "operationId": f"reports{name}"}}
    document = _write(folder, {**contract, "servers": [{"url": "/"}], "paths": paths})
    return [str(_node("prism")), "mock", "--port", str(port), "--verboseLevel", "silent", document]


def _mockoon(port: int, folder: Path, bodies: Mapping[str, bytes]) -> list[str]:
    routes = [
        {
            "uuid": f"00000000-0000-4000-8000-{at:012d}",
            "type": "http",
            "method": "get",
            "endpoint": f"items/{name}",
            "responses": [
                {
                    "uuid": f"00000000-0000-4000-8001-{at:012d}",
                    "body": body.decode(),
                    "statusCode": 200,
                    "headers": [{"key": "Content-Type", "value": "application/json"}],
                    "default": True,
                }
            ],
        }
        for at, (name, body) in enumerate(bodies.items())
    ]
    environment = {"uuid": "00000000-0000-4000-8002-000000000000", "name": "lists", "port": port, "routes": routes}
    data = _write(folder, environment)
    return [
        str(_node("mockoon-cli")),
        "start",
        "--data",
        data,
        "--port",
        str(port),
        "--repair",
        "--disable-log-to-file",
    ]


def _json_server(port: int, folder: Path, bodies: Mapping[str, bytes]) -> list[str]:
    lists = {f"items{name}": orjson.loads(body)["data"] for name, body in bodies.items()}
    rows = {name: [{**row, "id": at} for at, row in enumerate(rows)] for name, rows in lists.items()}
    return [str(_node("json-server")), "--quiet", "--port", str(port), "--host", "127.0.0.1", _write(folder, rows)]


def _moto(port: int, _folder: Path, _bodies: Mapping[str, bytes]) -> list[str]:
    return [str(_python("moto_server")), "-H", "127.0.0.1", "-p", str(port)]


def _fill_bucket(process: Process) -> None:
    """A hundred objects whose entries in a list are about as long as a row of ours."""
    connection = http.client.HTTPConnection(urlsplit(process.url).netloc)
    for path in ("/bench", *(f"/bench/{at:03d}{'x' * 300}" for at in range(100))):
        connection.request("PUT", path)
        connection.getresponse().read()
    connection.close()


def _write(folder: Path, content: Any) -> str:
    path = folder / "setup.json"
    path.write_bytes(orjson.dumps(content))
    return str(path)


def _python(name: str) -> Path:
    return _FOLDER / "venv" / "bin" / name


def _node(name: str) -> Path:
    return _FOLDER / "node" / "node_modules" / ".bin" / name


_REPORTS = "/accounts/{account_id}/{reports_group_id}/{channel_id}/reportTypes/{report_type_id}/reports"
_ASKED = {
    size: f"/{size}/accounts/a/channels/c/reportTypes/t/reports?limit={size}&reportDateBeginGte=2020-01-01"
    for size in ("10", "100")
}
_ITEMS = {"10": "/items/10", "100": "/items/100"}
PEERS = (
    Peer("Prism", _prism, _ITEMS, "/items/10"),
    Peer(
        "Prism with our contract",
        _prism_with_contract,
        _ASKED,
        _ASKED["10"],
        headers={"authorization": "Bearer Atza|any"},
    ),
    Peer("Mockoon", _mockoon, _ITEMS, "/items/10"),
    Peer("json-server", _json_server, {"10": "/items10", "100": "/items100"}, "/items10"),
    Peer("moto", _moto, {size: f"/bench?list-type=2&max-keys={size}" for size in _ITEMS}, "/moto-api/", _fill_bucket),
)
