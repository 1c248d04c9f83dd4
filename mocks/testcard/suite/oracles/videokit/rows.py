"""The rows of one tenant's kit, and how one of them is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from testcard.suite.oracles.videokit import live, recorder, streaming, vod
from testcard.suite.oracles.videokit.moments import Reads, Row, millis
from testcard.suite.subject import ANY

__all__ = ["Refused", "Rows"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Refused(Exception):
    """An operation is refused; *kind* is the class of failure that a client must show."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Rows:
    """The first tenant of a world under some readings; *tables* are the world's explicit rows."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], reads: Reads) -> None:
        def made(table: str, make: Callable[[Row], Row]) -> dict[str, Row]:
            return {row["id"]: make(row) for row in tables.get(table, ())}

        self.reads = reads
        self.assets, self.files = made("assets", vod.asset), made("files", vod.file)
        self.channels, self.events = made("channels", live.channel), made("events", live.event)
        self.recordings = made("recordings", recorder.recording)
        self.over: dict[str, Row] = {}
        self.played = {name: list(tables.get(name, ())) for name in ("playback", "adPlayback")}
        self.keys = [
            {"id": ANY, "name": each["name"], "roleId": each["role"], "created": millis(each["created"])}
            for each in vod.offered()["keys"]
        ]

    def one(self, table: str, identity: str, now: int, *, missing: str = "not-found") -> Row:
        """The row of that id, if it exists by now."""
        row: Row | None = getattr(self, table).get(identity)
        if row is None or row["created"] > now:
            raise Refused(missing)
        return row

    def one_of_vod(self, table: str, identity: str, now: int) -> Row:
        """An asset or a file; its id may have to be a UUID (ledger VK-044)."""
        if self.reads["VK-044"] == "uuid" and not _UUID.fullmatch(identity):
            raise Refused("invalid")
        return self.one(table, identity, now)

    def one_recording(self, identity: str, now: int) -> Row:
        """A recording that is not gone; its id may have to be a UUID (ledger VK-155)."""
        if self.reads["VK-155"] == "bad-request" and not _UUID.fullmatch(identity):
            raise Refused("invalid")
        row = self.one("recordings", identity, now)
        if recorder.is_gone(row, self.reads, now):
            raise Refused("not-found")
        return row

    def playables(self, now: int) -> Iterable[Row]:
        """All that can be played."""
        own = (self.assets, self.recordings, self.events, self.channels)
        return streaming.playables(*own, self.over, self.reads, now)

    def playable(self, identity: str, now: int) -> Row:
        """One of them."""
        found = next((row for row in self.playables(now) if row["id"] == identity), None)
        if found is None or found["created"] > now:
            raise Refused("not-found")
        return found

    def spans(self, now: int) -> dict[str, list[tuple[int, int]]]:
        """When each channel was on."""
        return {key: live.on_spans(row, self.reads, now) for key, row in self.channels.items()}

    def shown_recording(self, row: Row, now: int, *, full: bool) -> Row:
        """A recording as answers show it."""
        return recorder.shown_recording(row, self.reads, now, self.spans(now).get(row["channel"], ()), full=full)
