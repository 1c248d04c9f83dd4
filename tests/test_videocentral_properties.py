"""Laws of Video Central, for whatever rows, filters, pages, addresses and clocks Hypothesis thinks of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from support import Answer
from videocentral_desk import BASE, Desk, read_csv, unpack
from videocentral_model import Model

Row = dict[str, Any]

IDS = {"accountId": "0071", "reportGroupId": "channels", "channelId": "c 1/ü", "reportTypeId": "t"}
PATH = "/accounts/0071/channels/c%201%2F%C3%BC/reportTypes/t/reports"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIELDS = ("name", "cadence", "numRows", "reportDateBegin", "reportDateEnd", "modifiedDate")

few_days = st.sampled_from([date(2019, 12, 31), date(2020, 1, 1), date(2020, 2, 29), date(2020, 3, 1)])  # they collide
few_instants = st.builds(
    lambda day, ms: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(milliseconds=ms),
    few_days,
    st.sampled_from([0, 1, 999, 43_200_000, 86_399_999]),
)


def write(instant: datetime) -> str:
    """As the API writes instants."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


@st.composite
def reports(draw: st.DrawFn) -> Row:
    """A report row; few distinct days, so that begins and generations collide."""
    begin = draw(few_days)
    end = begin + timedelta(days=draw(st.sampled_from([0, 6, 29])))
    modified = draw(st.one_of(few_instants, st.sampled_from([NOW, NOW + timedelta(milliseconds=1)])))
    return {
        **IDS,
        "name": "Sales",
        "cadence": draw(st.sampled_from(["Daily", "Weekly", "Monthly", "Quarterly"])),
        "numRows": draw(st.integers(0, 3)),
        "reportDateBegin": begin.isoformat(),
        "reportDateEnd": end.isoformat(),
        "modifiedDate": write(modified),
    }


bounds = st.one_of(
    few_days.map(date.isoformat),
    few_instants.map(write),
    few_instants.map(lambda at: at.isoformat().replace("+00:00", "+00:00")),
    few_instants.map(lambda at: (at + timedelta(hours=2)).isoformat().replace("+00:00", "+02:00")),
)
filters = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("reportDateBeginGte", "reportDateBeginLt", "modifiedDateGte"), bounds)
)
tables = st.lists(reports(), max_size=12)


def world_of(rows: list[Row], **readings: str) -> Desk:
    """A world with exactly these reports."""
    desk = Desk(
        profile="empty", now=write(NOW), readings={name.replace("_", "-"): each for name, each in readings.items()}
    )
    desk.put("accounts", {"id": IDS["accountId"]})
    parents = {name: IDS[name] for name in ("accountId", "reportGroupId", "channelId")}
    desk.put("reportTypes", {**parents, "id": IDS["reportTypeId"], "cadence": "Daily"})
    desk.put("reports", *rows)
    return desk


def plain(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Rows without what only an answer or only the model has."""
    return [tuple(row[name] for name in FIELDS) for row in rows]


NEW_YEAR = {
    **IDS,
    "name": "Sales",
    "cadence": "Daily",
    "numRows": 1,
    "reportDateBegin": "2020-01-01",
    "reportDateEnd": "2020-01-01",
    "modifiedDate": "2020-01-02T00:00:00.000Z",
}


@given(rows=tables, chosen=filters)
@example(rows=[], chosen={})
@example(rows=[NEW_YEAR], chosen={"reportDateBeginGte": "2020-01-01T02:00:00+02:00"})
def test_filters_are_the_models(rows: list[Row], chosen: dict[str, str]) -> None:
    answer = world_of(rows).get(PATH, limit=50, **chosen)

    wanted = Model(rows, NOW).reports(**chosen)
    assert plain(answer.json["data"]) == plain(wanted)
    assert answer.json["total"] == len(wanted)


@given(rows=tables, chosen=filters, limit=st.integers(1, 14), by_items=st.booleans())
@example(rows=[], chosen={}, limit=1, by_items=True)
def test_pages_partition_the_list(rows: list[Row], chosen: dict[str, str], limit: int, by_items: bool) -> None:
    """A walk by `next` is a walk by `offset` is the model, and `next` ends exactly with the list."""
    desk = world_of(rows, VC_01="items" if by_items else "pages")
    model = Model(rows, NOW)
    step = limit if by_items else 1
    walked, link, offset = [], PATH, 0
    params: dict[str, Any] = {"limit": limit, **chosen}
    while link:
        page = desk.get(link, **params).json
        by_offset = desk.get(PATH, limit=limit, offset=offset, **chosen).json
        items, total, more = model.page(limit, offset, by_items=by_items, **chosen)
        assert page == by_offset
        assert (plain(page["data"]), page["total"], page["next"] is not None) == (plain(items), total, more)
        walked += page["data"]
        link, params, offset = page["next"], {}, offset + step
    assert plain(walked) == plain(model.reports(**chosen))


@given(rows=tables, limit=st.integers(1, 5), offset=st.integers(0, 15), by_items=st.booleans())
def test_any_offset_is_the_models(rows: list[Row], limit: int, offset: int, by_items: bool) -> None:
    desk = world_of(rows, VC_01="items" if by_items else "pages")
    page = desk.get(PATH, limit=limit, offset=offset).json

    items, total, more = Model(rows, NOW).page(limit, offset, by_items=by_items)
    assert (plain(page["data"]), page["total"], page["next"] is not None) == (plain(items), total, more)


@given(rows=tables, cuts=st.lists(bounds, max_size=4))
def test_adjacent_windows_tile(rows: list[Row], cuts: list[str]) -> None:
    desk = world_of(rows)
    ordered = sorted(cuts, key=lambda cut: desk_instant(cut))
    edges = [None, *ordered, None]
    tiles: list[Row] = []
    for low, high in pairwise(edges):
        window = {"reportDateBeginGte": low, "reportDateBeginLt": high}
        tiles += desk.all(PATH, limit=50, **{name: value for name, value in window.items() if value})
    assert plain(tiles) == plain(desk.all(PATH, limit=50))


def desk_instant(cut: str) -> datetime:
    """When a bound lies."""
    return datetime.fromisoformat(cut) if "T" in cut else datetime.fromisoformat(f"{cut}T00:00:00+00:00")


hosts = st.from_regex(r"[a-z][a-z0-9\-]{0,10}[a-z0-9](\.[a-z]{2,5})?(:[1-9][0-9]{1,3})?", fullmatch=True)
prefixes = st.from_regex(r"(/[A-Za-z0-9._~\-]{1,8}){0,3}", fullmatch=True).filter(lambda text: "/~" not in text)


@settings(max_examples=30)
@given(host=hosts, scheme=st.sampled_from(["http", "https"]), prefix=prefixes, other_world=st.booleans())
@example(host="localhost:8900", scheme="http", prefix="", other_world=True)
def test_links_lead_back_whatever_the_address(host: str, scheme: str, prefix: str, other_world: bool) -> None:
    desk = Desk()
    mount = ""
    if other_world:
        created = desk.mock.post("/_testcard/worlds", json={}).json
        desk.env["TOKEN"] = created["env"]["TESTCARD_VIDEOCENTRAL_TOKEN"]
        mount = f"/~{created['id']}"
    forwarded = {"X-Forwarded-Host": host, "X-Forwarded-Proto": scheme, "X-Forwarded-Prefix": prefix}

    def through_the_proxy(link: str, **headers: str) -> Answer:
        assert link.startswith(f"{scheme}://{host}{prefix}{mount}/")
        rest = link.removeprefix(f"{scheme}://{host}{prefix}")
        return desk.mock.get(f"http://inner.test{rest}", headers={**forwarded, **headers})

    first = desk.mock.get(f"{mount}{BASE}/accounts?limit=1", headers={**forwarded, **desk.headers}).json
    assert through_the_proxy(first["next"], **desk.headers).json["data"] != first["data"]
    path = desk.reports_path("Content Usage", "Weekly")
    page = desk.mock.get(f"{mount}{BASE}{path}?limit=1", headers={**forwarded, **desk.headers}).json
    report = page["data"][0]
    assert len(read_csv(unpack(through_the_proxy(report["downloadUrl"]).body))) == report["numRows"]


@settings(max_examples=20)
@given(
    start=st.integers(0, 9 * 365 * 24).map(lambda hours: datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    steps=st.lists(st.integers(1, 20 * 86_400), min_size=1, max_size=3),
    kind=st.sampled_from(
        [("Content Usage", "Weekly", "channels"), ("First and Last VOD Title", "Daily", "channelsPremium")]
    ),
)
def test_the_clock_only_adds_or_regenerates(start: datetime, steps: list[int], kind: tuple[str, str, str]) -> None:
    desk = Desk(now=start.isoformat())
    path = desk.reports_path(kind[0], kind[1], group=kind[2])
    known: dict[str, Row] = {}
    for step in [0, *steps]:
        since = desk.mock.world.now()
        desk.later(seconds=step)
        rows = {row["reportDateBegin"]: row for row in desk.all(path, limit=5000)}
        for begin, old in known.items():
            assert rows[begin]["modifiedDate"] >= old["modifiedDate"]
            assert {**rows[begin], "modifiedDate": 0, "downloadUrl": 0} == {**old, "modifiedDate": 0, "downloadUrl": 0}
        assert list(rows) == sorted(rows)
        assert all(datetime.fromisoformat(row["modifiedDate"]) <= desk.mock.world.now() for row in rows.values())
        if known:
            then = {begin: row["modifiedDate"] for begin, row in known.items()}
            now = {begin: row["modifiedDate"] for begin, row in rows.items()}
            changed = {begin: modified for begin, modified in now.items() if then.get(begin) != modified}
            found = desk.all(path, limit=5000, modifiedDateGte=write(since + timedelta(milliseconds=1)))
            assert {row["reportDateBegin"]: row["modifiedDate"] for row in found} == changed
        known = rows


@given(age=st.sampled_from([0, 3599, 3600]) | st.integers(0, 7200), revoked=st.booleans())
def test_a_token_is_good_until_its_time_or_a_revocation_ends_it(age: int, revoked: bool) -> None:
    desk = Desk()
    if revoked:
        assert desk.mock.post("/_testcard/worlds/default/tokens/revoke", json={"api": "videocentral"}).status == 200
    desk.mock.world.clock.advance(age)

    assert desk.get("/accounts").status == (401 if revoked or age >= 3600 else 200)


@given(
    cut=st.integers(0, 400),
    insert=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=3),
    drop=st.integers(0, 3),
    scheme=st.sampled_from(["Bearer ", "bearer ", "Basic ", "Token ", ""]),
)
def test_any_other_token_is_refused(cut: int, insert: str, drop: int, scheme: str) -> None:
    desk = Desk()
    token = desk.env["TOKEN"]
    other = token[:cut] + insert + token[cut + drop :]
    assume(other != token or scheme not in ("Bearer ", "bearer "))

    answer = desk.mock.get(f"{BASE}/accounts", headers={"Authorization": scheme + other})
    assert answer.status == 401
    assert answer.json["reason"] in ("malformed_token", "unknown_token", "missing_token")


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), dialect=st.sampled_from(["documented", "observed"]))
def test_same_seed_same_bytes_and_another_seed_other_secrets(seed: int, dialect: str) -> None:
    one, two, other = (Desk(seed=each, dialect=dialect) for each in (seed, seed, seed + 1))
    path = one.reports_path("Content Usage", "Monthly")

    assert one.env == two.env
    assert one.env["TOKEN"] != other.env["TOKEN"]
    assert one.get(path, limit=100).body == two.get(path, limit=100).body
    link = one.data(path, limit=1)[0]["downloadUrl"]
    assert one.mock.get(link).body == two.mock.get(link).body
    assert other.mock.get(link).status == 403


@given(rows=tables, limit=st.integers(1, 5))
def test_every_next_names_each_parameter_once(rows: list[Row], limit: int) -> None:
    page = world_of(rows).get(PATH, limit=limit, offset=0, reportDateBeginLt="2020-03-01T00:00:00+01:00").json

    if page["next"]:
        names = [name for name, _ in parse_qsl(urlsplit(page["next"]).query)]
        assert sorted(names) == ["limit", "offset", "reportDateBeginLt"]
