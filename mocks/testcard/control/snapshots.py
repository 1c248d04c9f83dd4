"""A whole world as one file, and back: what another machine restores gives the same bytes.

A ZIP of ``world.json`` (recipe, clock, readings, credentials, rows, writes, faults) and the world's files. The journal
stays behind: it tells what happened, not what is.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import orjson

from testcard.contract import Checker
from testcard.data import load
from testcard.errors import UserError
from testcard.world.world import Recipe, World

__all__ = ["restore", "take"]

_FORMAT = 1
_STATE = "world.json"
_FILES = "files/"
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
                archive.writestr(zipfile.ZipInfo(f"{_FILES}{name}", _STAMP), path.read_bytes())
    return packed.getvalue()


def restore(world: World, content: BinaryIO, check: Callable[[Recipe], None]) -> None:
    """Put *world* back to a snapshot, its own or another world's; `UserError`, and nothing changes, when it is none.

    *check* says whether there is what a recipe asks for.
    """
    try:
        archive = zipfile.ZipFile(content)
        state: Mapping[str, Any] = orjson.loads(archive.read(_STATE))
        broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise UserError(f"this is no snapshot of a world: {error}") from None
    if broken is not None:
        raise UserError(f"this is no whole snapshot of a world: {broken} is broken")
    with world.lock, archive:
        whole = _with_datetimes(_checked(state))
        check(Recipe(**whole["recipe"]))
        places = {name: _place(name) for name in archive.namelist() if name.startswith(_FILES)}
        world.restore(whole)
        for name, place in places.items():
            target = world.folder() / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))


def _checked(state: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(state, dict) and state.get("format") != _FORMAT:
        raise UserError(f"snapshot format {state.get('format')!r}: expected {_FORMAT}, of this version of testcard")
    schema = load("contracts/schemas/snapshot.json")
    for place, complaint in Checker(schema, schema).complaints(state):
        raise UserError(f"this is no snapshot of a world: {_STATE} {place or '/'}: {complaint}")
    return state


def _place(name: str) -> PurePosixPath:
    """Where a file belongs in the world's folder."""
    place = PurePosixPath(name.removeprefix(_FILES))
    if place.is_absolute() or ".." in place.parts or "\\" in name:
        raise UserError(f"snapshot: {name!r} would lie outside the world's folder")
    return place


def _with_datetimes(state: Mapping[str, Any]) -> dict[str, Any]:
    """Recipe and credentials carry datetimes, which JSON writes as text."""
    credentials = [
        {**each, "issued_at": _instant(each["issued_at"]), "expires_at": _instant(each["expires_at"])}
        for each in state["credentials"]["credentials"]
    ]
    recipe = {**state["recipe"], "now": _instant(state["recipe"]["now"])}
    return {**state, "recipe": recipe, "credentials": {**state["credentials"], "credentials": credentials}}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
