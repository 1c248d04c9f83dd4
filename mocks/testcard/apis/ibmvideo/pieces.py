"""The pieces that rows are joined of: two for each row, since joining costs by the piece.

The first is the viewer with home and device, made when first wanted and kept. The second is written by numpy for many
rows at once: what has one width (`fixed`), and behind it the content and the positions.
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
from testcard.apis.ibmvideo.fixed import Rows, Text, fixed_texts, width_of
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Timeline
from testcard.world.story import Place, Story

__all__ = ["PIECES", "Pieces", "pieces_of"]

PIECES = 2
_SHARED = 4

Numbers = npt.NDArray[np.integer[Any]]


class _Kind:
    """Texts of one kind by code, and how long each is."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self.texts: Text = np.array(list(texts))
        self.lengths = np.strings.str_len(self.texts).astype(np.int32)


class Pieces:
    """All pieces for the rows of one timeline's cast and contents in one style."""

    def __init__(self, timeline: Timeline, style: Style) -> None:
        self.cast: Cast = timeline.cast
        self._style = style
        self._homes = _homes(self.cast.story, style)
        self._viewers = np.empty(len(self.cast.audience), np.object_)
        self._viewer_lengths = np.zeros(len(self.cast.audience), np.int32)
        self._recorded = np.array([content.type == "recorded" for content in timeline.contents])
        self._contents = _Kind(
            _piece(style, {"content_type": content.type, "content_id": number, "view_type": view_type}) + b'"from":'
            for content in timeline.contents
            for number in (str(content.id) if style.text_ids else content.id,)
            for view_type in ("offsite", "onsite")
        )
        longest = max(title.duration_s for title in self.cast.story.titles) + 1
        unit = 1000 if style.milliseconds else 1
        self._froms = _positions(longest, unit, b',"to":')
        self._tos = _positions(longest, unit, b"}}," if style.view else b"},")

    def of(self, timeline: Timeline, rows: Rows) -> list[bytes]:
        """The pieces of rows of the story, one row's behind the other's; a comma ends a row."""
        viewer, *coded = self._coded(timeline, rows)
        content, begin, end = (kind.texts.take(codes) for kind, codes in coded)
        table = np.empty((len(viewer), PIECES), np.object_)
        table[:, 0] = self._viewers.take(viewer)
        tails = np.strings.add(content, np.strings.add(begin, end))
        table[:, 1] = fixed_texts(timeline.segments, rows, tails, self._style)
        check(self._style.schema, orjson.loads(b"".join(table[0])[:-1]))
        return table.ravel().tolist()

    def lengths(self, timeline: Timeline, rows: Rows) -> Numbers:
        """The bytes of each of these rows."""
        viewer, *coded = self._coded(timeline, rows)
        lengths = [self._viewer_lengths[viewer], *(kind.lengths[codes] for kind, codes in coded)]
        summed: Numbers = np.sum(lengths, axis=0) + width_of(self._style)
        return summed

    def _coded(self, timeline: Timeline, rows: Rows) -> tuple[Numbers, *tuple[tuple[_Kind, Numbers], ...]]:
        """Each row's viewer, whose piece is there, and which text of every other kind it has."""
        segments = timeline.segments
        viewer, content, began_at = segments.viewer[rows], segments.content[rows], segments.from_s[rows]
        played = (segments.finish_ms[rows] - segments.start_ms[rows]) // 1000 * self._recorded[content]
        missing = viewer[self._viewer_lengths[viewer] == 0]
        if len(missing):
            self._make_viewers(np.unique(missing))
        return (
            viewer,
            (self._contents, content * 2 + segments.onsite[rows]),
            (self._froms, began_at),
            (self._tos, began_at + played),
        )

    def _make_viewers(self, viewers: Numbers) -> None:
        audience, identifiers = self.cast.audience, self.cast.identifiers
        people, client_ids = self.cast.person[viewers].tolist(), self.cast.client_ids(viewers.tolist())
        homes = (audience.place[viewers] * len(audience.agents) + audience.agent[viewers]).tolist()
        texts = [
            self._begin(identifiers[person], client_id) + self._homes[home]
            for person, client_id, home in zip(people, client_ids, homes, strict=True)
        ]
        self._viewers[viewers] = texts
        self._viewer_lengths[viewers] = [len(text) for text in texts]

    def _begin(self, identifier: str, client_id: str) -> bytes:
        if self._style.view:
            name = orjson.dumps(identifier)
            return b'{"type":"View","attributes":{"viewer_identifier":%b,"client_id":"%b",' % (name, client_id.encode())
        return b'{"client_id":"%b",' % client_id.encode()


def _piece(style: Style, values: dict[str, Any]) -> bytes:
    check(f"{style.schema} piece", values)
    return orjson.dumps(values)[1:-1] + b","


@lru_cache(maxsize=64)
def _homes(story: Story, style: Style) -> list[bytes]:
    """Every place with every user agent: what stands behind a viewer's name."""
    audience = story.audience
    infos = [device_info(agent) for _, _, agent in audience.agents]
    devices = [_piece(style, {"device_info": info}) if style.device else b"" for info in infos]
    mobile = [device.mobile for device, _, _ in audience.agents]
    return [
        home[is_mobile] + device
        for home in (_home(style, place) for place in audience.places)
        for device, is_mobile in zip(devices, mobile, strict=True)
    ]


def _home(style: Style, place: Place) -> tuple[bytes, bytes]:
    """A place's text for a device that is not mobile, and for one that is."""
    home = {"city": place.city, "country": place.country_code}
    return _piece(style, {**home, "is_mobile_view": False}), _piece(style, {**home, "is_mobile_view": True})


@lru_cache(maxsize=8)
def _positions(longest: int, unit: int, rest: bytes) -> _Kind:
    """Every position there can be, and what comes behind it."""
    return _Kind(b"%d%b" % (second * unit, rest) for second in range(longest))


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
