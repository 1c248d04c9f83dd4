"""The table that takes explicit rows: what a row may look like. How it is completed and read is in `explicit`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from testcard.world.history import History, Piece, Stretch
from testcard.world.rows import Row, Table
from testcard.world.world import World

__all__ = ["SEGMENTS"]

_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_PART: Mapping[str, Any] = {"type": ["string", "null"]}


def _device_part(*names: str) -> Mapping[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["family", *names],
        "properties": {"family": {"type": "string"}, **dict.fromkeys(names, _PART)},
    }


_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "view_id": {"type": "string", "format": "uuid"},
        "content_type": {"enum": ["live", "recorded"]},
        "content_id": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,18}$"}]},
        "started_at": _TIME,
        "finished_at": {"anyOf": [_TIME, {"type": "null"}]},
        "from": {"type": "integer", "minimum": 0},
        "to": {"type": "integer", "minimum": 0},
        "viewer_identifier": {"type": "string"},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "city": {"type": "string"},
        "is_mobile_view": {"type": "boolean"},
        "view_type": {"enum": ["onsite", "offsite"]},
        "client_id": {"type": "string", "pattern": "^[0-9]+$"},
        "view_session_id": {"type": "string", "minLength": 1},
        "device_info": {
            "type": "object",
            "additionalProperties": False,
            "required": ["browser", "os", "device"],
            "properties": {
                "browser": _device_part("major", "minor", "patch"),
                "os": _device_part("major", "minor", "patch", "patch_minor"),
                "device": _device_part("brand", "model"),
            },
        },
    },
}


def _fill(world: World, row: Row, index: int) -> Row:
    from testcard.apis.ibmvideo.explicit import fill

    return fill(world, row, index)


def _pieces(world: World, stretch: Stretch) -> Iterable[Piece]:
    from testcard.apis.ibmvideo.explicit import pieces

    return pieces(world, stretch)


SEGMENTS = Table("segments", _SCHEMA, _fill, History(_pieces))
