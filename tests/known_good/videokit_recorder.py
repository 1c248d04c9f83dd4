"""A careful client of Cloud Video Kit's recorder, as a user would write it with requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from known_good.videokit import Client, ClientError

__all__ = ["RecorderClient"]

Row = dict[str, Any]
BASE = "/cvr/v1/recordings"


class RecorderClient(Client):
    """Recordings of one tenant."""

    def create_recording(self, channel: str, start: datetime, end: datetime, **more: Any) -> str:
        """Record a time span; returns the recording's id."""
        body = {"source": _source(channel, start, end), **more}
        return str(self.call("POST", BASE, json=body)["id"])

    def list_recordings(self, **filters: Any) -> list[Row]:
        """All recordings that satisfy the filters."""
        return self.walk(BASE, **filters)

    def get_recording(self, recording: str) -> Row:
        """One recording."""
        return dict(self.call("GET", _path(recording)))

    def wait_for_recording(self, recording: str, *, polls: int = 200, pause_s: float = 30.0) -> Row:
        """The recording once it is Available."""
        for _ in range(polls):
            row = self.get_recording(recording)
            if row["status"] == "Available":
                return row
            if row["status"] == "Error":
                raise ClientError(f"recording {recording}: {row.get('errorMessage')}")
            self._sleep(pause_s)
        raise ClientError(f"recording {recording} is {row['status']}")

    def update_recording(self, recording: str, **changes: Any) -> Row:
        """Change what is named; returns the whole recording, of which the answer may show a part."""
        self.call("PATCH", _path(recording), json=changes)
        return self.get_recording(recording)

    def move_recording(self, recording: str, channel: str, start: datetime, end: datetime) -> Row:
        """Give a recording another source; only while it is Pending."""
        return self.update_recording(recording, source=_source(channel, start, end))

    def delete_recording(self, recording: str) -> None:
        """Delete one recording."""
        self.call("DELETE", _path(recording))

    def delete_recordings(self, recordings: Sequence[str]) -> None:
        """Delete several, or raise `NotDone`."""
        self._delete_many(f"{BASE}/deletemany", recordings)

    def add_recording_output(self, recording: str, preset: str, **more: Any) -> str:
        """Add an output; returns its id, from a page of one or from outputId."""
        answer = self.call("POST", f"{_path(recording)}/outputs", json={"preset": preset, **more})
        return str(answer["outputId"] if "outputId" in answer else answer["items"][0]["id"])

    def delete_recording_output(self, recording: str, output: str) -> None:
        """Take one output off a recording."""
        self.call("DELETE", f"{_path(recording)}/outputs/{quote(output, safe='')}")


def _path(recording: str) -> str:
    return f"{BASE}/{quote(recording, safe='')}"


def _source(channel: str, start: datetime, end: datetime) -> Row:
    details = {"channelId": channel, "start": start.isoformat(), "end": end.isoformat()}
    return {"type": "LiveChannel", "liveChannelDetails": details}
