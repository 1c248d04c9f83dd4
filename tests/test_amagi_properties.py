"""Laws of Amagi Analytics, and every figure against a model in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import Mock
from testcard.suite.oracles import amagi as model
from testcard.suite.oracles.amagi import Asked

ZONES = ("US/Pacific", "US/Eastern", "Universal")
SHORT_DAY, LONG_DAY, PLAIN_DAY = date(2024, 3, 10), date(2024, 11, 3), date(2024, 6, 15)
CHANNELS = ("acme-one-roku", "acme-two-roku", "acme-three-samsung")
CONTENTS = ("c-1", "c-2", "C0NTENT3")
PLACES = (("Abbott", "United States"), ("Toronto", "Canada"), ("Wien", "Austria"))
DEVICES = (("Roku", "Roku"), ("Amazon Fire TV", "Smart TV"), ("LG TV", "Smart TV"), ("Others", "Others"))
ADDRESSES = ("198.18.0.1", "198.18.0.2", "2001:db8::1")
AGENTS = ("Roku/DVP-12.5", "Mozilla/5.0 (Web0S)", "VLC/3.0.20")
TAGS = ("tag-a", "tag-b")

Row = dict[str, Any]
T = TypeVar("T")
MOCK = Mock("amagi", profile="empty")


class World:
    """A private world with exactly some rows."""

    def __init__(self, sessions: Sequence[Row], events: Sequence[Row], now: datetime, **recipe: Any) -> None:
        self.now = now
        created = MOCK.post(
            "/_testcard/worlds", json={"profile": "empty", "now": now.isoformat().replace("+00:00", "Z"), **recipe}
        ).json
        self.id = created["id"]
        self.token = created["env"]["TESTCARD_AMAGI_TOKEN"]
        self.put("channels", [{"channelId": each} for each in CHANNELS])
        self.put("contents", [{"contentId": each, "contentName": f"Title {each}"} for each in CONTENTS])
        self.put("sessions", sessions)
        self.put("adEvents", events)

    def put(self, table: str, rows: Sequence[Row]) -> None:
        answer = MOCK.request("PUT", f"/_testcard/worlds/{self.id}/rows/amagi/{table}", json={"rows": list(rows)})
        assert answer.status == 200, answer.text

    def ask(self, kind: str, **params: Any) -> Any:
        answer = MOCK.get(
            f"/~{self.id}/amagi/api/v2", params={"type": kind, **params}, headers={"x-access-token": self.token}
        )
        assert answer.status == 200, answer.text
        return answer.json

    def figures(self, kind: str, asked: Asked, **params: Any) -> Any:
        return self.ask(
            kind, startDate=asked.first, endDate=asked.last, timezone=asked.zone, **asked.filters, **params
        )  # fmt: skip


@contextmanager
def world(*rows: Any, **recipe: Any) -> Iterator[World]:
    made = World(*rows, **recipe)
    try:
        yield made
    finally:
        MOCK.request("DELETE", f"/_testcard/worlds/{made.id}")


def text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Draw:
    """Takes choices out of one number, so that a row costs Hypothesis one draw and scenes can be full."""

    def __init__(self, number: int) -> None:
        self._left = number

    def below(self, limit: int) -> int:
        """A number from 0 to *limit* - 1."""
        self._left, taken = divmod(self._left, limit)
        return taken

    def one(self, choices: Sequence[T]) -> T:
        """One of *choices*."""
        return choices[self.below(len(choices))]


def drawn(make: Callable[[Draw, date], Row], day: date) -> st.SearchStrategy[Row]:
    """Rows around a day."""
    return st.integers(0, (1 << 60) - 1).map(lambda number: make(Draw(number), day))


def session(draw: Draw, day: date) -> Row:
    start = instant(draw, day)
    lasted = draw.one([None, 0, 29, 30, 60, 200, 3599, 3600, 5 * 3600])
    end = None if lasted is None else text(start + timedelta(seconds=lasted + draw.below(300) * (lasted > 200)))
    return {**who(draw), "start": text(start), "end": end}


def ad_event(draw: Draw, day: date) -> Row:
    time, tag = text(instant(draw, day)), draw.one(TAGS)
    return {**who(draw), "time": time, "adTag": tag, **{counter: draw.below(9) for counter in model.COUNTERS}}


def instant(draw: Draw, day: date) -> datetime:
    """On and around the hours of a day, wherever its clocks are; now and then days away."""
    near = draw.below(34) * 3600 + draw.one([-1, 0, 1799])
    return midnight(day) + timedelta(seconds=near, hours=draw.one([0, 0, 0, 0, 0, 24, -40]))


def who(draw: Draw) -> Row:
    city, country = draw.one(PLACES)
    name, kind = draw.one(DEVICES)
    return {
        "channelId": draw.one(CHANNELS),
        "contentId": draw.one(CONTENTS),
        "city": city,
        "country": country,
        "deviceName": name,
        "deviceType": kind,
        "ipAddress": draw.one(ADDRESSES),
        "userAgent": draw.one(AGENTS),
    }


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "channelId": st.sampled_from([*CHANNELS, ",".join(CHANNELS[:2])]),
        "contentId": st.sampled_from(CONTENTS),
        "city": st.sampled_from([city for city, _ in PLACES]),
        "country": st.sampled_from([*(country for _, country in PLACES), "Canada,Austria"]),
        "deviceName": st.sampled_from([name for name, _ in DEVICES]),
        "deviceType": st.sampled_from(["Roku", "Smart TV", "Others", "Smart TV,Roku"]),
    },
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Row], list[Row], Asked]:
    """Rows around a day, and a question about it; now is mostly later, sometimes in the middle."""
    day = draw(st.sampled_from([PLAIN_DAY, SHORT_DAY, LONG_DAY]))
    first = day - timedelta(days=draw(st.integers(0, 1)))
    now = midnight(day) + timedelta(seconds=draw(st.sampled_from([900_000, 72_000, 40_001])))
    asked = Asked(
        first,
        day + timedelta(days=draw(st.integers(0, 1))),
        draw(st.sampled_from(ZONES)),
        draw(st.just({}) | st.just({}) | FILTERS),
        now,
        draw(st.sampled_from([(6, 18), (0, 23), (2, 5), (12, 12), (0, 0), (1, 22)])),
    )
    size = draw(st.sampled_from([40, 20, 4, 0]))  # lists are short of themselves, and a short one shows little
    rows = draw(st.lists(drawn(session, day), min_size=size, max_size=40))
    return rows, draw(st.lists(drawn(ad_event, day), min_size=size // 2, max_size=20)), asked


NAMES: Mapping[str, str] = {each: f"Title {each}" for each in CONTENTS}


@given(scenes())
def test_daily_viewership_is_the_models(scene: Any) -> None:
    rows, events, asked = scene
    with world(rows, events, asked.now) as made:
        answer = made.figures("viewershipAnalytics", asked, interval="DAILY")
    assert without_range(answer) == model.viewership(rows, asked, "DAILY")


@given(scenes())
def test_hourly_viewership_is_the_models(scene: Any) -> None:
    rows, events, asked = scene
    begin, end = (f"{hour:02}:00" for hour in asked.hours)
    if asked.first == asked.last and asked.hours[1] < asked.hours[0]:
        return
    with world(rows, events, asked.now) as made:
        answer = made.figures("viewershipAnalytics", asked, interval="HOURLY", startTime=begin, endTime=end)
    assert answer["dateRange"] == {
        "startDate": str(asked.first),
        "endDate": str(asked.last),
        "interval": "HOURLY",
        "startTime": begin,
        "endTime": end,
    }
    assert without_range(answer) == model.viewership(rows, asked, "HOURLY")


@given(scenes(), st.integers(1, 5))
def test_pages_of_contents_partition_the_models_rows(scene: Any, limit: int) -> None:
    rows, events, asked = scene
    expected = model.contents(rows, asked, NAMES)
    with world(rows, events, asked.now) as made:
        whole = made.figures("contentAnalytics", asked, interval="DAILY")
        pages = [
            made.figures("contentAnalytics", asked, interval="DAILY", page=page, limit=limit)
            for page in range(1, len(expected) // limit + 2)
        ]
    assert whole == {"contentData": expected, "contentCount": len(expected)}
    assert [row for page in pages for row in page["contentData"]] == expected
    assert {page["contentCount"] for page in pages} == {len(expected)}


@given(scenes(), st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
def test_unique_viewers_are_the_models(scene: Any, interval: str) -> None:
    rows, events, asked = scene
    asked = replace(only_channels(asked), hours=(0, 23))  # it knows no times
    with world(rows, events, asked.now) as made:
        answer = made.figures("uniqueViewersAnalytics", asked, interval=interval)
    assert answer == model.unique_viewers(rows, asked, interval)


@given(scenes(), st.none() | st.sampled_from(TAGS))
def test_ad_figures_are_the_models(scene: Any, tag: str | None) -> None:
    rows, events, asked = scene
    if tag:
        asked = with_filters(asked, {**asked.filters, "adTag": tag})
    with world(rows, events, asked.now) as made:
        daily = made.figures("adAnalytics", asked)
        contents = made.figures("adContentAnalytics", asked)
    assert without_range(daily) == model.ads(events, asked)
    assert contents["adContentData"] == model.ad_content(events, asked, NAMES)
    assert contents["adContentCount"] == len(contents["adContentData"])


@given(scenes(), st.sampled_from([1, 12, 24]))
def test_concurrent_users_are_the_models_and_windows_nest(scene: Any, hours: int) -> None:
    rows, events, asked = scene
    filters = only_channels(asked).filters
    with world(rows, events, asked.now) as made:
        points = made.ask("concurrentUsers", hoursLimit=hours, **filters)
        day = made.ask("concurrentUsers", hoursLimit=24, **filters)
    assert points == model.concurrent(rows, asked.now, hours, filters)
    assert [point for point in day if point in points] == points


@given(scenes())
def test_hours_add_up_to_days_in_every_zone(scene: Any) -> None:
    rows, events, asked = scene
    with world(rows, events, asked.now) as made:
        hours = made.figures("viewershipAnalytics", asked, interval="HOURLY")
        days = made.figures("viewershipAnalytics", asked, interval="DAILY")
    for day in days["viewershipAnalytics"]:
        inside = [row for row in hours["viewershipAnalytics"] if row["time"][:10] == day["time"][:10]]
        for name in ("numberOfSession", "viewershipMinutes"):
            assert sum(row[name] for row in inside) == day[name]
        assert max(row["uniqueViewers"] for row in inside) <= day["uniqueViewers"]
        assert day["uniqueViewers"] <= sum(row["uniqueViewers"] for row in inside)


@given(scenes())
def test_a_zone_moves_buckets_and_keeps_grand_totals(scene: Any) -> None:
    rows, events, asked = scene
    wide = Asked(asked.first - timedelta(days=9), asked.last + timedelta(days=9), "Universal", asked.filters, asked.now)
    names = ("totalSessions", "totalViewershipMinutes")
    with world(rows, events, asked.now) as made:
        answers = [
            made.figures(
                "viewershipAnalytics", Asked(wide.first, wide.last, zone, wide.filters, wide.now), interval="DAILY"
            )
            for zone in ZONES
        ]
    assert len({tuple(answer[name] for name in names) for answer in answers}) == 1


@given(scenes())
def test_filters_narrow_commute_and_partition(scene: Any) -> None:
    rows, events, asked = scene
    plain = with_filters(asked, {})
    with world(rows, events, asked.now) as made:

        def totals(filters: Mapping[str, str]) -> tuple[int, int, int]:
            answer = made.figures("viewershipAnalytics", with_filters(asked, filters), interval="DAILY")
            return answer["totalSessions"], answer["totalViewershipMinutes"], answer["aggregatedViewers"]

        everything, narrowed = totals({}), totals(asked.filters)
        assert totals(dict(reversed(asked.filters.items()))) == narrowed
        assert all(part <= whole for part, whole in zip(narrowed, everything, strict=True))
        for name, values in PARTITIONS.items():
            parts = [totals({name: value}) for value in values]
            assert [sum(part[at] for part in parts) for at in (0, 1)] == list(everything[:2])
            assert sum(part[2] for part in parts) >= everything[2]
            disjoint = viewers_are_disjoint(rows, plain, name)
            assert (sum(part[2] for part in parts) == everything[2]) == disjoint


PARTITIONS = {
    "deviceType": ("Roku", "Smart TV", "Others"),
    "channelId": CHANNELS,
    "country": tuple(country for _, country in PLACES),
}


def viewers_are_disjoint(rows: Sequence[Row], asked: Asked, name: str) -> bool:
    """Whether on each day no viewer appears under two values of *name*."""
    whole = model.viewership(rows, asked, "DAILY")["aggregatedViewers"]
    parts = (with_filters(asked, {name: value}) for value in PARTITIONS[name])
    return bool(whole == sum(model.viewership(rows, part, "DAILY")["aggregatedViewers"] for part in parts))


@settings(max_examples=12)
@given(scenes())
def test_the_clock_only_adds(scene: Any) -> None:
    rows, events, asked = scene
    with world(rows, events, asked.now) as made:
        before = made.figures("viewershipAnalytics", asked, interval="HOURLY")
        MOCK.post(f"/_testcard/worlds/{made.id}/clock/advance", json={"seconds": 5000})
        after = made.figures("viewershipAnalytics", asked, interval="HOURLY")
    later = {row["time"]: row for row in after["viewershipAnalytics"]}
    for name in ("totalSessions", "totalViewershipMinutes", "aggregatedViewers"):
        assert before[name] <= after[name]
    assert {row["time"] for row in before["viewershipAnalytics"]} <= set(later)


@pytest.mark.parametrize(("zone", "day", "hours"), [
    ("US/Pacific", SHORT_DAY, 23), ("US/Pacific", LONG_DAY, 25), ("US/Pacific", PLAIN_DAY, 24),
    ("US/Eastern", SHORT_DAY, 23), ("US/Eastern", LONG_DAY, 25), ("Universal", SHORT_DAY, 24),
    ("Universal", LONG_DAY, 24),
])  # fmt: skip
def test_days_have_as_many_hours_as_the_clock_says(zone: str, day: date, hours: int) -> None:
    start = midnight(day) - timedelta(hours=24)
    rows = [
        {**FIRST, "start": text(start + timedelta(hours=hour)), "end": text(start + timedelta(hours=hour, minutes=1))}
        for hour in range(72)
    ]
    asked = Asked(day, day, zone, {}, midnight(day) + timedelta(days=30))
    with world(rows, [], asked.now) as made:
        answer = made.figures("viewershipAnalytics", asked, interval="HOURLY")
        merged = MOCK.request("PUT", f"/_testcard/worlds/{made.id}/readings", json={"AM-45": "one-row"})
        one_row = made.figures("viewershipAnalytics", asked, interval="HOURLY")
    assert merged.status == 200
    assert answer["totalSessions"] == one_row["totalSessions"] == hours
    assert len(answer["viewershipAnalytics"]) == hours
    assert len(one_row["viewershipAnalytics"]) == min(hours, 24)


@settings(max_examples=30)
@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    st.dates(date(2023, 1, 1), date(2025, 12, 31)) | st.sampled_from([SHORT_DAY, LONG_DAY]),
    st.sampled_from(ZONES),
)
def test_a_report_appears_exactly_when_its_period_is_over(interval: str, day: date, zone: str) -> None:
    first = {"DAILY": day, "WEEKLY": day - timedelta(days=day.weekday()), "MONTHLY": day.replace(day=1)}[interval]
    after = {
        "DAILY": first + timedelta(days=1),
        "WEEKLY": first + timedelta(days=7),
        "MONTHLY": (first + timedelta(days=31)).replace(day=1),
    }[interval]
    due = datetime.combine(after, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    with world([], [], due - timedelta(seconds=1)) as made:
        made.put("schedules", [{"scheduleId": "7", "interval": interval, "filters": {"timezone": zone}}])
        path = f"/~{made.id}/amagi/api/v1/download-reports/7/{first}"
        early = MOCK.get(path, headers={"x-access-token": made.token})
        MOCK.post(f"/_testcard/worlds/{made.id}/clock/advance", json={"seconds": 1})
        on_time = MOCK.get(path, headers={"x-access-token": made.token})
    assert (early.status, on_time.status) == (404, 200)


FIRST = {"channelId": CHANNELS[0], "contentId": CONTENTS[0], "ipAddress": ADDRESSES[0], "userAgent": AGENTS[0]}


def without_range(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "dateRange"}


def with_filters(asked: Asked, filters: Mapping[str, str]) -> Asked:
    return replace(asked, filters=filters)


def only_channels(asked: Asked) -> Asked:
    return with_filters(asked, {name: value for name, value in asked.filters.items() if name == "channelId"})
