"""The control interface: worlds made, moved, filled and forgotten by other programs."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import orjson
import pytest
from openapi_spec_validator import validate

from support import Mock
from testcard import __version__
from testcard.contract import open_contract
from testcard.exchange import Exchange, Reply, Request
from testcard.server.build import build
from testcard.server.switchboard import Switchboard
from toy import toy_switchboard


class Desk:
    """Talks to the control interface of a server of toys."""

    def __init__(self, board: Switchboard | None = None) -> None:
        self.board = board or toy_switchboard()

    def send(self, method: str, path: str, body: Any = None, query: str = "", **headers: Any) -> Reply:
        sent = {"host": "mock.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            sent["content-type"] = "application/json"
        raw = b"" if body is None else json.dumps(body).encode()
        return self.board.answer(Request(method, f"/_testcard{path}", query, sent, raw))

    def ask(self, method: str, path: str, body: Any = None, query: str = "", status: int = 200) -> Any:
        """The data of an answer that must have *status*."""
        reply = self.send(method, path, body, query)
        assert reply.status == status, reply.content()
        return orjson.loads(reply.content()) if reply.content() else None

    def refusal(self, method: str, path: str, body: Any = None, query: str = "", status: int = 400) -> str:
        said: str = self.ask(method, path, body, query, status)["error"]
        return said

    def world(self, **recipe: Any) -> str:
        identity: str = self.ask("POST", "/worlds", recipe, status=201)["id"]
        return identity

    def toy(self, path: str, key: str = "", query: str = "") -> Reply:
        return self.board.answer(Request("GET", path, query, {"host": "mock.test", "x-key": key}))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def real() -> Desk:
    return Desk(Mock("videocentral").switchboard)


def test_health_names_the_process(desk: Desk) -> None:
    health = desk.ask("GET", "/health")

    assert (health["status"], health["version"]) == ("ok", __version__)
    assert health["uptime_s"] >= 0
    assert health["instance"] == desk.ask("GET", "/health")["instance"]
    assert health["instance"] != Desk().ask("GET", "/health")["instance"]


# Worlds


def test_a_world_is_made_with_its_address_and_environment(desk: Desk) -> None:
    made = desk.ask("POST", "/worlds", status=201)
    identity = made["id"]

    assert made["url"] == f"http://mock.test/~{identity}"
    assert made["env"]["TESTCARD_URL"] == f"http://mock.test/~{identity}"
    assert made["env"]["TESTCARD_TOY_URL"] == f"http://mock.test/~{identity}/toy/v1"
    answered = desk.toy("/toy/v1/secrets", made["env"]["TESTCARD_TOY_KEY"])
    assert orjson.loads(answered.content())["world"] == identity


def test_a_world_is_made_from_a_recipe(desk: Desk) -> None:
    recipe = {"seed": 2**64 - 1, "profile": "small", "now": "2021-01-02T03:04:05+01:00", "dialect": "observed"}
    state = desk.ask("GET", f"/worlds/{desk.world(**recipe)}")

    assert (state["seed"], state["profile"], state["dialect"]) == (2**64 - 1, "small", "observed")
    assert state["clock"] == {"now": "2021-01-02T02:04:05Z", "frozen": True}


def test_a_recipe_leaves_out_what_is_as_in_the_default_world(desk: Desk) -> None:
    made, default = (desk.ask("GET", f"/worlds/{each}") for each in (desk.world(), "default"))

    assert [made[key] for key in ("seed", "profile", "dialect", "clock")] == [
        default[key] for key in ("seed", "profile", "dialect", "clock")
    ]


def test_a_clock_of_a_recipe_may_run(desk: Desk) -> None:
    state = desk.ask("GET", f"/worlds/{desk.world(now='2021-01-02T00:00:00Z', frozen=False)}")

    assert state["clock"]["now"].startswith("2021-01-02T00:00:0")
    assert not state["clock"]["frozen"]


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"seed": -1}, "body '/seed': -1 is less than the minimum of 0"),
        ({"seed": 2**64}, "body"),
        ({"seed": "1"}, "body '/seed': \"1\" is not of type"),
        ({"seeds": 1}, "Additional properties are not allowed ('seeds' was unexpected)"),
        ({"profile": "smal"}, "no profile 'smal'; there are: "),
        ({"now": "yesterday"}, "'yesterday' is no ISO 8601 instant"),
        ({"now": "2021-01-02T00:00:00"}, "has no offset"),
        ({"now": "0001-01-01T00:00:00+14:00"}, "is no ISO 8601 instant"),
        ({"dialect": "spoken"}, "body '/dialect': "),
        ({"readings": {"VC-01": "items"}}, "no reading 'VC-01'"),
        ([], "body: [] is not of type"),
    ],
)
def test_a_recipe_that_makes_no_sense_makes_no_world(desk: Desk, recipe: Any, said: str) -> None:
    assert said in desk.refusal("POST", "/worlds", recipe)
    assert len(desk.ask("GET", "/worlds")["worlds"]) == 1


def test_all_worlds_are_listed(desk: Desk) -> None:
    made = [desk.world(), desk.world()]

    assert [world["id"] for world in desk.ask("GET", "/worlds")["worlds"]] == ["default", *made]


def test_a_deleted_world_is_gone_and_default_starts_anew(desk: Desk) -> None:
    identity = desk.world()
    desk.ask("POST", "/worlds/default/clock/advance", {"seconds": 5})
    for each in (identity, "default"):
        desk.ask("DELETE", f"/worlds/{each}", status=204)

    assert "is not known here" in desk.refusal("GET", f"/worlds/{identity}", status=404)
    assert desk.ask("GET", "/worlds/default")["clock"]["now"] == "2026-03-02T12:00:00Z"


def test_a_reset_world_is_as_on_its_first_day_and_found_by_its_credentials(desk: Desk) -> None:
    made = desk.ask("POST", "/worlds", {"seed": 5}, status=201)
    path, key = f"/worlds/{made['id']}", made["env"]["TESTCARD_TOY_KEY"]
    before = desk.ask("GET", path)
    desk.ask("POST", f"{path}/clock/advance", {"seconds": 7200})
    desk.ask("PUT", f"{path}/rows/toy/rows", {"rows": [{"size": 1}]})
    assert desk.toy("/toy/v1/secrets", key).status == 401
    after = desk.ask("POST", f"{path}/reset")

    assert before == after
    assert orjson.loads(desk.toy("/toy/v1/secrets", key).content())["world"] == made["id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/reset", None),
        ("GET", "/clock", None),
        ("PUT", "/clock", {"frozen": True}),
        ("POST", "/clock/advance", {"seconds": 1}),
        ("GET", "/readings", None),
        ("PUT", "/readings", {}),
        ("GET", "/rows/toy/rows", None),
        ("PUT", "/rows/toy/rows", {"rows": []}),
        ("POST", "/rows/toy/rows", {"rows": []}),
        ("POST", "/credentials", {"api": "toy"}),
        ("POST", "/tokens/expire", None),
        ("POST", "/tokens/revoke", None),
        ("POST", "/tokens/regenerate", None),
    ],
)
def test_an_unknown_world_is_404_and_an_evicted_one_410(method: str, path: str, body: Any) -> None:
    desk = Desk(toy_switchboard(limit=2))
    evicted = desk.world()
    desk.world()

    assert "world 'w9' is not known here" in desk.refusal(method, f"/worlds/w9{path}", body, status=404)
    assert "was evicted" in desk.refusal(method, f"/worlds/{evicted}{path}", body, status=410)


# The clock


def test_a_clock_is_set_frozen_moved_and_released(desk: Desk) -> None:
    path = "/worlds/default/clock"

    assert desk.ask("PUT", path, {"now": "2020-05-05"}) == {"now": "2020-05-05T00:00:00Z", "frozen": True}
    assert desk.ask("POST", f"{path}/advance", {"seconds": 1.5})["now"] == "2020-05-05T00:00:01.500000Z"
    assert desk.ask("POST", f"{path}/advance", {"seconds": -1.5})["now"] == "2020-05-05T00:00:00Z"
    released = desk.ask("PUT", path, {"frozen": False})
    assert released["now"].startswith("2020-05-05T00:00:0")
    assert not desk.ask("GET", path)["frozen"]


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("PUT", "", {}, "body"),
        ("PUT", "", {"now": "noon"}, "'noon' is no ISO 8601 instant"),
        ("PUT", "", {"frozen": "yes"}, "body '/frozen'"),
        ("PUT", "", None, "body: is required, and was not sent"),
        ("POST", "/advance", {}, '"seconds" is a required property'),
        ("POST", "/advance", {"seconds": "1"}, "body '/seconds'"),
        ("POST", "/advance", {"seconds": 1e10}, "body '/seconds': "),
    ],
)
def test_a_time_that_is_none_moves_nothing(desk: Desk, method: str, path: str, body: Any, said: str) -> None:
    assert said in desk.refusal(method, f"/worlds/default/clock{path}", body)
    assert desk.ask("GET", "/worlds/default/clock")["now"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize("frozen", [True, False])
def test_a_clock_at_the_end_of_the_calendar_stays_there(desk: Desk, frozen: bool) -> None:
    path = "/worlds/default/clock"
    desk.ask("PUT", path, {"now": "9990-01-01T00:00:00Z", "frozen": frozen})

    assert "is no date any more" in desk.refusal("POST", f"{path}/advance", {"seconds": 3.2e9})
    assert desk.ask("GET", path)["now"].startswith("9990-01-01")


# Credentials


def test_the_environment_is_that_of_the_world_asked_for(desk: Desk) -> None:
    identity = desk.world()
    default = desk.ask("GET", "/credentials")
    other = desk.ask("GET", "/credentials", query=f"world={identity}")

    assert default["TESTCARD_TOY_URL"] == "http://mock.test/toy/v1"
    assert other["TESTCARD_TOY_URL"] == f"http://mock.test/~{identity}/toy/v1"
    assert default["TESTCARD_TOY_KEY"] != other["TESTCARD_TOY_KEY"]
    assert "is not known here" in desk.refusal("GET", "/credentials", query="world=w9", status=404)


def test_a_worlds_own_address_leads_to_its_own_environment(desk: Desk) -> None:
    identity = desk.world()
    through = orjson.loads(desk.toy(f"/~{identity}/_testcard/credentials").content())
    made = orjson.loads(desk.toy(f"/~{identity}/_testcard/credentials", query="world=default").content())

    assert through == desk.ask("GET", "/credentials", query=f"world={identity}")
    assert made == desk.ask("GET", "/credentials")


def test_a_misspelt_parameter_is_noted(desk: Desk) -> None:
    note = desk.send("GET", "/credentials", query="wrold=w1").headers["X-Testcard-Note"]

    assert note.endswith("did you mean 'world'?")


def test_a_further_user_has_credentials_of_its_own(desk: Desk) -> None:
    first = desk.ask("GET", "/credentials")
    granted = desk.ask("POST", "/worlds/default/credentials", {"api": "toy", "grants": {"role": "guest"}}, status=201)
    answered = orjson.loads(desk.toy("/toy/v1/secrets", granted["TESTCARD_TOY_KEY"]).content())

    assert set(granted) == {"TESTCARD_TOY_URL", "TESTCARD_TOY_KEY"}
    assert granted["TESTCARD_TOY_KEY"] != first["TESTCARD_TOY_KEY"]
    assert answered["holder"] == "user2"
    assert desk.ask("GET", "/credentials") == first


def test_credentials_of_an_unknown_api_are_refused_with_the_near_miss(desk: Desk) -> None:
    said = desk.refusal("POST", "/worlds/default/credentials", {"api": "tyo"}, status=404)

    assert said == "no API named 'tyo' here; there are: toy; did you mean 'toy'?"


@pytest.mark.parametrize("verb", ["expire", "revoke"])
@pytest.mark.parametrize("body", [None, {}, {"api": "toy"}, {"token": "KEY"}, {"api": "toy", "token": "KEY"}])
def test_tokens_end_when_told_and_lasting_ones_stay(desk: Desk, verb: str, body: Any) -> None:
    key = desk.ask("GET", "/credentials")["TESTCARD_TOY_KEY"]
    body = body and {name: key if value == "KEY" else value for name, value in body.items()}
    assert desk.toy("/toy/v1/secrets", key).status == 200

    assert desk.ask("POST", f"/worlds/default/tokens/{verb}", body) == {"tokens": 1}
    assert desk.toy("/toy/v1/secrets", key).status == 401
    (lasting,) = desk.board.worlds.default.credentials.of("toy", "lasting")
    assert not lasting.revoked
    assert lasting.expires_at is None
    desk.ask("POST", f"/worlds/default/tokens/{verb}", {"token": lasting.secret})
    assert lasting.revoked or lasting.expires_at is not None


def test_tokens_of_one_world_end_in_that_world_only(desk: Desk) -> None:
    identity = desk.world()
    other = desk.ask("GET", "/credentials", query=f"world={identity}")["TESTCARD_TOY_KEY"]
    desk.ask("POST", "/worlds/default/tokens/revoke")

    assert desk.toy("/toy/v1/secrets", other).status == 200
    said = desk.refusal("POST", "/worlds/default/tokens/revoke", {"token": other}, status=404)
    assert said == "world 'default' never issued that token"


def test_a_token_is_replaced_by_a_new_one(desk: Desk) -> None:
    key = desk.ask("GET", "/credentials")["TESTCARD_TOY_KEY"]
    new = desk.ask("POST", "/worlds/default/tokens/regenerate", {"api": "toy"})["token"]

    assert desk.toy("/toy/v1/secrets", key).status == 401
    assert desk.toy("/toy/v1/secrets", new).status == 200
    assert desk.ask("GET", "/credentials")["TESTCARD_TOY_KEY"] == new


def test_which_token_to_replace_must_be_clear(desk: Desk) -> None:
    desk.ask("POST", "/worlds/default/credentials", {"api": "toy"}, status=201)
    (lasting, _) = desk.board.worlds.default.credentials.of("toy", "lasting")

    assert desk.refusal("POST", "/worlds/default/tokens/regenerate") == "2 tokens match; name one in 'token'"
    named = {"token": lasting.secret}
    assert desk.refusal("POST", "/worlds/default/tokens/regenerate", named) == "only keys are regenerated"


# Rows


def test_rows_are_filled_kept_and_read_back(desk: Desk) -> None:
    path = "/worlds/default/rows/toy/rows"

    assert desk.ask("POST", path, {"rows": [{"size": 1}, {"id": "mine"}]}, status=201) == {"rows": 2}
    assert desk.ask("GET", path)["rows"] == [{"id": "story"}, {"id": "r0", "size": 1}, {"id": "mine"}]
    assert desk.ask("PUT", path, {"rows": [{"size": 2}]}) == {"rows": 1}
    assert desk.ask("GET", path) == {"rows": [{"id": "r0", "size": 2}], "next": None}
    assert desk.ask("GET", "/worlds/default")["rows"] == {"toy/rows": 1}


def test_rows_are_read_page_by_page(desk: Desk) -> None:
    path = "/worlds/default/rows/toy/rows"
    desk.ask("PUT", path, {"rows": [{"size": n} for n in range(7)]})
    sizes, query = [], "limit=3"
    while True:
        page = desk.ask("GET", path, query=query)
        sizes += [row["size"] for row in page["rows"]]
        if page["next"] is None:
            break
        base, _, query = page["next"].partition("?")
        assert base == f"http://mock.test/_testcard{path}"

    assert sizes == list(range(7))


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"rows": [{"size": 1}, {"size": "x"}]}, 'rows: row 1: size: "x" is not of type "integer"'),
        ({"rows": [1]}, "body '/rows/0': 1 is not of type \"object\""),
        ({"row": []}, "body"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_kept(desk: Desk, method: str, body: Any, said: str) -> None:
    assert said in desk.refusal(method, "/worlds/default/rows/toy/rows", body)
    assert desk.ask("GET", "/worlds/default/rows/toy/rows")["rows"] == [{"id": "story"}]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("toy/row", "toy has no table 'row'; there are: rows; did you mean 'rows'?"),
        ("tyo/rows", "no API named 'tyo' here; there are: toy; did you mean 'toy'?"),
    ],
)
def test_an_unknown_table_names_the_near_miss(desk: Desk, path: str, said: str) -> None:
    assert desk.refusal("GET", f"/worlds/default/rows/{path}", status=404) == said


# Readings and contracts


def test_the_ledger_says_what_is_in_force(real: Desk) -> None:
    entries = real.ask("GET", "/readings", query="api=videocentral")["readings"]
    entry = next(each for each in entries if each["class"] == "switchable" and each["documented"] != each["observed"])
    world = real.world(readings={entry["id"]: entry["observed"]})
    other = {each["id"]: each for each in real.ask("GET", "/readings", query=f"world={world}")["readings"]}

    assert entry["inForce"] == entry["documented"]
    assert other[entry["id"]]["inForce"] == entry["observed"]
    assert {"id", "api", "kind", "class", "question", "where", "readings", "documented", "observed", "inForce"} <= set(
        entry
    )
    assert real.refusal("GET", "/readings", query="api=amagi", status=404).startswith("no API named 'amagi' here")


def test_readings_are_put_in_force(real: Desk) -> None:
    world = real.world()
    entries = real.ask("GET", "/readings")["readings"]
    entry = next(each for each in entries if each["class"] == "switchable")
    other = next(name for name in entry["readings"] if name != entry["inForce"])
    changed = real.ask("PUT", f"/worlds/{world}/readings", {entry["id"]: other})

    assert changed == real.ask("GET", f"/worlds/{world}/readings")
    assert changed[entry["id"]] == other
    assert set(changed) == {each["id"] for each in entries if each["class"] == "switchable"}
    assert real.ask("GET", f"/worlds/{world}")["readings"] == {entry["id"]: other}
    assert "no reading named" in real.refusal("PUT", f"/worlds/{world}/readings", {entry["id"]: "nonsense"})


def test_a_contract_is_served_whole_with_this_server_as_its_address(real: Desk) -> None:
    document = real.ask("GET", "/contracts/videocentral.json")

    validate(document)
    assert document["servers"] == [{"url": "http://mock.test/videocentral/apis/v1"}]
    assert "no API named 'amagi' here" in real.refusal("GET", "/contracts/amagi.json", status=404)
    assert "does not match" in real.refusal("GET", "/contracts/videocentral")


def test_a_schema_is_served_on_its_own(real: Desk) -> None:
    schema = real.ask("GET", "/contracts/videocentral/schemas/Account.json")

    assert jsonschema.Draft202012Validator(schema).is_valid({"id": "a", "name": "b"})
    assert not jsonschema.Draft202012Validator(schema).is_valid({"id": "a"})
    said = real.refusal("GET", "/contracts/videocentral/schemas/Acount.json", status=404)
    assert said == "videocentral has no schema 'Acount'; did you mean 'Account'?"


def test_our_own_contract_is_openapi_too() -> None:
    validate(dict(open_contract("control").document))


# Who may


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        ("secret", 401),
        ("Bearer s\xe9cret", 401),
        ("Bearer secret", 200),
    ],
)
def test_a_control_token_is_asked_for_when_the_server_has_one(authorization: str, status: int) -> None:
    board = build(["videocentral"], control_token="secret")
    headers = {"authorization": authorization} if authorization else {}
    for path in ("/worlds/default", "/worlds/default/journal", "/credentials"):
        assert Desk(board).send("GET", path, **headers).status == status, path
    assert Desk(board).send("GET", "/health", **headers).status == 200  # so that a load balancer may ask


def test_whatever_is_refused_is_an_error_in_words(desk: Desk) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PATCH", "/health", 405), ("BREW", "/worlds", 405)):
        assert desk.refusal(method, path, status=status)
    assert desk.send("PATCH", "/health").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_every_operation_has_a_handler_and_a_summary(desk: Desk) -> None:
    exchange: Exchange = desk.board.exchange("_testcard")

    assert set(exchange.operations) == set(open_contract("control").operations)
    assert all(bound.operation.summary for bound in exchange.operations.values())


JUNK: list[Any] = [
    [],
    "x",
    {"rows": 5},
    {"rows": [5]},
    {"api": 5},
    {"api": "videocentral", "grants": {"accounts": 5}},
    {"now": 5, "seconds": "x", "frozen": 5},
    {"seconds": 1e308},
    {"seed": -1, "profile": 5, "readings": 5},
    {"readings": {"VC-01": 5}},
    {"VC-01": 5},
    {"weather": 5},
    {"faults": [5]},
    {"kind": ["reset"]},
    {"kind": "reset", "operation": {}},
]


def test_no_junk_is_our_fault(real: Desk) -> None:
    world = real.world()
    values = {"id": world, "api": "videocentral", "table": "accounts", "fault": "f1", "name": "Account"}
    bound = real.board.exchange("_testcard").operations.values()
    writes = [each.operation for each in bound if each.operation.method in ("POST", "PUT")]
    failed = {
        f"{write.id} {body}": reply.content().decode()
        for write in writes
        for body in JUNK
        if ((reply := real.send(write.method, write.path.format(**values), body)).status or 0) >= 500
    }

    assert failed == {}
    assert len(writes) > 10
