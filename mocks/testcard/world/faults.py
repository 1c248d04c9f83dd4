"""Faults: where, when and what goes wrong in a world. Deterministic first.

A fault names *where* it applies (an API, an operation, a path, the token call), *when* (the first N calls, calls i to
j, every k-th, one page, always, or with a seeded probability) and *what* happens, its kind
(``contracts/schemas/fault.json``). This module decides and counts; what a refusal looks like is the vendor's business,
and what a broken socket is, the server's.
"""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from testcard.contract import Checker
from testcard.data import load
from testcard.errors import UserError, near_miss
from testcard.seed import uniform

__all__ = ["Fault", "Faults", "Occasion", "check_fault"]

_SCHEMA = "contracts/schemas/fault.json"
_COUNTS = ("id", "calls", "hits", "cuts")


class Occasion(NamedTuple):
    """One call, as faults see it. *page* is the page of a list it asks for, from 1."""

    api: str
    operation: str
    path: str
    page: int = 1
    token: bool = False


@dataclass
class Fault:
    """One fault with its counts: the *calls* it covers so far, and the *hits* that took effect.

    *cuts* remembers, for lists counted in pages, how many rows a shortened page carried: the rows it left out follow.
    """

    id: str
    spec: Mapping[str, Any]
    calls: int = 0
    hits: int = 0
    cuts: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What happens."""
        return str(self.spec["kind"])

    def option(self, name: str, default: Any = None) -> Any:
        """One of the kind's options."""
        return self.spec.get(name, default)

    def covers(self, occasion: Occasion) -> bool:
        """Whether the fault's *where* covers a call."""
        where = self.spec
        return (
            where.get("api", occasion.api) == occasion.api
            and where.get("operation", occasion.operation) == occasion.operation
            and fnmatch.fnmatchcase(occasion.path, where.get("path", "*"))
            and (not where.get("token") or occasion.token)
        )

    def due(self, occasion: Occasion, seed: int) -> bool:
        """Whether it is the turn of the call that was counted last."""
        match self.spec.get("when", {}):
            case {"first": number}:
                return self.calls <= int(number)
            case {"calls": [first, last]}:
                return bool(first <= self.calls <= last)
            case {"every": step}:
                return self.calls % int(step) == 0
            case {"page": page}:
                return occasion.page == int(page)
            case {"probability": chance}:
                return uniform(seed, "fault", self.id, self.calls) < float(chance)
        return True

    def as_json(self) -> dict[str, Any]:
        """The fault as it was asked for, with its counts."""
        return {**self.spec, "id": self.id, "calls": self.calls, "hits": self.hits}


class Faults:
    """The faults of one world, in the order they were added."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._serial = 0
        self._faults: dict[str, Fault] = {}

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def add(self, spec: Mapping[str, Any]) -> Fault:
        """Begin a fault; `UserError` when it is not one, or its id is taken."""
        check_fault(spec)
        with self._lock:
            self._serial += 1
            fault = Fault(str(spec.get("id", f"f{self._serial}")), {k: v for k, v in spec.items() if k != "id"})
            if fault.id in self._faults:
                raise UserError(f"there is a fault {fault.id!r} already; clear it first, or choose another id")
            self._faults[fault.id] = fault
        return fault

    def get(self, identity: str) -> Fault | None:
        """The fault, or None."""
        return self._faults.get(identity)

    def clear(self, identity: str | None = None) -> None:
        """End one fault, or all."""
        with self._lock:
            if identity is None:
                self._faults.clear()
            else:
                self._faults.pop(identity, None)

    def take(self, occasion: Occasion) -> list[Fault]:
        """Count a call, and return the faults whose turn it is; whoever applies one reports the `hit`."""
        with self._lock:
            covering = [fault for fault in self._faults.values() if fault.covers(occasion)]
            for fault in covering:
                fault.calls += 1
            return [fault for fault in covering if fault.due(occasion, self._seed)]

    def hit(self, fault: Fault) -> None:
        """Count that a fault took effect."""
        with self._lock:
            fault.hits += 1

    def dump(self) -> dict[str, Any]:
        """All faults with their counts, as plain data."""
        return {"serial": self._serial, "faults": [{**fault.as_json(), "cuts": fault.cuts} for fault in self]}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Exactly these faults."""
        with self._lock:
            self._faults.clear()
            self._serial = content["serial"]
            for raw in content["faults"]:
                spec = {key: value for key, value in raw.items() if key not in _COUNTS}
                self._faults[raw["id"]] = Fault(raw["id"], spec, raw["calls"], raw["hits"], dict(raw["cuts"]))


def check_fault(spec: Mapping[str, Any]) -> None:
    """Raise `UserError` for what is no fault."""
    schema = load(_SCHEMA)
    kinds, kind = schema["$defs"]["kinds"], spec.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise UserError(f"no fault of kind {kind!r}; there are: {', '.join(kinds)}{near_miss(str(kind), kinds)}")
    for place, complaint in Checker(schema, schema).complaints(spec):
        raise UserError(f"fault {kind}: {place.removeprefix('/') or 'the fault'}: {complaint}")
    first, last = spec.get("when", {}).get("calls", (1, 1))
    if first > last:
        raise UserError(f"fault {kind}: when/calls: from call {first} to call {last} there is none")
