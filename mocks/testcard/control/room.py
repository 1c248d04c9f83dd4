"""Faults, journal and snapshots: ``contracts/controlroom.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from testcard.control.base import ControlPart
from testcard.control.journal_views import as_har, as_json, redaction_of
from testcard.control.snapshots import restore, take
from testcard.data import load
from testcard.errors import UserError, near_miss
from testcard.exchange import Call, Refused, Reply, heavy
from testcard.world.faults import Fault, check_fault
from testcard.world.journal import Entry
from testcard.world.world import World

__all__ = ["ControlRoom", "weather"]


class ControlRoom(ControlPart):
    """What makes a mock a test harness."""

    contract = "controlroom"

    def list_fault_kinds(self, call: Call) -> Any:
        """Kinds, weathers and the schema."""
        schema = load("contracts/schemas/fault.json")
        kinds = {name: kind["description"] for name, kind in schema["$defs"]["kinds"].items()}
        return {"kinds": kinds, "weathers": load("contracts/schemas/weathers.yaml"), "schema": schema}

    def list_faults(self, call: Call, *, id: str) -> Any:  # noqa: A002 - the path's own name
        """The faults of a world."""
        return _faults(self._world(id).faults)

    def add_faults(self, call: Call, *, id: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Begin faults: all of them, or none when one is no fault."""
        world = self._world(id)
        try:
            specs = _specs(body)
            for spec in specs:
                check_fault(spec)
                self._check(spec)
            added = _add_all(world, specs)
        except UserError as error:
            raise Refused(400, "no-such-fault", str(error)) from None
        return Reply.json(_faults(added), 201)

    def clear_faults(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """End all faults."""
        self._world(id).faults.clear()

    def get_fault(self, call: Call, *, id: str, fault: str) -> Any:  # noqa: A002
        """One fault with its counts."""
        return self._fault(id, fault).as_json()

    def clear_fault(self, call: Call, *, id: str, fault: str) -> Any:  # noqa: A002
        """End one fault."""
        self._world(id).faults.clear(self._fault(id, fault).id)

    @heavy
    def get_journal(
        self,
        call: Call,
        *,
        id: str,  # noqa: A002
        api: str | None,
        operation: str | None,
        status: int | None,
        verdict: list[str] | None,
        noted: bool | None,
        since: int,
        wait: float,
        count: int,
    ) -> Any:
        """The entries that match all that is given, perhaps after waiting for enough of them."""
        world = self._world(id)
        wanted = {"api": api, "operation": operation, "status": status, "noted": noted}

        def matching(entries: Sequence[Entry]) -> list[Entry]:
            later = (each for each in entries if each.id > since and _matches(each, wanted))
            return [each for each in later if not verdict or each.verdict in verdict]

        complete = not wait or world.journal.wait_for(lambda entries: len(matching(entries)) >= count, wait)
        redaction = redaction_of(world)
        entries = [{"world": world.id, **as_json(entry, redaction)} for entry in matching(list(world.journal))]
        dropped = dict(world.journal.dropped)
        return {
            "entries": entries,
            "dropped": sum(dropped.values()),
            "droppedVerdicts": dropped,
            "complete": complete,
        }

    def clear_journal(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """Forget all entries."""
        self._world(id).journal.clear()

    @heavy
    def get_har(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """The journal as an HTTP Archive."""
        world = self._world(id)
        return as_har(world.journal, redaction_of(world))

    @heavy
    def take_snapshot(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """The world as a file."""
        world = self._world(id)
        return Reply.raw(
            take(world), "application/zip", content_disposition=f'attachment; filename="{world.id}.testcard.zip"'
        )

    @heavy
    def restore_snapshot(self, call: Call, *, id: str, body: BinaryIO) -> Any:  # noqa: A002
        """Put a world back."""
        world = self._world(id)
        try:
            restore(world, body, self._switchboard.worlds.check)
        except UserError as error:
            raise Refused(400, "no-snapshot", str(error)) from None
        return {"id": world.id}

    def _fault(self, identity: str, fault: str) -> Fault:
        faults = self._world(identity).faults
        found = faults.get(fault)
        if found is None:
            hint = near_miss(fault, [each.id for each in faults])
            raise Refused(404, "no-such-fault", f"world {identity!r} has no fault {fault!r}{hint}")
        return found

    def _check(self, spec: Mapping[str, Any]) -> None:
        """What the schema cannot know: which APIs, operations and tables there are."""
        names = [*self._apis, "storage"]
        api = spec.get("api")
        if api is not None and api not in names:
            raise UserError(f"fault: no API named {api!r} here; there are: {', '.join(names)}{near_miss(api, names)}")
        operation = spec.get("operation")
        if operation is not None:
            known = {each for name in ([api] if api else names) for each in self._switchboard.exchange(name).operations}
            if operation not in known:
                raise UserError(f"fault: no operation {operation!r}{near_miss(operation, known)}")
        if spec.get("kind") == "rows-changed":
            self._check_rows(spec)

    def _check_rows(self, spec: Mapping[str, Any]) -> None:
        owner, _, table = str(spec.get("table", "")).partition("/")
        tables = self._api(owner).tables
        if table not in tables:
            raise UserError(f"fault: {owner} has no table {table!r}{near_miss(table, tables)}")
        if spec.get("api") != owner:
            raise UserError(f'fault: rows of {owner} change after a call to it: say "api": {owner!r} too')
        tables[table].check(spec.get("insert", ()))


def weather(name: str) -> list[dict[str, Any]]:
    """The faults of a named weather; `UserError` when there is none."""
    weathers = load("contracts/schemas/weathers.yaml")
    if name not in weathers:
        raise UserError(f"no weather {name!r}; there are: {', '.join(weathers)}{near_miss(name, weathers)}")
    return [dict(spec) for spec in weathers[name]["faults"]]


def _specs(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "weather" in body:
        where = {key: value for key, value in body.items() if key != "weather"}
        return [{**spec, **where} for spec in weather(body["weather"])]
    return list(body["faults"]) if "faults" in body else [body]


def _add_all(world: World, specs: Sequence[Mapping[str, Any]]) -> list[Fault]:
    added: list[Fault] = []
    try:
        added.extend(map(world.faults.add, specs))
    except UserError:
        for fault in added:
            world.faults.clear(fault.id)
        raise
    return added


def _faults(faults: Any) -> dict[str, Any]:
    return {"faults": [fault.as_json() for fault in faults]}


def _matches(entry: Entry, wanted: Mapping[str, Any]) -> bool:
    return all(value is None or getattr(entry, name) == value for name, value in wanted.items())
