"""Transcoder: the presets. Document 002, Transcoder."""

from __future__ import annotations

from typing import Any, ClassVar

from testcard.apis.videokit.common import Videokit
from testcard.apis.videokit.lists import page_of
from testcard.apis.videokit.records import Row, fixture
from testcard.exchange import Call

__all__ = ["Transcoder"]


class Transcoder(Videokit):
    """The one operation of Transcoder."""

    contract: ClassVar[str] = "videokit/transcoder"

    def list_presets(self, call: Call, *, limit: int, page: int) -> dict[str, Any]:
        """A page of presets, in the order in which they were set up (ledger VK-095)."""
        return page_of(call, fixture()["presets"], limit, page, _shown, worded="beyond-total")


def _shown(preset: Row) -> dict[str, Any]:
    return {name: preset[name] for name in ("name", "description", "createsDownload")}
