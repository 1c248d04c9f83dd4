"""The pieces that rows are joined of.

A row is seven pieces: its viewer, home, device and content, two positions, and a last piece of fixed width with
identifiers and times. Pieces that recur are made when first wanted, and checked against the contract then.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo.cast import Cast, device_info
from testcard.apis.ibmvideo.fixed import fixed_pieces, width_of
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Timeline
from testcard.world.story import Story

__all__ = ["Pieces", "pieces_of"]

_PIECES = 7
_SHARED = 8

Numbers = npt.NDArray[np.integer[Any]]


class _Kind:
    """Pieces of one kind by code, and how long each is: numpy picks objects six times as fast as a list does."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        listed = list(texts)
        self.texts = np.empty(len(listed), np.object_)
        self.texts[:] = listed
        self.lengths = np.array([len(text) for text in listed], np.int32)


class _Common:
    """The pieces that are the same in every story: homes, devices and positions."""

    def __init__(self, story: Story, style: Style) -> None:
        self.homes = _Kind(
            _piece(style, {"city": place.city, "country": place.country_code, "is_mobile_view": mobile})
            for place in story.audience.places
            for mobile in (False, True)
        )
        agents = (device_info(agent) for _, _, agent in story.audience.agents)
        self.agents = _Kind(_piece(style, {"device_info": info}) if style.device else b"" for info in agents)
        unit = 1000 if style.milliseconds else 1
        longest = max(title.duration_s for title in story.titles) + 1
        self.froms, self.tos = _positions("from", longest, unit), _positions("to", longest, unit)


class Pieces:
    """All pieces for the rows of one timeline's cast and contents in one style."""

    def __init__(self, timeline: Timeline, style: Style) -> None:
        self.cast: Cast = timeline.cast
        self._style = style
        self._common = _common(self.cast.story, style)
        self._viewers = _Kind([b""] * len(self.cast.audience))
        self._recorded = np.array([content.type == "recorded" for content in timeline.contents])
        self._contents = _Kind(
            _piece(style, {"content_type": content.type, "content_id": number, "view_type": view_type})
            for content in timeline.contents
            for number in (str(content.id) if style.text_ids else content.id,)
            for view_type in ("offsite", "onsite")
        )

    def of(self, timeline: Timeline, rows: Numbers) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int32]]:
        """The pieces of rows of the story, a line for each row, and the bytes of each row; a comma ends it."""
        segments, audience = timeline.segments, self.cast.audience
        viewer, content, began_at = segments.viewer[rows], segments.content[rows], segments.from_s[rows]
        start_ms, finish_ms = segments.start_ms[rows], segments.finish_ms[rows]
        until = began_at + ((finish_ms - start_ms) // 1000) * self._recorded[content]
        self._make_viewers(viewer)
        table = np.empty((len(rows), _PIECES), np.object_)
        lengths = np.full(len(rows), width_of(self._style), np.int32)
        for at, (kind, codes) in enumerate(
            (
                (self._viewers, viewer),
                (self._common.homes, audience.place[viewer] * 2 + audience.mobile[viewer]),
                (self._common.agents, audience.agent[viewer]),
                (self._contents, content * 2 + segments.onsite[rows]),
                (self._common.froms, began_at),
                (self._common.tos, until),
            )
        ):
            table[:, at] = kind.texts[codes]
            lengths += kind.lengths[codes]
        table[:, -1] = fixed_pieces(segments.key[rows], segments.part[rows], start_ms, finish_ms, self._style)
        for line in (table[0], table[-1]):
            check(self._style.schema, orjson.loads(b"".join(line)[:-1]))
        return table, lengths

    def _make_viewers(self, codes: npt.NDArray[np.int32]) -> None:
        kept = self._viewers
        missing = np.unique(codes[kept.lengths[codes] == 0]).tolist()
        if not missing:
            return
        identifiers, person = self.cast.identifiers, self.cast.person[missing].tolist()
        for viewer, who, client in zip(missing, person, self.cast.client_ids(missing), strict=True):
            text = kept.texts[viewer] = self._begin(identifiers[who], client)
            kept.lengths[viewer] = len(text)

    def _begin(self, identifier: str, client_id: str) -> bytes:
        if self._style.view:
            name = orjson.dumps(identifier)
            return b'{"type":"View","attributes":{"viewer_identifier":%b,"client_id":"%b",' % (name, client_id.encode())
        return b'{"client_id":"%b",' % client_id.encode()


def _piece(style: Style, values: dict[str, Any]) -> bytes:
    check(f"{style.schema} piece", values)
    return orjson.dumps(values)[1:-1] + b","


@lru_cache(maxsize=4)
def _positions(name: str, longest: int, unit: int) -> _Kind:
    return _Kind(f'"{name}":{second * unit},'.encode() for second in range(longest))


_commons: dict[Style, _Common] = {}  # there are few styles: seven readings make them


def _common(story: Story, style: Style) -> _Common:
    found = _commons.get(style)
    if found is None:
        found = _commons.setdefault(style, _Common(story, style))
    return found


def pieces_of(timeline: Timeline, style: Style) -> Pieces:
    """The pieces for a timeline; the story's are shared by all timelines of one cast."""
    if timeline.explicit:
        return timeline.keep(("pieces", style), lambda: Pieces(timeline, style))
    with _lock:
        name = (id(timeline.cast), style)
        found = _shared.get(name)
        if found is None or found.cast is not timeline.cast:
            found = _shared[name] = Pieces(timeline, style)
        _shared.move_to_end(name)
        while len(_shared) > _SHARED:
            _shared.popitem(last=False)
        return found


_lock = threading.Lock()
_shared: OrderedDict[tuple[int, Style], Pieces] = OrderedDict()
