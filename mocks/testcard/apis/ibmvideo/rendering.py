"""Segments as JSON bytes: rendered once, checked once, kept in bounded blocks, joined into pages.

A row is seven pieces: its viewer, home, device and content, two positions, and a last piece of fixed width with
identifiers and times, which numpy writes for a whole batch. Pieces that recur are checked against the contract when
they are made, and the first and last row of each batch are checked whole. A block shows its rows as finished; what
still runs by a world's clock is written alone, and explicit rows always are.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from testcard.apis.ibmvideo import times
from testcard.apis.ibmvideo.cast import device_info
from testcard.apis.ibmvideo.segments import words
from testcard.apis.ibmvideo.timeline import Positions, Timeline
from testcard.contract import Checker, open_contract
from testcard.errors import MockError
from testcard.exchange import Call
from testcard.seed import scramble_array

__all__ = ["Style", "row_data", "row_texts", "rows_text", "style_of"]

BLOCK = 256
_BATCH = 32  # blocks made at once
_LIMIT = 96 << 20
_IDENTITY_SALT = np.uint64(0x6A09E667F3BCC908)
_DIGITS = np.array([list(f"{n:02d}".encode()) for n in range(100)], np.uint8)
_HEX = np.array([list(f"{n:02x}".encode()) for n in range(256)], np.uint8)

Numbers = npt.NDArray[np.integer[Any]]
Text = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Style:
    """How the readings in force want a row: a View, or a Segment under its viewer."""

    view: bool
    device: bool
    text_ids: bool
    milliseconds: bool
    zone: str
    absent_end: bool

    @property
    def schema(self) -> str:
        """The name of its schema in the contract."""
        return "View" if self.view else "Segment"


def style_of(call: Call, *, view: bool) -> Style:
    """The style that the readings IB-07, IB-08, IB-10, IB-11, IB-12, IB-35 and IB-38 make."""
    return Style(
        view,
        call.reading("IB-10" if view else "IB-11") == "present",
        call.reading("IB-07" if view else "IB-08") == "string",
        call.reading("IB-38") == "milliseconds",
        call.reading("IB-35"),
        call.reading("IB-12") == "absent",
    )


def rows_text(
    timeline: Timeline, positions: Positions, view_of: object, numbers: Numbers, style: Style, now_ms: int
) -> bytes:
    """The rows with these *numbers* into *positions*, joined by commas; *view_of* names the positions for the cache."""
    if len(numbers) == 0:
        return b""
    rows = timeline.rows(positions, numbers)
    special = _special(timeline, rows, now_ms)
    ascending = len(numbers) < 2 or bool(numbers[0] < numbers[-1])
    pieces = _Blocks(timeline, positions, view_of, style)
    if ascending and not special.any():
        return b",".join(pieces.stretches(numbers))
    return b",".join(
        orjson.dumps(row_data(timeline, int(row), style, now_ms)) if alone else pieces.row(int(number))
        for number, row, alone in zip(numbers, rows, special, strict=True)
    )


def row_texts(timeline: Timeline, rows: Numbers, style: Style, now_ms: int) -> list[bytes]:
    """Each row's JSON, not kept: for rows that are wanted here and there."""
    special = _special(timeline, rows, now_ms)
    usual = iter(_render(timeline, rows[~special], style))
    return [
        orjson.dumps(row_data(timeline, int(row), style, now_ms)) if alone else next(usual)
        for row, alone in zip(rows, special, strict=True)
    ]


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
    _check(style.schema, data)
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
    high, low = _identity(key, segments.part[row : row + 1])
    return {
        "viewer_identifier": cast.identifiers[cast.person[viewer]],
        "client_id": cast.client_id(viewer),
        "city": city,
        "country": country,
        "is_mobile_view": cast.mobile(viewer),
        "device_info": device_info(cast.audience.agents[cast.agent(viewer)][2]),
        "content_type": content.type,
        "content_id": content.id,
        "view_type": "onsite" if segments.onsite[row] else "offsite",
        "from": began_at,
        "to": began_at + (until - start) // 1000 if content.type == "recorded" else 0,
        "view_id": _uuid(int(high[0]), int(low[0])),
        "view_session_id": f"{int(key[0]) >> 32:08x}:{int(key[0]) & 0xFFFFFFFF:08x}",
        "started_at": start,
        "finished_at": finish if finish <= now_ms else None,
    }


def _explicit(timeline: Timeline, row: int, now_ms: int) -> dict[str, Any]:
    attributes = dict(timeline.explicit[int(timeline.segments.key[row])])
    finish = int(timeline.segments.finish_ms[row])
    attributes["started_at"] = int(timeline.segments.start_ms[row])
    attributes["finished_at"] = finish if finish <= now_ms else None
    return attributes


def _identity(key: npt.NDArray[np.uint64], part: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint64], ...]:
    """The halves of the identifiers: UUIDs of version 4."""
    word = words(key, part)
    high = word & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
    low = scramble_array(word ^ _IDENTITY_SALT) & np.uint64((1 << 62) - 1) | np.uint64(1 << 63)
    return high, low


def _uuid(high: int, low: int) -> str:
    whole = f"{high:016x}{low:016x}"
    return f"{whole[:8]}-{whole[8:12]}-{whole[12:16]}-{whole[16:20]}-{whole[20:]}"


class _Cache:
    """Blocks of rendered rows by what made them; the least recently used leave first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._nbytes = 0
        self._kept: OrderedDict[Any, _Block] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Any) -> _Block | None:
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Any, block: _Block) -> None:
        with self._lock:
            if name not in self._kept:
                self._nbytes += block.nbytes
            self._kept[name] = block
            while self._nbytes > self._limit:
                self._nbytes -= self._kept.popitem(last=False)[1].nbytes


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows joined by commas, and where each begins; one more begin stands behind the last."""

    text: bytes
    begins: list[int]

    @property
    def nbytes(self) -> int:
        return len(self.text) + 40 * len(self.begins)

    def stretch(self, first: int, end: int) -> bytes:
        """Rows from *first* to before *end*."""
        return self.text[self.begins[first] : self.begins[end] - 1]


_cache = _Cache()


class _Blocks:
    """The blocks of one timeline, view and style."""

    def __init__(self, timeline: Timeline, positions: Positions, view_of: object, style: Style) -> None:
        self._timeline = timeline
        self._positions = positions
        self._name = (timeline.serial, view_of, style)
        self._style = style
        self._size = len(timeline.segments) if positions is None else len(positions)
        self._held: dict[int, _Block] = {}

    def stretches(self, numbers: Numbers) -> Iterator[bytes]:
        """The rows of ascending *numbers*, in as few pieces as can be."""
        self._hold(numbers)
        breaks = np.flatnonzero((np.diff(numbers) != 1) | (numbers[1:] % BLOCK == 0)) + 1
        firsts = [0, *breaks.tolist()]
        for first, end in zip(firsts, [*firsts[1:], len(numbers)], strict=True):
            number, at = divmod(int(numbers[first]), BLOCK)
            yield self._held[number].stretch(at, at + end - first)

    def row(self, number: int) -> bytes:
        """One row."""
        block, at = divmod(number, BLOCK)
        if block not in self._held:
            self._hold(np.array([number]))
        return self._held[block].stretch(at, at + 1)

    def _hold(self, numbers: Numbers) -> None:
        """Fetch or make the blocks of these rows; neighbours are made together."""
        missing: list[int] = []
        for block in np.unique(numbers // BLOCK).tolist():
            found = _cache.get((*self._name, block))
            if found is None:
                missing.append(block)
            else:
                self._held[block] = found
        for at in range(0, len(missing), _BATCH):
            self._make(missing[at : at + _BATCH])

    def _make(self, blocks: list[int]) -> None:
        spans = [np.arange(block * BLOCK, min((block + 1) * BLOCK, self._size)) for block in blocks]
        rows = self._timeline.rows(self._positions, np.concatenate(spans))
        texts = iter(_render(self._timeline, rows, self._style))
        for block, span in zip(blocks, spans, strict=True):
            mine = list(itertools.islice(texts, len(span)))
            begins = list(itertools.accumulate((len(text) + 1 for text in mine), initial=0))
            made = self._held[block] = _Block(b",".join(mine), begins)
            _cache.keep((*self._name, block), made)


def _render(timeline: Timeline, rows: Numbers, style: Style) -> list[bytes]:
    """Each row's JSON, as a finished segment of the story; an explicit row is left blank, for it is written alone."""
    if len(rows) == 0:
        return []
    segments, pieces = timeline.segments, _Pieces.of(timeline, style)
    usual = segments.part[rows] >= 0
    if not usual.all():
        written = iter(_render(timeline, rows[usual], style))
        return [next(written) if each else b"" for each in usual]
    viewer, content = segments.viewer[rows], segments.content[rows]
    start_ms, finish_ms, began_at = segments.start_ms[rows], segments.finish_ms[rows], segments.from_s[rows]
    until = began_at + ((finish_ms - start_ms) // 1000) * pieces.recorded[content]
    texts = list(
        map(
            b"".join,
            zip(
                pieces.viewers(viewer),
                map(
                    pieces.homes.__getitem__,
                    (timeline.cast.audience.place[viewer] * 2 + timeline.cast.audience.mobile[viewer]).tolist(),
                ),
                map(pieces.agents.__getitem__, timeline.cast.audience.agent[viewer].tolist()),
                map(pieces.contents.__getitem__, (content * 2 + segments.onsite[rows]).tolist()),
                map(pieces.froms.__getitem__, began_at.tolist()),
                map(pieces.tos.__getitem__, until.tolist()),
                _fixed(segments.key[rows], segments.part[rows], start_ms, finish_ms, style),
                strict=True,
            ),
        )
    )
    for text in (texts[0], texts[-1]):
        _check(style.schema, orjson.loads(text))
    return texts


class _Pieces:
    """The pieces of rows that recur, made when first wanted and checked then."""

    def __init__(self, timeline: Timeline, style: Style) -> None:
        self._cast = timeline.cast
        self._style = style
        self._viewers: dict[int, bytes] = {}
        self.recorded = np.array([content.type == "recorded" for content in timeline.contents])
        agents = [device_info(agent) for _, _, agent in self._cast.audience.agents]
        self.agents = [self._piece({"device_info": info}) if style.device else b"" for info in agents]
        self.contents = [
            self._piece(
                {
                    "content_type": content.type,
                    "content_id": str(content.id) if style.text_ids else content.id,
                    "view_type": view_type,
                }
            )
            for content in timeline.contents
            for view_type in ("offsite", "onsite")
        ]
        self.homes = [
            self._piece({"city": place.city, "country": place.country_code, "is_mobile_view": mobile})
            for place in self._cast.audience.places
            for mobile in (False, True)
        ]
        unit = 1000 if style.milliseconds else 1
        longest = max(title.duration_s for title in self._cast.story.titles) + 1
        self.froms = [b'"from":%d,' % (second * unit) for second in range(longest)]
        self.tos = [b'"to":%d,' % (second * unit) for second in range(longest)]

    @classmethod
    def of(cls, timeline: Timeline, style: Style) -> _Pieces:
        """The pieces for a timeline; those of one cast are shared."""
        if timeline.explicit:
            return timeline.keep(("pieces", style), lambda: cls(timeline, style))
        return _shared_pieces(timeline.cast, style, lambda: cls(timeline, style))

    def viewers(self, codes: npt.NDArray[np.int32]) -> Iterator[bytes]:
        """The first piece of each row."""
        wanted = codes.tolist()
        missing = sorted(set(wanted) - self._viewers.keys())
        if missing:
            identifiers, person = self._cast.identifiers, self._cast.person[missing].tolist()
            for viewer, who, client in zip(missing, person, self._cast.client_ids(missing), strict=True):
                self._viewers[viewer] = self._begin(identifiers[who], client)
        return map(self._viewers.__getitem__, wanted)

    def _begin(self, identifier: str, client_id: str) -> bytes:
        if self._style.view:
            name = orjson.dumps(identifier)
            return b'{"type":"View","attributes":{"viewer_identifier":%b,"client_id":"%b",' % (name, client_id.encode())
        return b'{"client_id":"%b",' % client_id.encode()

    def _piece(self, values: dict[str, Any]) -> bytes:
        _check(f"{self._style.schema} piece", values)
        return orjson.dumps(values)[1:-1] + b","


_shared: OrderedDict[Any, _Pieces] = OrderedDict()
_shared_lock = threading.Lock()


def _shared_pieces(cast: object, style: Style, make: Callable[[], _Pieces]) -> _Pieces:
    """The pieces of the casts and styles used last."""
    with _shared_lock:
        name = (id(cast), style)
        found = _shared.get(name)
        if found is None or found._cast is not cast:  # noqa: SLF001 - the same class, one floor up
            found = _shared[name] = make()
        _shared.move_to_end(name)
        while len(_shared) > 8:
            _shared.popitem(last=False)
        return found


def _fixed(
    key: npt.NDArray[np.uint64],
    part: npt.NDArray[np.int8],
    start_ms: npt.NDArray[np.int64],
    finish_ms: npt.NDArray[np.int64],
    style: Style,
) -> Iterator[bytes]:
    """The last piece of each row: identifiers and times, all of one width."""
    name = "view_id" if style.view else "id"
    zone = {"utc": "+00:00", "zulu": "Z", "los-angeles": "-00:00"}[style.zone]
    moment = "0000-00-00T00:00:00" + zone
    end = "}}" if style.view else "}"
    identity = "00000000-0000-0000-0000-000000000000"
    form = (
        f'"{name}":"{identity}","view_session_id":"00000000:00000000",'
        f'"started_at":"{moment}","finished_at":"{moment}"{end}'
    )
    text = np.empty((len(key), len(form)), np.uint8)
    text[:] = np.frombuffer(form.encode(), np.uint8)
    high, low = _identity(key, part)
    _write_uuid(text, form.index(identity), _hex(high), _hex(low))
    session = _hex(key)
    at = form.index("00000000:")
    text[:, at : at + 8], text[:, at + 9 : at + 17] = session[:, :8], session[:, 8:]
    first = form.index("0000-00-00T")
    for begin, instants in ((first, start_ms), (form.index("0000-00-00T", first + 1), finish_ms)):
        _write_moments(text[:, begin : begin + len(moment)], instants // 1000, style.zone)
    whole, width = text.tobytes(), len(form)
    return (whole[begin : begin + width] for begin in range(0, len(whole), width))


def _write_uuid(text: Text, at: int, high: Text, low: Text) -> None:
    for begin, end, digits in ((0, 8, high[:, :8]), (9, 13, high[:, 8:12]), (14, 18, high[:, 12:])):
        text[:, at + begin : at + end] = digits
    text[:, at + 19 : at + 23], text[:, at + 24 : at + 36] = low[:, :4], low[:, 4:]


def _hex(word: npt.NDArray[np.uint64]) -> Text:
    octets = np.ascontiguousarray(word, ">u8").view(np.uint8).reshape(-1, 8)
    return _HEX[octets].reshape(-1, 16)


def _write_moments(text: Text, seconds: npt.NDArray[np.int64], zone: str) -> None:
    """Write date and time, and Los Angeles's offset where that is the zone."""
    if zone == "los-angeles":
        hours, back = np.unique(seconds // 3600, return_inverse=True)
        offset = np.array([times.los_angeles_offset_s(hour) for hour in hours.tolist()])[back]
        seconds = seconds + offset
        text[:, 20:22] = _DIGITS[-offset // 3600]
    days, second = np.divmod(seconds, 86_400)
    unique, back = np.unique(days, return_inverse=True)
    dates = np.datetime_as_string(unique.astype("datetime64[D]")).astype("S10")
    text[:, :10] = dates.view(np.uint8).reshape(-1, 10)[back]
    minute = second // 60
    text[:, 11:13], text[:, 14:16], text[:, 17:19] = _DIGITS[minute // 60], _DIGITS[minute % 60], _DIGITS[second % 60]


def _check(name: str, data: Any) -> None:
    """`MockError` when a row, or a piece of one, is not what the contract says."""
    checker = _checkers()[name]
    if not checker.accepts(data):
        place, complaint = checker.complaints(data)[0]
        raise MockError(f"ibmvideo: {name} at {place or '/'}: {complaint}")


@lru_cache(maxsize=1)
def _checkers() -> dict[str, Checker]:
    contract = open_contract("ibmvideo")
    schemas = contract.document["components"]["schemas"]
    pieces = {"View": "ViewAttributes", "Segment": "Segment"}
    return {
        **{name: contract.checker(name) for name in pieces},
        **{
            f"{name} piece": Checker({"type": "object", "properties": schemas[whole]["properties"]}, contract.document)
            for name, whole in pieces.items()
        },
    }
