"""The bounds of a period: what the readings in force do not take, though the contract would.

Source: document 003, Raw view export; ledger IB-16 to IB-20, IB-43 and IB-47.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from testcard.apis.ibmvideo.times import Moment, resolve
from testcard.exchange import Call, Problem

__all__ = ["objections"]

_NAMES = ("date_time_from", "date_time_to")


def objections(call: Call, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with each bound that was sent, and with their order."""
    moments: dict[str, Moment] = {name: arguments[name] for name in _NAMES if arguments.get(name) is not None}
    if not moments or _without_a_period(call):
        return
    found: dict[str, int] = {}
    for name, moment in moments.items():
        try:
            found[name] = resolve(moment, call.reading)
        except ValueError as error:
            yield Problem("query", name, moment.text, str(error))
    if len(found) == 2 and found["date_time_from"] > found["date_time_to"] and call.reading("IB-20") == "refused":
        first, last = moments.values()
        message = f"{first.text!r} is after date_time_to, {last.text!r}"
        yield Problem("query", "date_time_from", first.text, message)


def _without_a_period(call: Call) -> bool:
    """Whether the operation is a viewers' list, and those take no period."""
    operation = call.operation.id if call.operation else ""
    return operation.startswith("list_viewers") and call.reading("IB-47") == "ignored"
