"""Streaming: assets of all modules, their tags, chapters, images and player, and what each reading changes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kit import Kit
from pictures import pixels

ASSETS = "/streaming/v1/assets"
NOW = "2026-03-02T12:00:00Z"
PART = 5 << 20


@pytest.fixture
def kit() -> Kit:
    return Kit(now=NOW)


def reading(identity: str, name: str) -> Kit:
    return Kit(now=NOW, readings={identity: name})


def first(kit: Kit, kind: str = "Vod") -> str:
    return str(kit.get(ASSETS, params={"type": kind, "limit": 1}).json["items"][0]["id"])


def get(kit: Kit, asset: str) -> dict[str, Any]:
    answered = kit.get(f"{ASSETS}/{asset}")
    assert answered.status == 200, answered.text
    return dict(answered.json)


def upload(kit: Kit, asset: str, content: bytes, name: str = "poster.png") -> dict[str, Any]:
    base = f"{ASSETS}/{asset}/images/uploaded"
    started = kit.post(f"{base}/start", {"name": name, "fileSize": len(content)})
    assert started.status == 200, started.text
    parts = []
    for number in range(1, started.json["partsCount"] + 1):
        link = kit.get(f"{base}/{started.json['fileId']}/part/{number}").json["url"]
        sent = kit.put(link, content[(number - 1) * PART : number * PART])
        parts.append({"partNumber": number, "eTag": sent.headers["ETag"]})
    done = kit.post(f"{base}/complete", {"fileId": started.json["fileId"], "parts": parts})
    assert done.status == 200, done.text
    return dict(done.json)


def test_assets_are_those_of_all_modules(kit: Kit) -> None:
    totals = {
        "Vod": kit.get("/vod/v1/assets").json["totalCount"],
        "Recording": kit.get("/cvr/v1/recordings").json["totalCount"],
        "LiveEvent": kit.get("/live/v1/events").json["totalCount"],
        "LiveChannel": kit.get("/live/v1/channels").json["totalCount"],
    }

    for kind, total in totals.items():
        assert kit.get(ASSETS, params={"type": kind}).json["totalCount"] == total
    assert kit.get(ASSETS).json["totalCount"] == sum(totals.values())
    assert kit.get(ASSETS, params={"source": "Live"}).json["totalCount"] == totals["LiveEvent"] + totals["LiveChannel"]


def test_an_asset_of_another_module_shows_up_and_goes(kit: Kit) -> None:
    channel = first(kit, "LiveChannel")
    body = {"channelId": channel, "start": NOW, "end": "2026-03-02T13:00:00Z", "title": "New", "tags": ["a"]}
    event = kit.post("/live/v1/events", body).json["id"]

    shown = get(kit, event)

    assert (shown["type"], shown["source"], shown["status"]) == ("LiveEvent", "Live", "Live")
    assert (shown["title"], shown["channelId"], shown["isDrm"]) == ("New", channel, True)
    assert [each["name"] for each in shown["tags"]] == ["a"]
    assert (shown["start"], shown["end"], shown["durationMilliseconds"]) == (NOW, body["end"], 3_600_000)
    kit.delete(f"/live/v1/events/{event}")
    assert kit.get(f"{ASSETS}/{event}").status == 404


def test_what_is_written_here_is_read_there(kit: Kit) -> None:
    asset = first(kit)
    change = {"title": "Here", "tags": ["one", "two"], "attributes": ["[genre]=drama"], "description": "long"}
    answered = kit.patch(f"{ASSETS}/{asset}", change).json

    there = kit.get(f"/vod/v1/assets/{asset}").json

    assert (answered["title"], answered["description"], answered["tags"]) == ("Here", "long", ["one", "two"])
    assert (there["title"], there["tags"], there["attributes"]) == ("Here", ["one", "two"], ["genre=drama"])
    assert get(kit, asset)["lastModificationDate"] == NOW
    assert kit.get(ASSETS, params={"query": "LONG"}).json["totalCount"] == 1


def test_tags_are_added_once_and_taken_off(kit: Kit) -> None:
    asset = first(kit, "LiveChannel")
    added = kit.post(f"{ASSETS}/{asset}/tags", {"tags": [{"name": "a b"}, {"name": "ß"}, {"name": "a b"}]})
    tags = get(kit, asset)["tags"]

    assert (added.status, added.body) == (200, b"")
    assert [each["name"] for each in tags] == ["a b", "ß"]
    assert kit.delete(f"{ASSETS}/{asset}/tags/a%20b").status == 200
    assert kit.delete(f"{ASSETS}/{asset}/tags/{tags[1]['id']}").status == 200
    assert kit.delete(f"{ASSETS}/{asset}/tags/none").status == 404
    assert get(kit, asset)["tags"] == []


def test_chapters_are_added_in_order_and_deleted(kit: Kit) -> None:
    asset = first(kit)
    chapters = [{"title": "late", "startSecond": 60, "endSecond": 100}, {"title": "early", "startSecond": 35}]
    assert kit.post(f"{ASSETS}/{asset}/chapters", {"chapters": chapters}).body == b""

    early, late = get(kit, asset)["chapters"]

    assert early == {"id": early["id"], "title": "early", "startSecond": 35}
    assert late == {"id": late["id"], "title": "late", "startSecond": 60, "endSecond": 100, "durationSeconds": 40}
    assert kit.delete(f"{ASSETS}/{asset}/chapters/{early['id']}").status == 200
    assert kit.delete(f"{ASSETS}/{asset}/chapters/{early['id']}").status == 404
    bad = {"chapters": [{"title": "x", "startSecond": 9, "endSecond": 3}]}
    assert kit.post(f"{ASSETS}/{asset}/chapters", bad).status == 400


def test_settings_and_token_policy_are_one(kit: Kit) -> None:
    asset = first(kit)
    changed = kit.patch(f"{ASSETS}/{asset}/settings", {"tokenRequired": "Enabled", "cap": "Disabled"}).json
    assert changed["settings"]["tokenRequired"] == {"asset": "Enabled", "tenant": "Disabled"}
    assert changed["settings"]["cap"]["asset"] == "Disabled"
    assert changed["settings"]["analytics"]["asset"] == "Inherit"
    assert changed["tokenRequiredPolicy"] == {"asset": "true", "tenant": "false"}

    kit.patch(f"{ASSETS}/{asset}", {"tokenRequiredPolicy": "Inherit"})

    assert get(kit, asset)["settings"]["tokenRequired"]["asset"] == "Inherit"
    assert kit.patch(f"{ASSETS}/{asset}/settings", {"cap": "Perhaps"}).status == 400


def test_an_image_is_uploaded_shown_fetched_and_deleted(kit: Kit) -> None:
    asset, content = first(kit), b"\x89PNG" + bytes(range(256)) * 3
    done = upload(kit, asset, content)
    base = f"{ASSETS}/{asset}/images"
    listed = kit.get(f"{base}/uploaded").json["items"][0]
    fetched = kit.mock.get(done["url"])

    assert (fetched.body, fetched.headers["Content-Type"]) == (content, "image/png")
    assert listed == kit.get(f"{base}/uploaded/{done['fileId']}").json
    assert (listed["status"], listed["fileSize"], listed["orginalFileName"]) == ("Completed", 772, "poster.png")
    assert kit.post(base, {"images": {"poster": {"Id": done["fileId"]}}}).body == b""
    assert get(kit, asset)["images"]["poster"] == {"Id": done["fileId"], "Name": "poster.png", "Url": done["url"]}
    assert kit.delete(f"{base}/uploaded/{done['fileId']}").status == 409
    assert kit.delete(f"{base}/poster").status == 200
    assert kit.delete(f"{base}/poster").status == 404
    assert kit.delete(f"{base}/uploaded/{done['fileId']}").json == {"deletedFileKey": done["fileKey"]}
    assert kit.mock.get(done["url"]).status == 404
    assert kit.get(f"{base}/uploaded").json["totalCount"] == 0


def test_an_image_may_have_several_parts(kit: Kit) -> None:
    content = bytes(PART) + b"the end"
    done = upload(kit, first(kit), content, "big.jpg")

    assert kit.mock.get(done["url"]).body == content


def test_uploads_of_images_are_refused_like_others(kit: Kit) -> None:
    asset = first(kit)
    base = f"{ASSETS}/{asset}/images/uploaded"
    assert kit.post(f"{base}/start", {"name": "a b.png", "fileSize": 1}).status == 400
    assert kit.post(f"{base}/start", {"name": "a.png", "fileSize": 0}).status == 400
    started = kit.post(f"{base}/start", {"name": "a.png", "fileSize": 4}).json
    assert kit.get(f"{base}/{started['fileId']}/part/2").status == 404
    bad = {"fileId": started["fileId"], "parts": [{"partNumber": 1, "eTag": "0" * 32}]}
    assert kit.post(f"{base}/complete", bad).status == 400
    assert kit.get(f"{base}/{started['fileId']}").json["status"] == "Uploading"
    many = kit.post(f"{base}/deletemany", [started["fileId"], "nothing"]).json
    assert [many[key]["success"] for key in (started["fileId"], "nothing")] == [True, False]
    assert many["nothing"]["status"]["message"] == "File not found"
    assert kit.post(f"{base}/complete", bad).status == 404


def test_images_are_listed_by_their_own_filters(kit: Kit) -> None:
    asset = first(kit)
    small, large = upload(kit, asset, b"1"), upload(kit, asset, b"22", "movie.txt")
    base = f"{ASSETS}/{asset}/images/uploaded"

    def found(**params: Any) -> list[str]:
        return [row["id"] for row in kit.get(base, params=params).json["items"]]

    assert found(sort="FileSize", desc="true") == [large["fileId"], small["fileId"]]
    assert found(fileType="image") == [small["fileId"]]
    assert found(status="Completed", query="MOVIE") == [large["fileId"]]
    assert found(status="Uploading") == []
    assert found(ids=small["fileId"]) == [small["fileId"]]
    assert kit.get(base.replace(asset, "nothing")).status == 404


def test_frames_are_pictures_and_differ(kit: Kit) -> None:
    frames = kit.get(f"{ASSETS}/{first(kit)}/images/frames").json
    pictures = [kit.mock.get(frame["url"]) for frame in frames.values()]

    assert {each.headers["Content-Type"] for each in pictures} == {"image/png"}
    assert len({each.body for each in pictures}) == len(pictures) == 6
    rows = pixels(pictures[0].body)
    assert (len(rows[0]), len(rows)) == (192, 108)
    assert kit.get(f"{ASSETS}/{first(kit, 'LiveChannel')}/images/frames").json == {}


@pytest.mark.parametrize("flags", [{}, {"Muted": "true", "Autoplay": "false"}, {"muted": "TRUE", "timeshift": "true"}])
def test_a_qr_code_leads_to_the_player_with_its_flags(kit: Kit, flags: dict[str, str]) -> None:
    import numpy
    import zxingcpp

    asset = first(kit)
    answered = kit.get(f"/streaming/v1/qrcode/{asset}", params=flags)
    grey = numpy.array([[each[0] for each in row] for row in pixels(answered.body)], numpy.uint8)

    link = urlsplit(zxingcpp.read_barcodes(grey)[0].text)

    assert answered.headers["Content-Type"] == "image/png"
    assert link.path.endswith(f"/player/{asset}")
    assert {key.lower(): value[0] for key, value in parse_qs(link.query).items()} == {
        key.lower(): value.lower() for key, value in flags.items()
    }
    assert kit.mock.get(f"{link.scheme}://{link.netloc}{link.path}").status == 200


def test_endpoints_lead_to_valid_small_files(kit: Kit) -> None:
    endpoints: dict[tuple[str, str], str] = {}
    for kind in ("Vod", "Recording", "LiveChannel"):
        for row in kit.get(ASSETS, params={"type": kind, "statuses": "Available,On"}).json["items"]:
            for output in row["outputs"]:
                endpoints |= {(kind, each["format"]): each["url"] for each in output["endpoints"]}

    assert {form for _, form in endpoints} == {"HLS", "DASH", "MP4"}
    for (_, form), url in endpoints.items():
        body = kit.mock.get(url).body
        if form == "DASH":
            assert ElementTree.fromstring(body).tag == "{urn:mpeg:dash:schema:mpd:2011}MPD"
        elif form == "MP4":
            assert body[4:8] == b"ftyp"
        else:
            variant = url.rpartition("/")[0] + "/" + body.decode().split()[-1]
            playlist = kit.mock.get(variant).text
            assert playlist.startswith("#EXTM3U")
            segments = [line for line in playlist.splitlines() if line.endswith(".ts")]
            assert kit.mock.get(variant.rpartition("/")[0] + "/" + segments[-1]).body[:1] == b"\x47"


def test_domains_are_added_once_and_deleted(kit: Kit) -> None:
    path = "/streaming/v1/domains"
    before = kit.get(path).json
    added = kit.post(path, {"url": "https://your.domain.com"})
    assert added.json["url"] == "https://your.domain.com"
    assert kit.post(path, {"url": "HTTPS://your.domain.com/"}).status in (400, 409)
    assert kit.post(path, {"url": "https://your.domain.com/"}).status == 409
    assert kit.post(path, {"url": "your.domain.com"}).status == 400
    assert kit.get("/streaming/v1/settings").json["allowedDomains"] == [*before, added.json]
    assert kit.delete(path).status == 400
    both = {"playerDomainId": added.json["playerDomainId"], "analyticsDomainId": before[0]["analyticsDomainId"]}
    assert kit.delete(path, params=both).status == 404

    assert kit.delete(path, params={"analyticsDomainId": added.json["analyticsDomainId"]}).body == b""

    assert kit.get(path).json == before


def test_the_list_filters_across_kinds(kit: Kit) -> None:
    def total(**params: Any) -> int:
        answered = kit.get(ASSETS, params=params)
        assert answered.status == 200, answered.text
        return int(answered.json["totalCount"])

    channel = first(kit, "LiveEvent")
    rows = kit.get(ASSETS, params={"limit": 1000}).json["items"]
    sport = get(kit, channel)["channelId"]
    assert total(channelId=sport) == sum(row["channelId"] == sport for row in rows) > 20
    assert total(isDrm="true") == sum(row["isDrm"] for row in rows)
    assert total(statuses="Finished,On") == sum(row["status"] in ("Finished", "On") for row in rows)
    assert total(durationFrom=7_200_000) == sum((row["durationMilliseconds"] or 0) >= 7_200_000 for row in rows)
    assert total(durationTo=1) == sum((row["durationMilliseconds"] or 2) <= 1 for row in rows)
    assert total(tags="sport") == sum("sport" in row["tags"] for row in rows)
    assert total(types=["Vod", "Recording"]) == sum(row["type"] in ("Vod", "Recording") for row in rows)
    assert total(attributes="[genre]=sport") > 20
    assert total(searchStart="2026-03-01T00:00:00Z") == sum(
        row.get("end", row["createDate"]) >= "2026-03" for row in rows
    )
    ids = [row["id"] for row in kit.get(ASSETS, params={"sort": "CreateDate", "limit": 1000}).json["items"]]
    pages = [kit.get(ASSETS, params={"sort": "createdate", "limit": 13, "page": n}).json for n in range(1, 12)]
    assert [row["id"] for page in pages for row in page["items"]] == ids


@pytest.mark.parametrize("path", ["/x.y", "/nothing"])
def test_an_id_outside_the_pattern_is_another_refusal_than_one_that_is_not_there(kit: Kit, path: str) -> None:
    assert kit.get(ASSETS + path).status == (400 if "." in path else 404)


def test_media_of_another_world_is_not_found(kit: Kit) -> None:
    url = kit.get(ASSETS, params={"type": "Vod", "statuses": "Available", "limit": 1}).json["items"][0]
    link = url["outputs"][0]["endpoints"][0]["url"]
    token = urlsplit(link).path.split("/")[3]

    assert kit.mock.get(link.replace(token, "0" * 20)).status == 404
    assert kit.mock.get(link).status == 200


def test_settings_say_nothing_that_opens_anything(kit: Kit) -> None:
    shown = kit.get("/streaming/v1/settings").json

    assert (shown["tenantId"], shown["tenantName"]) == (kit.tenant, "halyard")
    assert shown["playerConfigInfo"] == {"devToolsAccess": False, "analytics": True, "codeObfuscation": True}
    assert shown["capInfo"]["signingKey"] == "bm90LWEtcmVhbC1rZXk="


def test_signing_keys_may_be_withheld() -> None:
    assert reading("VK-197", "withheld").get("/streaming/v1/settings").json["capInfo"]["signingKey"] is None


def test_shapes_of_tags() -> None:
    for name, kinds in (("by-operation", (str, dict)), ("objects", (dict, dict)), ("names", (str, str))):
        kit = reading("VK-185", name)
        asset = first(kit)
        row = next(row for row in kit.get(ASSETS, params={"limit": 1000}).json["items"] if row["id"] == asset)
        assert (type(row["tags"][0]), type(get(kit, asset)["tags"][0])) == kinds


def test_shapes_of_images() -> None:
    for name, keys in (("by-operation", ("Url", "url")), ("capitalised", ("Url", "Url")), ("lower", ("url", "url"))):
        kit = reading("VK-186", name)
        asset = first(kit)
        body = {"images": {"p": {"name": "n", "url": "https://example.com/i.jpg"}}}
        updated = kit.patch(f"{ASSETS}/{asset}", body).json["images"]["p"]
        assert (keys[0] in get(kit, asset)["images"]["p"], keys[1] in updated) == (True, True)


CHAPTERS = {"chapters": [{"title": "a", "startSecond": 1}, {"title": "b", "startSecond": 5, "endSecond": 9}]}


def test_names_and_ends_of_chapters() -> None:
    for identity, name, expected in (
        ("VK-187", "start-second", {"title": "a", "startSecond": 1}),
        ("VK-187", "start", {"title": "a", "start": 1}),
        ("VK-191", "next-chapter", {"title": "a", "startSecond": 1, "endSecond": 5, "durationSeconds": 4}),
    ):
        kit = reading(identity, name)
        asset = first(kit)
        kit.post(f"{ASSETS}/{asset}/chapters", CHAPTERS)
        shown = get(kit, asset)["chapters"][0]
        assert {key: value for key, value in shown.items() if key != "id"} == expected


def test_letters_of_the_token_policy() -> None:
    for name, expected in (("lower", "true"), ("as-written", "True")):
        kit = reading("VK-188", name)
        assert kit.patch(f"{ASSETS}/{first(kit)}", {"tokenRequiredPolicy": "True"}).json["tokenRequiredPolicy"][
            "asset"
        ] == (expected)


def test_a_title_may_be_ignored() -> None:
    for name, applied in (("applied", True), ("ignored", False)):
        kit = reading("VK-189", name)
        assert (kit.patch(f"{ASSETS}/{first(kit)}", {"title": "N"}).json["title"] == "N") is applied


def test_creating_may_replace() -> None:
    for name, count in (("added", 4), ("replaced", 2)):
        kit = reading("VK-190", name)
        asset = first(kit)
        for _ in range(2):
            kit.post(f"{ASSETS}/{asset}/chapters", CHAPTERS)
        for key in ("a", "b"):
            kit.post(f"{ASSETS}/{asset}/images", {"images": {key: {"Url": "https://example.com/x"}}})
        assert len(get(kit, asset)["chapters"]) == count
        assert len(get(kit, asset)["images"]) == count // 2


def test_a_domain_may_need_both_ids() -> None:
    kit = reading("VK-192", "both")
    row = kit.get("/streaming/v1/domains").json[0]
    assert kit.delete("/streaming/v1/domains", params={"playerDomainId": row["playerDomainId"]}).status == 400
    ids = {key: row[key] for key in ("playerDomainId", "analyticsDomainId")}
    assert kit.delete("/streaming/v1/domains", params=ids).status == 200


def test_frames_may_be_items() -> None:
    kit = reading("VK-193", "items")
    assert len(kit.get(f"{ASSETS}/{first(kit)}/images/frames").json["items"]) == 6


def test_a_tag_may_have_one_name_only() -> None:
    for name, codes in (("either", (200, 200)), ("name", (200, 404)), ("id", (404, 200))):
        kit = reading("VK-198", name)
        asset = first(kit)
        kit.patch(f"{ASSETS}/{asset}", {"tags": ["n", "i"]})
        tag = get(kit, asset)["tags"][1]["id"]
        found = tuple(kit.delete(f"{ASSETS}/{asset}/tags/{each}").status for each in ("n", tag))
        assert found == codes


def test_the_obsolete_source_may_be_ignored() -> None:
    kit = reading("VK-199", "ignored")
    assert kit.get(ASSETS, params={"source": "Live"}).json == kit.get(ASSETS).json


def test_an_image_in_use_may_be_deleted_with_its_place() -> None:
    kit = reading("VK-170", "cascade")
    asset = first(kit)
    done = upload(kit, asset, b"1")
    kit.post(f"{ASSETS}/{asset}/images", {"images": {"poster": {"Id": done["fileId"]}, "other": {"Url": "u"}}})
    assert kit.delete(f"{ASSETS}/{asset}/images/uploaded/{done['fileId']}").status == 200
    assert list(get(kit, asset)["images"]) == ["other"]


def test_flags_of_a_qr_code_may_all_be_written() -> None:
    plain, all_flags = (reading("VK-196", name) for name in ("left-out", "false"))
    codes = [each.get(f"/streaming/v1/qrcode/{first(each)}").body for each in (plain, all_flags)]

    assert len(codes[1]) > len(codes[0])
