"""VOD assets: rows of what was made from files, their outputs, and how answers show them.

A row: id, title, metadata, preset, job (where an explicit row gives one), created, modified, ready, duration (ms),
sources, outputs, tags, attributes, state (a status set by an explicit row or a cancelled upload). *ready* is the moment
when transcoding is over, None while an input is still being uploaded. An output: id, preset, created, ready, expires,
endpoints (harvested ones).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from testcard.apis.videokit.files import file_id_of, story_made, vod_titles
from testcard.apis.videokit.links import media_url
from testcard.apis.videokit.lists import plain_attribute, write_attributes
from testcard.apis.videokit.naming import vod_asset_id
from testcard.apis.videokit.records import Kind, Row, collection, fixture, millis, new_id, stamper, tenant_ids
from testcard.exchange import Call
from testcard.seed import uuid_from
from testcard.world.clock import parse_instant
from testcard.world.world import World

__all__ = [
    "ASSETS",
    "View",
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
    "view_for",
]

_SAFE = re.compile(r"[A-Za-z0-9_.~-]*")
_HEX = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_JOB = 0x6A6F6273  # what tells a job's id from its asset's
_FORMS = {True: (("MP4", "video.mp4"),), False: (("HLS", "master.m3u8"), ("DASH", "manifest.mpd"))}


@dataclass(frozen=True)
class View:
    """How a caller sees assets now: what an answer needs to know once, however many rows it has.

    *place* is the address under which the files of a stream are, by asset and output; *attributes* writes an asset's.
    """

    world: World
    tenant: str
    place: Callable[[str, str], str]
    attributes: Callable[[list[str]], list[str]]

    @cached_property
    def now(self) -> int:
        """The world's moment."""
        return self.world.clock.now_ms()

    @cached_property
    def stamp(self) -> Callable[[int], str]:
        """How a moment is written."""
        return stamper(self.world)

    @cached_property
    def tagged(self) -> bool:
        """Whether tags and attributes are shown (ledger VK-034)."""
        return self.world.reading("VK-034") == "shown"

    @cached_property
    def keeps_expired(self) -> bool:
        """Whether expired outputs stay listed (ledger VK-055)."""
        return self.world.reading("VK-055") == "kept"


def view_for(call: Call, tenant: str) -> View:
    """How the caller of *call* sees assets."""
    base = media_url(call, "asset")

    def place(asset: str, output: str) -> str:
        plain = _SAFE.fullmatch(asset) and _SAFE.fullmatch(output)
        return f"{base}/{asset}/{output}" if plain else media_url(call, "asset", asset, output)

    plain = call.reading("VK-022") == "plain"
    return View(call.world, tenant, place, list if plain else lambda attributes: write_attributes(call, attributes))


@lru_cache(maxsize=256)
def preset_named(name: str) -> dict[str, Any] | None:
    """The preset of that name, in any case."""
    return next((preset for preset in fixture()["presets"] if preset["name"] == name.lower()), None)


def transcoding_ms(world: World, duration: int) -> int:
    """How long transcoding takes (ledger VK-037)."""
    return 0 if world.reading("VK-037") == "instant" else min(max(duration // 10, 30_000), 1_800_000)


def new_asset(identity: str, preset: str, created: int) -> Row:
    """An asset without sources or outputs yet."""
    return {
        "id": identity,
        "title": None,
        "metadata": {},
        "preset": preset,
        "job": None,
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
        row = new_asset(identity, preset, created)
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
    row = new_asset(given["id"], preset, created)
    row |= {
        "job": given.get("transcodedJobId"),
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


def summary_view(view: View, row: Row) -> dict[str, Any]:
    """The six fields of the list's sample (ledger VK-033)."""
    return {
        "id": row["id"],
        "preset": row["preset"],
        "title": row["title"],
        "status": status_of(row, view.now),
        "createDate": view.stamp(row["created"]),
        "lastModificationDate": view.stamp(modified_at(row, view.now)),
    }


def asset_view(view: View, row: Row) -> dict[str, Any]:
    """The whole asset."""
    now, kept = view.now, view.keeps_expired
    listed = [each for each in row["outputs"] if kept or each["expires"] is None or each["expires"] > now]
    outputs = [_output_view(view, row, each) for each in listed]
    shown = summary_view(view, row)
    shown["transcodedJobId"] = row["job"] or _job_id(row["id"])
    shown["metadata"] = row["metadata"]
    shown["tenantId"] = view.tenant
    shown["fileIds"] = {source["fileId"]: source.get("fileTypesFlag") or "Video" for source in row["sources"]}
    shown["sources"] = row["sources"]
    shown["endpoints"] = [endpoint for output in outputs for endpoint in output["endpoints"]]
    shown["outputs"] = outputs
    shown["durationMilliseconds"] = _duration(row, now)
    if row["state"] == "Error":
        shown["errorMessage"] = "The upload of an input file was cancelled."
    if view.tagged:
        shown["tags"] = row["tags"]
        shown["attributes"] = view.attributes(row["attributes"])
    return shown


def _job_id(asset: str) -> str:
    if _HEX.fullmatch(asset):
        return f"{int(asset[:8], 16) ^ _JOB:08x}{asset[8:]}"
    return uuid_from("videokit job", asset)


def _output_view(view: View, row: Row, output: Row) -> dict[str, Any]:
    status, expires = status_of(output, view.now), output["expires"]
    shown = {"id": output["id"], "status": status, "preset": output["preset"], "endpoints": []}
    if expires is not None:
        shown["expirationDate"] = view.stamp(expires)
    if status == "Available" and (expires is None or expires > view.now):
        shown["completionDate"] = view.stamp(output["ready"])
        given = output["endpoints"]
        shown["endpoints"] = given if given is not None else _endpoints(view, row, output)
    return shown


def _endpoints(view: View, row: Row, output: Row) -> list[dict[str, Any]]:
    preset, place = preset_named(output["preset"]), view.place(row["id"], output["id"])
    return [
        {
            "id": f"{output['id']}-{form.lower()}",
            "accessType": "Http",
            "format": form,
            "url": f"{place}/{name}",
            "preset": output["preset"],
            "protection": "None",
            "durationMilliseconds": row["duration"],
        }
        for form, name in _FORMS[preset is not None and preset["createsDownload"]]
    ]


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
