"""Control a running server from Python: worlds, clocks, faults, rows, journal, snapshots. Speaks HTTP only.

::

    world = Control("http://127.0.0.1:8900").create_world(profile="empty", now="2026-03-01T12:00:00Z")
    world.rows["videocentral/accounts"].put([{"id": "1", "name": "One"}])
    fault = world.faults.add("status", status=503, api="videocentral", when={"first": 1})
    ...
    fault.assert_fired()
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from testcard.errors import NotReady, UserError

__all__ = ["ClockControl", "Control", "FaultHandle", "FaultsControl", "JournalControl", "TableControl", "WorldControl"]

_TIMEOUT_S = 90
Row = Mapping[str, Any]


class Control:
    """The control interface of the server at *url*; *token* is its control token, when it has one."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business between a test and its server
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def health(self) -> Any:
        """Whether the server runs, and which one it is."""
        return self.ask("GET", "/health")

    def create_world(self, **recipe: Any) -> WorldControl:
        """Make a world; *recipe* has seed, profile, now (ISO 8601 or a datetime), frozen, dialect and readings."""
        if "now" in recipe:
            recipe["now"] = _instant(recipe["now"])
        made = self.ask("POST", "/worlds", json=recipe)
        return WorldControl(self, made["id"], made["url"], made["env"])

    def world(self, identity: str = "default") -> WorldControl:
        """A world that exists."""
        state = self.ask("GET", f"/worlds/{identity}")
        return WorldControl(self, identity, state["url"], self.ask("GET", "/credentials", params={"world": identity}))

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send one call to ``/_testcard``; `UserError` with its refusal, `NotReady` when nothing answers."""
        answer = self.send(method, path, **options)
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """The same, for answers that are not JSON."""
        try:
            answer = self._session.request(method, f"{self.url}/_testcard{path}", timeout=_TIMEOUT_S, **options)
        except requests.RequestException as error:
            raise NotReady(f"{self.url}: no mocks answer there ({type(error).__name__})") from None
        if not answer.ok:
            raise UserError(f"{method} {path}: {_reason(answer)}")
        return answer


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError):
        return f"{answer.status_code} {answer.text[:200]}"


class WorldControl:
    """One world: its address, the environment of its client, and everything that can be done to it."""

    def __init__(self, control: Control, identity: str, url: str, env: Mapping[str, str]) -> None:
        self.control = control
        self.id = identity
        self.url = url
        self.env = dict(env)
        self.clock = ClockControl(self)
        self.faults = FaultsControl(self)
        self.journal = JournalControl(self)
        self.rows = _Tables(self)

    def ask(self, method: str, path: str = "", **options: Any) -> Any:
        """One call about this world."""
        return self.control.ask(method, f"/worlds/{self.id}{path}", **options)

    @property
    def readings(self) -> dict[str, str]:
        """Every switchable entry with the reading in force."""
        return dict(self.ask("GET", "/readings"))

    def choose(self, **readings: str) -> dict[str, str]:
        """Put readings in force; ids are given with underscores: ``choose(VC_01="pages")``."""
        wanted = {name.replace("_", "-"): value for name, value in readings.items()}
        return dict(self.ask("PUT", "/readings", json=wanted))

    def grant(self, api: str, **grants: Any) -> dict[str, str]:
        """Add a user or customer with these rights only; returns its environment."""
        return dict(self.ask("POST", "/credentials", json={"api": api, "grants": grants}))

    def expire_tokens(self, api: str | None = None, token: str | None = None) -> int:
        """Let tokens expire now; refresh tokens only when named. Returns how many."""
        return int(self.ask("POST", "/tokens/expire", json=_given(api=api, token=token))["tokens"])

    def revoke_tokens(self, api: str | None = None, token: str | None = None) -> int:
        """Revoke tokens; refresh tokens only when named. Returns how many."""
        return int(self.ask("POST", "/tokens/revoke", json=_given(api=api, token=token))["tokens"])

    def regenerate_token(self, api: str | None = None, token: str | None = None) -> str:
        """Replace a token as the vendor's dashboard would; returns the new one."""
        return str(self.ask("POST", "/tokens/regenerate", json=_given(api=api, token=token))["token"])

    def snapshot(self) -> bytes:
        """The whole world as a file."""
        return self.control.send("POST", f"/worlds/{self.id}/snapshot").content

    def restore(self, snapshot: bytes) -> None:
        """Put the world back to a snapshot."""
        self.ask("POST", "/restore", data=io.BytesIO(snapshot), headers={"Content-Type": "application/zip"})

    def reset(self) -> None:
        """Give the world its first day back."""
        self.ask("POST", "/reset")

    def drop(self) -> None:
        """Forget the world."""
        self.ask("DELETE")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _instant(moment: str | date) -> str:
    """A moment as ISO 8601; a datetime without a zone is refused by the server, which does not guess."""
    return moment if isinstance(moment, str) else moment.isoformat()


class ClockControl:
    """A world's clock. It tells instants as ISO 8601 texts, and takes datetimes too."""

    def __init__(self, world: WorldControl) -> None:
        self._world = world

    @property
    def now(self) -> str:
        """The world's instant."""
        return str(self._world.ask("GET", "/clock")["now"])

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return bool(self._world.ask("GET", "/clock")["frozen"])

    def set(self, now: str | date, *, frozen: bool = True) -> None:
        """Move to an instant, and stand still there unless told otherwise."""
        self._world.ask("PUT", "/clock", json={"now": _instant(now), "frozen": frozen})

    def advance(self, by: float | timedelta) -> str:
        """Move on, by seconds or a timedelta; returns the new instant."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return str(self._world.ask("POST", "/clock/advance", json={"seconds": seconds})["now"])


class FaultsControl:
    """A world's faults."""

    def __init__(self, world: WorldControl) -> None:
        self._world = world

    def __iter__(self) -> Iterator[FaultHandle]:
        for fault in self._world.ask("GET", "/faults")["faults"]:
            yield FaultHandle(self._world, fault["id"])

    def add(self, kind: str, **options: Any) -> FaultHandle:
        """Begin a fault: *options* are api, operation, path, token, when, and those of its kind."""
        added = self._world.ask("POST", "/faults", json={"kind": kind, **options})
        return FaultHandle(self._world, added["faults"][0]["id"])

    def weather(self, name: str, **where: str) -> list[FaultHandle]:
        """Begin a named bundle of faults, perhaps for one API."""
        added = self._world.ask("POST", "/faults", json={"weather": name, **where})
        return [FaultHandle(self._world, fault["id"]) for fault in added["faults"]]

    def clear(self) -> None:
        """End all faults."""
        self._world.ask("DELETE", "/faults")


class FaultHandle:
    """One fault."""

    def __init__(self, world: WorldControl, identity: str) -> None:
        self._world = world
        self.id = identity

    @property
    def state(self) -> dict[str, Any]:
        """The fault with its counts."""
        return dict(self._world.ask("GET", f"/faults/{self.id}"))

    @property
    def hits(self) -> int:
        """How often it took effect."""
        return int(self.state["hits"])

    def assert_fired(self, times: int | None = None) -> None:
        """Fail unless it took effect, *times* times when that is said."""
        state = self.state
        if times is None and state["hits"] == 0:
            raise AssertionError(f"fault {self.id} never fired: {state}")
        if times is not None and state["hits"] != times:
            raise AssertionError(f"fault {self.id} fired {state['hits']} times, expected {times}: {state}")

    def clear(self) -> None:
        """End it."""
        self._world.ask("DELETE", f"/faults/{self.id}")


class JournalControl:
    """A world's journal, redacted."""

    def __init__(self, world: WorldControl) -> None:
        self._world = world

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.entries())

    def ask(self, *, verdict: str | Sequence[str] | None = None, **wanted: Any) -> dict[str, Any]:
        """The server's whole answer: ``entries``, ``dropped``, ``droppedVerdicts`` and ``complete``."""
        verdicts = verdict if verdict is None or isinstance(verdict, str) else ",".join(verdict)
        return dict(self._world.ask("GET", "/journal", params=_given(verdict=verdicts, **wanted)))

    def entries(self, **wanted: Any) -> list[dict[str, Any]]:
        """The exchanges that match api, operation, status, verdict (or several), noted and since, oldest first."""
        return list(self.ask(**wanted)["entries"])

    def wait_for(self, *, count: int = 1, timeout_s: float = 5, **wanted: Any) -> list[dict[str, Any]]:
        """Wait until *count* exchanges match; `AssertionError` when they do not come in time."""
        found = self.ask(**wanted, wait=timeout_s, count=count)
        if not found["complete"]:
            have = len(found["entries"])
            raise AssertionError(f"{have} of {count} exchanges came within {timeout_s:g} s that match {wanted}")
        return list(found["entries"])

    def har(self) -> dict[str, Any]:
        """The journal as an HTTP Archive."""
        return dict(self._world.ask("GET", "/journal.har"))

    def clear(self) -> None:
        """Forget all entries."""
        self._world.ask("DELETE", "/journal")


class _Tables:
    """Tables by ``api/table``."""

    def __init__(self, world: WorldControl) -> None:
        self._world = world

    def __getitem__(self, name: str) -> TableControl:
        return TableControl(self._world, name)

    def load(self, folder: str | Path) -> dict[str, int]:
        """Put every ``<api>/<table>.json``, ``.csv`` or ``.parquet`` of a folder in place of its table."""
        from testcard.control.row_files import read_folder

        return {name: self[name].put(rows) for name, rows in read_folder(Path(folder))}


class TableControl:
    """One table."""

    def __init__(self, world: WorldControl, name: str) -> None:
        self._world = world
        self._path = f"/rows/{name}"

    def put(self, rows: Sequence[Row]) -> int:
        """Have exactly these rows, and no story; returns how many there are."""
        return int(self._world.ask("PUT", self._path, json={"rows": list(rows)})["rows"])

    def append(self, rows: Sequence[Row]) -> int:
        """Add rows; returns how many explicit ones there are."""
        return int(self._world.ask("POST", self._path, json={"rows": list(rows)})["rows"])

    def read(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[dict[str, Any]]:
        """The whole table, story and all, page by page; or what begins in a stretch of time (*until* not in it).

        Without *since* the story's rows begin with the profile's first day, or where it has none a year back, with
        the first of that month.
        """
        stretch = {name: each.isoformat() for name, each in (("from", since), ("to", until)) if each}
        offset = 0
        while True:
            page = self._world.ask("GET", self._path, params={**stretch, "offset": offset, "limit": 1000})
            yield from page["rows"]
            if page["next"] is None:
                return
            offset += len(page["rows"])
