"""Channels as answers show them."""

from __future__ import annotations

from typing import Any

from testcard.apis.videokit.channels import status_of
from testcard.apis.videokit.links import endpoint
from testcard.apis.videokit.live_fixture import live_fixture
from testcard.apis.videokit.records import Row, stamp
from testcard.exchange import Call
from testcard.seed import hexadecimal, uuid_from

__all__ = ["channel_endpoints", "channel_view", "configuration_view", "status_view"]

_AWS = {
    "Processing": "CREATING",
    "Off": "IDLE",
    "Starting": "STARTING",
    "On": "RUNNING",
    "Stopping": "STOPPING",
    "Error": "CREATE_FAILED",
}


def status_view(call: Call, row: Row) -> dict[str, Any]:
    """A channel's state (ledger VK-124)."""
    status = status_of(call.world, row)
    internal = _AWS[status] if call.reading("VK-124") == "aws" else status
    return {"id": row["id"], "status": status, "internalStatus": internal}


def channel_view(call: Call, row: Row, *, aws: bool = True) -> dict[str, Any]:
    """A channel (ledger VK-102, VK-119)."""
    settings, endpoints = row["settings"], channel_endpoints(call, row)
    pipelines = 2 if settings.get("redundancy") == "DoubleInput" else 1
    shown: dict[str, Any] = {
        "id": row["id"],
        "endpoints": endpoints,
        "archiveEndpointIds": [each["id"] for each in endpoints[:1]],
        "transcodeEndpointId": endpoints[0]["id"] if endpoints else None,
        "cdn": {"enabled": True},
        "inputs": [_input(call, row, pipelines)],
        "encoding": {"preset": _preset(settings), "pipelines": pipelines},
        **status_view(call, row),
        "metadata": row["metadata"],
        "createDate": stamp(call.world, row["created"]),
        "lastModificationDate": stamp(call.world, row["modified"]),
        "automationDisabled": row["automationDisabled"],
        "name": row["name"],
    }
    if not aws and call.reading("VK-102") == "aws-parts":
        for name in ("inputs", "encoding", "internalStatus"):
            del shown[name]
    if call.reading("VK-119") == "with-settings":
        shown |= {name: value for name, value in settings.items() if name != "endpoints"}
    return shown


def channel_endpoints(call: Call, row: Row) -> list[dict[str, Any]]:
    """Where a channel can be played, one place for each type of endpoint; their names are not all known (VK-141)."""
    made = []
    for number, each in enumerate(row["settings"].get("endpoints", ())):
        kind = each.get("type", "Hls")
        form = "DASH" if kind.lower().startswith("dash") else "HLS"
        protected = kind.lower().endswith("drm")
        protection = ("Cenc" if form == "DASH" else "FairPlay") if protected else "None"
        info = endpoint(
            call, ("channel", row["id"]), form, identity=f"{kind.lower()}-{number + 1}", protection=protection
        )
        if protected:
            key = uuid_from(call.world.seed, "videokit content key", row["id"])
            info["protectionDetails"] = {"keyIds": [key], "contentId": row["id"]}
        made.append(info)
    return made


def configuration_view(call: Call, row: Row) -> dict[str, Any]:
    """The AWS side of a channel, with nothing secret in it (ledger VK-116)."""
    shown: dict[str, Any] = {"awsRegion": live_fixture()["region"], "bucketName": f"channel-{row['id']}"[:63]}
    if call.reading("VK-116") == "masked":
        shown |= {"accessKey": "AKIA" + "X" * 16, "secretKey": "X" * 40}
    return {"id": row["id"], "configuration": shown}


def _input(call: Call, row: Row, pipelines: int) -> dict[str, Any]:
    settings = row["settings"].get("input", {})
    key = hexadecimal(12, call.world.seed, "videokit input", row["id"])
    host = f"ingest.{call.world.story.broadcaster.domain}"
    return {
        "id": key,
        "type": settings.get("type"),
        "destinations": [{"url": f"rtmp://{host}:1935/{key}/{number}"} for number in range(pipelines)],
        "details": {"securityGroupIps": [settings.get("whitelistCidr", "0.0.0.0/0")]},
    }


def _preset(settings: dict[str, Any]) -> str | None:
    """The name of the tallest quality."""
    qualities = [each for each in settings.get("qualities", ()) if "resolution" in each]
    if not qualities:
        return None
    tallest = max(qualities, key=lambda each: int(each["resolution"].rstrip("p")))
    return f"{tallest['resolution']}{tallest.get('frameRate', '')}"
