"""A careful client does everything that VOD, Core and Transcoder offer, over a real socket."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kit import Kit
from known_good.videokit import Client, ClientError, NotDone
from support import socket_server
from testcard.apis.videokit import media


@contextmanager
def at_the_socket(kit: Kit, key: str = "", page_size: int = 50) -> Iterator[Client]:
    """A client of the kit's mock, served; when it sleeps, the world's time passes."""
    with socket_server(kit.mock) as url:
        root = f"{url}/videokit"
        with Client(root, key or kit.key, kit.tenant, page_size=page_size, sleep=kit.advance) as client:
            yield client


@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_from_upload_to_deletion(dialect: str) -> None:
    kit = Kit(dialect=dialect, readings={"VK-069": "five-mebibytes"})
    content = media.mp4(120_000, padding=3 * (5 << 20))
    with at_the_socket(kit) as client:
        file = client.upload(io.BytesIO(content), len(content), "film.mp4", "Film", metadata={"Title": "Film"})
        assert client.download(file) == content
        assert [track["type"] for track in client.detect_file_tracks(file)] == ["Video", "Audio"]
        assert client.update_file(file, tags=["new"])["tags"] == ["new"]

        preset = next(each["name"] for each in client.list_presets() if each["createsDownload"])
        asset = client.create_vod_asset([{"fileId": file}], preset, title="Film")
        ready = client.wait_for_asset(asset)
        assert ready["durationMilliseconds"] == 120_000
        assert client.list_vod_assets(fileId=file)[0]["id"] == asset
        assert client.get_file(file)["vodAssets"] == [asset]
        output = client.add_vod_output(asset, "dash_hls_480p")
        client.remove_vod_output(asset, output)
        assert client.update_vod_asset(asset, title="The Film")["title"] == "The Film"

        other = client.create_vod_asset([{"fileId": file}], preset, title="Another")
        client.delete_vod_asset(other)
        with pytest.raises(NotDone, match="nobody"):
            client.delete_vod_assets([asset, "nobody"])
        with pytest.raises(ClientError, match="404"):
            client.get_vod_asset(asset)
        assert file in client.delete_file(file)


@pytest.mark.parametrize("page_size", [1, 7, 1000])
def test_every_list_is_read_to_its_end(page_size: int) -> None:
    kit = Kit()
    with at_the_socket(kit, page_size=page_size) as client:
        files, assets = client.list_files(sort="Name"), client.list_vod_assets(desc="true")
        assert len(files) == len({row["id"] for row in files}) == kit.get("/vod/v1/files").json["totalCount"]
        assert len(assets) == kit.get("/vod/v1/assets").json["totalCount"]
        assert len(client.list_api_keys()) == 3
        assert len(client.list_presets()) == kit.get("/transcoder/v1/presets").json["totalCount"]


def test_keys_are_made_changed_and_deleted() -> None:
    kit = Kit()
    with at_the_socket(kit) as client:
        identity, secret = client.create_api_key("Robot", "role-viewer")
        assert kit.get("/vod/v1/files", key=secret).status == 200
        assert client.get_api_key(identity)["name"] == "Robot"
        assert client.update_api_key(identity, "Robot 2", "role-editor")["roleId"] == "role-editor"
        client.delete_api_key(identity)
        assert kit.get("/vod/v1/files", key=secret).status == 401
        assert client.get_tenant_status(kit.tenant) == "Active"
        assert "Video" in client.list_file_types()
        assert "en" in client.list_languages()


def test_a_failed_upload_leaves_nothing_behind() -> None:
    kit = Kit(readings={"VK-069": "five-mebibytes"})
    size = 2 * (5 << 20)
    with at_the_socket(kit) as client, pytest.raises(ClientError):
        client.upload(io.BytesIO(bytes(size - 1)), size, "short.mp4", "Short")

    assert not [row for row in kit.get("/vod/v1/files").json["items"] if row["name"] == "short.mp4"]
    assert list(kit.mock.world.folder().iterdir()) == []


def test_a_wrong_key_is_an_error_and_not_an_empty_list() -> None:
    with at_the_socket(Kit(), key="wrong") as client, pytest.raises(ClientError, match="401"):
        client.list_files()


def test_several_files_go_at_once() -> None:
    kit = Kit()
    with at_the_socket(kit) as client:
        ids = [client.upload(io.BytesIO(b"x"), 1, f"{n}.mp4", str(n)) for n in range(3)]
        assert {row["id"] for row in client.list_files(ids=",".join(ids))} == set(ids)
        client.delete_files(ids)
        assert client.list_files(ids=",".join(ids)) == []
