"""A contract and API of our own, for the tests of what all APIs stand on: one clause of every kind, no vendor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO, ClassVar

import yaml

from testcard.contract import Contract
from testcard.exchange import Address, Api, Call, Exchange, Pieces, Refused, Reply, Request, heavy
from testcard.server.switchboard import Switchboard
from testcard.world.credentials import Credential, Holder
from testcard.world.rows import Row, Table
from testcard.world.world import Recipe, World
from testcard.world.worlds import Worlds

__all__ = ["NOW", "Toy", "toy_contract", "toy_switchboard"]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

DOCUMENT = r"""
openapi: 3.1.0
info: {title: Toys, version: '1'}
x-testcard: {own: true}
servers: [{url: 'https://{shelf}.toys.example/v1', variables: {shelf: {default: top}}}]
security: [{key: []}]
paths:
  /things:
    get:
      operationId: list_things
      security: []
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 10}}
        - {name: ratio, in: query, schema: {type: number, exclusiveMinimum: 0, maximum: 1}}
        - {name: deep, in: query, schema: {type: boolean, default: false}}
        - {name: kind, in: query, schema: {type: string, enum: [robot, bear, train]}}
        - {name: code, in: query, schema: {type: string, pattern: '^[A-Z]{2}-[0-9]+$'}}
        - {name: since, in: query, schema: {type: string, format: date}}
        - {name: madeAt, in: query, schema: {type: string, format: date-time}}
        - {name: week, in: query, schema: {type: string, format: toy-week}}
        - name: tags
          in: query
          style: form
          explode: false
          schema: {type: array, items: {type: string, enum: [red, green, blue]}, maxItems: 3}
        - {name: ids, in: query, schema: {type: array, items: {type: integer, minimum: 1}, uniqueItems: true}}
        - {name: days, in: query, x-array: either, schema: {type: array, items: {type: string, format: date}}}
        - {name: X-Trace-Id, in: header, schema: {type: integer}}
        - {name: from, in: query, x-argument: origin, schema: {type: string, minLength: 2}}
        - {name: silent, in: query, x-argument: false, schema: {type: integer}}
      responses:
        '200': {description: Things., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '400': {$ref: '#/components/responses/Refused'}
    post:
      operationId: create_thing
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201':
          description: Made.
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '400': {$ref: '#/components/responses/Refused'}
  /things/best:
    get:
      operationId: get_best_thing
      security: []
      responses:
        '200': {description: The best., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
  /things/{thing_id}:
    get:
      operationId: get_thing
      security: []
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '404': {$ref: '#/components/responses/Refused'}
    patch:
      operationId: change_thing
      security: []
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '400': {$ref: '#/components/responses/Refused'}
    delete:
      operationId: delete_thing
      security: []
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Gone.}}
  /forms:
    post:
      operationId: fill_form
      security: []
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
      responses:
        '200': {description: Filled., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '400': {$ref: '#/components/responses/Refused'}
  /files/{key}:
    parameters: [{name: key, in: path, required: true, x-multi-segment: true, schema: {type: string}}]
    get:
      operationId: get_file
      security: []
      responses: {'200': {description: A table., content: {text/csv: {}}}}
    put:
      operationId: put_file
      security: []
      requestBody: {required: true, content: {'*/*': {}}}
      responses: {'204': {description: Kept.}}
  /reports#daily:
    get:
      operationId: report_days
      security: []
      parameters:
        - {name: report, in: query, required: true, schema: {const: daily}}
        - {name: day, in: query, schema: {type: string, format: date}}
      responses:
        '200': {description: Days., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '400': {$ref: '#/components/responses/Refused'}
  /reports#weekly:
    get:
      operationId: report_weeks
      security: []
      parameters: [{name: report, in: query, required: true, schema: {const: weekly}}]
      responses:
        '200': {description: Weeks., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '400': {$ref: '#/components/responses/Refused'}
  /broken/{how}:
    get:
      operationId: break_contract
      security: []
      parameters: [{name: how, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: Never., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '304': {description: Empty.}
  /lists:
    get:
      operationId: list_rows
      security: []
      parameters: [{name: rows, in: query, schema: {type: integer, default: 2}}]
      responses:
        '200':
          description: Rows.
          content:
            application/json:
              schema:
                type: object
                required: [total, rows]
                properties: {total: {type: integer}, rows: {type: array}}
  /streams:
    get:
      operationId: stream_rows
      security: []
      responses: {'200': {description: Rows., content: {text/csv: {}}}}
  /moved:
    get:
      operationId: move_on
      security: []
      responses: {'302': {description: Elsewhere., headers: {Location: {schema: {type: string}}}}}
  /secrets:
    get:
      operationId: get_secret
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
        '401': {$ref: '#/components/responses/Refused'}
  /extras:
    get:
      operationId: get_extra
      security: []
      x-extension: true
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Seen'}}}}
x-unrouted:
  '404': {$ref: '#/components/responses/Refused'}
  '405': {$ref: '#/components/responses/Refused'}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  responses:
    Refused: {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Refusal'}}}}
  schemas:
    Seen: {type: object, required: [operation, world], properties: {operation: {type: string}}}
    Thing:
      type: object
      additionalProperties: false
      required: [name]
      properties: {name: {type: string, minLength: 1}, size: {type: integer, minimum: 0}}
    Refusal:
      type: object
      required: [code, message, problems]
      properties: {code: {type: string}, problems: {type: array, items: {type: string}}}
"""


def toy_contract(**changes: Any) -> Contract:
    """The contract, with *changes* at its top level."""
    return Contract("toy", {**yaml.safe_load(DOCUMENT), **changes})


def _week(text: str) -> date:
    """``2026-W10`` is the Monday of that week."""
    if not re.fullmatch(r"[0-9]{4}-W[0-9]{2}", text):
        raise ValueError(f"{text!r} is not a week; expected for example 2026-W10")
    return datetime.strptime(f"{text}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()


def _fill(world: World, row: Row, at: int) -> Row:
    return {"id": f"r{at}", **row}


def _read(world: World) -> Iterable[Row]:
    story = [] if world.rows.replaced("toy", "rows") else [{"id": "story"}]
    return [*story, *world.rows.given("toy", "rows")]


class Toy(Api):
    """Answers with what it was asked, and remembers it in *seen*: operationId and arguments as Python values."""

    name = "toy"
    contract = toy_contract()
    formats: ClassVar[Mapping[str, Callable[[str], Any]]] = {"toy-week": _week}
    tables: ClassVar[Mapping[str, Table]] = {
        "rows": Table("rows", {"type": "object", "properties": {"size": {"type": "integer"}}}, _fill, _read)
    }

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def open(self, world: World) -> None:
        self._issue(world, Holder("toy", "first"))

    def _issue(self, world: World, holder: Holder) -> None:
        world.credentials.add_holder(holder)
        key = f"{world.mint('key'):x}"
        hour = timedelta(hours=1)
        world.credentials.issue(Credential("toy", "key", key, holder.name, world.now(), world.now() + hour))
        lasting = Credential("toy", "lasting", f"{world.mint('key'):x}", holder.name, world.now(), lasting=True)
        world.credentials.issue(lasting)

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        holder = Holder("toy", name, grants)
        self._issue(world, holder)
        return holder

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        keys = [each.secret for each in world.credentials.of("toy", "key", holder.name)]
        return {"URL": f"{root}/toy/v1", "KEY": keys[-1]}

    def regenerate(self, world: World, secret: str) -> str:
        old = world.credentials.find("toy", "key", secret)
        if old is None:
            raise NotImplementedError("only keys are regenerated")
        world.credentials.forget(old)
        self._issue(world, Holder("toy", old.holder))
        return self.environment(world, Holder("toy", old.holder), "")["KEY"]

    def identify(self, request: Request) -> Iterable[str]:
        return [request.header("x-key")]

    def authenticate(self, call: Call) -> Holder:
        key = call.world.credentials.find("toy", "key", call.headers.get("x-key", ""))
        if key is None or key.revoked or key.expired(call.now):
            raise Refused(401, "bad-key", "expected a key that is valid now in X-Key")
        return call.world.credentials.holder("toy", key.holder) or Holder("toy", key.holder)

    def refuse(self, refused: Refused, call: Call) -> Reply:
        problems = [str(problem) for problem in refused.problems]
        reply = Reply.json({"code": refused.code, "message": refused.message, "problems": problems}, refused.status)
        reply.headers.update(refused.headers)
        return reply

    def _see(self, call: Call, **arguments: Any) -> dict[str, Any]:
        operation = call.operation.id if call.operation else ""
        self.seen.append((operation, arguments))
        return {"operation": operation, "world": call.world.id, "here": call.address.here()}

    def list_things(
        self,
        call: Call,
        *,
        limit: int,
        ratio: float | None,
        deep: bool,
        kind: str | None,
        code: str | None,
        since: date | None,
        made_at: datetime | None,
        week: date | None,
        tags: list[str] | None,
        ids: list[int] | None,
        days: list[date] | None,
        x_trace_id: int | None,
        origin: str | None,
    ) -> Any:
        arguments = {name: value for name, value in locals().items() if name not in ("self", "call")}
        return self._see(call, **arguments)

    def create_thing(self, call: Call, *, body: Mapping[str, Any]) -> Reply:
        call.world.store.put("things", body["name"], dict(body))
        return Reply.json(dict(body), 201, Location=call.address.url(f"/v1/things/{body['name']}"))

    def get_best_thing(self, call: Call) -> Any:
        return self._see(call)

    def get_thing(self, call: Call, *, thing_id: str) -> Any:
        if thing_id == "nothing":
            raise Refused(404, "no-such-thing", "there is nothing", headers={"X-Hint": "look elsewhere"})
        return {**self._see(call, thing_id=thing_id), "thing": call.world.store.get("things", thing_id)}

    def change_thing(self, call: Call, *, thing_id: str, body: Mapping[str, Any] | None) -> Any:
        return self._see(call, thing_id=thing_id, body=body)

    def delete_thing(self, call: Call, *, thing_id: str) -> None:
        call.world.store.delete("things", thing_id)

    def fill_form(self, call: Call, *, body: Mapping[str, str]) -> Any:
        return self._see(call, body=body)

    def get_file(self, call: Call, *, key: str) -> Reply:
        return Reply.raw(f"key\n{key}\n".encode() * (200 if key.endswith("large") else 1), "text/csv; charset=utf-8")

    @heavy
    def put_file(self, call: Call, *, key: str, body: BinaryIO) -> None:
        with call.world.lock:
            call.world.store.put("files", key, body.read().hex())

    def report_days(self, call: Call, *, report: str, day: date | None) -> Any:
        return self._see(call, report=report, day=day)

    def report_weeks(self, call: Call, *, report: str) -> Any:
        return self._see(call, report=report)

    def break_contract(self, call: Call, *, how: str) -> Any:
        broken: dict[str, Any] = {
            "shape": {"size": -1},
            "status": Reply.json({"name": "x"}, 418),
            "media": Reply.raw(b"x", "text/plain"),
            "no-body": Reply(200),
            "body-where-none": Reply.json({"name": "x"}, 304),
            "not-json": {"name": object()},
            "a-set": {1, 2},
        }
        if how == "raise":
            raise ValueError("no such luck")
        return broken[how]

    def list_rows(self, call: Call, *, rows: int) -> Reply:
        texts = [b'{"n":%d}%b' % (n, b"," if n < rows - 1 else b"") for n in range(rows)]
        pieces = [memoryview(b"".join(texts[at : at + 1000])) for at in range(0, rows, 1000)]
        return Reply.page({"total": rows, "rows": []}, "rows", Pieces(pieces), X_Page="1")

    @heavy
    def stream_rows(self, call: Call) -> Reply:
        def rows() -> Iterator[bytes]:
            for n in range(3):
                yield f"{n}\n".encode()

        return Reply.raw(rows(), "text/csv")

    def move_on(self, call: Call) -> Reply:
        return Reply(302, headers={"Location": "https://client.example/?code=a%7Cb|c"})

    def get_secret(self, call: Call) -> Any:
        return {**self._see(call), "holder": call.holder.name if call.holder else None}

    def get_extra(self, call: Call) -> Any:
        return self._see(call)


def toy_switchboard(*parts: Toy, recipe: Recipe | None = None, limit: int = 1000) -> Switchboard:
    """A server with nothing but toys, at ``/toy``, and the control interface."""
    from testcard.control.api import Control

    exchange = Exchange(parts or (Toy(),))

    def open_api(name: str) -> Exchange:
        return exchange if name == "toy" else Exchange([Control(switchboard, ("toy",))])

    worlds = Worlds((), recipe or Recipe(now=NOW), limit=limit)
    switchboard = _ToySwitchboard(worlds, ("toy",), ("_testcard",), open_api)
    return switchboard


class _ToySwitchboard(Switchboard):
    """Knows the toys' documented host, which no shipped contract names."""

    def _documented_hosts(self) -> list[tuple[re.Pattern[str], str]]:
        return [(server.pattern, "toy") for server in Toy.contract.servers]


def root_address(path: str = "/v1/things", query: str = "") -> Address:
    """An address as the switchboard would make it."""
    return Address("http://mock.test", "/toy", path, query)
