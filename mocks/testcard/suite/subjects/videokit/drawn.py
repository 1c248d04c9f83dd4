"""Scenarios drawn by Hypothesis: sizes around the page, filters, sorts, writes, questions, faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.ingredients import drawn_faults
from testcard.suite.subjects.videokit.figures import DAY, NUMBERS, query
from testcard.suite.subjects.videokit.files import PART, upload
from testcard.suite.subjects.videokit.steps import one, step
from testcard.suite.subjects.videokit.worlds import (
    Row,
    Tables,
    asset_id,
    channel_id,
    event_id,
    file_id,
    kit,
    made,
    recording_id,
    sessions,
)
from testcard.suite.subjects.videokit.writes import NEW_ASSET, NEW_EVENT, NEW_RECORDING

__all__ = ["ORDER", "drawn", "filters", "known_filters"]

_TABLES = {
    "list_vod_assets": "assets",
    "list_files": "files",
    "list_channels": "channels",
    "list_events": "events",
    "list_recordings": "recordings",
    "list_streaming_assets": "assets",
}
_IDS: Mapping[str, Callable[[int], str]] = {
    "assets": asset_id,
    "files": file_id,
    "channels": channel_id,
    "events": event_id,
    "recordings": recording_id,
}
_ONE_OF = {
    "get_vod_asset": "assets",
    "get_file": "files",
    "get_channel": "channels",
    "get_channel_status": "channels",
    "get_event": "events",
    "get_recording": "recordings",
    "delete_vod_asset": "assets",
    "delete_file": "files",
    "delete_event": "events",
    "delete_recording": "recordings",
    "start_channel": "channels",
    "stop_channel": "channels",
}
_MANY_OF = {
    "delete_vod_assets": "assets",
    "delete_files": "files",
    "delete_events": "events",
    "delete_recordings": "recordings",
    "list_channel_statuses": "channels",
}
_NEW = {"create_vod_asset": NEW_ASSET, "create_event": NEW_EVENT, "create_recording": NEW_RECORDING}
_FOLLOWED = {"assets": "list_vod_assets", **{table: f"list_{table}" for table in _IDS if table != "assets"}}
_SORTS = st.sampled_from(["CreateDate", "LastModificationDate", "Id", "Metadata.Studio", "Metadata.Code"])
_QUERY = st.sampled_from(["quote", "Halyard & S", "+1", "007", "東"])
ORDER = {"sort": _SORTS, "desc": st.booleans()}
_LABELLED = {
    "tags": st.lists(st.sampled_from(["news", "news & sport", "50%", "a+b"]), min_size=1, max_size=2, unique=True),
    "attributes": st.lists(
        st.sampled_from(["genre=news", "[code]=a=b", "rate=50%"]), min_size=1, max_size=2, unique=True
    ),
}
_OWN: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "list_vod_assets": {
        **_LABELLED,
        "statuses": st.sampled_from([["Available"], ["Error", "Processing"]]),
        "presets": st.sampled_from([["mp4"], ["dash_hls_720p", "mp4"]]),
        "durationFrom": st.integers(60_000, 90_000),
        "durationTo": st.integers(60_000, 90_000),
    },
    "list_files": {**_LABELLED, "fileType": st.sampled_from(["Video", "Audio", "Caption"])},
    "list_events": {**_LABELLED, "statuses": st.sampled_from([["Live"], ["Scheduled", "Finished"]])},
    "list_recordings": {"statuses": st.sampled_from([["Available"], ["Pending", "Error"]])},
    "list_streaming_assets": {**_LABELLED, "types": st.sampled_from([["Vod"], ["LiveEvent", "Recording"]])},
}
_FILTERS = st.sampled_from(
    [
        {"name": "COUNTRY", "operator": "IN", "value": ["DE", "FR"]},
        {"name": "COUNTRY", "operator": "EQ", "value": None},
        {"name": "PLAYED", "operator": "GT", "value": 1},
        {"name": "BROWSER", "operator": "NOTCONTAINS", "value": "& C"},
    ]
)


_BOUNDS = ("createDateStart", "createDateEnd", "lastModificationDateStart")
_ZONES = st.sampled_from(["Z", "+02:00", "-08:00"])


def _moments(operation: str) -> st.SearchStrategy[str]:
    """Moments at which rows of a list were made, and others in three zones."""
    kind = {"list_files": 2, "list_events": 3, "list_channels": 4, "list_recordings": 5}.get(operation, 1)
    own = st.sampled_from([made(number, kind)["createDate"] for number in range(12)])
    return own | st.builds("2026-02-0{}T{:02d}:30:00{}".format, st.integers(1, 7), st.integers(0, 23), _ZONES)


def known_filters(operation: str) -> dict[str, st.SearchStrategy[Any]]:
    """What a list may be asked for, by parameter."""
    return {**dict.fromkeys(_BOUNDS, _moments(operation)), "query": _QUERY, **_OWN.get(operation, {})}


def filters(operation: str) -> st.SearchStrategy[Row]:
    """A filter or two, which leave something, and an order."""
    known = known_filters(operation)
    few = st.lists(st.sampled_from(sorted(known)), max_size=2, unique=True)
    return few.flatmap(lambda names: st.fixed_dictionaries({name: known[name] for name in names}, optional=ORDER))


def drawn(operations: Sequence[str], page_size: int) -> st.SearchStrategy[Scenario]:
    """Scenarios for some operations; sizes are those at which pages of so many rows begin and end."""
    edges = sorted({size for pages in (0, 1, 2) for by in (-1, 0, 1) if (size := pages * page_size + by) >= 0})
    sizes = st.sampled_from([size for size in edges if size <= 230]) | st.integers(0, 15)

    @st.composite
    def build(draw: st.DrawFn) -> Scenario:
        operation = draw(st.sampled_from(operations))
        if operation == "upload_file":
            return _upload(draw)
        if operation in NUMBERS or operation == "list_impressions":
            return _question(draw, operation)
        if operation in _TABLES:
            asked = draw(filters(operation))
            rows, steps = kit(**{_TABLES[operation]: draw(sizes)}), [step(operation, **asked)]
        else:
            rows, steps = _write(draw, operation, operations)
        return one(f"drawn: {operation}", rows, *steps, faults=draw(_faults(operation)))

    return build()


def _write(draw: st.DrawFn, operation: str, operations: Sequence[str]) -> tuple[Tables, list[Step]]:
    """A write or a look at one row, and the list after it."""
    rows = kit(assets=6, files=8, channels=4, events=6, recordings=6)
    table = _ONE_OF.get(operation) or _MANY_OF.get(operation) or ""
    numbers = st.integers(0, 8)
    if operation in _ONE_OF:
        first = step(operation, id=_IDS[table](draw(numbers)))
    elif operation in _MANY_OF:
        some = draw(st.lists(numbers, min_size=1, max_size=4, unique=True))
        first = step(operation, ids=[_IDS[table](each) for each in some])
    elif operation in _NEW:
        first, table = step(operation, body=_NEW[operation]), f"{operation.rpartition('_')[2]}s"
    else:
        return {}, [step("list_presets")] if "list_presets" in operations else []
    follow = _FOLLOWED[table]
    after = Step(follow, advance_s=draw(st.sampled_from([0, 29.999, 30, 3600])))
    return rows, [first, *([after] if follow in operations else [])]


def _upload(draw: st.DrawFn) -> Scenario:
    size = draw(st.sampled_from([1, 999, PART - 1, PART, PART + 1]))
    faults = draw(st.lists(st.sampled_from(_STORAGE), max_size=1))
    return one("drawn: upload_file", kit(), upload(size), faults=faults, readings={"VK-069": "five-mebibytes"})


_STORAGE: list[Row] = [
    {"id": "fault", "api": "storage", "kind": "status", "status": 503, "when": {"calls": [2, 2]}},
    {"id": "fault", "api": "storage", "kind": "reset", "when": {"first": 1}},
    {"id": "fault", "api": "videokit", "operation": "complete_file_upload", "kind": "status", "status": 500},
]


def _question(draw: st.DrawFn, operation: str) -> Scenario:
    offsets = draw(st.lists(st.integers(-120, 1560), max_size=30))
    played = draw(st.lists(st.sampled_from([0, 1, 60_000, 90_500, 7_200_000]), min_size=1, max_size=4))
    rows = sessions([DAY + timedelta(minutes=each) for each in sorted(offsets)], played)
    more: Row = {"filters": [draw(_FILTERS)]} if "ads" not in operation and draw(st.booleans()) else {}
    if operation in NUMBERS:
        if draw(st.booleans()):
            more["interval"] = draw(st.sampled_from(["MINUTE", "HOUR", "DAY", "MONTH"]))
        if draw(st.booleans()):
            more["groupBy"] = ["COUNTRY"]
    return one(f"drawn: {operation}", rows, query(operation, **more), faults=draw(_faults(operation)))


def _faults(operation: str) -> st.SearchStrategy[list[Row]]:
    return drawn_faults("videokit", without={"short-page", "token-expired"}, operation=operation)
