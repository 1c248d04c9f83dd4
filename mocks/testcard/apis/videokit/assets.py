"""VOD assets: rows of what was made from files, their outputs, and how answers show them.

A row: id, title, metadata, preset, job, created, modified, ready, duration (ms), sources, outputs, tags, attributes,
state (a status set by an explicit row or a cancelled upload). *ready* is the moment when transcoding is over, None
while an input is still being uploaded. An output: id, preset, created, ready, expires, endpoints (harvested ones).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from testcard.apis.videokit.files import file_id_of, story_made, vod_titles
from testcard.apis.videokit.links import media_url
from testcard.apis.videokit.lists import plain_attribute
from testcard.apis.videokit.naming import vod_asset_id
from testcard.apis.videokit.records import Kind, Row, collection, fixture, millis, new_id, stamp, tenant_ids
from testcard.exchange import Call
from testcard.seed import uuid_from
from testcard.world.clock import parse_instant
from testcard.world.world import World

__all__ = [
    "ASSETS",
    "asset_view",
    "fill_asset",
    "live_outputs",
    "modified_at",
    "new_asset",
    "new_output",
    "playable",
    "preset_named",
    "status_of",
    "summary_view",
    "transcoding_ms",
    "urls_of",
]

Url = Callable[[str, str, str], str]
"""The address of a file of a stream, by asset, output and name."""


def preset_named(name: str) -> dict[str, Any] | None:
    """The preset of that name, in any case."""
    return next((preset for preset in fixture()["presets"] if preset["name"] == name.lower()), None)


def transcoding_ms(world: World, duration: int) -> int:
    """How long transcoding takes (ledger VK-037)."""
    return 0 if world.reading("VK-037") == "instant" else min(max(duration // 10, 30_000), 1_800_000)


def new_asset(identity: str, job: str, preset: str, created: int) -> Row:
    """An asset without sources or outputs yet."""
    return {
        "id": identity,
        "title": None,
        "metadata": {},
        "preset": preset,
        "job": job,
        "created": created,
        "modified": created,
        "ready": None,
        "duration": 0,
        "sources": [],
        "outputs": [],
        "tags": [],
        "attributes": [],
        "state": None,
    }


def new_output(identity: str, preset: str, created: int, ready: int | None) -> Row:
    """An output that is ready at that moment."""
    return {"id": identity, "preset": preset, "created": created, "ready": ready, "expires": None, "endpoints": None}


def status_of(row: Row, now: int) -> str:
    """An asset's or output's status at a moment."""
    if row.get("state"):
        return str(row["state"])
    if row["ready"] is None:
        return "Pending"
    return "Available" if row["ready"] <= now else "Processing"


def modified_at(row: Row, now: int) -> int:
    """When the row last changed: by a write, or because something became ready."""
    made = [each["ready"] for each in (row, *row["outputs"]) if each["ready"] is not None and each["ready"] <= now]
    latest: int = max([row["modified"], *made])
    return latest


def live_outputs(world: World, row: Row, now: int) -> list[Row]:
    """The outputs that are still listed (ledger VK-055)."""
    kept = world.reading("VK-055") == "kept"
    return [each for each in row["outputs"] if kept or each["expires"] is None or each["expires"] > now]


def _duration(row: Row, now: int) -> int | None:
    """The duration of an asset, once it is known."""
    return row["duration"] if status_of(row, now) == "Available" else None


def _moments(row: Row) -> Iterator[int]:
    yield row["created"]
    for each in (row, *row["outputs"]):
        yield from (moment for moment in (each["ready"], each.get("expires")) if moment is not None)


def _story(world: World, _tenant: str) -> Iterator[Row]:
    presets = [preset["name"] for preset in fixture()["presets"]]
    for title in vod_titles(world):
        created = story_made(title) + 3_600_000
        ready = created + transcoding_ms(world, title.duration_s * 1000)
        identity, preset = vod_asset_id(world.seed, title), presets[title.code % 2]
        outputs = [new_output(uuid_from(world.seed, "videokit output", title.id), preset, created, ready)]
        if title.code % 3 == 0:
            outputs.append(new_output("download", "mp4", created, ready))
        row = new_asset(identity, uuid_from(world.seed, "videokit job", title.id), preset, created)
        yield row | {
            "title": title.name,
            "metadata": {"Title": title.name, "Studio": title.studio, "Series": title.series},
            "ready": ready,
            "duration": title.duration_s * 1000,
            "sources": [{"fileId": file_id_of(world, title), "fileTypesFlag": "Video"}],
            "outputs": outputs,
            "tags": [channel.slug for channel in title.channels],
            "attributes": [f"catalogue={title.catalogue}"],
        }


def _take(_world: World, given: Row) -> Row:
    created, preset = _moment(given["createDate"]), given["preset"]
    row = new_asset(given["id"], given.get("transcodedJobId") or given["id"], preset, created)
    row |= {
        "title": given.get("title"),
        "metadata": given.get("metadata") or {},
        "modified": _moment(given["lastModificationDate"]),
        "ready": created,
        "duration": given["durationMilliseconds"],
        "sources": given.get("sources", []),
        "outputs": [_take_output(each, created, preset) for each in given.get("outputs", [{"id": "main"}])],
        "tags": given.get("tags") or [],
        "attributes": [plain_attribute(text) for text in given.get("attributes") or []],
        "state": None if given["status"] == "Available" else given["status"],
    }
    return row


def _take_output(given: Row, created: int, preset: str) -> Row:
    row = new_output(given.get("id") or "main", given.get("preset") or preset, created, created)
    expires = given.get("expirationDate")
    state = given.get("status", "Available")
    row |= {"expires": _moment(expires) if expires else None, "endpoints": given.get("endpoints")}
    return row | {"state": None if state == "Available" else state}


def _moment(text: str) -> int:
    return millis(parse_instant(text))


def fill_asset(world: World, row: Row, position: int) -> Row:
    """Complete an explicit row."""
    now = world.now().isoformat()
    made: Row = {"id": new_id(world), "title": f"Asset {position + 1}", "status": "Available", "createDate": now}
    made |= {"preset": fixture()["presets"][0]["name"], "durationMilliseconds": 60_000}
    made["lastModificationDate"] = row.get("createDate", now)
    return made | row


def summary_view(world: World, row: Row) -> dict[str, Any]:
    """The six fields of the list's sample (ledger VK-033)."""
    now = world.clock.now_ms()
    return {
        "id": row["id"],
        "preset": row["preset"],
        "title": row["title"],
        "status": status_of(row, now),
        "createDate": stamp(world, row["created"]),
        "lastModificationDate": stamp(world, modified_at(row, now)),
    }


def asset_view(world: World, tenant: str, row: Row, attributes: list[str], url: Url) -> dict[str, Any]:
    """The whole asset."""
    now = world.clock.now_ms()
    outputs = [_output_view(world, row, each, now, url) for each in live_outputs(world, row, now)]
    shown = summary_view(world, row) | {
        "transcodedJobId": row["job"],
        "metadata": row["metadata"],
        "tenantId": tenant,
        "fileIds": {source["fileId"]: source.get("fileTypesFlag") or "Video" for source in row["sources"]},
        "sources": row["sources"],
        "endpoints": [endpoint for output in outputs for endpoint in output["endpoints"]],
        "outputs": outputs,
        "durationMilliseconds": _duration(row, now),
    }
    if row["state"] == "Error":
        shown["errorMessage"] = "The upload of an input file was cancelled."
    if world.reading("VK-034") == "shown":
        shown |= {"tags": row["tags"], "attributes": attributes}
    return shown


def _output_view(world: World, row: Row, output: Row, now: int, url: Url) -> dict[str, Any]:
    status = status_of(output, now)
    gone = output["expires"] is not None and output["expires"] <= now
    shown = {"id": output["id"], "status": status, "preset": output["preset"], "endpoints": []}
    if output["expires"] is not None:
        shown["expirationDate"] = stamp(world, output["expires"])
    if status == "Available" and not gone:
        shown["completionDate"] = stamp(world, output["ready"])
        given = output["endpoints"]
        shown["endpoints"] = given if given is not None else _endpoints(row, output, url)
    return shown


def _endpoints(row: Row, output: Row, url: Url) -> list[dict[str, Any]]:
    preset = preset_named(output["preset"])
    download = preset is not None and preset["createsDownload"]
    forms = [("MP4", "video.mp4")] if download else [("HLS", "master.m3u8"), ("DASH", "manifest.mpd")]
    common: dict[str, Any] = {"accessType": "Http", "preset": output["preset"], "protection": "None"}
    common["durationMilliseconds"] = row["duration"]
    return [
        {"id": f"{output['id']}-{form.lower()}", "format": form, "url": url(row["id"], output["id"], name)} | common
        for form, name in forms
    ]


def urls_of(call: Call) -> Url:
    """The addresses of streams, for the caller."""
    return lambda asset, output, name: media_url(call, "asset", asset, output, name)


def playable(world: World, identity: str, output: str) -> int | None:
    """The duration of an output that can be played now, in whichever tenant it is."""
    now = world.clock.now_ms()
    for tenant in tenant_ids(world):
        row = collection(world, tenant, ASSETS).get(identity)
        for each in live_outputs(world, row, now) if row else ():
            gone = each["expires"] is not None and each["expires"] <= now
            if each["id"] == output and status_of(each, now) == "Available" and not gone:
                return int(row["duration"]) if row else None
    return None


ASSETS = Kind(
    "assets",
    sorts={
        "id": lambda row, _: row["id"],
        "title": lambda row, _: row["title"],
        "createdate": lambda row, _: row["created"],
        "lastmodificationdate": modified_at,
        "preset": lambda row, _: row["preset"],
        "status": status_of,
        "durationmilliseconds": _duration,
        "duration": _duration,
    },
    names=lambda row: (row["title"],),
    moments=_moments,
    story=_story,
    take=_take,
)
