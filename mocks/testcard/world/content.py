"""What every story is about, as the fixtures tell it: the broadcaster, channels, titles, places, devices, profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from testcard.data import load
from testcard.errors import UserError, near_miss

__all__ = [
    "Airing",
    "Broadcaster",
    "Channel",
    "Content",
    "Device",
    "Place",
    "Profile",
    "Title",
    "Viewer",
    "content",
    "profile_named",
    "profile_names",
]


class Broadcaster(NamedTuple):
    """The company whose programmes all platforms carry."""

    slug: str
    name: str
    legal_name: str
    domain: str
    territory: str


class Channel(NamedTuple):
    """One channel; *code* is its position in `Story.channels` and in viewing columns.

    *kind* is ``linear`` (programmes of *slot_minutes* around the clock) or ``on-demand`` (slot_minutes 0).
    """

    code: int
    slug: str
    name: str
    territory: str
    kind: str
    slot_minutes: int
    weight: int


class Title(NamedTuple):
    """One programme; *code* is its position in `Story.titles` and in viewing columns, *id* nine digits.

    *catalogue* is eight upper-case alphanumerics. *series* is empty outside a series. ``live`` titles air on linear
    channels, ``vod`` titles lie on on-demand channels. Nobody watches a title outside its licence (both
    days inclusive).
    """

    code: int
    id: int
    catalogue: str
    slug: str
    name: str
    studio: str
    series: str
    kind: str
    duration_s: int
    channels: tuple[Channel, ...]
    licensed_from: date | None
    licensed_to: date | None
    released: date
    weight: int

    def licensed_on(self, day: date) -> bool:
        """Whether *day* lies within the licence."""
        return (self.licensed_from or date.min) <= day <= (self.licensed_to or date.max)


class Place(NamedTuple):
    """One city; *code* is its position in `Story.places`, *country_code* of ISO 3166-1. A city's name may recur."""

    code: int
    city: str
    region: str
    country: str
    country_code: str
    weight: int


class Device(NamedTuple):
    """One kind of device; *code* is its position in `Story.devices`. *agents* are (player, user agent) pairs."""

    code: int
    name: str
    type: str
    mobile: bool
    agents: tuple[tuple[str, str], ...]
    weight: int


class Viewer(NamedTuple):
    """One person at one device. A person may have several devices; a household shares place and address.

    *player* is ``web``, ``app`` or ``tv``. Addresses are of ranges that belong to nobody (RFC 2544, RFC 3849).
    *visitor* is equal for viewers with the same address and user agent.
    """

    code: int
    person: int
    identifier: str
    household: int
    visitor: int
    ip_address: str
    device: Device
    player: str
    user_agent: str
    place: Place
    habit: str


class Airing(NamedTuple):
    """One programme on a linear channel; *end_ms* is exclusive, both are UTC epoch milliseconds."""

    start_ms: int
    end_ms: int
    channel: Channel
    title: Title


class Profile(NamedTuple):
    """How much happens: *sessions* a day on average, or exactly *total* from *first* to *last* and none outside."""

    name: str
    viewers: int
    sessions: int = 0
    total: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Content:
    """Everything but the viewers and what they watch; the same in every story."""

    broadcaster: Broadcaster
    channels: tuple[Channel, ...]
    titles: tuple[Title, ...]
    places: tuple[Place, ...]
    devices: tuple[Device, ...]

    @cached_property
    def channel_of(self) -> Mapping[str, Channel]:
        return {channel.slug: channel for channel in self.channels}

    @cached_property
    def title_of(self) -> Mapping[int | str, Title]:
        return {key: title for title in self.titles for key in (title.id, title.catalogue, title.slug)}


@lru_cache(maxsize=1)
def content() -> Content:
    """Return what the fixtures tell, read once."""
    company = load("fixtures/story/broadcaster.yaml")
    channels = tuple(Channel(code, **{"slot_minutes": 0, **entry}) for code, entry in enumerate(company["channels"]))
    by_slug = {channel.slug: channel for channel in channels}
    titles = load("fixtures/story/titles.yaml")["titles"]
    return Content(
        Broadcaster(**company["broadcaster"]),
        channels,
        tuple(_title(code, entry, by_slug) for code, entry in enumerate(titles)),
        tuple(Place(code, *city) for code, city in enumerate(_cities())),
        tuple(_device(code, entry) for code, entry in enumerate(load("fixtures/story/devices.yaml")["devices"])),
    )


def _title(code: int, entry: dict[str, Any], channels: Mapping[str, Channel]) -> Title:
    licensed_from, licensed_to = (_day(text) for text in entry["licensed"])
    return Title(
        code,
        entry["id"],
        entry["code"],
        entry["slug"],
        entry["name"],
        entry["studio"],
        entry["series"],
        entry["kind"],
        entry["duration_s"],
        tuple(channels[slug] for slug in entry["channels"]),
        licensed_from,
        licensed_to,
        date.fromisoformat(entry["released"]),
        entry["weight"],
    )


def _cities() -> list[tuple[str, str, str, str, int]]:
    return [
        (city["name"], city["region"], country["name"], country["code"], city["weight"])
        for country in load("fixtures/story/places.yaml")["countries"]
        for city in country["cities"]
    ]


def _device(code: int, entry: dict[str, Any]) -> Device:
    agents = tuple((player, agent) for player, agents in entry["agents"].items() for agent in agents)
    return Device(code, entry["name"], entry["type"], entry.get("mobile", False), agents, entry["weight"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def _profiles() -> dict[str, Profile]:
    entries: dict[str, dict[str, Any]] = load("fixtures/story/profiles.yaml")["profiles"]
    return {
        name: Profile(
            name,
            entry["viewers"],
            entry.get("sessions", 0),
            entry.get("total", 0),
            _day(entry.get("first")),
            _day(entry.get("last")),
        )
        for name, entry in entries.items()
    }


def profile_names() -> tuple[str, ...]:
    """Return the names of all profiles, ``default`` first."""
    return tuple(_profiles())


def profile_named(name: str) -> Profile:
    """Return the profile of that name. Raises `UserError` when there is none."""
    profiles = _profiles()
    if name not in profiles:
        raise UserError(f"no profile named {name!r}{near_miss(name, profiles)}; there are: {', '.join(profiles)}")
    return profiles[name]
