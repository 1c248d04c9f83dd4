"""The careful client of Cloud Video Kit as an adapter: the same messages as a driver, in-process."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from adapters.videocentral import failure_class
from known_good.videokit import Client, ClientError, NotDone
from known_good.videokit_live import LiveClient
from known_good.videokit_recorder import RecorderClient
from known_good.videokit_streaming import StreamingClient
from testcard.suite.drivers import AdapterDriver, Driver, ProcessDriver

__all__ = ["KNOWN_GOOD", "Adapter", "Everything"]

Row = dict[str, Any]
Arguments = dict[str, Any]

_PREFIX = "TESTCARD_VIDEOKIT_"
_LISTS = {
    "list_vod_assets": "/vod/v1/assets",
    "list_files": "/vod/v1/files",
    "list_channels": "/live/v1/channels",
    "list_events": "/live/v1/events",
    "list_recordings": "/cvr/v1/recordings",
    "list_streaming_assets": "/streaming/v1/assets",
    "list_presets": "/transcoder/v1/presets",
    "list_api_keys": "/core/v1/api-key",
}
_ONES = {
    "get_vod_asset": ("GET", "/vod/v1/assets/{id}"),
    "create_vod_asset": ("POST", "/vod/v1/assets"),
    "update_vod_asset": ("PATCH", "/vod/v1/assets/{id}"),
    "delete_vod_asset": ("DELETE", "/vod/v1/assets/{id}"),
    "get_file": ("GET", "/vod/v1/files/{id}"),
    "update_file": ("PATCH", "/vod/v1/files/{id}"),
    "delete_file": ("DELETE", "/vod/v1/files/{id}"),
    "get_channel": ("GET", "/live/v1/channels/{id}"),
    "get_channel_status": ("GET", "/live/v1/channels/{id}/status"),
    "start_channel": ("POST", "/live/v1/channels/{id}/start"),
    "stop_channel": ("POST", "/live/v1/channels/{id}/stop"),
    "get_event": ("GET", "/live/v1/events/{id}"),
    "create_event": ("POST", "/live/v1/events"),
    "update_event": ("PATCH", "/live/v1/events/{id}"),
    "delete_event": ("DELETE", "/live/v1/events/{id}"),
    "get_recording": ("GET", "/cvr/v1/recordings/{id}"),
    "create_recording": ("POST", "/cvr/v1/recordings"),
    "update_recording": ("PATCH", "/cvr/v1/recordings/{id}"),
    "delete_recording": ("DELETE", "/cvr/v1/recordings/{id}"),
    "get_streaming_asset": ("GET", "/streaming/v1/assets/{assetId}"),
    "update_streaming_asset": ("PATCH", "/streaming/v1/assets/{assetId}"),
    "add_asset_tags": ("POST", "/streaming/v1/assets/{assetId}/tags"),
    "delete_asset_tag": ("DELETE", "/streaming/v1/assets/{assetId}/tags/{tag}"),
    "get_tenant_status": ("GET", "/core/v1/settings/tenant/{id}/status"),
    "create_api_key": ("POST", "/core/v1/api-key"),
    "delete_api_key": ("DELETE", "/core/v1/api-key/{id}"),
}
_MANY = ("delete_vod_assets", "delete_files", "delete_events", "delete_recordings")
_QUERIES = (
    "get_queries_count",
    "get_queries_sum",
    "get_queries_avg",
    "get_queries_median",
    "get_ads_count",
    "get_ads_sum",
    "get_ads_avg",
)
_OTHERS = (
    "list_channel_statuses",
    "list_languages",
    "get_max_concurrent_viewers",
    "list_impressions",
    "upload_file",
    "download_file",
)


class Everything(LiveClient, RecorderClient, StreamingClient):
    """One client of all modules."""


class Adapter:
    """Carries out calls with a client of *client_class*, kept unless a fresh one is wanted."""

    client = "requests"
    operations: ClassVar = frozenset({*_LISTS, *_ONES, *_MANY, *_QUERIES, *_OTHERS})
    client_class: type[Everything] = Everything

    def __init__(self) -> None:
        self._client: Everything | None = None
        self._env: Mapping[str, str] = {}

    def call(self, operation: str, arguments: Arguments, env: dict[str, str], fresh: bool) -> Row:
        """One call of the protocol."""
        client = self._ready(env, fresh)
        if operation in _LISTS:
            return {"rows": client.walk(_LISTS[operation], **_texts(arguments))}
        if operation in _ONES:
            return {"value": self.one(client, operation, arguments)}
        if operation in _MANY:
            return {"lists": self.many(getattr(client, operation), arguments["ids"])}
        if operation in (*_QUERIES, "get_max_concurrent_viewers", "list_impressions"):
            return {"rows": self.figures(client, operation, arguments["body"])}
        result: Row = getattr(self, operation)(client, arguments)
        return result

    def one(self, client: Client, operation: str, arguments: Arguments) -> Any:
        """One request; what is made is its id, what is deleted or switched is nothing."""
        method, template = _ONES[operation]
        more = {"json": arguments.pop("body")} if "body" in arguments else {}
        path = template.format_map({name: quote(value, safe="") for name, value in arguments.items()})
        answer = client.call(method, path, **more)
        if operation.startswith("create_"):
            return answer["id"]
        if operation.endswith("_status"):
            return answer["status"]
        return answer if operation.startswith(("get_", "update_")) else None

    def many(self, delete: Callable[[Sequence[str]], None], ids: list[str]) -> Row:
        """Both lists; the client itself fails where one of several failed."""
        try:
            delete(ids)
        except NotDone as error:
            return {"deleted": [each for each in ids if each not in error.failed], "failed": list(error.failed)}
        return {"deleted": ids, "failed": []}

    def figures(self, client: Everything, operation: str, body: Row) -> list[Any]:
        """All rows of a query."""
        start, end = (datetime.fromisoformat(body.pop(name)) for name in ("start", "end"))
        ask: Callable[..., list[Any]] = getattr(client, operation)
        return ask(body.pop("dimension"), start, end, **body) if "dimension" in body else ask(start, end, **body)

    def list_channel_statuses(self, client: Client, arguments: Arguments) -> Row:
        """States as sent; a comma list, as the one sample has it."""
        ids = {"ids": ",".join(arguments["ids"])} if "ids" in arguments else {}
        return {"rows": client.call("GET", "/live/v1/channelsstatus", params=ids)}

    def list_languages(self, client: Client, _: Arguments) -> Row:
        """Of tracks."""
        return {"rows": client.list_languages()}

    def upload_file(self, client: Client, arguments: Arguments) -> Row:
        """The pattern again and again."""
        piece, size = arguments["pattern"].encode(), arguments["size"]
        content = io.BytesIO((piece * (size // len(piece) + 1))[:size])
        return {"value": client.upload(content, size, arguments["name"], arguments["friendlyName"])}

    def download_file(self, client: Client, arguments: Arguments) -> Row:
        """Its size and its digest."""
        content = client.download(arguments["id"])
        return {"value": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}}

    def classify(self, error: Exception) -> tuple[str, int | None]:
        """The class of a failure, and its status."""
        if not isinstance(error, ClientError):
            return "other", None
        return ("network" if error.unreachable else failure_class(error.status)), error.status or None

    def _ready(self, env: dict[str, str], fresh: bool) -> Everything:
        if self._client is None or fresh or env != self._env:
            names = ("URL", "API_KEY", "TENANT_ID")
            self._client = self.client_class(*(env[_PREFIX + name] for name in names), backoff_s=0.01)
            self._env = env
        return self._client


def _texts(filters: Arguments) -> Arguments:
    """Flags in small letters; several values are sent one by one."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}


_HERE = Path(__file__).parent

KNOWN_GOOD: dict[str, Callable[[], Driver]] = {
    "requests": lambda: AdapterDriver(Adapter()),
    "httpx": lambda: ProcessDriver([sys.executable, str(_HERE / "videokit_httpx.py")]),
    "fetch": lambda: ProcessDriver(["node", str(_HERE / "videokit_fetch.mjs")]),
}
