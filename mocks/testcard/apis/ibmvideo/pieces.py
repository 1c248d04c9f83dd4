"""The columns that a row is laid out of: who watched and on what, identifiers and times, the content, the positions.

Every text there can be stands in a table, but for identifiers and times, which have one width (`fixed`). A viewer's
name is made when first wanted, and kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo.cast import Cast, device_info
from testcard.apis.ibmvideo.fixed import Fixed
from testcard.apis.ibmvideo.laying import Coded, Layout, Texts
from testcard.apis.ibmvideo.segments import Segments
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Timeline
from testcard.world.story import Place, Story

__all__ = ["Pieces", "pieces_of"]

_SHARED = 4
_LONGEST_ID = "0" * 22

Numbers = npt.NDArray[np.integer[Any]]


class Pieces:
    """All texts for the rows of one timeline's cast and contents in one style."""

    def __init__(self, timeline: Timeline, style: Style) -> None:
        self.cast: Cast = timeline.cast
        self._style = style
        self._names = _Names(self.cast, style)
        self._homes = _homes(self.cast.story, style)
        self._recorded = np.array([content.type == "recorded" for content in timeline.contents])
        self._contents = Texts.of(
            _piece(style, {"content_type": content.type, "content_id": number, "view_type": view_type}) + b'"from":'
            for content in timeline.contents
            for number in (str(content.id) if style.text_ids else content.id,)
            for view_type in ("offsite", "onsite")
        )
        longest = max(title.duration_s for title in self.cast.story.titles) + 1
        unit = 1000 if style.milliseconds else 1
        self._froms = _positions(longest, unit, b',"to":')
        self._tos = _positions(longest, unit, b"}}," if style.view else b"},")

    def lay_out(self, segments: Segments) -> Layout:
        """Lay out segments of the story, a comma behind each; the first is checked."""
        audience, content = self.cast.audience, segments.content
        viewer, began_at = segments.viewer.astype(np.int64), segments.from_s.astype(np.int64)  # as numpy takes by
        home = audience.place.take(viewer).astype(np.int64) * len(audience.agents) + audience.agent.take(viewer)
        played = (segments.finish_ms - segments.start_ms) // 1000 * self._recorded.take(content)
        columns = (
            Coded(self._names.of(viewer), viewer),
            Coded(self._homes, home),
            Fixed(segments, self._style),
            Coded(self._contents, content.astype(np.int64) * 2 + segments.onsite),
            Coded(self._froms, began_at),
            Coded(self._tos, began_at + played),
        )
        layout = Layout(columns, full=2)
        check(self._style.schema, orjson.loads(layout.text(0, 1, less=1)))
        return layout


class _Names:
    """How each viewer's rows begin."""

    def __init__(self, cast: Cast, style: Style) -> None:
        self._cast = cast
        self._style = style
        longest = max(len(self._begin(name, _LONGEST_ID)) for name in cast.audience.identifiers)
        self._texts = Texts.room(len(cast.audience), longest)

    def of(self, viewers: Numbers) -> Texts:
        """The texts by viewer code; those of *viewers* are there."""
        missing = viewers[self._texts.lengths.take(viewers) == 0]
        if len(missing):
            self._make(np.unique(missing))
        return self._texts

    def _make(self, viewers: Numbers) -> None:
        people, client_ids = self._cast.person[viewers].tolist(), self._cast.client_ids(viewers.tolist())
        names = self._cast.identifiers
        texts = [self._begin(names[person], client_id) for person, client_id in zip(people, client_ids, strict=True)]
        self._texts.put(viewers, texts)

    def _begin(self, identifier: str, client_id: str) -> bytes:
        if self._style.view:
            name = orjson.dumps(identifier)
            return b'{"type":"View","attributes":{"viewer_identifier":%b,"client_id":"%b",' % (name, client_id.encode())
        return b'{"client_id":"%b",' % client_id.encode()


def _piece(style: Style, values: dict[str, Any]) -> bytes:
    check(f"{style.schema} piece", values)
    return orjson.dumps(values)[1:-1] + b","


@lru_cache(maxsize=64)
def _homes(story: Story, style: Style) -> Texts:
    """Every place with every user agent: what stands behind a viewer's name."""
    audience = story.audience
    infos = [device_info(agent) for _, _, agent in audience.agents]
    devices = [_piece(style, {"device_info": info}) if style.device else b"" for info in infos]
    mobile = [device.mobile for device, _, _ in audience.agents]
    return Texts.of(
        home[is_mobile] + device
        for home in (_home(style, place) for place in audience.places)
        for device, is_mobile in zip(devices, mobile, strict=True)
    )


def _home(style: Style, place: Place) -> tuple[bytes, bytes]:
    """A place's text for a device that is not mobile, and for one that is."""
    home = {"city": place.city, "country": place.country_code}
    return _piece(style, {**home, "is_mobile_view": False}), _piece(style, {**home, "is_mobile_view": True})


@lru_cache(maxsize=8)
def _positions(longest: int, unit: int, rest: bytes) -> Texts:
    """Every position there can be, and what comes behind it."""
    return Texts.of(b"%d%b" % (second * unit, rest) for second in range(longest))


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
