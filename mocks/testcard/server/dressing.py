"""What HTTP asks of every answer, whichever API made it: date, length, compression, CORS, HEAD."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from email.utils import formatdate
from functools import lru_cache

from testcard.exchange import NOTHING, Reply, Request
from testcard.world.world import World

__all__ = ["dress", "is_preflight", "preflight"]

_COMPRESSIBLE = re.compile(r"application/(json|xml)|text/|application/.*\+json|application/vnd\.apple")
_GZIP_WANTED = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
_GZIP_FROM = 860  # bytes; below that a packed answer is hardly smaller, and costs time


def dress(reply: Reply, request: Request, notes: Sequence[str], world: World) -> Reply:
    """Complete a reply's headers, and its body where the caller wants it packed or not at all."""
    headers = reply.headers
    if reply.media and "Content-Type" not in headers:
        headers["Content-Type"] = reply.media
    headers["Date"] = _http_date(world.clock.now_ms() // 1000)
    if notes:
        headers["X-Testcard-Note"] = "; ".join(notes).encode("ascii", "backslashreplace").decode()
    if "origin" in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = ", ".join(["ETag", *headers])
    _pack(reply, request)
    size = reply.size
    if size is not None and reply.status not in (204, 304) and "Content-Length" not in headers:
        headers["Content-Length"] = str(size)
    if request.method == "HEAD":
        reply.body = b""
    reply.data = NOTHING
    return reply


def _pack(reply: Reply, request: Request) -> None:
    """Compress when the caller asked for it and it pays; not a part of a file, nor what a fault counts the bytes of."""
    if (reply.size or 0) < _GZIP_FROM or reply.status == 206 or not reply.media or reply.wire:
        return
    if "Content-Encoding" in reply.headers or not _is_compressible(reply.media):
        return
    reply.headers["Vary"] = "Accept-Encoding"
    if _GZIP_WANTED.search(request.header("accept-encoding")):
        reply.body = gzip.compress(reply.content(), compresslevel=1, mtime=0)
        reply.headers["Content-Encoding"] = "gzip"


@lru_cache(maxsize=256)
def _is_compressible(media: str) -> bool:
    return _COMPRESSIBLE.match(media) is not None


@lru_cache(maxsize=64)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def is_preflight(request: Request) -> bool:
    """Whether a browser only asks what it may send."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def preflight(request: Request) -> Reply:
    """Browsers may do what any client may."""
    allowed = {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Max-Age": "600",
    }
    wanted = request.header("access-control-request-headers")
    return Reply(204, headers={**allowed, **({"Access-Control-Allow-Headers": wanted} if wanted else {})})
