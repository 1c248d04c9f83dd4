"""A page in a real browser uploads a file in parts, from another origin; checked where a headless browser is."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from kit import Kit
from support import socket_server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SIZE = 2 * (5 << 20) + 1000


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the tests' folder, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Not to standard error."""


@contextmanager
def pages() -> Iterator[str]:
    """The page's own origin."""
    handler = functools.partial(Quiet, directory=str(Path(__file__).parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()


def test_a_browser_uploads_a_file_in_parts(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"NOT CHECKED: no headless browser here; install one of {', '.join(BROWSERS)}")
    kit = Kit(readings={"VK-069": "five-mebibytes"})
    with socket_server(kit.mock) as url, pages() as origin:
        query = urlencode({"url": f"{url}/videokit", "key": kit.key, "size": SIZE})
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
        command += ["--virtual-time-budget=60000", "--dump-dom", f"{origin}/upload.html?{query}"]
        page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    result = re.search(r'<p id="result">(\w+) (.*?)</p>', page)
    assert result, page
    assert result[1] == "done", result[2]
    file = kit.get(f"/vod/v1/files/{result[2]}").json
    assert (file["status"], file["fileSize"]) == ("Completed", SIZE)


def test_what_the_page_does_works_without_a_browser_too() -> None:
    """The same calls with the headers a browser would send, so that the page is not wrong in places without one."""
    kit = Kit(readings={"VK-069": "five-mebibytes"})
    origin = {"Origin": "http://studio.example"}
    asked = kit.send(
        "OPTIONS",
        "/videokit/vod/files/start/",
        headers={
            **origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-api-key",
        },
    )
    assert asked.status == 204
    assert "x-api-key" in asked.headers["Access-Control-Allow-Headers"].lower()
    body = {"name": "browser.mp4", "friendlyName": "Browser", "fileSize": SIZE}
    started = kit.post("/vod/files/start/", body, headers=origin)
    assert started.headers["Access-Control-Allow-Origin"] == "*"
    tags = []
    for number in range(1, started.json["partsCount"] + 1):
        links = started.json["multipartUrls"]
        part = f"/vod/files/{started.json['fileId']}/part/{number}"
        link = links[number - 1] if number <= len(links) else kit.get(part, headers=origin).json["url"]
        size = started.json["partSize"] if number < started.json["partsCount"] else started.json["lastPartSize"]
        tags.append(kit.put(link, bytes(size), **origin).headers["ETag"])
    parts = [{"partNumber": at + 1, "eTag": tag} for at, tag in enumerate(tags)]
    done = kit.post("/vod/files/complete/", {"fileId": started.json["fileId"], "parts": parts}, headers=origin)
    assert done.status == 200
