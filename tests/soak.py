"""Eight workers on one server, each with worlds of its own: nothing may leak from one to another.

``make soak`` runs 10,000 examples; the tests run some hundreds.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import urllib.request
from collections.abc import Sequence

from testcard.control.client import Control

__all__ = ["hammer"]


def hammer(url: str, *, examples: int, workers: int = 8, progress: bool = False) -> list[str]:
    """Play *examples* worlds from *workers* threads; returns what was seen that belongs to another world."""
    leaks: list[str] = []
    share = examples // workers
    done = [0] * workers
    threads = [
        threading.Thread(target=_work, args=(url, range(at * share, (at + 1) * share), leaks, done, at))
        for at in range(workers)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        threads[0].join(1)
        if progress:
            print(f"\r{sum(done)} of {examples} worlds, {len(leaks)} leaks", end="", file=sys.stderr, flush=True)
        threads = [thread for thread in threads if thread.is_alive()] or threads[:1]
    return leaks


def _work(url: str, numbers: Sequence[int], leaks: list[str], done: list[int], at: int) -> None:
    control = Control(url)
    for number in numbers:
        world = control.create_world(profile="empty", seed=number)
        world.rows["videocentral/accounts"].put([{"id": f"{number}-{each}", "name": "mine"} for each in range(3)])
        token = world.env["TESTCARD_VIDEOCENTRAL_TOKEN"]
        prefixed = f"{world.env['TESTCARD_VIDEOCENTRAL_URL']}/accounts"
        by_token = f"{url}/videocentral/apis/v1/accounts"
        for address in (prefixed, by_token):
            ids = [row["id"] for row in _get(address, token)["data"]]
            if ids != [f"{number}-{each}" for each in range(3)]:
                leaks.append(f"world {world.id} of example {number} answered {ids}")
        if len(world.journal.entries()) != 2:
            leaks.append(f"world {world.id} has {len(world.journal.entries())} exchanges in its journal")
        world.drop()
        done[at] += 1


def _get(address: str, token: str) -> dict[str, list[dict[str, str]]]:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: dict[str, list[dict[str, str]]] = json.load(answer)
    return content


def _main() -> int:
    from support import Mock, socket_server

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    examples = parser.parse_args().examples
    with socket_server(Mock(now=None)) as url:
        leaks = hammer(url, examples=examples, progress=True)
    print(f"\n{examples} examples, {len(leaks)} leaks", *leaks[:10], sep="\n")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(_main())
