"""Laws of IBM Video Streaming Analytics, and every answer against a model in plain Python."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ibmvideo_desk import Desk
from testcard.suite.oracles import ibmvideo as model
from testcard.suite.oracles.ibmvideo import Asked

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRID = [NOON + timedelta(minutes=20 * step) for step in range(5)]
PEOPLE = ("ann@example.com", "ANN@example.com", "50%", "a_b", "a%b", "sub_0000001")
CLIENTS = ("10000000000000000001", "9999999999999999999999", "7")
CONTENTS = (("live", 77569623), ("live", 218287986), ("recorded", 218287986), ("recorded", 5))
PLACES = (("Portland", "US"), ("Budapest", "HU"))

Row = dict[str, Any]
DESK = Desk(profile="empty", now="2026-03-02T12:00:00Z")


def iso(moment: datetime) -> str:
    return moment.isoformat()


def row(number: int, start: datetime, finish: datetime | None, **more: Any) -> Row:
    """A segment; identifiers do not run with the numbers."""
    return {
        "view_id": f"{(number * 2654435761) % (1 << 32):08x}-0000-4000-8000-{number:012x}",
        "content_type": "live",
        "content_id": 77569623,
        "started_at": iso(start),
        "finished_at": None if finish is None else iso(finish),
        "from": 0,
        "to": 0,
        "viewer_identifier": PEOPLE[number % len(PEOPLE)],
        "client_id": CLIENTS[number % len(CLIENTS)],
        **more,
    }


@st.composite
def segments(draw: st.DrawFn) -> list[Row]:
    """Up to a dozen segments whose times meet often."""
    made = []
    minutes = st.integers(0, 12).map(lambda n: NOON + timedelta(minutes=10 * n))
    for number in range(draw(st.integers(0, 12))):
        start, lasts = draw(minutes), draw(st.sampled_from([None, 0, 1, 600, 1200, 3600]))
        kind, content = draw(st.sampled_from(CONTENTS))
        city, country = draw(st.sampled_from(PLACES))
        finish = None if lasts is None else start + timedelta(seconds=lasts)
        more = {"content_type": kind, "content_id": content, "city": city, "country": country}
        who = {"viewer_identifier": draw(st.sampled_from(PEOPLE)), "client_id": draw(st.sampled_from(CLIENTS))}
        made.append(row(number, start, finish, **more, **who))
    return made


@st.composite
def questions(draw: st.DrawFn) -> tuple[Asked, datetime]:
    """A period and a now on the same grid as the segments, or half a step beside it."""
    moments = st.integers(0, 26).map(lambda n: NOON + timedelta(minutes=5 * n))
    first, last = sorted([draw(moments), draw(moments)])
    return Asked(first, last, draw(st.booleans()), draw(st.booleans())), draw(moments)


def have(rows: Sequence[Row], now: datetime) -> None:
    DESK.put(rows)
    DESK.at(iso(now))


def token() -> str:
    """A token that is good at the world's now."""
    return dict(DESK.mock.env("ibmvideo"))["TOKEN"]


def ask(path: str, asked: Asked | None = None, **more: Any) -> list[Row]:
    query = {}
    if asked is not None:
        query = {"date_time_from": iso(asked.first), "date_time_to": iso(asked.last)}
        if path.startswith("/views"):
            query["list_unfinished_segments"] = str(asked.unfinished).lower()
            query["inclusive_range"] = str(asked.inclusive).lower()
    return DESK.attributes(path, {**query, **more}, token=token())


def ids(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [each.get("view_id") or each["id"] for each in rows]


@pytest.fixture(autouse=True)
def _plain_readings() -> Iterator[None]:
    yield
    DESK.read(IB_13="literal", IB_14="closed", IB_15="excluded", IB_34="oldest-first", IB_16="los-angeles")


@pytest.mark.parametrize("criteria", ["literal", "literal-open", "overlap"])
@pytest.mark.parametrize("ends", ["closed", "half-open"])
@pytest.mark.parametrize("running", ["excluded", "kept"])
def test_truth_table_of_periods_flags_and_clocks(criteria: str, ends: str, running: str) -> None:
    """Every begin, end and now against every period of a grid, ties and all, under every reading."""
    spans = [*itertools.combinations_with_replacement(GRID[:4], 2), *((start, None) for start in GRID[:4])]
    rows = [row(number, *span) for number, span in enumerate(spans)]
    DESK.read(IB_13=criteria, IB_14=ends, IB_15=running)
    DESK.put(rows)
    for now in (GRID[0], GRID[2], GRID[2] + timedelta(minutes=10), GRID[4]):
        DESK.at(iso(now))
        for first, last in itertools.combinations_with_replacement(GRID[:4], 2):
            for unfinished, inclusive in itertools.product((True, False), repeat=2):
                asked = Asked(first, last, unfinished, inclusive)
                expected = model.views(rows, asked, now, {"IB-13": criteria, "IB-14": ends, "IB-15": running})
                assert ids(ask("/views", asked)) == ids(expected), (asked, now)


@given(segments(), questions())
@example([row(1, NOON, None)], (Asked(NOON, NOON + HOUR), NOON + HOUR))
@example([row(1, NOON - HOUR, NOON + HOUR)], (Asked(NOON, NOON + 2 * HOUR), NOON + 2 * HOUR))
def test_views_are_those_of_the_model(rows: list[Row], question: tuple[Asked, datetime]) -> None:
    asked, now = question
    have(rows, now)

    found = ask("/views", asked)

    expected = model.views(rows, asked, now)
    assert ids(found) == ids(expected)
    for each, wanted in zip(found, expected, strict=True):
        finish = model.end(wanted, now)
        assert each["finished_at"] == (iso(finish) if finish else None)
        assert {name: each[name] for name in ("viewer_identifier", "client_id", "content_type", "started_at")} == {
            name: wanted[name] for name in ("viewer_identifier", "client_id", "content_type", "started_at")
        }


STORY = Desk(profile="small", now="2026-03-02T12:00:00Z")
LATELY = STORY.table("2026-02-24T00:00:00Z")


@given(st.integers(0, 3600 * 60), st.integers(0, 3600 * 12), st.booleans(), st.booleans(), st.data())
def test_the_storys_views_are_those_of_the_model(
    back: int, length: int, unfinished: bool, inclusive: bool, data: st.DataObject
) -> None:
    """Periods that begin and end on segments' own seconds as often as beside them."""
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    first = now - timedelta(seconds=back)
    edges = [model.begin(each) for each in LATELY] + [moment for each in LATELY if (moment := model.end(each, now))]
    if data.draw(st.booleans()):
        first = min(edges, key=lambda moment: abs(moment - first))
    last = first + timedelta(seconds=length)
    if data.draw(st.booleans()):
        behind = [moment for moment in edges if moment >= first]
        last = min(behind, key=lambda moment: abs(moment - last), default=last)
    asked = Asked(first, last, unfinished, inclusive)
    query = {"date_time_from": iso(first), "date_time_to": iso(last)}
    flags = {"list_unfinished_segments": str(unfinished).lower(), "inclusive_range": str(inclusive).lower()}

    found = STORY.attributes("/views", {**query, **flags})

    assert ids(found) == ids(model.views(LATELY, asked, now))


@given(segments(), questions())
def test_views_are_live_and_recorded_ones(rows: list[Row], question: tuple[Asked, datetime]) -> None:
    asked, now = question
    have(rows, now)

    live, recorded = ask("/views/live", asked), ask("/views/recorded", asked)

    assert sorted(ids(live) + ids(recorded)) == sorted(ids(ask("/views", asked)))
    assert {each["content_type"] for each in live} <= {"live"}
    assert {each["content_type"] for each in recorded} <= {"recorded"}


@given(segments(), questions(), st.sets(st.sampled_from([218287986, 5, 12]), min_size=1))
def test_content_ids_pick_within_their_type(
    rows: list[Row], question: tuple[Asked, datetime], wanted: set[int]
) -> None:
    asked, now = question
    have(rows, now)

    found = ask("/views/recorded", asked, content_id=",".join(map(str, wanted)))

    there = [each for each in rows if each["content_type"] == "recorded" and each["content_id"] in wanted]
    assert ids(found) == ids(model.views(there, asked, now))


@given(segments(), questions(), st.sampled_from(["", "%", "_", "ann", "ANN@", "a%", "nobody"]))
def test_viewers_are_those_of_the_model(rows: list[Row], question: tuple[Asked, datetime], containing: str) -> None:
    """One entry for each identifier; per cent and underscore are letters like others."""
    asked, now = question
    have(rows, now)

    query = {"list_unfinished_segments": str(asked.unfinished).lower(), "viewer_identifier": containing}
    found = ask("/viewers", None, **query)

    expected = model.viewers(rows, now, unfinished=asked.unfinished, containing=containing)
    assert [each["viewer_identifier"] for each in found] == list(expected)
    for each, wanted in zip(found, expected.values(), strict=True):
        assert ids(each["segments"]) == ids(wanted)
        contents = {(one["content_type"], int(one["content_id"])) for one in wanted}
        assert each["videos_watched"] == len(contents)
        assert each["last_activity"] == iso(max(map(model.begin, wanted)))


@given(segments(), questions())
def test_viewers_and_views_join_on_the_segment(rows: list[Row], question: tuple[Asked, datetime]) -> None:
    _, now = question
    have(rows, now)

    everything = Asked(NOON - timedelta(days=1), now + timedelta(days=1))
    views = {each.pop("view_id"): each for each in ask("/views", everything)}
    listed = [(each["viewer_identifier"], one) for each in ask("/viewers") for one in each["segments"]]

    assert sorted(one["id"] for _, one in listed) == sorted(views)
    for identifier, one in listed:
        view = views[one.pop("id")]
        assert view.pop("viewer_identifier") == identifier
        assert str(one.pop("content_id")) == view.pop("content_id")
        assert one == view


@given(segments(), questions(), st.integers(1, 5), st.sampled_from(["oldest-first", "newest-first"]))
def test_pages_partition(rows: list[Row], question: tuple[Asked, datetime], limit: int, order: str) -> None:
    asked, now = question
    DESK.read(IB_34=order)
    have(rows, now)
    query = {"date_time_from": iso(asked.first), "date_time_to": iso(asked.last)}

    pages = [answer.json for answer in _walk("/views", {**query, "_limit": limit})]

    expected = ids(model.views(rows, Asked(asked.first, asked.last), now))
    walked = [each["attributes"]["view_id"] for page in pages for each in page["resources"]]
    assert walked == (expected if order == "oldest-first" else expected[::-1])
    assert all(len(page["resources"]) == limit for page in pages[:-1])
    assert {page["pagination"]["count"] for page in pages} == {max(1, -(-len(expected) // limit))} == {len(pages)}
    assert [page["pagination"]["prev"] is None for page in pages] == [True] + [False] * (len(pages) - 1)


def _walk(path: str, query: Row) -> Iterator[Any]:
    DESK.token = token()
    return DESK.pages(path, query)


@given(segments(), questions(), st.sampled_from([2025, 2026]), st.sampled_from(["03-09", "11-02", "07-01"]))
def test_naive_and_explicit_times_agree(rows: list[Row], question: tuple[Asked, datetime], year: int, day: str) -> None:
    """Through both clock changes, the hour that is missing and the one that comes twice included."""
    asked, _ = question
    midnight = datetime.fromisoformat(f"{year}-{day}T00:00:00")
    hours = [midnight + (moment - NOON) * 2 for moment in (asked.first, asked.last)]
    first, last = (model.los_angeles(hour) for hour in hours)
    shift = first - NOON
    moved = [
        {**each, **{name: each[name] and iso(datetime.fromisoformat(each[name]) + shift) for name in _TIMES}}
        for each in rows
    ]
    have(moved, last + timedelta(days=1))
    if first > last:
        return

    naive = DESK.attributes(
        "/views",
        {"date_time_from": hours[0].isoformat(), "date_time_to": hours[1].isoformat()},
        token=token(),
    )

    assert naive == ask("/views", Asked(first, last))


_TIMES = ("started_at", "finished_at")


@settings(max_examples=30)
@given(segments(), questions(), st.sampled_from(["total_views", "unique_devices", "authenticated_viewers"]))
def test_counts_are_sums_of_segments(rows: list[Row], question: tuple[Asked, datetime], metric: str) -> None:
    asked, now = question
    have(rows, now)
    family = metric.replace("_", "-")
    for kind in ("", "/live", "/recorded"):
        there = [each for each in rows if kind in ("", f"/{each['content_type']}")]
        begun = model.started(there, asked, now)
        assert ask(f"/{family}{kind}/summary", asked) == [
            {"dimension_type": "summary", "point": metric, "value": model.metric(begun, metric)}
        ]
        for dimension in ("month", "day", "hour", "country", "location"):
            found = {each["point"]: each["value"] for each in ask(f"/{family}{kind}/{dimension}", asked)}
            assert found == model.breakdown(begun, metric, model.point_of(dimension, {})), (kind, dimension)


@settings(max_examples=30)
@given(
    segments(),
    questions(),
    st.sampled_from(["month", "day", "hour", "minute"]),
    st.booleans(),
    st.sampled_from(["closed", "half-open"]),
)
def test_flows_are_sums_of_overlaps(
    rows: list[Row], question: tuple[Asked, datetime], step: str, peak: bool, ends: str
) -> None:
    """Whether the end of a period belongs to it or not: it lasts no time."""
    asked, now = question
    DESK.read(IB_14=ends)
    have(rows, now)
    family = "peak-viewer-numbers" if peak else "viewer-seconds"

    found = ask(f"/{family}", asked, granularity=step)

    expected = model.over_time(rows, asked, now, step, peak=peak)
    assert [
        (datetime.fromisoformat(each["time"]), each["content_type"], int(each["content_id"]), each["value"])
        for each in found
    ] == expected
    for kind, content in CONTENTS:
        ran = model.whole(model.of_contents(rows, kind, [str(content)]), asked, now, peak=peak)
        whole = DESK.get(
            f"/{family}/{kind}/summary",
            token=token(),
            query={"date_time_from": iso(asked.first), "date_time_to": iso(asked.last), "content_id": content},
        ).json
        assert whole["pagination"] == {}
        values = [each["attributes"]["value"] for each in whole["resources"]]
        assert values == ([ran[1]] if ran else [])


@given(
    age=st.sampled_from([0, 3599, 3600, 86_399, 86_400]) | st.integers(0, 100_000),
    revoked=st.booleans(),
    life=st.sampled_from([("one-day", 86_400), ("one-hour", 3600)]),
)
def test_a_token_is_good_until_its_time_or_a_revocation_ends_it(age: int, revoked: bool, life: tuple[str, int]) -> None:
    """As long as the reading of its life says."""
    reading, life_s = life
    desk = Desk(profile="empty", readings={"IB-55": reading})
    if revoked:
        assert desk.mock.post("/_testcard/worlds/default/tokens/revoke", json={"api": "ibmvideo"}).status == 200
    desk.mock.world.clock.advance(age)

    assert desk.get("/viewers").status == (401 if revoked or age >= life_s else 200)


@given(segments(), questions())
def test_adjacent_half_open_periods_tile(rows: list[Row], question: tuple[Asked, datetime]) -> None:
    """What begins is in one of two periods side by side, never in both."""
    asked, now = question
    DESK.read(IB_14="half-open")
    have(rows, now)
    middle = asked.first + (asked.last - asked.first) / 2

    parts = [ask("/total-views/summary", Asked(*span)) for span in ((asked.first, middle), (middle, asked.last))]

    both = ask("/total-views/summary", Asked(asked.first, asked.last))
    assert sum(part[0]["value"] for part in parts) == both[0]["value"]
