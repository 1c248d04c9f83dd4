"""A plain HTTPS server for one service, with a certificate of a test's own authority."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

__all__ = ["HANG_UP", "Got", "Out", "Service", "serving"]

HANG_UP = 0
"""In place of a status: close the connection without an answer."""


@dataclass
class Got:
    """A request."""

    method: str
    path: list[str]
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str


@dataclass
class Out:
    """An answer."""

    status: int
    data: Any
    headers: dict[str, str] = field(default_factory=dict)
    media: str = "application/json"


class Service:
    """What answers. *readings* by id, *planted* names of drifts and faults; *log* has every request line."""

    def __init__(self, readings: Mapping[str, str] | None = None, *planted: str) -> None:
        self.readings = dict(readings or {})
        self.planted = set(planted)
        self.log: list[str] = []
        self.url = ""

    def reads(self, identity: str, name: str) -> bool:
        """Whether a reading that is not the documented one is in force."""
        return self.readings.get(identity) == name

    def has(self, name: str) -> bool:
        """Whether something is planted."""
        return name in self.planted

    def answer(self, got: Got) -> Out:
        """To be written."""
        raise NotImplementedError


@contextlib.contextmanager
def serving(service: Service, folder: Path | None = None) -> Iterator[Service]:
    """Serve on 127.0.0.1; over HTTPS where *folder* is given, whose ``ca.pem`` is then the authority."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = [unquote(each) for each in parts.path.strip("/").split("/")]
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            service.log.append(f"{self.command} {self.path}")
            out = service.answer(Got(self.command, path, query, dict(self.headers.items()), body, self.path))
            if out.status == HANG_UP:
                self.close_connection = True
                return
            content = out.data if isinstance(out.data, bytes) else json.dumps(out.data).encode()
            self.send_response(out.status)
            for name, value in {"Content-Type": out.media, "Content-Length": str(len(content)), **out.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if folder is not None:
        scheme = "https"
        authority, certificate = _authority()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    service.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def _authority() -> tuple[trustme.CA, trustme.LeafCert]:
    authority = trustme.CA()
    return authority, authority.issue_cert("127.0.0.1")
