"""Every live operation done to a server and to the model at once, each answer compared."""

from __future__ import annotations

from typing import Any, Protocol

from videokit_live_model import Channel, Event, LiveModel

__all__ = ["Caller", "LiveWalk"]

LIMIT = 24


class Caller(Protocol):
    """How the server is reached."""

    def call(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """Status and data of one call; the path begins with the module."""

    def advance(self, seconds: int) -> None:
        """Move the world's clock."""


class LiveWalk:
    """A walk through live; each method asserts that server and model agree."""

    def __init__(self, caller: Caller, model: LiveModel) -> None:
        self.caller, self.model = caller, model
        status, page = caller.call("GET", "/live/v1/channels")
        assert status == 200
        self.others = {row["id"] for row in page["items"]}

    def create_channel(self, name: str) -> None:
        """Make a channel, unless there are too many."""
        body = {"name": name, "input": {"type": "RTMP_PUSH", "inputLoss": {"type": "SLATE"}}}
        status, answer = self.caller.call("POST", "/live/v1/channels", body)
        if len(self.others) + len(self.model.channels) >= LIMIT:
            assert status == 409
            return
        assert status == 200
        assert answer["id"] not in self.model.channels
        self.model.channels[answer["id"]] = Channel(answer["id"], name, self.model.now)

    def switch(self, channel: Channel, what: str) -> None:
        """Start or stop."""
        allowed = self.model.start(channel) if what == "start" else self.model.stop(channel)
        status, answer = self.caller.call("POST", f"/live/v1/channels/{channel.id}/{what}")
        assert (status, answer) == (200, None) if allowed else status == 409

    def rename(self, channel: Channel, name: str) -> None:
        """Change a name."""
        answered = self.caller.call("PATCH", f"/live/v1/channels/{channel.id}", {"name": name})
        assert answered == (200, {"id": channel.id})
        channel.name = name

    def automate(self, channel: Channel, *, disabled: bool) -> None:
        """Let events rule, or not."""
        body = {"automationDisabled": disabled}
        assert self.caller.call("PATCH", f"/live/v1/channels/{channel.id}", body)[0] == 200
        channel.disabled = disabled
        self.model.look_at_events()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel and its events, unless it is on."""
        status, answer = self.caller.call("DELETE", f"/live/v1/channels/{channel.id}")
        if channel.state != "Off":
            assert status == 409
            return
        assert status == 200
        assert answer == {"status": {"code": "success", "message": "Channel deleted successfully"}, "success": True}
        del self.model.channels[channel.id]
        self.model.events = {key: each for key, each in self.model.events.items() if each.channel != channel.id}

    def create_event(self, channel: str, start: int, length: int, *, ensure: bool, title: str | None) -> None:
        """Schedule an event, from now on counted in seconds."""
        begin = self.model.now + start
        body: dict[str, Any] = {"channelId": channel, "ensureChannel": ensure}
        body |= {"start": self.model.instant(begin), "end": self.model.instant(begin + length)}
        body |= {"title": title} if title is not None else {}
        status, answer = self.caller.call("POST", "/live/v1/events", body)
        if channel not in self.model.channels:
            assert status == 404
        elif length <= 0:
            assert status == 400
        else:
            assert status == 200
            made = Event(answer["id"], channel, begin, begin + length, ensure, self.model.now, title)
            self.model.events[made.id] = made
            self.model.look_at_events()

    def change_event(self, event: Event, *, shift: int, ensure: bool, tags: list[str], metadata: Any) -> None:
        """Move an event, and write on it."""
        event.start, event.end, event.ensure = event.start + shift, event.end + shift, ensure
        event.tags = list(dict.fromkeys(tags))
        event.metadata = {**event.metadata, **metadata}
        body = {"start": self.model.instant(event.start), "end": self.model.instant(event.end)}
        sent = {**body, "ensureChannel": ensure, "tags": tags, "metadata": metadata}
        status, answer = self.caller.call("PATCH", f"/live/v1/events/{event.id}", sent)
        assert status == 200
        self.check_event(answer, event)
        self.model.look_at_events()

    def delete_event(self, event: Event) -> None:
        """Delete an event; the second time there is none."""
        path = f"/live/v1/events/{event.id}"
        assert self.caller.call("DELETE", path) == (200, None)
        assert self.caller.call("DELETE", path)[0] == 404
        del self.model.events[event.id]
        self.model.look_at_events()

    def delete_events(self, keys: list[str]) -> None:
        """Delete several, some of them not there."""
        status, answer = self.caller.call("POST", "/live/v1/events/deletemany", keys)
        assert status == 200
        assert set(answer) == set(keys)
        for key, row in answer.items():
            assert row["success"] is (self.model.events.pop(key, None) is not None)
            assert row["status"]["code"] == ("success" if row["success"] else "error")
        self.model.look_at_events()

    def advance(self, seconds: int) -> None:
        """Let time pass for both."""
        self.caller.advance(seconds)
        self.model.advance(seconds)

    def check(self) -> None:
        """Both lists, and every detail."""
        self.check_channels()
        self.check_events()

    def check_channels(self) -> None:
        """The list of channels, their states, and the states asked for at once."""
        page = self.caller.call("GET", "/live/v1/channels?limit=100")[1]
        found = {row["id"]: row for row in page["items"] if row["id"] not in self.others}
        assert set(found) == set(self.model.channels)
        assert page["totalCount"] == len(self.others) + len(found)
        for key, channel in self.model.channels.items():
            row = found[key]
            assert (row["name"], row["status"]) == (channel.name, channel.state)
            assert row["automationDisabled"] is channel.disabled
        if found:
            states = self.caller.call("GET", f"/live/v1/channelsstatus?ids={','.join(found)}")[1]
            assert [(row["id"], row["status"]) for row in states] == [(k, r["status"]) for k, r in found.items()]

    def check_events(self) -> None:
        """The list of events, whole and by state."""
        page = self.caller.call("GET", "/live/v1/events?limit=100&sort=start")[1]
        expected = sorted(self.model.events.values(), key=lambda each: each.start)
        assert [row["start"] for row in page["items"]] == [self.model.instant(each.start) for each in expected]
        assert {row["id"] for row in page["items"]} == set(self.model.events)
        for row in page["items"]:
            self.check_event(row, self.model.events[row["id"]])
        live = self.caller.call("GET", "/live/v1/events?statuses=Live,Scheduled")[1]
        wanted = {key for key, each in self.model.events.items() if self.model.status(each) != "Finished"}
        assert {row["id"] for row in live["items"]} == wanted

    def check_event(self, row: Any, event: Event) -> None:
        """One event as an answer shows it."""
        assert (row["id"], row["channelId"], row["title"]) == (event.id, event.channel, event.title)
        assert row["start"] == self.model.instant(event.start)
        assert row["end"] == self.model.instant(event.end)
        assert row["createDate"] == self.model.instant(event.created)
        assert row["ensureChannel"] is event.ensure
        assert (row["tags"], row["metadata"]) == (event.tags, event.metadata)
        assert row["status"] == self.model.status(event)
