"""The control interface as an API object of its own contract: ``contracts/control.yaml``.

It uses the same binder as the vendors, so every body and answer is checked against a schema.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testcard import __version__
from testcard.contract import export_api, export_schema
from testcard.control.base import ControlPart
from testcard.control.environment import environment, holder_environment, world_root
from testcard.control.putting import put_rows, table_of
from testcard.errors import RowError, UserError
from testcard.exchange import Call, Exchange, Refused, Reply, heavy
from testcard.world.clock import parse_instant
from testcard.world.credentials import Credential
from testcard.world.history import Stretch
from testcard.world.rows import Table
from testcard.world.story import now_ms
from testcard.world.world import Recipe, World

if TYPE_CHECKING:
    from testcard.server.switchboard import Switchboard

__all__ = ["Control"]


class Control(ControlPart):
    """Health, credentials, contracts, readings, worlds, clocks and rows."""

    contract = "control"

    def __init__(self, switchboard: Switchboard, apis: Sequence[str], token: str | None = None) -> None:
        super().__init__(switchboard, apis, token)
        self._started = time.monotonic()
        self._instance = uuid.uuid4().hex  # names this process, so that a test knows its server from another

    def get_health(self, call: Call) -> Any:
        """Whether the server runs, since when, and which one it is."""
        uptime = round(time.monotonic() - self._started, 3)
        return {"status": "ok", "version": __version__, "instance": self._instance, "uptime_s": uptime}

    def get_credentials(self, call: Call, *, world: str | None) -> Any:
        """The environment of a client of *world*."""
        return environment(self._exchanges(), self._world(world or call.world.id), call.address.root)

    def list_readings(self, call: Call, *, api: str | None, world: str | None) -> Any:
        """The ledger of one API or all, with what is in force in *world*."""
        if api is not None:
            self._api(api)
        chosen = self._world(world or call.world.id)
        entries = self._switchboard.worlds.ledger()
        return {"readings": [each.as_json(chosen.reading(each.id)) for each in entries if api in (None, each.api)]}

    @heavy
    def get_contract(self, call: Call, *, api: str) -> Any:
        """An API's OpenAPI document, with this server as its address."""
        name = api.removesuffix(".json")
        self._api(name)
        return export_api(name, base_url=call.address.root)

    def get_schema(self, call: Call, *, api: str, name: str) -> Any:
        """One JSON Schema of an API."""
        self._api(api)
        try:
            return export_schema(api, name.removesuffix(".json"))
        except UserError as error:
            raise Refused(404, "no-such-schema", str(error)) from None

    def list_tables(self, call: Call) -> Any:
        """The schema of a row of each table."""
        exchanges = self._exchanges()
        return {each.name: {name: table.schema for name, table in each.tables.items()} for each in exchanges}

    def list_worlds(self, call: Call) -> Any:
        """Every world's state."""
        return {"worlds": [self._state(world, call) for world in self._switchboard.worlds]}

    def create_world(self, call: Call, *, body: Mapping[str, Any] | None) -> Any:
        """Make a world from a recipe; what the recipe leaves out is as in this server's default world."""
        base = self._switchboard.worlds.recipe
        wanted = body or {}
        try:
            recipe = Recipe(
                seed=wanted.get("seed", base.seed),
                profile=wanted.get("profile", base.profile),
                now=parse_instant(wanted["now"]) if "now" in wanted else base.now,
                frozen=wanted.get("frozen", base.frozen),
                dialect=wanted.get("dialect", base.dialect),
                readings={**base.readings, **wanted.get("readings", {})},
            )
            world = self._switchboard.worlds.create(recipe)
            self._switchboard.open(world)
        except UserError as error:
            raise Refused(400, "no-such-recipe", str(error)) from None
        root = call.address.root
        env = environment(self._exchanges(), world, root)
        return Reply.json({"id": world.id, "url": world_root(root, world), "env": env}, 201)

    def get_world(self, call: Call, *, id: str) -> Any:  # noqa: A002 - the path's own name
        """The state of a world."""
        return self._state(self._world(id), call)

    def delete_world(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """Forget a world."""
        self._world(id)
        self._switchboard.worlds.drop(id)

    def reset_world(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """Give a world its first day back."""
        self._world(id)
        world = self._switchboard.worlds.reset(id)
        self._switchboard.open(world)
        return self._state(world, call)

    def get_clock(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """A world's time."""
        return self._world(id).clock.as_json()

    def set_clock(self, call: Call, *, id: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Move, freeze or release a clock; a *now* without *frozen* freezes it there."""
        clock = self._world(id).clock
        now = self._instant(body["now"]) if "now" in body else clock.now()
        clock.set(now, frozen=body.get("frozen", True))
        return clock.as_json()

    def advance_clock(self, call: Call, *, id: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Move a clock on."""
        clock = self._world(id).clock
        try:
            clock.advance(body["seconds"])
        except OverflowError:
            raise Refused(400, "no-such-time", f"{body['seconds']} seconds from now is no date any more") from None
        return clock.as_json()

    def get_world_readings(self, call: Call, *, id: str) -> Any:  # noqa: A002
        """Every switchable entry with the reading in force."""
        return self._world(id).readings()

    def set_world_readings(self, call: Call, *, id: str, body: Mapping[str, str]) -> Any:  # noqa: A002
        """Put readings in force."""
        world = self._world(id)
        try:
            world.choose(body)
        except UserError as error:
            raise Refused(400, "no-such-reading", str(error)) from None
        return world.readings()

    @heavy
    def get_rows(
        self, call: Call, *, id: str, api: str, table: str, offset: int, limit: int,  # noqa: A002
        since: datetime | None, until: datetime | None,
    ) -> Any:  # fmt: skip
        """A page of a table, story and all."""
        world = self._world(id)
        stretch = Stretch(*(None if moment is None else now_ms(moment) for moment in (since, until)))
        try:
            rows = self._table(world, api, table).page(world, stretch, offset, limit + 1)
        except RowError as error:
            raise Refused(400, "no-such-rows", str(error)) from None
        more = call.address.here(offset=offset + limit, limit=limit) if len(rows) > limit else None
        return {"rows": rows[:limit], "next": more}

    def replace_rows(self, call: Call, *, id: str, api: str, table: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Have exactly these rows, and no story."""
        return self._put_rows(id, api, table, body["rows"], replace=True)

    def append_rows(self, call: Call, *, id: str, api: str, table: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Add these rows."""
        return self._put_rows(id, api, table, body["rows"], replace=False)

    def grant_credentials(self, call: Call, *, id: str, body: Mapping[str, Any]) -> Any:  # noqa: A002
        """Add a user or customer with these rights only."""
        world, api = self._world(id), body["api"]
        exchange = self._api(api)
        exchange.open(world)
        name = body.get("name") or f"user{len(world.credentials.holders(api)) + 1}"
        try:
            holder = exchange.parts[0].grant(world, name, body.get("grants", {}))
        except (UserError, NotImplementedError) as error:
            raise Refused(400, "no-such-grant", str(error)) from None
        return Reply.json(holder_environment(exchange, world, holder, call.address.root), 201)

    def expire_tokens(self, call: Call, *, id: str, body: Mapping[str, str] | None) -> Any:  # noqa: A002
        """Let tokens expire now."""
        world = self._world(id)
        tokens = self._tokens(world, body or {})
        for credential in tokens:
            credential.expires_at = world.now()
        return {"tokens": len(tokens)}

    def revoke_tokens(self, call: Call, *, id: str, body: Mapping[str, str] | None) -> Any:  # noqa: A002
        """Revoke tokens."""
        tokens = self._tokens(self._world(id), body or {})
        for credential in tokens:
            credential.revoked = True
        return {"tokens": len(tokens)}

    def regenerate_token(self, call: Call, *, id: str, body: Mapping[str, str] | None) -> Any:  # noqa: A002
        """Replace a token: the one named, or the only one of its API."""
        world = self._world(id)
        tokens = self._tokens(world, body or {})
        if len(tokens) != 1:
            raise Refused(400, "which-token", f"{len(tokens)} tokens match; name one in 'token'")
        try:
            return {"token": self._api(tokens[0].api).parts[0].regenerate(world, tokens[0].secret)}
        except NotImplementedError as error:
            raise Refused(400, "not-regenerated", str(error)) from None

    def _exchanges(self) -> list[Exchange]:
        return [self._switchboard.exchange(name) for name in self._apis]

    def _table(self, world: World, api: str, name: str) -> Table:
        try:
            return table_of(self._api(api), world, name)
        except RowError as error:
            raise Refused(404, "no-such-table", str(error)) from None

    def _put_rows(self, identity: str, api: str, name: str, rows: Sequence[Any], *, replace: bool) -> Reply:
        world = self._world(identity)
        self._table(world, api, name)
        try:
            count = put_rows(self._api(api), world, name, rows, replace=replace)
        except UserError as error:
            raise Refused(400, "bad-row", str(error)) from None
        return Reply.json({"rows": count}, 200 if replace else 201)

    def _tokens(self, world: World, body: Mapping[str, str]) -> list[Credential]:
        """The credentials meant: the one named, else all that do not last, of one API or of all."""
        names = [body["api"]] if "api" in body else list(self._apis)
        for name in names:
            self._api(name).open(world)
        if "token" not in body:
            return [each for name in names for each in world.credentials.of(name) if not each.lasting]
        found = [each for name in names for each in world.credentials.of(name) if each.secret == body["token"]]
        if not found:
            raise Refused(404, "no-such-token", f"world {world.id!r} never issued that token")
        return found

    def _instant(self, text: str) -> datetime:
        try:
            return parse_instant(text)
        except UserError as error:
            raise Refused(400, "no-such-instant", str(error)) from None

    def _state(self, world: World, call: Call) -> dict[str, Any]:
        rows = {name: len(world.rows.given(*name.split("/"))) for name in world.rows.tables()}
        return {
            "id": world.id,
            "url": world_root(call.address.root, world),
            "seed": world.seed,
            "profile": world.profile,
            "dialect": world.recipe.dialect,
            "clock": world.clock.as_json(),
            "readings": world.chosen,
            "rows": rows,
        }
