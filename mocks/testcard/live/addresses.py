"""Where a walk's operations are: at their documented hosts, or below an address of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from testcard.contract import Operation, Server
from testcard.errors import UserError
from testcard.live.subject import Subject

__all__ = ["Addresses"]


class Addresses:
    """Where operations are: at their documented hosts, or all below *base_url*; the token call may be elsewhere."""

    def __init__(self, subject: Subject, variables: Mapping[str, str], base_url: str = "", token_url: str = "") -> None:
        self._subject = subject
        self._variables = variables
        self._base_url = base_url.rstrip("/")
        self._token_url = token_url

    @property
    def storage(self) -> tuple[str, ...]:
        """Patterns of origins whose files may be read: the subject's, and the one that everything is below."""
        parts = urlsplit(self._base_url)
        return (*self._subject.storage, *([f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []))

    def of(self, operation: Operation) -> str:
        """The address of an operation, its path still a template."""
        if operation.id == self._subject.token_operation and self._token_url:
            return self._token_url
        server = operation.servers[0]
        origin = self._base_url or f"{server.scheme}://{self._host(server)}"
        return origin + server.base + operation.path

    def _host(self, server: Server) -> str:
        host = server.host
        for name, value in self._variables.items():
            host = host.replace(f"{{{name.lower()}}}", value)
        if "{" in host:
            raise UserError(
                f"{host}: set TESTCARD_{self._subject.api.upper()}_{host.split('{')[1].split('}')[0].upper()}"
            )
        return host
