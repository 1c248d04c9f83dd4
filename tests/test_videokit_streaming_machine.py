"""Streaming as a state machine: random operations on assets of all kinds, server and plain model always agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit import Kit
from videokit_callers import KitCaller
from videokit_live_walk import Caller

ASSETS, DOMAINS = "/streaming/v1/assets", "/streaming/v1/domains"
NOW = "2026-03-02T12:00:00Z"
SETTINGS = ("tokenRequired", "devToolsAccess", "cap", "analytics", "codeObfuscation")
POLICIES = {"Inherit": "Inherit", "True": "Enabled", "False": "Disabled"}


@dataclass
class Asset:
    """What the model knows of an asset."""

    id: str
    type: str
    title: str | None
    tags: list[str] = field(default_factory=list)
    description: str | None = None
    chapters: list[tuple[str, int]] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SETTINGS, "Inherit"))


class Walk:
    """Each operation done to both, and compared."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.channel = caller.call("GET", "/live/v1/channels?limit=1")[1]["items"][0]["id"]
        listed = caller.call("GET", f"{ASSETS}?limit=1000")[1]["items"]
        kept = [row for kind in ("Vod", "LiveChannel") for row in [r for r in listed if r["type"] == kind][:2]]
        self.others = len(listed) - len(kept)
        self.assets = {row["id"]: Asset(row["id"], row["type"], row["title"], list(row["tags"])) for row in kept}
        self.domains: dict[str, str] = {row["playerDomainId"]: row["url"] for row in self.call("GET", DOMAINS)}

    def call(self, method: str, path: str, json: Any = None, expected: int = 200) -> Any:
        status, answer = self.caller.call(method, path, json)
        assert status == expected, answer
        return answer

    def new_event(self, title: str) -> None:
        body = {"channelId": self.channel, "start": NOW, "end": "2026-03-02T13:00:00Z", "title": title}
        made = self.call("POST", "/live/v1/events", body)["id"]
        self.assets[made] = Asset(made, "LiveEvent", title)

    def new_recording(self, title: str) -> None:
        source = {"type": "LiveChannel", "liveChannelDetails": {"channelId": self.channel}}
        made = self.call("POST", "/cvr/v1/recordings", {"source": source, "metadata": {"title": title}})["id"]
        self.assets[made] = Asset(made, "Recording", title)

    def remove(self, asset: Asset) -> None:
        """Delete an asset in its own module; nothing else deletes one."""
        path = {"LiveEvent": "/live/v1/events", "Recording": "/cvr/v1/recordings", "Vod": "/vod/v1/assets"}
        if asset.type in path:
            self.call("DELETE", f"{path[asset.type]}/{asset.id}")
            self.call("GET", f"{ASSETS}/{asset.id}", expected=404)
            del self.assets[asset.id]

    def add_tags(self, asset: Asset, names: list[str]) -> None:
        self.call("POST", f"{ASSETS}/{asset.id}/tags", {"tags": [{"name": name} for name in names]})
        asset.tags = list(dict.fromkeys([*asset.tags, *names]))

    def delete_tag(self, asset: Asset, name: str) -> None:
        there = name in asset.tags
        self.call("DELETE", f"{ASSETS}/{asset.id}/tags/{name}", expected=200 if there else 404)
        asset.tags = [each for each in asset.tags if each != name]

    def patch(self, asset: Asset, body: dict[str, Any]) -> None:
        answer = self.call("PATCH", f"{ASSETS}/{asset.id}", body)
        asset.title = body.get("title", asset.title)
        asset.description = body.get("description", asset.description)
        asset.tags = list(dict.fromkeys(body.get("tags", asset.tags)))
        if "tokenRequiredPolicy" in body:
            asset.settings["tokenRequired"] = POLICIES[body["tokenRequiredPolicy"]]
        assert (answer["title"], answer["description"], answer["tags"]) == (asset.title, asset.description, asset.tags)

    def change_settings(self, asset: Asset, sent: dict[str, str]) -> None:
        self.call("PATCH", f"{ASSETS}/{asset.id}/settings", sent)
        asset.settings |= sent

    def add_chapters(self, asset: Asset, made: list[tuple[str, int]]) -> None:
        sent = [{"title": title, "startSecond": start, "endSecond": start + 5} for title, start in made]
        self.call("POST", f"{ASSETS}/{asset.id}/chapters", {"chapters": sent})
        asset.chapters = sorted([*asset.chapters, *made], key=lambda each: each[1])

    def delete_chapter(self, asset: Asset, at: int) -> None:
        shown = self.call("GET", f"{ASSETS}/{asset.id}")["chapters"]
        key = shown[at]["id"] if at < len(shown) else "nothing"
        self.call("DELETE", f"{ASSETS}/{asset.id}/chapters/{key}", expected=200 if at < len(shown) else 404)
        asset.chapters[at : at + 1] = []

    def set_image(self, asset: Asset, key: str, url: str) -> None:
        self.call("POST", f"{ASSETS}/{asset.id}/images", {"images": {key: {"Url": url}}})
        asset.images[key] = url

    def delete_image(self, asset: Asset, key: str) -> None:
        there = asset.images.pop(key, None) is not None
        self.call("DELETE", f"{ASSETS}/{asset.id}/images/{key}", expected=200 if there else 404)

    def add_domain(self, url: str) -> None:
        there = url in self.domains.values()
        answer = self.call("POST", DOMAINS, {"url": url}, expected=409 if there else 200)
        if not there:
            self.domains[answer["playerDomainId"]] = url

    def delete_domain(self, key: str) -> None:
        there = self.domains.pop(key, None) is not None
        self.call("DELETE", f"{DOMAINS}?playerDomainId={key}", expected=200 if there else 404)

    def check(self) -> None:
        """All assets of the model, by details and by list, and the domains."""
        page = self.call("GET", f"{ASSETS}?limit=1000")
        assert page["totalCount"] == self.others + len(self.assets)
        listed = {row["id"]: row for row in page["items"]}
        for key, asset in self.assets.items():
            self.check_one(self.call("GET", f"{ASSETS}/{key}"), asset)
            assert (listed[key]["title"], listed[key]["tags"]) == (asset.title, asset.tags)
        assert [(row["playerDomainId"], row["url"]) for row in self.call("GET", DOMAINS)] == list(self.domains.items())

    def check_one(self, row: Any, asset: Asset) -> None:
        assert (row["type"], row["title"], row["description"]) == (asset.type, asset.title, asset.description)
        assert [each["name"] for each in row["tags"]] == asset.tags
        assert [(each["title"], each["startSecond"]) for each in row["chapters"]] == asset.chapters
        assert {key: image["Url"] for key, image in row["images"].items()} == asset.images
        assert {name: each["asset"] for name, each in row["settings"].items()} == asset.settings


words = st.sampled_from(["a", "ß", "Łódź", "sport"])
values = st.sampled_from(["Enabled", "Disabled", "Inherit"])


class StreamingMachine(RuleBasedStateMachine):
    """Operations of streaming in any order."""

    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(now=NOW)
        self.walk = Walk(KitCaller(self.kit))

    def one(self, data: st.DataObject) -> Asset:
        return data.draw(st.sampled_from(list(self.walk.assets.values())))

    def any_there(self) -> bool:
        return bool(self.walk.assets)

    @rule(title=words, recording=st.booleans())
    def create(self, title: str, recording: bool) -> None:
        if recording:
            self.walk.new_recording(title)
        else:
            self.walk.new_event(title)

    @precondition(any_there)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self.walk.remove(self.one(data))

    @precondition(any_there)
    @rule(data=st.data(), names=st.lists(words, max_size=3))
    def add_tags(self, data: st.DataObject, names: list[str]) -> None:
        self.walk.add_tags(self.one(data), names)

    @precondition(any_there)
    @rule(data=st.data(), name=words)
    def delete_tag(self, data: st.DataObject, name: str) -> None:
        self.walk.delete_tag(self.one(data), name)

    @precondition(any_there)
    @rule(
        data=st.data(),
        body=st.fixed_dictionaries(
            {},
            optional={
                "title": words,
                "description": words,
                "tags": st.lists(words, max_size=2),
                "tokenRequiredPolicy": st.sampled_from(list(POLICIES)),
            },
        ),
    )
    def patch(self, data: st.DataObject, body: dict[str, Any]) -> None:
        self.walk.patch(self.one(data), body)

    @precondition(any_there)
    @rule(data=st.data(), sent=st.dictionaries(st.sampled_from(SETTINGS), values))
    def change_settings(self, data: st.DataObject, sent: dict[str, str]) -> None:
        self.walk.change_settings(self.one(data), sent)

    @precondition(any_there)
    @rule(
        data=st.data(),
        made=st.lists(st.tuples(words, st.integers(0, 50)), max_size=3, unique_by=lambda each: each[1]),
        delete=st.none() | st.integers(0, 3),
    )
    def chapters(self, data: st.DataObject, made: list[tuple[str, int]], delete: int | None) -> None:
        asset = self.one(data)
        self.walk.add_chapters(asset, made)
        if delete is not None:
            self.walk.delete_chapter(asset, delete)

    @precondition(any_there)
    @rule(data=st.data(), key=st.sampled_from(["poster", "logo"]), delete=st.booleans())
    def images(self, data: st.DataObject, key: str, delete: bool) -> None:
        if delete:
            self.walk.delete_image(self.one(data), key)
        else:
            self.walk.set_image(self.one(data), key, f"https://example.com/{key}.png")

    @rule(number=st.integers(1, 3))
    def add_domain(self, number: int) -> None:
        self.walk.add_domain(f"https://d{number}.example.com")

    @rule(data=st.data())
    def delete_domain(self, data: st.DataObject) -> None:
        self.walk.delete_domain(data.draw(st.sampled_from(["nothing", *self.walk.domains])))

    @rule(
        call=st.sampled_from(
            [
                ("PATCH", f"{ASSETS}/nothing", {"title": "x"}, 404),
                ("PATCH", f"{ASSETS}/nothing", {"tokenRequiredPolicy": "Maybe"}, 400),
                ("PATCH", f"{ASSETS}/nothing/settings", {"cap": True}, 400),
                ("POST", f"{ASSETS}/nothing/tags", {}, 400),
                ("POST", f"{ASSETS}/nothing/tags", {"tags": []}, 404),
                ("DELETE", DOMAINS, None, 400),
                ("DELETE", f"{ASSETS}/nothing", None, 405),
                ("GET", f"{ASSETS}?type=Film", None, 400),
            ]
        )
    )
    def call_badly(self, call: tuple[str, str, Any, int]) -> None:
        method, path, body, expected = call
        assert self.walk.call(method, path, body, expected)["success"] is False

    @invariant()
    def both_agree(self) -> None:
        self.walk.check()


StreamingMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=20)
TestStreaming = StreamingMachine.TestCase
