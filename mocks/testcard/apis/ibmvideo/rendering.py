"""Segments as JSON: a page of them, some here and there, or one as data.

Finished segments of the story come out of `blocks`. What still runs by the world's clock is written alone, and so is
what a test put in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.blocks import Blocks
from testcard.apis.ibmvideo.cast import device_info
from testcard.apis.ibmvideo.fixed import identity_of
from testcard.apis.ibmvideo.memory import keep_buffers
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Positions, Timeline
from testcard.apis.ibmvideo.writer import writer_of
from testcard.exchange import Pieces

__all__ = ["row_data", "row_texts", "rows_text"]

_LARGE = 1000  # rows: more than half a megabyte

Numbers = npt.NDArray[np.integer[Any]]


def rows_text(
    timeline: Timeline, positions: Positions, view_of: object, numbers: Numbers, style: Style, now_ms: int
) -> bytes | Pieces:
    """The rows with these *numbers* into *positions* with commas between them; *view_of* names the positions."""
    if len(numbers) == 0:
        return b""
    if len(numbers) > _LARGE:
        keep_buffers()
    rows = timeline.rows(positions, numbers)
    special = _special(timeline, rows, now_ms)
    ascending = len(numbers) < 2 or bool(numbers[0] < numbers[-1])
    blocks = Blocks(timeline, positions, view_of, style)
    if ascending and not special.any():
        return blocks.pieces(numbers)
    blocks.hold(numbers[~special])
    texts = (
        orjson.dumps(row_data(timeline, row, style, now_ms)) + b"," if alone else blocks.row(number)
        for number, row, alone in zip(numbers.tolist(), rows.tolist(), special.tolist(), strict=True)
    )
    return b"".join(texts)[:-1]


def row_texts(timeline: Timeline, rows: Numbers, style: Style, now_ms: int) -> list[bytes]:
    """Each row's JSON, not kept: for rows that are wanted here and there."""
    special = _special(timeline, rows, now_ms)
    usual = _usual_texts(timeline, rows[~special], style)
    return [
        orjson.dumps(row_data(timeline, row, style, now_ms)) if alone else next(usual)
        for row, alone in zip(rows.tolist(), special.tolist(), strict=True)
    ]


def _usual_texts(timeline: Timeline, rows: Numbers, style: Style) -> Iterator[bytes]:
    text, begins = writer_of(timeline, style).write(timeline.segments.take(rows))
    for begin, end in itertools.pairwise(begins.tolist()):
        yield bytes(text[begin : end - 1])


def row_data(timeline: Timeline, row: int, style: Style, now_ms: int) -> dict[str, Any]:
    """One row as data, checked: as it stands at that moment."""
    part = int(timeline.segments.part[row])
    attributes = _attributes(timeline, row, now_ms) if part >= 0 else _explicit(timeline, row, now_ms)
    if style.text_ids:
        attributes["content_id"] = str(attributes["content_id"])
    if style.milliseconds:
        attributes.update({name: attributes[name] * 1000 for name in ("from", "to")})
    for name in ("started_at", "finished_at"):
        moment = attributes[name]
        attributes[name] = None if moment is None else times.write(moment, style.zone)
    if style.absent_end and attributes["finished_at"] is None:
        del attributes["finished_at"]
    if not style.device:
        attributes.pop("device_info", None)
    if style.view:
        data = {"type": "View", "attributes": attributes}
    else:
        data = {"id": attributes.pop("view_id"), **attributes}
        del data["viewer_identifier"]
    check(style.schema, data)
    return data


def _special(timeline: Timeline, rows: Numbers, now_ms: int) -> npt.NDArray[np.bool_]:
    """Which rows cannot come from a block: they still run, or were put in."""
    return (timeline.segments.finish_ms[rows] > now_ms) | (timeline.segments.part[rows] < 0)


def _attributes(timeline: Timeline, row: int, now_ms: int) -> dict[str, Any]:
    segments, cast = timeline.segments, timeline.cast
    viewer, content = int(segments.viewer[row]), timeline.contents[segments.content[row]]
    start, finish = int(segments.start_ms[row]), int(segments.finish_ms[row])
    began_at = int(segments.from_s[row])
    until = min(finish, max(now_ms, start))
    city, country = cast.place(viewer)
    key = segments.key[row : row + 1]
    high, low = identity_of(key, segments.part[row : row + 1])
    return {
        "viewer_identifier": cast.identifiers[cast.person[viewer]],
        "client_id": cast.client_id(viewer),
        "city": city,
        "country": country,
        "is_mobile_view": cast.mobile(viewer),
        "device_info": device_info(cast.audience.agents[cast.agent(viewer)][2]),
        "view_id": _uuid(int(high[0]), int(low[0])),
        "view_session_id": f"{int(key[0]) >> 32:08x}:{int(key[0]) & 0xFFFFFFFF:08x}",
        "started_at": start,
        "finished_at": finish if finish <= now_ms else None,
        "content_type": content.type,
        "content_id": content.id,
        "view_type": "onsite" if segments.onsite[row] else "offsite",
        "from": began_at,
        "to": began_at + (until - start) // 1000 if content.type == "recorded" else 0,
    }


def _explicit(timeline: Timeline, row: int, now_ms: int) -> dict[str, Any]:
    attributes = dict(timeline.explicit[int(timeline.segments.key[row])])
    finish = int(timeline.segments.finish_ms[row])
    attributes["started_at"] = int(timeline.segments.start_ms[row])
    attributes["finished_at"] = finish if finish <= now_ms else None
    return attributes


def _uuid(high: int, low: int) -> str:
    whole = f"{high:016x}{low:016x}"
    return f"{whole[:8]}-{whole[8:12]}-{whole[12:16]}-{whole[16:20]}-{whole[20:]}"
