"""The columns that a row is laid out of: who watched and on what, identifiers and times, the content, the positions.

Every text there can be stands in a table, but for identifiers and times, which have one width (`fixed`). A viewer's
name is made when first wanted, and kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo.cast import Cast, device_info
from testcard.apis.ibmvideo.fixed import Fixed
from testcard.apis.ibmvideo.laying import Coded, Column, Texts, joined, lay
from testcard.apis.ibmvideo.segments import Segments
from testcard.apis.ibmvideo.style import Style, check
from testcard.apis.ibmvideo.timeline import Timeline
from testcard.world.story import Place, Story

__all__ = ["Writer", "writer_of"]

_SHARED = 4

Numbers = npt.NDArray[np.integer[Any]]


class Writer:
    """Writes rows of one timeline's cast and contents in one style; it has every text that they are laid out of."""

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

    def write(self, segments: Segments) -> tuple[memoryview, Numbers]:
        """Segments of the story, a comma behind each, and their places, as `lay` has it; the first is checked."""
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
        text, begins = lay(columns, full=2)
        check(self._style.schema, orjson.loads(text[: begins[1] - 1]))
        return text, begins


class _Names:
    """How each viewer's rows begin: the person and the client, whose texts are made when first wanted."""

    def __init__(self, cast: Cast, style: Style) -> None:
        self._cast = cast
        self._style = style

    def of(self, viewers: Numbers) -> Texts:
        """The texts by viewer code; those of *viewers* are there."""
        texts = self._texts
        missing = viewers[texts.lengths.take(viewers) == 0]
        if len(missing):
            missing = np.unique(missing)
            texts.put(missing, joined(self._columns(missing)))
        return texts

    @cached_property
    def _texts(self) -> Texts:
        nobody = np.zeros(0, np.int64)
        return Texts.room(len(self._cast.audience), sum(column.width for column in self._columns(nobody)))

    def _columns(self, viewers: Numbers) -> list[Column]:
        person = self._cast.person[viewers] if self._style.view else np.zeros_like(viewers)
        names = Coded(_persons(self._cast.story, self._style.view), person)
        return [names, Texts.of(self._cast.client_ids(viewers))]


def _piece(style: Style, values: dict[str, Any]) -> bytes:
    check(f"{style.schema} piece", values)
    return orjson.dumps(values)[1:-1] + b","


@lru_cache(maxsize=64)
def _persons(story: Story, view: bool) -> Texts:
    """What stands before a client id, by person; a Segment does not name the person."""
    if not view:
        return Texts.of([b'{"client_id":"'])
    names = map(orjson.dumps, story.audience.identifiers)
    return Texts.of(b'{"type":"View","attributes":{"viewer_identifier":%b,"client_id":"' % name for name in names)


@lru_cache(maxsize=64)
def _homes(story: Story, style: Style) -> Texts:
    """Every place with every user agent: what stands behind a client id."""
    audience = story.audience
    infos = [device_info(agent) for _, _, agent in audience.agents]
    devices = [_piece(style, {"device_info": info}) if style.device else b"" for info in infos]
    mobile = [device.mobile for device, _, _ in audience.agents]
    return Texts.of(
        b'",' + home[is_mobile] + device
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


def writer_of(timeline: Timeline, style: Style) -> Writer:
    """The writer for a timeline; the story's are shared by all timelines of one cast."""
    if timeline.explicit:
        return timeline.keep(("writer", style), lambda: Writer(timeline, style))
    with _lock:
        name = (id(timeline.cast), style)
        found = _shared.get(name)
        if found is None or found.cast is not timeline.cast:
            found = _shared[name] = Writer(timeline, style)
        _shared.move_to_end(name)
        while len(_shared) > _SHARED:
            _shared.popitem(last=False)
        return found


_lock = threading.Lock()
_shared: OrderedDict[tuple[int, Style], Writer] = OrderedDict()
