"""Live, recorder and streaming at every address, in every world: links lead back, and nothing is mixed up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from every_api import operations_of
from kit import Kit
from support import Mock
from testcard.contract import Operation

NOW = "2026-03-02T12:00:00Z"
CHANNELS, EVENTS, RECORDINGS, ASSETS = (
    "/live/v1/channels",
    "/live/v1/events",
    "/cvr/v1/recordings",
    "/streaming/v1/assets",
)
LISTS = (CHANNELS, EVENTS, RECORDINGS, ASSETS)


@pytest.fixture
def kit() -> Kit:
    return Kit(now=NOW)


def links_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if "://" in value and not value.startswith(("rtmp:", "s3:")) else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [link for part in parts for link in links_in(part)]


@pytest.mark.parametrize("path", LISTS)
def test_slashes_versions_and_letters_do_not_matter(kit: Kit, path: str) -> None:
    plain = kit.get(path, params={"limit": 3}).json

    for other in (f"{path}/", path.replace("/v1", ""), f"{path.replace('/v1', '')}/"):
        assert kit.get(other, params={"LIMIT": 3}).json == plain


def address(operation: Operation) -> str:
    return f"{operation.servers[0].base}{operation.path}"


@pytest.mark.parametrize("path", [*LISTS, "/vod/v1/assets", "/vod/v1/files", "/core/v1/api-key"])
def test_a_parameter_without_a_value_asks_for_nothing(kit: Kit, path: str) -> None:
    """Joining an empty selection leaves an empty text (ledger VK-200)."""
    whole = kit.get(path).json
    (operation,) = (each for each in operations_of("videokit") if each.method == "GET" and address(each) == path)
    lists = [each.name for each in operation.parameters if each.array]

    assert whole["items"]
    assert lists or "core" in path
    for name in (*lists, "query", "sort"):
        answered = kit.get(path, params={name: ""})
        assert answered.status == 200, answered.text
        assert answered.json == whole, name


@pytest.mark.parametrize("path", LISTS)
def test_the_documented_host_names_the_tenant_and_links_stay_there(kit: Kit, path: str) -> None:
    url = f"https://halyard.api.videokit.cloud{path}"
    answered = kit.mock.get(url, headers={"X-Api-Key": kit.key}, params={"limit": 2})

    assert answered.status == 200, answered.text
    links = links_in(answered.json)
    assert all(link.startswith("https://halyard.api.videokit.cloud/media/") for link in links)
    assert all(kit.mock.get(link).status == 200 for link in links)
    foreign = url.replace("halyard", "nightwatch")
    assert kit.mock.get(foreign, headers={"X-Api-Key": kit.key}).status == 403


def test_links_keep_the_prefix_of_their_world_and_of_a_proxy() -> None:
    mock = Mock("videokit", now=NOW)
    made = mock.post("/_testcard/worlds", json={"now": NOW}).json
    headers = {"X-Api-Key": made["env"]["TESTCARD_VIDEOKIT_API_KEY"], "X-Forwarded-Prefix": "/kit"}
    prefix = urlsplit(made["env"]["TESTCARD_VIDEOKIT_URL"]).path
    links = links_in(mock.get(f"{prefix}{CHANNELS}", headers=headers, params={"limit": 1}).json)

    assert links
    for link in links:
        assert urlsplit(link).path.startswith(f"/kit{prefix}/media/")
        assert mock.get(urlsplit(link).path.removeprefix("/kit")).status == 200


def test_a_link_finds_its_world_by_itself() -> None:
    mock = Mock("videokit", now=NOW)
    made = mock.post("/_testcard/worlds", json={"now": NOW}).json
    headers = {"X-Api-Key": made["env"]["TESTCARD_VIDEOKIT_API_KEY"]}
    body = {"name": "Only here", "input": {"type": "A", "inputLoss": {"type": "SLATE"}}, "endpoints": [{"type": "Hls"}]}
    channel = mock.post(f"/videokit{CHANNELS}", headers=headers, json=body).json["id"]
    link = mock.get(f"/videokit{CHANNELS}/{channel}", headers=headers).json["endpoints"][0]["url"]
    assert mock.get(link).status == 404  # it is not on yet
    for seconds, action in ((30, "start"), (60, "")):
        mock.post(f"/_testcard/worlds/{made['id']}/clock/advance", json={"seconds": seconds})
        if action:
            mock.post(f"/videokit{CHANNELS}/{channel}/{action}", headers=headers)

    assert mock.get(link).status == 200
    assert Kit(mock).get(f"{CHANNELS}/{channel}").status == 404


@pytest.mark.parametrize("path", [CHANNELS, EVENTS, RECORDINGS, "/streaming/v1/domains"])
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{", 400),
        ({"content-type": "application/json"}, b"[]", 400),
        ({"content-type": "application/json"}, b"", 400),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-type": "application/x-www-form-urlencoded"}, b"name=x", 415),
        ({"content-type": "application/json", "accept": "text/csv"}, b"{}", 406),
    ],
)
def test_bodies_that_are_not_what_they_should_be(
    kit: Kit, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    refused = kit.call("POST", path, headers=headers, body=body)

    assert refused.status == status
    assert refused.json["success"] is False
    assert refused.json["status"]["status"] == status


def test_the_same_calls_are_answered_with_the_same_bytes() -> None:
    def answers() -> list[bytes]:
        kit = Kit(now=NOW)
        body = {"name": "n", "input": {"type": "A", "inputLoss": {"type": "SLATE"}}}
        channel = kit.post(CHANNELS, body).json["id"]
        kit.post(f"{ASSETS}/{channel}/tags", {"tags": [{"name": "a"}]})
        qr = kit.get(f"/streaming/v1/qrcode/{channel}").body
        counted = kit.post("/streaming/v1/analytics/queries/count", {"dimension": "USER_ID", "groupBy": ["CITY"]})
        return [kit.get(path).body for path in LISTS] + [qr, counted.body]

    assert answers() == answers()


def test_a_snapshot_brings_everything_back(kit: Kit) -> None:
    body = {"name": "n", "input": {"type": "A", "inputLoss": {"type": "SLATE"}}}
    channel = kit.post(CHANNELS, body).json["id"]
    kit.post(EVENTS, {"channelId": channel, "start": NOW, "end": "2026-03-02T13:00:00Z", "ensureChannel": True})
    kit.post(f"{ASSETS}/{channel}/chapters", {"chapters": [{"title": "a", "startSecond": 1}]})
    kit.advance(60)
    before = [kit.get(path).body for path in (*LISTS, f"{ASSETS}/{channel}")]
    saved = kit.mock.post("/_testcard/worlds/default/snapshot").body
    kit.delete(f"{EVENTS}/{kit.get(EVENTS, params={'channelId': channel}).json['items'][0]['id']}")
    kit.advance(3600)
    assert [kit.get(path).body for path in (*LISTS, f"{ASSETS}/{channel}")] != before

    headers = {"content-type": "application/zip"}
    restored = kit.mock.request("POST", "/_testcard/worlds/default/restore", body=saved, headers=headers)

    assert restored.status == 200, restored.text
    assert [kit.get(path).body for path in (*LISTS, f"{ASSETS}/{channel}")] == before


def test_readings_that_change_under_way_change_lists_at_once(kit: Kit) -> None:
    channel = kit.get(CHANNELS).json["items"][0]["id"]
    body = {"source": {"type": "LiveChannel", "liveChannelDetails": {"channelId": channel, "start": NOW}}}
    kit.post(RECORDINGS, body)
    seen = []
    for name in ("pending", "processing", "pending"):
        kit.mock.request("PUT", "/_testcard/worlds/default/readings", json={"VK-148": name})
        seen.append(kit.get(RECORDINGS, params={"statuses": "Processing"}).json["totalCount"])
        seen.append(kit.get(ASSETS, params={"type": "Recording", "status": "Processing"}).json["totalCount"])

    assert seen == [0, 0, 1, 1, 0, 0]
