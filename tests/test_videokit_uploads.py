"""Uploads: real bytes in parts, put together as S3 does it, and handed out again byte for byte."""

from __future__ import annotations

import hashlib
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from kit import Kit, Row, SocketKit
from support import Answer, Mock, socket_server
from testcard.apis.videokit import media, tracks
from testcard.apis.videokit.pieces import ObjectFile

FILES = "/vod/v1/files"
MIB5 = 5 << 20


@pytest.fixture
def kit() -> Kit:
    """Parts of five mebibytes, the smallest that S3 takes."""
    return Kit(readings={"VK-069": "five-mebibytes"})


def content_of(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def folder(kit: Kit) -> Path:
    return kit.mock.world.folder()


def send(kit: Kit, started: Row, content: bytes) -> list[Row]:
    """Put every part; returns what completion wants."""
    links, size = list(started["multipartUrls"]), started["partSize"]
    numbers = range(len(links) + 1, started["partsCount"] + 1)
    links += [kit.get(f"{FILES}/{started['fileId']}/part/{number}").json["url"] for number in numbers]
    tags = [kit.put(link, content[at * size : (at + 1) * size]).headers["ETag"] for at, link in enumerate(links)]
    return [{"partNumber": at + 1, "eTag": tag} for at, tag in enumerate(tags)]


def complete(kit: Kit, file: str, parts: list[Row]) -> Answer:
    return kit.post(f"{FILES}/complete", {"fileId": file, "parts": parts})


def test_a_file_in_four_parts_comes_back_byte_for_byte(kit: Kit) -> None:
    content = content_of(3 * MIB5 + 1234)
    started = kit.start(len(content))
    assert (started["partsCount"], started["lastPartSize"], started["partSize"]) == (4, 1234, MIB5)
    assert len(started["multipartUrls"]) == 2

    parts = send(kit, started, content)
    assert parts[0]["eTag"] == f'"{hashlib.md5(content[:MIB5]).hexdigest()}"'
    assert complete(kit, started["fileId"], parts).json == {
        "fileId": started["fileId"],
        "fileKey": started["fileKey"],
    }
    file = kit.get(f"{FILES}/{started['fileId']}").json
    assert (file["status"], file["fileSize"]) == ("Completed", len(content))
    link = kit.get(f"{FILES}/{started['fileId']}/preview").json["link"]
    assert kit.mock.get(link).body == content
    assert kit.mock.get(link, headers={"Range": f"bytes={MIB5 - 2}-{MIB5 + 1}"}).body == content[MIB5 - 2 : MIB5 + 2]
    digests = b"".join(hashlib.md5(content[at : at + MIB5]).digest() for at in range(0, len(content), MIB5))
    assert kit.mock.get(link).headers["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-4"'


@pytest.mark.parametrize(("size", "count", "last"), [(1, 1, 1), (MIB5, 1, MIB5), (MIB5 + 1, 2, 1), (2 * MIB5, 2, MIB5)])
def test_sizes_of_parts_add_up(kit: Kit, size: int, count: int, last: int) -> None:
    started = kit.start(size)

    assert (started["partsCount"], started["lastPartSize"]) == (count, last)
    assert started["partSize"] * (count - 1) + last == size


def test_parts_are_fifty_million_bytes_as_in_the_documents_sample() -> None:
    started = Kit().start(76_251_798)

    assert (started["partSize"], started["lastPartSize"], started["partsCount"]) == (50_000_000, 26_251_798, 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"friendlyName": "A", "fileSize": 1}, 400),
        ({"name": "a.mp4", "friendlyName": "A", "fileSize": 0}, 400),
        ({"name": "a.mp4", "friendlyName": "A", "fileSize": "1"}, 400),
        ({"name": "x" * 1025, "friendlyName": "A", "fileSize": 1}, 400),
        ({"name": "a.mp4", "friendlyName": "é" * 1025, "fileSize": 1}, 400),
        ({"name": "x" * 1024, "friendlyName": "é" * 1024, "fileSize": 1}, 200),
        ({"name": "a.mp4", "friendlyName": "A", "fileSize": 500_000_000_001}, 400),
    ],
)
def test_what_an_upload_may_be_called_and_how_large_it_is(body: dict[str, Any], status: int) -> None:
    assert Kit().post(f"{FILES}/start", body).status == status


@pytest.mark.parametrize("quotes", [True, False])
def test_etags_come_with_or_without_quotes(kit: Kit, quotes: bool) -> None:
    content = content_of(MIB5 + 1)
    started = kit.start(len(content))
    parts = send(kit, started, content)
    if not quotes:
        parts = [{**part, "eTag": part["eTag"].strip('"')} for part in parts]

    assert complete(kit, started["fileId"], parts).status == 200


def test_a_null_etag_is_a_reading() -> None:
    for reading, status in {"looked-up": 200, "refused": 400}.items():
        kit = Kit(readings={"VK-071": reading})
        started = kit.start(3)
        kit.put(started["multipartUrls"][0], b"abc")
        assert complete(kit, started["fileId"], [{"partNumber": 1, "eTag": None}]).status == status


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda parts: [parts[1], parts[0]], "InvalidPartOrder"),
        (lambda parts: [parts[0], parts[0]], "InvalidPartOrder"),
        (lambda parts: [{**parts[0], "eTag": '"0"'}, parts[1]], "InvalidPart"),
        (lambda parts: [*parts, {"partNumber": 3, "eTag": parts[0]["eTag"]}], "InvalidPart"),
        (lambda parts: parts[:1], "bad_request"),
        (lambda parts: parts[1:], "bad_request"),
        (lambda _parts: [], "bad_request"),
    ],
)
def test_a_completion_of_wrong_parts_is_refused_and_can_be_mended(kit: Kit, spoil: Any, code: str) -> None:
    content = content_of(MIB5 + 7)
    started = kit.start(len(content))
    parts = send(kit, started, content)

    refused = complete(kit, started["fileId"], spoil(parts))
    assert (refused.status, refused.json["status"]["code"]) == (400, code)
    assert kit.get(f"{FILES}/{started['fileId']}").json["status"] == "Uploading"
    assert complete(kit, started["fileId"], parts).status == 200


def test_a_part_that_is_too_small_is_refused_at_the_end(kit: Kit) -> None:
    started = kit.start(MIB5 + 7)
    tags = [kit.put(link, b"short").headers["ETag"] for link in started["multipartUrls"]]
    parts = [{"partNumber": at + 1, "eTag": tag} for at, tag in enumerate(tags)]

    assert complete(kit, started["fileId"], parts).json["status"]["code"] == "EntityTooSmall"


def test_a_part_may_be_sent_again(kit: Kit) -> None:
    started = kit.start(3)
    old = kit.put(started["multipartUrls"][0], b"abc").headers["ETag"]
    new = kit.put(started["multipartUrls"][0], b"xyz").headers["ETag"]

    assert len(list(folder(kit).iterdir())) == 1
    assert complete(kit, started["fileId"], [{"partNumber": 1, "eTag": old}]).status == 400
    assert complete(kit, started["fileId"], [{"partNumber": 1, "eTag": new}]).status == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"), "SignatureDoesNotMatch"),
        (lambda link: link.replace("partNumber=1", "partNumber=2"), "SignatureDoesNotMatch"),
        (lambda link: link.partition("?")[0], "AccessDenied"),
    ],
)
def test_a_changed_part_link_is_refused_as_s3_does(kit: Kit, change: Any, code: str) -> None:
    started = kit.start(3)
    answer = kit.put(change(started["multipartUrls"][0]), b"abc")

    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (403, True)


def test_a_part_link_is_for_putting_only_and_expires(kit: Kit) -> None:
    started = kit.start(3)
    link = started["multipartUrls"][0]

    assert kit.mock.get(link).status == 403
    kit.advance(86_400)
    late = kit.put(link, b"abc")
    assert (late.status, "Request has expired" in late.text) == (403, True)
    fresh = kit.get(f"{FILES}/{started['fileId']}/part/1").json["url"]
    assert kit.put(fresh, b"abc").status == 200


@pytest.mark.parametrize(
    ("number", "status"), [("1", 200), ("2", 200), ("3", 404), ("0", 400), ("10001", 400), ("x", 400)]
)
def test_part_numbers_count_from_one_to_the_last(kit: Kit, number: str, status: int) -> None:
    started = kit.start(MIB5 + 1)

    assert kit.get(f"{FILES}/{started['fileId']}/part/{number}").status == status


def test_after_completion_the_upload_is_over(kit: Kit) -> None:
    started = kit.start(3)
    parts = send(kit, started, b"abc")
    complete(kit, started["fileId"], parts)

    assert complete(kit, started["fileId"], parts).status == 409
    assert kit.get(f"{FILES}/{started['fileId']}/part/1").status == 409
    assert kit.post(f"{FILES}/{started['fileId']}/cancel").status == 409
    gone = kit.put(started["multipartUrls"][0], b"abc")
    assert (gone.status, "<Code>NoSuchUpload</Code>" in gone.text) == (404, True)


@pytest.mark.parametrize(
    ("query", "body", "deleted"),
    [("", None, False), ("", {"delete": True}, True), ("?delete=true", None, True), ("", {"delete": False}, False)],
)
def test_cancelling_leaves_an_error_or_nothing(kit: Kit, query: str, body: Row | None, deleted: bool) -> None:
    started = kit.start(3)
    kit.put(started["multipartUrls"][0], b"abc")
    answer = kit.post(f"{FILES}/{started['fileId']}/cancel{query}", body)

    assert (answer.status, answer.body) == (204, b"")
    after = kit.get(f"{FILES}/{started['fileId']}")
    assert after.status == (404 if deleted else 200)
    assert deleted or after.json["status"] == "Error"
    assert list(folder(kit).iterdir()) == []
    assert kit.put(started["multipartUrls"][0], b"abc").status == 404


def test_the_upload_id_is_sent_by_the_live_service_and_never_required() -> None:
    for dialect, present in {"documented": False, "observed": True}.items():
        kit = Kit(dialect=dialect)
        started = kit.start(3)
        assert ("uploadId" in started) is present
        body = {"fileId": started["fileId"], "parts": send(kit, started, b"abc")}
        assert kit.post(f"{FILES}/complete", {**body, "uploadId": "another"}).status == 404
        assert kit.post(f"{FILES}/complete", {**body, "uploadId": started.get("uploadId")}).status == 200


def test_all_links_may_come_at_once() -> None:
    kit = Kit(readings={"VK-068": "all"})

    assert len(kit.start(250_000_000)["multipartUrls"]) == 5


def test_real_headers_tell_tracks_and_duration(kit: Kit) -> None:
    file = kit.upload(media.mp4(360_000), "film.mp4")
    shown = kit.get(f"{FILES}/{file}").json["tracks"]

    assert [(track["type"], track["trackSelector"]["trackId"]) for track in shown] == [
        ("Video", "video_1"),
        ("Audio", "audio_1"),
    ]
    assert kit.post(f"{FILES}/{file}/detect").json == {"tracks": shown}
    asset = kit.asset(file)
    kit.advance(36)
    assert kit.get(f"/vod/v1/assets/{asset}").json["durationMilliseconds"] == 360_000


def test_the_same_bytes_are_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bytes] = []

    def look(file: ObjectFile) -> tracks.Detected:
        looked.append(file.read())
        return [{"type": "Audio", "trackSelector": {"trackId": f"audio_{len(looked)}"}}], 1000

    monkeypatch.setattr(tracks, "_look", look)
    contents = [media.mp4(length) for length in (47_000, 47_001, 47_000)]
    shown = [kit.get(f"{FILES}/{kit.upload(each)}").json["tracks"] for each in contents for kit in [Kit()]]

    assert looked == contents[:2]
    assert [track["trackSelector"]["trackId"] for each in shown for track in each] == ["audio_1", "audio_2", "audio_1"]


@pytest.mark.parametrize(
    ("name", "types"),
    [("a.mp4", ["Video", "Audio"]), ("a.WAV", ["Audio"]), ("a.srt", ["Captions"]), ("a.xyz", ["Video", "Audio"])],
)
def test_made_up_bytes_have_the_tracks_their_name_promises(kit: Kit, name: str, types: list[str]) -> None:
    tracks = kit.post(f"{FILES}/{kit.upload(b'nothing', name)}/detect").json["tracks"]

    assert [track["type"] for track in tracks] == types


def test_tracks_of_made_up_bytes_are_a_reading() -> None:
    kit = Kit(readings={"VK-077": "none", "VK-038": "caption"})
    subtitles = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n"

    assert kit.post(f"{FILES}/{kit.upload(b'nothing')}/detect").json == {"tracks": []}
    assert [t["type"] for t in kit.post(f"{FILES}/{kit.upload(subtitles, 'a.srt')}/detect").json["tracks"]] == [
        "Caption"
    ]


@pytest.mark.parametrize("action", ["detect", "preview"])
def test_an_unfinished_file_has_no_tracks_and_no_preview(kit: Kit, action: str) -> None:
    file = kit.start()["fileId"]
    method = "POST" if action == "detect" else "GET"

    assert kit.call(method, f"{FILES}/{file}/{action}").status == 409


@pytest.mark.parametrize(("reading", "life"), [("day", 86_400), ("hour", 3600)])
def test_a_preview_link_works_until_it_expires(reading: str, life: int) -> None:
    kit = Kit(readings={"VK-063": reading})
    link = kit.get(f"{FILES}/{kit.upload(b'abc')}/preview").json["link"]

    kit.advance(life - 1)
    assert kit.mock.get(link).body == b"abc"
    kit.advance(1)
    assert kit.mock.get(link).status == 403


def test_every_file_of_the_story_downloads_with_its_size(kit: Kit) -> None:
    for row in kit.get(FILES, params={"limit": 5}).json["items"]:
        body = kit.mock.get(kit.get(f"{FILES}/{row['id']}/preview").json["link"]).body
        assert len(body) == row["fileSize"]
        assert body[4:8] == b"ftyp"


def test_deleting_a_file_deletes_its_bytes(kit: Kit) -> None:
    file = kit.upload(b"abc")
    link = kit.get(f"{FILES}/{file}/preview").json["link"]
    kit.delete(f"{FILES}/{file}")

    assert kit.mock.get(link).status == 404
    assert list(folder(kit).iterdir()) == []


def test_bytes_are_gone_with_their_world(kit: Kit) -> None:
    world = kit.mock.post("/_testcard/worlds", json={}).json
    other = world["env"]["TESTCARD_VIDEOKIT_API_KEY"]
    body = {"name": "a.mp4", "friendlyName": "A", "fileSize": 3}
    started = kit.post(f"{FILES}/start", body, key=other).json
    assert kit.put(started["multipartUrls"][0], b"abc").status == 200
    place = kit.mock.switchboard.worlds.get(world["id"]).folder()
    assert list(place.iterdir())

    kit.mock.request("DELETE", f"/_testcard/worlds/{world['id']}")

    assert not place.exists()


def test_a_browser_can_read_the_etag(kit: Kit) -> None:
    started = kit.start(3)
    origin = {"Origin": "https://studio.example"}
    asked = kit.mock.request(
        "OPTIONS", started["multipartUrls"][0], headers={**origin, "Access-Control-Request-Method": "PUT"}
    )
    sent = kit.put(started["multipartUrls"][0], b"abc", **origin)

    assert "PUT" in asked.headers["Access-Control-Allow-Methods"]
    assert sent.headers["Access-Control-Allow-Origin"] in ("*", origin["Origin"])
    assert "ETag" in sent.headers["Access-Control-Expose-Headers"]


def test_two_hundred_megabytes_go_to_disk_in_parts_and_are_gone_with_their_world() -> None:
    """Over a socket: no part lies in memory as a whole as it arrives, and of the file never more than two at a time."""
    mock, block, readings = Mock("videokit"), bytes(MIB5), {"VK-069": "five-mebibytes", "VK-068": "all"}
    with socket_server(mock) as url, closing(SocketKit(url, readings=readings)) as kit:
        place = mock.switchboard.worlds.get(kit.world).folder()
        started = kit.start(40 * MIB5)
        links = started["multipartUrls"]
        kit.put(links[0], block)
        tracemalloc.start()
        tags = [kit.put(link, block).headers["ETag"] for link in links]
        _, while_sent = tracemalloc.get_traced_memory()
        sizes = [path.stat().st_size for path in place.rglob("*") if path.is_file()]
        parts = [{"partNumber": at + 1, "eTag": tag} for at, tag in enumerate(tags)]
        done = kit.post(f"{FILES}/complete", {"fileId": started["fileId"], "parts": parts})
        with requests.get(kit.get(f"{FILES}/{started['fileId']}/preview").json["link"], stream=True) as answer:
            received = sum(map(len, answer.iter_content(1 << 16)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert sizes == [MIB5] * 40
        assert done.status == 200
        assert received == 40 * MIB5
        assert while_sent < MIB5
        assert peak < 2 * MIB5
    assert not place.exists()
