"""Careful clients do everything that live, recorder and streaming offer, over a real socket, under every reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from every_api import operations_of
from kit import Kit
from known_good.videokit import ClientError, NotDone
from known_good.videokit_live import LiveClient
from known_good.videokit_recorder import RecorderClient
from known_good.videokit_streaming import StreamingClient
from support import socket_server
from test_videokit_client import test_a_failed_upload_leaves_nothing_behind as failed_upload
from test_videokit_client import test_every_list_is_read_to_its_end as every_list
from test_videokit_client import test_from_upload_to_deletion as upload_to_deletion
from test_videokit_client import test_keys_are_made_changed_and_deleted as keys_made_changed_and_deleted
from test_videokit_client import test_several_files_go_at_once as several_files
from testcard.exchange import Call, Exchange, Reply
from testcard.exchange.routing import Route

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Readings that change shapes or what an answer holds, but not what a careful client learns.
OTHER_SHAPES = {
    "VK-101": "name",
    "VK-103": "without",
    "VK-104": "table",
    "VK-105": "no-content",
    "VK-106": "channel",
    "VK-107": "array",
    "VK-117": "number",
    "VK-127": "prefixed",
    "VK-144": "summary",
    "VK-145": "full",
    "VK-151": "output-id",
    "VK-166": "with-session-count",
    "VK-167": "value-only",
    "VK-169": "matching",
    "VK-173": "unordered",
    "VK-185": "objects",
    "VK-186": "lower",
    "VK-187": "start",
    "VK-192": "both",
    "VK-193": "items",
}


@pytest.fixture(params=["documented", "observed", "other shapes"])
def kit(request: pytest.FixtureRequest) -> Kit:
    if request.param == "other shapes":
        return Kit(now=NOW.isoformat(), readings=OTHER_SHAPES)
    return Kit(now=NOW.isoformat(), dialect=request.param)


class Everything(LiveClient, RecorderClient, StreamingClient):
    """All three in one."""


@contextmanager
def at_the_socket(kit: Kit, **options: Any) -> Iterator[Everything]:
    """A client of the kit's mock, served; when it sleeps, the world's time passes."""
    with (
        socket_server(kit.mock) as url,
        Everything(f"{url}/videokit", kit.key, kit.tenant, sleep=kit.advance, **options) as client,
    ):
        yield client


def test_a_channel_from_its_making_to_its_end(kit: Kit) -> None:
    with at_the_socket(kit) as client:
        assert len(client.list_channels()) < client.get_channel_limit()
        channel = client.create_channel("Quay", endpoints=[{"type": "Hls"}])
        client.wait_for_channel(channel, "Off")
        client.start_channel(channel)
        client.wait_for_channel(channel, "On")
        assert client.update_channel(channel, name="Pier")["name"] == "Pier"
        assert client.list_channel_statuses([channel]) == {channel: "On"}
        kit.advance(600)
        stats = client.get_channel_stats(channel, NOW, NOW + HOUR)
        assert len(stats["inputBitrate"]["data"]) >= 10
        assert client.get_channel_configuration(channel)["awsRegion"] == "eu-west-1"
        with pytest.raises(ClientError, match="409"):
            client.delete_channel(channel)
        client.stop_channel(channel)
        client.wait_for_channel(channel, "Off")
        client.delete_channel(channel)
        with pytest.raises(ClientError, match="404"):
            client.get_channel(channel)


def test_an_event_that_starts_its_channel_and_is_recorded(kit: Kit) -> None:
    with at_the_socket(kit) as client:
        channel = client.create_channel("Quay", endpoints=[{"type": "Hls"}])
        event = client.create_event(channel, NOW + HOUR, NOW + 2 * HOUR, ensureChannel=True, title="Race", tags=["a"])
        recording = client.create_recording(
            channel, NOW + HOUR, NOW + 2 * HOUR, archive={"enabled": True}, catchup={"enabled": True}
        )
        moved = client.move_recording(recording, channel, NOW + HOUR, NOW + 2 * HOUR + HOUR / 2)
        assert moved["source"]["liveChannelDetails"]["channelId"] == channel
        assert client.update_recording(recording, title="The race")["title"] == "The race"
        output = client.add_recording_output(recording, "mp4")
        kit.advance(3600)
        assert client.get_channel_status(channel) == "On"
        found = client.get_event(event)
        assert (found["status"], found["tags"], found["title"]) == ("Live", ["a"], "Race")
        done = client.wait_for_recording(recording)
        assert [each["id"] for each in done["outputs"]] == [output]
        assert client.get_channel_status(channel) == "Off"
        assert client.list_recordings(ids=recording)[0]["id"] == recording
        assert client.get_streaming_asset(recording)["title"] == "The race"
        assert len(client.list_image_frames(recording)) == 6
        client.delete_recording_output(recording, output)
        assert client.get_recording(recording)["outputs"] == []
        with pytest.raises(NotDone, match="nobody"):
            client.delete_recordings([recording, "nobody"])
        other = client.create_recording(channel, NOW, NOW + HOUR)
        client.delete_recording(other)
        assert other not in {row["id"] for row in client.list_recordings()}
        assert client.update_event(event, title="Raced")["title"] == "Raced"
        client.delete_event(event)
        with pytest.raises(NotDone, match=event):
            client.delete_events([event])
        assert event not in {row["id"] for row in client.list_events(channelId=channel)}


@pytest.mark.parametrize("page_size", [1, 9, 1000])
def test_every_list_is_read_to_its_end(page_size: int) -> None:
    kit = Kit(now=NOW.isoformat())
    with at_the_socket(kit, page_size=page_size) as client:
        for rows, path in (
            (client.list_events(sort="Start"), "/live/v1/events"),
            (client.list_recordings(desc="true"), "/cvr/v1/recordings"),
            (client.list_streaming_assets(types="LiveEvent,LiveChannel"), "/streaming/v1/assets?source=Live"),
        ):
            assert len(rows) == len({row["id"] for row in rows}) == kit.get(path).json["totalCount"] > 3


def test_an_asset_with_all_that_belongs_to_it(kit: Kit) -> None:
    with at_the_socket(kit) as client:
        asset = client.list_streaming_assets(type="Vod")[0]["id"]
        chapters = client.create_asset_chapters(asset, [{"title": "a", "startSecond": 1, "endSecond": 4}])
        assert chapters == [{"id": chapters[0]["id"], "title": "a", "start": 1, "end": 4}]
        client.delete_asset_chapter(asset, chapters[0]["id"])
        client.add_asset_tags(asset, ["new", "newer"])
        client.delete_asset_tag(asset, "new")
        assert client.get_streaming_asset(asset)["tags"][-1] == "newer"
        assert client.update_streaming_asset(asset, description="d")["description"] == "d"
        shown = client.update_streaming_asset_settings(asset, cap="Disabled")
        assert shown["settings"]["cap"]["asset"] == "Disabled"
        content = bytes(range(256)) * 50_000  # more parts than links come with the start
        image = client.upload_image(asset, "poster.png", content)
        client.create_asset_images(asset, {"poster": {"Id": image["fileId"]}})
        assert client.get_streaming_asset(asset)["images"]["poster"]["url"] == image["url"]
        assert client.get_image(asset, image["fileId"])["fileSize"] == len(content)
        client.delete_asset_image(asset, "poster")
        assert [row["id"] for row in client.list_images(asset)] == [image["fileId"]]
        assert client.delete_image(asset, image["fileId"]) == image["fileKey"]
        with pytest.raises(NotDone):
            client.delete_images(asset, [image["fileId"]])
        domain = client.add_domain("https://new.example.com")
        assert domain in client.list_domains()
        client.delete_domain(domain)
        assert client.get_streaming_settings()["allowedDomains"] == client.list_domains()
        assert client.get_qr_code(asset, Muted=True)[:4] == b"\x89PNG"


def test_figures_are_the_same_under_every_shape(kit: Kit) -> None:
    start = NOW - timedelta(days=2)
    plain = Kit(now=NOW.isoformat())
    with at_the_socket(kit) as client, at_the_socket(plain) as other:
        for name in ("get_queries_count", "get_queries_sum", "get_queries_avg", "get_queries_median"):
            one, two = (
                getattr(each, name)("PLAYED", start, NOW, interval="HOUR", groupBy=["COUNTRY"])
                for each in (client, other)
            )
            assert one == two
            assert len(one) > 200
        for name in ("get_ads_count", "get_ads_sum", "get_ads_avg"):
            one, two = (getattr(each, name)("STARTED", start, NOW, interval="DAY") for each in (client, other))
            assert one == two
        peaks = [each.get_max_concurrent_viewers(start, NOW, interval="DAY") for each in (client, other)]
        assert peaks[0] == peaks[1]
        live = {"name": "IS_LIVE", "operator": "EQ", "value": True}
        found = client.list_impressions(NOW - HOUR, NOW, filters=[live])
        assert len(found) == client.get_queries_count("IMPRESSION_ID", NOW - HOUR, NOW, filters=[live])[0][0]
        with pytest.raises(ClientError, match="more sessions"):
            client.list_impressions(start, NOW)


def test_the_careful_clients_call_every_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 86 of document 002, each with a success; what the extensions add is left out."""
    done: set[str] = set()
    answer = Exchange.answer

    def noted(exchange: Exchange, route: Route, *request: Any) -> tuple[Reply, Call]:
        reply, call = answer(exchange, route, *request)
        if reply.status in (200, 201, 202, 204):
            done.add(route.operation)
        return reply, call

    monkeypatch.setattr(Exchange, "answer", noted)
    upload_to_deletion("documented")
    keys_made_changed_and_deleted()
    failed_upload()
    several_files()
    every_list(1000)
    test_every_list_is_read_to_its_end(1000)
    for test in (
        test_a_channel_from_its_making_to_its_end,
        test_an_event_that_starts_its_channel_and_is_recorded,
        test_an_asset_with_all_that_belongs_to_it,
        test_figures_are_the_same_under_every_shape,
    ):
        test(Kit(now=NOW.isoformat()))
    documented = {each.id for each in operations_of("videokit") if not each.extension}

    assert len(documented) == 86
    assert documented - done == set(), documented - done
