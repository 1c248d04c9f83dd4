"""Named scenarios of uploads: one part, several, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from testcard.suite.scenario import Scenario, Step
from testcard.suite.subjects.videokit.steps import one, result, step
from testcard.suite.subjects.videokit.worlds import Row, kit
from testcard.suite.subjects.videokit.writes import NEW_ASSET

__all__ = ["PART", "upload", "uploading"]

PART = 5 << 20
_SMALL_PARTS = {"VK-069": "five-mebibytes"}
_LINE = "every part of this is another one, for 61 divides no part\r\n\x00"


def upload(size: int, name: str = "film.mp4", **more: Any) -> Step:
    """The upload of a file of so many bytes."""
    return step("upload_file", name=name, friendlyName="Ein Film & mehr", pattern=_LINE, size=size, **more)


def uploading() -> Iterator[Scenario]:
    """The simplest first."""
    look, fetch = step("get_file", id=result(0)), step("download_file", id=result(0))
    yield one("a small file is uploaded", kit(), upload(1000), look, step("list_files"))
    yield one("one byte is uploaded", kit(), upload(1, "ü & 50%.srt"), look)
    for name, size in {"one part exactly": PART, "two parts exactly": 2 * PART, "three parts": 2 * PART + 7}.items():
        yield one(f"a file of {name}", kit(), upload(size), look, readings=_SMALL_PARTS)
    yield one("a file is uploaded and fetched", kit(), upload(PART + 123), fetch, readings=_SMALL_PARTS)
    yield one("a small file is uploaded and fetched", kit(), upload(1000), fetch)
    yield one("an empty file", kit(), upload(0), step("list_files"))
    body = {**NEW_ASSET, "transcodedSources": [{"fileId": result(0)}]}
    yield one(
        "an asset of a file that was just uploaded",
        kit(),
        upload(1000),
        step("create_vod_asset", body=body),
        step("get_vod_asset", id=result(1)),
    )
    yield one("a key that may only read uploads", kit(), upload(10), step("list_files"), grants={"role": "Viewer"})
    yield from _faulted()


def _faulted() -> Iterator[Scenario]:
    away: Row = {"kind": "status", "status": 503}
    second = {"when": {"calls": [2, 2]}}
    storage: Row = {"api": "storage"}
    cases: Mapping[str, Row] = {
        "the storage is away for one part": {**storage, **away, **second},
        "the storage is away": {**storage, **away},
        "the storage fails for one part": {**storage, "kind": "status", "status": 500, **second},
        "the storage refuses a part": {**storage, "kind": "status", "status": 403, **second},
        "the connection to the storage is reset": {**storage, "kind": "reset", **second},
        "the connections to the storage are reset": {**storage, "kind": "reset"},
        "an upload cannot begin": _at("start_file_upload", kind="status", status=500),
        "an upload cannot begin at once": _at("start_file_upload", **away, when={"first": 1}),
        "the beginning of an upload is lost": _at("start_file_upload", kind="reset", when={"first": 1}),
        "an upload cannot be completed": _at("complete_file_upload", kind="status", status=500),
        "an upload cannot be completed at once": _at("complete_file_upload", **away, when={"first": 1}),
        "an upload is told to wait": _at("complete_file_upload", kind="status", status=429, retry_after=1, when={
            "first": 1}),
        "the completion of an upload is lost": _at("complete_file_upload", kind="reset", when={"first": 1}),
        "the completion of an upload is refused": _at("complete_file_upload", kind="status", status=400),
    }  # fmt: skip
    for name, fault in cases.items():
        faults = [{"id": "fault", **fault}]
        steps = [upload(PART + 7), step("list_files")]
        yield one(name, kit(), *steps, faults=faults, readings=_SMALL_PARTS)
    cut = [{"id": "fault", "api": "storage", "operation": "get_object", "kind": "truncate", "after_bytes": 600}]
    yield one("a download is cut off", kit(), upload(1000), step("download_file", id=result(0)), faults=cut)
    no_link = [{"id": "fault", **_at("get_file_part_url", kind="status", status=500)}]
    steps = [upload(2 * PART + 7), step("list_files")]
    yield one("there is no link for the third part", kit(), *steps, faults=no_link, readings=_SMALL_PARTS)


def _at(operation: str, **fault: Any) -> Row:
    return {"api": "videokit", "operation": operation, **fault}
