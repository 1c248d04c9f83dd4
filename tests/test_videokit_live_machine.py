"""Live as a state machine: random operations, clock moves and bad calls, server and plain model always agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit import Kit
from videokit_callers import KitCaller
from videokit_live_model import Channel, Event, LiveModel
from videokit_live_walk import LiveWalk

NOW = "2026-03-02T12:00:00Z"
names = st.sampled_from(["one", "Zwei", "три"])
starts = st.integers(-20, 30).map(lambda tens: tens * 10)
lengths = st.integers(-1, 30).map(lambda tens: tens * 10)


class LiveMachine(RuleBasedStateMachine):
    """Operations of live in any order."""

    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(now=NOW, profile="empty")
        self.walk = LiveWalk(KitCaller(self.kit), LiveModel(datetime.fromisoformat(NOW)))

    def channel(self, data: st.DataObject) -> Channel:
        return data.draw(st.sampled_from(list(self.walk.model.channels.values())))

    def event(self, data: st.DataObject) -> Event:
        return data.draw(st.sampled_from(list(self.walk.model.events.values())))

    def has_channel(self) -> bool:
        return bool(self.walk.model.channels)

    def has_event(self) -> bool:
        return bool(self.walk.model.events)

    @rule(name=names)
    def create_channel(self, name: str) -> None:
        self.walk.create_channel(name)

    @precondition(has_channel)
    @rule(data=st.data(), what=st.sampled_from(["start", "stop"]))
    def switch(self, data: st.DataObject, what: str) -> None:
        self.walk.switch(self.channel(data), what)

    @precondition(has_channel)
    @rule(data=st.data(), what=st.sampled_from(["start", "stop"]), tens=st.integers(3, 7))
    def watch(self, data: st.DataObject, what: str, tens: int) -> None:
        """Switch a channel, and look at it every ten seconds."""
        self.walk.switch(self.channel(data), what)
        for _ in range(tens):
            self.walk.advance(10)
            self.walk.check()

    @precondition(has_channel)
    @rule(data=st.data(), name=names, disabled=st.none() | st.booleans())
    def change_channel(self, data: st.DataObject, name: str, disabled: bool | None) -> None:
        if disabled is None:
            self.walk.rename(self.channel(data), name)
        else:
            self.walk.automate(self.channel(data), disabled=disabled)

    @precondition(has_channel)
    @rule(data=st.data())
    def delete_channel(self, data: st.DataObject) -> None:
        self.walk.delete_channel(self.channel(data))

    @rule(data=st.data(), start=starts, length=lengths, ensure=st.booleans(), title=st.none() | names)
    def create_event(self, data: st.DataObject, start: int, length: int, ensure: bool, title: str | None) -> None:
        channel = data.draw(st.sampled_from(["nothing", *self.walk.model.channels]))
        self.walk.create_event(channel, start, length, ensure=ensure, title=title)

    @precondition(has_event)
    @rule(
        data=st.data(),
        shift=starts,
        ensure=st.booleans(),
        tags=st.lists(names, max_size=2),
        metadata=st.dictionaries(names, names, max_size=2),
    )
    def change_event(self, data: st.DataObject, shift: int, ensure: bool, tags: list[str], metadata: Any) -> None:
        self.walk.change_event(self.event(data), shift=shift, ensure=ensure, tags=tags, metadata=metadata)

    @precondition(has_event)
    @rule(data=st.data())
    def delete_event(self, data: st.DataObject) -> None:
        self.walk.delete_event(self.event(data))

    @rule(data=st.data())
    def delete_events(self, data: st.DataObject) -> None:
        keys = st.lists(st.sampled_from(["nothing", *self.walk.model.events]), max_size=3)
        self.walk.delete_events(data.draw(keys))

    @rule(tens=st.sampled_from([1, 3, 6, 9, 30, 8640]))
    def advance(self, tens: int) -> None:
        self.walk.advance(tens * 10)

    @rule(
        call=st.sampled_from(
            [
                ("POST", "/live/v1/channels", {"name": "x"}, 400),
                ("POST", "/live/v1/channels", {"name": "x", "input": {"type": "A", "inputLoss": {"type": "?"}}}, 400),
                ("POST", "/live/v1/events", {"channelId": "x"}, 400),
                ("GET", "/live/v1/events/a.b", None, 400),
                ("GET", "/live/v1/events/nothing", None, 404),
                ("POST", "/live/v1/channels/nothing/start", None, 404),
                ("PUT", "/live/v1/channels", {}, 405),
                ("POST", "/live/v1/events/deletemany", {"ids": []}, 400),
                ("GET", "/live/v1/channels?limit=0", None, 400),
                ("GET", "/live/v1/channels?sort=colour", None, 400),
            ]
        )
    )
    def call_badly(self, call: tuple[str, str, Any, int]) -> None:
        method, path, body, expected = call
        status, answer = self.walk.caller.call(method, path, body)
        assert status == expected
        assert answer["success"] is False

    @invariant()
    def both_agree(self) -> None:
        self.walk.check()


LiveMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestLive = LiveMachine.TestCase
