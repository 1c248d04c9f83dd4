"""Reading PNG pictures back, with nothing but the standard library: the tests' own eyes."""

from __future__ import annotations

import struct
import zlib

__all__ = ["pixels"]


def pixels(png: bytes) -> list[list[tuple[int, ...]]]:
    """The rows of a PNG with a palette, as colours; every checksum is checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind] = chunks.get(kind, b"") + body
        at += 12 + size
    width, height, bits, colour, *_ = struct.unpack(">2I5B", chunks[b"IHDR"])
    assert colour == 3
    palette = [tuple(chunks[b"PLTE"][first : first + 3]) for first in range(0, len(chunks[b"PLTE"]), 3)]
    data, line = zlib.decompress(chunks[b"IDAT"]), -(-width * bits // 8) + 1
    assert len(data) == line * height
    rows = [data[first + 1 : first + line] for first in range(0, len(data), line)]
    return [[palette[_index(row, x, bits)] for x in range(width)] for row in rows]


def _index(row: bytes, x: int, bits: int) -> int:
    return row[x * bits // 8] >> 8 - bits - x * bits % 8 & (1 << bits) - 1
