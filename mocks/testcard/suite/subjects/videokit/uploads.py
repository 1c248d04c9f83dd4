"""An upload as the service saw it: what was begun, which parts came, what was completed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from testcard.suite.oracles.videokit import Kit, content
from testcard.suite.oracles.videokit.vod import new_file
from testcard.suite.stage import Take
from testcard.world.journal import Entry

__all__ = ["Upload", "answer", "carried_out"]


def carried_out(take: Take, operation: str) -> list[Entry]:
    """The requests for an operation that the service carried out, whatever became of its answers."""
    return [each for each in take.traffic if each.operation == operation and 200 <= (each.status or 0) < 300]


def answer(entries: Sequence[Entry]) -> Mapping[str, Any]:
    """What the last of them answered."""
    try:
        found = orjson.loads(entries[-1].response_body)
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Upload:
    """One call of upload_file."""

    take: Take

    @property
    def started(self) -> Mapping[str, Any]:
        """What the beginning answered."""
        return answer(carried_out(self.take, "start_file_upload"))

    @property
    def completed(self) -> Entry | None:
        """The completion that was accepted."""
        return next(iter(carried_out(self.take, "complete_file_upload")), None)

    def shortfall(self) -> str:
        """What is amiss with the file at the service."""
        if self.completed is None:
            return "the file was called uploaded, and no completion was accepted"
        named = [int(part["partNumber"]) for part in orjson.loads(self.completed.request_body)["parts"]]
        if len(named) != self.started["partsCount"]:
            return f"{len(named)} parts were completed, and the file has {self.started['partsCount']}"
        tags, size = self._tags(), int(self.started["partSize"])
        body = content(self.take.step.arguments["pattern"], self.take.step.arguments["size"])
        for at, number in enumerate(named):
            digest = hashlib.md5(body[at * size : (at + 1) * size], usedforsecurity=False).hexdigest()
            if tags.get(number) != digest:
                return f"part {number} of the file at the service is not what stands there in the file that was given"
        return ""

    def _tags(self) -> Mapping[int, str]:
        """The entity tag of each part as it was last put before the completion: the digest of its bytes."""
        puts = [each for each in self.take.traffic if each.api == "storage" and each.method == "PUT"]
        return {
            int(parse_qs(urlsplit(each.url).query)["partNumber"][0]): each.response_headers["ETag"].strip('"')
            for each in puts
            if each.status == 200 and self.completed and each.id < self.completed.id
        }

    def leave(self, kit: Kit, now: int) -> None:
        """Do to the kit what the call has done to the service."""
        identity = self.started.get("fileId")
        if identity is None:
            return
        asked = self.take.step.arguments
        row = new_file(identity, {**asked, "fileSize": asked["size"]}, now)
        cancelled = carried_out(self.take, "cancel_file_upload")
        if self.completed is not None:
            row |= {"status": "Completed", "content": (asked["pattern"], asked["size"])}
        elif cancelled and _deletes(cancelled[-1]):
            return
        elif cancelled:
            row["status"] = "Error"
        kit.files[identity] = row


def _deletes(entry: Entry) -> bool:
    """Whether a cancellation deletes the file, as query or body say (ledger VK-074)."""
    query = parse_qs(urlsplit(entry.url).query)
    try:
        body = orjson.loads(entry.request_body or b"{}")
    except ValueError:
        body = {}
    return bool(query.get("delete", ["false"])[0].lower() == "true" or (isinstance(body, dict) and body.get("delete")))
