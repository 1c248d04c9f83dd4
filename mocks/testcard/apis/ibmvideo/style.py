"""How a row is to look by the readings in force, and whether it looks as the contract says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from testcard.contract import Checker, open_contract
from testcard.errors import MockError
from testcard.exchange import Call

__all__ = ["Style", "check", "style_of"]


@dataclass(frozen=True, slots=True)
class Style:
    """How the readings in force want a row: a View, or a Segment under its viewer."""

    view: bool
    device: bool
    text_ids: bool
    milliseconds: bool
    zone: str
    absent_end: bool

    @property
    def schema(self) -> str:
        """The name of its schema in the contract."""
        return "View" if self.view else "Segment"


def style_of(call: Call, *, view: bool) -> Style:
    """The style that the readings IB-07, IB-08, IB-10, IB-11, IB-12, IB-35 and IB-38 make."""
    return Style(
        view,
        call.reading("IB-10" if view else "IB-11") == "present",
        call.reading("IB-07" if view else "IB-08") == "string",
        call.reading("IB-38") == "milliseconds",
        call.reading("IB-35"),
        call.reading("IB-12") == "absent",
    )


def check(name: str, data: Any) -> None:
    """`MockError` when a Viewer, View or Segment, or some attributes of the latter (``View piece``), is not one."""
    checker = _checkers()[name]
    if not checker.accepts(data):
        place, complaint = checker.complaints(data)[0]
        raise MockError(f"ibmvideo: {name} at {place or '/'}: {complaint}")


@lru_cache(maxsize=1)
def _checkers() -> dict[str, Checker]:
    contract = open_contract("ibmvideo")
    schemas = contract.document["components"]["schemas"]
    pieces = {"View": "ViewAttributes", "Segment": "Segment"}
    return {
        **{name: contract.checker(name) for name in ("Viewer", *pieces)},
        **{
            f"{name} piece": Checker({"type": "object", "properties": schemas[whole]["properties"]}, contract.document)
            for name, whole in pieces.items()
        },
    }
