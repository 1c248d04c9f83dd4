"""VOD: assets made of files, their outputs, the files themselves, and their uploads.

Document 002, VOD. Operations are in `vod_assets` and `vod_files`, rows in `assets` and `files`, bytes in `uploads`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from testcard.apis.videokit import assets, files
from testcard.apis.videokit.assets import ASSETS
from testcard.apis.videokit.common import Videokit
from testcard.apis.videokit.files import FILES
from testcard.apis.videokit.records import Row, collection, tenant_ids
from testcard.apis.videokit.vod_assets import AssetOperations
from testcard.apis.videokit.vod_files import FileOperations
from testcard.contract import open_contract
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Vod"]


class Vod(AssetOperations, FileOperations, Videokit):
    """The 21 operations of VOD."""

    contract: ClassVar[str] = "videokit/vod"

    @property
    def tables(self) -> Mapping[str, Table]:
        """Explicit assets and files, in the fields of their details."""
        return _tables()


def _tables() -> dict[str, Table]:
    schemas = open_contract("videokit/vod").document["components"]["schemas"]

    def schema(name: str) -> dict[str, Any]:
        loose = {key: value for key, value in schemas[name].items() if key != "required"}
        return {**loose, "additionalProperties": False, "components": {"schemas": schemas}}

    def read_assets(world: World) -> list[Row]:
        tenant = tenant_ids(world)[0]
        view = assets.View(world, tenant, "{}/{}".format, list)
        return [assets.asset_view(view, row) for row in collection(world, tenant, ASSETS).rows()]

    def read_files(world: World) -> list[Row]:
        tenant = tenant_ids(world)[0]
        rows = collection(world, tenant, FILES).rows()
        return [files.file_view(world, tenant, row, row["attributes"]) for row in rows]

    return {
        "assets": Table("assets", schema("VodAsset"), assets.fill_asset, read_assets),
        "files": Table("files", schema("UploadedFile"), files.fill_file, read_files),
    }
