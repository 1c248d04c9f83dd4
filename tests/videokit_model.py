"""VOD as plain Python has it: what a world of assets and files answers, worked out without any of the server's code.

Time is in whole seconds since the model's beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["START", "ModelAsset", "ModelFile", "ModelOutput", "VodModel"]

Row = dict[str, Any]
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRANSCODING_S = 30  # what the shortest inputs take


def written(second: int) -> str:
    """A moment as answers write it."""
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class ModelFile:
    """A file; *original* is what it was first called."""

    id: str
    name: str
    size: int
    created: int
    modified: int
    status: str = "Uploading"
    metadata: Row = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    friendly: str = ""
    original: str = ""

    def short(self) -> Row:
        """The fields of lists that the model knows."""
        return {
            "id": self.id,
            "status": self.status,
            "fileSize": self.size,
            "name": self.name,
            "tags": self.tags,
            "attributes": self.attributes,
            "createDate": written(self.created),
            "lastModificationDate": written(self.modified),
        }


@dataclass
class ModelOutput:
    """An output of an asset."""

    id: str
    preset: str
    ready: int
    expires: int | None = None


@dataclass
class ModelAsset:
    """An asset."""

    id: str
    title: str | None
    preset: str
    files: list[str]
    created: int
    modified: int
    outputs: list[ModelOutput]
    metadata: Row = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)

    def status(self, now: int) -> str:
        """Processing until its time has come."""
        return "Available" if now >= self.created + TRANSCODING_S else "Processing"

    def changed(self, now: int) -> int:
        """When it was last written, or something of it became ready."""
        readies = [self.created + TRANSCODING_S, *(output.ready for output in self.outputs)]
        return max([self.modified, *(ready for ready in readies if ready <= now)])

    def listed(self, now: int) -> list[ModelOutput]:
        """The outputs that have not expired."""
        return [output for output in self.outputs if output.expires is None or output.expires > now]

    def shown(self, now: int) -> Row:
        """What the model knows of an answer."""
        outputs = [
            {
                "id": output.id,
                "preset": output.preset,
                "status": "Available" if now >= output.ready else "Processing",
            }
            for output in self.listed(now)
        ]
        return {
            "id": self.id,
            "title": self.title,
            "preset": self.preset,
            "status": self.status(now),
            "createDate": written(self.created),
            "lastModificationDate": written(self.changed(now)),
            "metadata": self.metadata,
            "tags": self.tags,
            "attributes": self.attributes,
            "fileIds": dict.fromkeys(self.files, "Video"),
            "outputs": outputs,
        }


@dataclass
class VodModel:
    """All that there is, in the order in which it was made."""

    now: int = 0
    files: dict[str, ModelFile] = field(default_factory=dict)
    assets: dict[str, ModelAsset] = field(default_factory=dict)

    def delete_asset(self, key: str) -> None:
        """Forget an asset."""
        asset = self.assets.pop(key)
        for file in set(asset.files) & set(self.files):
            self.files[file].assets.remove(key)

    def select(self, rows: list[Any], **wanted: Any) -> list[Any]:
        """The rows of a list after filters, sort and direction."""
        for name, value in wanted.items():
            if value is not None and name not in ("sort", "desc"):
                rows = [row for row in rows if self._fits(row, name, value)]
        return self._sorted(rows, wanted.get("sort"), bool(wanted.get("desc")))

    def _fits(self, row: Any, name: str, value: Any) -> bool:
        if name == "query":
            own = ("title",) if isinstance(row, ModelAsset) else ("name", "friendly", "original")
            texts = [row.id, *(getattr(row, name) for name in own), *map(str, row.metadata.values())]
            return any(value.lower() in text.lower() for text in texts if text is not None)
        if name in ("tags", "attributes"):
            return any(each in getattr(row, name) for each in value)
        if name.startswith("createDate"):
            return bool(row.created >= value if name.endswith("Start") else row.created <= value)
        return (self._status(row) if name == "statuses" else row.preset) in value

    def _status(self, row: Any) -> str:
        return str(row.status(self.now) if isinstance(row, ModelAsset) else row.status)

    def _sorted(self, rows: list[Any], sort: str | None, desc: bool) -> list[Any]:
        rows = sorted(rows, key=lambda row: row.created)
        if sort is None:
            return rows[::-1] if desc else rows
        keyed = [(self._value(row, sort.lower()), row) for row in rows]
        present = [pair for pair in keyed if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=desc)
        return [row for _, row in present] + [row for value, row in keyed if value is None]

    def _value(self, row: Any, sort: str) -> Any:
        if sort.startswith("metadata."):
            return next((str(v).lower() for k, v in row.metadata.items() if k.lower() == sort[9:]), None)
        if sort == "lastmodificationdate":
            return row.changed(self.now)
        value = self._status(row) if sort == "status" else getattr(row, {"filesize": "size"}.get(sort, sort))
        return value.lower() if isinstance(value, str) else value
