"""Named scenarios that write, and look at what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.videokit.steps import later, one, result, step
from testcard.suite.subjects.videokit.worlds import (
    Row,
    asset_id,
    channel,
    channel_id,
    event,
    event_id,
    file_id,
    kit,
    recording,
    recording_id,
)

__all__ = ["NEW_ASSET", "NEW_EVENT", "NEW_RECORDING", "writing"]

_LABELS: Row = {"tags": ["new", "50% & more"], "attributes": ["genre=new", "key=a=b"]}
NEW_ASSET: Row = {
    "transcodedSources": [{"fileId": file_id(0)}],
    "preset": "dash_hls_720p",
    "title": 'Neu "東京" & more',
    "metadata": {"Title": "Neu", "Note": " blank "},
}
NEW_EVENT: Row = {
    "channelId": channel_id(1),
    "start": "2026-03-03T20:15:00+01:00",
    "end": "2026-03-03T20:00:00Z",
    "title": "Der Abend",
    "metadata": {"Series": "Abende"},
    **_LABELS,
}
NEW_RECORDING: Row = {
    "source": {
        "type": "LiveChannel",
        "liveChannelDetails": {
            "channelId": channel_id(0),
            "start": "2026-03-02T13:00:00Z",
            "end": "2026-03-02T13:30:00Z",
        },
    },
    "catchup": {"enabled": True},
    "archive": {"enabled": True, "delaySeconds": 60},
    "outputs": [{"id": "download", "preset": "mp4"}],
    "metadata": {"title": "Aufnahme", "attributes": [{"key": "genre", "value": "news"}]},
}


def writing() -> Iterator[Scenario]:
    """Module by module."""
    yield from _assets()
    yield from _files()
    yield from _channels()
    yield from _events()
    yield from _recordings()
    yield from _streaming()
    yield from _keys()


def _assets() -> Iterator[Scenario]:
    some, walk, look = kit(assets=9, files=4), step("list_vod_assets"), "get_vod_asset"
    here = {"id": asset_id(1)}
    yield one(
        "an asset is changed",
        some,
        step("update_vod_asset", **here, body={"title": "New", **_LABELS}),
        walk,
        step(look, **here),
    )
    yield one(
        "an asset's metadata is changed",
        some,
        step("update_vod_asset", **here, body={"metadata": {"Studio": "Another", "Code": None}}),
        step(look, **here),
    )
    yield one(
        "an asset is cleared",
        some,
        step("update_vod_asset", **here, body={"metadata": None, "tags": [], "title": None}),
        step(look, **here),
    )
    yield one(
        "an asset that is not there is changed", some, step("update_vod_asset", id=asset_id(99), body={"title": "x"})
    )
    yield one("an asset is deleted", some, step("delete_vod_asset", **here), walk, step(look, **here))
    yield one("an asset that is not there is deleted", some, step("delete_vod_asset", id=asset_id(99)))
    yield one("assets are deleted", some, step("delete_vod_assets", ids=[asset_id(each) for each in (1, 3)]), walk)
    yield one(
        "assets are deleted, and one is not there",
        some,
        step("delete_vod_assets", ids=[asset_id(1), asset_id(99), asset_id(4)]),
        walk,
    )
    made = result(0)
    yield one(
        "an asset is made",
        some,
        step("create_vod_asset", body=NEW_ASSET),
        step(look, id=made),
        later(29.999, look, id=made),
        later(0.001, look, id=made),
        walk,
    )
    yield one(
        "an asset is made and deleted",
        some,
        step("create_vod_asset", body=NEW_ASSET),
        step("delete_vod_asset", id=made),
        walk,
    )
    missing = {**NEW_ASSET, "transcodedSources": [{"fileId": file_id(99)}]}
    for name, body in {
        "of a file that there is not": missing,
        "by a preset that there is not": {**NEW_ASSET, "preset": "no_such_preset"},
        "of a file that was given up": {**NEW_ASSET, "transcodedSources": [{"fileId": file_id(3)}]},
    }.items():
        yield one(f"an asset {name}", some, step("create_vod_asset", body=body), walk)
    coming = {**NEW_ASSET, "transcodedSources": [{"fileId": file_id(2)}]}
    yield one("an asset of a file that is still coming", some, step("create_vod_asset", body=coming))


def _files() -> Iterator[Scenario]:
    some, walk, look = kit(assets=2, files=8), step("list_files"), "get_file"
    here = {"id": file_id(4)}
    body = {"name": "new name.mp4", "friendlyName": "Neu", "metadata": {"Studio": None, "New": "1"}, **_LABELS}
    yield one("a file is changed", some, step("update_file", **here, body=body), walk, step(look, **here))
    yield one("a file is deleted", some, step("delete_file", **here), walk)
    yield one("a file in use is deleted", some, step("delete_file", id=file_id(0)), walk)
    yield one(
        "files are deleted, and one is in use",
        some,
        step("delete_files", ids=[file_id(5), file_id(1), file_id(6)]),
        walk,
    )


def _channels() -> Iterator[Scenario]:
    quiet = {**kit(), "channels": [channel(0, status="On"), channel(1, status="Off"), channel(2, status="Error")]}
    status = "get_channel_status"
    for name, number, verb, over in (("off", 1, "start_channel", 59.999), ("on", 0, "stop_channel", 29.999)):
        here = {"id": channel_id(number)}
        yield one(
            f"a channel that is {name} is switched",
            quiet,
            step(verb, **here),
            step(status, **here),
            later(over, status, **here),
            later(0.001, status, **here),
        )
        other = "stop_channel" if verb == "start_channel" else "start_channel"
        yield one(
            f"a channel that is {name} is switched to where it is", quiet, step(other, **here), step(status, **here)
        )
    yield one("a channel that there is not is started", quiet, step("start_channel", id=channel_id(99)))
    here = {"id": channel_id(1)}
    yield one(
        "a channel is started twice",
        quiet,
        step("start_channel", **here),
        later(30, "start_channel", **here),
        step("list_channels"),
    )
    yield one("a broken channel is started", quiet, step("start_channel", id=channel_id(2)))


def _events() -> Iterator[Scenario]:
    some, walk, look = kit(events=9), step("list_events"), "get_event"
    here = {"id": event_id(1)}
    yield one("an event is made", some, step("create_event", body=NEW_EVENT), walk, step(look, id=result(0)))
    yield one(
        "an event that ends before it begins",
        some,
        step("create_event", body={**NEW_EVENT, "end": "2026-03-03T20:00:00+01:00"}),
        walk,
    )
    yield one(
        "an event on a channel that there is not",
        some,
        step("create_event", body={**NEW_EVENT, "channelId": channel_id(99)}),
        walk,
    )
    yield one(
        "an event is changed",
        some,
        step(
            "update_event",
            **here,
            body={
                "title": "Später",
                "start": "2026-03-04T00:00:00Z",
                "end": "2026-03-04T01:00:00.500Z",
                "metadata": {"Title": "Anders", "Studio": None},
                **_LABELS,
            },
        ),
        walk,
        step(look, **here),
    )
    yield one("an event is deleted", some, step("delete_event", **here), walk)
    yield one(
        "events are deleted, and one is not there",
        some,
        step("delete_events", ids=[event_id(2), event_id(99), event_id(3)]),
        walk,
    )
    under_way = [event(0, start="2026-03-02T11:00:00Z", end="2026-03-02T13:00:00Z"), event(1)]
    yield one(
        "an event under way is deleted", {**some, "events": under_way}, step("delete_event", id=event_id(0)), walk
    )


def _recordings() -> Iterator[Scenario]:
    some, walk, look = kit(recordings=9), step("list_recordings"), "get_recording"
    here, made = {"id": recording_id(1)}, result(0)
    yield one(
        "a recording is made and comes about",
        some,
        step("create_recording", body=NEW_RECORDING),
        step(look, id=made),
        walk,
        later(3_600, look, id=made),
        later(1_860, look, id=made),
        later(120, look, id=made),
    )
    yield one(
        "a recording of a channel that there is not",
        some,
        step(
            "create_recording",
            body={
                **NEW_RECORDING,
                "source": {
                    "type": "LiveChannel",
                    "liveChannelDetails": {
                        "channelId": channel_id(99),
                        "start": "2026-03-02T13:00:00Z",
                        "end": "2026-03-02T13:30:00Z",
                    },
                },
            },
        ),
        walk,
    )
    yield one(
        "a recording is changed",
        some,
        step("update_recording", **here, body={"title": "Anders", "metadata": {"Studio": "Other"}, **_LABELS}),
        walk,
        step(look, **here),
    )
    details = {"channelId": channel_id(0), "start": "2026-03-02T12:00:30Z", "end": "2026-03-02T12:30:00Z"}
    soon = recording(0, source={"type": "LiveChannel", "liveChannelDetails": details}, archive={"enabled": True})
    moved = {
        "type": "LiveChannel",
        "liveChannelDetails": {**details, "channelId": channel_id(1), "end": "2026-03-02T13:00:00Z"},
    }
    yield one(
        "a recording gets another source, and once too late",
        {**some, "recordings": [soon]},
        step("update_recording", id=recording_id(0), body={"source": moved}),
        step(look, id=recording_id(0)),
        later(3_600, "update_recording", id=recording_id(0), body={"source": soon["source"]}),
        step(look, id=recording_id(0)),
    )
    yield one("a recording is deleted", some, step("delete_recording", **here), walk)
    yield one(
        "recordings are deleted, and one is not there",
        some,
        step("delete_recordings", ids=[recording_id(2), recording_id(99), recording_id(3)]),
        walk,
    )
    details = {"channelId": channel_id(0), "start": "2026-03-02T11:00:00Z", "end": "2026-03-02T11:59:30Z"}
    busy = recording(0, source={"type": "LiveChannel", "liveChannelDetails": details}, archive={"enabled": True})
    yield one(
        "a recording that is being made is deleted",
        {**some, "recordings": [busy]},
        step("delete_recording", id=recording_id(0)),
        walk,
    )


def _streaming() -> Iterator[Scenario]:
    some, walk = kit(assets=3, channels=2, events=2, recordings=2), step("list_streaming_assets")
    for name, identity in {"vod": asset_id(0), "recording": recording_id(1), "channel": channel_id(0)}.items():
        here = {"assetId": identity}
        body = {"title": "Neu & anders", "description": "東京", **_LABELS}
        change, look = step("update_streaming_asset", **here, body=body), step("get_streaming_asset", **here)
        yield one(f"a streaming asset is changed: {name}", some, change, walk, look)
        tags = {"tags": [{"name": "50%/a b"}, {"name": "news"}, {"name": "ü?"}]}
        yield one(
            f"tags come and go: {name}",
            some,
            step("add_asset_tags", **here, body=tags),
            walk,
            step("delete_asset_tag", **here, tag="50%/a b"),
            walk,
            step("delete_asset_tag", **here, tag="no such"),
        )


def _keys() -> Iterator[Scenario]:
    walk = step("list_api_keys")
    body = {"name": 'Neu & "anders"', "roleId": "role-viewer"}
    yield one(
        "a key is made and deleted",
        {},
        step("create_api_key", body=body),
        walk,
        step("delete_api_key", id=result(0)),
        walk,
    )
    yield one("a key of a role that there is not", {}, step("create_api_key", body={**body, "roleId": "king"}), walk)
    some: list[Step] = [
        step("list_vod_assets"),
        step("update_vod_asset", id=asset_id(0), body={"title": "x"}),
        step("delete_vod_asset", id=asset_id(0)),
        step("list_vod_assets"),
    ]
    yield one("a key that may only read", kit(assets=3), *some, grants={"role": "Viewer"})
    yield one("a key that may not see keys", kit(assets=3), walk, step("list_vod_assets"), grants={"role": "Editor"})
    yield one(
        "a key of several tenants",
        kit(assets=3),
        step("list_vod_assets"),
        step("list_files"),
        step("delete_vod_asset", id=asset_id(1)),
        step("list_vod_assets"),
        grants={"tenants": "all"},
    )
