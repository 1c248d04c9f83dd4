"""VOD: assets, outputs and files; what is written is read back, in lists and in details."""

from __future__ import annotations

from typing import Any

import pytest

from kit import Kit

ASSETS, FILES = "/vod/v1/assets", "/vod/v1/files"
NOBODY = "00000000-0000-4000-8000-000000000000"
DONE_S = 30


@pytest.fixture
def kit() -> Kit:
    return Kit()


def ids(kit: Kit, path: str, **params: Any) -> list[str]:
    answer = kit.get(path, params=params)
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["items"]]


def test_an_asset_is_processing_until_its_time_has_come(kit: Kit) -> None:
    asset = kit.asset(title="Tide", metadata={"Genre": "Drama"})

    before = kit.get(f"{ASSETS}/{asset}").json
    assert before["status"] == before["outputs"][0]["status"] == "Processing"
    assert before["endpoints"] == []
    assert before["durationMilliseconds"] is None
    kit.advance(DONE_S - 1)
    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Processing"
    kit.advance(1)
    after = kit.get(f"{ASSETS}/{asset}").json
    assert after["status"] == "Available"
    assert (after["title"], after["metadata"]) == ("Tide", {"Genre": "Drama"})
    assert after["lastModificationDate"] > before["lastModificationDate"]
    assert [each["format"] for each in after["outputs"][0]["endpoints"]] == ["HLS", "DASH"]
    assert after["endpoints"] == after["outputs"][0]["endpoints"]


def test_the_list_shows_what_the_details_show(kit: Kit) -> None:
    asset = kit.asset()
    kit.advance(DONE_S)

    assert kit.get(ASSETS, params={"ids": asset}).json["items"] == [kit.get(f"{ASSETS}/{asset}").json]


def test_every_asset_of_the_story_has_outputs_in_its_row(kit: Kit) -> None:
    rows = kit.get(ASSETS).json["items"]

    assert len(rows) > 20
    assert all(row["outputs"][0]["endpoints"][0]["accessType"] == "Http" for row in rows)
    assert all(row["status"] == "Available" for row in rows)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"preset": "mp4"}, 400, "transcodedSources"),
        ({"transcodedSources": [], "preset": "mp4"}, 400, "transcodedSources"),
        ({"transcodedSources": [{"fileId": NOBODY}]}, 400, "preset"),
        ({"transcodedSources": [{"fileId": NOBODY}], "preset": "mp4"}, 404, NOBODY),
        ({"transcodedSources": [{"fileId": "FILE"}], "preset": "betamax"}, 404, "betamax"),
        ({"transcodedSources": [{"fileId": "FILE", "fileTypesFlag": "Smell"}], "preset": "mp4"}, 400, "fileTypesFlag"),
    ],
)
def test_an_asset_of_wrong_parts_is_refused(kit: Kit, body: dict[str, Any], status: int, word: str) -> None:
    file = kit.upload()
    if body.get("transcodedSources", [{}])[:1] and body.get("transcodedSources", [{}])[0].get("fileId") == "FILE":
        body["transcodedSources"][0]["fileId"] = file
    before = kit.get(ASSETS).json["totalCount"]
    answer = kit.post(ASSETS, body)

    assert (answer.status, word in answer.text) == (status, True), answer.text
    assert kit.get(ASSETS).json["totalCount"] == before


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{", 400),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-type": "application/json"}, b"[]", 400),
        ({}, b"", 400),
    ],
)
def test_bodies_that_are_not_what_they_must_be_are_refused(
    kit: Kit, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert kit.call("POST", ASSETS, headers=headers, body=body).status == status


def test_a_file_knows_the_assets_that_use_it(kit: Kit) -> None:
    file = kit.upload()
    first, second = kit.asset(file), kit.asset(file)

    assert kit.get(f"{FILES}/{file}").json["vodAssets"] == [first, second]
    assert ids(kit, ASSETS, fileId=file) == [first, second]
    refused = kit.delete(f"{FILES}/{file}")
    assert (refused.status, refused.json["status"]["code"]) == (409, "conflict")
    for asset in (first, second):
        assert kit.delete(f"{ASSETS}/{asset}").body == b""
    assert kit.delete(f"{FILES}/{file}").json["deletedFileKey"].endswith(f"{file}.mp4")
    assert kit.get(f"{FILES}/{file}").status == 404


def test_delete_many_answers_for_each_id(kit: Kit) -> None:
    first, second = kit.asset(), kit.asset()
    answer = kit.post(f"{ASSETS}/deletemany", [first, NOBODY, second, first]).json

    assert list(answer) == [first, NOBODY, second]
    assert answer[first] == {"status": {"code": "success", "status": 200}, "success": True}
    assert answer[NOBODY]["success"] is False
    assert answer[NOBODY]["status"] == {"code": "error", "status": 404, "message": f"asset not found: {NOBODY}"}
    assert kit.get(f"{ASSETS}/{second}").status == 404
    assert kit.post(f"{ASSETS}/deletemany", []).json == {}


def test_delete_many_files_mixes_good_and_bad(kit: Kit) -> None:
    used, free = kit.upload(), kit.upload()
    kit.asset(used)
    answer = kit.post(f"{FILES}/deletemany", [used, free, NOBODY]).json

    assert [answer[each]["success"] for each in (used, free, NOBODY)] == [False, True, False]
    assert [answer[each]["status"]["status"] for each in (used, free, NOBODY)] == [409, 200, 404]


def test_patch_changes_what_is_sent_and_nothing_else(kit: Kit) -> None:
    asset = kit.asset(title="Old", metadata={"Genre": "Drama", "Language": "English"})
    kit.advance(60)
    body = {"metadata": {"Genre": "Comedy", "Language": None}, "tags": ["a", "a", "b"], "attributes": ["[k]=v=w"]}
    changed = kit.patch(f"{ASSETS}/{asset}", body).json

    assert (changed["title"], changed["metadata"]) == ("Old", {"Genre": "Comedy"})
    assert (changed["tags"], changed["attributes"]) == (["a", "b"], ["k=v=w"])
    assert changed["lastModificationDate"] == "2026-03-02T12:01:00Z"
    whole = kit.get(f"{ASSETS}/{asset}").json
    assert {name: whole[name] for name in changed} == changed
    assert kit.patch(f"{ASSETS}/{asset}", {"title": None}).json["title"] is None


@pytest.mark.parametrize(
    ("readings", "metadata", "tags"),
    [
        ({}, {"a": "1", "b": "2"}, ["y"]),
        ({"VK-023": "replace", "VK-024": "add"}, {"b": "2"}, ["x", "y"]),
    ],
)
def test_whether_patch_merges_is_a_reading(readings: dict[str, str], metadata: dict[str, str], tags: list[str]) -> None:
    kit = Kit(readings=readings)
    file = kit.upload()
    kit.patch(f"{FILES}/{file}", {"metadata": {"a": "1"}, "tags": ["x"]})
    kit.patch(f"{FILES}/{file}", {"metadata": {"b": "2"}, "tags": ["y"]})
    shown = kit.get(f"{FILES}/{file}").json

    assert (shown["metadata"], shown["tags"]) == (metadata, tags)


@pytest.mark.parametrize(
    "body",
    [
        {"tags": "a"},
        {"attributes": ["no equals sign"]},
        {"metadata": []},
        {"title": 1},
    ],
)
def test_wrong_patches_are_refused(kit: Kit, body: dict[str, Any]) -> None:
    assert kit.patch(f"{ASSETS}/{kit.asset()}", body).status == 400


def test_outputs_come_go_and_expire(kit: Kit) -> None:
    asset = kit.asset()
    kit.advance(DONE_S)
    added = kit.post(
        f"{ASSETS}/{asset}/outputs", {"preset": "mp4", "id": "small", "expirationDate": "2026-03-02T13:00:00Z"}
    )
    assert added.json == {"outputId": "small"}

    whole = kit.get(f"{ASSETS}/{asset}").json
    assert [each["status"] for each in whole["outputs"]] == ["Available", "Processing"]
    assert whole["status"] == "Available"
    kit.advance(DONE_S)
    output = kit.get(f"{ASSETS}/{asset}").json["outputs"][1]
    assert output["endpoints"][0]["format"] == "MP4"
    assert output["expirationDate"] == "2026-03-02T13:00:00Z"
    assert kit.post(f"{ASSETS}/{asset}/outputs", {"preset": "mp4", "id": "small"}).status == 409
    kit.advance(3600)
    assert len(kit.get(f"{ASSETS}/{asset}").json["outputs"]) == 1
    assert kit.delete(f"{ASSETS}/{asset}/outputs/small").status == 404
    first = kit.get(f"{ASSETS}/{asset}").json["outputs"][0]["id"]
    assert kit.delete(f"{ASSETS}/{asset}/outputs/{first}").body == b""
    assert kit.get(f"{ASSETS}/{asset}").json["outputs"] == []


def test_harvested_endpoints_are_ready_at_once(kit: Kit) -> None:
    asset, given = kit.asset(), {"accessType": "S3", "format": "MP4", "url": "s3://elsewhere/a.mp4"}
    kit.post(f"{ASSETS}/{asset}/outputs", {"preset": "mp4", "id": "h", "harvestedEndpointInfos": [given]})
    output = kit.get(f"{ASSETS}/{asset}").json["outputs"][1]

    assert (output["status"], output["endpoints"]) == ("Available", [given])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"preset": "betamax"}, 404),
        ({"preset": "mp4", "id": "a b"}, 400),
        ({"preset": "mp4", "id": "x" * 129}, 400),
        ({"preset": "mp4", "expirationDate": "2020-01-01T00:00:00Z"}, 400),
        ({"preset": "mp4", "expirationDate": "tomorrow"}, 400),
    ],
)
def test_wrong_outputs_are_refused(kit: Kit, body: dict[str, Any], status: int) -> None:
    asset = kit.asset()

    assert kit.post(f"{ASSETS}/{asset}/outputs", body).status == status
    assert len(kit.get(f"{ASSETS}/{asset}").json["outputs"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{ASSETS}/{NOBODY}"),
        ("PATCH", f"{ASSETS}/{NOBODY}"),
        ("DELETE", f"{ASSETS}/{NOBODY}"),
        ("POST", f"{ASSETS}/{NOBODY}/outputs"),
        ("DELETE", f"{ASSETS}/{NOBODY}/outputs/x"),
        ("GET", f"{FILES}/{NOBODY}"),
        ("PATCH", f"{FILES}/{NOBODY}"),
        ("DELETE", f"{FILES}/{NOBODY}"),
        ("GET", f"{FILES}/{NOBODY}/preview"),
        ("GET", f"{FILES}/{NOBODY}/part/1"),
        ("POST", f"{FILES}/{NOBODY}/cancel"),
        ("POST", f"{FILES}/{NOBODY}/detect"),
    ],
)
def test_what_does_not_exist_is_404_and_no_uuid_400_by_reading(kit: Kit, method: str, path: str) -> None:
    body = {"preset": "mp4"} if "outputs" in path and method == "POST" else {} if method in ("PATCH", "POST") else None
    kit.mock.world.choose({"VK-044": "uuid"})

    assert kit.call(method, path, json=body).status == 404
    assert kit.call(method, path.replace(NOBODY, "file_12345"), json=body).status == 400
    kit.mock.world.choose({"VK-044": "text"})
    assert kit.call(method, path.replace(NOBODY, "file_12345"), json=body).status == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "page=0", "limit=x", "page=1.5", "limit=3000000000"])
def test_pages_that_make_no_sense_are_refused(kit: Kit, query: str) -> None:
    assert kit.get(f"{ASSETS}?{query}").status == 400


@pytest.mark.parametrize("limit", [1, 7, 45, 46, 47, 1000])
def test_pages_partition_the_list(kit: Kit, limit: int) -> None:
    everything = ids(kit, FILES, limit=10_000, sort="FileSize")
    walked: list[str] = []
    page = 1
    while True:
        answer = kit.get(FILES, params={"limit": limit, "page": page, "sort": "FileSize"}).json
        walked += [row["id"] for row in answer["items"]]
        assert answer["totalCount"] == len(everything)
        assert answer["pageCount"] == -(-len(everything) // limit)
        assert answer["hasMore"] == (page < answer["pageCount"])
        if not answer["hasMore"]:
            break
        page += 1

    assert walked == everything
    assert len(set(walked)) == len(walked)


@pytest.mark.parametrize(
    ("readings", "status", "count"),
    [({}, 200, 0), ({"VK-010": "not-found"}, 404, None), ({"VK-010": "last"}, 200, 10)],
)
def test_a_page_past_the_end_is_a_reading(readings: dict[str, str], status: int, count: int | None) -> None:
    kit = Kit(readings=readings)
    total = kit.get(ASSETS).json["totalCount"]
    answer = kit.get(ASSETS, params={"limit": 10, "page": 99})

    assert answer.status == status
    if count is not None:
        assert len(answer.json["items"]) == (total % 10 or 10 if count else 0)


def test_filters_narrow_together(kit: Kit) -> None:
    kit.rows(
        "assets",
        {"id": "a", "title": "Alpha", "preset": "mp4", "durationMilliseconds": 1000, "tags": ["x", "y"]},
        {
            "id": "b",
            "title": "Beta",
            "preset": "mp4",
            "durationMilliseconds": 2000,
            "tags": ["x"],
            "attributes": ["k=1"],
        },
        {"id": "c", "title": "Gamma", "preset": "mp4_480p", "durationMilliseconds": 3000, "status": "Processing"},
    )
    table: list[tuple[dict[str, Any], list[str]]] = [
        ({"presets": "mp4"}, ["a", "b"]),
        ({"presets": "mp4,mp4_480p", "durationFrom": "2000"}, ["b"]),
        ({"durationTo": "1000"}, ["a"]),
        ({"statuses": "processing"}, ["c"]),
        ({"statuses": ["Processing", "Available"]}, ["a", "b", "c"]),
        ({"tags": "x"}, ["a", "b"]),
        ({"tags": "y,z"}, ["a"]),
        ({"tags": "x", "attributes": "[k]=1"}, ["b"]),
        ({"attributes": "k=1"}, ["b"]),
        ({"query": "BETA"}, ["b"]),
        ({"ids": "a,c,nobody"}, ["a", "c"]),
        ({"ids": ["c", "a"], "presets": "mp4"}, ["a"]),
        ({"statuses": "Lost"}, []),
        ({"statuses": "", "tags": "", "attributes": "", "ids": "", "presets": "mp4_480p"}, ["c"]),
    ]
    for params, expected in table:
        assert ids(kit, ASSETS, **params) == expected, params


def test_date_bounds_are_a_reading() -> None:
    dates = [f"2026-01-0{day}T00:00:00Z" for day in (1, 2, 3)]
    expected = {"inclusive": [0, 1, 2], "exclusive": [1], "half-open": [0, 1]}
    for reading, which in expected.items():
        kit = Kit(readings={"VK-017": reading})
        for at, date in enumerate(dates):
            kit.rows("files", {"id": str(at), "createDate": date}, replace=at == 0)
        params = {"createDateStart": dates[0], "createDateEnd": "2026-01-03T01:00:00+01:00"}
        assert ids(kit, FILES, **params) == [str(at) for at in which]


def test_a_date_without_offset_is_refused(kit: Kit) -> None:
    assert kit.get(FILES, params={"createDateStart": "2026-01-01T00:00:00"}).status == 400


def test_sorting_knows_nested_names_in_any_case(kit: Kit) -> None:
    titles = [("1", "beta"), ("2", "Alpha"), ("3", None), ("4", "alpha")]
    kit.rows("assets", *({"id": key, "metadata": {"Title": t} if t else {}} for key, t in titles))

    assert ids(kit, ASSETS, sort="Metadata.Title") == ["2", "4", "1", "3"]
    assert ids(kit, ASSETS, sort="metadata.title", desc="true") == ["1", "2", "4", "3"]
    assert ids(kit, ASSETS, sort="ID", desc="True") == ["4", "3", "2", "1"]
    refused = kit.get(ASSETS, params={"sort": "CreateDat"})
    assert (refused.status, "createdate" in refused.text) == (400, True)


def test_sort_readings_change_what_is_known() -> None:
    exact = Kit(readings={"VK-013": "as-listed"})
    assert exact.get(ASSETS, params={"sort": "CreateDate"}).status == 200
    assert exact.get(ASSETS, params={"sort": "createDate"}).status == 400
    lenient = Kit(readings={"VK-014": "ignored"})
    ignored = lenient.get(ASSETS, params={"sort": "CreateDat"})
    assert (ignored.status, "CreateDat" in ignored.headers["X-Testcard-Note"]) == (200, True)


def test_the_order_without_a_sort_is_a_reading() -> None:
    expected = {"created": ["b", "a", "c"], "newest": ["c", "a", "b"], "id": ["a", "b", "c"]}
    for reading, order in expected.items():
        kit = Kit(readings={"VK-015": reading})
        dates = (("b", "2026-01-01"), ("a", "2026-01-02"), ("c", "2026-01-02"))
        kit.rows("assets", *({"id": key, "createDate": f"{date}T00:00:00Z"} for key, date in dates))
        assert ids(kit, ASSETS) == order


def test_files_are_found_by_type_name_and_both_status_filters(kit: Kit) -> None:
    kit.rows("files", replace=True)
    video, sound, text = kit.upload(name="a.mp4"), kit.upload(name="b.wav"), kit.upload(name="c.srt")
    open_one = kit.start(name="d.mp4")["fileId"]

    assert ids(kit, FILES, fileType="audio") == [sound]
    assert ids(kit, FILES, fileType="Captions") == ids(kit, FILES, fileType="caption") == [text]
    assert ids(kit, FILES, status="Uploading") == [open_one]
    assert ids(kit, FILES, status="Uploading", statuses="Completed") == []
    assert ids(kit, FILES, query="A.MP4") == [video]
    assert [row["id"] for row in kit.get(FILES, params={"sort": "Metadata.FriendlyName"}).json["items"]] == [
        video,
        sound,
        text,
        open_one,
    ]


def test_readings_of_lists_and_details_change_their_shape() -> None:
    kit = Kit(
        readings={
            "VK-033": "summary",
            "VK-034": "hidden",
            "VK-058": "full",
            "VK-059": "original",
            "VK-061": "url",
            "VK-019": "seven-digits",
            "VK-022": "bracketed",
            "VK-047": "file-id",
            "VK-028": "created",
        }
    )
    row = kit.get(ASSETS).json["items"][0]
    assert set(row) == {"id", "preset", "title", "status", "createDate", "lastModificationDate"}
    assert row["createDate"].endswith(".0000000+00:00")
    assert "tags" not in kit.get(f"{ASSETS}/{row['id']}").json
    file = kit.get(FILES).json["items"][0]
    assert file == kit.get(f"{FILES}/{file['id']}").json
    assert "originalFileName" in file
    assert file["location"].startswith("https://")
    assert file["attributes"][0].startswith("[catalogue]=")
    started = kit.post(f"{FILES}/start", {"name": "a.mp4", "friendlyName": "A", "fileSize": 1})
    assert started.status == 201
    key = started.json["fileId"]
    assert kit.delete(f"{FILES}/{key}").json == {"deletedFileKey": key}


def test_deletion_readings() -> None:
    kit = Kit(readings={"VK-045": "allowed", "VK-048": "success", "VK-004": "common-1", "VK-005": "complete"})
    file = kit.upload()
    asset = kit.asset(file)

    assert kit.delete(f"{FILES}/{file}").status == 200
    kit.advance(DONE_S)
    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Available"
    rows = kit.post(f"{ASSETS}/deletemany", [asset, NOBODY]).json
    assert all(row["success"] for row in rows.values())
    assert rows[asset]["status"] == {"code": "success", "status": 200, "message": "Asset deleted successfully"}


def test_tracks_taken_by_default_are_a_reading() -> None:
    for reading, types in {"first-video": ["Video"], "all": ["Video", "Audio"]}.items():
        kit = Kit(readings={"VK-079": reading})
        sources = kit.get(f"{ASSETS}/{kit.asset()}").json["sources"]
        assert [track["type"] for track in sources[0]["transcodingTracks"]] == types


def test_transcoding_may_take_no_time() -> None:
    kit = Kit(readings={"VK-037": "instant", "VK-052": "preset"})
    asset = kit.asset()

    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Available"
    names = [kit.post(f"{ASSETS}/{asset}/outputs", {"preset": "mp4"}).json["outputId"] for _ in range(3)]
    assert names == ["mp4", "mp4-2", "mp4-3"]


def test_an_asset_may_wait_for_its_file() -> None:
    kit = Kit(readings={"VK-032": "pending"})
    started = kit.start(10)
    asset = kit.asset(started["fileId"])
    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Pending"

    part = kit.put(started["multipartUrls"][0], b"0123456789")
    parts = [{"partNumber": 1, "eTag": part.headers["ETag"]}]
    kit.post(f"{FILES}/complete", {"fileId": started["fileId"], "parts": parts})

    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Processing"
    kit.advance(DONE_S)
    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Available"
    lost = kit.start(10)
    asset = kit.asset(lost["fileId"])
    kit.post(f"{FILES}/{lost['fileId']}/cancel")
    assert kit.get(f"{ASSETS}/{asset}").json["status"] == "Error"


def test_an_unfinished_file_makes_no_asset_by_default(kit: Kit) -> None:
    started = kit.start()
    answer = kit.post(ASSETS, {"transcodedSources": [{"fileId": started["fileId"]}], "preset": "mp4"})

    assert (answer.status, "Uploading" in answer.text) == (409, True)


def test_explicit_rows_stand_beside_the_story_or_in_its_place(kit: Kit) -> None:
    before = kit.get(ASSETS).json["totalCount"]
    kit.rows("assets", {"title": "One more"}, replace=False)
    assert kit.get(ASSETS).json["totalCount"] == before + 1
    kit.rows("assets", {"id": "only", "outputs": [{"id": "o", "status": "Error"}]})
    only = kit.get(ASSETS).json["items"]
    assert [row["id"] for row in only] == ["only"]
    assert only[0]["outputs"][0]["status"] == "Error"
    kit.rows("assets", {"id": "another"})
    assert ids(kit, ASSETS) == ["another"]
    assert kit.delete(f"{ASSETS}/another").status == 200
    assert ids(kit, ASSETS) == []
    bad = kit.mock.request("PUT", "/_testcard/worlds/default/rows/videokit/assets", json={"rows": [{"titel": "x"}]})
    assert bad.status == 400


def test_titles_appear_on_the_day_they_are_made_and_not_before() -> None:
    early, late = Kit(now="2010-01-01T00:00:00Z"), Kit(now="2026-03-01T00:00:00Z")

    assert set(ids(early, ASSETS)) < set(ids(late, ASSETS))
    hidden = (set(ids(late, ASSETS)) - set(ids(early, ASSETS))).pop()
    assert early.get(f"{ASSETS}/{hidden}").status == 404
    early.mock.world.clock.set(late.mock.world.now(), frozen=True)
    assert ids(early, ASSETS) == ids(late, ASSETS)


def test_types_and_languages_are_those_of_the_document(kit: Kit) -> None:
    types = kit.get("/vod/v1/filetypes").json["fileTypes"]

    assert set(types) == {"Audio", "Caption", "Video"}
    assert ".mp4" in types["Video"]
    assert kit.get("/vod/v1/languages").json["languages"] == ["en", "pl", "de", "fr", "pt"]


def test_readings_of_pages_change_their_size() -> None:
    rows = [{"id": f"{at:03}"} for at in range(130)]
    for reading, size, count in [("unbounded", 130, 1), ("capped", 100, 2)]:
        kit = Kit(readings={"VK-009": reading})
        kit.rows("assets", *rows)
        answer = kit.get(ASSETS, params={"limit": 130}).json
        assert (answer["pageSize"], answer["pageCount"], len(answer["items"])) == (size, count, size)
        assert kit.get(ASSETS, params={"limit": 500}).json["pageSize"] == (500 if reading == "unbounded" else 100)
    strict = Kit(readings={"VK-009": "refused", "VK-008": "items"})
    strict.rows("assets", *rows)
    assert strict.get(ASSETS, params={"limit": 101}).status == 400
    assert strict.get(ASSETS, params={"page": 2}).json["pageSize"] == 30


def test_where_a_text_is_looked_for_is_a_reading() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "tide"},
        {"id": "b", "title": "The Tide"},
        {"id": "c", "metadata": {"Plot": "low TIDE"}},
    ]
    expected = {"everything": ["tide", "b", "c"], "metadata": ["c"], "metadata-and-id": ["tide", "c"]}
    for reading, found in expected.items():
        kit = Kit(readings={"VK-020": reading})
        kit.rows("assets", *rows)
        assert ids(kit, ASSETS, query="tide") == found


def test_whether_one_tag_is_enough_is_a_reading() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "tags": ["x"], "attributes": ["k=1", "m=2"]},
        {"id": "b", "tags": ["x", "y"]},
    ]
    for reading, found in {"any": ["a", "b"], "all": ["b"]}.items():
        kit = Kit(readings={"VK-021": reading})
        kit.rows("assets", *rows)
        assert ids(kit, ASSETS, tags="x,y") == found
        assert ids(kit, ASSETS, attributes="k=1,k=2") == (["a"] if reading == "any" else [])


def test_the_unit_of_durations_is_a_reading() -> None:
    for reading, value in {"milliseconds": "2000", "seconds": "2"}.items():
        kit = Kit(readings={"VK-039": reading})
        kit.rows("assets", *({"id": str(s), "durationMilliseconds": s * 1000} for s in (1, 2, 3)))
        assert ids(kit, ASSETS, durationFrom=value) == ["2", "3"]
        assert ids(kit, ASSETS, durationTo=value) == ["1", "2"]


def test_how_a_body_is_refused_that_names_nothing_is_a_reading() -> None:
    kit = Kit(readings={"VK-031": "bad-request"})
    file = kit.upload()

    assert kit.post(ASSETS, {"transcodedSources": [{"fileId": NOBODY}], "preset": "mp4"}).status == 400
    assert kit.post(ASSETS, {"transcodedSources": [{"fileId": file}], "preset": "betamax"}).status == 400


def test_expired_outputs_may_stay_listed_without_endpoints() -> None:
    kit = Kit(readings={"VK-055": "kept", "VK-037": "instant"})
    asset = kit.asset()
    body = {"preset": "mp4", "id": "brief", "expirationDate": "2026-03-02T13:00:00Z"}
    kit.post(f"{ASSETS}/{asset}/outputs", body)
    kit.advance(3600)
    brief = kit.get(f"{ASSETS}/{asset}").json["outputs"][1]

    assert (brief["id"], brief["endpoints"]) == ("brief", [])


def test_playlists_and_files_behind_endpoints_can_be_fetched(kit: Kit) -> None:
    asset = kit.asset()
    kit.post(f"{ASSETS}/{asset}/outputs", {"preset": "mp4"})
    waiting = kit.get(f"{ASSETS}/{asset}").json
    assert waiting["endpoints"] == []
    kit.advance(2 * DONE_S)
    for endpoint in kit.get(f"{ASSETS}/{asset}").json["endpoints"]:
        answer = kit.send("GET", endpoint["url"])
        assert answer.status == 200
        start = {"HLS": b"#EXTM3U", "DASH": b"<?xml", "MP4": b"\x00\x00\x00"}[endpoint["format"]]
        assert answer.body.startswith(start)
    kit.delete(f"{ASSETS}/{asset}")
    assert kit.send("GET", endpoint["url"]).status == 404
