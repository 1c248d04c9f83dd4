"""Named scenarios that only read: lists with their filters and sorts, details, what depends on the clock."""

from __future__ import annotations

from collections.abc import Iterator

from testcard.suite.scenario import Scenario
from testcard.suite.subjects.videokit.steps import later, one, step
from testcard.suite.subjects.videokit.worlds import (
    Tables,
    asset,
    asset_id,
    channel,
    channel_id,
    event,
    event_id,
    file,
    file_id,
    kit,
    many,
    recording,
    recording_id,
)

__all__ = ["LONG", "reading"]

LONG = 105  # two pages and a bit of fifty, one and a bit of the usual hundred
_LISTS = {
    "list_vod_assets": "assets",
    "list_files": "files",
    "list_channels": "channels",
    "list_events": "events",
    "list_recordings": "recordings",
}
_EARLY, _LATE = (asset(number)["createDate"] for number in (5, 12))


def reading() -> Iterator[Scenario]:
    """The simplest first."""
    for operation, table in _LISTS.items():
        yield one(f"a list of two pages and a bit: {operation}", many(table, LONG), step(operation))
    mixed = kit(assets=40, files=0, channels=12, events=40, recordings=40)
    yield one("a list of two pages and a bit: list_streaming_assets", mixed, step("list_streaming_assets"))
    for size in (0, 1, 20, 50, 51, 100, 101):
        yield one(f"{size} assets", many("assets", size), step("list_vod_assets"))
    for size in (0, 100):
        yield one(f"{size} files", many("files", size), step("list_files"))
    yield from _small()
    yield from _assets()
    yield from _files()
    yield from _live()
    yield from _recorder()
    yield from _streaming()
    yield from _awkward()


def _small() -> Iterator[Scenario]:
    for operation in ("list_presets", "list_api_keys", "list_languages"):
        yield one(f"a short list: {operation}", {}, step(operation))
    yield one("keys by name", {}, step("list_api_keys", sort="Name", desc=True), step("list_api_keys", query="wall"))
    yield one("the state of the tenant", {}, step("get_tenant_status", id={"$env": "TESTCARD_VIDEOKIT_TENANT_ID"}))


def _assets() -> Iterator[Scenario]:
    some = many("assets", 24)
    walk = "list_vod_assets"
    yield one(
        "assets by status", some, step(walk, statuses=["Available"]), step(walk, statuses=["Error", "Processing"])
    )
    yield one("assets by preset", some, step(walk, presets=["mp4", "dash_hls_720p"]))
    yield one("assets by id", some, step(walk, ids=[asset_id(each) for each in (3, 1, 17)]))
    yield one("assets of a file", some, step(walk, fileId=file_id(1)))
    yield one(
        "assets by text", some, step(walk, query="quote"), step(walk, query="halyard & sons"), step(walk, query="東京")
    )
    yield one("assets by tag", some, step(walk, tags=["news & sport"]), step(walk, tags=["50%", "a+b"]))
    yield one(
        "assets by attribute", some, step(walk, attributes=["genre=film & tv"]), step(walk, attributes=["code=a=b"])
    )
    yield one("assets by bracketed attribute", some, step(walk, attributes=["[rate]=50%", "[genre]=news"]))
    yield one("assets by duration", some, step(walk, durationFrom=62_002, durationTo=70_010))
    yield one("assets of one moment", some, step(walk, createDateStart=_EARLY, createDateEnd=_EARLY))
    yield one("assets from one to another", some, step(walk, createDateStart=_EARLY, createDateEnd=_LATE))
    yield one("assets since a moment", some, step(walk, createDateStart="2026-02-04T00:00:00+02:00"))
    yield one("assets before a moment", some, step(walk, lastModificationDateEnd="2026-02-03T20:00:00-08:00"))
    yield one(
        "assets by several filters over two pages",
        many("assets", 205),
        step(walk, statuses=["Available", "Processing"], presets=["mp4", "dash_hls_1080p"], sort="Title", desc=True),
    )
    for sort in ("CreateDate", "LastModificationDate", "Title", "Metadata.Studio", "Metadata.Code"):
        yield one(f"assets sorted by {sort}", some, step(walk, sort=sort), step(walk, sort=sort, desc=True))
    yield one("assets sorted in the letters of the fields", some, step(walk, sort="createDate", desc=True))
    yield one("assets the other way round", some, step(walk, desc=True))
    yield one("a sort that there is not", some, step(walk, sort="Colour"))
    yield one("no assets of that kind", some, step(walk, presets=["audio_hls"]))
    yield one("one asset", some, step("get_vod_asset", id=asset_id(0)), step("get_vod_asset", id=asset_id(4)))
    yield one("an asset that there is not", some, step("get_vod_asset", id=asset_id(99)))
    outputs = [
        {"id": "main", "status": "Available"},
        {"id": "short", "status": "Available", "preset": "mp4", "expirationDate": "2026-03-02T12:00:30Z"},
    ]
    look = [later(by, "get_vod_asset", id=asset_id(0)) for by in (0, 29.999, 0.001)]
    yield one("an output that expires", {**some, "assets": [asset(0, outputs=outputs)]}, *look)


def _files() -> Iterator[Scenario]:
    some, walk = many("files", 24), "list_files"
    yield one("files by status", some, step(walk, status="Completed"), step(walk, statuses=["Error", "Uploading"]))
    yield one(
        "files by type", some, step(walk, fileType="Caption"), step(walk, fileType="Audio", statuses=["Completed"])
    )
    yield one(
        "files by text, tag and attribute",
        some,
        step(walk, query="Friendly 3"),
        step(walk, tags=["a+b"], attributes=["[genre]=film & tv", "rate=50%"]),
    )
    for sort in ("FileSize", "FriendlyName", "Name"):
        yield one(f"files sorted by {sort}", some, step(walk, sort=sort), step(walk, sort=sort, desc=True))
    yield one("one file", some, step("get_file", id=file_id(2)), step("get_file", id=file_id(4)))
    yield one("a file that there is not", some, step("get_file", id=file_id(99)))
    large = {**some, "files": [file(0, fileSize=9_007_199_254_740_993), file(1)]}
    yield one("a file of more bytes than a double counts", large, step(walk), step("get_file", id=file_id(0)))


def _live() -> Iterator[Scenario]:
    some = kit(channels=12, events=24)
    yield one(
        "channels by id, text and order",
        some,
        step("list_channels", ids=[channel_id(5), channel_id(2)]),
        step("list_channels", query="welle +1"),
        step("list_channels", sort="Name", desc=True),
    )
    yield one("channels without what is at AWS", some, step("list_channels", includeAwsData=False))
    yield one("one channel", some, step("get_channel", id=channel_id(0)), step("get_channel", id=channel_id(4)))
    yield one("a channel that there is not", some, step("get_channel", id=channel_id(99)))
    yield one(
        "the states of channels",
        some,
        step("list_channel_statuses", ids=[channel_id(each) for each in (4, 0, 1)]),
        step("list_channel_statuses"),
    )
    yield one(
        "the states of channels that are not there",
        some,
        step("list_channel_statuses", ids=[channel_id(0), channel_id(99)]),
    )
    walk = "list_events"
    yield one(
        "events of channels",
        some,
        step(walk, channelId=channel_id(1)),
        step(walk, channels=[channel_id(0), channel_id(2)]),
    )
    yield one(
        "events of a channel in both spellings",
        some,
        step(walk, channelId=channel_id(1), channels=[channel_id(1), channel_id(2)]),
    )
    yield one("events by status", some, step(walk, statuses=["Live"]), step(walk, statuses=["Scheduled", "Finished"]))
    yield one(
        "events in a time", some, step(walk, searchStart="2026-03-02T11:00:00Z", searchEnd="2026-03-02T15:00:00+01:00")
    )
    yield one("events by start", some, step(walk, sort="Start"), step(walk, sort="Start", desc=True))
    yield one("events by label", some, step(walk, tags=["news"], attributes=["[code]=a=b", "genre=news"]))
    yield one("one event", some, step("get_event", id=event_id(0)), step("get_event", id=event_id(6)))
    yield one("an event that there is not", some, step("get_event", id=event_id(99)))
    soon = {**some, "events": [event(0, start="2026-03-02T12:00:10Z", end="2026-03-02T12:01:00Z")]}
    clock = [
        step("get_event", id=event_id(0)),
        *(later(by, "get_event", id=event_id(0)) for by in (9.999, 0.001, 49.999, 0.001)),
    ]
    yield one("an event begins and ends", soon, *clock)
    week = {**some, "channels": [channel(0, createDate="2026-03-02T11:59:30Z", status="On",
                                         lastModificationDate="2026-03-02T11:59:30Z")]}  # fmt: skip
    yield one(
        "a channel is on after a minute",
        week,
        step("get_channel_status", id=channel_id(0)),
        later(29.999, "get_channel_status", id=channel_id(0)),
        later(0.001, "get_channel_status", id=channel_id(0)),
    )


def _recorder() -> Iterator[Scenario]:
    some, walk = kit(recordings=24), "list_recordings"
    yield one(
        "recordings by channel",
        some,
        step(walk, channelId=channel_id(2)),
        step(walk, channels=[channel_id(0), channel_id(1)]),
    )
    yield one(
        "recordings by status",
        some,
        step(walk, statuses=["Available"]),
        step(walk, statuses=["Pending", "Processing", "Error"]),
    )
    yield one(
        "recordings in a time", some, step(walk, searchStart="2026-03-02T11:00:00Z", searchEnd="2026-03-02T13:00:00Z")
    )
    yield one(
        "recordings by source",
        some,
        step(walk, sort="Source.LiveChannelDetails.Start"),
        step(walk, sort="source.liveChannelDetails.start", desc=True),
    )
    yield one("recordings by title and text", some, step(walk, sort="Title"), step(walk, query="東京"))
    yield one("one recording", some, *(step("get_recording", id=recording_id(each)) for each in (0, 4, 5)))
    yield one("a recording that there is not", some, step("get_recording", id=recording_id(99)))
    details = {"channelId": channel_id(0), "start": "2026-03-02T12:00:10Z", "end": "2026-03-02T12:00:40Z"}
    soon = recording(0, source={"type": "LiveChannel", "liveChannelDetails": details}, archive={"enabled": True})
    moments = (9.999, 0.001, 29.999, 0.001, 119.999, 0.001)
    yield one(
        "a recording is made",
        {**some, "recordings": [soon]},
        *(later(by, "get_recording", id=recording_id(0)) for by in (0, *moments)),
    )
    days = {"channelId": channel_id(0), "start": "2026-02-27T20:00:00Z", "end": "2026-02-27T21:00:00Z"}
    over = recording(
        0,
        source={"type": "LiveChannel", "liveChannelDetails": days},
        catchup={"enabled": True},
        archive={"enabled": True},
        createDate="2026-02-27T19:00:00Z",
        lastModificationDate="2026-02-27T19:00:00Z",
    )
    yield one(
        "a recording whose catch-up ends",
        {**some, "recordings": [over]},
        step("get_recording", id=recording_id(0)),
        later(14 * 86_400, "get_recording", id=recording_id(0)),
    )


def _streaming() -> Iterator[Scenario]:
    some = kit(assets=12, channels=4, events=8, recordings=8)
    walk = "list_streaming_assets"
    yield one("streaming assets by type", some, step(walk, type="Vod"), step(walk, types=["LiveEvent", "Recording"]))
    yield one(
        "streaming assets by status",
        some,
        step(walk, status="Available"),
        step(walk, statuses=["Live", "On", "Pending"]),
    )
    yield one(
        "streaming assets of a channel",
        some,
        step(walk, channelId=channel_id(1)),
        step(walk, channels=[channel_id(0), channel_id(2)], types=["LiveEvent"]),
    )
    yield one("protected streaming assets", some, step(walk, isDrm=True), step(walk, isDrm=False))
    yield one("streaming assets by source", some, step(walk, source="Live"))
    yield one("streaming assets by duration", some, step(walk, durationFrom=62_002, durationTo=1_800_000))
    yield one(
        "streaming assets by label",
        some,
        step(walk, tags=["news & sport", "Ünï"]),
        step(walk, attributes=["[rate]=50%", "code=a=b"]),
    )
    yield one("streaming assets sorted", some, step(walk, sort="Title", desc=True), step(walk, sort="Metadata.Code"))
    ids = (asset_id(1), recording_id(2), event_id(3), channel_id(0))
    yield one("one streaming asset", some, *(step("get_streaming_asset", assetId=each) for each in ids))
    yield one("a streaming asset that there is not", some, step("get_streaming_asset", assetId=asset_id(99)))


def _awkward() -> Iterator[Scenario]:
    ids = ("00 71/ü", "a&b=c#d?e;f", "%2F+%")
    tables: Tables = {
        **kit(),
        "assets": [asset(number, id=each) for number, each in enumerate(ids)],
        "files": [file(number, id=each) for number, each in enumerate(ids)],
    }
    for operation in ("get_vod_asset", "get_file"):
        yield one(f"awkward ids: {operation}", tables, *(step(operation, id=each) for each in ids))
    yield one("assets by awkward ids", tables, step("list_vod_assets", ids=[ids[1], ids[2]]))
    yield one("assets without labels", {**kit(), "assets": [
        asset(0, metadata={}, tags=[], attributes=[], title=None, sources=[], outputs=[]), asset(1)]},
        step("list_vod_assets"), step("list_vod_assets", sort="Metadata.Studio"),
        step("get_vod_asset", id=asset_id(0)))  # fmt: skip
