"""Worlds: isolated from each other, found by name or credential, bounded in number, and the same again when reset."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testcard.errors import RowError, UserError
from testcard.world.credentials import Credential, Credentials, Holder
from testcard.world.rows import Row, Rows, Table
from testcard.world.store import MemoryStore
from testcard.world.world import Recipe, World
from testcard.world.worlds import NoSuchWorld, Worlds
from toy import NOW

APIS = ("videocentral",)
RECIPE = Recipe(now=NOW)


@pytest.fixture
def worlds() -> Worlds:
    return Worlds(APIS, RECIPE, limit=4)


def secret(world: World, api: str = "toy") -> str:
    """Issue a credential in *world* as a vendor would."""
    text = f"{world.mint('secret'):x}"
    world.credentials.issue(Credential(api, "token", text, "first", world.now()))
    return text


def test_default_is_there_from_the_start(worlds: Worlds) -> None:
    assert worlds.get("default") is worlds.default
    assert (worlds.default.seed, worlds.default.profile, worlds.default.now()) == (1729, "default", NOW)


def test_new_worlds_have_new_names(worlds: Worlds) -> None:
    ids = {worlds.create(RECIPE).id for _ in range(2)}

    assert len(ids) == 2
    assert "default" not in ids


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(profile="smal"), "no profile 'smal'; there are: .*default.*; did you mean 'small'"),
        (Recipe(readings={"VC-01": "nonsense"}), "VC-01: no reading named 'nonsense'"),
        (Recipe(readings={"AM-01": "x"}), "no reading 'AM-01'"),
        (Recipe(dialect="observd"), "no dialect 'observd'; there are: documented, observed; did you mean 'observed'"),
    ],
)
def test_a_world_that_cannot_be_is_not_made(worlds: Worlds, recipe: Recipe, said: str) -> None:
    with pytest.raises(UserError, match=said):
        worlds.create(recipe)
    assert len(worlds) == 1
    with pytest.raises(UserError, match=said):
        Worlds(APIS, recipe)


def test_worlds_share_nothing(worlds: Worlds) -> None:
    one, two = worlds.create(RECIPE), worlds.create(RECIPE)
    one.clock.advance(60)
    one.rows.put("toy", "rows", [{"a": 1}], replace=True)
    one.store.put("things", "a", 1)
    one.shelf["a"] = 1
    one.credentials.add_holder(Holder("toy", "first"))
    one.choose({each.id: next(iter(each.readings)) for each in worlds.ledger() if each.switchable})

    assert two.now() == NOW
    assert not two.rows.given("toy", "rows")
    assert not two.rows.replaced("toy", "rows")
    assert two.store.get("things", "a") is None
    assert two.shelf == {}
    assert two.credentials.holder("toy", "first") is None
    assert two.chosen == {}


def test_worlds_of_one_seed_have_secrets_of_their_own(worlds: Worlds) -> None:
    one, two = worlds.create(RECIPE), worlds.create(RECIPE)
    other = Worlds(APIS, Recipe(seed=1))

    assert len({one.mint("a"), two.mint("a"), worlds.default.mint("a"), other.default.mint("a")}) == 4


def test_a_minted_number_never_comes_twice_and_is_the_same_in_every_run() -> None:
    def mint() -> list[int]:
        world = Worlds(APIS, RECIPE).default
        return [world.mint("a"), world.mint("a"), world.mint("b")]

    assert len(set(mint())) == 3
    assert mint() == mint()


def test_a_credential_finds_its_world(worlds: Worlds) -> None:
    one, two = worlds.create(RECIPE), worlds.create(RECIPE)
    first, second = secret(one), secret(two)

    assert worlds.owner("toy", first) is one
    assert worlds.owner("toy", second) is two
    assert worlds.owner("other", first) is None
    assert worlds.owner("toy", "junk") is None


def test_a_dropped_world_is_gone_with_its_credentials(worlds: Worlds) -> None:
    world = worlds.create(RECIPE)
    token = secret(world)
    worlds.drop(world.id)

    assert worlds.owner("toy", token) is None
    with pytest.raises(NoSuchWorld, match=f"world '{world.id}' is not known here; POST /_testcard/worlds") as caught:
        worlds.get(world.id)
    assert not caught.value.evicted


def test_dropping_default_starts_it_anew(worlds: Worlds) -> None:
    before = worlds.default
    before.clock.advance(5)
    worlds.drop("default")

    assert worlds.default is not before
    assert worlds.default.now() == NOW


def test_a_reset_world_has_its_first_day_back(worlds: Worlds) -> None:
    world = worlds.create(Recipe(seed=7, now=NOW, readings={}))
    first = world.mint("a")
    world.clock.advance(3600)
    world.store.put("things", "a", 1)
    world.rows.put("toy", "rows", [{}], replace=False)
    again = worlds.reset(world.id)

    assert again is worlds.get(world.id)
    assert (again.id, again.seed, again.now()) == (world.id, 7, NOW)
    assert again.store.count("things") == 0
    assert list(again.rows.tables()) == []
    assert again.mint("a") == first


def test_the_world_unused_for_longest_makes_room_and_it_is_said(
    worlds: Worlds, caplog: pytest.LogCaptureFixture
) -> None:
    oldest, used, young = (worlds.create(RECIPE) for _ in range(3))
    worlds.get(oldest.id)
    with caplog.at_level(logging.WARNING, "testcard.worlds"):
        worlds.create(RECIPE)

    assert len(worlds) == 4
    assert {oldest.id, young.id, "default"} < {world.id for world in worlds}
    with pytest.raises(NoSuchWorld, match=f"world '{used.id}' was evicted: .* --max-worlds") as caught:
        worlds.get(used.id)
    assert caught.value.evicted
    assert f"world {used.id} evicted: 4 worlds are the maximum" in caplog.text


def test_default_is_never_evicted(worlds: Worlds) -> None:
    for _ in range(20):
        worlds.create(RECIPE)

    assert worlds.get("default") is worlds.default
    assert len(worlds) == 4


def test_an_evicted_world_leaves_nothing_in_memory(worlds: Worlds) -> None:
    world = worlds.create(RECIPE)
    token = secret(world)
    gone = weakref.ref(world)
    closed: list[str] = []
    world.on_close(lambda: closed.append("file"))
    del world
    for _ in range(4):
        worlds.create(RECIPE)
    gc.collect()

    assert gone() is None
    assert closed == ["file"]
    assert worlds.owner("toy", token) is None


def test_the_names_of_evicted_worlds_are_bounded_too(worlds: Worlds) -> None:
    first = worlds.create(RECIPE).id
    for _ in range(100):
        worlds.create(RECIPE)

    with pytest.raises(NoSuchWorld) as caught:
        worlds.get(first)
    assert not caught.value.evicted


def test_a_credential_of_an_evicted_world_is_known_as_such(worlds: Worlds) -> None:
    token = secret(world := worlds.create(RECIPE))
    worlds.check_lost("toy", [token])
    for _ in range(3):
        worlds.create(RECIPE)

    with pytest.raises(NoSuchWorld, match=f"world '{world.id}' was evicted") as caught:
        worlds.check_lost("toy", ["junk", token])
    assert caught.value.evicted
    worlds.check_lost("other", [token])


def test_the_credentials_of_evicted_worlds_are_bounded_too(worlds: Worlds) -> None:
    first = secret(worlds.create(RECIPE))
    for _ in range(200):
        secret(worlds.create(RECIPE))

    assert len(worlds._lost) == 80
    worlds.check_lost("toy", [first])


def test_one_world_is_not_enough() -> None:
    with pytest.raises(UserError, match="at most 1 worlds: expected at least 2"):
        Worlds(APIS, RECIPE, limit=1)


@pytest.mark.parametrize("act", [lambda worlds: worlds.reset("default"), lambda worlds: worlds.close()])
def test_what_a_world_holds_outside_memory_is_let_go_once(worlds: Worlds, act: Any) -> None:
    closed: list[int] = []
    worlds.default.on_close(lambda: closed.append(1))
    worlds.default.on_close(lambda: closed.append(2))
    act(worlds)
    act(worlds)

    assert sorted(closed) == [1, 2]


def test_readings_follow_the_dialect_until_one_is_chosen(worlds: Worlds) -> None:
    entry = next(each for each in worlds.ledger() if each.switchable and each.documented != each.observed)
    plain, observed = worlds.create(RECIPE), worlds.create(Recipe(now=NOW, dialect="observed"))

    assert (plain.reading(entry.id), observed.reading(entry.id)) == (entry.documented, entry.observed)
    plain.choose({entry.id: entry.observed})
    assert plain.reading(entry.id) == plain.readings()[entry.id] == entry.observed
    assert plain.chosen == {entry.id: entry.observed}


def test_a_choice_with_one_mistake_changes_nothing(worlds: Worlds) -> None:
    entry = next(each for each in worlds.ledger() if each.switchable and each.documented != each.observed)

    with pytest.raises(UserError):
        worlds.default.choose({entry.id: entry.observed, "VC-999": "x"})

    assert worlds.default.chosen == {}


def test_an_api_opens_once_in_a_world_and_again_after_a_failure(worlds: Worlds) -> None:
    opened: list[str] = []

    def fail() -> None:
        raise RuntimeError("not today")

    with pytest.raises(RuntimeError):
        worlds.default.open_once("toy", fail)
    for _ in range(2):
        worlds.default.open_once("toy", lambda: opened.append("toy"))

    assert opened == ["toy"]


def test_a_world_says_what_it_is(worlds: Worlds) -> None:
    assert repr(worlds.default) == "World('default', seed=1729, profile='default', now=2026-03-02T12:00:00Z)"


# Credentials


@pytest.fixture
def credentials() -> Credentials:
    issued = Credentials(lambda _api, _secret: None)
    issued.add_holder(Holder("toy", "first"))
    for kind, text, lasting in (("token", "t1", False), ("token", "t2", False), ("refresh", "r1", True)):
        issued.issue(Credential("toy", kind, text, "first", NOW, NOW + timedelta(hours=1), lasting=lasting))
    issued.issue(Credential("other", "token", "t1", "second", NOW))
    return issued


def test_a_credential_is_found_by_api_kind_and_secret(credentials: Credentials) -> None:
    found = credentials.find("toy", "token", "t1")

    assert found is not None
    assert found.holder == "first"
    assert credentials.find("toy", "refresh", "t1") is None


@pytest.mark.parametrize(
    ("wanted", "secrets"),
    [
        ({}, ["t1", "t2", "r1", "t1"]),
        ({"api": "toy"}, ["t1", "t2", "r1"]),
        ({"api": "toy", "kind": "token"}, ["t1", "t2"]),
        ({"holder": "second"}, ["t1"]),
        ({"api": "toy", "holder": "second"}, []),
    ],
)
def test_credentials_are_listed_by_what_is_given(
    credentials: Credentials, wanted: Mapping[str, str], secrets: list[str]
) -> None:
    assert [each.secret for each in credentials.of(**wanted)] == secrets


def test_a_credential_expires_at_its_instant_and_not_before() -> None:
    credential = Credential("toy", "token", "t", "first", NOW, NOW + timedelta(hours=1))

    assert not credential.expired(NOW + timedelta(minutes=59, seconds=59))
    assert credential.expired(NOW + timedelta(hours=1))
    assert not Credential("toy", "token", "t", "first", NOW).expired(datetime(9999, 1, 1, tzinfo=UTC))


def test_a_forgotten_credential_was_never_issued(credentials: Credentials) -> None:
    credential = credentials.find("toy", "token", "t1")
    assert credential is not None
    credentials.forget(credential)

    assert credentials.find("toy", "token", "t1") is None


def test_credentials_come_back_from_a_dump(credentials: Credentials) -> None:
    claimed: list[tuple[str, str]] = []
    copy = Credentials(lambda api, text: claimed.append((api, text)))
    copy.restore(credentials.dump())

    assert copy.dump() == credentials.dump()
    assert ("toy", "t1") in claimed
    assert copy.holders("toy") == credentials.holders("toy")


# The store


def test_a_store_keeps_values_in_the_order_of_their_first_put() -> None:
    store = MemoryStore()
    for key, value in (("b", 1), ("a", 2), ("b", 3)):
        store.put("things", key, value)

    assert list(store.scan("things")) == [("b", 3), ("a", 2)]
    assert store.count("things") == 2
    assert (store.get("things", "b"), store.get("things", "c"), store.get("others", "b")) == (3, None, None)


def test_a_scan_does_not_mind_what_happens_meanwhile() -> None:
    store = MemoryStore()
    store.put("things", "a", 1)
    scan = store.scan("things")
    store.put("things", "b", 2)
    store.delete("things", "a")

    assert list(scan) == [("a", 1)]


def test_deleting_says_whether_there_was_something() -> None:
    store = MemoryStore()
    store.put("things", "a", None)
    store.put("things", "b", 0)

    assert store.delete("things", "a")
    assert store.delete("things", "b")
    assert not store.delete("things", "b")
    assert not store.delete("others", "b")


def test_a_dump_is_a_copy_and_so_is_what_is_restored() -> None:
    store = MemoryStore()
    store.put("things", "a", {"n": [1]})
    dump = store.dump()
    store.get("things", "a")["n"].append(2)
    store.put("things", "b", 1)
    store.restore(dump)
    dump["things"]["a"]["n"].append(3)

    assert store.dump() == {"things": {"a": {"n": [1]}}}


# Explicit rows


def test_rows_stand_beside_the_story_or_in_its_place() -> None:
    rows = Rows()
    rows.put("toy", "rows", [{"n": 1}], replace=False)
    assert not rows.replaced("toy", "rows")
    rows.put("toy", "rows", [{"n": 2}], replace=True)
    rows.put("toy", "rows", [{"n": 3}], replace=False)

    assert rows.replaced("toy", "rows")
    assert rows.given("toy", "rows") == [{"n": 2}, {"n": 3}]
    assert list(rows.tables()) == ["toy/rows"]


def test_every_write_is_a_new_version() -> None:
    rows = Rows()
    versions = [rows.version]
    for replace in (True, False):
        rows.put("toy", "rows", [], replace=replace)
        versions.append(rows.version)
    rows.restore(rows.dump())
    versions.append(rows.version)

    assert len(set(versions)) == 4


def test_rows_come_back_from_a_dump() -> None:
    rows, again = Rows(), Rows()
    rows.put("toy", "rows", [{"n": [1]}], replace=True)
    dump = rows.dump()
    again.restore(dump)
    dump["given"]["toy/rows"][0]["n"].append(2)

    assert again.given("toy", "rows") == [{"n": [1]}]
    assert again.replaced("toy", "rows")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"name": 1}, 'things: row 1: name: 1 is not of type "string"'),
        ({}, 'things: row 1: the row: "name" is a required property'),
        ("junk", "things: row 1: the row: "),
    ],
)
def test_a_row_that_is_none_is_named(row: Any, said: str) -> None:
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}

    def fill(_world: World, given: Row, _at: int) -> Row:
        return given

    table = Table("things", schema, fill, lambda _world: [])

    with pytest.raises(RowError) as caught:
        table.check([{"name": "x"}, row])
    assert str(caught.value).startswith(said)


def test_files_go_with_a_world_that_nobody_closed() -> None:
    worlds = Worlds(APIS, RECIPE)
    place = worlds.default.folder()
    (place / "part").write_bytes(b"x" * 1000)
    assert place.exists()

    del worlds
    gc.collect()

    assert not place.exists()
