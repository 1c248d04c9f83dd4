"""Random lives of a tenant's assets and files, against the plain model: every answer and every list compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from kit import Kit
from videokit_model import START, TRANSCODING_S, ModelAsset, ModelFile, ModelOutput, VodModel, written

Row = dict[str, Any]
ASSETS, FILES = "/vod/v1/assets", "/vod/v1/files"

texts = st.sampled_from(["Alpha", "beta", "Éclair", "tide", "a b"])
tags = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)
attributes = st.lists(st.sampled_from(["k=1", "k=2", "m=a=b"]), max_size=2)
metadata = st.dictionaries(st.sampled_from(["Title", "genre"]), texts, max_size=2)
patches = st.fixed_dictionaries(
    {}, optional={"metadata": metadata, "title": st.none() | texts, "tags": tags, "attributes": attributes}
)
SORTS = [None, "Title", "metadata.TITLE", "LastModificationDate", "Status", "Id"]
presets = st.sampled_from(["dash_hls_1080p", "mp4", "mp4_480p"])


class VodMachine(RuleBasedStateMachine):
    """Rules are operations, good and bad; the clock moves between them."""

    files: Bundle[str] = Bundle("files")
    assets: Bundle[str] = Bundle("assets")

    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(profile="empty", now=START.isoformat())
        self.kit.rows("assets")
        self.kit.rows("files")
        self.model = VodModel()

    @initialize(target=files, names=st.lists(texts, min_size=1, max_size=3))
    def some_files(self, names: list[str]) -> Any:
        return multiple(*(self._upload(name, 5) for name in names))

    @initialize(
        target=assets, made=st.lists(st.tuples(st.none() | texts, presets, st.sampled_from([0, 15, 40])), max_size=5)
    )
    def some_assets(self, made: list[tuple[str | None, str, int]]) -> Any:
        keys = []
        for title, preset, pause in made:
            keys.append(self._create([self._upload("tide", 9)], title, preset))
            self.wait(pause)
        return multiple(*filter(None, keys))

    @rule(target=files, name=texts, size=st.integers(1, 30))
    def upload(self, name: str, size: int) -> str:
        return self._upload(name, size)

    def _upload(self, name: str, size: int) -> str:
        key = self.kit.upload(bytes(size), f"{name}.mp4")
        now = self.model.now
        called = f"{name}.mp4"
        file = ModelFile(key, called, size, now, now, "Completed", friendly=called.upper(), original=called)
        self.model.files[key] = file
        return key

    @rule(target=files, name=texts)
    def start(self, name: str) -> str:
        key = str(self.kit.start(7, name)["fileId"])
        now = self.model.now
        self.model.files[key] = ModelFile(key, name, 7, now, now, friendly=name.upper(), original=name)
        return key

    @rule(key=files, delete=st.booleans())
    def cancel(self, key: str, delete: bool) -> None:
        answer = self.kit.post(f"{FILES}/{key}/cancel", {"delete": delete})
        file = self.model.files.get(key)
        if file is None or file.status != "Uploading":
            assert answer.status == (404 if file is None else 409)
        else:
            assert answer.status == 204
            file.status, file.modified = "Error", self.model.now
            if delete:
                del self.model.files[key]

    @rule(key=files, patch=patches, name=st.none() | texts)
    def patch_file(self, key: str, patch: Row, name: str | None) -> None:
        body = {field: value for field, value in patch.items() if field != "title"} | ({"name": name} if name else {})
        answer = self.kit.patch(f"{FILES}/{key}", body)
        file = self.model.files.get(key)
        if file is None:
            assert answer.status == 404
            return
        file.name = name or file.name
        self._patch(file, body)
        assert file.short().items() <= answer.json.items()

    @rule(key=files)
    def delete_file(self, key: str) -> None:
        answer = self.kit.delete(f"{FILES}/{key}")
        file = self.model.files.get(key)
        assert answer.status == (404 if file is None else 409 if file.assets else 200)
        if answer.status == 200:
            del self.model.files[key]

    @rule(target=assets, keys=st.lists(files, min_size=1, max_size=2), title=st.none() | texts, preset=presets)
    def create(self, keys: list[str], title: str | None, preset: str) -> Any:
        made = self._create(keys, title, preset)
        return made or multiple()

    def _create(self, keys: list[str], title: str | None, preset: str) -> str | None:
        body = {"transcodedSources": [{"fileId": key} for key in keys], "preset": preset, "title": title}
        answer = self.kit.post(ASSETS, body)
        found = [self.model.files.get(key) for key in keys]
        bad = next((404 if file is None else 409 for file in found if file is None or file.status != "Completed"), 0)
        assert answer.status == (bad or 200), answer.text
        if bad:
            return None
        key, now = str(answer.json["id"]), self.model.now
        first = self.kit.get(f"{ASSETS}/{key}").json["outputs"][0]
        output = ModelOutput(first["id"], preset, now + TRANSCODING_S)
        self.model.assets[key] = ModelAsset(key, title, preset, list(dict.fromkeys(keys)), now, now, [output])
        for file in dict.fromkeys(keys):
            self.model.files[file].assets.append(key)
        return key

    @rule(key=assets, patch=patches)
    def patch_asset(self, key: str, patch: Row) -> None:
        answer = self.kit.patch(f"{ASSETS}/{key}", patch)
        asset = self.model.assets.get(key)
        if asset is None:
            assert answer.status == 404
            return
        asset.title = patch.get("title", asset.title)
        self._patch(asset, patch)
        shown = asset.shown(self.model.now)
        assert {name: shown[name] for name in answer.json} == answer.json

    def _patch(self, row: ModelAsset | ModelFile, patch: Row) -> None:
        row.metadata = {**row.metadata, **patch.get("metadata", {})}
        row.tags = list(dict.fromkeys(patch.get("tags", row.tags)))
        row.attributes = list(dict.fromkeys(patch.get("attributes", row.attributes)))
        row.modified = self.model.now

    @rule(key=assets, name=st.sampled_from(["one", "two"]), preset=presets, life=st.none() | st.sampled_from([20, 100]))
    def add_output(self, key: str, name: str, preset: str, life: int | None) -> None:
        ends = None if life is None else self.model.now + life
        body = {"preset": preset, "id": name} | ({"expirationDate": written(ends)} if ends is not None else {})
        answer = self.kit.post(f"{ASSETS}/{key}/outputs", body)
        asset, now = self.model.assets.get(key), self.model.now
        taken = asset is not None and name in [output.id for output in asset.listed(now)]
        assert answer.status == (404 if asset is None else 409 if taken else 200)
        if asset is not None and not taken:
            ready = max(now, asset.created + TRANSCODING_S) + TRANSCODING_S
            asset.outputs = [*asset.listed(now), ModelOutput(name, preset, ready, ends)]
            asset.modified = now

    @rule(key=assets, name=st.sampled_from(["one", "two", "none"]))
    def remove_output(self, key: str, name: str) -> None:
        answer = self.kit.delete(f"{ASSETS}/{key}/outputs/{name}")
        asset, now = self.model.assets.get(key), self.model.now
        known = asset is not None and name in [output.id for output in asset.listed(now)]
        assert answer.status == (200 if known else 404)
        if asset is not None and known:
            asset.outputs = [output for output in asset.listed(now) if output.id != name]
            asset.modified = now

    @rule(key=consumes(assets))
    def delete_asset(self, key: str) -> None:
        answer = self.kit.delete(f"{ASSETS}/{key}")
        assert answer.status == (200 if key in self.model.assets else 404)
        if key in self.model.assets:
            self.model.delete_asset(key)

    @rule(keys=st.lists(assets, max_size=3), stranger=st.booleans())
    def delete_many(self, keys: list[str], stranger: bool) -> None:
        asked = [*keys, *(["nobody"] if stranger else [])]
        answer = self.kit.post(f"{ASSETS}/deletemany", asked).json
        assert set(answer) == set(asked)
        for key in set(asked):
            assert answer[key]["success"] is (key in self.model.assets)
            if key in self.model.assets:
                self.model.delete_asset(key)

    @rule(seconds=st.sampled_from([1, 10, 20, 30, 100]))
    def pass_time(self, seconds: int) -> None:
        self.wait(seconds)

    def wait(self, seconds: int) -> None:
        """Move both clocks."""
        self.kit.advance(seconds)
        self.model.now += seconds

    @rule(
        limit=st.integers(1, 4),
        sort=st.sampled_from(SORTS),
        desc=st.booleans(),
        later=st.sampled_from([0, 10, 30]),
        wanted=st.fixed_dictionaries(
            {},
            optional={
                "statuses": st.lists(st.sampled_from(["Available", "Processing"]), min_size=1, max_size=2),
                "presets": st.lists(presets, min_size=1, max_size=2),
                "tags": st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2),
                "attributes": st.lists(st.sampled_from(["k=1", "m=a=b"]), min_size=1, max_size=2),
                "query": texts,
                "createDateStart": st.integers(0, 200),
                "createDateEnd": st.integers(0, 200),
            },
        ),
    )
    def walk_assets(self, limit: int, sort: str | None, desc: bool, wanted: Row, later: int) -> None:
        """Walk, let time pass, and walk again: nothing may be remembered for too long."""
        for seconds in (0, later):
            if seconds:
                self.wait(seconds)
            self._walk_assets(limit, sort, desc, wanted)

    @rule(
        limit=st.integers(1, 4),
        sort=st.sampled_from([None, "name", "FileSize", "Status"]),
        desc=st.booleans(),
        wanted=st.fixed_dictionaries(
            {},
            optional={
                "statuses": st.lists(st.sampled_from(["Uploading", "Completed", "Error"]), min_size=1, max_size=2),
                "tags": st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2),
                "query": texts,
            },
        ),
    )
    def walk_files(self, limit: int, sort: str | None, desc: bool, wanted: Row) -> None:
        expected = self.model.select(list(self.model.files.values()), sort=sort, desc=desc, **wanted)
        self._walk(FILES, limit, sort, desc, wanted, [file.short() for file in expected])

    def _walk(self, path: str, limit: int, sort: str | None, desc: bool, wanted: Row, expected: list[Row]) -> None:
        """Page after page, the rows are the model's; so pages partition, and filters commute with paging."""
        sent: Row = {name: written(value) if isinstance(value, int) else value for name, value in wanted.items()}
        sent |= {"limit": limit, "desc": str(desc).lower()} | ({"sort": sort} if sort else {})
        pages = -(-len(expected) // limit)
        for page in range(1, pages + 2):
            answer = self.kit.get(path, params={**sent, "page": page}).json
            rows = expected[(page - 1) * limit : page * limit]
            assert [_known(row, model) for row, model in zip(answer["items"], rows, strict=True)] == rows
            told = (answer["totalCount"], answer["pageCount"], answer["hasMore"])
            assert told == (len(expected), pages, page < pages)

    def teardown(self) -> None:
        """At the end of a life, every order; and what depends on time now and a little later, and later again."""
        for sort in SORTS:
            for desc in (False, True):
                self._walk_assets(3, sort, desc, {})
        for seconds in (0, 20, 10):
            self.wait(seconds)
            self._walk_assets(3, "LastModificationDate", False, {})
            self._walk_assets(3, "Status", False, {})
            for status in ("Processing", "Available"):
                self._walk_assets(100, None, False, {"statuses": [status]})

    def _walk_assets(self, limit: int, sort: str | None, desc: bool, wanted: Row) -> None:
        expected = self.model.select(list(self.model.assets.values()), sort=sort, desc=desc, **wanted)
        self._walk(ASSETS, limit, sort, desc, wanted, [asset.shown(self.model.now) for asset in expected])

    @invariant()
    def details_are_the_models(self) -> None:
        for key, asset in self.model.assets.items():
            shown = asset.shown(self.model.now)
            assert _known(self.kit.get(f"{ASSETS}/{key}").json, shown) == shown
        for key, file in self.model.files.items():
            expected = {**file.short(), "metadata": file.metadata, "vodAssets": file.assets}
            assert _known(self.kit.get(f"{FILES}/{key}").json, expected) == expected


def _known(row: Row, model: Row) -> Row:
    """The part of an answer that the model speaks of."""
    part = {name: row.get(name) for name in model}
    if "outputs" in model:
        part["outputs"] = [{name: each[name] for name in ("id", "preset", "status")} for each in row["outputs"]]
    return part


TestVodMachine = VodMachine.TestCase
TestVodMachine.settings = settings(max_examples=40, stateful_step_count=15)
