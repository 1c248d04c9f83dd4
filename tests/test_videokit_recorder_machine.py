"""Recorder as a state machine: random operations and clock moves, server and plain model always agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit import Kit
from videokit_callers import KitCaller
from videokit_live_walk import Caller

BASE = "/cvr/v1/recordings"
NOW = "2026-03-02T12:00:00Z"
MAKING, KEPT = 120, 14 * 86_400


@dataclass
class Output:
    """An output; moments are seconds since the walk began."""

    id: str
    created: int
    expires: int | None


@dataclass
class Recording:
    """A recording as the model knows it."""

    id: str
    channel: str
    start: int
    end: int
    created: int
    archive: bool
    catch_up: bool
    delay: int = 0
    title: str | None = None
    outputs: list[Output] = field(default_factory=list)

    def archived(self) -> int:
        return self.end + (self.delay if self.archive else 0)

    def status(self, now: int) -> str:
        if now < self.archived():
            return "Pending"
        making = MAKING if self.archive or self.outputs else 0
        return "Processing" if now < self.archived() + making else "Available"

    def moments(self) -> list[int]:
        """When something about it changes by itself."""
        outputs = [max(self.archived(), output.created) for output in self.outputs]
        made = [begins + MAKING for begins in (self.archived(), *outputs)]
        ends = [output.expires for output in self.outputs if output.expires is not None]
        return [self.start, self.end, self.end + KEPT, self.archived(), *outputs, *made, *ends]

    def shown_outputs(self, now: int) -> dict[str, str]:
        """The outputs there are, with their states."""
        found = {}
        for output in self.outputs:
            begins = max(self.archived(), output.created)
            state = "Pending" if now < begins else "Processing" if now < begins + MAKING else "Available"
            if output.expires is None or now < output.expires:
                found[output.id] = state
        return found


class Walk:
    """Each operation done to both, and compared."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.now, self.origin = caller, 0, datetime.fromisoformat(NOW)
        self.recordings: dict[str, Recording] = {}
        self.channels = [row["id"] for row in caller.call("GET", "/live/v1/channels")[1]["items"]]

    def instant(self, seconds: int) -> str:
        return (self.origin + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def create(self, channel: str, start: int, length: int, *, archive: bool, catch_up: bool, delay: int) -> None:
        begin = self.now + start
        details = {"channelId": channel, "start": self.instant(begin), "end": self.instant(begin + length)}
        body = {"source": {"type": "LiveChannel", "liveChannelDetails": details}, "catchup": {"enabled": catch_up}}
        body["archive"] = {"enabled": archive, "delaySeconds": delay}
        status, answer = self.caller.call("POST", BASE, body)
        if channel not in self.channels:
            assert status == 404
        elif length <= 0:
            assert status == 400
        else:
            assert status == 200
            made = Recording(answer["id"], channel, begin, begin + length, self.now, archive, catch_up, delay)
            self.recordings[made.id] = made

    def retitle(self, recording: Recording, title: str) -> None:
        status, answer = self.caller.call("PATCH", f"{BASE}/{recording.id}", {"title": title})
        recording.title = title
        assert status == 200
        assert (answer["title"], answer["status"]) == (title, recording.status(self.now))

    def move(self, recording: Recording, start: int, length: int) -> None:
        begin = self.now + start
        details = {"channelId": recording.channel, "start": self.instant(begin), "end": self.instant(begin + length)}
        body = {"source": {"type": "LiveChannel", "liveChannelDetails": details}}
        status, _ = self.caller.call("PATCH", f"{BASE}/{recording.id}", body)
        if recording.status(self.now) != "Pending":
            assert status == 409
        else:
            assert status == 200
            recording.start, recording.end = begin, begin + length

    def rearrange(self, recording: Recording, *, archive: bool, catch_up: bool, delay: int) -> None:
        body = {"archive": {"enabled": archive, "delaySeconds": delay}, "catchup": {"enabled": catch_up}}
        assert self.caller.call("PATCH", f"{BASE}/{recording.id}", body)[0] == 200
        recording.archive, recording.catch_up, recording.delay = archive, catch_up, delay

    def add_output(self, recording: Recording, name: str, expires: int | None) -> None:
        body = {"preset": "mp4", "id": name}
        if expires is not None:
            body["expirationDate"] = self.instant(self.now + expires)
        status, _ = self.caller.call("POST", f"{BASE}/{recording.id}/outputs", body)
        there = recording.shown_outputs(self.now)
        assert status == (409 if name in there else 200)
        if status == 200:
            recording.outputs = [each for each in recording.outputs if each.id in there]
            recording.outputs.append(Output(name, self.now, None if expires is None else self.now + expires))

    def remove_output(self, recording: Recording, name: str) -> None:
        status, _ = self.caller.call("DELETE", f"{BASE}/{recording.id}/outputs/{name}")
        assert status == (200 if name in recording.shown_outputs(self.now) else 404)
        if status == 200:
            recording.outputs = [each for each in recording.outputs if each.id != name]

    def delete(self, recording: Recording) -> None:
        assert self.caller.call("DELETE", f"{BASE}/{recording.id}") == (200, None)
        assert self.caller.call("GET", f"{BASE}/{recording.id}")[0] == 404
        del self.recordings[recording.id]

    def delete_many(self, keys: list[str]) -> None:
        status, answer = self.caller.call("POST", f"{BASE}/deletemany", keys)
        assert status == 200
        assert set(answer) == set(keys)
        for key, row in answer.items():
            assert row["success"] is (self.recordings.pop(key, None) is not None)

    def advance(self, seconds: int) -> None:
        self.caller.advance(seconds)
        self.now += seconds

    def check(self) -> None:
        """The list equals the model, and so do the streaming assets."""
        page = self.caller.call("GET", f"{BASE}?limit=200")[1]
        assert [row["id"] for row in page["items"]] == list(self.recordings)
        for row in page["items"]:
            self.check_one(row, self.recordings[row["id"]])
        ready = {key for key, each in self.recordings.items() if each.status(self.now) == "Available"}
        found = self.caller.call("GET", f"{BASE}?statuses=Available")[1]
        assert {row["id"] for row in found["items"]} == ready
        playable = self.caller.call("GET", "/streaming/v1/assets?types=Recording&limit=200")[1]["items"]
        assert {row["id"] for row in playable} == set(self.recordings)

    def check_one(self, row: Any, recording: Recording) -> None:
        assert row["status"] == recording.status(self.now)
        assert row["title"] == recording.title
        assert row["source"]["liveChannelDetails"]["start"] == self.instant(recording.start)
        assert {each["id"]: each["status"] for each in row["outputs"]} == recording.shown_outputs(self.now)
        watchable = recording.catch_up and recording.start <= self.now < recording.end + KEPT
        assert bool(row["catchup"]["endpoints"]) is watchable
        archived = recording.archive and recording.status(self.now) == "Available"
        assert bool(row["archive"]["endpoints"]) is archived
        assert ("durationMilliseconds" in row) is (self.now >= recording.end)


starts = st.integers(-20, 40).map(lambda tens: tens * 10)
delays = st.sampled_from([0, 10, 600])
outputs = st.sampled_from(["file1", "file2"])


class RecorderMachine(RuleBasedStateMachine):
    """Operations of recorder in any order."""

    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(now=NOW, profile="empty")
        self.walk = Walk(KitCaller(self.kit))

    def any_there(self) -> bool:
        return bool(self.walk.recordings)

    def one(self, data: st.DataObject) -> Recording:
        return data.draw(st.sampled_from(list(self.walk.recordings.values())))

    @rule(data=st.data(), start=starts, length=starts, archive=st.booleans(), catch_up=st.booleans(), delay=delays)
    def create(self, data: st.DataObject, start: int, length: int, archive: bool, catch_up: bool, delay: int) -> None:
        channel = data.draw(st.sampled_from([*self.walk.channels, "nothing"]))
        self.walk.create(channel, start, length, archive=archive, catch_up=catch_up, delay=delay)

    @precondition(any_there)
    @rule(data=st.data(), title=st.sampled_from(["a", "ß"]))
    def retitle(self, data: st.DataObject, title: str) -> None:
        self.walk.retitle(self.one(data), title)

    @precondition(any_there)
    @rule(data=st.data(), start=starts)
    def move(self, data: st.DataObject, start: int) -> None:
        self.walk.move(self.one(data), start, 100)

    @precondition(any_there)
    @rule(data=st.data(), archive=st.booleans(), catch_up=st.booleans(), delay=delays)
    def rearrange(self, data: st.DataObject, archive: bool, catch_up: bool, delay: int) -> None:
        self.walk.rearrange(self.one(data), archive=archive, catch_up=catch_up, delay=delay)

    @precondition(any_there)
    @rule(data=st.data(), name=outputs, expires=st.none() | starts)
    def add_output(self, data: st.DataObject, name: str, expires: int | None) -> None:
        self.walk.add_output(self.one(data), name, expires)

    @precondition(any_there)
    @rule(data=st.data(), name=outputs)
    def remove_output(self, data: st.DataObject, name: str) -> None:
        self.walk.remove_output(self.one(data), name)

    @precondition(any_there)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.walk.delete(self.one(data))

    @rule(data=st.data())
    def delete_many(self, data: st.DataObject) -> None:
        self.walk.delete_many(data.draw(st.lists(st.sampled_from(["nothing", *self.walk.recordings]), max_size=3)))

    @precondition(any_there)
    @rule(data=st.data(), name=st.none() | outputs, expires=st.none() | starts, changes=st.integers(1, 7))
    def watch(self, data: st.DataObject, name: str | None, expires: int | None, changes: int) -> None:
        """Look at a recording, perhaps with one more output, a second before each of its next changes, and then."""
        recording = self.one(data)
        if name:
            self.walk.add_output(recording, name, expires)
        ahead = sorted({moment for moment in recording.moments() if moment > self.walk.now})
        for moment in ahead[:changes]:
            for second in (moment - 1, moment):
                self.walk.advance(second - self.walk.now)
                self.walk.check()

    @rule(seconds=st.sampled_from([10, 60, 120, 600, KEPT]))
    def advance(self, seconds: int) -> None:
        self.walk.advance(seconds)

    @rule(
        call=st.sampled_from(
            [
                ("POST", BASE, {}, 400),
                ("POST", BASE, [], 400),
                ("POST", f"{BASE}/deletemany", {"ids": []}, 400),
                ("PATCH", f"{BASE}/nothing", {"title": "x"}, 404),
                ("PATCH", f"{BASE}/nothing", {"archive": {"delaySeconds": 2_592_001}}, 400),
                ("POST", f"{BASE}/nothing/outputs", {"preset": "mp4"}, 404),
                ("PUT", f"{BASE}/nothing", {}, 405),
                ("GET", f"{BASE}?page=0", None, 400),
            ]
        )
    )
    def call_badly(self, call: tuple[str, str, Any, int]) -> None:
        method, path, body, expected = call
        status, answer = self.walk.caller.call(method, path, body)
        assert (status, answer["success"]) == (expected, False)

    @invariant()
    def both_agree(self) -> None:
        self.walk.check()


RecorderMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestRecorder = RecorderMachine.TestCase
