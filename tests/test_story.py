"""The story: the same for the same seed, on any day, and true to itself."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import accumulate, pairwise

import numpy as np
import pytest
from ua_parser import parse

from testcard.data import load
from testcard.errors import UserError
from testcard.seed import below, mix, scramble
from testcard.world.columns import LONGEST_MS, Session, ViewingCache
from testcard.world.story import DAY_MS, Story, day_ms, day_of, now_ms, open_story, profile_names
from testcard.world.viewing import Viewing, cache

DAY = date(2024, 5, 4)  # a Saturday
PLATFORMS = ("videocentral", "amagi", "videokit", "ibmvideo")


@pytest.fixture
def story() -> Story:
    return open_story(1729)


def digest(viewing: Viewing) -> str:
    whole = hashlib.sha256()
    for column in viewing.columns:
        whole.update(column.astype(column.dtype.newbyteorder("<")).tobytes())
    return whole.hexdigest()[:16]


# --- the same bytes, anywhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "profile", "platform", "day", "expected"),
    [
        (1729, "default", "amagi", date(2024, 5, 4), "27f3b32479280775"),
        (1729, "default", "ibmvideo", date(2018, 7, 16), "87d6db7963cb0552"),
        (1729, "default", "videokit", date(2021, 2, 28), "0ee57d3f56708290"),
        (1729, "default", "videocentral", date(1969, 12, 31), "b01f77bb09fd1248"),
        (7, "small", "amagi", date(2031, 1, 1), "f43a669b6d70af8c"),
        (7, "ten-million", "ibmvideo", date(2024, 2, 29), "80d95596c0c8fb5a"),
    ],
)
def test_viewing_never_changes(seed: int, profile: str, platform: str, day: date, expected: str) -> None:
    """A change here changes every world that anybody wrote a test against."""
    assert digest(open_story(seed, profile).viewing(platform, day)) == expected


def test_the_audience_never_changes(story: Story) -> None:
    audience = story.audience
    whole = hashlib.sha256("\n".join((*audience.identifiers, *audience.addresses)).encode())
    for column in (audience.person, audience.visitor, audience.place, audience.agent):
        whole.update(column.astype("<i4").tobytes())

    assert whole.hexdigest()[:16] == "fbc30531faca2ba9"


def draw(weights: Sequence[int], field: int, slots: int = 1 << 16) -> int:
    """Which share of the slots *field* falls into, without a table."""
    *edges, whole = accumulate(weights, initial=0)
    return bisect_right([edge * slots // whole for edge in edges], field) - 1


def plain_day(story: Story, platform: str, day: date, rows: int) -> list[Session]:
    """The sessions of a day in plain Python: what the columns must say."""
    fixture = load("fixtures/story/broadcaster.yaml")
    base = mix(story.seed, story.profile_name, platform, day.toordinal())
    offsets = sorted(plain_start(mix(base, "start", rank), fixture["rhythm"]["hours"]) for rank in range(rows))
    return [plain_session(story, platform, day, base, *ranked, fixture) for ranked in enumerate(offsets)]


def plain_start(word: int, hours: list[int]) -> int:
    weights = [hours[at // 60] * (60 - at % 60) + hours[(at // 60 + 1) % 24] * (at % 60) for at in range(1440)]
    return draw(weights, word >> 48) * 60_000 + ((word % 2**32) * 60_000 >> 32)


def plain_session(
    story: Story, platform: str, day: date, base: int, rank: int, offset: int, fixture: dict[str, dict[str, list[int]]]
) -> Session:
    what, who = mix(base, "what", rank), mix(base, "who", rank)
    channel, title, live = plain_choice(story, day, what >> 48, offset)
    duration = plain_seconds((what >> 32) % 2**16, fixture["rhythm"]["durations_s"]) * 1000  # type: ignore[arg-type]
    duration += (what % 2**16) * 1000 >> 16
    if not live:
        duration = min(duration, story.titles[title].duration_s * 1000)
    mask = mix(story.seed, story.profile_name, platform, "key")
    viewer = plain_viewer(who, offset // 3_600_000, story.profile.viewers, fixture["habits"])
    key = scramble((day.toordinal() << 32 | rank) ^ mask)
    return Session(key, day_ms(day) + offset, duration, viewer, channel, title, live)


def plain_choice(story: Story, day: date, field: int, offset: int) -> tuple[int, int, bool]:
    licensed = [title for title in story.titles if title.licensed_on(day)]
    linear = [channel for channel in story.channels if channel.kind == "linear"]
    on_demand = [(title, channel) for title in licensed if title.kind == "vod" for channel in title.channels]
    parts = [title.weight * 12 // len(title.channels) for title, _ in on_demand]
    weights = [channel.weight * 550 * sum(parts) for channel in linear]
    weights += [part * 450 * sum(channel.weight for channel in linear) for part in parts]
    choice = draw(weights, field)
    if choice >= len(linear):
        title, channel = on_demand[choice - len(linear)]
        return channel.code, title.code, False
    channel = linear[choice]
    shown = [
        title for title in licensed if channel in title.channels and title.kind == "live" for _ in range(title.weight)
    ]
    slot = offset // (channel.slot_minutes * 60_000)
    title = shown[below(len(shown), story.seed, "schedule", channel.slug, day.toordinal(), slot)]
    return channel.code, title.code, True


def plain_seconds(slot: int, points: list[list[int]]) -> int:
    at = next(index for index in range(len(points)) if slot * 1000 < points[index + 1][0] << 16)
    (low, first), (high, last) = points[at], points[at + 1]
    return first + (slot * 1000 - (low << 16)) * (last - first) // ((high - low) << 16)


def plain_viewer(who: int, hour: int, viewers: int, habits: dict[str, list[int]]) -> int:
    pattern, weights = habits["pattern"], habits["weights"]
    level = who >> 40
    group = (level * level >> 24) * (viewers // len(pattern)) >> 24
    return group * len(pattern) + draw([weights[name][hour] for name in pattern], who % 256, 256)  # type: ignore[index]


@pytest.mark.parametrize(
    ("platform", "day"), [("amagi", DAY), ("ibmvideo", date(2019, 11, 30)), ("x", date(1901, 1, 1))]
)
def test_columns_say_what_plain_python_says(story: Story, platform: str, day: date) -> None:
    viewing = story.viewing(platform, day)

    assert [viewing.session(row) for row in range(len(viewing))] == plain_day(story, platform, day, len(viewing))


def test_the_order_of_questions_does_not_matter(story: Story) -> None:
    cache.clear()
    alone = digest(story.viewing("amagi", DAY))
    cache.clear()
    whole = story.viewing_range("amagi", DAY - timedelta(days=40), DAY + timedelta(days=40))

    assert digest(whole.started(day_ms(DAY), day_ms(DAY) + DAY_MS)) == alone


def test_seed_profile_platform_and_day_each_make_another_story() -> None:
    told = {
        digest(open_story(seed, profile).viewing(platform, day))
        for seed in (1, 2)
        for profile in ("default", "small")
        for platform in ("amagi", "ibmvideo")
        for day in (DAY, DAY + timedelta(days=1))
    }

    assert len(told) == 16


# --- viewing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date.min, date(1582, 10, 15), date(2018, 7, 16), date(2021, 6, 1), date.max])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_any_day_has_viewing(story: Story, platform: str, day: date) -> None:
    viewing = story.viewing(platform, day)

    assert 150 <= len(viewing) == story.count(platform, day) <= 1000
    assert day_ms(day) <= viewing.start_ms[0]
    assert viewing.start_ms[-1] < day_ms(day) + DAY_MS
    assert np.all(np.diff(viewing.start_ms) >= 0)
    assert viewing.duration_ms.min() >= 1000
    assert viewing.duration_ms.max() <= LONGEST_MS


def test_sessions_are_about_forty_bytes_and_read_only(story: Story) -> None:
    viewing = story.viewing("amagi", DAY)

    assert viewing.nbytes / len(viewing) <= 40
    for column in (*viewing.columns, *viewing.visible(day_ms(DAY)).columns, *viewing.take(viewing.live).columns):
        assert not column.flags.writeable


def test_evenings_and_weekends_are_busier() -> None:
    story = open_story(3, "busy")
    hours = np.bincount(story.viewing("amagi", DAY).start_ms // 3_600_000 % 24, minlength=24)

    assert hours[20] > 5 * hours[4]
    assert story.count("amagi", DAY) > story.count("amagi", DAY - timedelta(days=3))
    assert story.count("amagi", date(2026, 5, 2)) > 0.9 * story.count("amagi", DAY)


def test_sessions_watch_what_was_on(story: Story) -> None:
    airings = {
        (airing.channel.code, airing.start_ms): airing
        for channel in story.channels
        for airing in story.schedule(channel, DAY)
    }
    viewing = story.viewing("amagi", DAY)
    for session in map(viewing.session, range(len(viewing))):
        channel, title = story.channels[session.channel], story.titles[session.title]
        assert channel in title.channels
        assert title.licensed_on(DAY)
        assert session.live == (title.kind == "live") == (channel.kind == "linear")
        if session.live:
            slot_ms = channel.slot_minutes * 60_000
            assert airings[channel.code, session.start_ms // slot_ms * slot_ms].title == title
        else:
            assert session.duration_ms <= title.duration_s * 1000


def test_viewers_watch_at_their_hours(story: Story) -> None:
    viewing = story.viewing_range("amagi", DAY, DAY + timedelta(days=60))
    hour = viewing.start_ms // 3_600_000 % 24
    night = np.array([habit == "night" for habit in story.audience.habits])[viewing.viewer % 8]

    assert night[hour == 2].mean() > 4 * night[hour == 12].mean()


def test_schedules_have_no_gap(story: Story) -> None:
    linear = [channel for channel in story.channels if channel.kind == "linear"]

    for channel in linear:
        airings = story.schedule(channel, DAY)
        assert airings[0].start_ms == day_ms(DAY)
        assert airings[-1].end_ms == day_ms(DAY) + DAY_MS
        assert all(one.end_ms == other.start_ms for one, other in pairwise(airings))
        assert all(airing.end_ms - airing.start_ms == airing.title.duration_s * 1000 for airing in airings)
    assert story.schedule(story.channels[-1], DAY) == []
    assert linear == list(story.channels[: len(linear)])


def test_ranges_are_their_days_joined(story: Story) -> None:
    days = [DAY + timedelta(days=n) for n in range(5)]
    whole = story.viewing_range("amagi", days[0], days[-1])

    assert np.array_equal(whole.key, np.concatenate([story.viewing("amagi", day).key for day in days]))
    assert len(np.unique(whole.key)) == len(whole)
    assert story.viewing_range("amagi", days[0], days[-1]) is whole
    assert len(story.viewing_range("amagi", days[-1], days[0])) == 0


def test_looking_back_adds_what_still_runs(story: Story) -> None:
    plain = story.viewing_range("amagi", DAY, DAY)
    both = story.viewing_range("amagi", DAY, DAY, look_back=True)
    early = both.started(0, day_ms(DAY))
    yesterday = story.viewing("amagi", DAY - timedelta(days=1))

    assert len(early) == len(both) - len(plain) > 0
    assert set(early.key) == set(yesterday.key[yesterday.end_ms > day_ms(DAY)])
    assert len(story.viewing_range("amagi", date.min, date.min, look_back=True)) == story.count("amagi", date.min)


def test_what_is_visible_and_running_follows_now(story: Story) -> None:
    viewing = story.viewing_range("amagi", DAY, DAY, look_back=True)
    now = int(viewing.start_ms[200])

    seen = viewing.visible(now)
    running = viewing.running(now)

    assert [s.start_ms <= now for s in map(viewing.session, range(len(viewing)))] == [
        index < len(seen) for index in range(len(viewing))
    ]
    assert running[200]
    assert [s.start_ms <= now < s.end_ms for s in map(viewing.session, range(len(viewing)))] == running.tolist()
    assert set(viewing.overlapping(now, now + 1).key) == set(viewing.key[running])


def test_a_session_is_found_by_its_key(story: Story) -> None:
    viewing = story.viewing("amagi", DAY)

    assert story.locate("amagi", int(viewing.key[17])) == viewing.session(17)
    assert story.locate("ibmvideo", int(viewing.key[17])) is None
    assert story.locate("amagi", 0) is None


def test_benchmark_profiles_hold_exactly_their_total() -> None:
    story = open_story(1729, "million")
    told: list[tuple[int, int]] = []

    viewing = story.viewing_range(
        "ibmvideo", date(2020, 1, 1), date(2030, 1, 1), progress=lambda *done: told.append(done)
    )

    assert len(viewing) == len(np.unique(viewing.key)) == 1_000_000
    assert told[-1] == (1_000_000, 1_000_000)
    assert len(told) == 366
    assert len(story.viewing("ibmvideo", date(2025, 1, 1))) == 0
    assert viewing.viewer.max() < len(story.audience)


def test_the_empty_profile_is_empty() -> None:
    story = open_story(1, "empty")

    assert len(story.viewing("amagi", DAY)) == len(story.viewing_range("amagi", DAY, date.max, look_back=True)) == 0


def test_the_cache_keeps_to_its_limit(story: Story) -> None:
    days = [story.viewing("amagi", DAY + timedelta(days=n)) for n in range(3)]
    small = ViewingCache(limit=days[0].nbytes + days[1].nbytes + days[2].nbytes - 1)
    for name, day in enumerate(days):
        small.keep(name, day)

    assert small.get(0) is None
    assert small.get(2) is days[2]
    assert small.nbytes == days[1].nbytes + days[2].nbytes
    assert small.keep("large", story.viewing_range("amagi", DAY, DAY + timedelta(days=9))).nbytes > small.limit
    assert small.get("large") is None


# --- content and audience -------------------------------------------------------------------------------------


def test_titles_are_told_apart(story: Story) -> None:
    for names in ("id", "catalogue", "slug", "name"):
        assert len({getattr(title, names) for title in story.titles}) == len(story.titles) == 79
    assert all(len(title.catalogue) == 8 and title.catalogue.isalnum() for title in story.titles)
    assert story.title(story.titles[3].id) is story.title(story.titles[3].slug) is story.titles[3]
    assert story.title("no such title") is None
    assert story.channel("halyard-one") is story.channels[0]


def test_titles_are_as_awkward_as_real_ones(story: Story) -> None:
    names = [title.name for title in story.titles]

    for awkward in (",", '"', "\n", "'", "%", "_", "=", "&", "Ł", "ß", "夜", "ров", "ل"):
        assert any(awkward in name or awkward.lower() in name for name in names), awkward
    assert sorted(story.titles, key=lambda title: title.kind == "vod") == list(story.titles)


def test_every_device_has_agents_that_a_parser_knows(story: Story) -> None:
    known = [parse(agent) for device in story.devices for _, agent in device.agents]

    assert {player for device in story.devices for player, _ in device.agents} == {"web", "app", "tv"}
    assert sum(1 for found in known if found.user_agent or found.os or found.device) >= len(known) - 2
    assert len({device.name for device in story.devices}) == len(story.devices)


def test_addresses_belong_to_nobody(story: Story) -> None:
    reserved = [ip_network("198.18.0.0/15"), ip_network("2001:db8::/32")]
    addresses = [ip_address(address) for address in story.audience.addresses]

    assert all(any(address in network for network in reserved) for address in addresses)
    assert {address.version for address in addresses} == {4, 6}
    assert len(set(addresses)) == len(addresses)


def test_identifiers_differ_and_invite_accidents(story: Story) -> None:
    identifiers = story.audience.identifiers

    assert len(set(identifiers)) == len(identifiers) == int(story.audience.person[-1]) + 1
    for name in identifiers:
        assert "@" not in name or name.lower().endswith((".com", ".org", ".net", ".example"))
    for awkward in ("@", "+", "%", "_", "'"):
        assert any(awkward in name for name in identifiers), awkward


def test_households_share_place_and_address(story: Story) -> None:
    audience = story.audience
    for code in range(500):
        viewer = story.viewer(code)
        assert viewer.place == story.places[audience.place[code]]
        assert viewer.place.country == audience.countries[audience.country[code]][0]
        assert viewer.device.mobile == audience.mobile[code]
        assert (viewer.player, viewer.user_agent) in viewer.device.agents
        assert viewer.identifier == audience.identifiers[viewer.person]
    pairs = [(viewer.ip_address, viewer.user_agent) for viewer in map(story.viewer, range(len(audience)))]
    assert len(set(pairs)) == int(audience.visitor.max()) + 1 < len(pairs)
    assert len({*zip(pairs, audience.visitor.tolist(), strict=True)}) == len(set(pairs))


def test_an_unknown_viewer_or_profile_is_named(story: Story) -> None:
    with pytest.raises(IndexError, match="viewer 4000: expected 0 to 3999"):
        story.viewer(4000)
    with pytest.raises(UserError, match="no profile named 'smal'; did you mean 'small'"):
        open_story(1, "smal")
    assert profile_names()[0] == "default"


@pytest.mark.parametrize(
    "moment", [datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2024, 2, 29, tzinfo=UTC)]
)
def test_milliseconds_and_days_agree(moment: datetime) -> None:
    assert day_of(now_ms(moment)) == moment.date()
    assert day_ms(moment.date()) <= now_ms(moment) < day_ms(moment.date()) + DAY_MS
    assert day_of(-(10**18)) == date.min
