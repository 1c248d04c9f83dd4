"""The careful client of IBM Video Streaming Analytics as an adapter: the same messages as a driver, in-process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from adapters.videocentral import failure_class
from known_good.ibmvideo import Client, ClientError
from testcard.suite.drivers import AdapterDriver, Driver, ProcessDriver

__all__ = ["KNOWN_GOOD", "Adapter"]

PREFIX = "TESTCARD_IBMVIDEO_"
_COUNTS = ("total_views", "unique_devices", "authenticated_viewers")
_FLOWS = ("peak_viewer_numbers", "viewer_seconds")


class Adapter:
    """Carries out calls with a client of *client_class*, kept from call to call unless a fresh one is wanted."""

    client = "requests"
    operations: ClassVar = frozenset({
        "list_views",
        "list_views_of_type",
        "list_viewers",
        "list_viewers_of_type",
        *(f"list_{name}{kind}" for name in (*_COUNTS, *_FLOWS) for kind in ("", "_of_type")),
        *(f"get_{name}_summary{kind}" for name in _COUNTS for kind in ("", "_of_type")),
        *(f"get_{name}_summary" for name in _FLOWS),
    })  # fmt: skip
    client_class: type[Client] = Client

    def __init__(self) -> None:
        self._client: Client | None = None
        self._env: Mapping[str, str] = {}

    def call(self, operation: str, arguments: dict[str, Any], env: dict[str, str], fresh: bool) -> dict[str, Any]:
        """One call of the protocol."""
        client = self._ready(env, fresh)
        what = operation.partition("_")[2].removesuffix("_of_type")
        contents = arguments.get("content_type"), arguments.get("content_id", ())
        unfinished = arguments.get("list_unfinished_segments", True)
        if what == "viewers":
            containing = arguments.get("viewer_identifier", "")
            return {"rows": client.viewers(*contents, containing=containing, unfinished=unfinished)}
        period = arguments["date_time_from"], arguments["date_time_to"]
        if what == "views":
            inclusive = arguments.get("inclusive_range", True)
            return {"rows": client.views(*period, *contents, unfinished=unfinished, inclusive=inclusive)}
        metric = what.removesuffix("_summary").replace("_", "-")
        if what.removesuffix("_summary") in _COUNTS:
            return {"rows": client.numbers(metric, arguments.get("dimension", "summary"), *period, *contents)}
        if operation.startswith("get_"):
            return {"rows": client.whole(metric, arguments["content_type"], arguments["content_id"], *period)}
        return {"rows": client.over_time(metric, arguments["granularity"], *period, *contents)}

    def classify(self, error: Exception) -> tuple[str, int | None]:
        """The class of a failure, and its status."""
        if not isinstance(error, ClientError):
            return "other", None
        return ("network" if error.unreachable else failure_class(error.status)), error.status or None

    def _ready(self, env: dict[str, str], fresh: bool) -> Client:
        if self._client is None or fresh or env != self._env:
            mine = {name.removeprefix(PREFIX): value for name, value in env.items() if name.startswith(PREFIX)}
            place = [mine[name] for name in ("URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET")]
            self._env = env
            self._client = self.client_class(*place, access_token=mine.get("TOKEN", ""), page_size=100, backoff_s=0.01)
        return self._client


_HERE = Path(__file__).parent

KNOWN_GOOD: dict[str, Callable[[], Driver]] = {
    "requests": lambda: AdapterDriver(Adapter()),
    "httpx": lambda: ProcessDriver([sys.executable, str(_HERE / "ibmvideo_httpx.py")]),
    "fetch": lambda: ProcessDriver(["node", str(_HERE / "ibmvideo_fetch.mjs")]),
}
