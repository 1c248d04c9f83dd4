"""The story: who broadcasts what to whom. A pure function of seed and profile, and no vendor in it.

Channels, titles, places and devices are the same in every story; the seed decides who watches and what they watch, the
profile how many. A `Story` costs nothing until asked: the audience and the viewing are made on demand, as numpy columns
(`testcard.world.audience`, `testcard.world.viewing`), and shared by all worlds of the process. Importing this module
does not import numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from testcard.data import load
from testcard.errors import UserError, near_miss

if TYPE_CHECKING:
    from testcard.world.audience import Audience
    from testcard.world.viewing import Session, Viewing

__all__ = [
    "DAY_MS",
    "Airing",
    "Broadcaster",
    "Channel",
    "Device",
    "Place",
    "Profile",
    "Story",
    "Title",
    "Viewer",
    "day_ms",
    "day_of",
    "now_ms",
    "open_story",
    "profile_names",
]

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Broadcaster:
    """The company whose programmes all platforms carry."""

    slug: str
    name: str
    legal_name: str
    domain: str
    territory: str


@dataclass(frozen=True, slots=True)
class Channel:
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


@dataclass(frozen=True, slots=True)
class Title:
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


@dataclass(frozen=True, slots=True)
class Place:
    """One city; *code* is its position in `Story.places`, *country_code* of ISO 3166-1. A city's name may recur."""

    code: int
    city: str
    region: str
    country: str
    country_code: str
    weight: int


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of device; *code* is its position in `Story.devices`. *agents* are (player, user agent) pairs."""

    code: int
    name: str
    type: str
    mobile: bool
    agents: tuple[tuple[str, str], ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Viewer:
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


@dataclass(frozen=True, slots=True)
class Airing:
    """One programme on a linear channel; *end_ms* is exclusive, both are UTC epoch milliseconds."""

    start_ms: int
    end_ms: int
    channel: Channel
    title: Title


@dataclass(frozen=True, slots=True)
class Profile:
    """How much happens: *sessions* a day on average, or exactly *total* from *first* to *last* and none outside."""

    name: str
    viewers: int
    sessions: int = 0
    total: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Story:
    """Everything that is and happens in worlds of this seed and profile. Make one with `open_story`."""

    seed: int = 1729
    profile_name: str = "default"

    @cached_property
    def profile(self) -> Profile:
        """How much happens. Raises `UserError` when no profile has this name."""
        return _profile(self.profile_name)

    @property
    def broadcaster(self) -> Broadcaster:
        """Whose story it is."""
        return _content().broadcaster

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels, linear ones first, by code."""
        return _content().channels

    @property
    def titles(self) -> tuple[Title, ...]:
        """All titles, live ones first, by code."""
        return _content().titles

    @property
    def places(self) -> tuple[Place, ...]:
        """All cities, by code."""
        return _content().places

    @property
    def devices(self) -> tuple[Device, ...]:
        """All kinds of device, by code."""
        return _content().devices

    def channel(self, slug: str) -> Channel | None:
        """Return the channel of that slug, if there is one."""
        return _content().channel_of.get(slug)

    def title(self, key: int | str) -> Title | None:
        """Return the title whose id (integer), catalogue code or slug is *key*, if there is one."""
        return _content().title_of.get(key)

    @property
    def audience(self) -> Audience:
        """All viewers, as columns indexed by viewer code."""
        from testcard.world.audience import audience_of

        return audience_of(self.seed, self.profile.viewers)

    def viewer(self, code: int) -> Viewer:
        """Return one viewer, spelled out. IndexError beyond the audience."""
        return self.audience.viewer(code)

    def schedule(self, channel: Channel, day: date) -> list[Airing]:
        """What a linear *channel* airs on *day* (UTC), in order and without a gap; on-demand channels air nothing."""
        from testcard.world.viewing import schedule

        return schedule(self, channel, day)

    def count(self, platform: str, day: date) -> int:
        """Return how many sessions start on *day*, without making them."""
        from testcard.world.viewing import count

        return count(self, platform, day)

    def viewing(self, platform: str, day: date) -> Viewing:
        """Return the sessions on *platform* that start on *day* (UTC), sorted by start."""
        from testcard.world.viewing import viewing

        return viewing(self, platform, day)

    def viewing_range(
        self,
        platform: str,
        first: date,
        last: date,
        *,
        look_back: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Viewing:
        """Return the sessions that start from *first* to *last* (both inclusive), sorted by start.

        With *look_back*, those of the day before that still run when *first* begins come first. *progress* is told
        (sessions made, sessions in all) after each day, and is not called when the range is already there.
        """
        from testcard.world.viewing import viewing_range

        return viewing_range(self, platform, first, last, look_back=look_back, progress=progress)

    def locate(self, platform: str, key: int) -> Session | None:
        """Return the session with that key, at the cost of one day's viewing; None when there is none."""
        from testcard.world.viewing import locate

        return locate(self, platform, key)


@lru_cache(maxsize=256)
def open_story(seed: int, profile: str = "default") -> Story:
    """Return the one story of that seed and profile. Raises `UserError` when no profile has that name."""
    _profile(profile)
    return Story(seed, profile)


def profile_names() -> tuple[str, ...]:
    """Return the names of all profiles, ``default`` first."""
    return tuple(_profiles())


def day_ms(day: date) -> int:
    """Return the epoch milliseconds at which *day* begins in UTC."""
    return (day.toordinal() - _EPOCH) * DAY_MS


def day_of(ms: int) -> date:
    """Return the UTC day of epoch milliseconds; `date.min` or `date.max` for what lies beyond the calendar."""
    ordinal = ms // DAY_MS + _EPOCH
    return date.fromordinal(max(date.min.toordinal(), min(date.max.toordinal(), ordinal)))


def now_ms(moment: datetime) -> int:
    """Return the epoch milliseconds of an aware *moment*, rounded down."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * DAY_MS + delta.seconds * 1000 + delta.microseconds // 1000


@dataclass(frozen=True)
class _Content:
    """The parsed fixtures."""

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
def _content() -> _Content:
    company = load("fixtures/story/broadcaster.yaml")
    channels = tuple(Channel(code, **{"slot_minutes": 0, **entry}) for code, entry in enumerate(company["channels"]))
    by_slug = {channel.slug: channel for channel in channels}
    titles = load("fixtures/story/titles.yaml")["titles"]
    return _Content(
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


def _profile(name: str) -> Profile:
    profiles = _profiles()
    if name not in profiles:
        raise UserError(f"no profile named {name!r}{near_miss(name, profiles)}; there are: {', '.join(profiles)}")
    return profiles[name]
