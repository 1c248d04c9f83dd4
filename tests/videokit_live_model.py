"""How live must behave, in plain Python and steps of ten seconds. Shares nothing with the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["Channel", "Event", "LiveModel"]

STEP = 10
PROCESSING, STARTING, STOPPING, LEAD = 30, 60, 30, 60


@dataclass
class Channel:
    """A channel; *left* is how many seconds its present state lasts, None when it lasts for good."""

    id: str
    name: str
    created: int
    state: str = "Processing"
    left: int | None = PROCESSING
    next: list[str] = field(default_factory=list)
    wanted: bool = False
    auto: bool = False
    disabled: bool = False


@dataclass
class Event:
    """An event; moments are seconds since the model began."""

    id: str
    channel: str
    start: int
    end: int
    ensure: bool
    created: int
    title: str | None = None
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


class LiveModel:
    """Channels and events at a moment, counted in seconds from *origin*."""

    def __init__(self, origin: datetime) -> None:
        self.origin, self.now = origin, 0
        self.channels: dict[str, Channel] = {}
        self.events: dict[str, Event] = {}

    def instant(self, seconds: int) -> str:
        """A moment as the API writes it."""
        return (self.origin + timedelta(seconds=seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def advance(self, seconds: int) -> None:
        """Let time pass, step by step."""
        for _ in range(seconds // STEP):
            self.now += STEP
            for channel in self.channels.values():
                self._pass_time(channel)
            self.look_at_events()

    def look_at_events(self) -> None:
        """Start and stop what events want, as of now."""
        for channel in self.channels.values():
            if channel.disabled:
                continue
            wanted = any(
                event.ensure and max(event.start - LEAD, event.created) <= self.now < event.end
                for event in self.events.values()
                if event.channel == channel.id
            )
            if wanted != channel.wanted:
                channel.wanted = wanted
                self._rise(channel) if wanted else self._fall(channel)

    def start(self, channel: Channel) -> bool:
        """Start by hand; whether it is allowed."""
        if channel.state != "Off":
            return False
        channel.state, channel.left = "Starting", STARTING
        return True

    def stop(self, channel: Channel) -> bool:
        """Stop by hand; whether it is allowed."""
        if channel.state != "On":
            return False
        channel.state, channel.left = "Stopping", STOPPING
        return True

    def status(self, event: Event) -> str:
        """The state of an event."""
        return "Scheduled" if self.now < event.start else "Live" if self.now < event.end else "Finished"

    def _rise(self, channel: Channel) -> None:
        on_the_way = channel.next[-1:] or [channel.state]
        if on_the_way[0] in ("On", "Starting"):
            return
        channel.auto = True
        if channel.state == "Off":
            self.start(channel)
        else:
            channel.next.append("Starting")

    def _fall(self, channel: Channel) -> None:
        if channel.auto:
            if channel.state == "On":
                self.stop(channel)
            elif (channel.next[-1:] or [channel.state])[0] == "Starting":
                channel.next.append("Stopping")
        channel.auto = False

    def _pass_time(self, channel: Channel) -> None:
        if channel.left is None:
            return
        channel.left -= STEP
        if channel.left > 0:
            return
        channel.state = {"Processing": "Off", "Starting": "On", "Stopping": "Off"}[channel.state]
        channel.left = None
        if channel.next:
            channel.state = channel.next.pop(0)
            channel.left = {"Starting": STARTING, "Stopping": STOPPING}[channel.state]
