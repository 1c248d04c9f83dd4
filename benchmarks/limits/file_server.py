"""A plain file server: what is put is written to a file as it arrives, and nothing else is done with it.

``python file_server.py PORT FOLDER``
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

_FOLDER = Path(sys.argv[2]) if len(sys.argv) > 2 else Path()


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Keep the body of a PUT under the last segment of its path."""
    if scope["method"] == "PUT":
        with (_FOLDER / scope["path"].rpartition("/")[2]).open("wb") as file:
            more = True
            while more:
                message = await receive()
                file.write(message.get("body", b""))
                more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="error", lifespan="off")
