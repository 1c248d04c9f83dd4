"""Recorder: what recordings do in time, and what each reading changes."""

from __future__ import annotations

from typing import Any

import pytest

from kit import Kit

BASE = "/cvr/v1/recordings"
NOW = "2026-03-02T12:00:00Z"
DAY = 86_400


@pytest.fixture
def kit() -> Kit:
    return Kit(now=NOW, profile="empty")


def reading(identity: str, name: str) -> Kit:
    return Kit(now=NOW, profile="empty", readings={identity: name})


def a_channel(kit: Kit) -> str:
    return str(kit.get("/live/v1/channels").json["items"][0]["id"])


def source(channel: str, start: str | None = "12:10", end: str | None = "12:20") -> dict[str, Any]:
    span = {name: f"2026-03-02T{each}:00Z" for name, each in (("start", start), ("end", end)) if each}
    return {"type": "LiveChannel", "liveChannelDetails": {"channelId": channel, **span}}


def record(kit: Kit, **more: Any) -> str:
    body = {"source": source(a_channel(kit)), "archive": {"enabled": True}, **more}
    made = kit.post(BASE, body)
    assert made.status == 200, made.text
    return str(made.json["id"])


def state(kit: Kit, recording: str) -> str:
    return str(kit.get(f"{BASE}/{recording}").json["status"])


def test_a_recording_is_pending_then_processing_then_available(kit: Kit) -> None:
    recording, seen = record(kit), []
    for seconds in (0, 600, 599, 1, 119, 1):
        kit.advance(seconds)
        seen.append(state(kit, recording))

    assert seen == ["Pending", "Pending", "Pending", "Processing", "Processing", "Available"]


def test_the_archive_waits_for_its_delay(kit: Kit) -> None:
    recording, seen = record(kit, archive={"enabled": True, "delaySeconds": 3600}), []
    for seconds in (1200, 3599, 1, 120):
        kit.advance(seconds)
        seen.append(state(kit, recording))

    assert seen == ["Pending", "Pending", "Processing", "Available"]


def test_what_is_recorded_can_be_fetched_until_it_is_over(kit: Kit) -> None:
    outputs = [{"id": "file1", "preset": "mp4", "expirationDate": "2026-03-03T12:00:00Z"}]
    recording = record(kit, catchup={"enabled": True}, outputs=outputs)
    kit.advance(1320)
    shown = kit.get(f"{BASE}/{recording}").json
    links = [shown["catchup"]["endpoints"][0]["url"], shown["outputs"][0]["endpoints"][0]["url"]]
    links += [each["url"] for each in shown["archive"]["endpoints"]]

    assert [kit.mock.get(link).status for link in links] == [200, 200, 200, 200]
    assert kit.mock.get(links[1]).body[4:8] == b"ftyp"
    kit.advance(DAY)
    assert [kit.mock.get(link).status for link in links] == [200, 404, 200, 200]
    kit.advance(14 * DAY)
    assert [kit.mock.get(link).status for link in links] == [404, 404, 200, 200]
    later = kit.get(f"{BASE}/{recording}").json
    assert later["catchup"] == {"enabled": True, "expirationTime": "2026-03-16T12:20:00Z", "endpoints": []}
    assert later["outputs"] == []


def test_the_source_changes_while_pending_only(kit: Kit) -> None:
    recording = record(kit)
    channel = kit.get("/live/v1/channels").json["items"][1]["id"]
    assert kit.patch(f"{BASE}/{recording}", {"source": source(channel, "12:30", "12:40")}).status == 200
    shown = kit.get(f"{BASE}/{recording}").json["source"]["liveChannelDetails"]
    assert shown == {"channelId": channel, "start": "2026-03-02T12:30:00Z", "end": "2026-03-02T12:40:00Z"}
    kit.advance(2400)

    refused = kit.patch(f"{BASE}/{recording}", {"source": source(channel)})

    assert refused.status == 409
    assert "Pending" in refused.json["status"]["message"]
    assert kit.patch(f"{BASE}/{recording}", {"title": "still"}).status == 200


def test_an_update_is_read_back(kit: Kit) -> None:
    recording = record(kit, metadata={"title": "Old", "attributes": [{"key": "genre", "value": "a"}]})
    change = {"title": "New", "metadata": {"genre": "b", "extra": None}, "catchup": {"enabled": True}}
    change |= {"archive": {"public": True, "delaySeconds": 60}, "tags": ["t"], "attributes": ["[k]=v"]}
    kit.patch(f"{BASE}/{recording}", change)

    shown = kit.get(f"{BASE}/{recording}").json

    assert (shown["title"], shown["metadata"]) == ("New", {"title": "Old", "genre": "b"})
    assert shown["archive"] | {"endpoints": None} == {
        "enabled": True,
        "public": True,
        "delaySeconds": 60,
        "status": "Pending",
        "endpoints": None,
    }
    assert (shown["tags"], shown["attributes"]) == (["t"], ["k=v"])
    assert shown["catchup"]["enabled"] is True


def test_outputs_come_and_go(kit: Kit) -> None:
    recording = record(kit)
    added = kit.post(f"{BASE}/{recording}/outputs", {"preset": "mp4", "id": "new-output-1"})
    assert added.json == {
        "items": [{"id": "new-output-1"}],
        "pageCount": 1,
        "pageSize": 1,
        "totalCount": 1,
        "pageNumber": 1,
        "hasMore": False,
    }
    assert kit.post(f"{BASE}/{recording}/outputs", {"preset": "mp4", "id": "new-output-1"}).status == 409
    assert kit.post(f"{BASE}/{recording}/outputs", {"preset": "nothing"}).status == 404
    kit.advance(1320)
    late = kit.post(f"{BASE}/{recording}/outputs", {"preset": "dash_hls_720p"}).json["items"][0]["id"]
    states = {each["id"]: each["status"] for each in kit.get(f"{BASE}/{recording}").json["outputs"]}
    assert states == {"new-output-1": "Available", late: "Processing"}
    kit.advance(120)

    assert kit.get(f"{BASE}/{recording}").json["outputs"][1]["endpoints"][0]["format"] == "HLS"
    assert kit.delete(f"{BASE}/{recording}/outputs/{late}").status == 200
    assert kit.delete(f"{BASE}/{recording}/outputs/{late}").status == 404
    assert len(kit.get(f"{BASE}/{recording}").json["outputs"]) == 1


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "source"),
        ({"source": {"type": "LiveChannel"}}, "liveChannelDetails"),
        ({"source": {"type": "File", "liveChannelDetails": {"channelId": "x"}}}, "type"),
        ({"source": {"type": "LiveChannel", "liveChannelDetails": {}}}, "channelId"),
        ({"archive": {"delaySeconds": 2_592_001}}, "delaySeconds"),
        ({"archive": {"delaySeconds": -1}}, "delaySeconds"),
        ({"outputs": [{"preset": "mp4", "expirationDate": "tomorrow"}]}, "expirationDate"),
    ],
)
def test_a_recording_that_breaks_the_table_is_refused_by_name(kit: Kit, body: dict[str, Any], word: str) -> None:
    whole = body if "source" in body or not body else {"source": source(a_channel(kit)), **body}

    refused = kit.post(BASE, whole)

    assert refused.status == 400
    assert word in refused.json["status"]["message"]


def test_an_end_before_its_start_is_refused(kit: Kit) -> None:
    assert kit.post(BASE, {"source": source(a_channel(kit), "12:20", "12:10")}).status == 400


def test_delete_many_answers_each_id(kit: Kit) -> None:
    one, two = record(kit), record(kit)

    answer = kit.post(f"{BASE}/deletemany", [one, "nothing", one]).json

    good = {"status": {"code": "success", "status": 200, "message": "Recording deleted successfully"}, "success": True}
    assert answer[one] == good
    assert answer["nothing"]["success"] is False
    assert answer["nothing"]["status"]["status"] == 404
    assert [row["id"] for row in kit.get(BASE).json["items"]] == [two]
    assert kit.delete(f"{BASE}/{two}").body == b""
    assert kit.get(BASE).json["totalCount"] == 0


def test_the_list_filters_and_sorts(kit: Kit) -> None:
    first = record(kit, metadata={"title": "b", "kind": "match"})
    kit.advance(10)
    second = record(kit, source=source(a_channel(kit), "13:00", "14:00"), metadata={"title": "A"})

    def found(**params: Any) -> list[str]:
        answered = kit.get(BASE, params=params)
        assert answered.status == 200, answered.text
        return [row["id"] for row in answered.json["items"]]

    assert found() == [first, second]
    assert found(sort="Metadata.Title") == [second, first]
    assert found(sort="source.livechanneldetails.start", desc="true") == [second, first]
    assert found(query="MATCH") == [first]
    assert found(searchEnd="2026-03-02T12:30:00Z") == [first]
    assert found(searchStart="2026-03-02T12:30:00Z") == [second]
    assert found(createDateStart="2026-03-02T12:00:05Z") == [second]
    assert found(ids=f"{first},{second}", statuses="Pending") == [first, second]
    assert found(channelId=a_channel(kit)) == [first, second]
    assert found(channels="nothing") == []
    kit.advance(1310)
    assert found(statuses="Available") == [first]
    assert found(lastModificationDateStart="2026-03-02T12:21:00Z") == [first]


def test_the_story_has_recordings_of_its_events() -> None:
    kit = Kit(now=NOW)
    page = kit.get(BASE, params={"limit": 100}).json
    past = kit.get("/live/v1/events", params={"statuses": "Finished", "limit": 100}).json

    assert page["totalCount"] >= past["totalCount"] > 20
    assert [row["title"] for row in page["items"]][:20] == [row["title"] for row in past["items"]][:20]


def test_a_recording_is_a_streaming_asset_with_the_same_tags(kit: Kit) -> None:
    recording = record(kit, metadata={"title": "Shown"})
    kit.post(f"/streaming/v1/assets/{recording}/tags", {"tags": [{"name": "late"}]})

    assert kit.get(f"{BASE}/{recording}").json["tags"] == ["late"]
    assert kit.get(f"/streaming/v1/assets/{recording}").json["type"] == "Recording"
    kit.delete(f"{BASE}/{recording}")
    assert kit.get(f"/streaming/v1/assets/{recording}").status == 404


def test_explicit_rows_are_recordings() -> None:
    kit = Kit(now=NOW)
    kit.rows("recordings", {"id": "rec-1", "title": "Given", "catchup": {"enabled": True}}, {"status": "Error"})

    rows = kit.get(BASE).json["items"]

    assert [row["status"] for row in rows] == ["Available", "Error"]
    assert rows[0]["catchup"]["endpoints"]


PAIRS = {"title": "T", "attributes": [{"key": "genre", "value": "a"}]}


@pytest.mark.parametrize(
    ("name", "expected"), [("flattened", {"title": "T", "genre": "a"}), ("nested", PAIRS)], ids=["flattened", "nested"]
)
def test_pairs_may_stay_nested(name: str, expected: dict[str, Any]) -> None:
    kit = reading("VK-143", name)
    assert kit.get(f"{BASE}/{record(kit, metadata=PAIRS)}").json["metadata"] == expected


def test_the_list_may_be_in_short() -> None:
    for name, there in (("full", True), ("summary", False)):
        kit = reading("VK-144", name)
        record(kit)
        assert ("source" in kit.get(BASE).json["items"][0]) is there


def test_an_update_may_answer_everything() -> None:
    for name, there in (("short", False), ("full", True)):
        kit = reading("VK-145", name)
        assert ("archive" in kit.patch(f"{BASE}/{record(kit)}", {"title": "x"}).json) is there


def test_catch_up_may_count_from_the_creation() -> None:
    kit = reading("VK-146", "creation")
    shown = kit.get(f"{BASE}/{record(kit, catchup={'enabled': True})}").json

    assert shown["catchup"]["expirationTime"] == "2026-03-16T12:00:00Z"


def test_expired_catch_up_may_stay_in_sight_and_is_gone_all_the_same() -> None:
    kit = reading("VK-147", "kept")
    recording = record(kit, catchup={"enabled": True})
    kit.advance(15 * DAY)

    endpoints = kit.get(f"{BASE}/{recording}").json["catchup"]["endpoints"]

    assert kit.mock.get(endpoints[0]["url"]).status == 404


def test_a_recording_may_be_processing_while_it_runs() -> None:
    kit = reading("VK-148", "processing")
    recording = record(kit)
    kit.advance(600)

    assert state(kit, recording) == "Processing"


def test_a_late_source_may_be_a_bad_request() -> None:
    kit = reading("VK-149", "bad-request")
    recording = record(kit)
    kit.advance(1260)
    assert kit.patch(f"{BASE}/{recording}", {"source": source(a_channel(kit))}).status == 400


def test_a_source_may_need_both_ends() -> None:
    for name, code in (("defaults", 200), ("refused", 400)):
        kit = reading("VK-150", name)
        answered = kit.post(BASE, {"source": source(a_channel(kit), None, None)})
        assert answered.status == code
    kit = reading("VK-150", "defaults")
    made = kit.post(BASE, {"source": source(a_channel(kit), None, None)}).json["id"]
    details = kit.get(f"{BASE}/{made}").json["source"]["liveChannelDetails"]
    assert (details["start"], details["end"]) == (NOW, "2026-03-02T13:00:00Z")


def test_an_added_output_may_be_answered_as_in_vod() -> None:
    kit = reading("VK-151", "output-id")
    assert kit.post(f"{BASE}/{record(kit)}/outputs", {"preset": "mp4", "id": "o"}).json == {"outputId": "o"}


def test_an_output_may_be_called_after_its_preset() -> None:
    kit = reading("VK-152", "preset")
    recording = record(kit)
    names = [kit.post(f"{BASE}/{recording}/outputs", {"preset": "mp4"}).json["items"][0]["id"] for _ in range(2)]

    assert names == ["mp4", "mp4-2"]


def test_what_is_kept_nowhere_may_be_deleted() -> None:
    for name, code, count in (("kept", 200, 1), ("deleted", 404, 0)):
        kit = reading("VK-153", name)
        recording = record(kit, archive={"enabled": False}, catchup={"enabled": True})
        kit.advance(15 * DAY)
        assert kit.get(f"{BASE}/{recording}").status == code
        assert kit.get(BASE).json["totalCount"] == count
        assert kit.get("/streaming/v1/assets", params={"types": "Recording"}).json["totalCount"] == count


def test_an_id_that_is_no_uuid_may_be_a_bad_request() -> None:
    assert reading("VK-155", "not-found").get(f"{BASE}/nothing").status == 404
    assert reading("VK-155", "bad-request").get(f"{BASE}/nothing").status == 400


def test_a_search_may_be_by_creation() -> None:
    for name, count in (("source-time", 0), ("create-time", 1)):
        kit = reading("VK-156", name)
        record(kit)
        assert kit.get(BASE, params={"searchEnd": "2026-03-02T12:05:00Z"}).json["totalCount"] == count


def test_a_duration_may_be_planned() -> None:
    for name, expected in (("absent", None), ("planned", 600_000)):
        kit = reading("VK-157", name)
        assert kit.get(f"{BASE}/{record(kit)}").json.get("durationMilliseconds") == expected


def test_endpoints_may_say_how_they_are_protected() -> None:
    for name, there in (("absent", False), ("present", True)):
        kit = reading("VK-158", name)
        recording = record(kit, catchup={"enabled": True})
        kit.advance(600)
        assert ("protection" in kit.get(f"{BASE}/{recording}").json["catchup"]["endpoints"][0]) is there


def test_tags_may_be_hidden() -> None:
    for name, there in (("shown", True), ("hidden", False)):
        kit = reading("VK-159", name)
        assert ("tags" in kit.get(f"{BASE}/{record(kit)}").json) is there


def test_a_recording_of_a_channel_that_was_off_may_fail() -> None:
    for name, expected in (("available", "Available"), ("error", "Error")):
        kit = reading("VK-160", name)
        body = {"name": "Dark", "input": {"type": "RTMP_PUSH", "inputLoss": {"type": "SLATE"}}}
        channel = kit.post("/live/v1/channels", body).json["id"]
        dark = kit.post(BASE, {"source": source(channel)}).json["id"]
        lit = record(kit)
        kit.advance(2000)
        assert [state(kit, dark), state(kit, lit)] == [expected, "Available"]


def test_title_and_metadata_may_be_one() -> None:
    for name, expected in (("title-only", "Old"), ("both", "New")):
        kit = reading("VK-163", name)
        recording = record(kit, metadata={"title": "Old"})
        kit.patch(f"{BASE}/{recording}", {"title": "New"})
        assert kit.get(f"{BASE}/{recording}").json["metadata"]["title"] == expected


def test_a_recording_in_the_making_may_be_held() -> None:
    for name, code in (("allowed", 200), ("refused", 409)):
        kit = reading("VK-165", name)
        recording = record(kit)
        kit.advance(1260)
        assert kit.delete(f"{BASE}/{recording}").status == code
