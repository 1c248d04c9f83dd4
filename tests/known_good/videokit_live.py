"""A careful client of Cloud Video Kit's live, as a user would write it with requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from known_good.videokit import Client, ClientError

__all__ = ["LiveClient"]

Row = dict[str, Any]


class LiveClient(Client):
    """Channels and events of one tenant."""

    def list_channels(self, **filters: Any) -> list[Row]:
        """All channels that satisfy the filters."""
        return self.walk("/live/v1/channels", **filters)

    def create_channel(self, name: str, input_type: str = "RTMP_PUSH", **more: Any) -> str:
        """Make a channel; returns its id."""
        source = {"type": input_type, "inputLoss": {"type": "COLOR", "color": "000000"}}
        return str(self.call("POST", "/live/v1/channels", json={"name": name, "input": source, **more})["id"])

    def get_channel(self, channel: str) -> Row:
        """One channel."""
        return dict(self.call("GET", _channel(channel)))

    def update_channel(self, channel: str, **changes: Any) -> Row:
        """Change what is named; returns the channel as it is now, whatever the answer held."""
        self.call("PATCH", _channel(channel), json=changes)
        return self.get_channel(channel)

    def delete_channel(self, channel: str) -> None:
        """Delete a channel."""
        answer = self.call("DELETE", _channel(channel))
        if not answer["success"]:
            raise ClientError(f"channel {channel}: {answer['status']}")

    def start_channel(self, channel: str) -> None:
        """Start a channel; it takes a while."""
        self.call("POST", f"{_channel(channel)}/start")

    def stop_channel(self, channel: str) -> None:
        """Stop a channel; it takes a while."""
        self.call("POST", f"{_channel(channel)}/stop")

    def get_channel_status(self, channel: str) -> str:
        """The state of a channel."""
        return str(self.call("GET", f"{_channel(channel)}/status")["status"])

    def wait_for_channel(self, channel: str, wanted: str, *, polls: int = 60, pause_s: float = 5.0) -> None:
        """Wait until a channel is in the state wanted."""
        for _ in range(polls):
            found = self.get_channel_status(channel)
            if found == wanted:
                return
            if found == "Error":
                break
            self._sleep(pause_s)
        raise ClientError(f"channel {channel} is {found}, not {wanted}")

    def get_channel_stats(self, channel: str, start: datetime, end: datetime, **more: Any) -> dict[str, Row]:
        """The metrics by id, whether they come as an object or as a list."""
        params = {"start": start.isoformat(), "end": end.isoformat(), **more}
        metrics = self.call("GET", f"{_channel(channel)}/stats", params=params)["metrics"]
        rows = metrics if isinstance(metrics, list) else list(metrics.values())
        return {row["id"]: row for row in rows}

    def list_channel_statuses(self, channels: Sequence[str]) -> dict[str, str]:
        """States by id; raises when one is missing."""
        answer = self.call("GET", "/live/v1/channelsstatus", params={"ids": ",".join(channels)})
        found = {row["id"]: row["status"] for row in answer}
        if missing := set(channels) - set(found):
            raise ClientError(f"no status of {sorted(missing)}")
        return found

    def get_channel_configuration(self, channel: str) -> Row:
        """The AWS side of a channel."""
        return dict(self.call("GET", f"{_channel(channel)}/configuration")["configuration"])

    def get_channel_limit(self) -> int:
        """How many channels there may be."""
        answer = self.call("GET", "/live/v1/channels/limit")
        return int(answer["limit"] if isinstance(answer, dict) else answer)

    def create_event(self, channel: str, start: datetime, end: datetime, **more: Any) -> str:
        """Schedule an event; returns its id."""
        body = {"channelId": channel, "start": start.isoformat(), "end": end.isoformat(), **more}
        return str(self.call("POST", "/live/v1/events", json=body)["id"])

    def list_events(self, **filters: Any) -> list[Row]:
        """All events that satisfy the filters."""
        return self.walk("/live/v1/events", **filters)

    def get_event(self, event: str) -> Row:
        """One event with its state, tags and attributes, which details may lack and lists have."""
        row = dict(self.call("GET", f"/live/v1/events/{quote(event, safe='')}"))
        if "status" not in row:
            row = {**next(each for each in self.list_events(ids=event)), **row}
        return row

    def update_event(self, event: str, **changes: Any) -> Row:
        """Change what is named."""
        return dict(self.call("PATCH", f"/live/v1/events/{quote(event, safe='')}", json=changes))

    def delete_event(self, event: str) -> None:
        """Delete one event."""
        self.call("DELETE", f"/live/v1/events/{quote(event, safe='')}")

    def delete_events(self, events: Sequence[str]) -> None:
        """Delete several, or raise `NotDone`."""
        self._delete_many("/live/v1/events/deletemany", events)


def _channel(channel: str) -> str:
    return f"/live/v1/channels/{quote(channel, safe='')}"
