"""What the operations that only read answer: a method each, named by the operation, with its arguments and now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from testcard.suite.oracles.videokit import analytics, live, recorder, streaming, vod
from testcard.suite.oracles.videokit.lists import Kind, chosen
from testcard.suite.oracles.videokit.moments import Row, millis, written
from testcard.suite.oracles.videokit.rows import Refused, Rows

__all__ = ["Answers", "content"]

Asked = Mapping[str, Any]
_PRESET = ("name", "description", "createsDownload")


@lru_cache(maxsize=8)
def content(pattern: str, size: int) -> bytes:
    """The bytes of a file that a scenario has uploaded: the pattern again and again."""
    piece = pattern.encode()
    return (piece * (size // len(piece) + 1))[:size]


class Answers(Rows):
    """Rows for a list, a value for anything else."""

    # VOD.

    def list_vod_assets(self, asked: Asked, now: int) -> list[Row]:
        rows = self._chosen(self.assets.values(), asked, vod.ASSETS, now)
        return [vod.shown_asset(row, self.reads, now, part="list") for row in rows]

    def get_vod_asset(self, asked: Asked, now: int) -> Row:
        return vod.shown_asset(self.one_of_vod("assets", asked["id"], now), self.reads, now, part="details")

    def list_files(self, asked: Asked, now: int) -> list[Row]:
        rows = self._chosen(self.files.values(), asked, vod.FILES, now)
        return [vod.shown_file(row, self.reads, part="list") for row in rows]

    def get_file(self, asked: Asked, now: int) -> Row:
        return vod.shown_file(self.one_of_vod("files", asked["id"], now), self.reads, part="details")

    def download_file(self, asked: Asked, now: int) -> Row:
        row = self.one_of_vod("files", asked["id"], now)
        if row["status"] != "Completed":
            raise Refused("conflict")
        body = content(*row["content"])
        return {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}

    def list_languages(self, _asked: Asked, _now: int) -> list[str]:
        return list(vod.offered()["languages"])

    # Live.

    def list_channels(self, asked: Asked, now: int) -> list[Row]:
        rows, aws = self._chosen(self.channels.values(), asked, live.CHANNELS, now), asked.get("includeAwsData")
        return [live.shown_channel(row, self.reads, now, aws=aws is not False) for row in rows]

    def get_channel(self, asked: Asked, now: int) -> Row:
        return live.shown_channel(self.one("channels", asked["id"], now), self.reads, now)

    def get_channel_status(self, asked: Asked, now: int) -> str:
        return live.channel_status(self.one("channels", asked["id"], now), self.reads, now)

    def list_channel_statuses(self, asked: Asked, now: int) -> list[Row]:
        """Of the channels asked about, or of all (ledger VK-113, VK-114)."""
        there = {key: row for key, row in self.channels.items() if row["created"] <= now}
        missing = self.reads["VK-113"] if "ids" not in asked else ""
        if missing == "refused":
            raise Refused("invalid")
        wanted = list(there) if missing == "all" else list(dict.fromkeys(asked.get("ids", ())))
        if self.reads["VK-114"] == "refused" and not set(wanted) <= set(there):
            raise Refused("not-found")
        return [live.shown_status(there[each], self.reads, now) for each in wanted if each in there]

    def list_events(self, asked: Asked, now: int) -> list[Row]:
        rows = self._chosen(self.events.values(), asked, live.EVENTS, now)
        return [live.shown_event(row, self.reads, now, part="list") for row in rows]

    def get_event(self, asked: Asked, now: int) -> Row:
        return live.shown_event(self.one("events", asked["id"], now), self.reads, now, part="details")

    # Recorder.

    def list_recordings(self, asked: Asked, now: int) -> list[Row]:
        there = [row for row in self.recordings.values() if not recorder.is_gone(row, self.reads, now)]
        rows = self._chosen(there, asked, recorder.kind(self.reads, self.spans(now)), now)
        return [self.shown_recording(row, now, full=self.reads["VK-144"] == "full") for row in rows]

    def get_recording(self, asked: Asked, now: int) -> Row:
        return self.shown_recording(self.one_recording(asked["id"], now), now, full=True)

    # Streaming.

    def list_streaming_assets(self, asked: Asked, now: int) -> list[Row]:
        rows = self._chosen(self.playables(now), asked, streaming.PLAYABLES, now)
        return [streaming.shown_playable(row, self.reads, part="list") for row in rows]

    def get_streaming_asset(self, asked: Asked, now: int) -> Row:
        return streaming.shown_playable(self.playable(asked["assetId"], now), self.reads, part="details")

    def get_queries_count(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "count", now)

    def get_queries_sum(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "sum", now)

    def get_queries_avg(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "avg", now)

    def get_queries_median(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "median", now)

    def get_max_concurrent_viewers(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "peak", now)

    def get_ads_count(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "count", now, ads=True)

    def get_ads_sum(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "sum", now, ads=True)

    def get_ads_avg(self, asked: Asked, now: int) -> list[Any]:
        return self._figures(asked["body"], "avg", now, ads=True)

    def list_impressions(self, asked: Asked, now: int) -> list[str]:
        if analytics.refused(asked["body"], self.reads):
            raise Refused("invalid")
        return analytics.impressions(self._timed("playback"), asked["body"], self.reads, now)

    # Core and Transcoder.

    def get_tenant_status(self, _asked: Asked, _now: int) -> str:
        return str(vod.offered()["tenants"][0]["status"])

    def list_api_keys(self, asked: Asked, now: int) -> list[Row]:
        roles = {each["id"]: each["name"] for each in vod.offered()["roles"]}
        named = [{**row, "metadata": {}, "roleName": roles[row["roleId"]]} for row in self.keys]
        return [self._shown_key(row) for row in self._chosen(named, asked, _KEYS, now)]

    def list_presets(self, _asked: Asked, _now: int) -> list[Row]:
        return [{name: each[name] for name in _PRESET} for each in vod.offered()["presets"]]

    def _shown_key(self, row: Row) -> Row:
        shown = {name: row[name] for name in ("id", "name", "roleName", "roleId")}
        return {**shown, "createdAt": written(row["created"], self.reads)}

    def _chosen(self, rows: Iterable[Row], asked: Asked, kind: Kind, now: int) -> list[Row]:
        found = chosen(rows, asked, kind, self.reads, now)
        if found is None:
            raise Refused("invalid")
        return found

    def _figures(self, body: Asked, function: str, now: int, *, ads: bool = False) -> list[list[Any]]:
        if analytics.refused(body, self.reads):
            raise Refused("invalid")
        rows = self._timed("adPlayback" if ads else "playback")
        return analytics.answered(rows, body, function, self.reads, now, ads=ads)

    def _timed(self, table: str) -> list[Row]:
        moments = [row["TIME"] if isinstance(row["TIME"], int) else millis(row["TIME"]) for row in self.played[table]]
        return [{**row, "TIME": moment} for row, moment in zip(self.played[table], moments, strict=True)]


_KEYS = Kind(
    sorts={
        "name": lambda row, _: row["name"],
        "roleid": lambda row, _: row["roleId"],
        "rolename": lambda row, _: row["roleName"],
        "createdat": lambda row, _: row["created"],
    },
    texts=lambda row: [row["name"], row["roleName"]],
)
