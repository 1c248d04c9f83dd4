"""Live: what channels and events do, and what each reading changes."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from kit import Kit

CHANNELS, EVENTS = "/live/v1/channels", "/live/v1/events"
NOW = "2026-03-02T12:00:00Z"
INPUT = {"type": "RTMP_PUSH", "whitelistCidr": "10.0.0.0/8", "inputLoss": {"type": "COLOR", "color": "00ff00"}}


@pytest.fixture
def kit() -> Kit:
    return Kit(now=NOW)


def reading(identity: str, name: str, **more: Any) -> Kit:
    return Kit(now=NOW, profile="empty", readings={identity: name}, **more)


def new_channel(kit: Kit, **more: Any) -> str:
    made = kit.post(CHANNELS, {"name": "Quay Live", "input": INPUT, **more})
    assert made.status == 200, made.text
    return str(made.json["id"])


def running_channel(kit: Kit, **more: Any) -> str:
    channel = new_channel(kit, **more)
    kit.advance(30)
    kit.post(f"{CHANNELS}/{channel}/start")
    kit.advance(60)
    return channel


def new_event(kit: Kit, channel: str, start: str = "13:00", end: str = "14:00", **more: Any) -> str:
    body = {"channelId": channel, "start": f"2026-03-02T{start}:00Z", "end": f"2026-03-02T{end}:00Z", **more}
    made = kit.post(EVENTS, body)
    assert made.status == 200, made.text
    return str(made.json["id"])


def status(kit: Kit, channel: str) -> str:
    return str(kit.get(f"{CHANNELS}/{channel}/status").json["status"])


def test_a_channel_goes_through_its_states_on_the_worlds_clock(kit: Kit) -> None:
    channel, seen = new_channel(kit), []
    for seconds, action in ((0, ""), (30, "start"), (0, ""), (60, "stop"), (0, ""), (30, "")):
        kit.advance(seconds)
        seen.append(status(kit, channel))
        if action:
            assert kit.post(f"{CHANNELS}/{channel}/{action}").status == 200

    assert seen == ["Processing", "Off", "Starting", "On", "Stopping", "Off"]


@pytest.mark.parametrize(
    ("after", "action"), [(0, "start"), (0, "stop"), (30, "stop"), (31, "again")], ids=lambda each: str(each)
)
def test_a_transition_that_the_state_does_not_allow_is_a_conflict(kit: Kit, after: int, action: str) -> None:
    channel = new_channel(kit)
    kit.advance(after)
    if action == "again":
        kit.post(f"{CHANNELS}/{channel}/start")
        action = "start"

    refused = kit.post(f"{CHANNELS}/{channel}/{action}")

    assert refused.status == 409
    assert status(kit, channel) in refused.json["status"]["message"]


def test_what_a_channel_is_made_with_is_seen_in_its_details(kit: Kit) -> None:
    qualities = [{"resolution": "360p", "frameRate": 25}, {"resolution": "1080p", "frameRate": 50}]
    endpoints = [{"type": "DashDrm"}, {"type": "Hls"}]
    channel = new_channel(kit, redundancy="DoubleInput", qualities=qualities, endpoints=endpoints)

    shown = kit.get(f"{CHANNELS}/{channel}").json

    assert shown["name"] == "Quay Live"
    assert shown["encoding"] == {"preset": "1080p50", "pipelines": 2}
    assert shown["inputs"][0]["type"] == "RTMP_PUSH"
    assert shown["inputs"][0]["details"]["securityGroupIps"] == ["10.0.0.0/8"]
    assert len(shown["inputs"][0]["destinations"]) == 2
    assert [(each["format"], each["protection"]) for each in shown["endpoints"]] == [("DASH", "Cenc"), ("HLS", "None")]
    assert shown["archiveEndpointIds"] == [shown["endpoints"][0]["id"]]


def test_an_update_changes_what_is_sent_and_nothing_else(kit: Kit) -> None:
    channel = new_channel(kit, endpoints=[{"type": "Hls"}])
    kit.advance(5)
    assert kit.patch(f"{CHANNELS}/{channel}", {"input": {"whitelistCidr": "0.0.0.0/0"}, "name": "Other"}).json == {
        "id": channel
    }

    shown = kit.get(f"{CHANNELS}/{channel}").json

    assert shown["name"] == "Other"
    assert shown["inputs"][0]["type"] == "RTMP_PUSH"
    assert shown["inputs"][0]["details"]["securityGroupIps"] == ["0.0.0.0/0"]
    assert [each["format"] for each in shown["endpoints"]] == ["HLS"]
    assert (shown["createDate"], shown["lastModificationDate"]) == (NOW, "2026-03-02T12:00:05Z")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"input": INPUT}, "name"),
        ({"name": "x"}, "input"),
        ({"name": "x", "input": {"type": "RTMP_PUSH"}}, "inputLoss"),
        ({"name": "x", "input": {**INPUT, "inputLoss": {"type": "BLACK"}}}, "inputLoss/type"),
        ({"name": "x", "input": {**INPUT, "inputLoss": {"type": "COLOR", "color": "red"}}}, "color"),
        ({"name": "x", "input": {**INPUT, "whitelistCidr": "everybody"}}, "whitelistCidr"),
        ({"name": "x", "input": INPUT, "redundancy": "Triple"}, "redundancy"),
        ({"name": "x", "input": INPUT, "latency": "None"}, "latency"),
        ({"name": "x", "input": INPUT, "activationMode": "Later"}, "activationMode"),
        ({"name": "x", "input": INPUT, "mediaPackageVersion": "V3"}, "mediaPackageVersion"),
        ({"name": "x", "input": INPUT, "restreams": [{}] * 11}, "restreams"),
        ({"name": "x", "input": INPUT, "qualities": [{"resolution": "big"}]}, "resolution"),
    ],
)
def test_a_channel_that_breaks_the_table_is_refused_by_name(kit: Kit, body: dict[str, Any], word: str) -> None:
    refused = kit.post(CHANNELS, body)

    assert refused.status == 400
    assert word in refused.json["status"]["message"]


def test_no_more_channels_than_the_limit(kit: Kit) -> None:
    limit, there = kit.get(f"{CHANNELS}/limit").json["limit"], kit.get(CHANNELS).json["totalCount"]
    for _ in range(limit - there):
        new_channel(kit)

    assert kit.post(CHANNELS, {"name": "one more", "input": INPUT}).status == 409


def test_the_configuration_has_no_secret_in_it(kit: Kit) -> None:
    shown = kit.get(f"{CHANNELS}/{new_channel(kit)}/configuration").json["configuration"]

    assert set(shown["secretKey"]) == {"X"}
    assert set(shown["accessKey"].removeprefix("AKIA")) == {"X"}


def test_statistics_add_up_minutes_or_average_them(kit: Kit) -> None:
    channel = kit.get(CHANNELS).json["items"][0]["id"]
    day = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}

    def points(**more: Any) -> dict[str, float]:
        answered = kit.get(f"{CHANNELS}/{channel}/stats", params={**day, **more})
        assert answered.status == 200, answered.text
        return {point["time"]: point["value"] for point in answered.json["metrics"]["viewers"]["data"]}

    minutes, hours, means = points(), points(periodSeconds=3600), points(periodSeconds=3600, aggregationFunction="Avg")

    assert (len(minutes), len(hours), len(means)) == (1440, 24, 24)
    assert sum(minutes.values()) == sum(hours.values()) > 0
    assert {time: value / 60 for time, value in hours.items()} == means


def test_statistics_count_the_storys_viewers(kit: Kit) -> None:
    channel = kit.mock.world.story.channels[0]
    shown = next(row["id"] for row in kit.get(CHANNELS).json["items"] if row["name"] == channel.name)
    moment = datetime(2026, 3, 1, 20, tzinfo=UTC)
    watched = kit.mock.world.story.viewing_range("videokit", moment.date(), moment.date(), look_back=True)
    at = int(moment.timestamp() * 1000)
    expected = int((watched.running(at) & watched.live & (watched.channel == channel.code)).sum())
    span = {"start": "2026-03-01T20:00:00Z", "end": "2026-03-01T20:01:00Z"}

    data = kit.get(f"{CHANNELS}/{shown}/stats", params=span).json["metrics"]["viewers"]["data"]

    assert [point["value"] for point in data] == [expected]


def test_statistics_have_no_points_while_a_channel_is_off() -> None:
    kit = Kit(now=NOW, profile="empty")
    channel = running_channel(kit)
    kit.advance(600)
    kit.post(f"{CHANNELS}/{channel}/stop")
    kit.advance(3000)

    data = kit.get(f"{CHANNELS}/{channel}/stats", params={"start": NOW}).json["metrics"]["inputBitrate"]["data"]

    times = [point["time"] for point in data]
    assert times[0] == "2026-03-02T12:02:00Z"
    assert times[-1] == "2026-03-02T12:11:00Z"
    assert all(value > 0 for value in (point["value"] for point in data))
    assert len(times) == 10


@pytest.mark.parametrize("seconds", ["90", "59", "0", "x"])
def test_a_period_is_a_multiple_of_a_minute(kit: Kit, seconds: str) -> None:
    channel = kit.get(CHANNELS).json["items"][0]["id"]

    refused = kit.get(f"{CHANNELS}/{channel}/stats", params={"periodSeconds": seconds})

    assert refused.status == 400
    assert "periodSeconds" in refused.json["status"]["message"]


def test_events_turn_their_channel_on_in_time_and_off_again() -> None:
    kit = Kit(now=NOW, profile="empty")
    channel = new_channel(kit)
    event = new_event(kit, channel, "12:10", "12:20", ensureChannel=True)
    seen = []
    for seconds in (500, 40, 60, 300, 300, 30):
        kit.advance(seconds)
        seen.append((status(kit, channel), kit.get(f"{EVENTS}/{event}").json["status"]))

    assert seen == [
        ("Off", "Scheduled"),
        ("Starting", "Scheduled"),
        ("On", "Live"),
        ("On", "Live"),
        ("Stopping", "Finished"),
        ("Off", "Finished"),
    ]


def test_a_channel_started_by_hand_outlives_its_events() -> None:
    kit = Kit(now=NOW, profile="empty")
    channel = new_channel(kit)
    new_event(kit, channel, "12:10", "12:20", ensureChannel=True)
    kit.advance(1500)
    assert status(kit, channel) == "Off"
    assert kit.post(f"{CHANNELS}/{channel}/start").status == 200
    new_event(kit, channel, "12:30", "12:40", ensureChannel=True)
    kit.advance(3600)

    assert status(kit, channel) == "On"


def test_an_event_shows_catch_up_while_there_is_any(kit: Kit) -> None:
    event = new_event(kit, new_channel(kit))
    path, seen = f"{EVENTS}/{event}", []
    for seconds in (0, 3600, 3600, 14 * 86_400):
        kit.advance(seconds)
        endpoints = kit.get(path).json["catchup"]["endpoints"]
        seen.append(len(endpoints))
        if endpoints:
            assert kit.mock.get(endpoints[0]["url"]).text.startswith("#EXTM3U")

    assert seen == [0, 1, 1, 0]


def test_lists_filter_by_everything_they_are_documented_to(kit: Kit) -> None:
    one, two = new_channel(kit), new_channel(kit)
    a = new_event(kit, one, "12:30", "13:00", tags=["x", "y"], attributes=["genre=a"], title="Alpha")
    b = new_event(kit, two, "14:00", "15:00", tags=["y"], attributes=["[genre]=b"], metadata={"Title": "Beta"})
    kit.advance(2400)

    def found(**params: Any) -> set[str]:
        answered = kit.get(EVENTS, params={"limit": 1000, **params})
        assert answered.status == 200, answered.text
        return {row["id"] for row in answered.json["items"]} & {a, b}

    assert found() == {a, b}
    assert found(channelId=one) == {a}
    assert found(channels=f"{one},{two}") == {a, b}
    assert found(channelId=one, channels=two) == set()
    assert found(ids=[b]) == {b}
    assert found(statuses="live") == {a}
    assert found(statuses=["Live", "Scheduled"]) == {a, b}
    assert found(tags="x") == {a}
    assert found(attributes="[genre]=b") == {b}
    assert found(query="alph") == {a}
    assert found(searchStart="2026-03-02T13:30:00Z") == {b}
    assert found(searchEnd="2026-03-02T13:30:00Z") == {a}
    assert found(createDateStart=NOW) == {a, b}
    assert found(lastModificationDateStart="2026-03-02T12:00:01Z") == set()


def test_pages_partition_and_sorting_is_stable_both_ways(kit: Kit) -> None:
    whole = kit.get(EVENTS, params={"limit": 1000, "sort": "Start"}).json["items"]
    pages = [kit.get(EVENTS, params={"limit": 7, "page": n, "sort": "start"}).json for n in range(1, 10)]

    assert [row["id"] for page in pages for row in page["items"]] == [row["id"] for row in whole]
    assert [page["hasMore"] for page in pages].count(True) == pages[0]["pageCount"] - 1
    down = kit.get(EVENTS, params={"limit": 1000, "sort": "START", "desc": "true"}).json["items"]
    assert [row["start"] for row in down] == sorted((row["start"] for row in whole), reverse=True)
    titles = [row["metadata"]["Title"] for row in kit.get(EVENTS, params={"sort": "metadata.title"}).json["items"]]
    assert all(one.casefold() <= two.casefold() for one, two in pairwise(titles))


def test_a_viewer_may_read_and_not_write(kit: Kit) -> None:
    key = kit.grant("Viewer")

    assert kit.get(CHANNELS, key=key).status == 200
    assert kit.post(CHANNELS, {"name": "x", "input": INPUT}, key=key).status == 403


def test_a_foreign_tenant_sees_nothing_of_it(kit: Kit) -> None:
    channel = new_channel(kit)
    other = kit.grant("Admin", ["nightwatch"])

    assert kit.get(CHANNELS, key=other).json["totalCount"] == 0
    assert kit.get(f"{CHANNELS}/{channel}", key=other).status == 404


def test_a_live_playlist_moves_on_and_ends_with_the_channel() -> None:
    kit = Kit(now=NOW, profile="empty")
    channel = running_channel(kit, endpoints=[{"type": "Hls"}])
    master = kit.get(f"{CHANNELS}/{channel}").json["endpoints"][0]["url"]
    playlist = master.replace("master.m3u8", kit.mock.get(master).text.split()[-1])

    before = kit.mock.get(playlist).text
    kit.advance(12)
    after = kit.mock.get(playlist).text

    assert before != after
    assert "#EXT-X-ENDLIST" not in after
    segment = playlist.replace("index.m3u8", after.split()[-1])
    assert kit.mock.get(segment).body[:1] == b"\x47"
    kit.post(f"{CHANNELS}/{channel}/stop")
    assert kit.mock.get(playlist).status == 404


def test_explicit_rows_are_channels_and_events() -> None:
    kit = Kit(now=NOW)
    kit.rows("channels", {"id": "ch-1", "name": "Given", "status": "On"}, {"id": "ch-2", "status": "Error"})
    kit.rows("events", {"id": "ev-1", "channelId": "ch-1", "start": NOW, "end": "2026-03-02T12:30:00Z"})

    assert [row["status"] for row in kit.get(CHANNELS).json["items"]] == ["Starting", "Error"]
    assert kit.get(f"{EVENTS}/ev-1").json["status"] == "Live"
    assert kit.get(EVENTS).json["totalCount"] == 1


def test_id_may_be_a_short_name() -> None:
    kit = reading("VK-101", "name")

    assert [new_channel(kit), new_channel(kit)] == ["quay-live", "quay-live-2"]


@pytest.mark.parametrize(("name", "gone"), [("aws-parts", True), ("nothing", False)])
def test_what_the_aws_flag_leaves_out(name: str, gone: bool) -> None:
    kit = reading("VK-102", name)
    plain, full = (kit.get(CHANNELS, params={"includeAwsData": each}).json["items"][0] for each in ("false", "true"))

    assert "inputs" in full
    assert ("inputs" not in plain) is gone


def test_a_page_of_channels_may_be_without_its_number() -> None:
    assert "hasMore" in reading("VK-103", "with-page-number").get(CHANNELS).json
    assert "hasMore" not in reading("VK-103", "without").get(CHANNELS).json


def test_details_of_an_event_may_lack_its_state() -> None:
    for name, there in (("full", True), ("table", False)):
        kit = reading("VK-104", name)
        assert ("status" in kit.get(f"{EVENTS}/{new_event(kit, new_channel(kit))}").json) is there


@pytest.mark.parametrize(("name", "code"), [("ok", 200), ("accepted", 202), ("no-content", 204)])
def test_start_answers_one_of_three_statuses(name: str, code: int) -> None:
    kit = reading("VK-105", name)
    channel = new_channel(kit)
    kit.advance(30)

    answered = kit.post(f"{CHANNELS}/{channel}/start")

    assert (answered.status, answered.body) == (code, b"")


def test_an_update_may_answer_the_channel() -> None:
    kit = reading("VK-106", "channel")

    assert kit.patch(f"{CHANNELS}/{new_channel(kit)}", {"name": "N"}).json["name"] == "N"


def test_metrics_may_be_a_list() -> None:
    kit = reading("VK-107", "array")
    metrics = kit.get(f"{CHANNELS}/{new_channel(kit)}/stats").json["metrics"]

    assert [each["id"] for each in metrics] == ["viewers", "inputBitrate"]


STATS = {"periodSeconds": 3600, "start": "2026-03-02T10:30:00Z", "end": "2026-03-02T11:30:00Z"}


@pytest.mark.parametrize(
    ("identity", "name", "params", "times"),
    [
        ("VK-108", "last-hour", {"periodSeconds": 3600}, ["2026-03-02T11:00:00Z"]),
        ("VK-108", "last-day", {"periodSeconds": 86400}, ["2026-03-01T12:00:00Z"]),
        ("VK-110", "from-start", STATS, ["2026-03-02T10:30:00Z"]),
        ("VK-110", "on-the-clock", STATS, ["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]),
    ],
)
def test_readings_of_statistics(identity: str, name: str, params: dict[str, Any], times: list[str]) -> None:
    kit = reading(identity, name)
    channel = kit.get(CHANNELS).json["items"][0]["id"]

    answered = kit.get(f"{CHANNELS}/{channel}/stats", params=params).json

    assert [point["time"] for point in answered["metrics"]["viewers"]["data"]] == times


def test_points_without_signal_may_be_zero() -> None:
    for name, count in (("left-out", 0), ("zero", 60)):
        kit = reading("VK-111", name)
        channel = new_channel(kit)
        kit.advance(3600)
        assert len(kit.get(f"{CHANNELS}/{channel}/stats").json["metrics"]["viewers"]["data"]) == count


def test_states_without_ids() -> None:
    assert len(reading("VK-113", "all").get("/live/v1/channelsstatus").json) == 4
    assert reading("VK-113", "none").get("/live/v1/channelsstatus").json == []
    assert reading("VK-113", "refused").get("/live/v1/channelsstatus").status == 400


def test_states_of_what_is_not_there() -> None:
    path = "/live/v1/channelsstatus?ids=nothing"
    assert reading("VK-114", "left-out").get(path).json == []
    assert reading("VK-114", "refused").get(path).status == 404


def test_keys_may_be_withheld_and_the_limit_bare() -> None:
    kit = reading("VK-116", "withheld")
    assert "secretKey" not in kit.get(f"{CHANNELS}/{new_channel(kit)}/configuration").json["configuration"]
    assert reading("VK-117", "number").get(f"{CHANNELS}/limit").json == 24


def test_too_many_channels_may_be_forbidden() -> None:
    kit = reading("VK-118", "forbidden")
    codes = [kit.post(CHANNELS, {"name": "x", "input": INPUT}).status for _ in range(21)]

    assert codes == [200] * 20 + [403]


def test_details_may_show_the_settings() -> None:
    kit = reading("VK-119", "with-settings")

    assert kit.get(f"{CHANNELS}/{new_channel(kit, latency='ReducedLatency')}").json["latency"] == "ReducedLatency"


@pytest.mark.parametrize(("name", "ids"), [("replace", ["b"]), ("merge-by-id", ["a", "b"])])
def test_restreams_replace_or_merge(name: str, ids: list[str]) -> None:
    kit = Kit(now=NOW, profile="empty", readings={"VK-120": name, "VK-119": "with-settings"})
    channel = new_channel(kit, restreams=[{"id": "a"}, {"id": "b", "protocol": "RTMP"}])
    kit.patch(f"{CHANNELS}/{channel}", {"restreams": [{"id": "b", "destination": "x"}]})

    restreams = kit.get(f"{CHANNELS}/{channel}").json["restreams"]

    assert [each["id"] for each in restreams] == ids
    assert restreams[-1] == {"id": "b", "destination": "x"}


def test_a_running_channel_may_be_deletable() -> None:
    for name, code in (("refused", 409), ("allowed", 200)):
        kit = reading("VK-121", name)
        assert kit.delete(f"{CHANNELS}/{running_channel(kit)}").status == code


def test_starting_twice_may_be_ignored() -> None:
    kit = reading("VK-122", "ignored")
    assert kit.post(f"{CHANNELS}/{running_channel(kit)}/start").status == 200


def test_an_event_based_channel_may_refuse_hands() -> None:
    for name, code in (("allowed", 200), ("refused", 409)):
        kit = reading("VK-123", name)
        channel = new_channel(kit, activationMode="EventBased")
        kit.advance(30)
        assert kit.post(f"{CHANNELS}/{channel}/start").status == code


def test_internal_states_may_be_the_same_words() -> None:
    for name, word in (("aws", "RUNNING"), ("same", "On")):
        kit = reading("VK-124", name)
        assert kit.get(f"{CHANNELS}/{running_channel(kit)}/status").json["internalStatus"] == word


def test_transitions_may_take_no_time() -> None:
    kit = reading("VK-125", "instant")
    channel = new_channel(kit)
    seen = [status(kit, channel)]
    for action in ("start", "stop"):
        kit.post(f"{CHANNELS}/{channel}/{action}")
        seen.append(status(kit, channel))

    assert seen == ["Off", "On", "Off"]


def test_a_channel_with_events_goes_with_them_or_stays() -> None:
    for name, code, left in (("cascade", 200, 404), ("refused", 409, 200)):
        kit = reading("VK-126", name)
        channel = new_channel(kit)
        event = new_event(kit, channel)
        kit.advance(30)
        assert kit.delete(f"{CHANNELS}/{channel}").status == code
        assert kit.get(f"{EVENTS}/{event}").status == left


def test_event_ids_may_have_a_prefix() -> None:
    kit = reading("VK-127", "prefixed")
    assert new_event(kit, new_channel(kit)).startswith("event-")


def test_overlapping_events_may_be_refused() -> None:
    kit = reading("VK-128", "refused")
    channel = new_channel(kit)
    event = new_event(kit, channel)

    refused = kit.post(EVENTS, {"channelId": channel, "start": "2026-03-02T13:30:00Z", "end": "2026-03-02T15:00:00Z"})

    assert refused.status == 409
    assert event in refused.json["status"]["message"]
    assert new_event(kit, channel, "14:00", "15:00")


def test_a_search_may_look_at_starts_only() -> None:
    for name, count in (("overlap", 1), ("starts-within", 0)):
        kit = reading("VK-129", name)
        new_event(kit, new_channel(kit))
        assert kit.get(EVENTS, params={"searchStart": "2026-03-02T13:30:00Z"}).json["totalCount"] == count


def test_title_and_metadata_may_be_one() -> None:
    for name, metadata in (("independent", {}), ("mirrored", {"Title": "T"})):
        kit = reading("VK-130", name)
        assert kit.get(f"{EVENTS}/{new_event(kit, new_channel(kit), title='T')}").json["metadata"] == metadata


@pytest.mark.parametrize(
    ("identity", "name", "after", "expected"),
    [
        ("VK-131", "start-and-stop", 660, "Off"),
        ("VK-131", "start-only", 660, "On"),
        ("VK-132", "before-start", 300, "On"),
        ("VK-132", "at-start", 300, "Starting"),
    ],
)
def test_readings_of_ensuring_a_channel(identity: str, name: str, after: int, expected: str) -> None:
    kit = reading(identity, name)
    channel = new_channel(kit)
    new_event(kit, channel, "12:05", "12:10", ensureChannel=True)
    kit.advance(after)

    assert status(kit, channel) == expected


def test_automation_may_not_mind_being_disabled() -> None:
    for name, expected in (("blocks-events", "Off"), ("no-effect", "On")):
        kit = reading("VK-133", name)
        channel = new_channel(kit)
        kit.patch(f"{CHANNELS}/{channel}", {"automationDisabled": True})
        new_event(kit, channel, "12:05", "12:10", ensureChannel=True)
        kit.advance(400)
        assert status(kit, channel) == expected


def test_a_live_event_may_be_held() -> None:
    for name, code in (("allowed", 200), ("refused", 409)):
        kit = reading("VK-134", name)
        event = new_event(kit, new_channel(kit), "12:00", "13:00")
        many = kit.post(f"{EVENTS}/deletemany", [event, "nothing"]).json
        assert many[event]["success"] is (code == 200)
        assert many["nothing"]["success"] is False


def test_lists_may_show_catch_up() -> None:
    for name, there in (("details-only", False), ("everywhere", True)):
        kit = reading("VK-135", name)
        new_event(kit, new_channel(kit))
        assert ("catchup" in kit.get(EVENTS).json["items"][0]) is there


def test_a_reference_to_nothing_may_be_a_bad_request() -> None:
    body = {"channelId": "nothing", "start": NOW, "end": "2026-03-02T13:00:00Z"}
    assert reading("VK-136", "not-found").post(EVENTS, body).status == 404
    assert reading("VK-136", "bad-request").post(EVENTS, body).status == 400


def test_singular_and_plural_filters_may_add_up() -> None:
    for name, count in (("both", 0), ("either", 2)):
        kit = reading("VK-138", name)
        one, two = new_channel(kit), new_channel(kit)
        new_event(kit, one)
        new_event(kit, two)
        assert kit.get(EVENTS, params={"channelId": one, "channels": two}).json["totalCount"] == count
