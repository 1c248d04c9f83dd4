"""The careful client of Video Central as an adapter: the same messages as a driver, in-process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import requests

from known_good.videocentral import Client, ClientError
from testcard.suite.drivers import AdapterDriver, Driver, ProcessDriver

__all__ = ["KNOWN_GOOD", "PREFIX", "Adapter", "failure_class"]

PREFIX = "TESTCARD_VIDEOCENTRAL_"
_PATH = ("account_id", "reports_group_id", "channel_id", "report_type_id")
_CLASSES = {400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "rate-limit"}


class Adapter:
    """Carries out calls with a client of *client_class*, kept from call to call unless a fresh one is wanted."""

    client = "requests"
    operations: ClassVar = frozenset(
        {
            "list_accounts",
            "list_report_groups",
            "list_channels",
            "list_report_types",
            "list_reports",
            "download_report",
        }
    )
    client_class: type[Client] = Client

    def __init__(self) -> None:
        self._client: Client | None = None
        self._env: Mapping[str, str] = {}

    def call(self, operation: str, arguments: dict[str, Any], env: dict[str, str], fresh: bool) -> dict[str, Any]:
        """One call of the protocol."""
        client = self._ready(env, fresh)
        place = [arguments.pop(name) for name in _PATH if name in arguments]
        if operation == "download_report":
            return {"rows": self.download(client, place, arguments["reportDateBegin"])}
        rows = getattr(client, operation.removeprefix("list_"))(*place, **arguments)
        return {"rows": rows, "totals": {"total": client.total}}

    def download(self, client: Client, place: list[str], day: str) -> list[dict[str, str]]:
        """The records of the one report that begins on a day."""
        account, group, channel, kind = place
        after = str(date.fromisoformat(day) + timedelta(days=1))
        found = client.reports(account, group, channel, kind, reportDateBeginGte=day, reportDateBeginLt=after)
        if not found:
            raise ClientError(f"no report begins on {day}", requests.codes.not_found)
        return client.records(found[0])

    def classify(self, error: Exception) -> tuple[str, int | None]:
        """The class of a failure, and its status."""
        if not isinstance(error, ClientError):
            return "other", None
        return ("network" if error.unreachable else failure_class(error.status)), error.status or None

    def _ready(self, env: dict[str, str], fresh: bool) -> Client:
        if self._client is None or fresh or env != self._env:
            mine = {name.removeprefix(PREFIX): value for name, value in env.items() if name.startswith(PREFIX)}
            self._client, self._env = self.make(mine), env
        return self._client

    def make(self, env: Mapping[str, str]) -> Client:
        """A new client."""
        names = ("URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
        return self.client_class(*(env[name] for name in names), access_token=env.get("TOKEN", ""), backoff_s=0.01)


def failure_class(status: int) -> str:
    """The protocol's name for a status; 0 is an answer that could not be understood."""
    if status >= 500:
        return "server"
    return _CLASSES.get(status, "invalid" if status >= 400 else "protocol")


_EXAMPLES = Path(__file__).parents[2] / "examples" / "drivers"

KNOWN_GOOD: dict[str, Callable[[], Driver]] = {
    "requests": lambda: AdapterDriver(Adapter()),
    "httpx": lambda: ProcessDriver([sys.executable, str(_EXAMPLES / "python_httpx.py")]),
    "fetch": lambda: ProcessDriver(["node", str(_EXAMPLES / "node_fetch.mjs")]),
}
