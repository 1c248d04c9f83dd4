"""What the parts of the control interface share: who may use it, its one form of refusal, and finding a world."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from testcard.errors import near_miss
from testcard.exchange import Api, Call, Exchange, Refused, Reply
from testcard.world.credentials import Holder
from testcard.world.world import World
from testcard.world.worlds import NoSuchWorld

if TYPE_CHECKING:
    from testcard.server.switchboard import Switchboard

__all__ = ["ControlPart"]


class ControlPart(Api):
    """A part of ``/_testcard``. *apis* are those the server has; *token* is asked for when set."""

    name = "_testcard"

    def __init__(self, switchboard: Switchboard, apis: Sequence[str], token: str | None = None) -> None:
        self._switchboard = switchboard
        self._apis = apis
        self._token = token

    def authenticate(self, call: Call) -> Holder | None:
        """Ask for the control token, when the server has one."""
        sent = call.headers.get("authorization", "")
        if self._token and not hmac.compare_digest(sent.encode(), f"Bearer {self._token}".encode()):
            raise Refused(401, "no-token", "expected 'Authorization: Bearer' with the control token of this server")
        return None

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """``{"error": sentence}``."""
        return Reply.json({"error": refused.message}, refused.status, **_underscored(refused.headers))

    def _world(self, identity: str) -> World:
        try:
            return self._switchboard.worlds.get(identity)
        except NoSuchWorld as error:
            raise Refused(410 if error.evicted else 404, "no-such-world", str(error)) from None

    def _api(self, name: str) -> Exchange:
        if name not in self._apis:
            hint = near_miss(name, self._apis)
            raise Refused(404, "no-such-api", f"no API named {name!r} here; there are: {', '.join(self._apis)}{hint}")
        return self._switchboard.exchange(name)


def _underscored(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}
