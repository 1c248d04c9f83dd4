"""What writes do to the kit: a method each, named by the operation, with its arguments, now and the id it makes.

Each returns what a client must return, or raises `Refused` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testcard.suite.oracles.videokit import live, recorder, streaming, vod
from testcard.suite.oracles.videokit.labels import relabel
from testcard.suite.oracles.videokit.moments import Row, millis
from testcard.suite.oracles.videokit.rows import Refused, Rows
from testcard.suite.subject import ANY

__all__ = ["Writes"]

Asked = Mapping[str, Any]
Gone = Mapping[str, list[str]]


class Writes(Rows):
    """The writes of all modules."""

    # VOD.

    def create_vod_asset(self, asked: Asked, now: int, made: Any = ANY) -> Any:
        body = asked["body"]
        self._check_sources(body, now)
        self.assets[_key(made)] = vod.new_asset(made, body, now, self.reads)
        for each in body["transcodedSources"]:
            self.files[each["fileId"]]["assets"].append(made)
        return made

    def update_vod_asset(self, asked: Asked, now: int, _made: Any = ANY) -> Row:
        row = self.one_of_vod("assets", asked["id"], now)
        row["title"] = asked["body"].get("title", row["title"])
        self._relabelled(row, asked["body"], now)
        return vod.updated_asset(row, self.reads, now)

    def delete_vod_asset(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.one_of_vod("assets", asked["id"], now)
        for source in row["sources"]:
            used = self.files.get(source["fileId"], {"assets": []})["assets"]
            used[:] = [each for each in used if each is ANY or each != asked["id"]]
        del self.assets[asked["id"]]

    def delete_vod_assets(self, asked: Asked, now: int, _made: Any = ANY) -> Gone:
        return self._delete_each("delete_vod_asset", asked["ids"], now, lenient=self.reads["VK-048"] == "success")

    def update_file(self, asked: Asked, now: int, _made: Any = ANY) -> Row:
        row, body = self.one_of_vod("files", asked["id"], now), asked["body"]
        row |= {name: body[name] for name in ("name", "friendlyName") if body.get(name) is not None}
        self._relabelled(row, body, now)
        return vod.shown_file(row, self.reads, part="update")

    def delete_file(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.one_of_vod("files", asked["id"], now)
        if row["assets"] and self.reads["VK-045"] == "refused":
            raise Refused("conflict")
        del self.files[asked["id"]]

    def delete_files(self, asked: Asked, now: int, _made: Any = ANY) -> Gone:
        return self._delete_each("delete_file", asked["ids"], now, lenient=self.reads["VK-048"] == "success")

    # Live.

    def start_channel(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        self._switch("start", asked["id"], now, wanted="Off", there=("Starting", "On"))

    def stop_channel(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        self._switch("stop", asked["id"], now, wanted="On", there=("Stopping", "Off"))

    def create_event(self, asked: Asked, now: int, made: Any = ANY) -> Any:
        body = asked["body"]
        self._referred(body["channelId"], now)
        self.events[_key(made)] = self._written(live.new_event(made, body["channelId"], now), body, now)
        return made

    def update_event(self, asked: Asked, now: int, _made: Any = ANY) -> Row:
        row = self._written(self.one("events", asked["id"], now), asked["body"], now)
        self.events[asked["id"]] = row
        return live.shown_event(row, self.reads, now, part="update")

    def delete_event(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.one("events", asked["id"], now)
        if live.event_status(row, now) == "Live" and self.reads["VK-134"] == "refused":
            raise Refused("conflict")
        del self.events[asked["id"]]

    def delete_events(self, asked: Asked, now: int, _made: Any = ANY) -> Gone:
        return self._delete_each("delete_event", asked["ids"], now)

    # Recorder.

    def create_recording(self, asked: Asked, now: int, made: Any = ANY) -> Any:
        body = asked["body"]
        source = body["source"]["liveChannelDetails"]
        self._referred(source["channelId"], now)
        if millis(source["end"]) <= millis(source["start"]):
            raise Refused("invalid")
        self.recordings[_key(made)] = recorder.new_recording(made, body, now, self.reads)
        return made

    def update_recording(self, asked: Asked, now: int, _made: Any = ANY) -> Row:
        row, body = self.one_recording(asked["id"], now), asked["body"]
        if "source" in body:
            self._move(row, body["source"]["liveChannelDetails"], now)
        row["catchup"] = body.get("catchup", {}).get("enabled", row["catchup"])
        row["archive"] = {**row["archive"], **body.get("archive", {})}
        flat = {"metadata": recorder.flattened(body["metadata"], self.reads)} if body.get("metadata") else {}
        self._relabelled(row, {**body, **flat}, now)
        if "title" in body:
            row["title"] = body["title"]
            if self.reads["VK-163"] == "both":
                row["metadata"] = {**row["metadata"], "title": body["title"]}
        return self.shown_recording(row, now, full=self.reads["VK-145"] == "full")

    def delete_recording(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.one_recording(asked["id"], now)
        if self._state(row, now) == "Processing" and self.reads["VK-165"] == "refused":
            raise Refused("conflict")
        del self.recordings[asked["id"]]

    def delete_recordings(self, asked: Asked, now: int, _made: Any = ANY) -> Gone:
        return self._delete_each("delete_recording", asked["ids"], now)

    # Streaming.

    def update_streaming_asset(self, asked: Asked, now: int, _made: Any = ANY) -> Row:
        row, body = self.playable(asked["assetId"], now), asked["body"]
        own = {name: body[name] for name in ("tags", "attributes") if name in body}
        fresh = {"metadata": {}, "tags": row["tags"], "attributes": row["attributes"]}
        relabel(fresh, own, self.reads)
        changed = {name: fresh[name] for name in own}
        if "title" in body and self.reads["VK-189"] == "applied":
            changed["title"] = body["title"]
        self._label(row, now, **changed)
        if "description" in body:
            self.over[row["id"]]["description"] = body["description"]
        return streaming.shown_playable(self.playable(row["id"], now), self.reads, part="update")

    def add_asset_tags(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.playable(asked["assetId"], now)
        names = [each["name"] for each in asked["body"]["tags"]]
        self._label(row, now, tags=list(dict.fromkeys([*row["tags"], *names])))

    def delete_asset_tag(self, asked: Asked, now: int, _made: Any = ANY) -> None:
        row = self.playable(asked["assetId"], now)
        if asked["tag"] not in row["tags"] or self.reads["VK-198"] == "id":
            raise Refused("not-found")
        self._label(row, now, tags=[each for each in row["tags"] if each != asked["tag"]])

    # Core.

    def create_api_key(self, asked: Asked, now: int, made: Any = ANY) -> Any:
        body = asked["body"]
        if body["roleId"] not in [each["id"] for each in vod.offered()["roles"]]:
            raise Refused("not-found")
        self.keys.append({"id": made, "name": body["name"], "roleId": body["roleId"], "created": now})
        return made

    def delete_api_key(self, asked: Asked, _now: int, _made: Any = ANY) -> None:
        left = [row for row in self.keys if row["id"] is ANY or row["id"] != asked["id"]]
        if len(left) == len(self.keys):
            raise Refused("not-found")
        self.keys = left

    # What they share.

    def _relabelled(self, row: Row, body: Asked, now: int) -> None:
        relabel(row, body, self.reads)
        row["modified"] = now

    def _check_sources(self, body: Asked, now: int) -> None:
        """Files and preset must be there, and the files complete (ledger VK-031, VK-032)."""
        missing = "invalid" if self.reads["VK-031"] == "bad-request" else "not-found"
        for each in body["transcodedSources"]:
            status = self.one("files", each["fileId"], now, missing=missing)["status"]
            if status != "Completed" and not (status == "Uploading" and self.reads["VK-032"] == "pending"):
                raise Refused("conflict")
        if vod.preset(body["preset"]) is None:
            raise Refused(missing)

    def _referred(self, channel: str, now: int) -> None:
        """The channel that a body names (ledger VK-136)."""
        self.one("channels", channel, now, missing="invalid" if self.reads["VK-136"] == "bad-request" else "not-found")

    def _written(self, old: Row, body: Asked, now: int) -> Row:
        """An event after a body was written to it (ledger VK-128, VK-130)."""
        row = {**old, **{name: millis(body[name]) for name in ("start", "end") if name in body}}
        row |= {"ensure": body.get("ensureChannel", old["ensure"]), "title": body.get("title", old["title"])}
        if row["end"] <= row["start"]:
            raise Refused("invalid")
        if self.reads["VK-128"] == "refused" and any(_clash(row, each) for each in self.events.values()):
            raise Refused("conflict")
        self._relabelled(row, body, now)
        if self.reads["VK-130"] == "mirrored" and "title" in body:
            row["metadata"] = {**row["metadata"], "Title": body["title"]}
        elif self.reads["VK-130"] == "mirrored" and "Title" in (body.get("metadata") or {}):
            row["title"] = row["metadata"].get("Title")
        return row

    def _state(self, row: Row, now: int) -> str:
        """A recording's."""
        return recorder.status(row, self.reads, now, self.spans(now).get(row["channel"], ()))

    def _move(self, row: Row, source: Asked, now: int) -> None:
        """Another source, while there is time (ledger VK-149)."""
        if self._state(row, now) != "Pending":
            raise Refused("invalid" if self.reads["VK-149"] == "bad-request" else "conflict")
        self._referred(source["channelId"], now)
        row |= {"channel": source["channelId"], "start": millis(source["start"]), "end": millis(source["end"])}

    def _label(self, row: Row, now: int, **changed: Any) -> None:
        """Change what streaming shows of an asset: in its own module, or here where that has no such field."""
        over = self.over.setdefault(row["id"], {})
        over["modified"] = now
        if row["type"] == "LiveChannel":
            over |= changed
        elif changed:
            table = {"Vod": self.assets, "Recording": self.recordings, "LiveEvent": self.events}[row["type"]]
            table[row["id"]] |= {**changed, "modified": now}

    def _switch(self, verb: str, identity: str, now: int, *, wanted: str, there: Sequence[str]) -> None:
        """Start or stop a channel, from the state that allows it (ledger VK-122)."""
        row = self.one("channels", identity, now)
        status = live.channel_status(row, self.reads, now)
        if status == wanted:
            row["log"].append((now, verb))
        elif not (status in there and self.reads["VK-122"] == "ignored"):
            raise Refused("conflict")

    def _delete_each(self, operation: str, ids: Sequence[str], now: int, *, lenient: bool = False) -> Gone:
        """Each with its own result; what is not there may count as gone (ledger VK-048)."""
        lists: dict[str, list[str]] = {"deleted": [], "failed": []}
        for each in dict.fromkeys(ids):
            try:
                getattr(self, operation)({"id": each}, now)
                gone = True
            except Refused as refused:
                gone = lenient and refused.kind == "not-found"
            lists["deleted" if gone else "failed"].append(each)
        return lists


def _key(made: Any) -> Any:
    """Under what a new row is kept; one whose id was lost is found by nobody."""
    return object() if made is ANY else made


def _clash(one: Row, other: Row) -> bool:
    """Whether two events are on one channel at one time."""
    same = one["channel"] == other["channel"] and one["id"] != other["id"]
    return bool(same and other["start"] < one["end"] and one["start"] < other["end"])
