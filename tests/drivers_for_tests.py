"""Drivers that break the protocol in one way each: ``python drivers_for_tests.py WAY``."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

OPERATIONS = ["list_accounts"]
HELLO: dict[str, Any] = {"type": "introduced", "protocol": 1, "client": "a test", "operations": OPERATIONS}
ANSWERS: dict[str, dict[str, Any]] = {
    "wrong-id": {"type": "ok", "id": -7, "rows": []},
    "wrong-type": {"type": "maybe"},
    "no-class": {"type": "failed"},
    "rows-and-value": {"type": "ok", "rows": [], "value": 1},
    "unknown-class": {"type": "failed", "class": "oops"},
    "rows-are-an-object": {"type": "ok", "rows": {}},
    "without-traffic": {"type": "ok", "rows": []},
    "errs": {"type": "errored", "message": "the shim is broken"},
    "skips": {"type": "skipped", "reason": "not in this client"},
    "fails": {"type": "failed", "class": "auth", "status": 401, "message": "no token"},
}


def say(message: Any) -> None:
    """One line."""
    print(json.dumps(message), flush=True)


def introduce(way: str) -> None:
    """Answer hello, or fail at that."""
    match way:
        case "dies-at-once":
            sys.exit("cannot import my client")
        case "never-introduces":
            time.sleep(60)
        case "prints-first":
            print("Debugger attached.", flush=True)
        case "not-an-object":
            say([1, 2])
        case "other-protocol":
            say({**HELLO, "protocol": 2})
        case "answers-ok":
            say({"type": "ok", "id": 0, "rows": []})
        case "unknown-operations":
            say({**HELLO, "operations": ["fetch_everything"]})
        case _:
            say(HELLO)


def main(way: str) -> None:
    """Speak the protocol but for one thing."""
    calls = 0
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "hello":
            introduce(way)
        elif message["type"] == "bye":
            return
        else:
            calls += 1
            answer(way, message["id"], calls)


def answer(way: str, identity: int, calls: int) -> None:
    """Answer a call, or fail at that."""
    match way:
        case "hangs" if calls == 1:
            time.sleep(60)
        case "crashes":
            sys.exit(3)
        case "prints":
            print("GET /accounts", flush=True)
        case "talks":
            print("a secret", file=sys.stderr, flush=True)
    say({"id": identity, **ANSWERS.get(way, ANSWERS["without-traffic"])})


if __name__ == "__main__":
    main(sys.argv[1])
