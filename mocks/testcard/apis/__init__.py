"""The one table of APIs. A vendor is known here, in its own module, contract, fixtures and tests, and nowhere else."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import NamedTuple

from testcard.errors import UserError, near_miss
from testcard.exchange import Api, Exchange

__all__ = ["APIS", "SERVICES", "Entry", "check_names", "open_exchange"]


class Entry(NamedTuple):
    """An API: its name (prefix, contract, fixtures, flag), its title, and ``module:Class`` for each product module."""

    name: str
    title: str
    parts: tuple[str, ...]


def _table(*entries: Entry) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


APIS = _table(
    Entry("videocentral", "Amazon Video Central", ("videocentral:VideoCentral",)),
    Entry("amagi", "Amagi Analytics", ("amagi:Amagi",)),
    Entry(
        "videokit",
        "Cloud Video Kit",
        (
            "videokit.vod:Vod",
            "videokit.live:Live",
            "videokit.recorder:Recorder",
            "videokit.streaming:Streaming",
            "videokit.core:Core",
            "videokit.transcoder:Transcoder",
        ),
    ),
    Entry("ibmvideo", "IBM Video Streaming", ("ibmvideo:IbmVideo",)),
)

SERVICES = _table(Entry("storage", "Object storage behind the links", ("storage:Storage",)))


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the APIs named, in the table's order, or all when none is; `UserError` for a name that is none."""
    wanted = set(names)
    for name in wanted:
        if name not in APIS:
            raise UserError(f"no API named {name!r}; there are: {', '.join(APIS)}{near_miss(name, APIS)}")
    return tuple(name for name in APIS if not wanted or name in wanted)


def open_exchange(name: str, *, extensions: bool = True) -> Exchange:
    """Bind an API's modules to their contracts."""
    entry = {**APIS, **SERVICES}[name]
    parts: list[Api] = []
    for part in entry.parts:
        module, _, class_name = part.partition(":")
        parts.append(getattr(importlib.import_module(f"testcard.apis.{module}"), class_name)())
    return Exchange(parts, extensions=extensions)
