"""The careful client of Amagi Analytics as an adapter: the same messages as a driver, in-process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from adapters.videocentral import failure_class
from known_good.amagi import Client, ClientError
from testcard.suite.drivers import AdapterDriver, Driver, ProcessDriver

__all__ = ["KNOWN_GOOD", "Adapter"]

_URL, _TOKEN = "TESTCARD_AMAGI_URL", "TESTCARD_AMAGI_TOKEN"
_ROWS = ("viewershipAnalytics", "adAnalytics", "rows")


class Adapter:
    """Carries out calls with clients of *client_class*, one a zone, kept unless a fresh one is wanted."""

    client = "requests"
    operations: ClassVar = frozenset({
        "list_channels",
        "get_viewership_analytics",
        "get_content_analytics",
        "get_concurrent_users",
        "get_ad_analytics",
        "get_ad_content_analytics",
        "get_unique_viewers_analytics",
        "download_report",
    })  # fmt: skip
    client_class: type[Client] = Client

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._env: Mapping[str, str] = {}

    def call(self, operation: str, arguments: dict[str, Any], env: dict[str, str], fresh: bool) -> dict[str, Any]:
        """One call of the protocol."""
        client = self._ready(env, fresh, arguments.pop("timezone", "US/Pacific"))
        if operation == "list_channels":
            viewership, ads = client.channels()
            return {"lists": {"viewershipChannels": viewership, "adAnalyticsChannels": ads}}
        if operation == "download_report":
            return {"rows": client.report(arguments["scheduleId"], date.fromisoformat(arguments["from_date"]))}
        if operation == "get_concurrent_users":
            return {"rows": client.concurrent_users(arguments.pop("hoursLimit"), **arguments)}
        days = [date.fromisoformat(arguments.pop(name)) for name in ("startDate", "endDate")]
        methods: dict[str, Callable[..., Any]] = {
            "get_viewership_analytics": client.viewership,
            "get_content_analytics": client.contents,
            "get_ad_analytics": client.ads,
            "get_ad_content_analytics": client.ad_contents,
            "get_unique_viewers_analytics": client.unique_viewers,
        }
        answer = methods[operation](*days, **arguments)
        if isinstance(answer, list):
            return {"rows": answer}
        key = next(name for name in _ROWS if name in answer)
        return {"rows": answer[key], "totals": {n: v for n, v in answer.items() if n not in (key, "dateRange")}}

    def classify(self, error: Exception) -> tuple[str, int | None]:
        """The class of a failure, and its status."""
        if not isinstance(error, ClientError):
            return "other", None
        return ("network" if error.unreachable else failure_class(error.status)), error.status or None

    def _ready(self, env: dict[str, str], fresh: bool, zone: str) -> Client:
        if fresh or env != self._env:
            self._clients, self._env = {}, env
        if zone not in self._clients:
            self._clients[zone] = self.client_class(env[_URL], env[_TOKEN], zone=zone, backoff_s=0.01)
        return self._clients[zone]


_HERE = Path(__file__).parent

KNOWN_GOOD: dict[str, Callable[[], Driver]] = {
    "requests": lambda: AdapterDriver(Adapter()),
    "httpx": lambda: ProcessDriver([sys.executable, str(_HERE / "amagi_httpx.py")]),
    "fetch": lambda: ProcessDriver(["node", str(_HERE / "amagi_fetch.mjs")]),
}
