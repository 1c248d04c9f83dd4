"""A whole world as one file, and back: what another machine restores gives the same bytes.

A ZIP of ``world.json`` (recipe, clock, readings, credentials, rows, writes, faults) and the world's files. The journal
stays behind: it tells what happened, not what is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from testcard.errors import UserError
from testcard.world.world import World

__all__ = ["restore", "take"]

_FORMAT = 1
_STATE = "world.json"
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is taken


def take(world: World) -> bytes:
    """Return the world as a file."""
    with world.lock:
        state = {"format": _FORMAT, **world.dump()}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(_STATE, _STAMP), orjson.dumps(state))
            for path in world.files():
                name = path.relative_to(world.folder()).as_posix()
                archive.writestr(zipfile.ZipInfo(f"files/{name}", _STAMP), path.read_bytes())
    return packed.getvalue()


def restore(world: World, content: BinaryIO) -> None:
    """Put *world* back to a snapshot, its own or another world's; `UserError` when it is none."""
    try:
        archive = zipfile.ZipFile(content)
        state: Mapping[str, Any] = orjson.loads(archive.read(_STATE))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UserError(f"this is no snapshot of a world: {error}") from None
    if state.get("format") != _FORMAT:
        raise UserError(f"snapshot format {state.get('format')!r}: expected {_FORMAT}, of this version of testcard")
    with world.lock, archive:
        world.restore(_with_datetimes(state))
        for name in archive.namelist():
            if name.startswith("files/"):
                _unpack(archive, name, world.folder())


def _unpack(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    target = (folder / name.removeprefix("files/")).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise UserError(f"snapshot: {name!r} would lie outside the world's folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.read(name))


def _with_datetimes(state: Mapping[str, Any]) -> dict[str, Any]:
    """Credentials carry datetimes, which JSON writes as text."""
    credentials = [
        {**each, "issued_at": _instant(each["issued_at"]), "expires_at": _instant(each["expires_at"])}
        for each in state["credentials"]["credentials"]
    ]
    return {**state, "credentials": {**state["credentials"], "credentials": credentials}}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
