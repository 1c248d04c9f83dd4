"""Put a server together: the table of APIs, the worlds, the control interface, one switchboard."""

from __future__ import annotations

from collections.abc import Iterable

from testcard.apis import SERVICES, check_names, open_exchange
from testcard.exchange import Exchange
from testcard.server.switchboard import Switchboard
from testcard.world.world import Recipe
from testcard.world.worlds import Worlds

__all__ = ["CONTROL", "build"]

CONTROL = "_testcard"


def build(
    names: Iterable[str] = (),
    recipe: Recipe | None = None,
    *,
    extensions: bool = True,
    max_worlds: int = 1000,
    control_token: str | None = None,
    home: str | None = None,
) -> Switchboard:
    """Return the switchboard of a server for the APIs named, or for all.

    *extensions* are operations beyond the documents; *control_token* is asked for by the control interface when set;
    *home* is the API that answers without its prefix too.
    """
    apis = check_names(names)
    worlds = Worlds(apis, recipe, limit=max_worlds)

    def open_api(name: str) -> Exchange:
        if name != CONTROL:
            return open_exchange(name, extensions=extensions)
        from testcard.control.api import Control
        from testcard.control.room import ControlRoom

        return Exchange([part(switchboard, apis, control_token) for part in (Control, ControlRoom)])

    switchboard = Switchboard(worlds, (*apis, *SERVICES), (CONTROL,), open_api, home=home)
    return switchboard
