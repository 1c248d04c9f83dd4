"""What there is to ask about in a world: channels, contents, places, devices and tags, each with a code.

The story's come first, under the story's codes; what explicit rows add follows. No numpy here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from testcard.apis.amagi.customers import API, customer_id, fixture, main_customer
from testcard.data import load
from testcard.world.credentials import Holder
from testcard.world.world import World

__all__ = [
    "Catalogue",
    "Channel",
    "Content",
    "channel_id",
    "country_names",
    "device_types",
    "lost_letters",
    "open_catalogue",
]

K = TypeVar("K")


@dataclass(frozen=True)
class Channel:
    """One channel; *ads* says whether it carries advertising, *listed* whether the world has it."""

    id: str
    name: str
    customer: str
    ads: bool = True
    listed: bool = True


@dataclass(frozen=True)
class Content:
    """One content of the programme guide."""

    id: str
    name: str
    studio: str
    series: str


class Codes(Generic[K]):
    """Keys numbered in the order they were first met."""

    def __init__(self, keys: Iterable[K] = ()) -> None:
        self.keys = list(keys)
        self._code = {key: code for code, key in enumerate(self.keys)}

    def code(self, key: K) -> int:
        """The number of *key*, new or not."""
        found = self._code.setdefault(key, len(self.keys))
        if found == len(self.keys):
            self.keys.append(key)
        return found

    def get(self, key: K) -> int | None:
        """The number of a known *key*."""
        return self._code.get(key)

    def __len__(self) -> int:
        return len(self.keys)


class Catalogue:
    """The codes of one world. `places` are (city, country), `devices` (name, type)."""

    def __init__(self, world: World) -> None:
        story = world.story
        self.channels: dict[str, Channel] = {}
        self.contents: dict[str, Content] = {}
        self.channel_codes = Codes(channel_id(channel.slug) for channel in story.channels)
        self.content_codes = Codes(title.catalogue for title in story.titles)
        self.places = Codes((place.city, place.country) for place in _unique_places(story.places))
        self.place_of_story = [self.places.code((place.city, place.country)) for place in story.places]
        self.devices = Codes((device.name, device.type) for device in story.devices)
        self.tags: Codes[str] = Codes(fixture()["adTags"])
        self._add_channels(world)
        self._add_contents(world)
        for row in (*world.rows.given(API, "sessions"), *world.rows.given(API, "adEvents")):
            self._meet(row)

    def visible(self, holder: Holder) -> list[Channel]:
        """The channels a customer may see."""
        granted = holder.grants.get("channels")
        owner = customer_id(holder)
        return [
            channel
            for channel in self.channels.values()
            if channel.listed and (channel.id in granted if granted is not None else channel.customer == owner)
        ]

    def content(self, identity: str) -> Content:
        """The content of that id; one that no table has is known by its id alone."""
        return self.contents.get(identity) or Content(identity, identity, "", "")

    def _add_channels(self, world: World) -> None:
        quiet = fixture()["unadvertised"]
        owner = main_customer()["id"]
        listed = not world.rows.replaced(API, "channels")
        for each in world.story.channels:
            identity = channel_id(each.slug)
            self.channels[identity] = Channel(identity, each.name, owner, each.slug not in quiet, listed)
        for row in world.rows.given(API, "channels"):
            identity = row["channelId"]
            self.channel_codes.code(identity)
            self.channels[identity] = Channel(identity, row["channelName"], row["customerId"], row["adAnalytics"])

    def _add_contents(self, world: World) -> None:
        for title in world.story.titles:
            self.contents[title.catalogue] = Content(title.catalogue, title.name, title.studio, title.series)
        for row in world.rows.given(API, "contents"):
            self.content_codes.code(row["contentId"])
            self.contents[row["contentId"]] = Content(
                row["contentId"], row["contentName"], row["studioName"], row["seriesName"]
            )

    def _meet(self, row: dict[str, Any]) -> None:
        """Know what an explicit session or ad event names; a channel that no table has becomes the main customer's."""
        identity = row["channelId"]
        self.channel_codes.code(identity)
        known = self.channels.get(identity)
        if known is None or not known.listed:
            self.channels[identity] = Channel(identity, known.name if known else identity, main_customer()["id"])
        self.content_codes.code(row["contentId"])
        self.places.code((row["city"], row["country"]))
        self.devices.code((row["deviceName"], row["deviceType"]))
        if "adTag" in row:
            self.tags.code(row["adTag"])


def open_catalogue(world: World) -> Catalogue:
    """The catalogue as of the last explicit row."""
    version, kept = world.shelf.get("amagi catalogue", (None, None))
    if version != world.rows.version or kept is None:
        version = world.rows.version
        kept = Catalogue(world)
        world.shelf["amagi catalogue"] = (version, kept)
    found: Catalogue = kept
    return found


def channel_id(slug: str) -> str:
    """The id of a story's channel: customer, channel and platform (fact M8)."""
    return f"{fixture()['customer']['id'].lower()}-{slug}-{fixture()['platform']}"


@cache
def country_names() -> frozenset[str]:
    """The document's list of countries, by its letters."""
    return frozenset(load("fixtures/amagi/countries.yaml")["names"])


@cache
def lost_letters() -> dict[str, str]:
    """Countries whose names have lost letters, with their full names (ledger AM-16)."""
    found: dict[str, str] = load("fixtures/amagi/countries.yaml")["restored"]
    return found


@cache
def device_types() -> dict[str, tuple[str, ...]]:
    """The document's table: the names of each type of device."""
    return {kind: tuple(names) for kind, names in load("fixtures/amagi/devices.yaml")["types"].items()}


def _unique_places(places: Iterable[Any]) -> list[Any]:
    return list({(place.city, place.country): place for place in places}.values())
