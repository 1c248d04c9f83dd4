"""The cast: who watches on what, by viewer code, and what the dimensions of the numbers call it.

The story's audience comes first; behind it stand the viewers that explicit rows bring along. A *viewer* is a person at
one device, which is what ``client_id`` names; ``viewer_identifier`` names the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from testcard.data import load
from testcard.seed import mix_array
from testcard.world.story import Story

__all__ = ["Cast", "Guest", "device_info", "story_cast"]

Codes = npt.NDArray[np.integer[Any]]
Words = npt.NDArray[np.uint64]

_E4, _E8, _E12 = (np.uint64(10**digits) for digits in (4, 8, 12))
_LEAST = np.array([10**11, 10**12, 10**13], np.uint64)  # of an id without its last eight digits


@dataclass(frozen=True, slots=True)
class Guest:
    """A viewer that explicit rows brought along."""

    identifier: str
    client_id: str
    city: str
    country: str
    device: str  # the device's family
    mobile: bool


class Cast:
    """The story's audience and *guests* behind it; everything is by viewer code."""

    def __init__(self, story: Story, guests: Sequence[Guest] = ()) -> None:
        self.story = story
        self.audience = story.audience
        self.guests = guests

    def __len__(self) -> int:
        return len(self.audience) + len(self.guests)

    @cached_property
    def identifiers(self) -> list[str]:
        """Every ``viewer_identifier``, by person code."""
        names = list(self.audience.identifiers)
        known = set(names) if self.guests else set()
        return names + [name for name in dict.fromkeys(guest.identifier for guest in self.guests) if name not in known]

    def containing(self, text: str, *, any_case: bool) -> npt.NDArray[np.bool_]:
        """Which persons' identifiers contain a text, by person code.

        A rare text is looked for in all identifiers at once, as one long text.
        """
        names, joined, begins = self._searchable(any_case)
        wanted = text.casefold() if any_case else text
        places = list(islice(_places(wanted, joined), len(names) // 16 + 1))
        if "\n" in wanted or len(places) > len(names) // 16:
            return np.fromiter((wanted in name for name in names), np.bool_, len(names))
        there = np.zeros(len(names), np.bool_)
        there[np.searchsorted(begins, np.array(places, np.int64), side="right") - 1] = True
        return there

    def _searchable(self, any_case: bool) -> tuple[list[str], str, npt.NDArray[np.int64]]:
        """The identifiers, joined by line breaks, and where each begins."""
        found = self._searched.get(any_case)
        if found is None:
            names = [name.casefold() for name in self.identifiers] if any_case else self.identifiers
            begins = np.cumsum([0, *(len(name) + 1 for name in names)])[:-1]
            found = self._searched[any_case] = (names, "\n".join(names), begins)
        return found

    @cached_property
    def _searched(self) -> dict[bool, tuple[list[str], str, npt.NDArray[np.int64]]]:
        return {}

    @cached_property
    def person(self) -> npt.NDArray[np.int32]:
        """The person behind each viewer."""
        if not self.guests:
            return self.audience.person
        code = {name: person for person, name in enumerate(self.identifiers)}
        guests = np.array([code[guest.identifier] for guest in self.guests], np.int32)
        return np.concatenate([self.audience.person, guests])

    @cached_property
    def devices(self) -> npt.NDArray[np.int32]:
        """A code for each viewer's ``client_id``: equal ids have equal codes."""
        story = np.arange(len(self.audience), dtype=np.int32)
        if not self.guests:
            return story
        code = {client_id.decode(): viewer for viewer, client_id in enumerate(self.client_ids(story).tolist())}
        guests = [code.setdefault(guest.client_id, len(code)) for guest in self.guests]
        return np.concatenate([story, np.array(guests, np.int32)])

    @cached_property
    def alphabetical(self) -> npt.NDArray[np.int32]:
        """Person codes in the order of their identifiers (by code point)."""
        return np.array(sorted(range(len(self.identifiers)), key=self.identifiers.__getitem__), np.int32)

    def client_id(self, viewer: int) -> str:
        """20 to 22 digits, beyond 64 bits; whatever an explicit row says."""
        if viewer >= len(self.audience):
            return self.guests[viewer - len(self.audience)].client_id
        return bytes(self.client_ids(np.array([viewer]))[0]).decode()

    def client_ids(self, viewers: Codes) -> npt.NDArray[np.bytes_]:
        """The client ids of viewers of the story."""
        codes = viewers.astype(np.uint64)
        draws = mix_array(self.story.seed, "client", counters=codes)
        more = draws % np.uint64(3)  # digits than the fewest
        least = _LEAST.take(more)
        high = least + draws // np.uint64(3) % (np.uint64(9) * least)
        low = mix_array(self.story.seed, "client, last digits", counters=codes) % _E8
        return _joined(high, low, more)

    def place(self, viewer: int) -> tuple[str, str]:
        """City and country code."""
        if viewer >= len(self.audience):
            guest = self.guests[viewer - len(self.audience)]
            return guest.city, guest.country
        place = self.audience.places[self.audience.place[viewer]]
        return place.city, place.country_code

    def mobile(self, viewer: int) -> bool:
        """Whether the device is a mobile one."""
        if viewer >= len(self.audience):
            return self.guests[viewer - len(self.audience)].mobile
        return bool(self.audience.mobile[viewer])

    def agent(self, viewer: int) -> int:
        """The code of the user agent; guests have none."""
        return int(self.audience.agent[viewer])

    def dimension(self, name: str) -> tuple[Codes, list[str]]:
        """``country``, ``region``, ``location`` or ``device``: a code for each viewer, and the name of each code."""
        found = self._dimensions.get(name)
        if found is None:
            found = self._dimensions[name] = self._dimension(name)
        return found

    @cached_property
    def _dimensions(self) -> dict[str, tuple[Codes, list[str]]]:
        return {}

    def _dimension(self, name: str) -> tuple[Codes, list[str]]:
        audience = self.audience
        if name == "device":
            labels = [device_info(agent)["device"]["family"] for _, _, agent in audience.agents]
            story, guests = audience.agent, [guest.device for guest in self.guests]
        else:
            labels = [_label(name, place.city, place.country_code, place.region) for place in audience.places]
            story, guests = audience.place, [_label(name, guest.city, guest.country, "") for guest in self.guests]
        names = list(dict.fromkeys([*labels, *guests]))
        code = {label: index for index, label in enumerate(names)}
        codes = np.array([code[label] for label in labels], np.int16)[story]
        return np.concatenate([codes, np.array([code[label] for label in guests], np.int16)]), names


def device_info(agent: str) -> Mapping[str, Any]:
    """What the vendor makes of a user agent: kept in the fixtures, read by ua-parser where it is not."""
    return _known_devices().get(agent) or _parsed(agent)


@lru_cache(maxsize=16)
def story_cast(story: Story) -> Cast:
    """The story's audience without guests."""
    return Cast(story)


def _places(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _joined(high: Words, low: Words, more: Words) -> npt.NDArray[np.bytes_]:
    """Twelve digits and *more*, and eight behind them."""
    fours = [high // _E12, high // _E8 % _E4, high // _E4 % _E4, high % _E4, low // _E4, low % _E4]
    digits = _fours().take(np.stack(fours, axis=1).astype(np.int64)).view("S1")
    texts = np.zeros((len(high), 22), "S1")
    for count in range(3):  # zeros in front of an id are none of it
        texts[more == count, : 20 + count] = digits[more == count, 4 - count :]
    return texts.view("S22").ravel()


@lru_cache(maxsize=1)
def _fours() -> npt.NDArray[np.bytes_]:
    return np.array([b"%04d" % number for number in range(10_000)])


def _label(name: str, city: str, country: str, region: str) -> str:
    if name == "location":
        return f"{city}, {country}"
    return country if name == "country" else region or "Unknown"


@lru_cache(maxsize=1)
def _known_devices() -> dict[str, Mapping[str, Any]]:
    return {
        each["agent"]: {
            "browser": dict(zip(("family", "major", "minor", "patch"), each["browser"], strict=True)),
            "os": dict(zip(("family", "major", "minor", "patch", "patch_minor"), each["os"], strict=True)),
            "device": dict(zip(("family", "brand", "model"), each["device"], strict=True)),
        }
        for each in load("fixtures/ibmvideo/devices.yaml")["devices"]
    }


@lru_cache(maxsize=1024)
def _parsed(agent: str) -> Mapping[str, Any]:
    from ua_parser import user_agent_parser  # 100 ms, and only for an agent that the fixtures lack

    found = user_agent_parser.Parse(agent)  # type: ignore[no-untyped-call]
    browser, system, device = found["user_agent"], found["os"], found["device"]
    return {
        "browser": {name: browser[name] for name in ("family", "major", "minor", "patch")},
        "os": {name: system[name] for name in ("family", "major", "minor", "patch", "patch_minor")},
        "device": {name: device[name] for name in ("family", "brand", "model")},
    }
