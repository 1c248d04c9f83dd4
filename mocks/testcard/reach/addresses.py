"""The environment of a client under test, with the documented addresses in place of ours.

A client whose hosts are hard-coded needs the credentials only; one that reads its addresses from the environment finds
there what the documents say. Which address a variable stands for is read off the contracts; knows no vendor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from testcard.apis import APIS
from testcard.contract import Server, contract_names, open_contract
from testcard.control.environment import environment
from testcard.server.switchboard import Switchboard
from testcard.world.world import World

__all__ = ["documented_environment"]

_ROOT = "http://testcard.invalid"


def documented_environment(switchboard: Switchboard, world: World | None = None) -> dict[str, str]:
    """All ``TESTCARD_<API>_…`` variables of a world, as if the mocks were the real services."""
    world = world or switchboard.worlds.default
    names = [name for name in switchboard.names if name in APIS]
    root = f"{_ROOT}/~{world.id}" if world is not switchboard.worlds.default else _ROOT
    found = environment([switchboard.exchange(name) for name in names], world, _ROOT)
    found.pop("TESTCARD_URL")
    for name in names:
        prefix = f"TESTCARD_{name.upper()}_"
        own = {variable.removeprefix(prefix): found[variable] for variable in found if variable.startswith(prefix)}
        base = f"{root}/{name}"
        for variable, value in own.items():
            if value == base or value.startswith(f"{base}/"):
                found[prefix + variable] = _documented(name, value.removeprefix(base), own)
    return found


def _documented(api: str, path: str, variables: Mapping[str, str]) -> str:
    """The documented address of a path below an API's prefix; the host's variables are found among *variables*."""
    server = _server(api, path)
    host = re.sub(r"\{(\w+)\}", lambda match: variables.get(match[1].upper(), match[0]), server.host)
    return f"{server.scheme}://{host}{path}"


def _server(api: str, path: str) -> Server:
    """The server of the operation that has this path, else the first that the API's own contract names."""
    contracts = [open_contract(name) for name in contract_names(api)]
    for contract in contracts:
        for operation in contract.operations.values():
            for server in operation.servers:
                if server.base + operation.path == path:
                    return server
    return contracts[0].servers[0]
