"""The audience: every viewer of a story as numpy columns, and each one spelled out.

A *household* has a place and an address, a *person* lives in a household and has an identifier, a *viewer* is a person
at one device. Columns are dictionary-coded: small integers into the tuples beside them. No vendor here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address

import numpy as np
import numpy.typing as npt

from testcard.data import load
from testcard.seed import below, mix, mix_array
from testcard.world.columns import field, freeze
from testcard.world.content import Device, Place, Viewer, content

__all__ = ["Audience", "audience_of", "table"]

_SLOTS = 1 << 16
_NEW_PERSON, _NEW_HOUSEHOLD = 150, 170  # of 256: viewers a person, people a household: about 1.7 and 1.5
_FIRST_IPV4, _IPV4_ADDRESSES = int(IPv4Address("198.18.0.0")), 1 << 17  # for benchmarks: RFC 2544, belongs to nobody
_FIRST_IPV6 = int(IPv6Address("2001:db8::"))  # for documentation: RFC 3849


@dataclass(frozen=True, eq=False)
class Audience:
    """All viewers of a story; columns are indexed by viewer code and read-only.

    *place*, *device* and *agent* are codes into `places`, `devices` and `agents`; *country* into `countries`. *visitor*
    is the same number for the same (address, user agent) pair, dense from 0. *mobile* is a flag.
    """

    seed: int
    person: npt.NDArray[np.int32]
    household: npt.NDArray[np.int32]
    visitor: npt.NDArray[np.int32]
    place: npt.NDArray[np.int16]
    country: npt.NDArray[np.int16]
    device: npt.NDArray[np.int16]
    agent: npt.NDArray[np.int16]
    mobile: npt.NDArray[np.bool_]
    household_of_person: npt.NDArray[np.int32]
    places: tuple[Place, ...]
    countries: tuple[tuple[str, str], ...]
    devices: tuple[Device, ...]
    agents: tuple[tuple[Device, str, str], ...]
    habits: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """The identifier of each person, by person code; all differ."""
        names = load("fixtures/story/broadcaster.yaml")["people"]
        return tuple(_identifier(self.seed, person, names) for person in range(len(self.household_of_person)))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The IP address of each household, by household code; all differ."""
        households = int(self.household_of_person[-1]) + 1
        return tuple(_address(self.seed, household) for household in range(households))

    def viewer(self, code: int) -> Viewer:
        """Return one viewer, spelled out. IndexError when there is none."""
        if not 0 <= code < len(self):
            raise IndexError(f"viewer {code}: expected 0 to {len(self) - 1}")
        person, household = int(self.person[code]), int(self.household[code])
        device, player, user_agent = self.agents[self.agent[code]]
        return Viewer(
            code,
            person,
            self.identifiers[person],
            household,
            int(self.visitor[code]),
            self.addresses[household],
            device,
            player,
            user_agent,
            self.places[self.place[code]],
            self.habits[code % len(self.habits)],
        )


@lru_cache(maxsize=32)
def audience_of(seed: int, viewers: int) -> Audience:
    """Make the audience of that size: a pure function."""
    story = content()
    codes = np.arange(viewers, dtype=np.uint64)
    draw = mix_array(seed, "viewer", counters=codes)
    person = _runs(field(draw, 0, 8) < _NEW_PERSON)
    people = np.arange(int(person[-1]) + 1, dtype=np.uint64)
    household_of_person = _runs(field(mix_array(seed, "person", counters=people), 0, 8) < _NEW_HOUSEHOLD)
    household = household_of_person[person]
    homes = np.arange(int(household[-1]) + 1, dtype=np.uint64)
    home_place = table([place.weight for place in story.places])[field(mix_array(seed, "home", counters=homes), 48, 16)]
    place = home_place[household]
    device = table([device.weight for device in story.devices])[field(draw, 48, 16)]
    first_agent = np.cumsum([0, *(len(device.agents) for device in story.devices)])
    choices = np.diff(first_agent)[device]
    agent = (first_agent[device] + (field(draw, 32, 16) * choices >> 16)).astype(np.int16)
    agents = tuple((device, *pair) for device in story.devices for pair in device.agents)
    visitor = np.unique(household.astype(np.int64) * len(agents) + agent, return_inverse=True)[1].astype(np.int32)
    countries = tuple(dict.fromkeys((place.country, place.country_code) for place in story.places))
    country = np.array([countries.index((place.country, place.country_code)) for place in story.places], np.int16)
    mobile = np.array([device.mobile for device in story.devices])
    columns = (person, household, visitor, place, country[place], device, agent, mobile[device], household_of_person)
    freeze(*columns)
    return Audience(
        seed,
        *columns,
        story.places,
        countries,
        story.devices,
        agents,
        tuple(load("fixtures/story/broadcaster.yaml")["habits"]["pattern"]),
    )


def table(weights: Sequence[int], slots: int = _SLOTS) -> npt.NDArray[np.int16]:
    """Return a look-up table: index i fills its weight's share of the slots, so a random slot draws by weight."""
    edges = [0]
    for weight in weights:
        edges.append(edges[-1] + weight)
    bounds = [edge * slots // edges[-1] for edge in edges]
    return np.repeat(np.arange(len(weights), dtype=np.int16), np.diff(bounds))


def _runs(starts: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Number runs from 0: a new one begins at the first place and wherever *starts* says so."""
    starts[0] = True
    return np.cumsum(starts, dtype=np.int32) - np.int32(1)


def _address(seed: int, household: int) -> str:
    if household < _IPV4_ADDRESSES and mix(seed, "address", household) & 3:
        shuffled = (household * 40503 + mix(seed, "addresses")) % _IPV4_ADDRESSES
        return str(IPv4Address(_FIRST_IPV4 + shuffled))
    return str(IPv6Address(_FIRST_IPV6 | household << 64 | mix(seed, "interface", household)))


def _identifier(seed: int, person: int, names: dict[str, list[str]]) -> str:
    """Every identifier ends, or its local part does, in the person's number, so no two are equal."""
    draw = mix(seed, "identifier", person)
    first = names["first"][(draw & 0xFFFF) * len(names["first"]) >> 16]
    last = names["last"][(draw >> 16 & 0xFFFF) * len(names["last"]) >> 16]
    domain = names["domains"][below(len(names["domains"]), draw, "domain")]
    shapes = (
        f"{first}.{last}{person}@{domain}",
        f"{first[0]}{last}.{person}@{domain}",
        f"{first}_{last}_{person}@{domain}",
        f"{first}+tv{person}@{domain}",
        f"{first}.{last}.{person}@{domain}".upper(),
        f"sub_{person:07d}",
        f"{first}%{person}",
        f"100%_{last}_{person}",
    )
    return shapes[_SHAPE_OF[draw >> 60]]


_SHAPE_OF = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7)
