"""Pictures made of numbers: a QR code that decodes, and still frames that differ. PNG, the same bytes everywhere.

The data is stored, not deflated: compressors differ between machines, and these pictures are small.
"""

from __future__ import annotations

import struct
import zlib

from testcard.seed import mix

__all__ = ["frame", "qr_code"]

_SCALE, _BORDER = 6, 4  # pixels a module, modules around it: what ISO/IEC 18004 asks for
_BARS = 8


def qr_code(text: str) -> bytes:
    """A QR code of *text*, black on white, error correction M."""
    import segno  # needed by one operation only

    code = segno.make_qr(text, error="m")
    rows: list[list[int]] = []
    for modules in code.matrix_iter(scale=1, border=_BORDER):
        rows += [[0 if dark else 1 for dark in modules for _ in range(_SCALE)]] * _SCALE
    return _png(rows, [b"\0\0\0", b"\xff\xff\xff"])


def frame(seed: int, name: str, number: int, *, width: int = 192, height: int = 108) -> bytes:
    """A still of broad bars in colours that belong to the name, shifted by the frame's number."""
    palette = [struct.pack(">I", mix(seed, "frame", name, bar) & 0xFFFFFF)[1:] for bar in range(_BARS)]
    row = [(x * _BARS // width + number) % _BARS for x in range(width)]
    return _png([row] * height, palette)


def _png(rows: list[list[int]], palette: list[bytes]) -> bytes:
    """Rows of indices into a palette; two colours take a bit each, more take four."""
    bits = 1 if len(palette) <= 2 else 4
    head = struct.pack(">2I5B", len(rows[0]), len(rows), bits, 3, 0, 0, 0)
    packed = {id(row): b"\0" + _packed(row, bits) for row in rows}
    data = b"".join(packed[id(row)] for row in rows)
    chunks = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", _stored(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _packed(row: list[int], bits: int) -> bytes:
    number = 0
    for index in row:
        number = number << bits | index
    size = -(-len(row) * bits // 8)
    return (number << size * 8 - len(row) * bits).to_bytes(size, "big")


def _stored(data: bytes) -> bytes:
    """A zlib stream (RFC 1950) of blocks that are not compressed."""
    blocks = [data[first : first + 0xFFFF] for first in range(0, len(data), 0xFFFF)]
    heads = [struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ 0xFFFF) for block in blocks]
    body = b"".join(head + block for head, block in zip(heads, blocks, strict=True))
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
